import {
  cast,
  equal,
  greaterEqual,
  less,
  logicalAnd,
  mul,
  range,
  reshape,
  type Scalar,
  scalar,
  stack,
  sum,
  type Tensor1D,
  type Tensor2D,
  tidy,
  where,
  zerosLike,
} from "@tensorflow/tfjs-core";

/**
 * Counts on the device, for each k, what `countTopK` counts on the host. @param logits `[images, classes]`
 * @param labels `[images]`, int32 @returns float32 scalars
 */
export function countTopKOnDevice(logits: Tensor2D, labels: Tensor1D, ks: readonly number[]): Scalar[] {
  return tidy(() => {
    const classes = logits.shape[1];
    // A gather would check its indices on the host.
    const hot = equal(reshape(labels, [-1, 1]), range(0, classes, 1, "int32"));
    const own = sum(where(hot, logits, zerosLike(logits)), 1, true);
    const below = sum(cast(less(logits, own), "int32"), 1);
    const known = reshape(equal(own, own), [-1]);
    return ks.map((k) => {
      const right = logicalAnd(greaterEqual(below, scalar(classes - k, "int32")), known);
      return sum(cast(right, "float32")) as Scalar;
    });
  });
}

/**
 * The results of a step as one tensor: the number of images, the sum of their losses, the numbers of images
 * whose label is among the 1 and the 5 largest logits, 1 if `stop`, and the mean loss. All but the last can
 * be summed over ranks.
 */
export function stepNumbers(loss: Scalar, logits: Tensor2D, labels: Tensor1D, stop: boolean): Tensor1D {
  return tidy(() => {
    const count = scalar(labels.size);
    const right = countTopKOnDevice(logits, labels, [1, 5]);
    return stack([count, mul(loss, count), ...right, scalar(stop ? 1 : 0), loss]) as Tensor1D;
  });
}

/**
 * Counts the images whose label is among the k largest logits. Ties count against the label, so that equal
 * logits (a dead network) are not counted as correct. An image whose label has the logit NaN is never
 * counted. @param logits `[images, classes]`, flattened
 */
export function countTopK(logits: Float32Array, labels: Int32Array, classes: number, k: number): number {
  let right = 0;
  labels.forEach((label, image) => {
    const row = logits.subarray(image * classes, (image + 1) * classes);
    const own = row[label] ?? Number.NaN;
    let ahead = 0;
    for (let c = 0; c < classes; c++) if (c !== label && !((row[c] ?? 0) < own)) ahead += 1;
    if (ahead < k && !Number.isNaN(own)) right += 1;
  });
  return right;
}

/**
 * The `count` most likely classes of one image with their softmax probabilities, in descending order; ties by
 * index.
 */
export function topProbabilities(
  logits: Float32Array,
  count: number,
): { class: number; probability: number }[] {
  const largest = logits.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const odds = Float64Array.from(logits, (value) => Math.exp(value - largest));
  const sum = odds.reduce((total, value) => total + value, 0);
  const order = Array.from(odds.keys()).sort((a, b) => (odds[b] ?? 0) - (odds[a] ?? 0) || a - b);
  return order.slice(0, count).map((index) => ({ class: index, probability: (odds[index] ?? 0) / sum }));
}
