import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { N2uqError } from "../errors.js";
import { checkSource } from "./checksum.js";
import { findSource, placesOf, type WeightsSource } from "./sources.js";

/** The path of the file of named weights in the models folder; null if it is missing. */
export async function placed(models: string, name: string, source?: WeightsSource): Promise<string | null> {
  return placesOf(name, models, source).find((file) => existsSync(file)) ?? null;
}

/**
 * Like `placed`, but a missing file is an error. A file with its owners' name is compared with its checksum,
 * because training would silently use a damaged teacher. @throws N2uqError N2UQ_WEIGHTS_MISSING, which says
 * which file to get and where to put it; N2UQ_WEIGHTS_CHECKSUM
 */
export async function findPlaced(models: string, name: string): Promise<string> {
  const file = await placed(models, name);
  const source = findSource(name);
  if (file === null) throw missing(models, name);
  if (source !== undefined && basename(file) === source.file) await checkSource(source, file);
  return file;
}

function missing(models: string, name: string): N2uqError {
  const source = findSource(name);
  const [own = ""] = placesOf(name, models);
  const file = source === undefined ? own : join(models, source.file);
  const other = "or use a profile that needs no weights: `--profile smoke`, `--profile cifar10`";
  const options = source === undefined ? {} : { hint: `${howToGet(source, file)}, ${other}.` };
  return new N2uqError("N2UQ_WEIGHTS_MISSING", { weights: name, file }, options);
}

function howToGet({ name, url, page, file: offered }: WeightsSource, file: string): string {
  if (url === undefined) return `Download ${offered} from ${page} and put it at ${file}`;
  return `Run \`n2uq weights pull ${name}\`, download ${url} to ${file} by hand`;
}
