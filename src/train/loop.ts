import { performance } from "node:perf_hooks";
import type { Batch } from "../data/types.js";
import { N2uqError } from "../errors.js";
import type { Emit } from "../runs/events.js";
import type { Metrics } from "../runs/record.js";
import { meanMetrics } from "./evaluate.js";
import type { Progress } from "./progress.js";
import { QuantizerWatch } from "./quantizerWatch.js";
import { QueuedStep, type StepContext, type StepNumbers } from "./queuedStep.js";
import { broadcastInitialState, sumNumbers, validateOnRankZero } from "./ranks.js";
import { learningRateFactor } from "./schedules/schedules.js";

/** What the training loop needs from its caller, the runner. */
export interface LoopContext extends StepContext {
  readonly run: string;
  readonly stepsPerEpoch: number;
  readonly totalSteps: number;
  readonly epochs: number;
  /**
   * Reads a step's results after the next step has been queued: for engines that compute while this thread
   * continues.
   */
  readonly readsLate?: boolean;
  /** Training batches of an epoch (from 0), starting at `firstBatch`. */
  batches(epoch: number, firstBatch: number): AsyncIterable<Batch>;
  /** Metrics on the validation split with the current weights. */
  validate(step: number): Promise<Metrics>;
  keepBest(): Promise<void>;
  checkpoint(progress: Progress): Promise<void>;
  readonly emit: Emit;
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
  const mostUnread = context.readsLate === true ? 1 : 0;
  const unread: QueuedStep[] = [];
  let { batch: done, sums, gradientNorm } = from;
  let stopped = false;
  /** Reads the results of the earliest steps. */
  const read = async (left: number): Promise<void> => {
    for (let first = unread[0]; first !== undefined && unread.length > left; first = unread[0]) {
      const numbers = await first.numbers();
      unread.shift();
      first.close();
      sums = addSums(sums, numbers);
      gradientNorm = numbers.gradientNorm;
      clock.step(numbers.count);
      report(context, from.epoch, first, numbers, clock);
      const warning = await watch?.look(first.step, first.watched);
      if (warning) context.emit({ type: "warning", run: context.run, message: warning });
      // All ranks have the same numbers, so they stop at the same step.
      stopped ||= context.ranks === undefined ? context.signal.aborted : numbers.stop;
    }
  };
  const here = (): Progress => {
    return { ...from, ...seenBy(watch), step: state.step, batch: done, sums, gradientNorm };
  };
  if (done >= stepsPerEpoch || state.step >= totalSteps) return here();
  let asked = performance.now();
  try {
    for await (const batch of context.batches(from.epoch, done)) {
      const waitedMs = performance.now() - asked;
      const last = done + 1 === stepsPerEpoch || state.step + 1 === totalSteps;
      const lrFactor = factorAt(context, from.epoch, state.step);
      done += 1;
      const place = { lrFactor, wantNorm: last, batch: done, waitedMs };
      unread.push(new QueuedStep(context, place, batch, watch, unread.at(-1)));
      await read(mostUnread);
      const isDue = every !== null && state.step % every === 0 && !last;
      if (last || isDue || stopped) await read(0);
      if (stopped || isDue) await context.checkpoint({ ...here(), seconds: clock.seconds() });
      if (stopped) throw interrupted(context, state.step);
      await new Promise(setImmediate);
      if (last) break;
      asked = performance.now();
    }
  } finally {
    for (const queued of unread) queued.close();
  }
  return here();
}

function seenBy(watch: QuantizerWatch | null): Pick<Progress, "clamped"> {
  return watch === null ? {} : { clamped: watch.clamped };
}

/** True if a stop was requested on any rank: all ranks stop at the same step. */
function isStopped({ ranks, signal }: LoopContext): boolean {
  if (ranks === undefined) return signal.aborted;
  return sumNumbers(ranks, [signal.aborted ? 1 : 0])[0] !== 0;
}

function report(
  context: LoopContext,
  epoch: number,
  { step, place }: QueuedStep,
  result: StepNumbers,
  clock: Clock,
): void {
  const { totalSteps, training } = context;
  context.emit({
    type: "step",
    run: context.run,
    step,
    totalSteps,
    epoch: epoch + 1,
    epochs: context.epochs,
    loss: result.loss,
    top1: (100 * result.top1) / result.count,
    lr: training.optimizer.lr * place.lrFactor,
    imagesPerSecond: clock.imagesPerSecond(),
    secondsLeft: clock.secondsPerStep() * (totalSteps - step),
    waitedMs: place.waitedMs,
    recorded: place.batch % Math.max(1, Math.floor(context.stepsPerEpoch / POINTS_PER_EPOCH)) === 0,
  });
}

function factorAt(context: LoopContext, epoch: number, step: number): number {
  const { epochs, totalSteps, stepsPerEpoch } = context;
  return learningRateFactor(context.training.schedule, { epoch, step, epochs, totalSteps, stepsPerEpoch });
}

function addSums(sums: Progress["sums"], step: StepNumbers): Progress["sums"] {
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
