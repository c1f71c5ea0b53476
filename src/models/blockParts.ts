import type { ConvOptions, GraphBuilder } from "../graph/builder.js";
import type { ActivationQuantization } from "../graph/quantizer.js";

export interface BlockOptions {
  readonly channels: number;
  readonly stride: number;
  /** Middle width of an inverted residual block, in multiples of its input width. */
  readonly expansion: number;
}

export type Block = (b: GraphBuilder, id: string, input: string, options: BlockOptions) => string;

/**
 * An activation quantizer and its convolution, or only the convolution if the layer is kept in full
 * precision. @param adapted changes the quantizer that the experiment chose
 */
export function quantizedConv(
  b: GraphBuilder,
  id: string,
  quantizer: string,
  input: string,
  options: ConvOptions,
  adapted = (activation: ActivationQuantization) => activation,
): string {
  const decision = b.decide({ id, names: [id], role: "body" });
  b.record(id, decision);
  if (decision.weight === undefined || decision.activation === undefined) return b.conv(id, input, options);
  const x = b.quantize(quantizer, input, adapted(decision.activation));
  return b.conv(id, x, { ...options, quant: decision.weight });
}

/** Convolution `n` of a block with its quantizer, and BatchNorm: `quanN`, `convN`, `bnN`. */
export function blockConv(b: GraphBuilder, id: string, n: number, x: string, options: ConvOptions): string {
  return b.batchNorm(`${id}.bn${n}`, quantizedConv(b, `${id}.conv${n}`, `${id}.quan${n}`, x, options));
}

/**
 * The block's input if the shapes agree, else `downsample`: [quantizer, 1×1 convolution, BatchNorm] when
 * quantized, [1×1 convolution, BatchNorm] when not.
 */
export function shortcut(b: GraphBuilder, id: string, x: string, channels: number, stride: number): string {
  if (stride === 1 && b.shape(x).at(-1) === channels) return x;
  const name = `${id}.downsample`;
  const decision = b.decide({ id: name, names: [name, `${name}.0`, `${name}.1`], role: "downsample" });
  const options = { channels, kernel: 1, stride, padding: 0 };
  if (decision.weight === undefined || decision.activation === undefined) {
    b.record(`${name}.0`, decision);
    return b.batchNorm(`${name}.1`, b.conv(`${name}.0`, x, options));
  }
  b.record(`${name}.1`, decision);
  const quantizer = b.quantize(`${name}.0`, x, decision.activation);
  const quantized = { ...options, quant: decision.weight, fullPrecisionName: `${name}.0` };
  return b.batchNorm(`${name}.2`, b.conv(`${name}.1`, quantizer, quantized), `${name}.1`);
}
