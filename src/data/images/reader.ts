import pLimit from "p-limit";
import { mayScale, variationOf } from "../augmentations/augmentations.js";
import type { Assembly, FileSplit, ImageShape } from "../types.js";
import { checkBytes } from "./bounds.js";
import { decodeView, type LimitConcurrency } from "./decode.js";
import { ImageFiles } from "./files.js";
import { finish } from "./finish.js";
import { pixelValues, standardValues, type Values } from "./normalize.js";

export type ImageAssembly = Assembly<FileSplit>;

/** A request to read positions `from` to `to` of batch `index` into the batch's memory. */
export interface PartOrder {
  readonly index: number;
  readonly from: number;
  readonly to: number;
  /** `[batchSize, height, width, 3]`. */
  readonly images: Values;
}

/** The result of reading a part of a batch. */
export interface Part {
  readonly index: number;
  /** The index of the image read into each position of the part; null for none. */
  readonly read: readonly (number | null)[];
  /** Unreadable images found while reading. */
  readonly failures: readonly (readonly [number: number, reason: string])[];
}

/**
 * Number of images that one reader decodes concurrently, and number of images in progress: read, decoded or
 * resized.
 */
const DECODERS = 1;
const IN_FLIGHT = 3;

/** Reads parts of batches of encoded images; several may be in progress. */
export class PartReader {
  readonly #assembly: ImageAssembly;
  readonly #files: ImageFiles;
  /** Limits of the images in progress, and of the images among them that are being decoded. */
  readonly #images = pLimit(IN_FLIGHT);
  readonly #decoders = pLimit(DECODERS);
  readonly #shape: ImageShape;
  readonly #values: Values;
  readonly #unreadable: Map<number, string>;
  #stopped = false;

  constructor(assembly: ImageAssembly) {
    const { split, info, request } = assembly;
    const [height, width] = request.imageSize ?? info.imageSize;
    this.#assembly = assembly;
    this.#files = new ImageFiles(split.source);
    this.#shape = { height, width, channels: 3 };
    this.#values = request.asPixels === true ? pixelValues({ channels: 3 }) : standardValues(info);
    this.#unreadable = new Map(split.unreadable.found);
  }

  /**
   * Reads the images of a part into their positions. In a shuffled epoch (training), the next readable image
   * replaces an unreadable one, so that batches keep their size. Otherwise (validation) nothing is written to
   * its position.
   */
  async read({ index, from, to, images }: PartOrder): Promise<Part> {
    const { order, request } = this.#assembly;
    const first = index * request.batchSize;
    const pixels = this.#shape.width * this.#shape.height * 3;
    const failures: (readonly [number, string])[] = [];
    const place = (number: number, offset: number) =>
      this.#images(async () => {
        const at = from + offset;
        const target = images.subarray(at * pixels, (at + 1) * pixels);
        return this.#stopped ? null : this.#place(number, target, failures);
      });
    const read = await Promise.all(Array.from(order.subarray(first + from, first + to), place));
    return { index, read, failures };
  }

  /** Starts no further image; resolves when the images in progress are done. */
  async stop(): Promise<void> {
    this.#stopped = true;
    const lanes = Array.from({ length: IN_FLIGHT });
    await Promise.all(lanes.map(() => this.#images(async () => {})));
    await this.#files.close();
  }

  /** Returns the index of the image that was read, or null for none. */
  async #place(
    number: number,
    target: Values,
    failures: (readonly [number, string])[],
  ): Promise<number | null> {
    const { length, unreadable } = this.#assembly.split;
    const replaces = this.#assembly.request.shuffle;
    for (let tries = 0; tries < length; tries++) {
      const candidate = (number + tries) % length;
      if (!this.#unreadable.has(candidate)) {
        try {
          await this.#decode(candidate, number, target);
          return candidate;
        } catch (error) {
          if (isOfMachine(error)) throw error;
          const reason = reasonOf(error);
          this.#unreadable.set(candidate, reason);
          failures.push([candidate, reason]);
        }
      }
      if (!replaces || this.#unreadable.size > unreadable.most) return null;
    }
    return null;
  }

  /**
   * Decodes and augments image `candidate`. The random numbers depend only on seed, epoch and `number`, the
   * image index at this position, not on other images or earlier batches.
   */
  async #decode(candidate: number, number: number, target: Values): Promise<void> {
    const { request, split } = this.#assembly;
    const image = await this.#files.read(split.entries[candidate] ?? 0, (bytes) =>
      checkBytes(bytes, split.maxPixels),
    );
    const turn: LimitConcurrency = (job) => this.#decoders(job);
    const variation = variationOf(request, this.#shape, number);
    const use = (pixels: Uint8Array) =>
      finish(pixels, this.#shape, variation.changes(), this.#values, target);
    await decodeView(image, variation.view, mayScale(request), turn, use, split.maxPixels);
  }
}

function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (text.split("\n")[0] ?? text).trim();
}

/**
 * Whether an error is a failure of the machine or its disk. Then the image is not replaced by another image;
 * the run fails.
 */
function isOfMachine(error: unknown): boolean {
  const faults = ["EMFILE", "ENFILE", "ENOMEM", "EIO", "ESTALE"];
  return error instanceof Error && faults.includes((error as NodeJS.ErrnoException).code ?? "");
}
