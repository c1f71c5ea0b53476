import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspectionJson, inspectionText } from "../../../cli/weightsText.js";
import { quantizers } from "../../../src/core/quantizers.js";
import { buildGraph } from "../../../src/models/models.js";
import { readCheckpoint } from "../../../src/train/checkpoint.js";
import { describeMatch, matchTensors } from "../../../src/train/match.js";
import { convertWeights } from "../../../src/weights/convert.js";
import { loadTensors } from "../../../src/weights/load.js";
import { openWeights } from "../../../src/weights/open.js";
import { writeSafetensors } from "../../../src/weights/safetensors.js";
import { architecture, quantization } from "../../helpers/experiments.js";
import { archive, floats, legacy } from "../../helpers/pickles.js";
import type { FuzzInput, FuzzTarget, Random } from "../target.js";
import { between, mutate, pick } from "../target.js";
import { amplifier } from "../weights/amplifiers.js";
import { soundProgress, tensorsOf, writeOddCheckpoint } from "../weights/checkpoints.js";
import { header } from "../weights/headers.js";
import { pickle } from "../weights/pickles.js";

const FIXTURES = join("test", "fixtures", "pth");
const graph = buildGraph(
  architecture("stages", {
    ...{
      classes: 4,
      inputSize: [8, 8],
      inputChannels: 1,
      stem: { kernel: 3, stride: 1, channels: 4, pool: false },
    },
    stages: [{ block: "basic", channels: 4, blocks: 1, stride: 1, expansion: 1 }],
  } as never),
  quantization(),
  quantizers,
);
const expected = { hashes: ["a".repeat(64)], graph, moments: ["exp_avg"], stepsPerEpoch: 4, totalSteps: 8 };
const HASH = "a".repeat(64);
const originals = new Map<string, Buffer>();

/** Reads a file like `inspect`, `verify` and a run, or like `convert`. */
async function read(file: string, folder: string, converts: boolean): Promise<void> {
  if (converts) {
    await convertWeights(file, join(folder, "converted"));
    const converted = await openWeights(join(folder, "converted"));
    await converted.close();
    return;
  }
  const weights = await openWeights(file);
  try {
    JSON.stringify(inspectionJson(weights));
    inspectionText(weights);
    describeMatch(matchTensors(graph, weights.tensors, "all"));
    await loadTensors(weights.tensors);
  } finally {
    await weights.close();
  }
}

function made(random: Random): { label: string; bytes: Buffer } {
  const kind = random();
  if (kind < 0.02) {
    const { name, bytes } = amplifier(random);
    return { label: `amplifier: ${name}`, bytes };
  }
  if (kind < 0.3) {
    const name = pick(random, [...originals.keys()]);
    return { label: `${name}, mutated`, bytes: mutate(random, originals.get(name) ?? Buffer.alloc(0)) };
  }
  if (kind < 0.5) return { label: "header", bytes: header(random) };
  const values = floats(...Array<number>(between(random, 0, 8)).fill(1));
  const plain = pickle(random);
  const bytes = kind < 0.75 ? plain : mutate(random, plain);
  if (random() < 0.8)
    return { label: "pickle, zip", bytes: archive(bytes, { 0: values, 1: values, 2: values }) };
  const storages = (["0", "1", "2"] as const).map((key) => [key, between(random, 0, 8), values] as const);
  return { label: "pickle, legacy", bytes: legacy(bytes, storages.slice(between(random, 0, 3))) };
}

async function checkpointInput(random: Random, file: string): Promise<FuzzInput> {
  const isOdd = random() < 0.7;
  if (isOdd) await writeOddCheckpoint(random, file, expected);
  else writeFileSync(file, mutate(random, originals.get("checkpoint") ?? Buffer.alloc(0)));
  const run = async () => {
    await readCheckpoint(file, expected);
    // A checkpoint that was read must equal the intact one in every byte.
    if (!isOdd && !readFileSync(file).equals(originals.get("checkpoint") ?? Buffer.alloc(0)))
      throw new Error("a damaged checkpoint was read");
  };
  return { label: isOdd ? "checkpoint, odd" : "checkpoint, mutated", content: readFileSync(file), run };
}

export const target: FuzzTarget = {
  description: "weights files: PyTorch's zip and legacy formats, safetensors, checkpoints",
  async prepare(folder) {
    for (const name of readdirSync(FIXTURES).filter((one) => /^(zip|legacy)_/.test(one))) {
      originals.set(name, readFileSync(join(FIXTURES, name)));
      await convertWeights(join(FIXTURES, name), join(folder, "sound"));
      originals.set(`${name} as safetensors`, readFileSync(join(folder, "sound")));
    }
    const metadata = { hash: HASH, progress: JSON.stringify(soundProgress) };
    await writeSafetensors(join(folder, "sound"), tensorsOf(expected), metadata);
    originals.set("checkpoint", readFileSync(join(folder, "sound")));
    await readCheckpoint(join(folder, "sound"), expected);
  },
  async input(random, folder) {
    const file = join(folder, "weights");
    if (random() < 0.2) return checkpointInput(random, file);
    const { label, bytes } = made(random);
    writeFileSync(file, bytes);
    const converts = random() < 0.3;
    return { label, content: bytes, run: () => read(file, folder, converts) };
  },
};
