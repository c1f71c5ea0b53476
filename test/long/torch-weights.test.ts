import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { tensor4d } from "@tensorflow/tfjs-core";
import t from "tap";
import { readFitting } from "../../runners/weights.js";
import { quantizers } from "../../src/core/quantizers.js";
import { engines } from "../../src/engines/engines.js";
import { buildGraph } from "../../src/models/models.js";
import { createTeacher } from "../../src/train/teacher.js";
import { convertWeights } from "../../src/weights/convert.js";
import { readWeights } from "../../src/weights/open.js";
import { root } from "../helpers/cli.js";
import { architecture, bits, quantization } from "../helpers/experiments.js";
import type { Tap } from "../helpers/golden.js";
import { agrees, relativeError } from "../helpers/golden.js";
import { python, withoutPytorch } from "../helpers/pytorch.js";

/** As in torch_weights.py: network, depth, height of its images. */
const cases = [
  ["resnet18", 18, 64],
  ["resnet50", 50, 64],
  ["resnet101", 101, 64],
  ["resnet18", 18, 224],
] as const;

const script = join(root, "test", "long", "torch_weights.py");
t.test(
  "torchvision's networks answer alike, from PyTorch's files here and from ours there",
  { skip: withoutPytorch },
  async (t) => compare(t, t.testdir()),
);

async function compare(t: Tap, folder: string) {
  execFileSync(python, [script, "write", folder], { stdio: ["ignore", "inherit", "inherit"] });
  await engines.wasm.load();
  for (const [name, depth, size] of cases) {
    const file = join(folder, `${name}.pth`);
    const graph = buildGraph(
      architecture("resnet", { depth, layout: "torchvision", inputSize: [size, size] }),
      quantization({ method: "none", bits: bits(32), downsample: false }),
      quantizers,
    );
    const teacher = createTeacher(graph, await readFitting(graph, file));
    const images = channelsLast(floats(join(folder, `${name}-${size}.images`)), size);
    const logits = teacher.logits(images);
    const wanted = floats(join(folder, `${name}-${size}.logits`));
    agrees(t, logits, wanted, 1e-3, `${name}, ${size} px: logits`);
    t.ok(
      relativeError(new Float32Array(wanted.length), wanted) === 1 && wanted.length === 2000,
      "not all zero",
    );
    logits.dispose();
    images.dispose();
    teacher.close();
    t.equal(await digest(`${file}.tar`), await digest(file), `${name}: the legacy checkpoint holds the same`);
    await convertWeights(`${file}.tar`, join(folder, `${name}.safetensors`));
  }
  execFileSync(python, [script, "check", folder], { stdio: ["ignore", "inherit", "inherit"] });
  for (const [name, , size] of cases) {
    const [again, wanted] = ["again", "logits"].map((kind) =>
      floats(join(folder, `${name}-${size}.${kind}`)),
    );
    agrees(t, again!, wanted!, 1e-6, `${name}, ${size} px: PyTorch's logits from our safetensors`);
  }
}

/** Of names, shapes and values: tens of millions of values are too many to compare one by one. */
async function digest(file: string): Promise<string> {
  const hash = createHash("sha256");
  for (const [name, { dtype, shape, data }] of await readWeights(file)) {
    hash.update(JSON.stringify([name, dtype, shape]));
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest("hex");
}

function floats(file: string): Float32Array {
  const { buffer, byteOffset, byteLength } = readFileSync(file);
  return new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength));
}

/** `[2, 3, size, size]` → `[2, size, size, 3]`. */
function channelsLast(values: Float32Array, size: number) {
  const pixels = size * size;
  const last = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const [image, channel, pixel] = [Math.floor(i / (3 * pixels)), Math.floor(i / pixels) % 3, i % pixels];
    last[(image * pixels + pixel) * 3 + channel] = values[i]!;
  }
  return tensor4d(last, [2, size, size, 3]);
}
