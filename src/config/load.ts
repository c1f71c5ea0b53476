import type { WholeExperiment } from "../schema/defaults.js";
import type { SchemaFault } from "../schema/faults.js";
import { experimentRoot } from "../schema/roots.js";
import type { Path } from "../schema/schema.js";
import { validateComplete } from "../schema/validate.js";
import { userPath } from "../userPath.js";
import { fillDefaults } from "./defaults.js";
import { throwFaults } from "./faults.js";
import { checkReferences } from "./files.js";
import { flat, readObject, readOverlay, stacked } from "./overlay.js";
import { readProfile } from "./profiles.js";
import type { Project } from "./project.js";
import { applySet } from "./set.js";
import {
  fromValue,
  type Origin,
  type OriginKind,
  originAt,
  partAt,
  type Tree,
  toValue,
  withEntry,
  without,
} from "./tree.js";

/** The values to merge over an experiment file, and how to treat them. */
export interface LoadOptions {
  /** Names of profiles (in the project config or a profiles folder), or .yaml files; the last one wins. */
  readonly profiles?: readonly string[];
  /** `path=value` flags, in order. */
  readonly set?: readonly string[];
  /** From `loadProject`; default: no project defaults. */
  readonly project?: Project;
  /** Base of relative paths in arguments; default: the current folder. */
  readonly cwd?: string;
  /** Experiments that calling code passes as objects, by the absolute paths that represent them. */
  readonly objects?: ReadonlyMap<string, unknown>;
  /** Files that are known to exist; the loader adds the files that it finds. */
  readonly checked?: Set<string>;
  /** Read-only: do not require the named engine to be installed. */
  readonly readsOnly?: boolean;
  /** Drop values without effect instead of rejecting them: for files of other versions. */
  readonly leavesOut?: boolean;
}

/** Origins of the values. */
export interface Sources {
  /** The origin of the value at `path`, or of its nearest existing ancestor. */
  readonly at: (path: Path) => Origin;
  /** Paths of all written values; a list counts as one value, and so does null. */
  readonly written: () => readonly Path[];
}

/** An experiment file with its `extends` chain, profiles and flags merged; not resolved. */
export interface LoadedExperiment {
  /** Absolute path. */
  readonly file: string;
  /**
   * All overlays merged, with the schema's plain defaults. The resolver derives values that depend on others.
   */
  readonly value: WholeExperiment;
  readonly sources: Sources;
  /** Values of overlays that were dropped because the experiment does not allow them. */
  readonly dropped: readonly Dropped[];
}

/** A value of a profile, the project's defaults or an axis that this experiment does not allow. */
export interface Dropped {
  readonly path: Path;
  readonly origin: Origin;
  /** The reason: `` `width` is not allowed with family: stages ``. */
  readonly why: string;
}

/** An experiment's merged overlays, before flags and sweep values. */
export interface OpenedExperiment {
  /** Absolute path. */
  readonly file: string;
  readonly tree: Tree;
}

/**
 * Loads an experiment: schema defaults < project config < `extends` chain < the file < profiles < `--set`.
 * Paths in the value are absolute. @throws N2uqError or N2uqErrors N2UQ_CONFIG_*, with file, line and column
 */
export async function loadExperiment(file: string, options: LoadOptions = {}): Promise<LoadedExperiment> {
  const opened = await openExperiment(file, options);
  const cwd = options.cwd ?? process.cwd();
  let { tree } = opened;
  for (const argument of options.set ?? []) tree = applySet(tree, argument, cwd);
  return complete({ ...opened, tree }, options);
}

/**
 * Loads all layers below the flags: project config < `extends` chain < the file < profiles. @throws as
 * `loadExperiment`
 */
export async function openExperiment(file: string, options: LoadOptions): Promise<OpenedExperiment> {
  const cwd = options.cwd ?? process.cwd();
  const path = userPath(file, cwd);
  const context = { cwd, kind: "file" } as const;
  const { bases, own } = options.objects?.has(path)
    ? await readObject(options.objects.get(path), path, context)
    : await readOverlay(path, context);
  const layers: (Tree | undefined)[] = [options.project?.defaults, bases, own];
  for (const name of options.profiles ?? []) layers.push(flat(await readProfile(name, cwd, options.project)));
  const tree = layers.reduce((base, layer) => (layer === undefined ? base : stacked(base, layer)), undefined);
  if (tree === undefined) throw new Error("an experiment has at least its own layer");
  return { file: path, tree };
}

/** Checks required values and fills in the schema's plain defaults. @throws as `loadExperiment` */
export function complete(opened: OpenedExperiment, options: LoadOptions): LoadedExperiment {
  const whole = withDataFolder(opened.tree, options.project);
  const { tree, filled, value, faults, dropped } = withoutMisplaced(whole, options.leavesOut === true);
  throwFaults(faults, filled);
  checkReferences(tree, options.cwd ?? process.cwd(), options.checked);
  const sources = { at: (keys: Path) => originAt(filled, keys), written: () => [...writtenIn(tree)] };
  return { file: opened.file, value: value as WholeExperiment, sources, dropped };
}

/** Overlays shared by many experiments. A value that an experiment does not allow is dropped. */
const FOR_MANY: readonly OriginKind[] = ["project", "profile", "axis"];

/** A tree, the same tree with the schema's defaults, and the faults of the latter. */
interface Checked {
  readonly tree: Tree;
  readonly filled: Tree;
  /** `filled` as a plain value. */
  readonly value: unknown;
  readonly faults: readonly SchemaFault[];
}

/** Validates a tree with its defaults: keys without a written `kind` are checked by the default kind. */
function checked(tree: Tree): Checked {
  const filled = fillDefaults(tree, experimentRoot);
  const value = toValue(filled);
  return { tree, filled, value, faults: validateComplete(value) };
}

/** Drops values of profiles, project defaults and axes that the selected alternatives do not allow. */
function withoutMisplaced(tree: Tree, all: boolean): Checked & { readonly dropped: readonly Dropped[] } {
  const found = checked(tree);
  const misplaced = found.faults.filter(
    ({ keyword, path }) =>
      keyword === "false schema" && (all || FOR_MANY.includes(originAt(tree, path).kind)),
  );
  if (misplaced.length === 0) return { ...found, dropped: [] };
  const dropped = misplaced.map(({ path, message }) => ({
    path,
    origin: originAt(tree, path),
    why: message,
  }));
  return { ...checked(misplaced.reduce((rest, { path }) => without(rest, path), tree)), dropped };
}

function* writtenIn(tree: Tree, path: Path = []): Generator<Path> {
  if (tree.origin.kind === "default") return;
  if (!("entries" in tree)) yield path;
  else for (const [key, child] of tree.entries) yield* writtenIn(child, [...path, key]);
}

/** Sets `data.root` to the project's folder for the data set, unless the experiment sets it. */
function withDataFolder(tree: Tree, project: Project | undefined): Tree {
  const data = partAt(tree, ["data"]);
  const dataset = partAt(data, ["dataset"]);
  if (data === undefined || dataset === undefined || !("scalar" in dataset)) return tree;
  const folder = partAt(project?.tree, ["data", String(dataset.scalar), "root"]);
  if (folder === undefined || partAt(data, ["root"]) !== undefined) return tree;
  return withEntry(tree, "data", withEntry(data, "root", fromValue(toValue(folder), folder.origin)));
}
