import { defineModel } from "./model.js";
import { staged } from "./staged.js";
import { smallStem } from "./stems.js";

/** Middle width of an inverted residual block (MobileNetV2), in multiples of its input width. */
const EXPANSION = 6;

/** A residual network with the stages that the experiment lists. */
export const stages = defineModel<"stages">({
  name: "stages",
  reference: "none: the experiment declares it",
  stem: () => smallStem(16),
  options: ({ stages }) => ({
    stages: stages.map((stage) => ({
      ...stage,
      expansion: stage.block === "inverted-residual" ? (stage.expansion ?? EXPANSION) : 1,
    })),
  }),
  build: (b, architecture) => staged(b, architecture, architecture.stages),
});
