import type { KernelConfig, TensorInfo } from "@tensorflow/tfjs-core";
import { util } from "@tensorflow/tfjs-core";
import type { TorchBackend } from "./backend.js";
import { BACKEND } from "./backend.js";
import type { Attributes } from "./binding.js";

/** tfjs's attributes and inputs → the addon's attributes. */
type Translate<Attrs> = (attrs: Attrs, inputs: Readonly<Record<string, TensorInfo>>) => Attributes;

interface LooseArguments {
  readonly inputs: Readonly<Record<string, TensorInfo | undefined>>;
  readonly attrs: unknown;
  readonly backend: unknown;
}

/**
 * A kernel that the addon has under the same name.
 * @param names tfjs's names of the inputs in the addon's order; one that a call lacks is left out. Absent: a list of tensors
 */
export function kernel<Attrs = object>(
  kernelName: string,
  names?: readonly string[],
  translate: Translate<Attrs> = () => ({}),
  results: "one" | "list" = "one",
): KernelConfig {
  const kernelFunc = ({ inputs, attrs, backend }: LooseArguments): TensorInfo | TensorInfo[] => {
    const given = names === undefined ? Object.values(inputs) : names.map((name) => inputs[name]);
    const there = given.filter((input) => input !== undefined);
    const attributes = translate(attrs as Attrs, inputs as Readonly<Record<string, TensorInfo>>);
    const outputs = (backend as TorchBackend).run(kernelName, there, attributes);
    const [first] = outputs;
    return results === "list" || first === undefined ? outputs : first;
  };
  return {
    kernelName,
    backendName: BACKEND,
    kernelFunc: kernelFunc as unknown as KernelConfig["kernelFunc"],
  };
}

/**
 * An axis or several, counted from the front; null: all of them.
 * @throws Error of tfjs where there is no such axis
 */
export function axesOf(axis: number | readonly number[] | null | undefined, rank: number): number[] {
  return util.parseAxisParam(axis as number | number[], new Array<number>(rank).fill(1));
}

export function rankOf(input: TensorInfo | undefined): number {
  return input?.shape.length ?? 0;
}
