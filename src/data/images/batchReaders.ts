import { workerFile } from "../../files/workerFile.js";
import { PrefetchWorker } from "../prefetchWorker.js";
import type { Batch } from "../types.js";
import { standardValues, type Values } from "./normalize.js";
import { type ImageAssembly, type Part, type PartOrder, PartReader } from "./reader.js";

const FILE = workerFile("./readerWorker", import.meta.url);

/** A batch and the unreadable images found while reading it. */
export interface ReadBatch extends Batch {
  readonly failures: Part["failures"];
}

/**
 * Threads that read batches together: each reads an equal part of every batch into shared memory. Without
 * threads, `receive` reads the batch on this thread.
 */
export class BatchReaders {
  readonly #assembly: ImageAssembly;
  readonly #pixels: number;
  /** The table of normalized values, if batches hold pixels. */
  readonly #values: Float32Array | undefined;
  readonly #threads: readonly PrefetchWorker<PartOrder, Part>[];
  readonly #here: PartReader;
  readonly #memory = new Map<number, Values>();
  /** Batch buffers to reuse, because allocating a buffer takes longer than filling it. */
  readonly #spare: Values[] = [];

  constructor(assembly: ImageAssembly, threads: number) {
    const { request, info } = assembly;
    const [height, width] = request.imageSize ?? info.imageSize;
    const here = new PartReader(assembly);
    this.#assembly = assembly;
    this.#pixels = height * width * 3;
    this.#values = request.asPixels === true ? standardValues(info) : undefined;
    this.#here = here;
    this.#threads =
      FILE === null
        ? []
        : Array.from(
            { length: threads },
            () => new PrefetchWorker(FILE, assembly, (part) => here.read(part)),
          );
  }

  /** Requests a batch that will be received later. */
  request(index: number): void {
    const { batchSize } = this.#assembly.request;
    const bytes = batchSize * this.#pixels * (this.#values === undefined ? 4 : 1);
    const images = this.#spare.pop() ?? this.#arrayOf(new SharedArrayBuffer(bytes));
    this.#memory.set(index, images);
    const count = this.#countOf(index);
    const share = (part: number) => Math.floor((part * count) / this.#threads.length);
    this.#threads.forEach((thread, at) => {
      thread.order({ index, from: share(at), to: share(at + 1), images });
    });
  }

  /** Returns a requested batch. In validation, unreadable images are missing from it. */
  async receive(index: number): Promise<ReadBatch> {
    const images = this.#memory.get(index) ?? this.#arrayOf(new ArrayBuffer(0));
    this.#memory.delete(index);
    const parts =
      this.#threads.length === 0
        ? [await this.#here.read({ index, from: 0, to: this.#countOf(index), images })]
        : await Promise.all(this.#threads.map((thread) => thread.receive(index)));
    const failures = parts.flatMap((part) => part.failures);
    const numbers = this.#closeGaps(
      images,
      parts.flatMap(({ read }) => read),
    );
    const labels = Int32Array.from(numbers, (number) => this.#assembly.split.labels[number] ?? 0);
    const used = images.subarray(0, numbers.length * this.#pixels);
    const values = this.#values && { values: this.#values };
    return { index, count: numbers.length, images: used, ...values, labels, numbers, failures };
  }

  /** Recycles the memory of a batch that is no longer used. */
  reuse({ images }: Batch): void {
    this.#spare.push(this.#arrayOf(images.buffer));
  }

  /** Resolves when every image in progress is done. */
  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close(true)));
    await this.#here.stop();
  }

  #arrayOf(memory: ArrayBufferLike): Values {
    return this.#values === undefined ? new Float32Array(memory) : new Uint8Array(memory);
  }

  #countOf(index: number): number {
    const { order, request } = this.#assembly;
    return Math.min(request.batchSize, order.length - index * request.batchSize);
  }

  /** Compacts the batch after dropping unreadable images. @returns the indices of the remaining images */
  #closeGaps(images: Values, read: readonly (number | null)[]): Uint32Array {
    const numbers: number[] = [];
    read.forEach((number, at) => {
      if (number === null) return;
      if (at > numbers.length)
        images.copyWithin(numbers.length * this.#pixels, at * this.#pixels, (at + 1) * this.#pixels);
      numbers.push(number);
    });
    return Uint32Array.from(numbers);
  }
}
