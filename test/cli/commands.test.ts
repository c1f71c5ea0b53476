import { readdirSync } from "node:fs";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { n2uq, root } from "../helpers/cli.js";
import { golden } from "../helpers/golden.js";

// golden.js looks for the user's engines; these commands shall find none.
process.env.N2UQ_ENGINES = "none";

const cells = readdirSync(join(root, "experiments")).filter((name) => /^(res\d\d|mbv2)-/.test(name));

/** Parameters of torchvision's networks, to which N2UQ adds biases, PReLU and quantizers. */
const networks = {
  res18: { base: 11689512, blocks: [2, 2, 2, 2], bottleneck: false },
  res34: { base: 21797672, blocks: [3, 4, 6, 3], bottleneck: false },
  res50: { base: 25557032, blocks: [3, 4, 6, 3], bottleneck: true },
};

function parametersByHand(name: string): number {
  const [net, wa] = name.split("-") as [keyof typeof networks, string];
  const { base, blocks, bottleneck } = networks[net];
  const quantizer = 3 + 2 ** Number(wa[1]) - 1;
  const quantizedDownsample = !name.includes("fpds");
  let [extra, channels] = [0, 64];
  blocks.forEach((count, stage) => {
    const width = 64 * 2 ** stage;
    const out = bottleneck ? 4 * width : width;
    for (let block = 0; block < count; block++) {
      extra += bottleneck
        ? 3 * (channels + width + width + out) + 3 * quantizer
        : 3 * (channels + width + out) + 2 * quantizer;
      const shortcut = block === 0 && (bottleneck || stage > 0);
      if (shortcut && quantizedDownsample) extra += quantizer;
      channels = out;
    }
  });
  return base + extra;
}

t.test("plan gives the right networks for all nineteen cells", async (t) => {
  t.equal(cells.length, 19);
  const inventories =
    golden<Record<string, { parameters: object; buffers: object; trainable: number }>>("model_inventories");
  const known: Record<string, string> = {
    "res18-w2a2.yaml": "resnet18-2bit-downsample_quantized",
    "res18-w2a2-fpds.yaml": "resnet18-2bit-downsample_real",
    "res50-w3a3-fpds.yaml": "resnet50-3bit-downsample_real",
    "mbv2-w4a4.yaml": "mobilenetv2-4bit",
  };
  for (const cell of cells) {
    const { code, stdout, stderr } = await n2uq(["plan", join("experiments", cell), "--json"]);
    t.equal(code, 0, stderr);
    const plan = JSON.parse(stdout);
    const name = cell.replace(".yaml", "");
    t.equal(plan.name, name);
    if (!name.startsWith("mbv2"))
      t.equal(plan.totals.trainableParameters, parametersByHand(name), `${name}: parameters`);
    const inventory = inventories[known[cell] ?? ""];
    if (inventory !== undefined) {
      t.same(plan.tensors, { ...inventory.parameters, ...inventory.buffers }, `${name}: every tensor`);
      t.equal(plan.totals.trainableParameters, inventory.trainable);
    }
    const named = plan.parameterGroups.flatMap(({ tensors }: { tensors: string[] }) => tensors);
    t.equal(new Set(named).size, named.length, `${name}: each parameter in one group`);
    t.equal(plan.parameterGroups[0].lr, 1.25e-4);
    const quantized = plan.layers.filter(
      ({ weightBits }: { weightBits: number }) => weightBits !== null && weightBits < 32,
    );
    const bits = Number(/w(\d)/.exec(name)?.[1]);
    t.ok(
      quantized.every(
        (layer: { weightBits: number; activationBits: number }) =>
          layer.weightBits === bits && layer.activationBits === bits,
      ),
    );
  }
});

t.test("editing bits and one rule in the quickstart changes plan, hash and network", async (t) => {
  const folder = t.testdir();
  await cp(join(root, "experiments"), join(folder, "experiments"), { recursive: true });
  const file = join(folder, "experiments", "quickstart.yaml");
  const before = JSON.parse((await n2uq(["plan", file, "--json"], folder)).stdout);
  const text = await readFile(file, "utf8");
  const edited = text.replace(
    "  bits: 2\n",
    '  bits: { weights: 3, activations: 2 }\n  layers:\n    - { match: "layer1.0.conv2", bits: { weights: 4, activations: 4 } }\n',
  );
  await writeFile(file, edited);
  const lineOf = (part: string) => edited.slice(0, edited.indexOf(part)).split("\n").length;
  const after = JSON.parse((await n2uq(["plan", file, "--json"], folder)).stdout);
  t.not(after.hash, before.hash);
  const bitsOf = (
    plan: { layers: { id: string; weightBits: number; activationBits: number }[] },
    id: string,
  ) => {
    const layer = plan.layers.find((one) => one.id === id)!;
    return [layer.weightBits, layer.activationBits];
  };
  t.same(
    ["layer1.0.conv1", "layer1.0.conv2"].map((id) => bitsOf(before, id)),
    [
      [2, 2],
      [2, 2],
    ],
  );
  t.same(
    ["layer1.0.conv1", "layer1.0.conv2"].map((id) => bitsOf(after, id)),
    [
      [3, 2],
      [4, 4],
    ],
  );
  t.same([before.tensors["layer1.0.quan2.a"], after.tensors["layer1.0.quan2.a"]], [[3], [15]]);
  const table = await n2uq(["plan", file], folder);
  t.match(table.stdout, `layers[0] (experiments/quickstart.yaml:${lineOf("- { match")})`);
  const sources = await n2uq(["plan", file, "--sources", "--set", "lr=1e-3"], folder);
  t.match(sources.stdout, /training\.optimizer\.lr +0\.001 +--set lr=1e-3/);
  const row = sources.stdout.split("\n").find((line) => line.startsWith("quantization.bits.weights"));
  t.same(row?.split(/ +/).slice(1, 3), ["3", `experiments/quickstart.yaml:${lineOf("bits: {")}`]);
});

t.test("validate shows every error of every file and counts in its exit code", async (t) => {
  const folder = t.testdir({
    "good.yaml":
      "name: good\narchitecture: { family: cifar-resnet, depth: 20 }\ndata: { dataset: cifar10 }\n",
    "bad.yaml":
      "name: bad\narchitecture: { family: cifar-resnet, dept: 20 }\ndata: { dataset: cifar10 }\nquantization: { bits: 33 }\n",
  });
  const both = await n2uq(["validate", "good.yaml", "bad.yaml"], folder);
  t.equal(both.code, 2);
  t.match(both.stdout, "✔ good.yaml");
  t.match(both.stderr, "bad.yaml:2:");
  t.match(both.stderr, "bad.yaml:4:");
  t.notMatch(both.stderr, /at .*\.js:\d+/);
  const json = JSON.parse((await n2uq(["validate", "good.yaml", "bad.yaml", "--json"], folder)).stdout);
  t.same(
    json.map(({ file, valid, errors }: { file: string; valid: boolean; errors: unknown[] }) => [
      file,
      valid,
      errors.length,
    ]),
    [
      ["good.yaml", true, 0],
      ["bad.yaml", false, 2],
    ],
  );
  const every = await n2uq([
    "validate",
    ...readdirSync(join(root, "experiments"))
      .filter((name) => name.endsWith(".yaml"))
      .map((name) => join("experiments", name)),
  ]);
  t.equal(every.code, 0, every.stderr);
});

t.test("asked for ImageNet, run says what to do and offers the profiles", async (t) => {
  const { code, stderr } = await n2uq([
    "run",
    "experiments/res18-w2a2.yaml",
    "--runs",
    join(t.testdir(), "runs"),
  ]);
  t.equal(code, 3);
  t.match(stderr, "N2UQ_DATA_NO_ROOT");
  t.match(stderr, "--profile smoke");
  t.match(stderr, "--profile cifar10");
});

t.test("init writes files that validate and plan, and never overwrites", async (t) => {
  const folder = t.testdir({ "package.json": "{}" });
  t.equal((await n2uq(["init"], folder)).code, 0);
  const plan = await n2uq(["plan", "--json"], folder);
  t.equal(plan.code, 0, plan.stderr);
  t.equal(JSON.parse(plan.stdout).name, "first");
  const again = await n2uq(["init"], folder);
  t.equal(again.code, 2);
  t.match(again.stderr, "N2UQ_CLI_FILE_EXISTS");
  t.equal((await n2uq(["init", "--force"], folder)).code, 0);
});

t.test("doctor, data and the command line itself", async (t) => {
  const doctor = JSON.parse((await n2uq(["doctor", "--json"])).stdout);
  t.same(
    doctor.engines.map(({ name, available }: { name: string; available: boolean }) => [name, available]),
    [
      ["torch", false],
      ["tensorflow", false],
      ["wasm", true],
      ["cpu", true],
    ],
  );
  t.match(doctor.engines, [
    { reason: "it is not installed", remedy: "n2uq engine install torch" },
    { reason: "its native library is not installed", remedy: "n2uq engine install" },
    {},
    {},
  ]);
  t.ok(doctor.engines.slice(2).every(({ stepMs }: { stepMs: number }) => stepMs > 0));
  t.match(doctor.turboJpeg, { file: /turbojpeg/ });
  t.match(doctor.tensorflow, { libraries: [], advice: [/run `n2uq engine install tensorflow`/] });
  const list = JSON.parse((await n2uq(["data", "list", "--json"])).stdout);
  t.same(
    list.map(({ name }: { name: string }) => name),
    ["cifar10", "cifar100", "imagenet", "mnist"],
  );
  const unknown = await n2uq(["data", "fetch", "mnits"]);
  t.same([unknown.code, unknown.stderr.includes("N2UQ_DATA_UNKNOWN")], [2, true]);
  const typo = await n2uq(["rnu"]);
  t.equal(typo.code, 2);
  t.match(typo.stderr, "Did you mean run?");
  const help = await n2uq(["run", "--help"]);
  t.equal(help.code, 0);
  t.match(help.stdout, "Examples:");
  const engine = await n2uq(["plan", "experiments/quickstart.yaml", "--engine", "keras"]);
  t.equal(engine.code, 2);
  t.match(engine.stderr, /wasm/);
});
