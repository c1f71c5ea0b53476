import { enableProdMode, setBackend } from "@tensorflow/tfjs-core";
import { setOverrides } from "../../overrides.js";
import { registerKernels } from "../kernels.js";
import { primitivesOf } from "../overrides/primitives.js";
import type { LoadedEngine } from "../types.js";
import { unavailable } from "../unavailable.js";
import { conv2dBackpropFilter } from "./conv2dBackpropFilter.js";
import { sums } from "./sums.js";

/** Loads the cpu engine and makes it current. @throws N2uqError N2UQ_ENGINE_UNAVAILABLE */
export async function loadCpu(): Promise<LoadedEngine> {
  // Otherwise tfjs prints an advertisement for another backend when the first tensor is created.
  enableProdMode();
  const { version_cpu } = await import("@tensorflow/tfjs-backend-cpu");
  if (!(await setBackend("cpu"))) throw unavailable("cpu", "its backend did not start");
  registerKernels([conv2dBackpropFilter, ...sums]);
  setOverrides("cpu", { primitives: primitivesOf("cpu") });
  return {
    name: "cpu",
    backend: "cpu",
    device: "CPU (1 thread, JavaScript)",
    version: version_cpu,
    capabilities: { threads: 1, gpu: false, simd: false },
  };
}
