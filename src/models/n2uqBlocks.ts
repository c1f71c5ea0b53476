import type { ConvOptions, GraphBuilder } from "../graph/builder.js";
import type { BlockOptions } from "./blockParts.js";
import { blockConv, shortcut } from "./blockParts.js";

/*
 * Pre-activation blocks with RPReLU: bias → PReLU → bias → quantizer → convolution → BatchNorm. Names and order are those
 * of the released code (docs/method.md, "The networks").
 */

/** BasicBlock: two 3×3 convolutions, the shortcut, and an RPReLU after the sum. */
export function basicBlock(b: GraphBuilder, id: string, input: string, options: BlockOptions): string {
  const { channels, stride } = options;
  let x = unit(b, id, 1, input, { channels, kernel: 3, stride });
  x = unit(b, id, 2, x, { channels, kernel: 3 });
  x = b.add(`${id}.add`, x, shortcut(b, id, input, channels, stride));
  return rprelu(b, id, x, 3);
}

/** Bottleneck: 1×1, 3×3 with the stride, 1×1 to four times the channels. */
export function bottleneck(b: GraphBuilder, id: string, input: string, options: BlockOptions): string {
  const { channels, stride } = options;
  const out = 4 * channels;
  let x = unit(b, id, 1, input, { channels, kernel: 1 });
  x = unit(b, id, 2, x, { channels, kernel: 3, stride });
  x = unit(b, id, 3, x, { channels: out, kernel: 1 });
  x = b.add(`${id}.add`, x, shortcut(b, id, input, out, stride));
  return rprelu(b, id, x, 0);
}

/** Inverted residual: 1×1 to the middle width, 3×3 depthwise with the stride, linear 1×1; no activation after the sum. */
export function invertedResidual(b: GraphBuilder, id: string, input: string, options: BlockOptions): string {
  const { channels, stride } = options;
  const inChannels = b.shape(input).at(-1) ?? 0;
  const middle = inChannels * options.expansion;
  let x = unit(b, id, 1, input, { channels: middle, kernel: 1 });
  x = unit(b, id, 2, x, { channels: middle, kernel: 3, stride, depthwise: true });
  x = unit(b, id, 3, x, { channels, kernel: 1 });
  return stride === 1 && inChannels === channels ? b.add(`${id}.add`, x, input) : x;
}

/** RPReLU number `n` of a block, its convolution with the quantizer, and BatchNorm. */
function unit(b: GraphBuilder, id: string, n: number, input: string, options: ConvOptions): string {
  return blockConv(b, id, n, rprelu(b, id, input, n), options);
}

/** RPReLU number `n` of a block: learnable bias → PReLU → learnable bias. */
function rprelu(b: GraphBuilder, id: string, input: string, n: number): string {
  const shifted = b.bias(`${id}.bias${n}1`, input);
  return b.bias(`${id}.bias${n}2`, b.prelu(`${id}.prelu${n}`, shifted));
}
