import type { GraphBuilder } from "../graph/builder.js";
import type { BlockOptions } from "./blockParts.js";
import { blockConv, quantizedConv, shortcut } from "./blockParts.js";

/**
 * torchvision's blocks: convolution → BatchNorm → ReLU, ReLU after the sum. Quantized networks of this layout
 * (the default for ResNets of all methods except N2UQ) have an activation quantizer before each quantized
 * convolution.
 */

/** BasicBlock: two 3×3 convolutions and the shortcut. */
export function basicBlock(b: GraphBuilder, id: string, input: string, options: BlockOptions): string {
  const { channels, stride } = options;
  let x = b.relu(`${id}.relu1`, blockConv(b, id, 1, input, { channels, kernel: 3, stride }));
  x = blockConv(b, id, 2, x, { channels, kernel: 3 });
  x = b.add(`${id}.add`, x, shortcut(b, id, input, channels, stride));
  return b.relu(`${id}.relu2`, x);
}

/** Bottleneck: 1×1, 3×3 with the stride, 1×1 to four times the channels. */
export function bottleneck(b: GraphBuilder, id: string, input: string, options: BlockOptions): string {
  const { channels, stride } = options;
  const out = 4 * channels;
  let x = b.relu(`${id}.relu1`, blockConv(b, id, 1, input, { channels, kernel: 1 }));
  x = b.relu(`${id}.relu2`, blockConv(b, id, 2, x, { channels, kernel: 3, stride }));
  x = blockConv(b, id, 3, x, { channels: out, kernel: 1 });
  x = b.add(`${id}.add`, x, shortcut(b, id, input, out, stride));
  return b.relu(`${id}.relu3`, x);
}

/** Inverted residual with torchvision's nested names; without expansion it has no first 1×1 convolution. */
export function invertedResidual(b: GraphBuilder, id: string, input: string, options: BlockOptions): string {
  const { channels, stride, expansion } = options;
  const inChannels = b.shape(input).at(-1) ?? 0;
  const middle = inChannels * expansion;
  let x = input;
  let at = 0;
  if (expansion !== 1) {
    x = quantizedConv(b, `${id}.conv.0.0`, `${id}.quan1`, x, { channels: middle, kernel: 1 });
    x = b.relu(`${id}.conv.0.2`, b.batchNorm(`${id}.conv.0.1`, x), 6);
    at = 1;
  }
  x = quantizedConv(b, `${id}.conv.${at}.0`, `${id}.quan2`, x, {
    channels: middle,
    kernel: 3,
    stride,
    depthwise: true,
  });
  x = b.relu(`${id}.conv.${at}.2`, b.batchNorm(`${id}.conv.${at}.1`, x), 6);
  x = quantizedConv(b, `${id}.conv.${at + 1}`, `${id}.quan3`, x, { channels, kernel: 1 });
  x = b.batchNorm(`${id}.conv.${at + 2}`, x);
  return stride === 1 && inChannels === channels ? b.add(`${id}.add`, x, input) : x;
}
