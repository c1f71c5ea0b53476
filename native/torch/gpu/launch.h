// Compiles and starts the kernels of kernels.cu.
#pragma once
#include <cstdint>
#include <string>

namespace n2uq {

struct Grid {
  unsigned blocks, threads, sharedBytes;
};

/** Shared memory of a block in float32 values. Every GPU has this amount by default. */
constexpr int64_t SHARED_VALUES = 48 * 1024 / 4;

/** Compiles kernels.cu for a GPU with libtorch's NVRTC. The build needs no CUDA headers. */
void loadCuda(const std::string& source, int gpu);

/** Starts a kernel on the default stream, after ATen's kernels; does not wait. */
void startCuda(const char* kernel, Grid grid, void** arguments);

/** Runs a kernel on the CPU until it ends. */
void runEmulated(const char* kernel, Grid grid, void** arguments);

void start(const char* kernel, Grid grid, void** arguments);

/** The arguments must have exactly the types of the kernel's parameters. */
template <typename... Arguments>
void launch(const char* kernel, Grid grid, Arguments... arguments) {
  void* list[] = {&arguments...};
  start(kernel, grid, list);
}

}  // namespace n2uq
