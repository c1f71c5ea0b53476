import type { Engine } from "../types.js";

/** TensorFlow.js's plain JavaScript backend: slow, portable, and the reference for the other engines. */
export const cpu: Engine = {
  name: "cpu",
  summary: "plain JavaScript, one thread; slow, for checks and tiny networks",
  async check() {
    return { available: true };
  },
  async load() {
    return (await import("./load.js")).loadCpu();
  },
};
