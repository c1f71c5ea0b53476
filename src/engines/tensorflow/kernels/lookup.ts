import type { KernelConfig } from "@tensorflow/tfjs-core";
import { N2uqError } from "../../../errors.js";
import type { Device, Handle } from "../device.js";
import { kernel, sizeOf, typed } from "../kernel.js";
import { reshaped } from "./shapes.js";

function segmentSum(tf: Device, x: Handle, segments: Handle, count: number): Handle {
  return tf.run("UnsortedSegmentSum", [x, segments, tf.int(count)], {
    ...typed(x),
    Tindices: { type: "int32" },
    Tnumsegments: { type: "int32" },
  });
}

/**
 * Sums `weights [rows, columns]` by bin, row by row: each row's bins are offset so that they do not overlap.
 */
function sumRows(tf: Device, bin: Handle, weights: Handle, bins: number): Handle {
  const [rows = 1] = weights.shape;
  const first = tf.ints(Array.from({ length: rows }, (_, row) => row * bins));
  const segments = tf.run("AddV2", [bin, reshaped(tf, first, [rows, 1])], typed(bin));
  const flat = [sizeOf(weights.shape)];
  const sums = segmentSum(tf, reshaped(tf, weights, flat), reshaped(tf, segments, flat), rows * bins);
  return reshaped(tf, sums, [rows, bins]);
}

/** Table lookup, counting and binning. */
export const lookup: readonly KernelConfig[] = [
  kernel<{ x: Handle; indices: Handle }, { axis: number; batchDims: number }>(
    "GatherV2",
    ({ inputs: { x, indices }, attrs, tf }) =>
      tf.run("GatherV2", [x, indices, tf.int(attrs.axis)], {
        Tparams: { type: x.dtype },
        Tindices: { type: indices.dtype },
        Taxis: { type: "int32" },
        batch_dims: { int: attrs.batchDims },
      }),
  ),
  kernel<{ sortedSequence: Handle; values: Handle }, { side: "left" | "right" }>(
    "SearchSorted",
    ({ inputs: { sortedSequence, values }, attrs, tf }) =>
      tf.run(attrs.side === "left" ? "LowerBound" : "UpperBound", [sortedSequence, values], {
        ...typed(values),
        out_type: { type: "int32" },
      }),
  ),
  kernel<{ x: Handle; weights: Handle }, { size: number; binaryOutput: boolean }>(
    "DenseBincount",
    ({ inputs: { x, weights }, attrs: { size, binaryOutput }, tf }) => {
      if (binaryOutput || x.shape.length !== 2 || sizeOf(weights.shape) === 0)
        throw new N2uqError("N2UQ_INTERNAL", { message: "tensorflow counts weighted rows only" });
      return sumRows(tf, x, weights, size);
    },
  ),
  kernel<{ x: Handle; segmentIds: Handle }, { numSegments: number }>(
    "UnsortedSegmentSum",
    ({ inputs: { x, segmentIds }, attrs, tf }) => segmentSum(tf, x, segmentIds, attrs.numSegments),
  ),
];
