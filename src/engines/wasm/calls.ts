import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import type { KernelConfig, NamedAttrMap, NamedTensorInfoMap, TensorInfo } from "@tensorflow/tfjs-core";
import { getKernel } from "@tensorflow/tfjs-core";
import { N2uqError } from "../../errors.js";
import { originalKernel } from "../kernels.js";

/** A wasm kernel's arguments: its inputs, of which `Optional` ones may be absent, and its attributes. */
export interface KernelArguments<Names extends string, Attributes, Optional extends string = never> {
  readonly inputs: Readonly<Record<Names, TensorInfo> & Partial<Record<Optional, TensorInfo>>>;
  readonly attrs: Attributes;
  readonly backend: BackendWasm;
}

/**
 * Defines a kernel of the wasm backend. The caller declares the types of inputs and attributes, which tfjs
 * types loosely.
 */
export function wasmKernel<Names extends string, Attributes = object, Optional extends string = never>(
  kernelName: string,
  kernelFunc: (args: KernelArguments<Names, Attributes, Optional>) => TensorInfo | TensorInfo[],
): KernelConfig {
  return { kernelName, backendName: "wasm", kernelFunc: kernelFunc as unknown as KernelConfig["kernelFunc"] };
}

/** Calls the tfjs kernel that was replaced, for cases that only it supports or in which it is faster. */
export function callOriginal(
  backend: BackendWasm,
  kernelName: string,
  inputs: NamedTensorInfoMap,
  attrs: object,
): TensorInfo {
  return called(originalKernel(kernelName, "wasm"), backend, kernelName, inputs, attrs);
}

/**
 * Runs another kernel of the backend without tfjs's bookkeeping of tensors, so the caller must `release` the
 * result.
 */
export function call(
  backend: BackendWasm,
  kernelName: string,
  inputs: NamedTensorInfoMap,
  attrs: object = {},
): TensorInfo {
  return called(getKernel(kernelName, "wasm")?.kernelFunc, backend, kernelName, inputs, attrs);
}

function called(
  kernelFunc: KernelConfig["kernelFunc"] | undefined,
  backend: BackendWasm,
  kernelName: string,
  inputs: NamedTensorInfoMap,
  attrs: object,
): TensorInfo {
  if (kernelFunc !== undefined)
    return kernelFunc({ inputs, attrs: attrs as NamedAttrMap, backend }) as TensorInfo;
  throw new N2uqError("N2UQ_INTERNAL", { message: `wasm has no ${kernelName}` });
}

export function release(backend: BackendWasm, ...tensors: readonly TensorInfo[]): void {
  for (const { dataId } of tensors) backend.disposeData(dataId);
}

/** Allocates an uninitialized float32 tensor. The caller must write every element. */
export function allocate(backend: BackendWasm, shape: readonly number[]): TensorInfo {
  return backend.makeOutput([...shape], "float32");
}

/** The tensor's memory. Any later allocation may move the heap, so create views after the last allocation. */
export function view(backend: BackendWasm, tensor: TensorInfo): Float32Array {
  return backend.typedArrayFromHeap(tensor) as Float32Array;
}

/** A reshaped view of the same memory; the caller must release it like any other result. */
export function reshaped(backend: BackendWasm, tensor: TensorInfo, shape: readonly number[]): TensorInfo {
  return call(backend, "Reshape", { x: tensor }, { shape: [...shape] });
}

/** The tensor with permuted axes. */
export function permuted(backend: BackendWasm, x: TensorInfo, perm: readonly number[]): TensorInfo {
  return call(backend, "Transpose", { x }, { perm: [...perm] });
}
