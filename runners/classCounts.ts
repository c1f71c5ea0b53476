/** Accuracy of one class over the images with its label, in percent; null if there are none. */
export interface ClassAccuracy {
  readonly class: number;
  /** Absent if the data set has no class names. */
  readonly name?: string;
  readonly images: number;
  readonly top1: number | null;
}

/** How often images of one class were predicted as another. */
export interface Confusion {
  readonly label: number;
  readonly predicted: number;
  readonly images: number;
}

const CONFUSIONS_SHOWN = 10;

/** Confusion counts of an evaluation. */
export class ClassCounts {
  readonly #classes: number;
  /** By label and prediction; the last column counts images without a prediction (NaN logits). */
  readonly #table: Uint32Array;

  constructor(classes: number) {
    this.#classes = classes;
    this.#table = new Uint32Array(classes * (classes + 1));
  }

  /** @param logits `[images, classes]`, flattened */
  add(logits: Float32Array, labels: Int32Array): void {
    labels.forEach((label, image) => {
      const row = logits.subarray(image * this.#classes, (image + 1) * this.#classes);
      const cell = label * (this.#classes + 1) + (argMax(row) ?? this.#classes);
      this.#table[cell] = (this.#table[cell] ?? 0) + 1;
    });
  }

  /** @param names class names, by index */
  summary(names?: readonly string[]): { perClass: ClassAccuracy[]; confusions: Confusion[] } {
    const perClass: ClassAccuracy[] = [];
    const confusions: Confusion[] = [];
    for (let label = 0; label < this.#classes; label++) {
      const row = this.#table.subarray(label * (this.#classes + 1), (label + 1) * (this.#classes + 1));
      const images = row.reduce((sum, n) => sum + n, 0);
      const name = names?.[label];
      const top1 = images === 0 ? null : (100 * (row[label] ?? 0)) / images;
      perClass.push({ class: label, ...(name !== undefined && { name }), images, top1 });
      row.forEach((count, predicted) => {
        if (predicted !== label && predicted < this.#classes && count > 0)
          confusions.push({ label, predicted, images: count });
      });
    }
    confusions.sort((a, b) => b.images - a.images);
    return { perClass, confusions: confusions.slice(0, CONFUSIONS_SHOWN) };
  }
}

/** The index of the largest value; undefined if one is NaN. */
function argMax(row: Float32Array): number | undefined {
  if (row.some(Number.isNaN)) return undefined;
  let best = 0;
  row.forEach((value, index) => {
    if (value > (row[best] ?? Number.NEGATIVE_INFINITY)) best = index;
  });
  return best;
}
