import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { namesIn } from "../../../files/names.js";

/** A CUDA 11 library that the GPU build of libtensorflow 2.9 loads by name. */
export interface CudaLibrary {
  readonly name: string;
  /** Path of the library, or null. */
  readonly file: string | null;
}

export interface CudaReport {
  /** The NVIDIA driver's version, or null without one. */
  readonly driver: string | null;
  readonly gpus: readonly string[];
  readonly libraries: readonly CudaLibrary[];
  /** GPUs that CUDA 11 does not support. */
  readonly tooNew: readonly string[];
}

const NEEDED = [
  ...["libcudart.so.11.0", "libcublas.so.11", "libcublasLt.so.11", "libcufft.so.10", "libcurand.so.10"],
  ...["libcusolver.so.11", "libcusparse.so.11", "libcudnn.so.8"],
];

/** Hopper and Blackwell: compute capability 9 and above, for which CUDA 11.2 has no code. */
const NEW = /\b(H\d{3}|GH200|B\d{3}|GB\d{3}|RTX 50\d0|RTX PRO \d+ Blackwell)/;

/** Checks which CUDA libraries of the GPU build this machine has (Linux only). */
export function describeCuda(): CudaReport {
  const gpus = gpuNames();
  return {
    driver: nvidiaDriver(),
    gpus,
    libraries: NEEDED.map((name) => ({ name, file: find(name) })),
    tooNew: gpus.filter((name) => NEW.test(name)),
  };
}

export function nvidiaDriver(): string | null {
  try {
    const text = readFileSync("/proc/driver/nvidia/version", "utf8");
    return /Kernel Module(?: for \S+)?\s+(\S+)/.exec(text)?.[1] ?? "unknown";
  } catch {
    return null;
  }
}

function gpuNames(): string[] {
  const folder = "/proc/driver/nvidia/gpus";
  try {
    return namesIn(folder).map((card) => {
      const text = readFileSync(join(folder, card, "information"), "utf8");
      return /^Model:\s*(.+)$/m.exec(text)?.[1]?.trim() ?? card;
    });
  } catch {
    return [];
  }
}

/**
 * Searches in the order of the system's loader: LD_LIBRARY_PATH, then the folders of Linux distributions and
 * of CUDA's installer.
 */
function find(name: string): string | null {
  const own = (process.env.LD_LIBRARY_PATH ?? "").split(":").filter((folder) => folder !== "");
  const usual = ["/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/local/lib", "/usr/local/cuda/lib64"];
  const toolkits = namesIn("/usr/local")
    .filter((entry) => entry.startsWith("cuda-11"))
    .map((entry) => join("/usr/local", entry, "lib64"));
  return [...own, ...usual, ...toolkits].map((folder) => join(folder, name)).find(existsSync) ?? null;
}
