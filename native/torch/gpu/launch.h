// Compiles and starts the kernels of kernels.cu.
#pragma once
#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

namespace n2uq {

struct Grid {
  unsigned blocks, threads, sharedBytes;
};

/** Shared memory of a block in float32 values. Every GPU has this amount by default. */
constexpr int64_t SHARED_VALUES = 48 * 1024 / 4;

/** The memory that a kernel writes entirely, for a parameter of type `Value*`. Null if the kernel does not write it. */
template <typename Value>
struct Output {
  Value* data;
  int64_t count;
};

/** The same without its type. */
struct Written {
  void* data;
  size_t bytes;
};

/** Compiles kernels.cu for a GPU with libtorch's NVRTC. The build needs no CUDA headers. */
void loadCuda(const std::string& source, int gpu);

/** ATen's current stream of the GPU, in CUDA's form; null for the default stream and without a GPU. */
void* currentStream();

/** Equal for two processes if and only if they use the same GPU. */
std::string gpuIdentity();

/** Starts a kernel on ATen's current stream, after ATen's kernels; does not wait. */
void startCuda(const char* kernel, Grid grid, void** arguments);

/**
 * Runs a kernel on the CPU until it ends, twice: with the threads and blocks in ascending and in descending order. Throws
 * if the results differ, or if a thread waits at a barrier for a thread that has ended.
 */
void runEmulated(const char* kernel, Grid grid, void** arguments, const std::vector<Written>& outputs);

void start(const char* kernel, Grid grid, void** arguments, const std::vector<Written>& outputs);

template <typename Value>
Value argumentOf(Value value) {
  return value;
}
template <typename Value>
Value* argumentOf(Output<Value> output) {
  return output.data;
}

template <typename Value>
void addOutput(std::vector<Written>&, Value) {}
template <typename Value>
void addOutput(std::vector<Written>& outputs, Output<Value> one) {
  if (one.data != nullptr) outputs.push_back({one.data, static_cast<size_t>(one.count) * sizeof(Value)});
}

/** The arguments must have exactly the types of the kernel's parameters; an `Output` stands for a pointer. */
template <typename... Arguments>
void launch(const char* kernel, Grid grid, Arguments... arguments) {
  std::vector<Written> outputs;
  (addOutput(outputs, arguments), ...);
  std::tuple<decltype(argumentOf(arguments))...> values(argumentOf(arguments)...);
  std::apply(
      [&](auto&... each) {
        void* list[] = {&each...};
        start(kernel, grid, list, outputs);
      },
      values);
}

}  // namespace n2uq
