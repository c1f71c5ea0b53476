import type { Layout } from "../graph/types.js";

type Shape = readonly number[];

/**
 * Order of PyTorch's dimensions in the runtime layout: OIHW → HWIO, `[C, 1, H, W]` → `[H, W, C, 1]`,
 * `[out, in]` → `[in, out]`. Null means unchanged.
 */
const permutations: Record<Layout, readonly number[] | null> = {
  conv: [2, 3, 1, 0],
  depthwise: [2, 3, 0, 1],
  linear: [1, 0],
  channel: null,
  vector: null,
};

/** The runtime shape of a parameter with PyTorch's `shape`; `[1, C, 1, 1]` becomes `[C]`. */
export function runtimeShape(shape: Shape, layout: Layout): number[] {
  if (layout === "channel") return [shape[1] ?? 1];
  const order = permutations[layout];
  return order === null ? [...shape] : order.map((dimension) => shape[dimension] ?? 1);
}

/** Converts values from PyTorch's to the runtime layout. `shape` is PyTorch's. */
export function toRuntime(values: Float32Array, shape: Shape, layout: Layout): Float32Array {
  const order = permutations[layout];
  return order === null ? values : permute(values, shape, order);
}

/** Converts values from the runtime to PyTorch's layout. `shape` is PyTorch's. */
export function toPyTorch(values: Float32Array, shape: Shape, layout: Layout): Float32Array {
  const order = permutations[layout];
  if (order === null) return values;
  const inverse = order.map((_, dimension) => order.indexOf(dimension));
  return permute(values, runtimeShape(shape, layout), inverse);
}

/** Transposes values: dimension i of the result is dimension `order[i]` of `shape`. */
function permute(values: Float32Array, shape: Shape, order: readonly number[]): Float32Array {
  const strides = shape.map((_, i) => shape.slice(i + 1).reduce((product, n) => product * n, 1));
  const sizes = order.map((dimension) => shape[dimension] ?? 1);
  const steps = order.map((dimension) => strides[dimension] ?? 1);
  return gathered(values, sizes, steps, new Float32Array(values.length));
}

interface Words {
  readonly length: number;
  [index: number]: number | bigint;
}

/** Fills `to`, in row-major order of `sizes`, with the values of `from` that are `steps` apart. */
export function gathered<To extends Words>(from: Words, sizes: Shape, steps: Shape, to: To): To {
  const index = new Array<number>(sizes.length).fill(0);
  let at = 0;
  for (let i = 0; i < to.length; i++) {
    to[i] = from[at] as never;
    for (let d = sizes.length - 1; d >= 0; d--) {
      const [size, step, next] = [sizes[d] ?? 1, steps[d] ?? 0, (index[d] ?? 0) + 1];
      at += step;
      if (next < size) {
        index[d] = next;
        break;
      }
      at -= size * step;
      index[d] = 0;
    }
  }
  return to;
}
