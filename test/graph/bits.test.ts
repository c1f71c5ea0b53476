import t from "tap";
import { nominalBits } from "../../src/graph/bits.js";
import type { LayerDecision, TrainingGraph } from "../../src/graph/types.js";

const side = (bits: number) => ({ method: "lsq" as const, bits });
const quantized = (weights: number, activations: number): LayerDecision => ({
  ...{ from: "quantization", weight: side(weights), activation: side(activations) },
});
const full: LayerDecision = { from: "keep (default)" };
const of = (...decisions: LayerDecision[]) =>
  ({
    decisions: Object.fromEntries(decisions.map((one, i) => [`layer${i}`, one])),
  }) as unknown as TrainingGraph;

t.test("the nominal bits are the declared ones, else those of most layers", async (t) => {
  const layers = of(full, quantized(4, 8), quantized(2, 3), quantized(2, 8), quantized(4, 3));
  t.same(nominalBits(layers, undefined), { weights: 4, activations: 8 }, "of equals the first");
  t.same(nominalBits(of(quantized(4, 8), quantized(2, 3), quantized(2, 3)), {}), {
    weights: 2,
    activations: 3,
  });
  t.same(nominalBits(layers, { weights: 5, activations: 6 }), { weights: 5, activations: 6 });
  t.same(nominalBits(layers, { weights: 5 }), { weights: 5, activations: 8 });
  t.same(nominalBits(layers, { activations: 6 }), { weights: 4, activations: 6 });
});

t.test("a network without a quantized layer has none", async (t) => {
  t.equal(nominalBits(of(full), { weights: 2, activations: 2 }), null);
  t.equal(nominalBits(of({ from: "plug-in", weight: side(2) }), undefined), null, "weights alone");
  t.equal(nominalBits(of({ from: "plug-in", activation: side(2) }), undefined), null, "activations alone");
});
