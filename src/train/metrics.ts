/**
 * How many of the images have their label among the k largest logits. Ties count against the label, so that equal logits
 * (a dead network) do not look right; NaN is never right.
 * @param logits `[images, classes]`, flattened
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
