import { basename, resolve } from "node:path";
import { type DataFingerprint, fingerprintOf } from "../src/data/fingerprint.js";
import { N2uqError } from "../src/errors.js";
import type { ContentKey, DataOptions, ResolvedData, ResolvedExperiment } from "../src/resolve/types.js";
import { sha256Of } from "../src/weights/checksum.js";
import { placed } from "../src/weights/placed.js";
import { findSource, isSourceName } from "../src/weights/sources.js";

/** Fingerprints of experiments' inputs; reads each file or folder once. */
export class Contents {
  readonly #models: string;
  readonly #data = new Map<string, Promise<DataFingerprint | null | undefined>>();
  readonly #weights = new Map<string, Promise<string | null | undefined>>();

  /** @param models absolute folder of weights added by hand */
  constructor(models: string) {
    this.#models = models;
  }

  /** The fingerprint of an experiment's inputs, for `ResolvedExperiment.content`. */
  async of(data: ResolvedData, weights: Partial<Record<"teacher" | "init", string>>) {
    const found: Partial<Record<ContentKey, string | null>> = {};
    const images = await this.data(data);
    if (images !== undefined) found.data = images?.digest ?? null;
    for (const key of ["teacher", "init"] as const) {
      const digest = weights[key] === undefined ? undefined : await this.#weightsOf(weights[key]);
      if (digest !== undefined) found[key] = digest;
    }
    return found satisfies ResolvedExperiment["content"];
  }

  /** Null if the images cannot be read, undefined if the data set's name identifies them. */
  data(data: ResolvedData): Promise<DataFingerprint | null | undefined> {
    const { trainLimit: _train, testLimit: _test, name: _name, ...place }: DataOptions = data;
    const key = JSON.stringify(place);
    const known = this.#data.get(key) ?? readData(data);
    this.#data.set(key, known);
    return known;
  }

  #weightsOf(weights: string): Promise<string | null | undefined> {
    const known = this.#weights.get(weights) ?? this.#readWeights(weights);
    this.#weights.set(weights, known);
    return known;
  }

  async #readWeights(weights: string): Promise<string | null | undefined> {
    if (!isSourceName(weights)) return sha256Of(resolve(weights)).catch(() => null);
    const source = findSource(weights);
    const file = await placed(this.#models, weights);
    // A file with the source's file name is compared with the source's checksum before it is used.
    const isTold = source?.sha256 !== undefined && (file === null || basename(file) === source.file);
    if (isTold) return undefined;
    return file === null ? null : sha256Of(file).catch(() => null);
  }
}

async function readData(data: ResolvedData): Promise<DataFingerprint | null | undefined> {
  try {
    return (await fingerprintOf(data)) ?? undefined;
  } catch (error) {
    if (error instanceof N2uqError || (error instanceof Error && "code" in error)) return null;
    throw error;
  }
}
