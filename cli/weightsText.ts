import { basename } from "node:path";
import { renderTable } from "../src/report/table.js";
import { formatBytes, formatCount } from "../src/report/units.js";
import { shown } from "../src/weights/faults.js";
import { elementsOf } from "../src/weights/shape.js";
import type { StoredTensor, WeightsFile } from "../src/weights/types.js";

const formats = {
  safetensors: "safetensors",
  "pytorch-zip": "PyTorch, zip format",
  "pytorch-legacy": "PyTorch, legacy format",
} as const;

const MOST_EXTRAS = 50;

/** Describes the content of a weights file, for a terminal. */
export function inspectionText(weights: WeightsFile): string {
  const { file, format, bytes, key, prefix, checksums, tensors, extras } = weights;
  const rows = [...tensors].map(([name, { dtype, shape, byteLength }]) => [
    shown(name),
    dtype,
    shape.length === 0 ? "scalar" : shown(shape.join("×")),
    formatBytes(byteLength),
  ]);
  const values = [...tensors.values()].reduce((sum, { shape }) => sum + elementsOf(shape), 0);
  const head = [
    `${basename(file)} · ${formats[format]} · ${formatBytes(bytes)}`,
    `${tensors.size} tensors · ${formatCount(values)} values · ${dtypeCounts(tensors)}`,
    key === "" ? "" : `state dict under ${JSON.stringify(shown(key))}`,
    prefix === "" ? "" : `names without the prefix ${prefix}`,
    format === "safetensors" && checksums ? "with checksums of its content" : "",
  ];
  const listed = [...extras].slice(0, MOST_EXTRAS).map(([name, text]) => [shown(name), shown(text)] as const);
  const width = listed.reduce((most, [name]) => Math.max(most, name.length), 0);
  const others = listed.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`);
  if (extras.size > MOST_EXTRAS) others.push(`  … and ${extras.size - MOST_EXTRAS} more`);
  return [
    ...head.filter((line) => line !== ""),
    "",
    renderTable(["tensor", "type", "shape", "bytes"], rows, [false, false, false, true]),
    ...(others.length > 0 ? ["", "also in the file", ...others] : []),
  ].join("\n");
}

/** The description as one JSON value. */
export function inspectionJson({ tensors, extras, close: _, ...rest }: WeightsFile): unknown {
  const list = [...tensors].map(([name, { dtype, shape, byteLength }]) => ({
    name,
    dtype,
    shape,
    bytes: byteLength,
  }));
  return { ...rest, tensors: list, extras: Object.fromEntries(extras) };
}

/** `float32, 20 of int64`: the most frequent format first, without its count. */
function dtypeCounts(tensors: ReadonlyMap<string, StoredTensor>): string {
  const counts = new Map<string, number>();
  for (const { dtype } of tensors.values()) counts.set(dtype, (counts.get(dtype) ?? 0) + 1);
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  return sorted.map(([dtype, n], i) => (i === 0 ? dtype : `${n} of ${dtype}`)).join(", ");
}
