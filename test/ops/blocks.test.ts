import type { Tensor } from "@tensorflow/tfjs-core";
import { memory, tensor, transpose } from "@tensorflow/tfjs-core";
import { quantizers } from "../../src/core/quantizers.js";
import { GraphBuilder } from "../../src/graph/builder.js";
import * as blocks from "../../src/models/n2uqBlocks.js";
import { backward, disposeTape, forward } from "../../src/ops/execute.js";
import { createStore, disposeStore, downloadParameter, replace, upload } from "../../src/train/store.js";
import { bits, quantization } from "../helpers/experiments.js";
import { agrees, golden, onEveryEngine } from "../helpers/golden.js";

interface BlockCase {
  block: string;
  bits: number;
  planes?: number;
  oup?: number;
  inp?: number;
  mid?: number;
  stride: number;
  downsample?: string;
  x_shape: number[];
  x: number[];
  y: number[];
  y_shape: number[];
  dy: number[];
  grad_x: number[];
  params: Record<string, { shape: number[]; value: number[]; grad: number[] | null }>;
  running: Record<string, number[]>;
}

const EXACT = 1e-4;

function graphOf(c: BlockCase) {
  const b = new GraphBuilder(
    quantization({ bits: bits(c.bits), downsample: c.downsample !== "real" }),
    quantizers,
  );
  const [, channels, height, width] = c.x_shape as [number, number, number, number];
  // The block's own input gradient is that of this layer's output.
  const x = b.bias("probe", b.input(height, width, channels));
  const options = {
    channels: c.planes ?? c.oup!,
    stride: c.stride,
    expansion: c.mid === undefined ? 1 : c.mid / c.inp!,
  };
  const build =
    { BasicBlock: blocks.basicBlock, Bottleneck: blocks.bottleneck }[c.block] ?? blocks.invertedResidual;
  build(b, "block", x, options);
  return b.finish("block");
}

onEveryEngine("blocks in training mode: outputs, every gradient, running statistics", async (t) => {
  const before = memory().numTensors;
  for (const c of golden<BlockCase[]>("blocks")) {
    const graph = graphOf(c);
    const what = `${c.block.split("(")[0]} ${c.bits} bits, stride ${c.stride}, ${c.downsample ?? "no"} downsample`;
    const specs = graph.nodes.flatMap(({ params }) => params).filter(({ name }) => name !== "probe.bias");
    const wanted = Object.entries(c.params).filter(([name]) => !name.endsWith("clip_val"));
    t.same(
      specs.map(({ name }) => name.replace("block.", "")),
      wanted.map(([name]) => name),
      `${what}: parameters`,
    );
    const store = createStore(graph, 0);
    for (const spec of specs) {
      replace(
        store,
        spec.name,
        upload(spec, Float32Array.from(c.params[spec.name.replace("block.", "")]!.value)),
      );
    }
    const nhwc = (values: number[], shape: number[]) => {
      const nchw = tensor(values, shape);
      const result = transpose(nchw, [0, 2, 3, 1]);
      nchw.dispose();
      return result;
    };
    const nchw = (value: Tensor) => {
      const result = transpose(value, [0, 3, 1, 2]);
      const values = result.dataSync();
      result.dispose();
      return values;
    };
    const [x, dy] = [nhwc(c.x, c.x_shape), nhwc(c.dy, c.y_shape)];
    const pass = forward(graph, store, x, { mode: "training" });
    agrees(t, nchw(pass.logits), c.y, EXACT, `${what}: y`);
    const gradients = backward(graph, store, pass, dy, {
      observe: (node, dOutput) => {
        if (node.id === "probe") agrees(t, nchw(dOutput), c.grad_x, EXACT, `${what}: dx`);
      },
    });
    for (const spec of specs) {
      const gradient = new Map([[spec.name, gradients.get(spec.name)!]]);
      const data = (await downloadParameter(spec, gradient)).data as Float32Array;
      const name = spec.name.replace("block.", "");
      const wanted = c.params[name]!.grad!;
      // BatchNorm makes the loss blind to scale2 but for its epsilon: what PyTorch reports is the rounding of a sum of
      // large terms that cancel. Its error is measured against the whole gradient of its quantizer.
      const whole = name.endsWith(".scale2") ? c.params[name.replace(/scale2$/, "a")]!.grad! : [];
      agrees(t, [...data, ...whole], [...wanted, ...whole], EXACT, `${what}: d ${name}`);
    }
    for (const [name, values] of Object.entries(c.running)) {
      agrees(t, pass.buffers.get(`block.${name}`)!, values, EXACT, `${what}: ${name}`);
    }
    disposeTape({ ...pass, tape: [] });
    disposeStore(store);
    for (const held of [x, dy, pass.logits, ...gradients.values()]) held.dispose();
  }
  t.equal(memory().numTensors, before, "nothing leaks");
});
