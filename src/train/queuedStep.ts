import { dispose, type Tensor, type Tensor1D, type Tensor2D, tensor } from "@tensorflow/tfjs-core";
import type { Batch } from "../data/types.js";
import type { ProcessGroup } from "../engines/ranks.js";
import type { ParameterGroup } from "../graph/groups.js";
import type { ResolvedTraining } from "../resolve/types.js";
import { divergence, findDivergence } from "./diverged.js";
import { uploadImages } from "./evaluate.js";
import { stepNumbers } from "./metrics.js";
import type { Optimizer } from "./optimizers/optimizers.js";
import type { QuantizerWatch } from "./quantizerWatch.js";
import { type TrainState, trainStep } from "./step.js";
import type { MutableStore } from "./store.js";

/** What every step of a run needs. */
export interface StepContext {
  readonly training: ResolvedTraining;
  readonly state: TrainState;
  readonly optimizer: Optimizer;
  readonly groups: readonly ParameterGroup[];
  /** The process group; each rank trains on its part of every batch. */
  readonly ranks?: ProcessGroup;
  /** The teacher's logits `[batch, classes]`, owned by the step; absent without a teacher. */
  readonly teacher?: (images: Tensor) => Tensor;
  readonly signal: AbortSignal;
}

/** The position of a step in its run. */
export interface StepPlace {
  readonly lrFactor: number;
  /** Also compute the gradient norm. */
  readonly wantNorm: boolean;
  /** Number of batches of the epoch up to this step. */
  readonly batch: number;
  /** Time that the step waited for its batch, in milliseconds. */
  readonly waitedMs: number;
}

/** Results of a step over the global batch. */
export interface StepNumbers {
  readonly count: number;
  readonly loss: number;
  /** Images whose label is among the 1, or 5, largest logits. */
  readonly top1: number;
  readonly top5: number;
  readonly gradientNorm: number | null;
  /** Whether a rank was asked to stop before this step. */
  readonly stop: boolean;
}

/**
 * A training step that the engine computes. Its results are copied to the host as soon as they are computed,
 * even if the next step has been queued in the meantime.
 */
export class QueuedStep {
  /** Completed steps, including this one. */
  readonly step: number;
  readonly place: StepPlace;
  /** The watched quantizer parameters after this step. */
  readonly watched: Promise<ArrayLike<number>> | undefined;
  readonly #context: StepContext;
  readonly #images: Tensor;
  readonly #results: readonly [Promise<ArrayLike<number>>, Promise<ArrayLike<number>> | undefined];
  /** The parameters after this step, and those that the next step replaced. */
  #store: MutableStore;
  readonly #replaced: Tensor[] = [];

  /** Queues a step. @param previous the step before it, if its results have not been read */
  constructor(
    context: StepContext,
    place: StepPlace,
    batch: Batch,
    watch: QuantizerWatch | null,
    previous?: QueuedStep,
  ) {
    const { state, training, ranks, signal } = context;
    const images = uploadImages(state.graph, batch);
    const labels = tensor(batch.labels, [batch.count], "int32") as Tensor1D;
    const teacherLogits = context.teacher?.(images) as Tensor2D | undefined;
    const retire = previous?.keepParameters();
    const { loss, logits, gradientNorm } = trainStep(state, {
      images,
      targets: teacherLogits === undefined ? { labels } : { labels, teacherLogits },
      loss: training.loss,
      optimizer: context.optimizer,
      groups: context.groups,
      lrFactor: place.lrFactor,
      wantNorm: place.wantNorm,
      ranks,
      syncBatchNorm: training.syncBatchNorm,
      ...(retire && { retire }),
    });
    const own = stepNumbers(loss, logits as Tensor2D, labels, signal.aborted);
    const numbers = ranks === undefined ? own : ranks.allReduceSum(own);
    this.#context = context;
    this.place = place;
    this.step = state.step;
    this.#images = images;
    this.#store = state.store;
    this.#results = [toHost(numbers), gradientNorm === null ? undefined : toHost(gradientNorm)];
    this.watched = watch === null ? undefined : ignoringFailure(watch.read());
    dispose([labels, loss, logits, own, numbers, ...(teacherLogits ? [teacherLogits] : [])]);
    gradientNorm?.dispose();
  }

  /**
   * Keeps this step's parameters until `close`. @returns the function that takes the tensors that the next
   * step replaces
   */
  keepParameters(): (replaced: Tensor) => void {
    this.#store = new Map(this.#context.state.store);
    return (tensor) => this.#replaced.push(tensor);
  }

  /** The results. @throws N2uqError N2UQ_TRAIN_NAN, N2UQ_TRAIN_EXPLODED */
  async numbers(): Promise<StepNumbers> {
    const { training, state, ranks } = this.#context;
    const { maxLoss, stopOnNaN } = training;
    const [results, norms] = await Promise.all(this.#results);
    const [count, losses, top1, top5, stop, mean] = Array.from(results) as SixNumbers;
    const gradientNorm = norms?.[0] ?? null;
    const loss = ranks === undefined ? mean : losses / count;
    if ((!Number.isFinite(loss) && stopOnNaN) || (maxLoss !== null && loss > maxLoss)) {
      const fault = findDivergence(state.graph, this.#store, this.#images);
      throw divergence(loss, this.step, fault, maxLoss);
    }
    return { count, loss, top1, top5, gradientNorm, stop: stop !== 0 };
  }

  /** Frees the images, and the parameters that were kept. */
  close(): void {
    dispose([this.#images, ...this.#replaced.splice(0)]);
  }
}

type SixNumbers = [number, number, number, number, number, number];

/** Starts a copy to the host. The tensor may be disposed at once. */
function toHost(values: Tensor): Promise<ArrayLike<number>> {
  return ignoringFailure(values.data());
}

/** If a failure ends the run before these values are read, theirs is not reported. */
function ignoringFailure<Values>(values: Promise<Values>): Promise<Values> {
  values.catch(() => {});
  return values;
}
