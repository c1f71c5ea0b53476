import { stream } from "../../random.js";
import type { Batch, BatchRequest, DatasetInfo, FileSplit } from "../types.js";
import { centreView, randomCrop, viewOf } from "./crop.js";
import type { Size, Turn, View } from "./decode.js";
import { decodeView } from "./decode.js";
import { ImageFiles } from "./files.js";
import { changeColors, drawColors } from "./jitter.js";
import { Lanes } from "./lanes.js";
import { standardise, standardValues } from "./standardise.js";

/** Everything that decides the content of a batch; plain data, so that it can be sent to a thread. */
export interface ImageAssembly {
  readonly info: DatasetInfo;
  readonly split: FileSplit;
  readonly request: Omit<BatchRequest, "onUnreadable">;
  /** Image numbers in the order of the epoch. */
  readonly order: Uint32Array;
}

/** A batch, and the images that were found to be unreadable on the way to it. */
export interface ReadBatch extends Batch {
  readonly failures: readonly (readonly [number: number, reason: string])[];
}

/** Reads batches of encoded images; several may be under way, and share the decoders. */
export class BatchReader {
  readonly #assembly: ImageAssembly;
  readonly #files: ImageFiles;
  /** Images that are being read, decoded or resized; and those of them that are being decoded. */
  readonly #images: Lanes;
  readonly #decoders: Lanes;
  readonly #size: Size;
  readonly #values: Float32Array;
  readonly #unreadable: Map<number, string>;
  #stopped = false;

  constructor(assembly: ImageAssembly) {
    const { split, info, request } = assembly;
    const [height, width] = request.imageSize ?? info.imageSize;
    this.#assembly = assembly;
    this.#files = new ImageFiles(split.source);
    this.#images = new Lanes(inFlight(split.threads));
    this.#decoders = new Lanes(split.threads);
    this.#size = { width, height };
    this.#values = standardValues(info);
    this.#unreadable = new Map(split.unreadable.found);
  }

  /**
   * Batch number `index`. In training (where images are augmented or shuffled) the next readable image takes the place of an
   * unreadable one, so that batches keep their size; in validation it is left out.
   */
  async read(index: number): Promise<ReadBatch> {
    const { order, request, split } = this.#assembly;
    const numbers = order.slice(index * request.batchSize, (index + 1) * request.batchSize);
    const pixels = this.#size.width * this.#size.height * 3;
    const failures: (readonly [number, string])[] = [];
    let images = new Float32Array(0);
    const place = (number: number, at: number) =>
      this.#images.run(async () => {
        if (images.length === 0) images = new Float32Array(numbers.length * pixels);
        const target = images.subarray(at * pixels, (at + 1) * pixels);
        return this.#stopped ? null : this.#place(number, target, failures);
      });
    const read = await Promise.all(Array.from(numbers, place));
    const kept = keepRead(images, pixels, read);
    const labels = Int32Array.from(kept.numbers, (number) => split.labels[number] ?? 0);
    return { index, count: kept.numbers.length, ...kept, labels, failures };
  }

  /** Begins no further image; done when those under way are. */
  async stop(): Promise<void> {
    this.#stopped = true;
    const lanes = Array.from({ length: inFlight(this.#assembly.split.threads) });
    await Promise.all(lanes.map(() => this.#images.run(async () => {})));
    await this.#files.close();
  }

  /** Returns the number of the image that was taken, or null for none. */
  async #place(
    number: number,
    target: Float32Array,
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
          const reason = reasonOf(error);
          this.#unreadable.set(candidate, reason);
          failures.push([candidate, reason]);
        }
      }
      if (!replaces || this.#unreadable.size > unreadable.most) return null;
    }
    return null;
  }

  /** Draws from seed, epoch and the place's own image number alone: no other image and no earlier batch changes it. */
  async #decode(candidate: number, number: number, target: Float32Array): Promise<void> {
    const { request, split } = this.#assembly;
    const { augmentation, shortSide, seed, epoch } = request;
    const image = await this.#files.read(split.entries[candidate] ?? 0);
    const size = this.#size;
    const turn: Turn = (job) => this.#decoders.run(job);
    if (augmentation?.kind !== "random-resized-crop") {
      const short = shortSide ?? Math.max(size.width, size.height);
      const view = (own: Size) => centreView(own, short, size);
      await decodeView(image, view, false, turn, (pixels) =>
        standardise(pixels, size.width, this.#values, false, target),
      );
      return;
    }
    const next = stream(seed, `augment/${epoch}/${number}`);
    const view = (own: Size): View => viewOf(randomCrop(own, augmentation, next), size);
    await decodeView(image, view, augmentation.decode === "scaled", turn, (pixels) => {
      const mirrored = augmentation.horizontalFlip && next() < 0.5;
      changeColors(pixels, drawColors(augmentation.colorJitter, next));
      standardise(pixels, size.width, this.#values, mirrored, target);
    });
  }
}

/** Others are read and resized while as many as there are threads are decoded. */
function inFlight(threads: number): number {
  return 2 * threads + 2;
}

/** Closes the gaps of images that were left out. */
function keepRead(images: Float32Array<ArrayBuffer>, pixels: number, read: readonly (number | null)[]) {
  const numbers = read.filter((number) => number !== null);
  if (numbers.length === read.length) return { images, numbers: Uint32Array.from(numbers) };
  let count = 0;
  read.forEach((number, at) => {
    if (number === null) return;
    images.copyWithin(count * pixels, at * pixels, (at + 1) * pixels);
    count += 1;
  });
  return { images: images.slice(0, count * pixels), numbers: Uint32Array.from(numbers) };
}

function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (text.split("\n")[0] ?? text).trim();
}
