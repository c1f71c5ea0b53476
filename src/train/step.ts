import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import { concat, dispose, reshape, sqrt, square, sum, tidy } from "@tensorflow/tfjs-core";
import type { ProcessGroup } from "../engines/ranks.js";
import { N2uqError } from "../errors.js";
import type { ParameterGroup } from "../graph/groups.js";
import type { TrainingGraph } from "../graph/types.js";
import { backward, forward } from "../ops/execute.js";
import type { ResolvedLoss } from "../resolve/types.js";
import { GradientBuckets } from "./buckets.js";
import { computeLoss } from "./losses/losses.js";
import type { Targets } from "./losses/types.js";
import type { Optimizer } from "./optimizers/optimizers.js";
import { type MutableStore, replace } from "./store.js";

/**
 * The training state that a step changes. `optimizerState` maps a parameter to its moments by PyTorch's
 * names.
 */
export interface TrainState {
  readonly graph: TrainingGraph;
  readonly store: MutableStore;
  readonly optimizerState: Map<string, Readonly<Record<string, Tensor>>>;
  /** Completed optimizer steps. */
  step: number;
}

export interface StepRequest {
  readonly images: Tensor;
  readonly targets: Targets;
  readonly loss: ResolvedLoss;
  readonly optimizer: Optimizer;
  readonly groups: readonly ParameterGroup[];
  /** Factor on every group's learning rate. */
  readonly lrFactor: number;
  /** Also compute the gradient norm. */
  readonly wantNorm?: boolean;
  /** The process group that shares each batch; `images` is this rank's part. */
  readonly ranks?: ProcessGroup | undefined;
  /** Whether BatchNorm's statistics are computed over all ranks. */
  readonly syncBatchNorm?: boolean;
  /** Takes the parameters and buffers that this step replaces; by default they are freed. */
  readonly retire?: (replaced: Tensor) => void;
}

/** The results of a step. The caller owns the tensors. */
export interface StepResult {
  readonly loss: Scalar;
  readonly logits: Tensor;
  readonly gradientNorm: Scalar | null;
}

/**
 * One training step: forward, loss, backward and update. Leaks no tensor. Loss and logits are of this rank's
 * images.
 */
export function trainStep(state: TrainState, request: StepRequest): StepResult {
  const { ranks, syncBatchNorm } = request;
  const across = syncBatchNorm === true ? ranks : undefined;
  const pass = forward(state.graph, state.store, request.images, { mode: "training", across });
  const { loss, dLogits } = computeLoss(pass.logits as never, request.targets, request.loss);
  const buckets = ranks && new GradientBuckets(ranks);
  const take = buckets && ((name: string, gradient: Tensor) => buckets.add(name, gradient));
  let gradients: Map<string, Tensor>;
  try {
    const own = backward(state.graph, state.store, pass, dLogits, { across, ...(take && { take }) });
    gradients = buckets?.finish() ?? own;
  } catch (error) {
    dispose([pass.logits, loss]);
    throw error;
  } finally {
    dLogits.dispose();
  }
  for (const [name, buffer] of pass.buffers) replace(state.store, name, buffer, request.retire);
  const gradientNorm = request.wantNorm === true ? norm([...gradients.values()]) : null;
  update(state, gradients, request);
  dispose([...gradients.values()]);
  return { loss, logits: pass.logits, gradientNorm };
}

function update(state: TrainState, gradients: ReadonlyMap<string, Tensor>, request: StepRequest): void {
  state.step += 1;
  for (const { lr, weightDecay, tensors } of request.groups) {
    const settings = { lr: lr * request.lrFactor, weightDecay, step: state.step };
    const given = tensors.map((name) => {
      const [parameter, gradient] = [state.store.get(name), gradients.get(name)];
      if (parameter === undefined || gradient === undefined)
        throw new N2uqError("N2UQ_INTERNAL", { message: `no parameter or gradient ${name}` });
      return { parameter, gradient, state: state.optimizerState.get(name) ?? {} };
    });
    request.optimizer.update(given, settings).forEach((after, at) => {
      const name = tensors[at] ?? "";
      replace(state.store, name, after.parameter, request.retire);
      dispose(Object.values(given[at]?.state ?? {}));
      state.optimizerState.set(name, after.state);
    });
  }
}

function norm(gradients: readonly Tensor[]): Scalar {
  return tidy(
    () => sqrt(sum(concat(gradients.map((gradient) => reshape(sum(square(gradient)), [1]))))) as Scalar,
  );
}

/** Frees every tensor of a training state. */
export function disposeState(state: TrainState): void {
  dispose([...state.store.values()]);
  dispose([...state.optimizerState.values()].flatMap((moments) => Object.values(moments)));
  state.store.clear();
  state.optimizerState.clear();
}
