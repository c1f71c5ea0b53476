import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { test } from "tap";
import { n2uq, root } from "../helpers/cli.js";

/** Packages that take long to load, or that only training, drawing and fetching need. */
const HEAVY = [
  "ajv",
  "@tensorflow/tfjs-backend-cpu",
  "@tensorflow/tfjs-backend-wasm",
  "sharp",
  "pacote",
  "tar",
  "echarts",
  "listr2",
  "protobufjs",
];
/** A graph asks the quantizers for their parameters, and their records import it: a tenth of a second. */
const TFJS = "@tensorflow/tfjs-core";
const WITH_GRAPH: readonly string[] = ["validate", "plan"];
const dist = join(root, "dist");
const recorder = pathToFileURL(join(root, "test", "helpers", "loaded.mjs")).href;

test("a command loads what it needs", async (t) => {
  const folder = t.testdir({ "package.json": "{}" });
  const experiment = join(root, "experiments", "quickstart.yaml");
  mkdirSync(join(folder, "runs"));
  for (const [args, most] of [
    [["--version"], 20],
    [["--help"], 20],
    [["validate", experiment], 220],
    [["plan", experiment], 220],
    [["runs"], 110],
  ] as const) {
    const name = `n2uq ${args[0]}`;
    const loaded = join(folder, `${args[0]}.txt`);
    writeFileSync(loaded, "");
    const variables = { NODE_OPTIONS: `--import ${recorder}`, N2UQ_TEST_LOADED: loaded };
    const { code, stderr } = await n2uq(args, folder, variables);
    t.same([code, stderr], [0, ""], name);
    const lines = readFileSync(loaded, "utf8").split("\n");
    const files = new Set(lines.filter((line) => line !== "").map((line) => line.replace(/^file:\/\//, "")));
    const own = [...files].filter((file) => file.startsWith(dist));
    t.ok(own.includes(join(dist, "cli", "main.js")), `${name}: the record works`);
    t.ok(own.length <= most, `${name} loads ${own.length} of our files, at most ${most}`);
    const unwanted = WITH_GRAPH.includes(args[0]) ? HEAVY : [...HEAVY, TFJS];
    const heavy = [...files].filter((file) => unwanted.some((one) => file.includes(`node_modules/${one}/`)));
    // Of ajv, compiled validators need a function that counts characters.
    t.same(
      heavy.filter((file) => !file.includes("/ajv/dist/runtime/")),
      [],
      `${name} loads nothing heavy`,
    );
  }
});
