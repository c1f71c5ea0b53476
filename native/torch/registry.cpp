#include "registry.h"

#include <stdexcept>

namespace n2uq {
namespace {

struct Entered {
  std::vector<Kernel> kernels;
  std::vector<GpuKernel> ofGpu;
};

/**
 * The registered kernels. The object is created at the first call, because files register their kernels in no
 * fixed order.
 */
Entered& entered() {
  static Entered all;
  return all;
}

struct Lists {
  std::map<std::string, Kernel> kernels;
  std::map<std::string, Op> ofGpu;
};

Lists made() {
  Lists lists;
  for (const Kernel& kernel : entered().kernels) {
    if (!lists.kernels.emplace(kernel.name, kernel).second) {
      throw std::runtime_error(std::string("there are two kernels ") + kernel.name);
    }
  }
  for (const GpuKernel& kernel : entered().ofGpu) {
    if (lists.kernels.count(kernel.name) == 0) {
      throw std::runtime_error(std::string("a GPU has a kernel ") + kernel.name + ", which a CPU lacks");
    }
    if (!lists.ofGpu.emplace(kernel.name, kernel.run).second) {
      throw std::runtime_error(std::string("a GPU has two kernels ") + kernel.name);
    }
  }
  return lists;
}

const Lists& lists() {
  static const Lists all = made();
  return all;
}

}  // namespace

Register::Register(std::initializer_list<Kernel> kernels) {
  entered().kernels.insert(entered().kernels.end(), kernels);
}

Register::Register(std::initializer_list<GpuKernel> kernels) {
  entered().ofGpu.insert(entered().ofGpu.end(), kernels);
}

const std::map<std::string, Kernel>& kernels() { return lists().kernels; }

Op kernelFor(const std::string& name, bool onGpu) {
  if (onGpu) {
    const auto own = lists().ofGpu.find(name);
    if (own != lists().ofGpu.end()) return own->second;
  }
  const auto found = kernels().find(name);
  if (found == kernels().end()) throw std::runtime_error("there is no kernel " + name);
  return found->second.run;
}

}  // namespace n2uq
