// The table of all kernels. Each file registers its kernels in it.
#pragma once
#include <initializer_list>
#include <map>
#include <string>
#include <vector>

namespace at {
class Tensor;
}

namespace n2uq {

class Attributes;
using Tensors = std::vector<at::Tensor>;

/** A kernel's function. It computes new tensors and never writes to `inputs`. Throws c10::Error or std::exception. */
using Op = Tensors (*)(const Tensors& inputs, const Attributes& attributes);

/** A kernel's result for TensorFlow.js: one tensor, or a list of tensors. */
enum Results { ONE_TENSOR, LIST };

/** Value of `Kernel::inputs` for a list of any length. */
constexpr const char* ANY = "...";

struct Kernel {
  /** TensorFlow.js's name. */
  const char* name;
  /** TensorFlow.js's names of the inputs, in the order of `Op` and separated by spaces; or `ANY`. */
  const char* inputs;
  Op run;
  Results results = ONE_TENSOR;
};

/** The GPU version of the kernel of this name. */
struct GpuKernel {
  const char* name;
  Op run;
};

/** Registers kernels: `const Register registered({...});` in their file. */
class Register {
 public:
  Register(std::initializer_list<Kernel> kernels);
  Register(std::initializer_list<GpuKernel> kernels);
};

/** All kernels by name. Throws for a duplicate name, or for a GpuKernel without a kernel of its name. */
const std::map<std::string, Kernel>& kernels();

/** The kernel of this name, on a GPU or on a CPU. Throws if it does not exist. */
Op kernelFor(const std::string& name, bool onGpu);

}  // namespace n2uq
