// Collectives over NCCL, between GPUs. NCCL is loaded at run time and called by its C functions, whose numbers are
// those of its manual: the build needs headers neither of NCCL nor of CUDA, and a lost rank becomes an exception.
#include "collectives.h"

#ifdef N2UQ_RANKS
#include <ATen/Context.h>
#include <c10/core/DeviceGuard.h>
#include <c10/core/Event.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <dlfcn.h>

#include <optional>
#include <set>
#include <thread>

#include "../gpu/launch.h"
#include "../library.h"

namespace n2uq {
namespace {

/** ncclUniqueId, which is passed by value. */
struct UniqueId {
  char bytes[128];
};

enum Status { SUCCESS = 0, IN_PROGRESS = 7 };
enum Operation { SUM = 0 };

/** Time between two questions whether a collective has ended. */
constexpr std::chrono::microseconds PAUSE(20);

int typeNumber(at::ScalarType type) {
  if (type == at::kInt) return 2;
  if (type == at::kFloat) return 7;
  throw std::runtime_error("ranks exchange values of float32 and int32 only");
}

/** The files that may be NCCL: beside the wheel of libtorch, as pip installs it, or where the loader looks. */
std::vector<std::string> candidates(const std::string& file) {
  if (!file.empty()) return {file};
  std::vector<std::string> names;
  Dl_info torch;
  if (dladdr(reinterpret_cast<void*>(&at::globalContext), &torch) != 0 && torch.dli_fname != nullptr) {
    const std::string path = torch.dli_fname;
    names.push_back(path.substr(0, path.rfind('/') + 1) + "../../nvidia/nccl/lib/libnccl.so.2");
  }
  names.push_back("libnccl.so.2");
  return names;
}

/** NCCL, which stays loaded; null if there is none and no file was named. */
const Library* nccl(const std::string& file) {
  try {
    return new Library(candidates(file));
  } catch (const std::exception& error) {
    if (!file.empty()) throw std::runtime_error(std::string("NCCL can't be loaded: ") + error.what());
    return nullptr;
  }
}

/** A communicator of this rank. It is aborted if another rank was lost. */
class Communicator {
 public:
  Communicator(const Library& library, const Member& self, const UniqueId& id)
      : library_(library), timeout_(self.timeout) {
    check(library_.call("ncclCommInitRank", &handle_, self.world, id, self.rank), "ncclCommInitRank");
    waitFor([] { return true; });
  }
  Communicator(const Communicator&) = delete;
  ~Communicator() {
    if (handle_ != nullptr) library_.call(unended_ == 0 ? "ncclCommDestroy" : "ncclCommAbort", handle_);
  }

  void start(Tensor& bucket, bool broadcast) {
    if (handle_ == nullptr) throw std::runtime_error("NCCL has lost another rank");
    const c10::DeviceGuard guard(device());
    void* const data = bucket.data_ptr();
    const size_t count = static_cast<size_t>(bucket.numel());
    const int type = typeNumber(bucket.scalar_type());
    void* const stream = currentStream();
    if (broadcast) check(library_.call("ncclBroadcast", data, data, count, type, 0, handle_, stream), "ncclBroadcast");
    else check(library_.call("ncclAllReduce", data, data, count, type, int{SUM}, handle_, stream), "ncclAllReduce");
    unended_ += 1;
  }

  /** Waits for a started collective, until `ended()`. */
  template <typename Ended>
  void finish(Ended ended) {
    waitFor(ended);
    unended_ -= 1;
  }

 private:

  /** Throws after the timeout, and if NCCL reports that it lost another rank. */
  template <typename Ended>
  void waitFor(Ended ended) {
    const auto until = std::chrono::steady_clock::now() + timeout_;
    while (isWorking() || !ended()) {
      if (std::chrono::steady_clock::now() > until) {
        abort();
        throw std::runtime_error("no answer within " + std::to_string(timeout_.count() / 1000.) + " s");
      }
      std::this_thread::sleep_for(PAUSE);
    }
  }

  bool isWorking() {
    if (handle_ == nullptr) throw std::runtime_error("NCCL has lost another rank");
    int status = SUCCESS;
    check(library_.call("ncclCommGetAsyncError", handle_, &status), "ncclCommGetAsyncError");
    if (status == IN_PROGRESS) return true;
    if (status == SUCCESS) return false;
    abort();
    check(status, "NCCL");
    return false;
  }

  /** Ends NCCL's kernels, which otherwise wait for the lost rank forever. */
  void abort() {
    library_.call("ncclCommAbort", handle_);
    handle_ = nullptr;
  }

  void check(int status, const char* what) const {
    if (status == SUCCESS || status == IN_PROGRESS) return;
    const char* const reason = library_.call<const char*>("ncclGetErrorString", status);
    throw std::runtime_error(std::string(what) + ": " + (reason == nullptr ? "an error" : reason));
  }

  const Library& library_;
  const Timeout timeout_;
  void* handle_ = nullptr;
  /** Started collectives that nobody has waited for. */
  int unended_ = 0;
};

class NcclCollective : public Collective {
 public:
  NcclCollective(std::shared_ptr<Communicator> communicator, const Tensor& bucket)
      : bucket_(bucket), communicator_(std::move(communicator)) {
    if (!bucket.is_cuda()) return;
    ended_.emplace(bucket.device().type());
    ended_->record(c10::impl::VirtualGuardImpl(bucket.device().type()).getStream(bucket.device()));
  }

  Tensor wait() override {
    communicator_->finish([this] { return !ended_ || ended_->query(); });
    return bucket_;
  }

 private:
  /** Freed after the communicator, which may still write to it. */
  Tensor bucket_;
  std::shared_ptr<Communicator> communicator_;
  /** The end of the GPU's work, if there is a GPU. */
  std::optional<c10::Event> ended_;
};

class Nccl : public Collectives {
 public:
  explicit Nccl(std::shared_ptr<Communicator> communicator) : communicator_(std::move(communicator)) {}

  std::unique_ptr<Collective> start(const Tensor& given, bool broadcast) override {
    Tensor bucket = given;
    communicator_->start(bucket, broadcast);
    return std::make_unique<NcclCollective>(communicator_, bucket);
  }

 private:
  std::shared_ptr<Communicator> communicator_;
};

std::vector<uint8_t> bytesOf(const std::string& text) { return {text.begin(), text.end()}; }

/** Whether all ranks have NCCL, each on a separate GPU. The ranks read the same values, so they decide the same. */
bool agreed(const Member& self, const std::string& gpu) {
  const auto key = [](int rank) { return "nccl/gpu/" + std::to_string(rank); };
  self.store->set(key(self.rank), bytesOf("gpu:" + gpu));
  std::set<std::vector<uint8_t>> gpus;
  for (int rank = 0; rank < self.world; rank++) gpus.insert(self.store->get(key(rank)));
  return gpus.size() == static_cast<size_t>(self.world) && gpus.count(bytesOf("gpu:")) == 0;
}

/** Rank 0's id of the communicator. */
UniqueId sharedId(const Library& library, const Member& self) {
  UniqueId id{};
  if (self.rank == 0) {
    if (library.call("ncclGetUniqueId", &id) != SUCCESS) throw std::runtime_error("ncclGetUniqueId failed");
    self.store->set("nccl/id", std::vector<uint8_t>(id.bytes, id.bytes + sizeof id.bytes));
    return id;
  }
  const std::vector<uint8_t> bytes = self.store->get("nccl/id");
  if (bytes.size() != sizeof id.bytes) throw std::runtime_error("rank 0 has no id of NCCL");
  std::copy(bytes.begin(), bytes.end(), id.bytes);
  return id;
}

}  // namespace

std::unique_ptr<Collectives> overNccl(const Member& self, const std::string& file) {
  // This is not the thread that runs the training, and CUDA's current device belongs to a thread.
  const c10::DeviceGuard guard(device());
  const Library* const library = nccl(file);
  if (!agreed(self, library == nullptr ? "" : gpuIdentity())) return nullptr;
  return std::make_unique<Nccl>(std::make_shared<Communicator>(*library, self, sharedId(*library, self)));
}

}  // namespace n2uq

#endif
