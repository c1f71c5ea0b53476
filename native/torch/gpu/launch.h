// Starting kernels of kernels.cu.
#pragma once
#include <cstdint>
#include <string>

namespace n2uq {

struct Grid {
  unsigned blocks, threads, sharedBytes;
};

/** The memory that threads of a block share, in float32 values: what every GPU has without asking for more. */
constexpr int64_t SHARED_VALUES = 48 * 1024 / 4;

/** Compiles kernels.cu for a GPU with NVRTC, which comes with libtorch. No header of CUDA's is needed to build this. */
void loadCuda(const std::string& source, int gpu);

/** Starts a kernel on the default stream, behind what ATen has started there; it does not wait. */
void startCuda(const char* kernel, Grid grid, void** arguments);

/** Runs a kernel to its end on the CPU. */
void runEmulated(const char* kernel, Grid grid, void** arguments);

void start(const char* kernel, Grid grid, void** arguments);

/** The arguments must have exactly the types of the kernel's parameters. */
template <typename... Arguments>
void launch(const char* kernel, Grid grid, Arguments... arguments) {
  void* list[] = {&arguments...};
  start(kernel, grid, list);
}

}  // namespace n2uq
