#include "launch.h"

#include <c10/core/impl/VirtualGuardImpl.h>
#include <unistd.h>

#include <algorithm>
#include <mutex>
#include <stdexcept>
#include <unordered_map>
#include <vector>

#include "../device.h"
#include "../library.h"

namespace n2uq {
namespace {

/**
 * NVRTC, through libtorch's library that is linked with it: functions of a library's dependencies can be
 * found with the library's handle.
 */
const Library& nvrtc() {
  static const Library one(std::vector<std::string>{"libcaffe2_nvrtc.so", "libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so.11.2", "libnvrtc.so"});
  return one;
}

const Library& driver() {
  static const Library one(std::vector<std::string>{"libcuda.so.1"});
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

/** What NVRTC compiles for: the machine code of the GPU itself, or PTX, which the driver compiles. */
struct Target {
  std::string option;
  bool isMachineCode;
};

/** The GPU's own architecture if this NVRTC knows it, else PTX of the newest one before it. */
Target targetOf(int gpu) {
  constexpr int MAJOR = 75, MINOR = 76;  // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_*
  const int own = 10 * attributeOf(gpu, MAJOR) + attributeOf(gpu, MINOR);
  int count = 0;
  nvrtc().call("nvrtcGetNumSupportedArchs", &count);
  std::vector<int> known(std::max(count, 1), own);
  nvrtc().call("nvrtcGetSupportedArchs", known.data());
  int best = 0;
  for (const int one : known) best = one <= own ? std::max(best, one) : best;
  if (best == own) return {"--gpu-architecture=sm_" + std::to_string(own), true};
  return {"--gpu-architecture=compute_" + std::to_string(best == 0 ? own : best), false};
}

/** Compiles the source to machine code or to PTX. A driver older than NVRTC may refuse its PTX, but not machine code. */
std::string compiled(const std::string& source, int gpu) {
  void* program = nullptr;
  if (nvrtc().call("nvrtcCreateProgram", &program, source.c_str(), "kernels.cu", 0, static_cast<const char**>(nullptr),
                   static_cast<const char**>(nullptr)) != 0) {
    throw std::runtime_error("NVRTC makes no program");
  }
  const Target target = targetOf(gpu);
  // Rounds every product, as the plain implementation does, so that a value is on the same side of a threshold in both.
  const char* options[] = {target.option.c_str(), "--fmad=false"};
  const int result = nvrtc().call("nvrtcCompileProgram", program, 2, static_cast<const char**>(options));
  const std::string what = result != 0 ? "ProgramLog" : target.isMachineCode ? "CUBIN" : "PTX";
  size_t length = 0;
  nvrtc().call(("nvrtcGet" + what + "Size").c_str(), program, &length);
  std::string text(length, '\0');
  nvrtc().call(("nvrtcGet" + what).c_str(), program, text.data());
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

/** The context and the kernels of a GPU. */
Loaded& loadedOn(int gpu) {
  static std::mutex mutex;
  static std::unordered_map<int, Loaded> all;
  const std::lock_guard<std::mutex> lock(mutex);
  return all[gpu];
}

/** ATen's current stream of the GPU, if this libtorch can tell its handle; else the default stream, which ATen starts with. */
template <typename Stream>
auto handleOf(const Stream& stream, int) -> decltype(stream.native_handle()) {
  return stream.native_handle();
}
template <typename Stream>
void* handleOf(const Stream&, long) {
  return nullptr;
}

}  // namespace

void loadCuda(const std::string& source, int gpu) {
  Loaded& loaded = loadedOn(gpu);
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

void* currentStream() {
  const c10::Device gpu = device();
  return gpu.is_cuda() ? handleOf(c10::impl::VirtualGuardImpl(gpu.type()).getStream(gpu), 0) : nullptr;
}

std::string gpuIdentity() {
  // An emulated GPU belongs to one process.
  if (!device().is_cuda()) return "process " + std::to_string(getpid());
  int number = 0;
  checkDriver(driver().call("cuDeviceGet", &number, int{device().index()}), "the GPU");
  std::string uuid(16, '\0');
  checkDriver(driver().call("cuDeviceGetUuid", uuid.data(), number), "the GPU's UUID");
  return uuid;
}

void startCuda(const char* kernel, Grid grid, void** arguments) {
  const c10::Device gpu = device();
  Loaded& loaded = loadedOn(gpu.index());
  // CUDA's current context belongs to a thread, and this may be another thread.
  checkDriver(driver().call("cuCtxSetCurrent", loaded.context), "the GPU's context");
  void* const stream = currentStream();
  checkDriver(driver().call("cuLaunchKernel", loaded.functionOf(kernel), grid.blocks, 1U, 1U, grid.threads, 1U, 1U,
                            grid.sharedBytes, stream, arguments, static_cast<void**>(nullptr)),
              kernel);
}

void start(const char* kernel, Grid grid, void** arguments, const std::vector<Written>& outputs) {
  if (device().is_cuda()) startCuda(kernel, grid, arguments);
  else runEmulated(kernel, grid, arguments, outputs);
}

}  // namespace n2uq
