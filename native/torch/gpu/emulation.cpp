// Runs kernels.cu on the CPU with the threads of a GPU, to test its arithmetic on machines without a GPU.
#include <ucontext.h>

#include <cmath>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <unordered_map>
#include <utility>
#include <vector>

#include "launch.h"

namespace n2uq {
namespace emulated {

struct Index {
  unsigned x;
};
Index threadIdx, blockIdx, blockDim, gridDim;
float shared[SHARED_VALUES];

/** A barrier: waits until all threads of the block reach it. */
void __syncthreads();

#define N2UQ_EMULATED
#define KERNEL void
#define DEVICE inline
#define __shared__
#include "kernels.cu"
#undef __shared__

constexpr size_t STACK = 64 * 1024;
/** The bytes of memory that no kernel has written: as float32, they are NaN. */
constexpr int POISON = 0xff;

/** The threads of one block, each with a separate stack; one runs at a time. */
class Block {
 public:
  using Body = void (*)(void** arguments);

  Block(Body body, void** arguments, unsigned threads)
      : body_(body), arguments_(arguments), fibers_(threads), stacks_(threads, std::vector<char>(STACK)), done_(threads) {}

  /** Runs the threads to their barriers in ascending or in descending order. */
  void run(bool ascending) {
    running = this;
    std::memset(shared, POISON, sizeof shared);
    for (unsigned me = 0; me < fibers_.size(); me++) {
      getcontext(&fibers_[me]);
      fibers_[me].uc_stack.ss_sp = stacks_[me].data();
      fibers_[me].uc_stack.ss_size = STACK;
      fibers_[me].uc_link = &scheduler_;
      makecontext(&fibers_[me], &Block::enter, 0);
      done_[me] = false;
    }
    // Runs each thread to its next barrier, until all have ended.
    const unsigned count = static_cast<unsigned>(fibers_.size());
    for (unsigned waiting = count; waiting > 0;) {
      waiting = 0;
      for (unsigned i = 0; i < count; i++) {
        current_ = ascending ? i : count - 1 - i;
        if (done_[current_]) continue;
        threadIdx.x = current_;
        swapcontext(&scheduler_, &fibers_[current_]);
        if (!done_[current_]) waiting += 1;
      }
      if (waiting > 0 && waiting < count) throw std::runtime_error("a thread waits at a barrier for one that has ended");
    }
  }

  void wait() { swapcontext(&fibers_[current_], &scheduler_); }

  static Block* running;

 private:
  static void enter() {
    running->body_(running->arguments_);
    running->done_[running->current_] = true;
  }

  Body body_;
  void** arguments_;
  std::vector<ucontext_t> fibers_;
  std::vector<std::vector<char>> stacks_;
  std::vector<bool> done_;
  ucontext_t scheduler_;
  unsigned current_ = 0;
};
Block* Block::running = nullptr;

void __syncthreads() { Block::running->wait(); }

/** Calls a kernel with arguments in CUDA's form: an array of pointers to values of the parameters' types. */
template <typename... Parameters, size_t... at>
void spread(void (*kernel)(Parameters...), void** arguments, std::index_sequence<at...>) {
  kernel(*static_cast<Parameters*>(arguments[at])...);
}
template <typename... Parameters>
void spread(void (*kernel)(Parameters...), void** arguments) {
  spread(kernel, arguments, std::index_sequence_for<Parameters...>());
}
template <auto kernel>
void call(void** arguments) {
  spread(kernel, arguments);
}

const std::unordered_map<std::string, Block::Body> kernels = {
    {"adamStep", call<adamStep>},
    {"chainForward", call<chainForward>},
    {"chainGradient", call<chainGradient>},
    {"cumulativeSums", call<cumulativeSums>},
    {"thresholdGradient", call<thresholdGradient>},
    {"thresholdTable", call<thresholdTable>},
    {"uniformForward", call<uniformForward>},
    {"uniformGradient", call<uniformGradient>},
    {"uniformWeight", call<uniformWeight>},
};

}  // namespace emulated

void runEmulated(const char* kernel, Grid grid, void** arguments, const std::vector<Written>& outputs) {
  using namespace emulated;
  static std::mutex one;
  const std::lock_guard<std::mutex> lock(one);
  if (grid.sharedBytes > sizeof shared) throw std::runtime_error("more shared memory than a GPU has");
  Block block(kernels.at(kernel), arguments, grid.threads);
  gridDim.x = grid.blocks;
  blockDim.x = grid.threads;
  const auto runAll = [&](bool ascending) {
    for (const Written& output : outputs) std::memset(output.data, POISON, output.bytes);
    for (unsigned i = 0; i < grid.blocks; i++) {
      blockIdx.x = ascending ? i : grid.blocks - 1 - i;
      block.run(ascending);
    }
  };
  runAll(false);
  std::vector<std::vector<char>> before;
  for (const Written& output : outputs) {
    const char* const data = static_cast<const char*>(output.data);
    before.emplace_back(data, data + output.bytes);
  }
  runAll(true);
  for (size_t i = 0; i < outputs.size(); i++) {
    if (std::memcmp(outputs[i].data, before[i].data(), outputs[i].bytes) == 0) continue;
    throw std::runtime_error(std::string(kernel) + ": the result depends on the order of the threads");
  }
}

}  // namespace n2uq
