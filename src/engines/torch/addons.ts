import { readFileSync } from "node:fs";
import { join } from "node:path";
import { orElse } from "../../attempt.js";
import { namesIn } from "../../files/names.js";
import type { DeviceOptions } from "../device.js";
import { torchFolder } from "../folder.js";
import { attempt, type Probe } from "../trial.js";
import { cudaEnvironment } from "./device.js";
import { gpuFile } from "./sources.js";

/** Metadata stored next to a built addon. */
export interface Manifest {
  readonly version: string;
  /** The folder of libtorch's shared libraries. */
  readonly libraries: string;
  /** `sourcesDigest` of the sources it was built from. */
  readonly sources: string;
}

/** An addon on the disk; `probeAddon` checks whether it works. */
export interface Addon extends Manifest {
  readonly folder: string;
  readonly binding: string;
}

export const ADDON = "n2uq_torch.node";
export const MANIFEST = "n2uq.json";

/** All addons of this user, newest libtorch first. */
export function findAddons(): Addon[] {
  const byVersion = new Intl.Collator("en", { numeric: true });
  return namesIn(torchFolder())
    .filter((name) => !name.startsWith("."))
    .flatMap((name) => readAddon(join(torchFolder(), name)))
    .sort((a, b) => byVersion.compare(b.version, a.version));
}

/** The addon in a folder; empty if there is none. */
function readAddon(folder: string): Addon[] {
  const manifest = orElse(() => JSON.parse(readFileSync(join(folder, MANIFEST), "utf8")) as Manifest, null);
  return manifest === null ? [] : [{ ...manifest, folder, binding: join(folder, ADDON) }];
}

/**
 * Opens the addon and computes 1×1 convolutions with stride 2 over small integers, whose sums are exact. The
 * oneDNN of some builds of libtorch (oneDNN 3.6 with libtorch 2.6) computes them wrongly with AVX-512. If the
 * results are wrong, the script runs again with AVX2. If there is a GPU, a kernel of n2uq must run on it.
 */
const SCRIPT = `
const b = require(process.argv[1]);
const values = (count, step) => Float32Array.from({ length: count }, (_, i) => ((i * step) % 7) - 3);
const attributes = { strides: [2, 2], dilations: [1, 1], padding: [0, 0, 0, 0], channelsFirst: false };
/**
 * Whether the convolution of [batch, side, side, channels] with [1, 1, channels, filters] equals that of
 * plain loops.
 */
function isRight(batch, side, channels, filters) {
  const x = values(batch * side * side * channels, 3), w = values(channels * filters, 5);
  const given = [
    b.create(x, [batch, side, side, channels], "float32"),
    b.create(w, [1, 1, channels, filters], "float32"),
  ];
  const y = b.read(b.run("Conv2D", given, attributes)[0].id);
  const out = Math.ceil(side / 2);
  return y.every((value, i) => {
    const pixel = Math.floor(i / filters), image = Math.floor(pixel / (out * out));
    const row = 2 * (Math.floor(pixel / out) % out), column = 2 * (pixel % out);
    let sum = 0;
    for (let c = 0; c < channels; c++)
      sum += x[((image * side + row) * side + column) * channels + c] * w[c * filters + (i % filters)];
    return value === sum;
  });
}
let right = true;
for (const batch of [1, 2]) for (const side of [2, 3, 8, 9]) for (const channels of [1, 3, 8, 16])
  for (const filters of [1, 5, 16]) right &&= isRight(batch, side, channels, filters);
/** Runs a kernel of kernels.cu on the first GPU. Returns what failed. */
function gpuFault() {
  try {
    b.useDevice("cuda:0", require("node:fs").readFileSync(process.env.N2UQ_TRIAL_KERNELS, "utf8"));
    const x = b.create(Float32Array.of(1, 2, 3), [3], "float32");
    const sums = b.read(b.run("Cumsum", [x], { axes: [0] })[0].id).join();
    return sums === "1,3,6" ? undefined : "it computes cumulative sums wrongly: " + sums;
  } catch (error) {
    return error.message.split("\\n")[0];
  }
}
const AVX2 = { ONEDNN_MAX_CPU_ISA: "AVX2" };
if (right) {
  const needs = process.env.N2UQ_TRIAL_AGAIN === "1" ? { needs: AVX2 } : {};
  const fault = b.gpus() > 0 ? gpuFault() : undefined;
  const gpu = b.gpus() > 0 && fault === undefined;
  console.log("\\n" + JSON.stringify({ version: b.version, gpu, gpuFault: fault, ...needs }));
} else if (process.env.N2UQ_TRIAL_AGAIN === "1") {
  throw new Error("this libtorch computes convolutions wrongly, with ONEDNN_MAX_CPU_ISA=AVX2 too");
} else {
  const env = { ...process.env, ...AVX2, N2UQ_TRIAL_AGAIN: "1" };
  const again = require("node:child_process").execFileSync(process.execPath, [...process.execArgv, process.argv[1]], { env });
  process.stdout.write(again);
}
`;

/** Tests an addon in a separate process. */
export function probeAddon({ binding, libraries }: Addon, options: DeviceOptions = {}): Promise<Probe> {
  const shared = ["libtorch.so", "libtorch_cpu.so", "libtorch_cuda.so", "libc10.so"].map((name) =>
    join(libraries, name),
  );
  return attempt({
    script: SCRIPT,
    module: binding,
    environment: { ...cudaEnvironment(options), N2UQ_TRIAL_KERNELS: gpuFile() },
    files: [binding, ...shared],
    variables: ["CUDA_VISIBLE_DEVICES", "LD_LIBRARY_PATH", "ONEDNN_MAX_CPU_ISA"],
  });
}
