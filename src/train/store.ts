import { dispose, type Tensor, tensor } from "@tensorflow/tfjs-core";
import { size } from "../graph/cost.js";
import type { BufferSpec, Init, ParameterSpec, TrainingGraph } from "../graph/types.js";
import { tensorOf } from "../ops/tensors.js";
import { normals, uniforms } from "../random.js";
import { runtimeShape, toPyTorch, toRuntime } from "../weights/layout.js";
import type { HostTensor } from "../weights/safetensors.js";

/** The network's tensors by PyTorch's names; training replaces them one by one. */
export type MutableStore = Map<string, Tensor>;

/**
 * Creates fresh parameters and buffers. Each tensor has its own random stream, seeded by its name, so that
 * adding or removing a layer does not change the others.
 */
export function createStore(graph: TrainingGraph, seed: number): MutableStore {
  const store: MutableStore = new Map();
  for (const node of graph.nodes) {
    for (const spec of node.params) store.set(spec.name, upload(spec, draw(spec, seed)));
    for (const spec of node.buffers) store.set(spec.name, uploadBuffer(spec, spec.initialValue));
  }
  return store;
}

/** Replaces a tensor and frees the old one, unless `retire` takes it. */
export function replace(
  store: MutableStore,
  name: string,
  next: Tensor,
  retire: (old: Tensor) => void = dispose,
): void {
  const old = store.get(name);
  store.set(name, next);
  if (old !== undefined) retire(old);
}

export function disposeStore(store: MutableStore): void {
  dispose([...store.values()]);
  store.clear();
}

/** Downloads the state dict: PyTorch's names, layouts and dtypes. */
export async function download(graph: TrainingGraph, store: MutableStore): Promise<Map<string, HostTensor>> {
  const state = new Map<string, HostTensor>();
  for (const node of graph.nodes) {
    for (const spec of node.params) state.set(spec.name, await downloadParameter(spec, store));
    for (const spec of node.buffers) state.set(spec.name, await downloadBuffer(spec, store));
  }
  return state;
}

export async function downloadParameter(spec: ParameterSpec, store: MutableStore): Promise<HostTensor> {
  const data = await bytesOf(store, spec.name);
  return { dtype: "float32", shape: [...spec.shape], data: toPyTorch(data, spec.shape, spec.layout) };
}

/** Creates the tensor of a parameter in the runtime layout. @param data values in PyTorch's layout */
export function upload(spec: ParameterSpec, data: Float32Array): Tensor {
  return tensor(toRuntime(data, spec.shape, spec.layout), runtimeShape(spec.shape, spec.layout), "float32");
}

export function uploadBuffer(spec: BufferSpec, value: number | Float32Array): Tensor {
  if (spec.shape.length === 0) return tensor(typeof value === "number" ? [value] : value, [], "int32");
  const data = typeof value === "number" ? new Float32Array(size(spec.shape)).fill(value) : value;
  return tensor(data, [...spec.shape], "float32");
}

async function downloadBuffer(spec: BufferSpec, store: MutableStore): Promise<HostTensor> {
  const data = await bytesOf(store, spec.name);
  if (spec.shape.length > 0) return { dtype: "float32", shape: [...spec.shape], data };
  return { dtype: "int64", shape: [], data: BigInt64Array.from(data, (value) => BigInt(Math.round(value))) };
}

async function bytesOf(store: MutableStore, name: string): Promise<Float32Array> {
  return Float32Array.from(await tensorOf(store, name).data());
}

function draw(spec: ParameterSpec, seed: number): Float32Array {
  const count = size(spec.shape);
  return initialisers[spec.init.kind](spec.init as never, count, seed, spec.name);
}

const initialisers: {
  [Kind in Init["kind"]]: (
    init: Extract<Init, { kind: Kind }>,
    n: number,
    seed: number,
    name: string,
  ) => Float32Array;
} = {
  constant: ({ value }, n) => new Float32Array(n).fill(value),
  "kaiming-normal": ({ fan }, n, seed, name) => normals(n, Math.sqrt(2 / fan), seed, name),
  uniform: ({ bound }, n, seed, name) => uniforms(n, -bound, bound, seed, name),
};
