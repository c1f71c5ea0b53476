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
    test: /^maxPool .* ignores NaNs$/,
    reason: "the largest of a window with a NaN is NaN, as in PyTorch",
  },
  {
    test: /^pool max x=\[2,2,3\] f=\[1,1\] s=2 p=1 fractional outputs default rounding$/,
    reason: "tfjs takes a window of one pixel for the identity, also where it leaves pixels out",
  },
  {
    test: "conv2dTranspose input=8x8x8,output=4x4x8,f=8,s=1,inDepth=8,p=same vec4",
    reason: "oneDNN in libtorch 1.13 has no gradient of a filter that is twice as large as the image",
  },
];
