import type { Reduction } from "../../kernels.js";
import { axesOf, rankOf, type Translate, type Translations } from "../kernel.js";

const reduction: Translate = ({ axis, reductionIndices, keepDims = false }: Reduction, { x }) => ({
  axes: axesOf(axis ?? reductionIndices, rankOf(x)),
  keepDims,
});

const along: Translate = ({ axis, ...others }: { axis: number }, { x }) => ({
  ...others,
  axes: axesOf(axis, rankOf(x)),
});

export const reductions: Translations = {
  ...Object.fromEntries(["All", "Any", "Max", "Mean", "Min", "Sum"].map((name) => [name, reduction])),
  ArgMax: along,
  ArgMin: along,
  Cumsum: along,
};
