/** Kernels of tfjs that the torch engine leaves out. A test that calls one of them is not counted. */
const reasons: Readonly<Record<string, readonly string[]>> = {
  "there are no complex numbers, so no FFT": ["Complex"],
  "no network of ours has three-dimensional images": [
    ...["AvgPool3D", "Conv3D", "Conv3DBackpropInputV2", "MaxPool3D"],
  ],
  "the choice of boxes is for detectors": [
    "NonMaxSuppressionV3",
    "NonMaxSuppressionV4",
    "NonMaxSuppressionV5",
  ],
  "there are no sparse and no ragged tensors": [
    ...["RaggedGather", "RaggedRange", "RaggedTensorToTensor"],
    ...["SparseFillEmptyRows", "SparseReshape", "SparseSegmentMean", "SparseSegmentSum"],
  ],
  "no network of ours needs it, and ATen has no function of it": ["Dilation2D", "Transform"],
  "images come from files, not from a browser": ["FromPixels"],
};

/** By kernel, the reason. */
export const leftOut: ReadonlyMap<string, string> = new Map(
  Object.entries(reasons).flatMap(([reason, kernels]) => kernels.map((kernel) => [kernel, reason] as const)),
);

/** What the engine has no tensors of; a test that makes one ends with this message and is not counted. */
export const noTensors = /there are no (string|complex64) tensors|has no (string|complex64) tensors/;

export interface Exclusion {
  /** A test's full name, or what fits several. */
  readonly test: string | RegExp;
  readonly reason: string;
}

/** Tests that fail for a reason that we accept. Each entry must fit at least one test that fails. */
export const excluded: readonly Exclusion[] = [
  {
    test: /^maxPool(WithArgmax)? .* ignores NaNs$/,
    reason: "the largest of a window with a NaN is NaN, as in PyTorch",
  },
  {
    test: "unique 1d tensor with NaN and Infinity",
    reason: "a NaN is not another NaN, as in PyTorch",
  },
  {
    test: "avgPool gradient x=[3,3,1] f=[3,3] s=1 p=explicit",
    reason: "tfjs divides by the whole window here, though forward the border does not count",
  },
  {
    test: /^pool (max|avg) x=\[2,2,3\] f=\[1,1\] s=2 p=1 fractional outputs default rounding$/,
    reason: "tfjs takes a window of one pixel for the identity, also where it leaves pixels out",
  },
  {
    test: "conv2dTranspose input=8x8x8,output=4x4x8,f=8,s=1,inDepth=8,p=same vec4",
    reason: "oneDNN in libtorch 1.13 has no gradient of a filter that is twice as large as the image",
  },
];
