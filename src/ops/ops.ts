import { N2uqError } from "../errors.js";
import type { NodeKind } from "../graph/types.js";
import { addition, bias, prelu, relu } from "./activations.js";
import { batchNorm } from "./batchNorm.js";
import { conv } from "./conv.js";
import { flatten } from "./flatten.js";
import { linear } from "./linear.js";
import { globalAveragePool, maxPool } from "./pooling.js";
import { quantize } from "./quantize.js";
import type { NodeOp } from "./types.js";

const input: NodeOp<"input"> = {
  forward() {
    throw new N2uqError("N2UQ_INTERNAL", { message: "the input node is fed, not run" });
  },
  backward: () => ({ inputs: [], gradients: {} }),
};

/** The implementation of every node kind. */
export const ops = {
  input,
  conv,
  "batch-norm": batchNorm,
  relu,
  prelu,
  bias,
  quantize,
  add: addition,
  "max-pool": maxPool,
  "global-average-pool": globalAveragePool,
  flatten,
  linear,
} satisfies { [Kind in NodeKind]: NodeOp<Kind> };
