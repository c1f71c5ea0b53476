import type { NetworkLayout, ResolvedStage } from "../resolve/types.js";
import type { Block } from "./blockParts.js";
import * as n2uq from "./n2uqBlocks.js";
import * as torchvision from "./torchvisionBlocks.js";

/** All blocks by layout. */
export const blocks = {
  n2uq: { basic: n2uq.basicBlock, bottleneck: n2uq.bottleneck, "inverted-residual": n2uq.invertedResidual },
  torchvision: {
    basic: torchvision.basicBlock,
    bottleneck: torchvision.bottleneck,
    "inverted-residual": torchvision.invertedResidual,
  },
} satisfies Record<NetworkLayout, Record<ResolvedStage["block"], Block>>;
