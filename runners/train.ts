import { basename } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { batchCount } from "../src/data/batches.js";
import type { LoadedDataset } from "../src/data/types.js";
import type { ProcessGroup } from "../src/engines/ranks.js";
import type { LoadedEngine } from "../src/engines/types.js";
import { N2uqError } from "../src/errors.js";
import { groupParameters } from "../src/graph/groups.js";
import { experimentHash } from "../src/resolve/hash.js";
import { rankBatch, rankCount } from "../src/resolve/ranks.js";
import type { ResolvedExperiment } from "../src/resolve/types.js";
import { deadLines } from "../src/runs/deadLayers.js";
import type { Emit } from "../src/runs/events.js";
import type { RunIdentity } from "../src/runs/identity.js";
import { clearDeadLock, holderOf } from "../src/runs/lock.js";
import type { Metrics, RunRecord } from "../src/runs/record.js";
import type { RunDirectory } from "../src/runs/runDirectory.js";
import { writeCheckpoint, writeWeights } from "../src/train/checkpoint.js";
import { evaluate } from "../src/train/evaluate.js";
import { train } from "../src/train/loop.js";
import { createOptimizer } from "../src/train/optimizers/optimizers.js";
import type { RunLength } from "../src/train/progress.js";
import { disposeState, type TrainState } from "../src/train/step.js";
import { createStore } from "../src/train/store.js";
import type { Teacher } from "../src/train/teacher.js";
import { writeAnalysis, writeSources, writeStart } from "./analysis.js";
import { engineBatches, tellUnreadable, trainRequest, validationRequest } from "./batching.js";
import { describeEnvironment } from "./environment.js";
import { graphOf } from "./graph.js";
import { changedInputs, identityOf } from "./identity.js";
import { checkMemory } from "./memory.js";
import { foundDone, goneOrLost, locked, report, warn } from "./outcome.js";
import { Launch } from "./ranks/launch.js";
import { prerequisites } from "./references.js";
import { recordOf, resolvedYaml } from "./result.js";
import { resume } from "./resume.js";
import { loadEngine, type Session } from "./session.js";
import { initializeState } from "./start.js";
import { checkStatistics } from "./statistics.js";
import { openTeacher } from "./teacher.js";
import { writeEvents } from "./tensorboard.js";
import { directoryOf } from "./weights.js";
import { checkPaths } from "./writing.js";

const LOOK_EVERY_MS = 300;

/**
 * Runs one experiment to its end, after its prerequisites. A finished run is not repeated, an interrupted one
 * resumes from its checkpoint. @throws N2uqError N2UQ_TRAIN_*, N2UQ_RUN_*, N2UQ_DATA_*, N2UQ_WEIGHTS_*
 */
export async function trainExperiment(session: Session, resolved: ResolvedExperiment): Promise<RunRecord> {
  for (const needed of prerequisites(resolved)) await trainNeeded(session, needed);
  return trainAlone(session, resolved);
}

/**
 * Runs a prerequisite of another experiment. If another process is running it, waits for that process.
 * @throws as `trainAlone`; N2UQ_RUN_WAIT_INTERRUPTED
 */
export async function trainNeeded(session: Session, resolved: ResolvedExperiment): Promise<RunRecord> {
  for (let waited = false; ; waited = true) {
    try {
      return await trainAlone(session, resolved);
    } catch (error) {
      const isLocked = error instanceof N2uqError && error.code === "N2UQ_RUN_LOCKED";
      if (!isLocked) throw error;
      const message = `waiting for it: ${error.message}`;
      if (!waited) session.emit({ type: "warning", run: resolved.name, message });
      await untilFree(directoryOf(session, resolved).path, session.signal);
    }
  }
}

async function untilFree(directory: string, signal: AbortSignal): Promise<void> {
  do {
    await wait(LOOK_EVERY_MS);
    if (signal.aborted) throw new N2uqError("N2UQ_RUN_WAIT_INTERRUPTED", { directory });
  } while (holderOf(directory) !== null);
}

/** Runs one experiment whose prerequisites are finished. */
export async function trainAlone(session: Session, resolved: ResolvedExperiment): Promise<RunRecord> {
  const directory = directoryOf(session, resolved);
  checkPaths(directory.path);
  const identity = await identityOf(session, resolved);
  const isFresh = session.fresh.has(experimentHash(resolved));
  const warnings = [changedInputs(session, identity), copiesOf(session, resolved)];
  // A finished run is read without a lock, because its folder may be read-only.
  const before = isFresh ? null : await directory.result();
  if (before !== null) {
    await clearDeadLock(directory.path);
    return foundDone(session, resolved, before, warnings);
  }
  const lock = await locked(directory.path, session.signal);
  const emit: Emit = (event) => {
    const isFrequent = event.type === "evaluating" || (event.type === "step" && !event.recorded);
    if (isFrequent) lock.checkQuickly();
    else lock.check();
    directory.record(event);
    if (event.type === "step") lock.beat(event);
    session.emit(event);
  };
  try {
    if (isFresh) await directory.clear();
    // Another process may have finished the run in the meantime.
    const finished = await directory.result();
    if (finished !== null) return foundDone(session, resolved, finished, warnings);
    warn(session, resolved, warnings);
    await directory.clearLeftovers();
    await directory.clearFailure();
    const check = () => lock.check();
    const record = await trainLocked({ session, resolved, directory, emit, check }, identity);
    check();
    await directory.writeResult(record);
    emit({ type: "done", run: resolved.name, record, cached: false });
    return record;
  } catch (error) {
    const isLost = error instanceof N2uqError && error.code === "N2UQ_RUN_LOCK_LOST";
    if (isLost) throw goneOrLost(error, directory.path);
    throw await report(error, resolved.name, directory, session);
  } finally {
    // On a read-only disk the lock file remains; it counts as dead when this process has exited.
    await lock.release().catch(() => {});
  }
}

interface Run {
  readonly session: Session;
  readonly resolved: ResolvedExperiment;
  readonly directory: RunDirectory;
  readonly emit: Emit;
  /** Called before every write to the directory. @throws N2uqError N2UQ_RUN_LOCK_LOST */
  readonly check: () => void;
}

/** A warning if a run directory was copied; null otherwise. */
function copiesOf({ directories }: Session, resolved: ResolvedExperiment): string | null {
  const hash = experimentHash(resolved);
  const [own, copies] = [directories.directory(resolved.name, hash), directories.all(hash)];
  const others = copies.filter((path) => path !== own).map((path) => basename(path));
  return others.length === 0
    ? null
    : `${others.join(", ")} has the same run as ${basename(own)} and stays unchanged`;
}

async function trainLocked(run: Run, identity: RunIdentity): Promise<RunRecord> {
  const { session, resolved, directory, emit, check } = run;
  const data = await session.dataset(resolved.data);
  const engine = await loadEngine(resolved.engine, resolved.training.precision);
  const images = Math.min(rankBatch(resolved), data.train.length);
  checkMemory(graphOf(resolved), images, engine);
  const launch = rankCount(resolved) > 1 ? await Launch.prepare(resolved, engine) : null;
  const environment = await describeEnvironment(launch?.engine ?? engine, rankCount(resolved));
  check();
  await directory.create(resolvedYaml(session, resolved, environment), environment, identity);
  await writeSources(session, experimentHash(resolved), directory);
  launch?.start(directory.path, session.models, emit);
  const state = freshState(resolved);
  const teacher = await openTeacher(session, resolved);
  try {
    const fresh = !directory.hasCheckpoint();
    const start = await startOf(run, state, data);
    check();
    if (fresh) await writeStart(directory, experimentHash(resolved), state);
    await directory.rewindMetrics(start.step, start.epoch);
    const ranks = await launch?.join(session.signal);
    if (ranks?.warning !== undefined) emit({ type: "warning", run: resolved.name, message: ranks.warning });
    const context = loopContext(run, state, data, { engine, ranks, teacher });
    const { totalSteps, epochs } = context;
    emit({
      type: "start",
      run: resolved.name,
      directory: directory.path,
      totalSteps,
      epochs,
      resumedFrom: start.step,
    });
    const progress = await train(context, start);
    check();
    const analysis = await writeAnalysis(session, resolved, directory, state);
    const record = await recordOf({ session, resolved, state, progress, environment, analysis });
    const [dead] = deadLines(record);
    // The training loop has already emitted a warning about clamped parameters.
    if (dead !== undefined && Object.keys(progress.clamped ?? {}).length === 0)
      emit({ type: "warning", run: resolved.name, message: dead });
    await writeEvents(directory, record, analysis);
    return record;
  } catch (error) {
    throw launch === null ? error : await launch.explained(error);
  } finally {
    await launch?.close();
    teacher?.close();
    disposeState(state);
  }
}

/** Trains as a rank other than 0, writing nothing; `join` is called when the rank is ready. */
export async function trainRank(
  session: Session,
  resolved: ResolvedExperiment,
  engine: LoadedEngine,
  join: () => Promise<ProcessGroup>,
): Promise<void> {
  const directory = directoryOf(session, resolved);
  const run = { session, resolved, directory, emit: session.emit, check: () => {} };
  const data = await session.dataset(resolved.data);
  const state = freshState(resolved);
  const teacher = await openTeacher(session, resolved);
  try {
    const start = await startOf(run, state, data);
    const ranks = await join();
    const context = loopContext(run, state, data, { engine, ranks, teacher });
    const nothing = async () => {};
    await train({ ...context, keepBest: nothing, checkpoint: nothing }, start);
  } finally {
    teacher?.close();
    disposeState(state);
  }
}

function freshState(resolved: ResolvedExperiment): TrainState {
  const graph = graphOf(resolved);
  return { graph, store: createStore(graph, resolved.training.seed), optimizerState: new Map(), step: 0 };
}

/** Restores a state from the run's checkpoint, or initializes it. */
async function startOf(run: Run, state: TrainState, data: LoadedDataset) {
  const { session, resolved, directory, emit } = run;
  if (!directory.hasCheckpoint()) return initializeState(session, resolved, state, data, emit);
  return resume(session, resolved, directory, state, lengthOf(resolved, data));
}

function lengthOf(resolved: ResolvedExperiment, data: LoadedDataset): RunLength {
  const { steps, epochs } = resolved.training;
  const stepsPerEpoch = batchCount(data, trainRequest(resolved, data));
  return { stepsPerEpoch, totalSteps: steps ?? epochs * stepsPerEpoch };
}

/** What a run computes with. */
interface Means {
  readonly engine: LoadedEngine;
  readonly ranks: ProcessGroup | undefined;
  readonly teacher: Teacher | null;
}

function loopContext(run: Run, state: TrainState, data: LoadedDataset, { engine, ranks, teacher }: Means) {
  const { session, resolved, directory, emit, check } = run;
  const { name, training } = resolved;
  const hash = experimentHash(resolved);
  const part = ranks && { part: { index: ranks.rank, of: ranks.world } };
  const request = { ...trainRequest(resolved, data), ...part, ...tellUnreadable(name, emit) };
  checkStatistics(state.graph, resolved, request.batchSize);
  const { stepsPerEpoch, totalSteps } = lengthOf(resolved, data);
  return {
    run: name,
    training,
    state,
    ...(ranks && { ranks }),
    ...(teacher && { teacher: teacher.logits }),
    readsLate: engine.capabilities.queues === true,
    optimizer: createOptimizer(training.optimizer),
    groups: groupParameters(state.graph, training.optimizer),
    stepsPerEpoch,
    totalSteps,
    epochs: Math.ceil(totalSteps / stepsPerEpoch),
    batches: (epoch: number, firstBatch: number) => engineBatches(data, { ...request, epoch, firstBatch }),
    validate: () => validate(run, state, data),
    keepBest: () => {
      check();
      return writeWeights(directory.best, hash, state);
    },
    checkpoint: async (progress: Parameters<typeof writeCheckpoint>[3]) => {
      check();
      await writeCheckpoint(directory.last, hash, state, progress, () => directory.keepPrevious());
      emit({ type: "checkpoint", run: name, step: progress.step, file: directory.last });
    },
    emit,
    signal: session.signal,
  };
}

function validate(
  { session, resolved, emit }: Run,
  state: TrainState,
  data: LoadedDataset,
): Promise<Metrics> {
  const total = data.test.length;
  const walk = engineBatches(data, {
    ...validationRequest(resolved),
    ...tellUnreadable(resolved.name, emit),
  });
  const onBatch = (done: number) => emit({ type: "evaluating", run: resolved.name, done, total });
  return evaluate(state.graph, state.store, walk, onBatch, session.signal);
}
