import { concat, max, reshape, type Tensor, type Tensor1D, tidy } from "@tensorflow/tfjs-core";
import { quantizers } from "../core/quantizers.js";
import { weightQuantization } from "../graph/nodes.js";
import type { QuantizerParameter } from "../graph/quantizer.js";
import type { TrainingGraph } from "../graph/types.js";
import { tensorOf } from "../ops/tensors.js";
import type { DeadLayer } from "../runs/record.js";
import type { MutableStore } from "./store.js";

/**
 * For each parameter, by its full name: the number of steps after which it was at or below its bound, and the
 * first of them. Stored in checkpoints.
 */
export type Clamped = Readonly<Record<string, { readonly steps: number; readonly firstStep: number }>>;

interface Watched {
  readonly layer: string;
  readonly parameter: string;
  readonly bound: number;
  readonly effect: string;
}

/**
 * The quantizer parameters that have a bound. At or below the bound their quantizer is degenerate, as
 * `effect` describes.
 */
function watchedIn(graph: TrainingGraph): Watched[] {
  const of = (layer: string, parameters: readonly QuantizerParameter[]) =>
    parameters.flatMap(({ name, bound }) =>
      bound === undefined ? [] : [{ layer, parameter: name, bound: bound.at, effect: bound.effect }],
    );
  return graph.nodes.flatMap((node) => {
    if (node.kind === "quantize")
      return of(node.id, quantizers[node.attrs.method].activation.parameters(node.attrs));
    const quant = weightQuantization(node);
    return quant === undefined ? [] : of(node.id, quantizers[quant.method].weight.parameters(quant, 1));
  });
}

const nameOf = ({ layer, parameter }: Watched) => `${layer}.${parameter}`;

/**
 * Checks after each step whether a quantizer's parameter is at or below its bound: LSQ's step size, PACT's α,
 * N2UQ's β and a.
 */
export class QuantizerWatch {
  readonly #store: MutableStore;
  readonly #watched: readonly Watched[];
  readonly #clamped: Map<string, Clamped[string]>;
  #values: ArrayLike<number> = [];

  /** @param before the counts that the run had when it was interrupted */
  constructor(graph: TrainingGraph, store: MutableStore, before: Clamped = {}) {
    this.#store = store;
    this.#watched = watchedIn(graph);
    this.#clamped = new Map(Object.entries(before));
  }

  get clamped(): Clamped {
    return Object.fromEntries(this.#clamped);
  }

  /**
   * Checks the parameters after a step. @param values what `read` gave after this step @returns a warning
   * when a parameter is first at or below its bound in this run, else null
   */
  async look(step: number, values = this.read()): Promise<string | null> {
    if (this.#watched.length === 0) return null;
    const known = this.#clamped.size > 0;
    this.#values = await values;
    for (const [index, one] of this.#watched.entries()) {
      if (!this.#isClamped(one, index)) continue;
      const { steps = 0, firstStep = step } = this.#clamped.get(nameOf(one)) ?? {};
      this.#clamped.set(nameOf(one), { steps: steps + 1, firstStep });
    }
    return known || this.#clamped.size === 0 ? null : this.#warning(step);
  }

  /** The clamped layers for the run's record. */
  async layers(): Promise<DeadLayer[]> {
    if (this.#clamped.size === 0) return [];
    this.#values = await this.read();
    return this.#watched.flatMap((one, index) => {
      const seen = this.#clamped.get(nameOf(one));
      if (seen === undefined) return [];
      const { effect: _, ...shown } = one;
      return [{ ...shown, ...seen, atEnd: this.#isClamped(one, index), value: this.#values[index] ?? 0 }];
    });
  }

  #isClamped({ bound }: Watched, index: number): boolean {
    // The parameters are float32, and the float32 number nearest to a bound may be above it.
    return (this.#values[index] ?? Number.NaN) <= Math.fround(bound);
  }

  /**
   * Reads one value per parameter in a single download, which starts at once. Of a parameter with several
   * values, such as N2UQ's intervals, it is the largest value.
   */
  read(): Promise<ArrayLike<number>> {
    if (this.#watched.length === 0) return Promise.resolve([]);
    const all = tidy(() =>
      concat(
        this.#watched.map((one) => {
          const value: Tensor = tensorOf(this.#store, nameOf(one));
          return reshape(value.size === 1 ? value : max(value), [1]) as Tensor1D;
        }),
      ),
    );
    const values = all.data();
    all.dispose();
    return values;
  }

  #warning(step: number): string {
    const index = this.#watched.findIndex((one) => this.#clamped.has(nameOf(one)));
    const { layer = "", parameter = "", bound = 0, effect = "" } = this.#watched[index] ?? {};
    const value = (this.#values[index] ?? Number.NaN).toPrecision(3);
    const others = this.#clamped.size - 1;
    const also = others === 0 ? "" : `, and ${others} more`;
    return `dead layer: ${layer}.${parameter} is ${value} after step ${step}, not above ${bound}${also}: ${effect}. Lower its learning rate (training.optimizer.groups); result.json counts such steps.`;
  }
}
