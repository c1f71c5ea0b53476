import { defineSchedule } from "./types.js";

/**
 * A line from 1 to 0. With `per: epoch`, as in the released N2UQ code, epoch e of E trains at 1 - (e + 1)/E,
 * so the last epoch trains at 0.
 */
export const linear = defineSchedule<"linear">({
  name: "linear",
  reference: "Liu et al. 2022, the released code",
  factor: ({ per }, at) => (per === "epoch" ? 1 - (at.epoch + 1) / at.epochs : 1 - at.step / at.totalSteps),
});
