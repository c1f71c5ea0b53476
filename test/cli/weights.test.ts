import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { readSafetensors } from "../../src/weights/safetensors.js";
import { n2uq } from "../helpers/cli.js";
import { serve } from "../helpers/fileServer.js";
import { inProcess } from "../helpers/inProcess.js";
import { checkpointOf } from "../helpers/pickles.js";
import { fixture } from "../helpers/weights.js";

const architecture =
  "{ family: stages, layout: n2uq, classes: 10, stem: { kernel: 3, stride: 2, channels: 4 }, stages: [{ block: basic, channels: 4, blocks: 1 }] }";
const teacher = `
name: tiny-teacher
architecture: ${architecture}
quantization: { method: none }
data: { dataset: synthetic, synthetic: { trainSize: 320, testSize: 64 } }
training: { epochs: 1, batchSize: 16, optimizer: { lr: 1.0e-2 }, schedule: { kind: constant } }
`;
const student = (sources: string) =>
  teacher
    .replace("tiny-teacher", "tiny")
    .replace("quantization: { method: none }", `quantization: { method: n2uq, bits: 2 }\n${sources}`);

t.test(
  "a teacher and a start in a PyTorch checkpoint train as the same weights of an experiment do",
  async (t) => {
    const folder = t.testdir();
    await mkdir(join(folder, "models"));
    await writeFile(join(folder, "teacher.yaml"), teacher);
    await writeFile(
      join(folder, "a.yaml"),
      student("teacher: { experiment: ./teacher.yaml }\ninit: { experiment: ./teacher.yaml }"),
    );
    const first = await n2uq(["run", "a.yaml", "--runs", "a"], folder);
    t.equal(first.code, 0, first.stderr);
    const [run] = (await readdir(join(folder, "a"))).filter((name) => name.startsWith("tiny-teacher-"));
    const { tensors } = await readSafetensors(join(folder, "a", run!, "checkpoints", "best.safetensors"));
    await writeFile(join(folder, "models", "my-tiny.pth.tar"), checkpointOf(tensors));
    await writeFile(
      join(folder, "b.yaml"),
      student(
        `teacher: { architecture: ${architecture}, weights: "my:tiny" }\ninit: { weights: models/my-tiny.pth.tar }`,
      ),
    );
    const second = await n2uq(["run", "b.yaml", "--runs", "b"], folder);
    t.equal(second.code, 0, second.stderr);
    const [one, other] = await Promise.all(
      ["a", "b"].map(async (runs) => {
        const name = (await readdir(join(folder, runs))).find((found) => /^tiny-[0-9a-f]{8}$/.test(found));
        return JSON.parse(await readFile(join(folder, runs, name ?? "", "result.json"), "utf8"));
      }),
    );
    t.ok(one.best.loss > 0);
    t.same(other.best, one.best, "the same results");

    await writeFile(
      join(folder, "b.yaml"),
      student(
        `teacher: { architecture: ${architecture.replace("channels: 4, blocks: 1", "channels: 8, blocks: 1")}, weights: "my:tiny" }`,
      ),
    );
    const wrong = await n2uq(["run", "b.yaml"], folder);
    t.equal(wrong.code, 2);
    t.match(
      wrong.stderr,
      /N2UQ_WEIGHTS_MISMATCH\]: .*my-tiny\.pth\.tar do not fit the network: \d+ tensors matched.*of another shape/,
    );
    const absent = await n2uq(["run", "b.yaml", "--set", "teacher.weights=torchvision:resnet101"], folder);
    t.equal(absent.code, 3);
    t.match(
      absent.stderr,
      /N2UQ_WEIGHTS_MISSING\].*resnet101-63fe2227\.pth\nhint: Run `n2uq weights pull torchvision:resnet101`/,
    );
  },
);

t.test("inspect shows names, types, shapes and other content; convert keeps them", async (t) => {
  const folder = t.testdir();
  const shown = await inProcess(
    t,
    ["weights", "inspect", fixture("zip_checkpoint_dataparallel.pth.tar")],
    folder,
  );
  t.equal(shown.code, 0, shown.stderr);
  for (const text of [
    /PyTorch, zip format · 3\.77 kB/,
    /8 tensors · 135 values · float32, 1 of int64/,
    /under "state_dict"/,
    /without the prefix module\./,
    /^conv\.weight +float32 +4×3×3×3 +432 B$/m,
    /epoch +7/,
  ]) {
    t.match(shown.stdout, text);
  }
  const converted = await inProcess(
    t,
    ["weights", "convert", fixture("legacy_odd_tensors.pth"), "odd.safetensors"],
    folder,
  );
  t.equal(converted.stdout, "odd.safetensors: 11 tensors, 324 B\n");
  const inspected = async (file: string) =>
    JSON.parse((await inProcess(t, ["weights", "inspect", file, "--json"], folder)).stdout);
  const before = await inspected(fixture("legacy_odd_tensors.pth"));
  const after = await inspected("odd.safetensors");
  const byName = ({ tensors }: { tensors: { name: string }[] }) =>
    [...tensors].sort((a, b) => (a.name < b.name ? -1 : 1));
  t.same(byName(after), byName(before));
  const again = await inProcess(
    t,
    ["weights", "convert", fixture("legacy_odd_tensors.pth"), "odd.safetensors"],
    folder,
  );
  t.equal(again.code, 2);
  t.match(again.stderr, /N2UQ_CLI_FILE_EXISTS/);
  t.equal(
    (
      await inProcess(
        t,
        ["weights", "convert", fixture("zip_state_dict.pth"), "odd.safetensors", "--force"],
        folder,
      )
    ).code,
    0,
  );
});

t.test("verify compares checksums and an experiment; its exit code is the result", async (t) => {
  const folder = t.testdir({ "teacher.yaml": teacher });
  const alone = await inProcess(t, ["weights", "verify", fixture("zip_state_dict.pth")], folder);
  t.equal(alone.code, 0);
  t.match(alone.stdout, /8 tensors, 544 B read, the checksums inside match/);
  const fit = await inProcess(
    t,
    ["weights", "verify", fixture("zip_state_dict.pth"), "--experiment", "teacher.yaml", "--json"],
    folder,
  );
  t.equal(fit.code, 2);
  const { fits } = JSON.parse(fit.stdout);
  t.match(fits[0], { role: "network", fits: false, leftOver: ["conv.weight"] });
  await mkdir(join(folder, "models"));
  await writeFile(join(folder, "models", "resnet18-f37072fd.pth"), "damaged");
  const damaged = await inProcess(t, ["weights", "verify", "torchvision:resnet18"], folder);
  t.equal(damaged.code, 2);
  t.match(damaged.stderr, /N2UQ_WEIGHTS_CHECKSUM.*\n.*n2uq weights pull torchvision:resnet18/);
});

t.test("bad files end in one coded error, without a stack trace", async (t) => {
  const cases = [
    [fixture("malicious_global.pth"), /N2UQ_WEIGHTS_REFUSED.*posix\.system/, 2],
    [fixture("truncated.pth"), /N2UQ_WEIGHTS_CORRUPT.*truncated/, 2],
    [fixture("expected.json"), /N2UQ_WEIGHTS_FORMAT/, 2],
    ["none.pth", /N2UQ_WEIGHTS_UNREADABLE.*no such file/, 2],
    ["torchvision:resnet11", /N2UQ_WEIGHTS_UNKNOWN_SOURCE.*\n.*torchvision:resnet18/, 2],
    ["torchvision:resnet18", /N2UQ_WEIGHTS_MISSING/, 3],
  ] as const;
  const folder = t.testdir();
  for (const [file, says, code] of cases) {
    for (const command of [
      ["inspect", file],
      ["convert", file, "out.safetensors"],
      ["verify", file],
    ]) {
      const ended = await inProcess(t, ["weights", ...command], folder);
      t.equal(ended.code, code, ended.stderr);
      t.match(ended.stderr, says);
      t.notMatch(ended.stderr, /\n {4}at /);
      t.equal(ended.stdout, "");
    }
  }
  t.same(await readdir(folder), [], "nothing is left");
});

t.test("pull brings a named file into the project's models folder, and list shows it", async (t) => {
  const content = await readFile(fixture("zip_state_dict.pth"));
  const { url, close } = await serve({ content });
  t.teardown(close);
  const folder = t.testdir();
  const from = ["--from", new URL("files/", url).href];
  const pulled = await inProcess(t, ["weights", "pull", "n2uq:resnet18", "n2uq:resnet50", ...from], folder);
  t.equal(pulled.code, 0, pulled.stderr);
  t.match(pulled.stdout, /n2uq:resnet18: models\/real_res18\.pth\.tar, no checksum is known/);
  const wrong = await inProcess(t, ["weights", "pull", "torchvision:resnet18", ...from], folder);
  t.equal(wrong.code, 3);
  t.match(wrong.stderr, /N2UQ_WEIGHTS_PULL_FAILED[\s\S]*3,157 bytes, the file has 46,830,571/);
  const listed = await inProcess(t, ["weights", "list", "--json"], folder);
  const here = JSON.parse(listed.stdout).filter((one: { here: string | null }) => one.here !== null);
  t.same(
    here.map(({ name }: { name: string }) => name),
    ["n2uq:resnet18", "n2uq:resnet50"],
  );
  const byHand = await inProcess(t, ["weights", "pull", "n2uq:mobilenet-v2"], folder);
  t.equal(byHand.code, 3);
  t.match(byHand.stderr, /N2UQ_WEIGHTS_BY_HAND.*\nhint: Download real_mbv2\.pth\.tar from/);
});
