import { N2uqError } from "../errors.js";
import type { QuantizerParameter, WeightQuantization } from "./quantizer.js";
import type { BufferSpec, GraphNode, Layout, ParameterSpec, Shape } from "./types.js";

/** A node without attributes, parameters and buffers. */
export function blank<Kind extends GraphNode["kind"]>(
  id: string,
  kind: Kind,
  inputs: readonly string[],
  shape: Shape,
) {
  return { id, kind, inputs, shape, params: [] as ParameterSpec[], buffers: [] as BufferSpec[] };
}

/** A parameter that is initialized to one value. */
export function constant(name: string, shape: Shape, layout: Layout, value: number): ParameterSpec {
  return { name, shape, layout, init: { kind: "constant", value } };
}

/** The parameters of a quantizer, named `<id>.<parameter>`. */
export function quantizerSpecs(id: string, parameters: readonly QuantizerParameter[]): ParameterSpec[] {
  return parameters.map(({ name, shape, initialValue, fromFirstBatch }) => ({
    ...constant(`${id}.${name}`, shape, "vector", initialValue),
    ...(fromFirstBatch === true ? { fromFirstBatch } : {}),
  }));
}

/** How the weights of a node are quantized; undefined in full precision and for nodes without weights. */
export function weightQuantization(node: GraphNode): WeightQuantization | undefined {
  return node.kind === "conv" || node.kind === "linear" ? node.attrs.quant : undefined;
}

/** Pixels along each side after a convolution or pooling. */
export function outputSizes(sides: Shape, kernel: number, stride: number, padding: number): number[] {
  return sides.map((side) => Math.floor((side + 2 * padding - kernel) / stride) + 1);
}

/** The last dimension of a shape: its channels or features. */
export function lastOf(shape: Shape): number {
  const last = shape.at(-1);
  if (last === undefined) throw new N2uqError("N2UQ_INTERNAL", { message: "a shape without dimensions" });
  return last;
}
