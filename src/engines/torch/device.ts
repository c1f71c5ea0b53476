import { type DeviceOptions, deviceChoice, missingVariables, visibleDevices } from "../device.js";
import { unavailable } from "../unavailable.js";
import type { Binding } from "./binding.js";
import { gpuKernels } from "./sources.js";

/**
 * Environment variables for CUDA, set before libtorch is loaded: the visible GPUs, and a cuBLAS workspace
 * that makes its order of summation deterministic.
 */
export function cudaEnvironment(
  options: DeviceOptions,
  environment: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
  const variables = { CUDA_VISIBLE_DEVICES: visibleDevices(options), CUBLAS_WORKSPACE_CONFIG: ":4096:8" };
  return missingVariables(variables, environment);
}

/**
 * Selects the addon's device: the CPU or a GPU. With several GPUs, a rank uses the GPU with the number
 * LOCAL_RANK modulo the number of GPUs. With N2UQ_EMULATE_GPU=1 the GPU's kernels run on the CPU, slowly, for
 * tests. @returns CUDA's name of the GPU; null on a CPU @throws N2uqError N2UQ_ENGINE_UNAVAILABLE
 */
export function chooseDevice(
  binding: Binding,
  options: DeviceOptions,
  environment: NodeJS.ProcessEnv = process.env,
): string | null {
  const wanted = deviceChoice(options);
  const gpus = binding.gpus();
  if (wanted === "gpu" && gpus === 0) {
    throw unavailable(
      "torch",
      "libtorch finds no GPU",
      "Set `engines.torch.device: cpu`, or install a libtorch with CUDA.",
    );
  }
  if (environment.N2UQ_EMULATE_GPU === "1") {
    binding.useDevice("emulated", gpuKernels());
    return null;
  }
  if (wanted === "cpu" || gpus === 0) return null;
  const gpu = `cuda:${Number(environment.LOCAL_RANK ?? 0) % gpus}`;
  binding.useDevice(gpu, gpuKernels());
  return gpu;
}
