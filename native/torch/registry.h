// The list of all kernels. Each file enters its own in it; nobody else names them.
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

/** Computes new tensors and never writes to `inputs`. Throws c10::Error or std::exception. */
using Op = Tensors (*)(const Tensors& inputs, const Attributes& attributes);

/** What TensorFlow.js gets of a kernel: one tensor, or a list of tensors. */
enum Results { ONE_TENSOR, LIST };

/** For `Kernel::inputs`: a list of any length. */
constexpr const char* ANY = "...";

struct Kernel {
  /** TensorFlow.js's name. */
  const char* name;
  /** TensorFlow.js's names of the inputs, in the order of `Op` and separated by spaces; or `ANY`. */
  const char* inputs;
  Op run;
  Results results = ONE_TENSOR;
};

/** What a GPU computes in another way than the kernel of this name. */
struct GpuKernel {
  const char* name;
  Op run;
};

/** Enters kernels in the list: `const Register registered({...});` in the file that has them. */
class Register {
 public:
  Register(std::initializer_list<Kernel> kernels);
  Register(std::initializer_list<GpuKernel> kernels);
};

/** Every kernel by its name. Throws where two have one name, or a GpuKernel has none to take the place of. */
const std::map<std::string, Kernel>& kernels();

/** The kernel of this name, on a GPU or on a CPU. Throws where there is none. */
Op kernelFor(const std::string& name, bool onGpu);

}  // namespace n2uq
