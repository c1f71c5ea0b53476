/** PyTorch builds no tensor of more dimensions. */
export const MOST_DIMENSIONS = 64;

/** How many values a shape has: 0 where any size is 0, however large the others are. */
export function elementsOf(shape: readonly number[]): number {
  return shape.includes(0) ? 0 : shape.reduce((product, size) => product * size, 1);
}

/** Whether the sizes that are not 0 multiply to a number that is exact here; readers multiply them in any order. */
export function isCountable(shape: readonly number[]): boolean {
  return Number.isSafeInteger(elementsOf(shape.filter((size) => size !== 0)));
}
