import { enableProdMode, setBackend } from "@tensorflow/tfjs-core";
import { setOverrides } from "../../overrides.js";
import { registerKernels } from "../kernels.js";
import { primitivesOf } from "../overrides/primitives.js";
import type { Engine } from "../types.js";
import { unavailable } from "../unavailable.js";
import { conv2dBackpropFilter } from "./conv2dBackpropFilter.js";
import { sums } from "./sums.js";

/** TensorFlow.js's own plain JavaScript: slow, exact enough to be the reference of the others, and it runs anywhere. */
export const cpu: Engine = {
  name: "cpu",
  summary: "plain JavaScript, one thread; slow, for checks and tiny networks",
  async check() {
    return { available: true };
  },
  async load() {
    // Otherwise its first tensor prints an advertisement for another backend.
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
  },
};
