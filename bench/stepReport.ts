import { quantizers } from "../src/core/quantizers.js";
import { median } from "./measure.js";
import type { StepCase } from "./stepCases.js";
import { parseCase, titleOf } from "./stepCases.js";
import type { Peer, PeerName } from "./stepPeers.js";
import { parsePeer, peers } from "./stepPeers.js";
import type { Result } from "./stepResults.js";
import { ratioOf } from "./stepSide.js";
import { targetsOf } from "./stepTargets.js";

/** A column of the table. */
interface Column {
  readonly title: string;
  readonly numeric?: true;
  cell(row: Row): string;
}

interface Row {
  readonly result: Result;
  readonly stepCase: StepCase;
  readonly peer: PeerName;
}

const what: readonly Column[] = [
  { title: "network", cell: ({ stepCase }) => titleOf(stepCase) },
  { title: "quantization", cell: ({ stepCase }) => quantizationOf(stepCase) },
  { title: "px", numeric: true, cell: ({ stepCase }) => String(stepCase.side) },
  { title: "batch", numeric: true, cell: ({ result }) => String(result.conditions.batch) },
  { title: "precision", cell: ({ peer }) => peers[peer].precision },
  { title: "compared with", cell: comparedWith },
];

const times: readonly Column[] = [
  { title: "n2uq", numeric: true, cell: ({ result }) => milliseconds(result.ours.times) },
  { title: "peer", numeric: true, cell: ({ result }) => milliseconds(result.theirs.times) },
  { title: "speed", numeric: true, cell: ({ result }) => multiple(ratioOf(result.ours, result.theirs)) },
];

const memory: readonly Column[] = [
  { title: "n2uq's memory", numeric: true, cell: ({ result }) => gigabytes(result.ours.peakMb) },
  { title: "peer's memory", numeric: true, cell: ({ result }) => gigabytes(result.theirs.peakMb) },
  { title: "memory", numeric: true, cell: ({ result }) => multiple(memoryOf(result)) },
];

const measuredOn: Column = {
  title: "measured on",
  cell({ result: { conditions } }) {
    const { engine, engineVersion, cpu, threads, device, rounds } = conditions;
    const where = device === "cpu" ? cpu : `${device}, ${cpu}`;
    return `${engine} ${engineVersion}, ${where}, ${threads} threads, ${rounds} rounds`;
  },
};

/** The table of a page. */
export const pageColumns: readonly Column[] = [...what, ...times, ...memory, measuredOn];

/** The table at the end of a measurement: with the targets. */
export const reportColumns: readonly Column[] = [
  ...what,
  ...times,
  { title: "target", cell: speedVerdict },
  ...memory,
  { title: "target", cell: memoryVerdict },
  measuredOn,
];

/** A Markdown table, one row per result. */
export function tableOf(results: readonly Result[], columns: readonly Column[]): string {
  const rows = results.map((result) => ({
    result,
    stepCase: parseCase(result.case),
    peer: parsePeer(result.peer),
  }));
  const lines = [
    columns.map(({ title }) => title),
    ...rows.map((row) => columns.map(({ cell }) => cell(row))),
  ].map((cells) => `| ${cells.join(" | ")} |`);
  const rule = `|${columns.map(({ numeric }) => (numeric === true ? "---:" : "---")).join("|")}|`;
  return [...lines.slice(0, 1), rule, ...lines.slice(1)].join("\n");
}

/** `N2UQ W2A2`, `full precision`. */
function quantizationOf({ mode, method }: StepCase): string {
  return mode === "fp" ? "full precision" : `${labelOf(method)} ${mode.toUpperCase()}`;
}

/** Names of quantizers as in their papers; another one's name is in capitals. */
function labelOf(method: keyof typeof quantizers): string {
  const labels: Readonly<Record<string, string>> = { dorefa: "DoReFa", apot: "APoT", "lsq-plus": "LSQ+" };
  return labels[quantizers[method].name] ?? method.toUpperCase();
}

function comparedWith({ result, peer }: Row): string {
  const { title, program }: Peer = peers[peer];
  // Without the build's suffix: `PyTorch 2.15.0+cu132`.
  const version = result.conditions.peerVersion.replace(/\+\w+/, "");
  return program === "n2uq" ? `n2uq's ${title}` : `${version}: ${title}`;
}

function memoryOf({ ours, theirs }: Result): number {
  return ours.peakMb / theirs.peakMb;
}

function speedVerdict({ result, stepCase, peer }: Row): string {
  const { leastSpeed, mostTime } = targetsOf(stepCase, peer, result.conditions.device);
  const ratio = ratioOf(result.ours, result.theirs);
  if (leastSpeed !== undefined) return verdict(ratio >= leastSpeed, `≥ ${leastSpeed}×`);
  if (mostTime !== undefined) return verdict(1 / ratio <= mostTime, `time ≤ ${mostTime}×`);
  return "";
}

function memoryVerdict({ result, stepCase, peer }: Row): string {
  const { mostMemory } = targetsOf(stepCase, peer, result.conditions.device);
  return mostMemory === undefined ? "" : verdict(memoryOf(result) <= mostMemory, `≤ ${mostMemory}×`);
}

function verdict(reached: boolean, target: string): string {
  return `${target} ${reached ? "reached" : "missed"}`;
}

const milliseconds = (values: readonly number[]) => `${median(values).toFixed(0)} ms`;
const gigabytes = (megabytes: number) => `${(megabytes / 1000).toFixed(1)} GB`;
const multiple = (ratio: number) => `${ratio.toFixed(2)}×`;
