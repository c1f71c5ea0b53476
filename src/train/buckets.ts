import { dispose, type Tensor } from "@tensorflow/tfjs-core";
import type { ProcessGroup } from "../engines/ranks.js";

/** All-reduce bucket size: large enough to amortize latency, small enough to overlap with backward. */
const BUCKET_BYTES = 4e6;

/** Averages gradients over the ranks in buckets. A full bucket is sent while backward continues. */
export class GradientBuckets {
  readonly #ranks: ProcessGroup;
  readonly #started: { readonly names: readonly string[]; readonly means: () => Tensor[] }[] = [];
  #waiting: [name: string, gradient: Tensor][] = [];
  #bytes = 0;

  constructor(ranks: ProcessGroup) {
    this.#ranks = ranks;
  }

  /** Adds a gradient and takes ownership of it. */
  add(name: string, gradient: Tensor): void {
    this.#waiting.push([name, gradient]);
    this.#bytes += gradient.size * Float32Array.BYTES_PER_ELEMENT;
    if (this.#bytes >= BUCKET_BYTES) this.#start();
  }

  /** Returns all mean gradients by name, owned by the caller. */
  finish(): Map<string, Tensor> {
    this.#start();
    const means = new Map<string, Tensor>();
    for (const { names, means: finish } of this.#started)
      for (const [index, mean] of finish().entries()) means.set(names[index] ?? "", mean);
    return means;
  }

  #start(): void {
    if (this.#waiting.length === 0) return;
    const gradients = this.#waiting.map(([, gradient]) => gradient);
    this.#started.push({
      names: this.#waiting.map(([name]) => name),
      means: this.#ranks.startAllReduceMean(gradients),
    });
    dispose(gradients);
    this.#waiting = [];
    this.#bytes = 0;
  }
}
