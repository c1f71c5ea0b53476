// Copies of a tensor's values to JavaScript, synchronous or asynchronous.
#pragma once
#include <ATen/ops/empty.h>
#include <c10/core/Event.h>
#include <c10/core/InferenceMode.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <chrono>
#include <cstring>
#include <optional>
#include <thread>

#include "javascript.h"

namespace n2uq {

/** A typed array for a tensor's values, not yet filled. */
inline Napi::TypedArray roomFor(Napi::Env env, const Tensor& tensor) {
  const size_t length = static_cast<size_t>(tensor.numel());
  if (tensor.scalar_type() == at::kBool) return Napi::Uint8Array::New(env, length);
  if (tensor.scalar_type() == at::kInt) return Napi::Int32Array::New(env, length);
  return Napi::Float32Array::New(env, length);
}

inline void copyTo(void* data, const Tensor& tensor) {
  const Tensor dense = tensor.contiguous().cpu();
  if (dense.nbytes() > 0) std::memcpy(data, dense.data_ptr(), dense.nbytes());
}

/**
 * A copy of a tensor to the host. On a GPU it is queued at once, in pinned memory, and an event marks its end: `wait`
 * does not wait for what is queued later, as a synchronization of the stream would.
 */
class QueuedCopy {
 public:
  explicit QueuedCopy(const Tensor& tensor) : values_(tensor) {
    if (!tensor.is_cuda()) return;
    const c10::Device gpu = tensor.device();
    values_ = at::empty(tensor.sizes(), at::TensorOptions(tensor.scalar_type()).pinned_memory(true));
    values_.copy_(tensor.contiguous(), true);
    copied_.emplace(gpu.type());
    copied_->record(c10::impl::VirtualGuardImpl(gpu.type()).getStream(gpu));
  }

  /** Waits for the copy, on any thread. */
  const Tensor& wait() const {
    while (copied_ && !copied_->query()) std::this_thread::sleep_for(std::chrono::microseconds(50));
    return values_;
  }

 private:
  Tensor values_;
  std::optional<c10::Event> copied_;
};

/** Copies a tensor in a thread of libuv. The object deletes itself afterwards. */
class Reading : public Napi::AsyncWorker {
 public:
  Reading(Napi::Env env, const Tensor& tensor)
      : AsyncWorker(env, "n2uq read"), result(Napi::Promise::Deferred::New(env)), copy_(tensor) {
    const Napi::TypedArray values = roomFor(env, tensor);
    data_ = values.ArrayBuffer().Data();
    values_ = Napi::Persistent(values);
  }

  const Napi::Promise::Deferred result;

 protected:
  void Execute() override {
    const c10::InferenceMode noGradients;
    copyTo(data_, copy_.wait());
  }
  void OnOK() override { result.Resolve(values_.Value()); }
  void OnError(const Napi::Error& error) override { result.Reject(error.Value()); }

 private:
  const QueuedCopy copy_;
  void* data_;
  Napi::Reference<Napi::TypedArray> values_;
};

}  // namespace n2uq
