import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { rowsOf } from "../../core/sums.js";
import type { ConvAttributes } from "../../graph/types.js";
import type { Primitives } from "../../overrides.js";
import { one } from "./kernel.js";

const NHWC = { dataFormat: "NHWC", dimRoundingMode: "floor", dilations: [1, 1] } as const;

/**
 * The primitives of a backend, implemented with tfjs's kernels and with the kernels that every engine of n2uq
 * adds (`SumToChannels` …).
 */
export function primitivesOf(backend: string): Primitives {
  const has = (kernel: string) => tf.getKernel(kernel, backend) !== undefined;
  return {
    sumToChannels: (x) => one("SumToChannels", { x }) as Tensor1D,
    sumAll: (x) => one("SumAll", { x }, { rows: rowsOf(x) }) as Tensor1D,
    countBelow: has("SearchSorted") ? countBySearch : countEdgeByEdge,
    sumRowsByBin: has("DenseBincount")
      ? (bin, weights, bins) => tf.denseBincount(bin, weights, bins) as Tensor2D
      : sumBySegment,
    convolve: (x, filter, attributes) =>
      one(attributes.depthwise ? "DepthwiseConv2dNative" : "Conv2D", { x, filter }, geometry(attributes)),
    convolveInputGradient: (dy, filter, attributes, inputShape) =>
      one(
        attributes.depthwise ? "DepthwiseConv2dNativeBackpropInput" : "Conv2DBackpropInput",
        { dy, filter },
        { ...geometry(attributes), inputShape: [...inputShape] },
      ),
    convolveFilterGradient: (x, dy, attributes, filterShape) =>
      one(
        attributes.depthwise ? "DepthwiseConv2dNativeBackpropFilter" : "Conv2DBackpropFilter",
        { x, dy },
        { ...geometry(attributes), filterShape: [...filterShape] },
      ),
    maxPoolGradient: (dy, input, output, kernel, stride, pad) =>
      one(
        "MaxPoolGrad",
        { dy, input, output },
        { filterSize: [kernel, kernel], strides: [stride, stride], pad, dimRoundingMode: "floor" },
      ),
    averagePool: (x) => one("GlobalAveragePool", { x }),
    averagePoolGradient: (dy, height, width) => one("GlobalAveragePoolGradient", { dy }, { height, width }),
    normalize: (x, mean, variance, scale, offset, varianceEpsilon) =>
      one("FusedBatchNorm", { x, mean, variance, scale, offset }, { varianceEpsilon }),
  };
}

function geometry({ stride, padding }: ConvAttributes) {
  return { strides: [stride, stride], pad: padding, ...NHWC };
}

function countBySearch(edges: Tensor, values: Tensor): Tensor {
  const counts = tf.searchSorted(
    tf.reshape(edges, [1, edges.size]),
    tf.reshape(values, [1, values.size]),
    "left",
  );
  return tf.reshape(counts, values.shape);
}

function countEdgeByEdge(edges: Tensor, values: Tensor): Tensor {
  let counts: Tensor = tf.zeros(values.shape, "int32");
  for (let edge = 0; edge < edges.size; edge++) {
    const before = counts;
    counts = tf.tidy(() =>
      tf.add(before, tf.cast(tf.greater(values, tf.slice(edges, [edge], [1])), "int32")),
    );
    before.dispose();
  }
  return counts;
}

/** `denseBincount` per row: each row's bins are offset so that they do not overlap. */
function sumBySegment(bin: Tensor2D, weights: Tensor2D, bins: number): Tensor2D {
  const [rows] = bin.shape;
  const first = tf.mul(tf.range(0, rows, 1, "int32"), tf.scalar(bins, "int32"));
  const segments = tf.reshape(tf.add(bin, tf.reshape(first, [rows, 1])), [bin.size]) as Tensor1D;
  return tf.reshape(tf.unsortedSegmentSum(tf.reshape(weights, [bin.size]), segments, rows * bins), [
    rows,
    bins,
  ]);
}
