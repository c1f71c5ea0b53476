import { existsSync } from "node:fs";
import { differenceInWords } from "../src/data/fingerprint.js";
import { N2uqError } from "../src/errors.js";
import { experimentHash, recipeHash } from "../src/resolve/hash.js";
import type { ContentKey, DataOptions, ResolvedExperiment } from "../src/resolve/types.js";
import { type RunIdentity, readIdentity } from "../src/runs/identity.js";
import { RunDirectory } from "../src/runs/runDirectory.js";
import type { Session } from "./session.js";

/** The identity that an experiment's run directory records. */
export async function identityOf(
  { contents }: Pick<Session, "contents">,
  resolved: ResolvedExperiment,
): Promise<RunIdentity> {
  const { teacher, init, data } = resolved;
  const fileOf = (reference: typeof teacher | typeof init) =>
    reference !== null && "weights" in reference ? reference.weights : undefined;
  const { root }: DataOptions = data;
  return {
    format: 1,
    name: resolved.name,
    hash: experimentHash(resolved),
    recipe: recipeHash(resolved),
    content: resolved.content,
    places: { data: root, teacher: fileOf(teacher), init: fileOf(init) },
    data: (await contents.data(data)) ?? null,
  };
}

/**
 * Looks for runs of the same recipe whose inputs had other content at the same paths, for example fewer
 * images or other weights. @returns a warning if such a run is finished, null if there is no such run
 * @throws N2uqError N2UQ_RUN_INPUT_CHANGED if such a run has a checkpoint but no result
 */
export function changedInputs(session: Session, own: RunIdentity): string | null {
  if (session.fresh.has(own.hash) || session.directories.all(own.hash).length > 0) return null;
  for (const path of session.directories.named(own.name)) {
    const before = readIdentity(path);
    if (before === null || before.recipe !== own.recipe) continue;
    const changed = changesBetween(before, own);
    if (changed === null) continue;
    const directory = new RunDirectory(path);
    if (existsSync(directory.resultFile))
      return `${path} was finished with other inputs (${changed}): it stays unchanged, and this is a new run`;
    if (existsSync(directory.last))
      throw new N2uqError("N2UQ_RUN_INPUT_CHANGED", { directory: path, changed });
  }
  return null;
}

const WHAT = { teacher: "the teacher's weights", init: "the initial weights" } as const;

/** Null if no input at an unchanged path has changed. */
function changesBetween(before: RunIdentity, now: RunIdentity): string | null {
  const keys = Object.keys(now.content) as ContentKey[];
  const changed = keys.filter(
    (key) => before.content[key] !== now.content[key] && before.places[key] === now.places[key],
  );
  const words = changed.map((key) => {
    if (key !== "data") return `${WHAT[key]} in ${now.places[key]} differ`;
    return before.data === null || now.data === null
      ? `the images in ${now.places.data} differ`
      : differenceInWords(before.data, now.data);
  });
  return words.length === 0 ? null : words.join("; ");
}
