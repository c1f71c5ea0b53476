const FOUR = 4;

/**
 * factor·Σ of each row of `values [lines, length]`, in float32 and in order. Processes four rows at a time,
 * because their sums are independent.
 */
export function lineSums(values: Float32Array, lines: number, length: number, factor = 1): Float32Array {
  const sums = new Float32Array(lines);
  const whole = lines - (lines % FOUR);
  for (let line = 0; line < whole; line += FOUR) addFour(values, line, length, factor, sums);
  for (let line = whole; line < lines; line++) {
    let sum = 0;
    for (let at = line * length; at < (line + 1) * length; at++)
      sum = Math.fround(sum + Math.fround(factor * (values[at] as number)));
    sums[line] = sum;
  }
  return sums;
}

function addFour(
  values: Float32Array,
  line: number,
  length: number,
  factor: number,
  sums: Float32Array,
): void {
  const [first, second, third] = [line * length, (line + 1) * length, (line + 2) * length];
  const fourth = third + length;
  let [sum0, sum1, sum2, sum3] = [0, 0, 0, 0];
  for (let at = 0; at < length; at++) {
    sum0 = Math.fround(sum0 + Math.fround(factor * (values[first + at] as number)));
    sum1 = Math.fround(sum1 + Math.fround(factor * (values[second + at] as number)));
    sum2 = Math.fround(sum2 + Math.fround(factor * (values[third + at] as number)));
    sum3 = Math.fround(sum3 + Math.fround(factor * (values[fourth + at] as number)));
  }
  sums.set([sum0, sum1, sum2, sum3], line);
}
