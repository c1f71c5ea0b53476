import { type KernelConfig, type TensorInfo, util } from "@tensorflow/tfjs-core";
import { BACKEND, type TorchBackend } from "./backend.js";
import type { Attributes, ListedKernel } from "./binding.js";

type Inputs = Readonly<Record<string, TensorInfo>>;

/** Converts tfjs's attributes and inputs to the addon's attributes. */
export type Translate = (attrs: never, inputs: Inputs) => Attributes;

/** Translations by kernel name. All other kernels take tfjs's attributes unchanged. */
export type Translations = Readonly<Record<string, Translate>>;

const asGiven = (attrs: Attributes | undefined): Attributes => attrs ?? {};

/** Wraps a kernel of the addon as a tfjs kernel. Optional inputs may be absent. */
export function kernel(listed: ListedKernel, translate: Translate = asGiven): KernelConfig {
  const { name, inputs: names, list } = listed;
  const kernelFunc: KernelConfig["kernelFunc"] = ({ inputs, attrs, backend }) => {
    const given = names === null ? Object.values(inputs) : names.map((input) => inputs[input]);
    const there = given.filter((input) => input !== undefined);
    const outputs = (backend as TorchBackend).run(name, there, translate(attrs as never, inputs as Inputs));
    const [first] = outputs;
    return list || first === undefined ? outputs : first;
  };
  return { kernelName: name, backendName: BACKEND, kernelFunc };
}

/**
 * Converts one or several axes to non-negative indices; null means all axes. @throws Error of tfjs if an axis
 * is out of range
 */
export function axesOf(axis: number | readonly number[] | null | undefined, rank: number): number[] {
  return util.parseAxisParam(axis as number | number[], new Array<number>(rank).fill(1));
}

export function rankOf(input: TensorInfo | undefined): number {
  return input?.shape.length ?? 0;
}
