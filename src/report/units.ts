const METRIC = ["", "k", "M", "G", "T", "P"];

/** 1234567 → "1.23 M". */
export function formatCount(value: number): string {
  let [scaled, unit] = [value, 0];
  while (scaled >= 999.5 && unit < METRIC.length - 1) [scaled, unit] = [scaled / 1000, unit + 1];
  if (unit === 0) return String(value);
  return `${scaled.toPrecision(3)} ${METRIC[unit]}`;
}

/** Bytes in powers of 1000: 12345 → "12.3 kB". */
export function formatBytes(bytes: number): string {
  const text = formatCount(bytes);
  return text.includes(" ") ? `${text}B` : `${text} B`;
}

/** Seconds → "0:07", "12:34", "1:02:03". */
export function formatDuration(seconds: number): string {
  const total = Math.max(0, Math.round(seconds));
  const [hours, minutes, rest] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  const two = (n: number) => String(n).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** 97.512 → "97.51 %". */
export function formatPercent(value: number): string {
  return `${value.toFixed(2)} %`;
}

/** A method's name: "none" → "full precision". */
export function formatMethod(method: string): string {
  return method === "none" ? "full precision" : method;
}

/** Weights and activations: "W2A2"; full precision: "32-bit". */
export function formatBits(bits: { readonly weights: number; readonly activations: number } | null): string {
  return bits === null ? "32-bit" : `W${bits.weights}A${bits.activations}`;
}
