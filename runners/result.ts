import { relative } from "node:path";
import { stringify } from "yaml";
import { N2uqError } from "../src/errors.js";
import { nominalBits } from "../src/graph/bits.js";
import { layerCosts, totals } from "../src/graph/cost.js";
import { architectureName } from "../src/models/models.js";
import { experimentHash, recipeHash } from "../src/resolve/hash.js";
import { toExperiment } from "../src/resolve/toExperiment.js";
import type { ResolvedExperiment } from "../src/resolve/types.js";
import { NUMERICS } from "../src/runs/numerics.js";
import type { Analysis, Environment, Metrics, RunRecord } from "../src/runs/record.js";
import { weightsDigest } from "../src/train/checkpoint.js";
import { deadLayersOf } from "../src/train/deadLayers.js";
import type { Progress } from "../src/train/progress.js";
import { QuantizerWatch } from "../src/train/quantizerWatch.js";

import type { TrainState } from "../src/train/step.js";
import type { Session } from "./session.js";
import { directoryOf } from "./weights.js";

/** The outcome of a run that reached its last step. */
export interface Finished {
  readonly session: Session;
  readonly resolved: ResolvedExperiment;
  readonly state: TrainState;
  readonly progress: Progress;
  readonly environment: Environment;
  readonly analysis: Analysis;
}

/** The content of `result.json`. */
export async function recordOf(finished: Finished): Promise<RunRecord> {
  const { session, resolved, state, progress, environment, analysis } = finished;
  const { best, last, step, epoch, seconds } = progress;
  if (best === null || last === null)
    throw new N2uqError("N2UQ_INTERNAL", { message: "a run without validation" });
  const { method, bits } = resolved.quantization;
  const { parameters, macs, bitOps, packedBytes } = totals(layerCosts(state.graph));
  return {
    format: 1,
    name: resolved.name,
    hash: experimentHash(resolved),
    recipe: recipeHash(resolved),
    numerics: NUMERICS,
    architecture: architectureName(resolved.architecture),
    method,
    bits: nominalBits(state.graph, bits),
    seed: resolved.training.seed,
    epochs: epoch,
    steps: step,
    best,
    final: last,
    fullPrecision: await fullPrecisionOf(session, resolved),
    totals: { parameters, macs, bitOps, packedBytes },
    deadLayers: deadLayersOf(
      await new QuantizerWatch(state.graph, state.store, progress.clamped).layers(),
      analysis,
    ),
    weights: await weightsDigest(state.graph, state.store),
    timing: { seconds, imagesPerSecond: (step * resolved.training.batchSize) / seconds },
    environment,
  };
}

/** The accuracy of the full-precision network of the initial weights, or else of the teacher. */
async function fullPrecisionOf(
  session: Session,
  { init, teacher }: ResolvedExperiment,
): Promise<RunRecord["fullPrecision"]> {
  for (const reference of [init, teacher]) {
    if (reference === null || !("experiment" in reference)) continue;
    if (reference.experiment.quantization.method !== "none") continue;
    const record = await directoryOf(session, reference.experiment).result();
    if (record === null) continue;
    const { loss, top1, top5 }: Metrics = record.best;
    const { name, hash, architecture } = record;
    const { bitOps, packedBytes } = record.totals;
    return { name, hash, architecture, bitOps, packedBytes, loss, top1, top5 };
  }
  return null;
}

/** An experiment file that resolves to the same experiment; references point to their run directories. */
export function resolvedYaml(
  session: { readonly directories: Pick<Session["directories"], "directory"> },
  resolved: ResolvedExperiment,
  environment?: Environment,
): string {
  const own = directoryOf(session, resolved).path;
  const file = (reference: ResolvedExperiment) =>
    `./${relative(own, directoryOf(session, reference).path).replaceAll("\\", "/")}/resolved.yaml`;
  const { teacher, init } = resolved;
  const experiment = toExperiment(resolved, {
    ...(teacher !== null && "experiment" in teacher && { teacher: file(teacher.experiment) }),
    ...(init !== null && "experiment" in init && { init: file(init.experiment) }),
  });
  const head = [
    `# Every value of the experiment; running this file runs the same.`,
    `# hash ${experimentHash(resolved)}`,
  ];
  const parts = Object.entries(resolved.plugins ?? {});
  if (parts.length > 0)
    head.push(`# plug-ins ${parts.map(([part, sha256]) => `${part} ${sha256.slice(0, 8)}`).join(", ")}`);
  if (environment !== undefined) {
    const { n2uq, node, engine, gitCommit } = environment;
    const where = `${engine.name} ${engine.version} on ${engine.device}`;
    head.push(`# n2uq ${n2uq}, Node ${node}, ${where}, commit ${gitCommit ?? "unknown"}`);
  }
  return `${head.join("\n")}\n${stringify(experiment)}`;
}
