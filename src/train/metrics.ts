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
