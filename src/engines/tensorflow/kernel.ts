import type { KernelConfig, TensorInfo } from "@tensorflow/tfjs-core";
import { BACKEND, type TensorFlowBackend } from "./backend.js";
import type { Attributes, Device, Handle, TensorType } from "./device.js";

/** A kernel's arguments: its inputs as TensorFlow tensors, and the device. */
export interface KernelArguments<Inputs, Attrs> {
  readonly inputs: { readonly [Name in keyof Inputs]: Handle };
  readonly attrs: Attrs;
  readonly tf: Device;
}

/** Defines a kernel with TensorFlow operations. Tensors that it creates and does not return are freed. */
export function kernel<Inputs extends object, Attrs = object>(
  kernelName: string,
  compute: (args: KernelArguments<Inputs, Attrs>) => Handle | Handle[],
): KernelConfig {
  const kernelFunc = ({ inputs, attrs, backend }: LooseArguments): TensorInfo | TensorInfo[] => {
    const own = backend as TensorFlowBackend;
    const handles = Object.entries(inputs)
      .filter((entry) => entry[1] !== undefined)
      .map(([name, info]) => [name, own.handleOf(info as TensorInfo)]);
    const outputs = own.device.scope(() =>
      compute({
        inputs: Object.fromEntries(handles) as { readonly [Name in keyof Inputs]: Handle },
        attrs: attrs as Attrs,
        tf: own.device,
      }),
    );
    return Array.isArray(outputs) ? outputs.map((output) => own.adopt(output)) : own.adopt(outputs);
  };
  return {
    kernelName,
    backendName: BACKEND,
    kernelFunc: kernelFunc as unknown as KernelConfig["kernelFunc"],
  };
}

interface LooseArguments {
  readonly inputs: Readonly<Record<string, TensorInfo | undefined>>;
  readonly attrs: unknown;
  readonly backend: unknown;
}

/** TensorFlow's dtype attribute of most operations. */
export function typed({ dtype }: { readonly dtype: TensorType }): Attributes {
  return { T: { type: dtype } };
}

/** An input that is a list of tensors is an object with the keys 0, 1, 2 … */
export function listed(inputs: Readonly<Record<string, Handle>>): Handle[] {
  return Object.values(inputs);
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}
