// Data-parallel training: how the ranks meet through one of c10d's stores, and the kernels of their collectives.
#include "collectives.h"

#ifdef N2UQ_RANKS
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>

#include <atomic>
#include <functional>
#include <stdexcept>
#include <thread>
#include <unordered_map>
#include <torch/csrc/distributed/c10d/FileStore.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

namespace n2uq {
namespace {

/** A pending collective on several tensors that are concatenated to one bucket. */
struct Pending {
  std::vector<std::vector<int64_t>> shapes;
  double factor;
  std::unique_ptr<Collective> work;
};

/** How this process reaches the other ranks. */
struct Group {
  c10::intrusive_ptr<c10d::Store> store;
  std::unique_ptr<Collectives> collectives;
  int world = 0;
  std::unordered_map<int64_t, Pending> pending;
  int64_t next = 1;
};

/** Results of `RanksJoin`. */
enum Transport { GLOO = 1, NCCL = 2 };

/** Work that waits for other processes, on a separate thread, so that Node.js can handle signals. */
struct Task {
  std::atomic<bool> done{false};
  int64_t value = 0;
  std::string error;
};

/** Never destroyed, because at exit its destructor would wait for Gloo's threads or for a pending task. */
auto& group = *new std::shared_ptr<Group>();
auto& tasks = *new std::unordered_map<int64_t, std::shared_ptr<Task>>();
int64_t nextTask = 1;

Group& joined() {
  if (!group || !group->collectives) throw std::runtime_error("this process has not joined its ranks");
  return *group;
}

std::shared_ptr<Group> met() {
  if (!group || !group->store) throw std::runtime_error("this process is not connected to other ranks");
  return group;
}

Timeout milliseconds(const Attributes& attributes) {
  return Timeout(static_cast<int64_t>(attributes.number("timeoutMs")));
}

Tensor numberOf(int64_t number) {
  Tensor result = at::empty({}, at::kInt);
  *result.data_ptr<int32_t>() = static_cast<int32_t>(number);
  return result;
}

/**
 * Since 2.4 libtorch's store uses libuv by default, but Node.js has its own libuv, and Debian's libtorch is
 * built without it.
 */
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

/** task → the task's result, or -1 while it runs. Rethrows the task's exception. */
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
c10::intrusive_ptr<c10d::Store> storeIn(const std::string& file, Timeout timeout) {
  // With the world size -1 the store never removes the file; the process that created the folder removes it.
  auto made = c10::make_intrusive<c10d::FileStore>(file, -1);
  made->setTimeout(timeout);
  return made;
}

/**
 * file, timeoutMs; or host, port (0: any), server, timeoutMs → a task that connects to the store; its result
 * is the port (0 with a file). The keys are kept by the server, or in the file.
 */
Tensors connect(const Tensors&, const Attributes& attributes) {
  if (group && group->store) throw std::runtime_error("this process is already connected to its ranks");
  group = std::make_shared<Group>();
  const Timeout timeout = milliseconds(attributes);
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

/** key → a task whose result is 1 if the key is set, else 0. */
Tensors has(const Tensors&, const Attributes& attributes) {
  return begin([own = met(), key = attributes.text("key")] { return int64_t{own->store->check({key}) ? 1 : 0}; });
}

/**
 * rank, world, address, timeoutMs, nccl → a task that connects to all other ranks; its result is a `Transport`.
 * `address` is the address of this rank. `nccl` is the file of NCCL, or absent for the one that belongs to libtorch;
 * with `none` the ranks use Gloo on GPUs too.
 */
Tensors join(const Tensors&, const Attributes& attributes) {
  const Member self{met()->store, static_cast<int>(attributes.number("rank")),
                    static_cast<int>(attributes.number("world")), milliseconds(attributes)};
  const std::string address = attributes.text("address"), file = attributes.has("nccl") ? attributes.text("nccl") : "";
  // The emulation of a GPU has no NCCL unless a file stands in for it.
  const bool onGpus = file != "none" && (device().is_cuda() || (usesGpuKernels() && !file.empty()));
  return begin([own = met(), self, address, file, onGpus] {
    own->world = self.world;
    auto made = onGpus ? overNccl(self, file) : nullptr;
    const Transport transport = made ? NCCL : GLOO;
    own->collectives = made ? std::move(made) : overGloo(self, address);
    return int64_t{transport};
  });
}

/**
 * kind (`sum`, `mean`, or `broadcast` from rank 0) and tensors → the collective's number. All ranks must
 * start the same collectives in the same order.
 */
Tensors start(const Tensors& inputs, const Attributes& attributes) {
  Group& all = joined();
  Pending pending;
  Tensors flat;
  for (const Tensor& input : inputs) {
    flat.push_back(input.reshape({-1}));
    pending.shapes.push_back(input.sizes().vec());
  }
  const std::string kind = attributes.text("kind");
  pending.factor = kind == "mean" ? 1.0 / all.world : 1.0;
  pending.work = all.collectives->start(at::cat(flat), kind == "broadcast");
  const int64_t number = all.next++;
  all.pending.emplace(number, std::move(pending));
  return {numberOf(number)};
}

/** number → waits for the collective and returns its tensors, whose values are equal on all ranks. */
Tensors wait(const Tensors&, const Attributes& attributes) {
  Group& all = joined();
  const auto found = all.pending.find(static_cast<int64_t>(attributes.number("number")));
  if (found == all.pending.end()) throw std::runtime_error("nothing was started under this number");
  const Pending pending = std::move(found->second);
  all.pending.erase(found);
  Tensor bucket = pending.work->wait();
  if (pending.factor != 1) bucket.mul_(pending.factor);
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
