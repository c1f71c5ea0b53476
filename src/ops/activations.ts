import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { sumToChannels } from "../core/sums.js";
import { at, tensorOf } from "./tensors.js";
import type { NodeOp } from "./types.js";

/** ReLU, or ReLU6 where `max` is 6. The gradient is 0 at the corners (0, and 6 for ReLU6), as in PyTorch. */
export const relu: NodeOp<"relu"> = {
  forward(node, inputs, _store, mode) {
    const output = node.attrs.max === undefined ? tf.relu(at(inputs)) : tf.relu6(at(inputs));
    return { output, saved: mode === "training" ? [output.clone()] : [] };
  },
  backward(node, dOutput, _store, { saved }) {
    const { max } = node.attrs;
    const dx = tf.tidy(() => {
      const y = at(saved);
      const open = max === undefined ? tf.step(y) : tf.mul(tf.step(y), tf.step(tf.sub(max, y)));
      return tf.mul(dOutput, open);
    });
    return { inputs: [dx], gradients: {} };
  },
};

/** PReLU with one slope per channel (He et al. 2015): x where x > 0, else α·x. */
export const prelu: NodeOp<"prelu"> = {
  forward(node, inputs, store, mode) {
    const x = at(inputs);
    const output = tf.prelu(x, tensorOf(store, `${node.id}.weight`));
    return { output, saved: mode === "training" ? [x.clone()] : [] };
  },
  backward(node, dOutput, store, { saved }) {
    const x = at(saved);
    const alpha = tensorOf(store, `${node.id}.weight`);
    const [dx, dAlpha] = tf.tidy(() => {
      const slope = tf.add(tf.mul(tf.step(x), tf.sub(1, alpha)), alpha);
      return [tf.mul(dOutput, slope), sumToChannels(tf.mul(dOutput, tf.minimum(x, 0)))] as const;
    });
    return { inputs: [dx], gradients: { [`${node.id}.weight`]: dAlpha } };
  },
};

/** A learnable bias per channel. */
export const bias: NodeOp<"bias"> = {
  forward(node, inputs, store) {
    return { output: tf.add(at(inputs), tensorOf(store, `${node.id}.bias`)), saved: [] };
  },
  backward(node, dOutput) {
    return { inputs: [dOutput.clone()], gradients: { [`${node.id}.bias`]: sumToChannels(dOutput) } };
  },
};

/** The sum of two tensors of the same shape. */
export const addition: NodeOp<"add"> = {
  forward: (_node, inputs) => ({ output: tf.add<Tensor>(at(inputs), at(inputs, 1)), saved: [] }),
  backward: (_node, dOutput) => ({ inputs: [dOutput.clone(), dOutput.clone()], gradients: {} }),
};
