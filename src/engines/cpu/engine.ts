import type { Engine } from "../types.js";

/** TensorFlow.js's own plain JavaScript: slow, exact enough to be the reference of the others, and it runs anywhere. */
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
