import { getBackend, scalar, tensor1d, tensor2d, zeros } from "@tensorflow/tfjs-core";
import t from "tap";
import { sumRowsByBin } from "../../src/core/binned.js";
import { activationPasses, quantizers, weightPasses } from "../../src/core/quantizers.js";
import { rowsOf } from "../../src/core/sums.js";
import { cpu } from "../../src/engines/cpu/engine.js";
import { overrides, setOverrides } from "../../src/overrides.js";

await cpu.load();

t.test("an engine's override of a quantizer takes precedence, per side", async (t) => {
  const before = overrides();
  const { activation, weight } = quantizers.n2uq;
  t.equal(activationPasses("n2uq"), activation);
  t.equal(weightPasses("n2uq"), weight);
  const own = { forward: activation.forward, backward: activation.backward };
  const ofWeights = { forward: weight.forward, backward: weight.backward };
  setOverrides(getBackend(), {
    ...before,
    quantizers: { n2uq: { activation: own }, lsq: { weight: ofWeights } },
  });
  try {
    t.equal(activationPasses("n2uq"), own);
    t.equal(weightPasses("n2uq"), weight);
    t.equal(activationPasses("lsq"), quantizers.lsq.activation);
    t.equal(weightPasses("lsq"), ofWeights);
    t.equal(weightPasses("pact"), quantizers.pact.weight);
  } finally {
    setOverrides(getBackend(), before);
  }
});

t.test("rows are lines of images or rows of a matrix", async (t) => {
  t.equal(rowsOf(scalar(1)), 1);
  t.equal(rowsOf(tensor1d([1, 2, 3])), 1);
  t.equal(rowsOf(tensor2d([1, 2, 3, 4, 5, 6], [2, 3])), 2);
  t.equal(rowsOf(zeros([2, 3, 4])), 2);
  t.equal(rowsOf(zeros([2, 3, 4, 5])), 6);
  const found = sumRowsByBin(tensor2d([0, 1, 1, 0], [2, 2], "int32"), tensor2d([1, 2, 4, 8], [2, 2]), 3);
  t.same(found.arraySync(), [
    [1, 2, 0],
    [8, 4, 0],
  ]);
});
