import { readFileSync } from "node:fs";
import { join } from "node:path";
import { namesIn } from "../../files/names.js";
import type { DeviceOptions } from "../device.js";
import { torchFolder } from "../folder.js";
import { attempt, type Probe } from "../trial.js";
import { cudaEnvironment } from "./device.js";

/** Metadata stored next to a built addon. */
export interface Manifest {
  /** libtorch's version. */
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
  try {
    const manifest = JSON.parse(readFileSync(join(folder, MANIFEST), "utf8")) as Manifest;
    return [{ ...manifest, folder, binding: join(folder, ADDON) }];
  } catch {
    return [];
  }
}

/** Opens the addon and multiplies two numbers. */
const SCRIPT = `
const b = require(process.argv[1]);
const two = b.create(Float32Array.of(2), [], "float32");
const [{ id }] = b.run("Multiply", [two, two], {});
if (b.read(id)[0] !== 4) throw new Error("2 x 2 is not 4");
console.log("\\n" + JSON.stringify({ version: b.version, gpu: b.gpus() > 0 }));
`;

/** Tests an addon in a separate process. */
export function probeAddon({ binding, libraries }: Addon, options: DeviceOptions = {}): Promise<Probe> {
  const shared = ["libtorch.so", "libtorch_cpu.so", "libtorch_cuda.so", "libc10.so"].map((name) =>
    join(libraries, name),
  );
  return attempt({
    script: SCRIPT,
    module: binding,
    environment: cudaEnvironment(options),
    files: [binding, ...shared],
    variables: ["CUDA_VISIBLE_DEVICES", "LD_LIBRARY_PATH"],
  });
}
