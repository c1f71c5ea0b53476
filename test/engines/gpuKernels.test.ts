import t from "tap";
import type { Values } from "../../src/engines/refCountedBackend.js";
import { findAddons } from "../../src/engines/torch/addons.js";
import type { Attributes, Binding } from "../../src/engines/torch/binding.js";
import { openBinding } from "../../src/engines/torch/binding.js";
import { gpuKernels } from "../../src/engines/torch/sources.js";
import { normals } from "../../src/random.js";
import { withoutTorch } from "../helpers/torch.js";

// Every kernel of kernels.cu, run on the CPU as a GPU would run it, and on a GPU where there is one, against the loops for the
// CPU that the golden data hold.

if (withoutTorch !== false) {
  t.plan(0, withoutTorch);
  process.exit(0);
}

const [addon] = findAddons();
const binding: Binding = openBinding(addon!.binding);
const kernels = gpuKernels();

interface Given {
  readonly values: Float32Array;
  readonly shape: readonly number[];
}

/** Where kernels.cu runs. */
const devices = ["emulated", ...(binding.gpus() > 0 ? ["cuda:0"] : [])];

/** What a kernel gives on the CPU (`cpu`) or from kernels.cu. */
function run(device: string, name: string, inputs: readonly Given[], attributes: Attributes): Values[] {
  binding.useDevice(device, kernels);
  const ids = inputs.map(({ values, shape }) => binding.create(values, shape, "float32"));
  try {
    return binding.run(name, ids, attributes).map(({ id }) => {
      const values = binding.read(id);
      binding.release(id);
      return values;
    });
  } finally {
    for (const id of ids) binding.release(id);
    binding.useDevice("cpu", kernels);
  }
}

/** The largest difference of each result, in terms of its largest value. */
function apart(one: readonly Values[], other: readonly Values[]): number[] {
  return one.map((values, i) => {
    const size = Math.max(1e-30, ...values.map(Math.abs));
    return Math.max(0, ...values.map((value, j) => Math.abs(value - (other[i]?.[j] ?? Number.NaN)) / size));
  });
}

function random(seed: number, shape: readonly number[], scale = 1, shift = 0): Given {
  const count = shape.reduce((a, b) => a * b, 1);
  return { values: normals(count, scale, seed, "test").map((value) => value + shift), shape };
}

const scalar = (value: number): Given => ({ values: Float32Array.of(value), shape: [1] });

/** A quantizer's start, a, scale1 and scale2; one interval is as good as closed. */
function quantizer(bits: number): Given[] {
  const n = 2 ** bits - 1;
  const lengths = Float32Array.from({ length: n }, (_, i) =>
    i === n >> 1 ? 1e-4 : (2 / n) * (1 + (i % 3) / 4),
  );
  return [scalar(-0.1), { values: lengths, shape: [n] }, scalar(1.3), scalar(0.9)];
}

const images = [
  [2, 5, 7, 3],
  [1, 9, 9, 16],
  [3, 4, 4, 48],
  [2, 3, 3, 130],
  [40, 12, 12, 8],
  [7, 33],
];

for (const gpu of devices) {
  t.test(`${gpu}: activation chains, with and without each part`, async (t) => {
    for (const shape of images) {
      const channels = shape.at(-1)!;
      const x = random(1, shape);
      // Away from 0, where a sum would be small compared with its terms.
      const dy = random(2, shape, 1, 0.5);
      const rprelu = [
        random(3, [channels], 0.3),
        random(4, [channels], 0.2, 0.25),
        random(5, [channels], 0.3),
      ];
      for (const [parts, inputs] of [
        ["rectifies", rprelu],
        ...[1, 2, 3, 4, 8].flatMap((bits) => [
          [`${bits} bits`, quantizer(bits)],
          [`rectifies, ${bits} bits`, [...rprelu, ...quantizer(bits)]],
        ]),
      ] as [string, Given[]][]) {
        const attributes = { rectifies: parts.includes("rect"), quantizes: parts.includes("bits") };
        const forward = (device: string) => run(device, "ActivationChain", [x, ...inputs], attributes);
        t.same(forward(gpu), forward("cpu"), `${shape}, ${parts}: the same bits`);
        const backward = (device: string) =>
          run(device, "ActivationChainGradient", [dy, x, ...inputs], attributes);
        const differences = apart(backward("cpu"), backward(gpu));
        t.ok(Math.max(...differences) < 2e-5, `${shape}, ${parts}: ${differences}`);
      }
    }
  });

  t.test(
    `${gpu}: the uniform quantizers of LSQ, LSQ+, PACT and DoReFa, with and without RPReLU`,
    async (t) => {
      for (const shape of [[5], [3, 7, 7, 20], [50_000]]) {
        const [x, dy] = [random(6, shape), random(7, shape, 1, 0.5)];
        const channels = shape.at(-1)!;
        const rprelu = [
          random(3, [channels], 0.3),
          random(4, [channels], 0.2, 0.25),
          random(5, [channels], 0.3),
        ];
        for (const [low, high, k, closed, offset] of [
          [-4, 3, 1, true, null],
          [0, 1, 15, false, null],
          [-1, 1, 1.5, true, null],
          [0, 7, 1, false, -0.31],
        ] as const)
          for (const rectifies of [false, true]) {
            const attributes = { low, high, k, closed, rectifies };
            const inputs = [
              ...(rectifies ? rprelu : []),
              scalar(0.7),
              ...(offset === null ? [] : [scalar(offset)]),
            ];
            const forward = (device: string) => run(device, "UniformQuantize", [x, ...inputs], attributes);
            const what = `${shape}, ${rectifies ? "RPReLU, " : ""}${low} to ${high}`;
            t.same(forward(gpu), forward("cpu"), `${what}: the same bits`);
            const backward = (device: string) =>
              run(device, "UniformQuantizeGradient", [dy, x, ...inputs], attributes);
            const [dx = 1, ...sums] = apart(backward("cpu"), backward(gpu));
            t.ok(dx === 0 && Math.max(...sums) < 2e-5, `${what}: ${dx}, ${sums}`);
          }
      }
    },
  );

  t.test(`${gpu}: weight quantizers`, async (t) => {
    for (const [fan, channels] of [
      [27, 16],
      [144, 33],
      [1000, 3],
    ] as const) {
      const w = random(8, [fan, channels], 0.1);
      // A filter that was pruned.
      for (let i = 0; i < fan; i++) w.values[i * channels + 1] = 0;
      const attributes = { gamma: 1.5, steps: 3 };
      const differences = apart(
        run("cpu", "EntropyWeight", [w], attributes),
        run(gpu, "EntropyWeight", [w], attributes),
      );
      t.ok(Math.max(...differences) < 1e-6, `${fan} by ${channels}: ${differences}`);
      for (const given of [w, { ...w, values: w.values.map(() => 0) }]) {
        const tanh = (device: string) => run(device, "TanhWeight", [given], { steps: 7 });
        const [y, ...saved] = tanh("cpu");
        const [dq, others] = [random(9, [fan, channels]), tanh(gpu)];
        t.ok(Math.max(...apart([y!, ...saved], others)) < 1e-6);
        const [slopes, inverse] = saved;
        const inputs = [dq, { values: slopes as Float32Array, shape: [fan, channels] }, scalar(inverse![0]!)];
        const gradient = (device: string) => run(device, "TanhWeightGradient", inputs, {});
        t.ok(Math.max(...apart(gradient("cpu"), gradient(gpu))) < 1e-6);
      }
    }
  });

  t.test(`${gpu}: cumulative sums`, async (t) => {
    for (const shape of [[1], [255], [3, 500, 7], [4, 1, 6], [0, 3]]) {
      const x = random(23, shape, 3);
      for (const axis of shape.keys()) {
        for (const [reverse, exclusive] of [
          [false, false],
          [true, true],
          [true, false],
          [false, true],
        ] as const) {
          const sums = (device: string) => run(device, "Cumsum", [x], { axes: [axis], reverse, exclusive });
          t.same(sums(gpu), sums("cpu"), `${shape}, axis ${axis}: the same bits`);
        }
      }
    }
    const [whole] = run(gpu, "Cumsum", [random(23, [255], 3)], { axes: [0] });
    t.equal(whole!.length, 255);
  });

  t.test(`${gpu}: BatchNorm, PReLU's gradient and Adam`, async (t) => {
    for (const shape of images) {
      const channels = shape.at(-1)!;
      const [x, dy] = [random(11, shape, 2, 5), random(12, shape)];
      const [gamma, beta] = [random(13, [channels], 0.1, 1), random(14, [channels])];
      const both = (name: string, inputs: Given[], attributes: Attributes, within: number) => {
        const differences = apart(run("cpu", name, inputs, attributes), run(gpu, name, inputs, attributes));
        t.ok(Math.max(...differences) < within, `${shape}, ${name}: ${differences}`);
      };
      both("BatchNormTraining", [x, gamma, beta], { epsilon: 1e-5 }, 1e-5);
      const [, mean, , , inverse] = run("cpu", "BatchNormTraining", [x, gamma, beta], { epsilon: 1e-5 });
      const saved = [mean, inverse].map((values) => ({ values: values as Float32Array, shape: [channels] }));
      both("BatchNormGradient", [dy, x, gamma, ...saved], { epsilon: 1e-5 }, 2e-5);
      const statistics = [x, random(15, [channels]), random(16, [channels], 0.1, 1), gamma, beta];
      both("FusedBatchNorm", statistics, { varianceEpsilon: 1e-5, scaled: true, shifted: true }, 1e-6);
      both("PreluGradient", [dy, random(17, shape), random(18, [channels])], {}, 1e-5);
    }
    const square = random(21, [5000], 0.1, 1);
    const parameters = [random(19, [5000]), random(20, [5000]), random(22, [5000]), square];
    const settings = { beta1: 0.9, beta2: 0.999, step: 3, epsilon: 1e-8, lr: 1e-3, weightDecay: 1e-4 };
    const adam = (device: string) => run(device, "AdamSteps", [...parameters, ...parameters], settings);
    t.same(adam(gpu), adam("cpu"), "the same bits");
  });
}

t.test("full GPU memory and a missing GPU are coded errors", async (t) => {
  const many = quantizer(10);
  const x = random(1, [4, 4]);
  const attributes = { rectifies: false, quantizes: true };
  t.throws(() => run("emulated", "ActivationChainGradient", [x, x, ...many], attributes), /1023 intervals/);
  t.throws(() => binding.useDevice(`cuda:${binding.gpus()}`, kernels), /there is no GPU/);
});
