import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import t from "tap";
import { stream } from "../../src/random.js";
import { n2uq, root } from "../helpers/cli.js";
import { python, withoutPytorch } from "../helpers/pytorch.js";

/** Generated photographs: smooth colors in ImageNet's usual size. */
async function photographs(folder: string, count: number, seed: number): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const next = stream(seed, folder);
  for (let index = 0; index < count; index++) {
    const small = Buffer.from(Array.from({ length: 8 * 6 * 3 }, () => Math.floor(256 * next())));
    await sharp(small, { raw: { width: 8, height: 6, channels: 3 } })
      .resize(500, 375, { fit: "fill", kernel: "cubic" })
      .jpeg()
      .toFile(join(folder, `${index}.JPEG`));
  }
}

t.test(
  "the paper's ResNet-18 trains real steps on a folder of images, from files that PyTorch wrote",
  { skip: withoutPytorch },
  async (t) => {
    const folder = t.testdir({ models: {}, written: {} });
    for (const synset of ["n01440764", "n01443537"]) {
      await photographs(join(folder, "images", "train", synset), 4, 1);
      await photographs(join(folder, "images", "val", synset), 2, 2);
    }
    execFileSync(python, [join(root, "test", "long", "torch_weights.py"), "write", join(folder, "written")]);
    const models = join(folder, "models");
    copyFileSync(join(folder, "written", "resnet101.pth"), join(models, "torchvision-resnet101.pth"));
    copyFileSync(join(folder, "written", "resnet18.pth.tar"), join(models, "n2uq-resnet18.pth.tar"));
    writeFileSync(join(folder, "n2uq.config.yaml"), "data: { imagenet: { root: ./images } }\n");

    const { code, stdout, stderr } = await n2uq(
      ["run", join(root, "experiments", "res18-w2a2.yaml"), "--set", "training.steps=2"],
      folder,
    );
    t.equal(code, 0, stderr);
    t.match(stdout, "8 training and 4 validation images");
    t.notMatch(stdout, "initial weights:", "the start matches to the last tensor");
    const [run] = readdirSync(join(folder, "runs"));
    const result = JSON.parse(readFileSync(join(folder, "runs", run!, "result.json"), "utf8"));
    t.same([result.steps, result.method, result.bits], [2, "n2uq", { weights: 2, activations: 2 }]);
    t.ok(Number.isFinite(result.final.loss) && result.final.loss > 0);
    const metrics = readFileSync(join(folder, "runs", run!, "metrics.jsonl"), "utf8");
    const losses = metrics
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line))
      .filter(({ type }) => type === "step")
      .map(({ loss }) => loss);
    t.equal(losses.length, 2);
    t.ok(losses.every(Number.isFinite), `distillation losses ${losses.join(", ")}`);
  },
);
