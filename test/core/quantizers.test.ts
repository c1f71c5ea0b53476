import type { Tensor } from "@tensorflow/tfjs-core";
import { reshape, tensor, tensor1d, transpose } from "@tensorflow/tfjs-core";
import { flatten } from "../../src/ops/weights.js";
import { primitives } from "../../src/overrides.js";
import { runtimeShape, toPyTorch, toRuntime } from "../../src/weights/layout.js";
import { agrees, golden, onEveryEngine } from "../helpers/golden.js";
import { activationOf, weightOf } from "../helpers/quantizers.js";

type Numbers = number[];
const EXACT = 1e-5;

interface ThresholdCase {
  bits: number;
  variant: string;
  shape: Numbers;
  x: Numbers;
  dy: Numbers;
  y: Numbers;
  start: Numbers;
  a: Numbers;
  scale1: Numbers;
  scale2: Numbers;
  grad: Record<string, Numbers>;
}
interface WeightCase {
  bits: number;
  groups: number;
  stride: number;
  padding: number;
  shape: Numbers;
  weight: Numbers;
  quantized: Numbers;
  x_shape: Numbers;
  x: Numbers;
  dy: Numbers;
  y: Numbers;
  y_shape: Numbers;
  grad: Record<string, Numbers>;
}
interface PactCase {
  bits: number;
  clip: number;
  alpha: number;
  shape: Numbers;
  x: Numbers;
  dy: Numbers;
  y: Numbers;
  grad: Record<string, Numbers>;
}
interface BaselineCase {
  kind: string;
  bits: number;
  shape: Numbers;
  w: Numbers;
  x: Numbers;
  v: Numbers;
  step_init: Numbers;
  dy: Numbers;
  y: Numbers;
  grad: Record<string, Numbers>;
}
const released = golden<{
  learnable_threshold: ThresholdCase[];
  entropy_preserving_weight: WeightCase[];
  pact_activation_reference_code: PactCase[];
}>("quantizers");
const baseline =
  golden<Record<"dorefa" | "pact" | "lsq", (BaselineCase & PactCase)[]>>("baseline_quantizers");

onEveryEngine("learnable thresholds as PyTorch computes them", async (t) => {
  for (const c of released.learnable_threshold) {
    const { bits } = c;
    const x = tensor(c.x, c.shape);
    const parameters = Object.fromEntries(
      (["start", "a", "scale1", "scale2"] as const).map((name) => [name, tensor1d(c[name])]),
    );
    const q = activationOf("n2uq");
    const { y, saved } = q.forward(x, parameters, { method: "n2uq", bits });
    const { dx, gradients } = q.backward(tensor(c.dy, c.shape), saved, parameters, { method: "n2uq", bits });
    agrees(t, y, c.y, EXACT, `${bits} bits, ${c.variant}: y`);
    agrees(t, dx, c.grad.x!, EXACT, `${bits} bits, ${c.variant}: dx`);
    for (const name of Object.keys(parameters))
      agrees(t, gradients[name]!, c.grad[name]!, EXACT, `${bits} bits, ${c.variant}: d ${name}`);
  }
});

onEveryEngine("entropy-preserving weights through a convolution", async (t) => {
  for (const c of released.entropy_preserving_weight) {
    const depthwise = c.groups > 1;
    const layout = depthwise ? "depthwise" : "conv";
    const attrs = {
      inChannels: c.x_shape[1]!,
      outChannels: c.shape[0]!,
      kernel: c.shape[2]!,
      stride: c.stride,
      padding: c.padding,
      depthwise,
    };
    const w = tensor(toRuntime(Float32Array.from(c.weight), c.shape, layout), runtimeShape(c.shape, layout));
    const nhwc = (values: Numbers, shape: Numbers) => transpose(tensor(values, shape), [0, 2, 3, 1]);
    const nchw = (value: Tensor) => transpose(value, [0, 3, 1, 2]);
    const oihw = (value: Tensor) => toPyTorch(value.dataSync() as Float32Array, c.shape, layout);
    const [q, quantization] = [weightOf("n2uq"), { method: "n2uq" as const, bits: c.bits }];
    const { y: flat, saved } = q.forward(flatten(w, depthwise), {}, quantization);
    const quantized = reshape(flat, w.shape);
    const [x, dy] = [nhwc(c.x, c.x_shape), nhwc(c.dy, c.y_shape)];
    const dq = primitives().convolveFilterGradient(x, dy, attrs, w.shape);
    const { dx: dw } = q.backward(flatten(dq, depthwise), saved, {}, quantization);
    const what = `${c.bits} bits, ${layout} ${c.shape.join("×")}`;
    agrees(t, oihw(quantized), c.quantized, EXACT, `${what}: quantized`);
    agrees(t, nchw(primitives().convolve(x, quantized, attrs)), c.y, EXACT, `${what}: y`);
    agrees(t, oihw(dw), c.grad.weight!, EXACT, `${what}: dw`);
    agrees(
      t,
      nchw(primitives().convolveInputGradient(dy, quantized, attrs, x.shape)),
      c.grad.x!,
      EXACT,
      `${what}: dx`,
    );
  }
});

onEveryEngine("PACT, both variants", async (t) => {
  const cases = [
    ...released.pact_activation_reference_code.map((c) => ({
      ...c,
      variant: "released" as const,
      name: "clip",
      alpha: c.clip,
    })),
    ...baseline.pact.map((c) => ({ ...c, variant: "paper" as const, name: "alpha" })),
  ];
  for (const c of cases) {
    const quantization = { method: "pact" as const, bits: c.bits, variant: c.variant };
    const parameters = { clip_val: tensor1d([c.alpha]) };
    const { y, saved } = activationOf("pact").forward(tensor(c.x, c.shape), parameters, quantization);
    const { dx, gradients } = activationOf("pact").backward(
      tensor(c.dy, c.shape),
      saved,
      parameters,
      quantization,
    );
    agrees(t, y, c.y, EXACT, `${c.variant} ${c.bits} bits: y`);
    agrees(t, dx, c.grad.x!, EXACT, `${c.variant} ${c.bits} bits: dx`);
    agrees(t, gradients.clip_val!, c.grad[c.name]!, EXACT, `${c.variant} ${c.bits} bits: dα`);
  }
});

onEveryEngine("DoReFa and LSQ, weights and activations", async (t) => {
  for (const c of baseline.dorefa) {
    const isWeight = c.kind === "weight";
    const method = "dorefa" as const;
    const quantizer = isWeight ? weightOf(method) : activationOf(method);
    const values = tensor(c.w ?? c.x, c.shape);
    const { y, saved } = quantizer.forward(values, {}, { method, bits: c.bits });
    const { dx } = quantizer.backward(tensor(c.dy, c.shape), saved, {}, { method, bits: c.bits });
    agrees(t, y, c.y, EXACT, `dorefa ${c.kind} ${c.bits} bits: y`);
    agrees(t, dx, (c.grad.w ?? c.grad.x)!, EXACT, `dorefa ${c.kind} ${c.bits} bits: gradient`);
  }
  for (const c of baseline.lsq) {
    const method = "lsq" as const;
    const quantizer = c.kind === "weight" ? weightOf(method) : activationOf(method);
    const v = tensor(c.v, c.shape);
    const step = quantizer.initialize!(v, { method, bits: c.bits }).step!;
    agrees(t, step, c.step_init, EXACT, `lsq ${c.kind} ${c.bits} bits: first step size`);
    const { y, saved } = quantizer.forward(v, { step }, { method, bits: c.bits });
    const { dx, gradients } = quantizer.backward(
      tensor(c.dy, c.shape),
      saved,
      { step },
      { method, bits: c.bits },
    );
    agrees(t, y, c.y, EXACT, `lsq ${c.kind} ${c.bits} bits: y`);
    agrees(t, dx, c.grad.v!, EXACT, `lsq ${c.kind} ${c.bits} bits: gradient`);
    agrees(t, gradients.step!, c.grad.step!, EXACT, `lsq ${c.kind} ${c.bits} bits: d step`);
  }
});
