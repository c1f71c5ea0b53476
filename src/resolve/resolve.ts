import { createHash } from "node:crypto";
import { N2uqError } from "../errors.js";
import { type WholeExperiment, withDefaults } from "../schema/defaults.js";
import type { CompleteInit } from "../schema/generated/complete.js";
import { resolveArchitecture } from "./architecture.js";
import { resolveAugmentation } from "./augmentation.js";
import { checkTogether } from "./checks.js";
import { limited, resolveData } from "./data.js";
import type { DataFacts } from "./facts.js";
import { freeze } from "./freeze.js";
import { effectiveGroups } from "./groups.js";
import { experimentHash } from "./hash.js";
import type { Idle } from "./idle.js";
import type { FamilyDefaults, Network } from "./network.js";
import { pluginParts } from "./plugins.js";
import { draftQuantization, effectiveQuantization } from "./quantization.js";
import { inTime } from "./time.js";
import { resolveTraining } from "./training.js";
import type { ResolvedArchitecture, ResolvedExperiment, ResolvedInit, ResolvedTeacher } from "./types.js";

/** Resolved references of an experiment, and facts that are not part of it. */
export interface ResolveContext {
  readonly facts: DataFacts;
  /** The resolved experiment of `teacher.experiment` or `init.experiment`. */
  readonly teacher?: ResolvedExperiment;
  readonly init?: ResolvedExperiment;
  /** The engine that runs the experiment; never `auto`, because results depend on the engine. */
  readonly engine: string;
  readonly models: Models;
  readonly content: ResolvedExperiment["content"];
  /** The sha256 of the plug-in with a part such as `quantizers/ternary`; undefined for n2uq's own parts. */
  readonly digestOf?: (part: string) => string | undefined;
}

/** The models as the resolver needs them. */
export interface Models {
  /** The defaults of a model family. */
  family(name: ResolvedArchitecture["family"]): FamilyDefaults;
  /** @throws N2uqError N2UQ_GRAPH_TOO_SMALL */
  network(architecture: ResolvedArchitecture): Network;
}

/** A resolved experiment, and the keys without effect that were removed from it. */
export interface Resolution {
  readonly resolved: ResolvedExperiment;
  /** Also includes keys that no file sets; `withoutEffect` drops these. */
  readonly idle: readonly Idle[];
  /** Valid settings that are probably unintended, by key. */
  readonly warnings: readonly { readonly path: readonly string[]; readonly text: string }[];
}

/**
 * Determines every value of an experiment: expands shorthands, derives defaults, checks combinations and
 * keeps only values with an effect. @returns frozen plain JSON @throws N2uqError or N2uqErrors
 * N2UQ_RESOLVE_*, N2UQ_RULE_*, N2UQ_GRAPH_*, with the key's path in `details.path`
 */
export function resolveExperiment(written: WholeExperiment, context: ResolveContext): Resolution {
  const experiment = withDefaults("experiment", written);
  const { name } = experiment;
  const { data, images } = limited(resolveData(written.data), context.facts);
  const augmentation = resolveAugmentation(written.augmentation, experiment.architecture, context.facts);
  const teacher = resolveTeacher(written, context);
  const draft = draftQuantization(experiment.quantization);
  const imageSize: readonly [number, number] =
    "size" in augmentation ? [augmentation.size, augmentation.size] : context.facts.imageSize;
  const facts = { ...context.facts, imageSize, method: draft.method };
  const architecture = resolveArchitecture(written.architecture, facts, context.models.family);
  const network = context.models.network(architecture);
  const { quantization, idle } = effectiveQuantization(draft, network);
  const draftTraining = resolveTraining(experiment.training, teacher !== null);
  const assigned = network.groups(quantization, draftTraining.optimizer);
  const groups = effectiveGroups(draftTraining.optimizer, assigned);
  const training = inTime({ ...draftTraining, optimizer: groups.optimizer }, images);
  const sections = { architecture, quantization, teacher, data, training: training.training };
  const plugins = pluginParts(sections, context.digestOf ?? (() => undefined));
  const resolved: ResolvedExperiment = {
    name,
    ...sections,
    init: resolveInit(experiment.init, context),
    augmentation,
    decided: { layers: digest(network.decisions(quantization)), groups: digest(assigned.text) },
    content: context.content,
    ...(plugins && { plugins }),
    engine: context.engine,
    devices: experiment.devices,
    nodes: experiment.nodes,
  };
  checkTogether(resolved, images);
  const { classes, channels } = context.facts;
  const { inputChannels } = architecture;
  if (inputChannels !== channels && channels !== 1) {
    const path = ["architecture", "inputChannels"];
    const details = { name: data.dataset, channels, wanted: inputChannels, path };
    throw new N2uqError("N2UQ_DATA_CHANNELS", details);
  }
  const warnings = classWarnings(architecture.classes, classes, data.dataset);
  return { resolved: freeze(resolved), idle: [...idle, ...groups.idle, ...training.idle], warnings };
}

/** @throws N2uqError N2UQ_RESOLVE_CLASSES, N2UQ_DATA_ONE_CLASS */
function classWarnings(classes: number, found: number, dataset: string): Resolution["warnings"] {
  if (found < 2) throw new N2uqError("N2UQ_DATA_ONE_CLASS", { dataset, found, path: ["data"] });
  const path = ["architecture", "classes"];
  if (classes < found) throw new N2uqError("N2UQ_RESOLVE_CLASSES", { classes, dataset, found, path });
  if (classes === found) return [];
  return [{ path, text: `the network has ${classes} outputs for the ${found} classes of ${dataset}` }];
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function resolveTeacher({ teacher }: WholeExperiment, context: ResolveContext): ResolvedTeacher | null {
  if (teacher === undefined || teacher === null) return null;
  if (context.teacher !== undefined) {
    return { experiment: context.teacher, hash: experimentHash(context.teacher) };
  }
  const { architecture, weights } = teacher as Required<typeof teacher>;
  const facts = { ...context.facts, method: "none" as const };
  return { architecture: resolveArchitecture(architecture, facts, context.models.family), weights };
}

function resolveInit(init: CompleteInit, context: ResolveContext): ResolvedInit | null {
  if (init === null) return null;
  const { strict, weights } = init as Required<typeof init>;
  if (context.init === undefined) return { weights, strict };
  return { experiment: context.init, hash: experimentHash(context.init), strict };
}
