import type { KernelConfig } from "@tensorflow/tfjs-core";
import { BACKEND, type TensorFlowBackend } from "./backend.js";
import type { Attributes, Device, Handle } from "./device.js";

/** A kernel's arguments: its inputs as TensorFlow tensors, of which `Optional` ones may be absent, and the device. */
export interface KernelArguments<Names extends string, Attrs, Optional extends string = never> {
  readonly inputs: Readonly<Record<Names, Handle> & Partial<Record<Optional, Handle>>>;
  readonly attrs: Attrs;
  readonly tf: Device;
}

/** Defines a kernel with TensorFlow operations. Tensors that it creates and does not return are freed. */
export function kernel<Names extends string, Attrs = object, Optional extends string = never>(
  kernelName: string,
  compute: (args: KernelArguments<Names, Attrs, Optional>) => Handle | Handle[],
): KernelConfig {
  const kernelFunc: KernelConfig["kernelFunc"] = ({ inputs, attrs, backend }) => {
    const own = backend as TensorFlowBackend;
    const handles = Object.entries(inputs).flatMap(([name, info]) =>
      info === undefined ? [] : [[name, own.handleOf(info)] as const],
    );
    const given = { inputs: Object.fromEntries(handles), attrs, tf: own.device };
    const outputs = own.device.scope(() => compute(given as KernelArguments<Names, Attrs, Optional>));
    return Array.isArray(outputs) ? outputs.map((output) => own.adopt(output)) : own.adopt(outputs);
  };
  return { kernelName, backendName: BACKEND, kernelFunc };
}

/**
 * The attributes of an operation on a list of tensors. Other operations need none, because TensorFlow infers
 * them from the inputs.
 */
export function listed(tensors: readonly Handle[]): Attributes {
  return { T: { type: tensors[0]?.dtype ?? "float32" }, N: { int: tensors.length } };
}
