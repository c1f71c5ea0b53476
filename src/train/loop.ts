import { performance } from "node:perf_hooks";
import { dispose, type Tensor, type Tensor1D, type Tensor2D, tensor } from "@tensorflow/tfjs-core";
import type { Batch } from "../data/types.js";
import type { ProcessGroup } from "../engines/ranks.js";
import { N2uqError } from "../errors.js";
import type { ParameterGroup } from "../graph/groups.js";
import type { ResolvedTraining } from "../resolve/types.js";
import type { Emit } from "../runs/events.js";
import type { Metrics } from "../runs/record.js";
import { divergence, findDivergence } from "./diverged.js";
import { meanMetrics, uploadImages } from "./evaluate.js";
import { countTopK } from "./metrics.js";
import type { Optimizer } from "./optimizers/optimizers.js";
import type { Progress } from "./progress.js";
import { QuantizerWatch } from "./quantizerWatch.js";
import { broadcastInitialState, sumNumbers, validateOnRankZero } from "./ranks.js";
import { learningRateFactor } from "./schedules/schedules.js";
import { type TrainState, trainStep } from "./step.js";

/** What the training loop needs from its caller, the runner. */
export interface LoopContext {
  readonly run: string;
  readonly training: ResolvedTraining;
  readonly state: TrainState;
  readonly optimizer: Optimizer;
  readonly groups: readonly ParameterGroup[];
  readonly stepsPerEpoch: number;
  readonly totalSteps: number;
  readonly epochs: number;
  /** The process group; each rank trains on its part of every batch. */
  readonly ranks?: ProcessGroup;
  /** Training batches of an epoch (from 0), starting at `firstBatch`. */
  batches(epoch: number, firstBatch: number): AsyncIterable<Batch>;
  /** The teacher's logits `[batch, classes]`, owned by the loop; absent without a teacher. */
  readonly teacher?: (images: Tensor) => Tensor;
  /** Metrics on the validation split with the current weights. */
  validate(step: number): Promise<Metrics>;
  keepBest(): Promise<void>;
  checkpoint(progress: Progress): Promise<void>;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

const POINTS_PER_EPOCH = 50;
const NO_SUMS: Progress["sums"] = { images: 0, loss: 0, top1: 0, top5: 0 };

export const INITIAL_PROGRESS: Progress = {
  step: 0,
  epoch: 0,
  batch: 0,
  sums: NO_SUMS,
  gradientNorm: null,
  best: null,
  last: null,
  seconds: 0,
};

/**
 * Trains from `start` to the last step. Each epoch ends with a validation; a checkpoint is written every
 * `checkpoint.everyEpochs` epochs and at the end. @throws N2uqError N2UQ_TRAIN_INTERRUPTED after a checkpoint
 * when the signal is aborted, N2UQ_TRAIN_NAN, N2UQ_TRAIN_EXPLODED
 */
export async function train(context: LoopContext, start: Progress): Promise<Progress> {
  const clock = new Clock(start);
  let progress = start;
  if (context.ranks !== undefined) broadcastInitialState(context.ranks, context.state);
  const { graph, store } = context.state;
  // All ranks have the same parameters, so only rank 0 reports.
  const watch = (context.ranks?.rank ?? 0) === 0 ? new QuantizerWatch(graph, store, start.clamped) : null;
  while (progress.step < context.totalSteps || progress.batch > 0) {
    const finished = await runEpoch(context, progress, clock, watch);
    const epoch = progress.epoch + 1;
    const validate = () => context.validate(finished.step);
    const { ranks } = context;
    const validation = await (ranks ? validateOnRankZero(ranks, finished.step, validate) : validate());
    if (isStopped(context)) {
      await context.checkpoint({ ...finished, seconds: clock.seconds() });
      throw interrupted(context, finished.step);
    }
    const best = progress.best === null || validation.top1 > progress.best.top1;
    if (best) await context.keepBest();
    context.emit({
      type: "epoch",
      run: context.run,
      step: finished.step,
      epoch,
      epochs: context.epochs,
      train: meanMetrics(finished.sums),
      validation,
      best,
      lr: context.training.optimizer.lr * factorAt(context, progress.epoch, finished.step - 1),
      gradientNorm: finished.gradientNorm,
    });
    progress = {
      step: finished.step,
      epoch,
      batch: 0,
      sums: NO_SUMS,
      gradientNorm: null,
      best: best ? { epoch, ...validation } : progress.best,
      last: validation,
      seconds: clock.seconds(),
      ...seenBy(watch),
    };
    if (epoch % context.training.checkpoint.everyEpochs === 0 || progress.step >= context.totalSteps)
      await context.checkpoint(progress);
  }
  return progress;
}

async function runEpoch(
  context: LoopContext,
  from: Progress,
  clock: Clock,
  watch: QuantizerWatch | null,
): Promise<Progress> {
  const { training, state, totalSteps, stepsPerEpoch } = context;
  const every = training.checkpoint.everySteps;
  let { batch: done, sums, gradientNorm } = from;
  if (done < stepsPerEpoch && state.step < totalSteps) {
    let asked = performance.now();
    for await (const batch of context.batches(from.epoch, done)) {
      const waitedMs = performance.now() - asked;
      const last = done + 1 === stepsPerEpoch || state.step + 1 === totalSteps;
      const result = await runStep(context, from.epoch, batch, last);
      sums = addSums(sums, result);
      gradientNorm = result.gradientNorm;
      done += 1;
      clock.step(result.count);
      report(context, from.epoch, done, { ...result, waitedMs }, clock);
      const warning = await watch?.look(state.step);
      if (warning) context.emit({ type: "warning", run: context.run, message: warning });
      const here = { ...from, ...seenBy(watch), step: state.step, batch: done, sums, gradientNorm };
      if (isStopped(context)) {
        await context.checkpoint({ ...here, seconds: clock.seconds() });
        throw interrupted(context, state.step);
      }
      if (every !== null && state.step % every === 0 && !last)
        await context.checkpoint({ ...here, seconds: clock.seconds() });
      await new Promise(setImmediate);
      if (last) break;
      asked = performance.now();
    }
  }
  return { ...from, ...seenBy(watch), step: state.step, batch: done, sums, gradientNorm };
}

function seenBy(watch: QuantizerWatch | null): Pick<Progress, "clamped"> {
  return watch === null ? {} : { clamped: watch.clamped };
}

/** True if a stop was requested on any rank: all ranks stop at the same step. */
function isStopped({ ranks, signal }: LoopContext): boolean {
  if (ranks === undefined) return signal.aborted;
  return sumNumbers(ranks, [signal.aborted ? 1 : 0])[0] !== 0;
}

/** Metrics of the global batch. */
interface HostStep {
  readonly count: number;
  readonly loss: number;
  readonly top1: number;
  readonly top5: number;
  readonly gradientNorm: number | null;
}

async function runStep(
  context: LoopContext,
  epoch: number,
  batch: Batch,
  wantNorm: boolean,
): Promise<HostStep> {
  const { state, training, ranks } = context;
  const images = uploadImages(state.graph, batch);
  const labels = tensor(batch.labels, [batch.count], "int32") as Tensor1D;
  const teacherLogits = context.teacher?.(images) as Tensor2D | undefined;
  const step = state.step;
  const result = trainStep(state, {
    images,
    targets: teacherLogits === undefined ? { labels } : { labels, teacherLogits },
    loss: training.loss,
    optimizer: context.optimizer,
    groups: context.groups,
    lrFactor: factorAt(context, epoch, step),
    wantNorm,
    ranks,
    syncBatchNorm: training.syncBatchNorm,
  });
  const ownLoss = (await result.loss.data())[0] ?? Number.NaN;
  const logits = (await result.logits.data()) as Float32Array;
  const gradientNorm =
    result.gradientNorm === null ? null : ((await result.gradientNorm.data())[0] ?? Number.NaN);
  const right = (k: number) => countTopK(logits, batch.labels, state.graph.classes, k);
  const own: [number, number, number, number] = [batch.count, ownLoss * batch.count, right(1), right(5)];
  const [count, losses, top1, top5] = (ranks === undefined ? own : sumNumbers(ranks, own)) as typeof own;
  const loss = ranks === undefined ? ownLoss : losses / count;
  const { maxLoss, stopOnNaN } = training;
  const spoiled = (!Number.isFinite(loss) && stopOnNaN) || (maxLoss !== null && loss > maxLoss);
  const fault = spoiled ? findDivergence(state.graph, state.store, images) : null;
  dispose([
    images,
    labels,
    result.loss,
    result.logits,
    ...(teacherLogits === undefined ? [] : [teacherLogits]),
  ]);
  result.gradientNorm?.dispose();
  if (fault !== null) throw divergence(loss, step + 1, fault, maxLoss);
  return { count, loss, top1, top5, gradientNorm };
}

function report(
  context: LoopContext,
  epoch: number,
  done: number,
  result: HostStep & { readonly waitedMs: number },
  clock: Clock,
): void {
  const { state, totalSteps, training } = context;
  context.emit({
    type: "step",
    run: context.run,
    step: state.step,
    totalSteps,
    epoch: epoch + 1,
    epochs: context.epochs,
    loss: result.loss,
    top1: (100 * result.top1) / result.count,
    lr: training.optimizer.lr * factorAt(context, epoch, state.step - 1),
    imagesPerSecond: clock.imagesPerSecond(),
    secondsLeft: clock.secondsPerStep() * (totalSteps - state.step),
    waitedMs: result.waitedMs,
    recorded: done % Math.max(1, Math.floor(context.stepsPerEpoch / POINTS_PER_EPOCH)) === 0,
  });
}

function factorAt(context: LoopContext, epoch: number, step: number): number {
  const { epochs, totalSteps, stepsPerEpoch } = context;
  return learningRateFactor(context.training.schedule, { epoch, step, epochs, totalSteps, stepsPerEpoch });
}

function addSums(sums: Progress["sums"], step: HostStep): Progress["sums"] {
  return {
    images: sums.images + step.count,
    loss: sums.loss + step.loss * step.count,
    top1: sums.top1 + step.top1,
    top5: sums.top5 + step.top5,
  };
}

function interrupted(context: LoopContext, step: number): N2uqError {
  context.emit({ type: "interrupted", run: context.run, step });
  return new N2uqError("N2UQ_TRAIN_INTERRUPTED", { step, totalSteps: context.totalSteps });
}

/** Total training time across restarts, and the current throughput. */
class Clock {
  readonly #before: number;
  readonly #started = performance.now();
  #images = 0;
  #steps = 0;

  constructor(start: Progress) {
    this.#before = start.seconds;
  }

  step(images: number): void {
    this.#images += images;
    this.#steps += 1;
  }

  seconds(): number {
    return this.#before + this.#elapsed();
  }

  imagesPerSecond(): number {
    return this.#images / this.#elapsed();
  }

  secondsPerStep(): number {
    return this.#elapsed() / Math.max(1, this.#steps);
  }

  #elapsed(): number {
    return (performance.now() - this.#started) / 1000;
  }
}
