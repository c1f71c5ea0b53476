// Data-parallel training: c10d's collectives over Gloo (with its headers or, without them, those of stubs/), and over NCCL
// between GPUs in builds with N2UQ_NCCL.
#include "op.h"

// Without c10d's headers these kernels do not exist.
#if __has_include(<torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>)
#ifndef USE_C10D_GLOO
#define USE_C10D_GLOO
#endif
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <thread>
#include <unordered_map>
#include <torch/csrc/distributed/c10d/FileStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#ifdef N2UQ_NCCL
#ifndef USE_C10D_NCCL
#define USE_C10D_NCCL
#endif
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif

namespace n2uq {
namespace {

/** A pending collective on several tensors, joined to one. */
struct Pending {
  Tensor bucket;
  std::vector<std::vector<int64_t>> shapes;
  double factor;
  c10::intrusive_ptr<c10d::Work> work;
};

/** This process's rank and process groups. */
struct Group {
  c10::intrusive_ptr<c10d::Store> store;
  c10::intrusive_ptr<c10d::ProcessGroupGloo> gloo;
#ifdef N2UQ_NCCL
  /** Null if this process computes on a CPU. */
  c10::intrusive_ptr<c10d::ProcessGroupNCCL> nccl;
#endif
  std::unordered_map<int64_t, Pending> pending;
  int64_t next = 1;
};

/** Waits for other processes on a separate thread, so that Node.js can handle signals. */
struct Task {
  std::atomic<bool> done{false};
  int64_t value = 0;
  std::string error;
};

/** Never destroyed: at exit its destructor would wait for Gloo's threads or for a pending task. */
auto& group = *new std::shared_ptr<Group>();
auto& tasks = *new std::unordered_map<int64_t, std::shared_ptr<Task>>();
int64_t nextTask = 1;

Group& joined() {
  if (!group || !group->gloo) throw std::runtime_error("this process has joined no ranks");
  return *group;
}

std::shared_ptr<Group> met() {
  if (!group || !group->store) throw std::runtime_error("this process knows no other ranks");
  return group;
}

std::chrono::milliseconds milliseconds(const Attributes& attributes) {
  return std::chrono::milliseconds(static_cast<int64_t>(attributes.number("timeoutMs")));
}

Tensor numberOf(int64_t number) {
  Tensor result = at::empty({}, at::kInt);
  *result.data_ptr<int32_t>() = static_cast<int32_t>(number);
  return result;
}

/** libtorch's store uses libuv by default since 2.4, but Node.js has its own and Debian's libtorch has none. */
template <typename Options>
auto withoutLibuv(Options& options, int) -> decltype(options.useLibUV = false, void()) {
  options.useLibUV = false;
}
template <typename Options>
void withoutLibuv(Options&, long) {}

/** Starts a task and returns its number, for `RanksPoll`. */
Tensors begin(std::function<int64_t()> work) {
  const auto task = std::make_shared<Task>();
  tasks.emplace(nextTask, task);
  std::thread([task, work = std::move(work)] {
    try {
      task->value = work();
    } catch (const std::exception& error) {
      task->error = error.what();
    } catch (...) {
      task->error = "an exception of unknown type";
    }
    task->done = true;
  }).detach();
  return {numberOf(nextTask++)};
}

/** task → its result, or -1 while it runs. Rethrows its exception. */
Tensors poll(const Tensors&, const Attributes& attributes) {
  const auto found = tasks.find(static_cast<int64_t>(attributes.number("task")));
  if (found == tasks.end()) throw std::runtime_error("there is no such task");
  if (!found->second->done) return {numberOf(-1)};
  const std::shared_ptr<Task> task = found->second;
  tasks.erase(found);
  if (!task->error.empty()) throw std::runtime_error(task->error);
  return {numberOf(task->value)};
}

/** The store of ranks on one machine: a file in a folder that only this user can access. */
c10::intrusive_ptr<c10d::Store> storeIn(const std::string& file, std::chrono::milliseconds timeout) {
  // The world size is so large that the store never removes the file; the process that created it does.
  auto made = c10::make_intrusive<c10d::FileStore>(file, -1);
  made->setTimeout(timeout);
  return made;
}

/**
 * file, timeoutMs; or host, port (0: any), server, timeoutMs → a task with the port as its result (0 with a file). Connects to
 * the store, whose keys the server keeps.
 */
Tensors connect(const Tensors&, const Attributes& attributes) {
  if (group && group->store) throw std::runtime_error("this process has met its ranks already");
  group = std::make_shared<Group>();
  const std::chrono::milliseconds timeout = milliseconds(attributes);
  if (attributes.has("file")) {
    return begin([own = group, file = attributes.text("file"), timeout] {
      own->store = storeIn(file, timeout);
      return int64_t{0};
    });
  }
  c10d::TCPStoreOptions options;
  options.port = static_cast<uint16_t>(attributes.number("port"));
  options.isServer = attributes.flag("server");
  options.waitWorkers = false;
  withoutLibuv(options, 0);
  options.timeout = timeout;
  return begin([own = group, host = attributes.text("host"), options] {
    const auto made = c10::make_intrusive<c10d::TCPStore>(host, options);
    own->store = made;
    return static_cast<int64_t>(made->getPort());
  });
}

/** key → a task that sets the key. */
Tensors set(const Tensors&, const Attributes& attributes) {
  return begin([own = met(), key = attributes.text("key")] {
    own->store->set(key, std::vector<uint8_t>{1});
    return int64_t{1};
  });
}

/** key → a task with the result whether the key is set. */
Tensors has(const Tensors&, const Attributes& attributes) {
  return begin([own = met(), key = attributes.text("key")] { return int64_t{own->store->check({key}) ? 1 : 0}; });
}

/** rank, world, address, timeoutMs → a task that connects to all other ranks; `address` is the address of this rank. */
Tensors join(const Tensors&, const Attributes& attributes) {
  auto options = c10d::ProcessGroupGloo::Options::create(milliseconds(attributes));
  // Listens only at this address.
  options->devices.push_back(c10d::ProcessGroupGloo::createDeviceForHostname(attributes.text("address")));
  // One collective at a time: more threads would take cores from the training step.
  options->threads = 1;
  const int rank = static_cast<int>(attributes.number("rank")), world = static_cast<int>(attributes.number("world"));
  return begin([own = met(), options, rank, world] {
    auto gloo = c10::make_intrusive<c10d::ProcessGroupGloo>(own->store, rank, world, options);
#ifdef N2UQ_NCCL
    if (device().is_cuda()) {
      const auto apart = c10::make_intrusive<c10d::PrefixStore>("nccl", own->store);
      own->nccl = c10::make_intrusive<c10d::ProcessGroupNCCL>(apart, rank, world);
    }
#endif
    own->gloo = std::move(gloo);
    return int64_t{1};
  });
}

/** Starts a collective on a bucket; Gloo needs it in the CPU's memory. */
c10::intrusive_ptr<c10d::Work> startOn(Tensor& bucket, bool broadcast) {
  Group& all = joined();
  const auto startIn = [&](auto& talking) {
    std::vector<Tensor> tensors{bucket};
    return broadcast ? talking.broadcast(tensors) : talking.allreduce(tensors);
  };
#ifdef N2UQ_NCCL
  if (all.nccl) return startIn(*all.nccl);
#endif
  bucket = bucket.cpu();
  return startIn(*all.gloo);
}

/** kind: sum, mean, or broadcast from rank 0 → the collective's number. All ranks start the same collectives in one order. */
Tensors start(const Tensors& inputs, const Attributes& attributes) {
  Group& all = joined();
  Pending pending;
  Tensors flat;
  for (const Tensor& input : inputs) {
    flat.push_back(input.reshape({-1}));
    pending.shapes.push_back(input.sizes().vec());
  }
  const std::string kind = attributes.text("kind");
  pending.bucket = at::cat(flat);
  pending.factor = kind == "mean" ? 1.0 / all.gloo->getSize() : 1.0;
  pending.work = startOn(pending.bucket, kind == "broadcast");
  const int64_t number = all.next++;
  all.pending.emplace(number, std::move(pending));
  return {numberOf(number)};
}

/** number → the tensors of the collective, with their values equal on all ranks. */
Tensors wait(const Tensors&, const Attributes& attributes) {
  Group& all = joined();
  const auto found = all.pending.find(static_cast<int64_t>(attributes.number("number")));
  if (found == all.pending.end()) throw std::runtime_error("nothing was started under this number");
  const Pending pending = std::move(found->second);
  all.pending.erase(found);
  pending.work->wait();
  if (pending.factor != 1) pending.bucket.mul_(pending.factor);
  const Tensor bucket = pending.bucket.to(device());
  Tensors results;
  int64_t at = 0;
  for (const auto& shape : pending.shapes) {
    int64_t count = 1;
    for (const int64_t side : shape) count *= side;
    results.push_back(bucket.narrow(0, at, count).view(shape));
    at += count;
  }
  return results;
}

Tensors destroy(const Tensors&, const Attributes&) {
  group.reset();
  return {};
}

const Register registered({
    {"RanksPoll", ANY, poll, LIST},
    {"RanksJoin", ANY, join, LIST},
    {"RanksDestroy", ANY, destroy, LIST},
    {"RanksConnect", ANY, connect, LIST},
    {"RanksStart", ANY, start, LIST},
    {"RanksSet", ANY, set, LIST},
    {"RanksHas", ANY, has, LIST},
    {"RanksWait", ANY, wait, LIST},
});

}  // namespace
}  // namespace n2uq

#endif
