import { defineSchedule } from "./types.js";

/** Half a cosine from 1 to 0: (1 + cos(π·done))/2. */
export const cosine = defineSchedule<"cosine">({
  name: "cosine",
  reference: "Loshchilov & Hutter 2017, arXiv 1608.03983, equation 5, without restarts",
  factor({ per }, at) {
    const done = per === "epoch" ? at.epoch / at.epochs : at.step / at.totalSteps;
    return (1 + Math.cos(Math.PI * done)) / 2;
  },
});
