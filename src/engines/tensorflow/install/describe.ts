import { engineOptions } from "../../options.js";
import type { Probe } from "../../trial.js";
import { findLibraries, type Library } from "../libraries.js";
import { environmentFor } from "../options.js";
import { probe } from "../probe.js";
import { type CudaReport, describeCuda } from "./cuda.js";

/** The tensorflow engine's native libraries on this machine, and their CUDA libraries. */
export interface TensorFlowReport {
  readonly libraries: readonly (Pick<Library, "variant" | "folder" | "origin"> & Probe)[];
  readonly cuda: CudaReport;
  /** Advice to the user, in sentences. */
  readonly advice: readonly string[];
}

export async function describeTensorflow(): Promise<TensorFlowReport> {
  const libraries = await Promise.all(
    findLibraries().map(async (library) => {
      const { variant, folder, origin } = library;
      const answer = await probe(library, environmentFor(engineOptions().tensorflow ?? {}));
      return { variant, folder, origin, ...answer };
    }),
  );
  const cuda = describeCuda();
  return { libraries, cuda, advice: adviceOn(libraries, cuda) };
}

/** Advice for the libraries that were found. */
export function adviceOn(libraries: TensorFlowReport["libraries"], cuda: CudaReport): string[] {
  const { driver, tooNew } = cuda;
  const onGpu = libraries.some((library) => library.works && library.gpu);
  const missing = cuda.libraries.filter(({ file }) => file === null).map(({ name }) => name);
  const advice: string[] = [];
  if (!libraries.some(({ works }) => works))
    advice.push("No native library works: run `n2uq engine install tensorflow`.");
  if (driver === null || onGpu) {
    if (driver === null) advice.push("No NVIDIA driver was found: it computes on the CPU.");
  } else {
    if (!libraries.some(({ variant }) => variant === "gpu"))
      advice.push(
        "There is a GPU but no GPU build of the library: run `n2uq engine install tensorflow --force`.",
      );
    if (missing.length > 0)
      advice.push(
        `The GPU build needs CUDA 11 (11.2 or later) and cuDNN 8; the loader does not find ${missing.join(", ")}. Put their folder into LD_LIBRARY_PATH.`,
      );
  }
  if (tooNew.length > 0)
    advice.push(
      `${tooNew.join(", ")}: newer than CUDA 11.2, for which the library of tfjs-node-gpu is built. On Hopper and Blackwell it fails or compiles each kernel anew for minutes; use an older GPU, or \`engines.tensorflow.device: cpu\`.`,
    );
  return advice;
}
