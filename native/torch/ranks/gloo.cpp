// Collectives over Gloo, in the CPU's memory. If Gloo's headers are not installed, the headers in stubs/ are used.
#include "collectives.h"

#ifdef N2UQ_RANKS
#ifndef USE_C10D_GLOO
#define USE_C10D_GLOO
#endif
#include <ATen/ops/empty.h>
#include <c10/core/Event.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <deque>
#include <optional>
#include <thread>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>

namespace n2uq {
namespace {

/** Time between two questions whether the GPU has copied a bucket. */
constexpr std::chrono::microseconds PAUSE(20);

/** A collective whose bucket is, or will be, in the CPU's memory. */
struct Sending {
  Tensor bucket;
  bool broadcast;
  /** The end of the GPU's copy to the CPU. Empty if there is none. */
  std::optional<c10::Event> copied;
  c10::intrusive_ptr<c10d::Work> work;
};

class Gloo;

class GlooCollective : public Collective {
 public:
  GlooCollective(Gloo& all, std::shared_ptr<Sending> sending) : all_(all), sending_(std::move(sending)) {}
  Tensor wait() override;

 private:
  Gloo& all_;
  std::shared_ptr<Sending> sending_;
};

class Gloo : public Collectives {
 public:
  explicit Gloo(c10::intrusive_ptr<c10d::ProcessGroupGloo> group) : group_(std::move(group)) {}

  std::unique_ptr<Collective> start(const Tensor& bucket, bool broadcast) override {
    const auto sending = std::make_shared<Sending>();
    sending->bucket = bucket;
    sending->broadcast = broadcast;
    if (bucket.is_cuda()) copyToCpu(*sending);
    copying_.push_back(sending);
    send();
    return std::make_unique<GlooCollective>(*this, sending);
  }

  /** Sends the buckets that have been copied, in the order of their starts. */
  void send() {
    for (; !copying_.empty(); copying_.pop_front()) {
      Sending& next = *copying_.front();
      if (next.copied && !next.copied->query()) return;
      std::vector<Tensor> tensors{next.bucket};
      next.work = next.broadcast ? group_->broadcast(tensors) : group_->allreduce(tensors);
    }
  }

 private:
  /** Queues the copy after the GPU's work so far. The CPU queues more work meanwhile. */
  void copyToCpu(Sending& sending) {
    const Tensor bucket = sending.bucket;
    sending.bucket = at::empty(bucket.sizes(), at::TensorOptions(bucket.scalar_type()).pinned_memory(true));
    sending.bucket.copy_(bucket, true);
    sending.copied.emplace(bucket.device().type());
    sending.copied->record(c10::impl::VirtualGuardImpl(bucket.device().type()).getStream(bucket.device()));
  }

  c10::intrusive_ptr<c10d::ProcessGroupGloo> group_;
  std::deque<std::shared_ptr<Sending>> copying_;
};

Tensor GlooCollective::wait() {
  while (!sending_->work) {
    all_.send();
    if (!sending_->work) std::this_thread::sleep_for(PAUSE);
  }
  sending_->work->wait();
  return sending_->bucket.to(device(), true);
}

}  // namespace

std::unique_ptr<Collectives> overGloo(const Member& self, const std::string& address) {
  auto options = c10d::ProcessGroupGloo::Options::create(self.timeout);
  options->devices.push_back(c10d::ProcessGroupGloo::createDeviceForHostname(address));
  // One thread runs the collectives one after the other; more threads would take cores from the training step.
  options->threads = 1;
  return std::make_unique<Gloo>(
      c10::make_intrusive<c10d::ProcessGroupGloo>(self.store, self.rank, self.world, options));
}

}  // namespace n2uq

#endif
