import type { Environment } from "../runs/record.js";

type Row = readonly [name: string, a: string, b: string];

/** The differences between two runs' environments that may change the last bits of a result. */
export function environmentRows(a: Environment, b: Environment): Row[] {
  const rows = shown.map(([name, show]): Row => [name, show(a), show(b)]);
  return rows.filter(([, one, other]) => one !== other);
}

const UNKNOWN = "not recorded";

const shown: readonly (readonly [string, (environment: Environment) => string])[] = [
  ["engine", ({ engine }) => `${engine.name} ${engine.version}`],
  ["device", ({ engine }) => engine.device],
  ["threads", ({ machine }) => String(machine?.threads ?? UNKNOWN)],
  ["ranks", ({ machine }) => String(machine?.ranks ?? UNKNOWN)],
  ["processor", ({ machine }) => machine?.processor ?? UNKNOWN],
  ["instructions", ({ machine }) => machine?.instructions.join(" ") ?? UNKNOWN],
  ["vectors", ({ machine }) => (machine === undefined ? UNKNOWN : (machine.vectors ?? "unknown"))],
  ["TensorFlow.js", ({ tfjs }) => tfjs],
  ["Node.js", ({ node }) => node],
  ["n2uq", ({ n2uq }) => n2uq],
];
