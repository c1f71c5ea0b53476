/** Three significant digits without trailing zeros: 0.3333 → "0.333", 2 → "2". */
export function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** Two significant digits, for small spaces. */
export function shorter(value: number): string {
  return String(Number(value.toPrecision(2)));
}
