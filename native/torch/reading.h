// Copies of a tensor's values to JavaScript, synchronous or asynchronous.
#pragma once
#include <c10/core/InferenceMode.h>

#include <cstring>

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

/** Copies a tensor in a thread of libuv. The object deletes itself afterwards. */
class Reading : public Napi::AsyncWorker {
 public:
  Reading(Napi::Env env, const Tensor& tensor)
      : AsyncWorker(env, "n2uq read"), result(Napi::Promise::Deferred::New(env)), tensor_(tensor) {
    const Napi::TypedArray values = roomFor(env, tensor);
    data_ = values.ArrayBuffer().Data();
    values_ = Napi::Persistent(values);
  }

  const Napi::Promise::Deferred result;

 protected:
  void Execute() override {
    const c10::InferenceMode noGradients;
    copyTo(data_, tensor_);
  }
  void OnOK() override { result.Resolve(values_.Value()); }
  void OnError(const Napi::Error& error) override { result.Reject(error.Value()); }

 private:
  const Tensor tensor_;
  void* data_;
  Napi::Reference<Napi::TypedArray> values_;
};

}  // namespace n2uq
