import { relative } from "node:path";
import { evaluateExperiment } from "../../runners/evaluate.js";
import { prerequisites } from "../../runners/references.js";
import { type ResolvedFile, resolveLoaded } from "../../runners/resolve.js";
import { createSession, loadEngine, type Session } from "../../runners/session.js";
import { filesByHash, sourcesByHash } from "../../runners/sources.js";
import { trainAlone, trainNeeded } from "../../runners/train.js";
import { directoryOf } from "../../runners/weights.js";
import { type LoadOptions, loadExperiment } from "../../src/config/load.js";
import { locateRunning } from "../../src/config/locate.js";
import { precisionText } from "../../src/engines/precision.js";
import { N2uqError } from "../../src/errors.js";
import { nominalBits } from "../../src/graph/bits.js";
import { layerCosts, totals } from "../../src/graph/cost.js";
import { resultTable } from "../../src/report/result.js";
import { formatBits, formatBytes, formatCount, formatPercent } from "../../src/report/units.js";
import { experimentHash } from "../../src/resolve/hash.js";
import { rankCount, ranksWords } from "../../src/resolve/ranks.js";
import type { ResolvedExperiment } from "../../src/resolve/types.js";
import type { TrainEvent } from "../../src/runs/events.js";
import type { RunRecord } from "../../src/runs/record.js";
import { command, flag } from "../command.js";
import { notesOf } from "../notes.js";
import { experimentOptions, openProject } from "../options.js";
import type { Output } from "../output.js";
import { epochText, progressText } from "../progress.js";
import { abortOnSignals } from "../signals.js";
import { runStages, type Stage } from "../stages.js";

/** `n2uq run`: checks and trains an experiment, evaluates its best weights and prints a table of results. */
export const run = command({
  options: { ...experimentOptions, fresh: flag("start over instead of resuming or reusing the result") },
  examples: [
    "run experiments/quickstart.yaml",
    "run experiments/res18-w2a2.yaml --profile smoke",
    "run experiments/quickstart.yaml --set bits=3 --set training.seed=1",
  ],
  async run(options, output, file?: string) {
    const project = await openProject(file, options);
    const experiment = await prepare(project.file, project.load, output);
    const signal = abortOnSignals(() =>
      output.line("stopping after this step, with a checkpoint; press again to stop at once"),
    );
    const listen = new Listener(output);
    for (const note of notesOf(experiment)) output.line(note);
    const { resolved, hash } = experiment;
    const session = createSession({
      runs: project.runs,
      models: project.models,
      fresh: new Set(options.fresh === true ? [hash] : []),
      sources: sourcesByHash(experiment),
      files: filesByHash(experiment),
      signal,
      emit: (event) => listen.hear(event),
      onDataProgress: ({ phase, done, total }) =>
        listen.say(`${phase} ${Math.round((100 * done) / total)} %`),
    });
    const outcome: { record?: RunRecord; cached: boolean } = { cached: false };
    const needed = prerequisites(resolved).map((other) =>
      trainStage(session, other, roleOf(resolved, other), listen, trainNeeded),
    );
    const own = trainStage(session, resolved, "Train", listen, trainAlone, (record, cached) => {
      Object.assign(outcome, { record, cached });
    });
    const located = (stage: Stage): Stage => ({
      ...stage,
      run: (live) =>
        stage.run(live).catch((error: unknown) => {
          throw locateRunning(error, experiment.loaded.sources);
        }),
    });
    await runStages(
      [
        located(dataStage(session, resolved, listen)),
        ...needed,
        located(own),
        evaluateStage(session, resolved, listen, outcome),
      ],
      output,
    );
    if (outcome.record === undefined)
      throw new N2uqError("N2UQ_INTERNAL", { message: "a run without a record" });
    const where = relative(process.cwd(), directoryOf(session, resolved).path);
    if (outcome.cached)
      output.line("\nAlready done: this experiment has a result. `--fresh` repeats the run.");
    output.line(`\n${resultTable(outcome.record)}\n\n${where}`);
  },
});

/** Validate → resolve → engine. */
async function prepare(file: string, load: LoadOptions, output: Output): Promise<ResolvedFile> {
  const loaded = once(() => loadExperiment(file, load));
  const resolved = once(async () => resolveLoaded(await loaded(), load));
  const validate = async () => {
    await loaded();
    return relative(process.cwd(), file) || file;
  };
  const stages = [
    { title: "Validate", run: validate },
    { title: "Resolve", run: async () => describeNetwork(await resolved()) },
    { title: "Engine", run: async () => describeEngine((await resolved()).resolved) },
  ];
  await runStages(stages, output);
  return resolved();
}

/** Calls `work` at the first call; later calls return the same promise. */
function once<Value>(work: () => Promise<Value>): () => Promise<Value> {
  let result: Promise<Value> | undefined;
  return () => {
    result ??= work();
    return result;
  };
}

/** `resnet18 n2uq 2/2, 11689512 parameters, 3.4 MB packed, hash 0123abcd` */
function describeNetwork({ resolved, hash, graph }: ResolvedFile): string {
  const { method } = resolved.quantization;
  const bits = nominalBits(graph, resolved.quantization.bits);
  const quantized = bits === null ? "full precision" : `${method} ${formatBits(bits)}`;
  const { parameters, packedBytes } = totals(layerCosts(graph));
  const sizes = `${formatCount(parameters)} parameters, ${formatBytes(packedBytes)} packed`;
  return `${graph.name} ${quantized}, ${sizes}, hash ${hash.slice(0, 8)}`;
}

/** `torch 1.13.0, CPU (2 threads, libtorch), bfloat16 products, 4 devices (2 nodes × 2)` */
async function describeEngine(resolved: ResolvedExperiment): Promise<string> {
  const { precision } = resolved.training;
  const { name, version, device, capabilities } = await loadEngine(resolved.engine, precision);
  const products = precisionText(precision, capabilities.gpu && name === "torch");
  return [
    `${name} ${version}`,
    device,
    ...(products === null ? [] : [products]),
    ...(rankCount(resolved) === 1 ? [] : [ranksWords(resolved)]),
  ].join(", ");
}

function dataStage(session: Session, { data }: ResolvedExperiment, listen: Listener): Stage {
  return listen.stage("Data", async () => {
    const { info, train, test } = await session.dataset(data);
    return `${info.name}, ${train.length} training and ${test.length} validation images`;
  });
}

function trainStage(
  session: Session,
  resolved: ResolvedExperiment,
  role: string,
  listen: Listener,
  train: typeof trainAlone,
  onDone?: (record: RunRecord, cached: boolean) => void,
): Stage {
  return listen.stage(role, async () => {
    const cached = (await directoryOf(session, resolved).result()) !== null;
    const isFresh = session.fresh.has(experimentHash(resolved));
    const record = await train(session, resolved);
    onDone?.(record, cached && !isFresh);
    const { best, epochs } = record;
    const words = `${resolved.name}, best top-1 ${formatPercent(best.top1)} in epoch ${best.epoch} of ${epochs}`;
    return cached && !isFresh ? `${words} (done before)` : words;
  });
}

/** Reads the best weights back from disk, so that the table describes the file. */
function evaluateStage(
  session: Session,
  resolved: ResolvedExperiment,
  listen: Listener,
  outcome: { record?: RunRecord; cached: boolean },
): Stage {
  return listen.stage("Evaluate", async () => {
    const best = outcome.record?.best;
    if (best === undefined || outcome.cached) return `top-1 ${formatPercent(best?.top1 ?? Number.NaN)}`;
    const measured = await evaluateExperiment(session, resolved);
    if (!Object.is(measured.top1, best.top1) || !Object.is(measured.loss, best.loss)) {
      const message = `the best weights gave top-1 ${best.top1} in training and ${measured.top1} from ${measured.weights}`;
      throw new N2uqError("N2UQ_INTERNAL", { message });
    }
    return `top-1 ${formatPercent(measured.top1)}, ${measured.imagesPerSecond.toFixed(0)} images/s, from the saved weights`;
  });
}

function roleOf({ teacher, init }: ResolvedExperiment, other: ResolvedExperiment): string {
  const hash = experimentHash(other);
  const is = (reference: typeof teacher | typeof init) =>
    reference !== null && "hash" in reference && reference.hash === hash;
  if (is(teacher)) return "Teacher";
  return is(init) ? "Start" : "Before";
}

/** Forwards training events to the current stage. */
class Listener {
  readonly #output: Output;
  #live: (text: string) => void = () => {};

  constructor(output: Output) {
    this.#output = output;
  }

  /** A stage that receives the events while it runs. */
  stage(title: string, work: () => Promise<string>): Stage {
    const run: Stage["run"] = (live) => {
      this.#live = live;
      return work().finally(() => {
        this.#live = () => {};
      });
    };
    return { title, run };
  }

  say(text: string): void {
    this.#live(text);
  }

  hear(event: TrainEvent): void {
    this.#output.event(event);
    const text = progressText(event);
    if (text !== null) this.#live(text);
    if (this.#output.mode !== "lines") return;
    if (event.type === "start" && event.resumedFrom > 0)
      this.#output.line(`  resumed from step ${event.resumedFrom} of ${event.totalSteps}`);
    if (event.type === "epoch") this.#output.line(`  ${epochText(event)}`);
    if (event.type === "warning") this.#output.line(`  warning: ${event.message}`);
  }
}
