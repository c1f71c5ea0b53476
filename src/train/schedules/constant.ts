import { defineSchedule } from "./types.js";

/** The learning rate stays as it is. */
export const constant = defineSchedule<"constant">({
  name: "constant",
  reference: "none",
  factor: () => 1,
});
