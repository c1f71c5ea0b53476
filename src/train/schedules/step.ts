import { defineSchedule } from "./types.js";

/** gamma^k, where k is the number of milestones (in epochs) that are already reached. */
export const step = defineSchedule<"step">({
  name: "step",
  reference: "He et al. 2016, arXiv 1512.03385, section 4.2",
  factor: ({ milestones, gamma }, at) =>
    gamma ** milestones.filter((milestone) => at.epoch >= milestone).length,
});
