import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { packageRoot } from "../src/package.js";
import { median } from "./measure.js";

// Startup time of commands that do not train, for this checkout and optionally for another built checkout,
// whose runs alternate. Prints medians of wall and CPU time, also as multiples of those of an empty Node
// process.
//
//     npm run bench:startup -- [OTHER-CHECKOUT]

const ROUNDS = Number(process.env.ROUNDS ?? 11);
const EXPERIMENT = join(packageRoot(), "experiments", "quickstart.yaml");

/** Arguments of n2uq, and the maximum wall seconds. */
const commands: readonly (readonly [args: readonly string[], most?: number])[] = [
  [["--version"], 0.15],
  [["--help"]],
  [["validate", EXPERIMENT], 0.5],
  [["plan", EXPERIMENT], 0.7],
  [["runs"]],
];

/** Wall and CPU seconds. */
interface Cost {
  readonly wall: number;
  readonly cpu: number;
}

/** Runs node under GNU time. @throws Error if it fails */
function run(args: readonly string[]): Cost {
  const start = performance.now();
  const command = ["-f", "%U %S", process.execPath, ...args];
  const { status, stderr } = spawnSync("/usr/bin/time", command, { cwd: packageRoot(), encoding: "utf8" });
  const wall = (performance.now() - start) / 1000;
  if (status !== 0) throw new Error(`node ${args.join(" ")} failed: ${stderr}`);
  const [user = Number.NaN, system = Number.NaN] =
    stderr.trim().split("\n").at(-1)?.split(" ").map(Number) ?? [];
  return { wall, cpu: user + system };
}

const [other] = process.argv.slice(2);
const checkouts = {
  ...(other !== undefined && { other: resolve(other) }),
  this: packageRoot(),
};

/** All measured processes, by their names in the table. */
const cases = new Map<string, readonly string[]>([["node -e 0", ["-e", "0"]]]);
for (const [args] of commands) {
  for (const [side, root] of Object.entries(checkouts)) {
    cases.set(`${side} ${args[0]}`, [join(root, "bin", "n2uq.js"), ...args]);
  }
}

const costs = new Map<string, Cost[]>();
// The first round fills the cache of the file system.
for (let round = 0; round <= ROUNDS; round++) {
  for (const [name, args] of cases) {
    const cost = run(args);
    if (round > 0) costs.set(name, [...(costs.get(name) ?? []), cost]);
  }
}

const medianOf = (name: string): Cost => {
  const all = costs.get(name) ?? [];
  return { wall: median(all.map(({ wall }) => wall)), cpu: median(all.map(({ cpu }) => cpu)) };
};
const empty = medianOf("node -e 0");
const figures = ({ wall, cpu }: Cost): string =>
  [wall.toFixed(3), (wall / empty.wall).toFixed(1), cpu.toFixed(2), (cpu / empty.cpu).toFixed(1)].join(" | ");

console.log(`Node ${process.version}, ${ROUNDS} rounds; × is a multiple of \`node -e 0\`\n`);
console.log(
  "| command | checkout | wall s | × | processor s | × | target |\n|---|---|---:|---:|---:|---:|---|",
);
console.log(`| node -e 0 | | ${figures(empty)} | |`);
for (const [[name = ""], most] of commands) {
  for (const side of Object.keys(checkouts)) {
    const cost = medianOf(`${side} ${name}`);
    const verdict = most === undefined ? "" : `${cost.wall <= most ? "within" : "above"} ${most} s`;
    console.log(`| n2uq ${name} | ${side} | ${figures(cost)} | ${verdict} |`);
  }
}
