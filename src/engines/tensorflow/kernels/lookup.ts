import { type DenseBincountAttrs, type GatherV2Attrs, type KernelConfig, util } from "@tensorflow/tfjs-core";
import { N2uqError } from "../../../errors.js";
import type { Device, Handle } from "../device.js";
import { kernel } from "../kernel.js";
import { reshaped } from "./shapes.js";

function segmentSum(tf: Device, x: Handle, segments: Handle, count: number): Handle {
  return tf.run("UnsortedSegmentSum", [x, segments, tf.int(count)]);
}

/**
 * Sums `weights [rows, columns]` by bin, row by row: each row's bins are offset so that they do not overlap.
 */
function sumRows(tf: Device, bin: Handle, weights: Handle, bins: number): Handle {
  const [rows = 1] = weights.shape;
  const first = tf.ints(Array.from({ length: rows }, (_, row) => row * bins));
  const segments = tf.run("AddV2", [bin, reshaped(tf, first, [rows, 1])]);
  const flat = [util.sizeFromShape([...weights.shape])];
  const sums = segmentSum(tf, reshaped(tf, weights, flat), reshaped(tf, segments, flat), rows * bins);
  return reshaped(tf, sums, [rows, bins]);
}

/** Table lookup, counting and binning. */
export const lookup: readonly KernelConfig[] = [
  kernel<"x" | "indices", GatherV2Attrs>("GatherV2", ({ inputs: { x, indices }, attrs, tf }) =>
    tf.run("GatherV2", [x, indices, tf.int(attrs.axis)], { batch_dims: { int: attrs.batchDims } }),
  ),
  kernel<"sortedSequence" | "values", { side: "left" | "right" }>(
    "SearchSorted",
    ({ inputs: { sortedSequence, values }, attrs, tf }) =>
      tf.run(attrs.side === "left" ? "LowerBound" : "UpperBound", [sortedSequence, values]),
  ),
  kernel<"x" | "weights", DenseBincountAttrs>(
    "DenseBincount",
    ({ inputs: { x, weights }, attrs: { size, binaryOutput }, tf }) => {
      if (binaryOutput || x.shape.length !== 2 || weights.shape.includes(0))
        throw new N2uqError("N2UQ_INTERNAL", { message: "tensorflow counts weighted rows only" });
      return sumRows(tf, x, weights, size);
    },
  ),
  kernel<"x" | "segmentIds", { numSegments: number }>(
    "UnsortedSegmentSum",
    ({ inputs: { x, segmentIds }, attrs, tf }) => segmentSum(tf, x, segmentIds, attrs.numSegments),
  ),
];
