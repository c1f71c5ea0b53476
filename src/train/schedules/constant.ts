import { defineSchedule } from "./types.js";

/** A constant learning rate. */
export const constant = defineSchedule<"constant">({ name: "constant", reference: "none", factor: () => 1 });
