/** PyTorch's maximum number of dimensions. */
export const MOST_DIMENSIONS = 64;

/** Number of values of a shape: 0 if any size is 0, however large the others are. */
export function elementsOf(shape: readonly number[]): number {
  return shape.includes(0) ? 0 : shape.reduce((product, size) => product * size, 1);
}

/**
 * Whether the product of the nonzero sizes is exact in float64, so that readers may multiply the sizes in any
 * order.
 */
export function isCountable(shape: readonly number[]): boolean {
  return Number.isSafeInteger(elementsOf(shape.filter((size) => size !== 0)));
}
