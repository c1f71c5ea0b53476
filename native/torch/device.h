// The device of new tensors, and the target of the kernels in kernels.cu.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

namespace n2uq {

/** The CPU or the selected GPU. */
c10::Device device();

/** Options of a new tensor of this type on the device. */
inline at::TensorOptions here(at::ScalarType type) { return at::TensorOptions(type).device(device()); }

/** Number of GPUs that this libtorch can use. */
int64_t gpuCount();

/**
 * Sets the device of the process: `cpu`, `cuda:0`, or `emulated` to run kernels.cu on the CPU with the threads of a GPU.
 * `source` is the text of kernels.cu. Existing tensors stay on their device.
 */
void useDevice(const std::string& name, const std::string& source);

/** Matmul precision: `float32`, `tf32` on a GPU, or `bfloat16`. */
void usePrecision(const std::string& name);

bool computesInBfloat16();

/** `lowered` converts x to the matmul precision, `raised` converts a matmul's result to float32. */
at::Tensor lowered(const at::Tensor& x);
at::Tensor raised(const at::Tensor& y);

/** Whether the kernels of kernels.cu replace the loops for the CPU. */
bool usesGpuKernels();

}  // namespace n2uq
