// Collectives among the ranks of a run, over Gloo or over NCCL.
#pragma once
#include "../op.h"

// Without c10d's headers, the kernels of this folder are not compiled.
#if __has_include(<torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>)
#define N2UQ_RANKS
#include <chrono>
#include <memory>
#include <string>
#include <torch/csrc/distributed/c10d/Store.hpp>

namespace n2uq {

/** A started collective. */
class Collective {
 public:
  virtual ~Collective() = default;
  /** Waits until this rank has the result and returns it, on the device. Throws if another rank was lost. */
  virtual Tensor wait() = 0;
};

/** All ranks must start the same collectives in the same order, from one thread. */
class Collectives {
 public:
  virtual ~Collectives() = default;
  /** Starts the sum of a tensor `[count]` over the ranks, or the broadcast of rank 0's. The tensor is overwritten. */
  virtual std::unique_ptr<Collective> start(const Tensor& bucket, bool broadcast) = 0;
};

using Timeout = std::chrono::milliseconds;

/** One rank, and what it needs to connect to the others. */
struct Member {
  c10::intrusive_ptr<c10d::Store> store;
  int rank, world;
  /** How long a collective waits for another rank. */
  Timeout timeout;
};

/** Connects to all other ranks; Gloo listens at `address` only. */
std::unique_ptr<Collectives> overGloo(const Member& self, const std::string& address);

/**
 * Connects the ranks' GPUs, with the library `file`; if it is empty, with the libnccl.so.2 that was installed with
 * libtorch, or that the loader finds. Null on all ranks, if one of them has no NCCL or two of them use the same GPU.
 * Throws if `file` is not empty and can't be loaded.
 */
std::unique_ptr<Collectives> overNccl(const Member& self, const std::string& file);

}  // namespace n2uq

#endif
