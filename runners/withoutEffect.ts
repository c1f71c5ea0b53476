import { toLocation } from "../src/config/faults.js";
import type { LoadedExperiment } from "../src/config/load.js";
import type { Origin } from "../src/config/tree.js";
import { N2uqError, N2uqErrors } from "../src/errors.js";
import type { Idle } from "../src/resolve/idle.js";
import type { Resolution } from "../src/resolve/resolve.js";
import { toExperiment } from "../src/resolve/toExperiment.js";
import type { ResolvedExperiment } from "../src/resolve/types.js";
import { formatPath } from "../src/schema/paths.js";
import type { Path } from "../src/schema/schema.js";

/** A value that was dropped because a later overlay leaves it without effect. */
export interface Note {
  readonly path: Path;
  readonly origin: Origin;
  /** A complete sentence. */
  readonly text: string;
}

/**
 * Finds written values without effect. It is an error if the same file contains both the value and the cause.
 * But values of profiles, project defaults and axes apply to many experiments, and a profile, a flag or an
 * axis may override a file: such values are dropped with a note. @param leavesOut whether to drop all values
 * without effect, for files of other versions @throws N2uqErrors N2UQ_RESOLVE_NO_EFFECT, N2UQ_RULE_*, each at
 * the written value
 */
export function withoutEffect(
  loaded: LoadedExperiment,
  { resolved, idle, warnings }: Resolution,
  leavesOut = false,
): Note[] {
  const { sources } = loaded;
  const written = sources.written();
  const isWritten = ({ path }: Idle) =>
    written.some((leaf) => startsWith(path, leaf) || startsWith(leaf, path)) &&
    sources.at(path).kind !== "default";
  const found = [...idle.filter(isWritten), ...missing(loaded, resolved, written)];
  const distinct = found.filter(
    ({ path }, index) => !found.slice(0, index).some((before) => startsWith(before.path, path)),
  );
  const errors = distinct.filter((one) => !leavesOut && !isOverridden(one, loaded, written));
  if (errors.length > 0) throw new N2uqErrors(errors.map((one) => toError(one, sources.at(one.path))));
  const dropped = loaded.dropped.map(({ path, origin, why }) => ({ path, origin, text: `${why}: ignored` }));
  const notes = distinct.map(({ path, why }) => {
    const origin = sources.at(path);
    return { path, origin, text: `\`${formatPath(path)}\` (${origin.label}) has no effect ${why}: ignored` };
  });
  const warned = warnings.map(({ path, text }) => ({ path, origin: sources.at(path), text }));
  return [...dropped, ...notes, ...warned];
}

/** The written values that are missing from the resolved experiment file. */
function missing(
  { value }: LoadedExperiment,
  resolved: ResolvedExperiment,
  written: readonly Path[],
): Idle[] {
  const effective = toExperiment(resolved, { teacher: "", init: "" });
  return written
    .filter((path) => !isEmpty(valueAt(value, path)) && !has(effective, path))
    .map((path) => ({ path, ...reasonOf(path, resolved) }));
}

type Reason = Pick<Idle, "why" | "because">;

/** @param because the paths of the keys because of which a value has no effect */
function reason(why: string, ...because: string[]): Reason {
  return { why, because: because.map((path) => path.split(".")) };
}

function reasonOf([section, key]: Path, resolved: ResolvedExperiment): Reason {
  const { quantization, training, data, augmentation } = resolved;
  if (section === "quantization") {
    const others = ["method", "keep", "layers", "downsample"].filter((other) => other !== key);
    const all = [...others.map((other) => `quantization.${other}`), "architecture"];
    if (key === "regularizer" && quantization.regularizer !== undefined)
      return reason(`with kind ${quantization.regularizer.kind}`, "quantization.regularizer.kind");
    const isOption = !["method", "bits", "downsample", "keep", "layers"].includes(String(key));
    if (isOption || quantization.method === "none")
      return reason(`with method ${quantization.method}`, "quantization.method", "quantization.layers");
    return key === "downsample"
      ? reason(`on ${resolved.architecture.family}: no quantized shortcut depends on it`, ...all)
      : reason("because no quantized layer uses it: each has its own value", ...all);
  }
  if (section === "training" && key === "epochs")
    return reason(`with training.steps = ${training.steps}`, "training.steps");
  if (section === "training" && (key === "loss" || key === "optimizer"))
    return reason(`with ${key} ${training[key].kind}`, `training.${key}.kind`, "teacher");
  if (section === "training" && key === "schedule")
    return reason("because training ends before the first milestone", "training", "data");
  if (section === "data")
    return reason(`on ${data.dataset}: it has no more images`, "data.dataset", "data.synthetic");
  if (section === "augmentation") {
    const why = `with kind ${augmentation.kind} on ${data.dataset}`;
    return reason(why, "augmentation.kind", "data.dataset");
  }
  return reason("in this experiment", String(section ?? ""));
}

/** Whether an overlay caused the lack of effect, or the value was written for many experiments. */
function isOverridden(
  { path, because }: Idle,
  { file, sources }: LoadedExperiment,
  written: readonly Path[],
): boolean {
  const own = sources.at(path);
  if (own.kind === "profile" || own.kind === "project" || own.kind === "axis") return true;
  const causes = written
    .filter((leaf) => because.some((cause) => startsWith(leaf, cause)) && !startsWith(leaf, path))
    .map((leaf) => sources.at(leaf));
  return causes.some((cause) => {
    if (own.kind === "set") return cause.kind === "axis";
    if (cause.kind === "file") return own.file !== file && cause.file === file;
    return cause.kind === "set" || cause.kind === "profile" || cause.kind === "axis";
  });
}

function toError(
  { path, why, code = "N2UQ_RESOLVE_NO_EFFECT", match, close }: Idle,
  origin: Origin,
): N2uqError {
  const location = toLocation(origin, code === "N2UQ_RESOLVE_NO_EFFECT");
  const details = { key: formatPath(path), why, path, match, close: close?.join(", ") };
  return new N2uqError(code, details, { location });
}

function startsWith(path: Path, beginning: Path): boolean {
  return beginning.every((key, index) => path[index] === key);
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (part, key) => (part as Record<string | number, unknown> | undefined)?.[key],
    value,
  );
}

/** Null, or a list or map without entries. */
function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

/** Whether a plain value sets a path; a scalar in place of a map sets the whole map. */
function has(value: unknown, [key, ...rest]: Path): boolean {
  if (value === undefined) return false;
  if (key === undefined || typeof value !== "object" || value === null || Array.isArray(value)) return true;
  return has((value as Record<string | number, unknown>)[key], rest);
}
