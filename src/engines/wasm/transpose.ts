const block = 16;

/**
 * Writes the transpose of `from [rows, columns]` (starting at `offset`) to `to [columns, rows]`, in square blocks that
 * stay in the first cache.
 */
export function transpose(
  from: Float32Array,
  to: Float32Array,
  rows: number,
  columns: number,
  offset = 0,
): void {
  for (let top = 0; top < rows; top += block) {
    const bottom = Math.min(rows, top + block);
    for (let left = 0; left < columns; left += block) {
      const right = Math.min(columns, left + block);
      for (let column = left; column < right; column++) {
        const target = column * rows;
        let source = offset + top * columns + column;
        for (let row = top; row < bottom; row++, source += columns) to[target + row] = from[source] as number;
      }
    }
  }
}
