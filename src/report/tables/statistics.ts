/**
 * Mean and sample standard deviation, s = √(Σ (x - mean)² / (n - 1)); the std of one value is null. @throws
 * RangeError without values
 */
export function meanAndDeviation(values: readonly number[]): { mean: number; deviation: number | null } {
  if (values.length === 0) throw new RangeError("a mean needs at least one value");
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length === 1) return { mean, deviation: null };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / (values.length - 1)) };
}
