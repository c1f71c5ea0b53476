import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Test } from "tap";
import t from "tap";
import { n2uq } from "../helpers/cli.js";

const crash = /N2UQ_INTERNAL|node:internal|^\s+at /m;
const data = "data: { dataset: synthetic, synthetic: { classes: 4, imageSize: [8, 8] } }";
const stages = (stage: string, rest = "") =>
  `architecture: { family: stages, classes: 4${rest}, stages: [${stage}] }\n${data}`;
const plain = stages("{ block: basic, channels: 4, blocks: 1 }");
const many = (count: number, text: string) => Array.from({ length: count }, () => text).join(", ");

/** Enough for what is checked here; without bounds the process ends the sooner. */
const memory = { NODE_OPTIONS: "--max-old-space-size=512" };

interface Told {
  readonly code: string;
  readonly hint: string;
  readonly location: { readonly line?: number } | null;
}

async function told(t: Test, files: readonly string[]): Promise<(Told | undefined)[]> {
  const folder = t.testdir({ "package.json": "{}" });
  const names = files.map((text, index) => {
    writeFileSync(join(folder, `${index}.yaml`), `name: x\nengine: wasm\n${text}\n`);
    return `${index}.yaml`;
  });
  const { code, stdout, stderr } = await n2uq(["validate", "--json", ...names], folder, memory);
  t.equal(code, 2, stderr.slice(0, 500));
  t.notMatch(`${stdout}${stderr}`, crash);
  const reports = JSON.parse(stdout || "[]") as { errors: Told[] }[];
  return reports.map(({ errors }) => errors[0]);
}

t.test(
  "D4: numbers that determine memory or time have a maximum, with errors at their location",
  async (t) => {
    const files: readonly (readonly [text: string, line: number])[] = [
      [stages("{ block: basic, channels: 4, blocks: 1e300 }"), 3],
      [stages("{ block: basic, channels: 1e12, blocks: 1 }"), 3],
      [stages("{ block: basic, channels: 4, blocks: 1 }", ", inputSize: 1e9"), 3],
      [stages("{ block: basic, channels: 4, blocks: 1 }", ", stem: { kernel: 1e6 }"), 3],
      [stages(many(65, "{ block: basic, channels: 4, blocks: 1 }")), 3],
      [`architecture: { family: resnet, depth: 18, width: 1e6 }\n${data}`, 3],
      [`${plain}\ntraining: { epochs: 1e15 }`, 5],
      [`${plain}\ntraining: { batchSize: 9007199254740993 }`, 5],
      [`${plain}\ntraining: { schedule: { kind: step, milestones: [1e15] } }`, 5],
      [`${plain}\ndevices: 1e6`, 5],
      [plain.replace("imageSize: [8, 8]", "imageSize: [1e6, 8]"), 4],
      [plain.replace("imageSize: [8, 8]", "trainSize: 1e12"), 4],
      [plain.replace("classes: 4, imageSize", "classes: 300, imageSize"), 4],
    ];
    const found = await told(
      t,
      files.map(([text]) => text),
    );
    files.forEach(([text, line], index) => {
      t.equal(found[index]?.code, "N2UQ_CONFIG_BAD_VALUE", text.slice(0, 100));
      t.equal(found[index]?.location?.line, line, text.slice(0, 100));
    });
  },
);

t.test("D4: a network's size is checked before it is built, and the keys are named", async (t) => {
  const [layers, parameters, batch, channels, images] = await told(t, [
    stages(many(20, "{ block: bottleneck, channels: 1, blocks: 1000 }")),
    stages(many(2, "{ block: basic, channels: 40000, blocks: 1 }")),
    `${stages("{ block: basic, channels: 4, blocks: 1 }", ", inputSize: 4096").replace("[8, 8]", "[8, 8], trainSize: 100000")}\ntraining: { batchSize: 100000 }`,
    `architecture: { family: resnet, depth: 18, width: 0.0001 }\n${data}`,
    plain.replace("imageSize: [8, 8]", "imageSize: [8000, 8000]"),
  ]);
  t.equal(layers?.code, "N2UQ_GRAPH_TOO_LARGE");
  t.match(layers?.hint, "blocks");
  t.equal(parameters?.code, "N2UQ_GRAPH_TOO_LARGE");
  t.equal(parameters?.location?.line, 3);
  t.equal(batch?.code, "N2UQ_GRAPH_BATCH");
  t.match(batch?.hint, "training.batchSize");
  t.equal(channels?.code, "N2UQ_GRAPH_NO_CHANNELS");
  t.equal(images?.code, "N2UQ_RESOLVE_SYNTHETIC_SIZE");
});

t.test("D4: a run that the machine's memory can't hold ends before it takes any", async (t) => {
  const folder = t.testdir({
    "package.json": "{}",
    "x.yaml": `name: x\nengine: wasm\n${plain.replace("imageSize: [8, 8]", "imageSize: [8, 8], trainSize: 4000, testSize: 8")}
training: { steps: 1, batchSize: 2000, schedule: { kind: constant } }\n`,
  });
  const args = [
    "run",
    "x.yaml",
    "--set",
    "architecture.inputSize=256",
    "--set",
    "architecture.stem={ channels: 16 }",
  ];
  const { code, stdout, stderr } = await n2uq(args, folder);
  t.equal(code, 3);
  t.match(stderr, "error[N2UQ_RUN_TOO_LARGE]");
  t.match(stderr, "training.batchSize");
  t.notMatch(`${stdout}${stderr}`, crash);
});

t.test("D4: files that extend each other endlessly are rejected", async (t) => {
  const folder = t.testdir({ "package.json": "{}" });
  const names = Array.from({ length: 11 }, (_, index) => `e${index}.yaml`);
  names.forEach((name, index) => {
    const next = names[index + 1];
    const text = next === undefined ? plain : `extends: [./${next}, ./${next}]`;
    writeFileSync(join(folder, name), `name: x\n${text}\n`);
  });
  const { code, stdout } = await n2uq(["validate", "--json", "e0.yaml"], folder);
  t.equal(code, 2);
  const [chain] = JSON.parse(stdout || "[]") as { errors: Told[] }[];
  t.equal(chain?.errors[0]?.code, "N2UQ_CONFIG_EXTENDS_MANY");
});
