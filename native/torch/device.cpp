#include "device.h"

#include <ATen/Context.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <stdexcept>

#include "gpu/launch.h"

namespace n2uq {
namespace {

c10::Device chosen(c10::DeviceType::CPU);
bool emulated = false;
bool inBfloat16 = false;

/**
 * Since libtorch 2.2, deterministic mode fills new tensors with NaN. This is unnecessary: every kernel writes
 * its entire output.
 */
template <typename Context>
auto leaveUnfilled(Context& context, int) -> decltype(context.setDeterministicFillUninitializedMemory(false)) {
  context.setDeterministicFillUninitializedMemory(false);
}
template <typename Context>
void leaveUnfilled(Context&, long) {}

}  // namespace

c10::Device device() { return chosen; }

int64_t gpuCount() {
  if (!at::hasCUDA()) return 0;
  return c10::impl::VirtualGuardImpl(c10::DeviceType::CUDA).deviceCount();
}

void useDevice(const std::string& name, const std::string& source) {
  const bool emulating = name == "emulated";
  const c10::Device wanted(emulating ? "cpu" : name);
  if (wanted.is_cuda()) {
    if (wanted.index() >= gpuCount()) throw std::runtime_error("there is no GPU " + name);
    // For reproducible results, no algorithm may depend on the order of threads or be chosen by measuring its speed.
    at::globalContext().setDeterministicCuDNN(true);
    at::globalContext().setBenchmarkCuDNN(false);
    at::globalContext().setDeterministicAlgorithms(true, true);
    leaveUnfilled(at::globalContext(), 0);
    loadCuda(source, wanted.index());
  }
  chosen = wanted;
  emulated = emulating;
}

void usePrecision(const std::string& name) {
  inBfloat16 = name == "bfloat16";
  at::globalContext().setAllowTF32CuDNN(name == "tf32");
  at::globalContext().setAllowTF32CuBLAS(name == "tf32");
}

bool computesInBfloat16() { return inBfloat16; }

at::Tensor lowered(const at::Tensor& x) {
  return inBfloat16 && x.scalar_type() == at::kFloat ? x.to(at::kBFloat16) : x;
}
at::Tensor raised(const at::Tensor& y) { return y.scalar_type() == at::kBFloat16 ? y.to(at::kFloat) : y; }

bool usesGpuKernels() { return emulated || chosen.is_cuda(); }

}  // namespace n2uq
