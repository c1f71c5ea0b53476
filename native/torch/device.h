// Where new tensors are, and what runs the kernels of kernels.cu.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

namespace n2uq {

/** The CPU, or the GPU that was chosen. */
c10::Device device();

/** Options of a new tensor of this type on the device. */
inline at::TensorOptions here(at::ScalarType type) { return at::TensorOptions(type).device(device()); }

/** GPUs that this libtorch can use. */
int64_t gpuCount();

/**
 * From now on, for the whole process: `cpu`, `cuda:0`, or `emulated`, where kernels.cu runs on the CPU as a GPU would run it.
 * `source` is the text of kernels.cu. Tensors stay where they are.
 */
void useDevice(const std::string& name, const std::string& source);

/** Of products: `float32`, `tf32` on a GPU, or `bfloat16`. */
void usePrecision(const std::string& name);

/** x as products take it, and a product's result as everything else does. */
at::Tensor lowered(const at::Tensor& x);
at::Tensor raised(const at::Tensor& y);

/** Whether the kernels of kernels.cu take the place of the loops for the CPU. */
bool usesGpuKernels();

}  // namespace n2uq
