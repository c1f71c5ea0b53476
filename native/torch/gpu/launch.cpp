#include "launch.h"

#include <dlfcn.h>

#include <algorithm>
#include <mutex>
#include <stdexcept>
#include <unordered_map>
#include <vector>

#include "../device.h"

namespace n2uq {
namespace {

/** A library loaded at run time. Its functions are called with the prototypes of CUDA's manuals. */
class Library {
 public:
  Library(std::initializer_list<const char*> names) {
    for (const char* name : names) {
      if ((handle_ = dlopen(name, RTLD_NOW | RTLD_LOCAL)) != nullptr) return;
    }
    const char* reason = dlerror();
    throw std::runtime_error(reason == nullptr ? "a library of CUDA is missing" : reason);
  }

  template <typename... Parameters>
  int call(const char* name, Parameters... parameters) const {
    void* found = dlsym(handle_, name);
    if (found == nullptr) throw std::runtime_error(std::string("CUDA has no ") + name);
    return reinterpret_cast<int (*)(Parameters...)>(found)(parameters...);
  }

 private:
  void* handle_ = nullptr;
};

/**
 * NVRTC, through libtorch's library that is linked with it: functions of a library's dependencies can be
 * found with the library's handle.
 */
const Library& nvrtc() {
  static const Library one({"libcaffe2_nvrtc.so", "libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so.11.2", "libnvrtc.so"});
  return one;
}

const Library& driver() {
  static const Library one({"libcuda.so.1"});
  return one;
}

void checkDriver(int result, const char* what) {
  if (result == 0) return;
  const char* reason = nullptr;
  driver().call("cuGetErrorString", result, &reason);
  throw std::runtime_error(std::string(what) + ": " + (reason == nullptr ? "CUDA error" : reason));
}

int attributeOf(int gpu, int attribute) {
  int value = 0;
  checkDriver(driver().call("cuDeviceGetAttribute", &value, attribute, gpu), "a property of the GPU");
  return value;
}

/** The GPU's architecture, or the newest one that this NVRTC supports. */
std::string architectureOf(int gpu) {
  constexpr int MAJOR = 75, MINOR = 76;  // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_*
  const int own = 10 * attributeOf(gpu, MAJOR) + attributeOf(gpu, MINOR);
  int count = 0;
  nvrtc().call("nvrtcGetNumSupportedArchs", &count);
  std::vector<int> known(std::max(count, 1), own);
  nvrtc().call("nvrtcGetSupportedArchs", known.data());
  int best = 0;
  for (const int one : known) best = one <= own ? std::max(best, one) : best;
  return "--gpu-architecture=compute_" + std::to_string(best == 0 ? own : best);
}

/** Compiles the source to PTX, which the driver compiles for the GPU. */
std::string compiled(const std::string& source, int gpu) {
  void* program = nullptr;
  if (nvrtc().call("nvrtcCreateProgram", &program, source.c_str(), "kernels.cu", 0, static_cast<const char**>(nullptr),
                   static_cast<const char**>(nullptr)) != 0) {
    throw std::runtime_error("NVRTC makes no program");
  }
  const std::string architecture = architectureOf(gpu);
  // Rounds every product, as the plain implementation does, so that a value is on the same side of a threshold in both.
  const char* options[] = {architecture.c_str(), "--fmad=false"};
  const int result = nvrtc().call("nvrtcCompileProgram", program, 2, static_cast<const char**>(options));
  size_t length = 0;
  nvrtc().call(result == 0 ? "nvrtcGetPTXSize" : "nvrtcGetProgramLogSize", program, &length);
  std::string text(length, '\0');
  nvrtc().call(result == 0 ? "nvrtcGetPTX" : "nvrtcGetProgramLog", program, text.data());
  nvrtc().call("nvrtcDestroyProgram", &program);
  if (result != 0) throw std::runtime_error("NVRTC: " + text);
  return text;
}

struct Loaded {
  void* context = nullptr;
  void* module = nullptr;
  std::unordered_map<std::string, void*> functions;
  std::mutex mutex;

  void* functionOf(const char* kernel) {
    const std::lock_guard<std::mutex> lock(mutex);
    void*& function = functions[kernel];
    if (function == nullptr) checkDriver(driver().call("cuModuleGetFunction", &function, module, kernel), kernel);
    return function;
  }
};
Loaded loaded;

}  // namespace

void loadCuda(const std::string& source, int gpu) {
  if (loaded.module != nullptr) return;
  checkDriver(driver().call("cuInit", 0U), "CUDA's driver");
  int number = 0;
  checkDriver(driver().call("cuDeviceGet", &number, gpu), "the GPU");
  // ATen uses the same context.
  checkDriver(driver().call("cuDevicePrimaryCtxRetain", &loaded.context, number), "the GPU's context");
  checkDriver(driver().call("cuCtxSetCurrent", loaded.context), "the GPU's context");
  const std::string program = compiled(source, number);
  checkDriver(driver().call("cuModuleLoadData", &loaded.module, static_cast<const void*>(program.c_str())), "kernels.cu");
}

void startCuda(const char* kernel, Grid grid, void** arguments) {
  // CUDA's current context belongs to a thread, and this may be another thread.
  checkDriver(driver().call("cuCtxSetCurrent", loaded.context), "the GPU's context");
  void* const defaultStream = nullptr;
  checkDriver(driver().call("cuLaunchKernel", loaded.functionOf(kernel), grid.blocks, 1U, 1U, grid.threads, 1U, 1U,
                            grid.sharedBytes, defaultStream, arguments, static_cast<void**>(nullptr)),
              kernel);
}

void start(const char* kernel, Grid grid, void** arguments) {
  if (device().is_cuda()) startCuda(kernel, grid, arguments);
  else runEmulated(kernel, grid, arguments);
}

}  // namespace n2uq
