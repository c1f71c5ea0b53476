import { add, cast, mul, oneHot, scalar, type Tensor2D } from "@tensorflow/tfjs-core";
import { againstDistribution } from "./distribution.js";
import { defineLoss } from "./types.js";

/** Cross-entropy against the labels with label smoothing: p = (1 - ε)·onehot + ε/classes. */
export const crossEntropy = defineLoss<"cross-entropy">({
  name: "cross-entropy",
  reference: "Szegedy et al. 2016, arXiv 1512.00567, section 7 (label smoothing)",
  compute(logits, { labels }, { labelSmoothing }) {
    const classes = logits.shape[1];
    // The wasm backend returns integers from oneHot, whatever dtype is requested.
    const hard = cast(oneHot(labels, classes), "float32");
    const smoothed = add(mul(hard, scalar(1 - labelSmoothing)), scalar(labelSmoothing / classes));
    return againstDistribution(logits, smoothed as Tensor2D);
  },
});
