// Copies of a tensor's values to JavaScript, synchronous or asynchronous.
#pragma once
#include <c10/core/InferenceMode.h>

#include <cstring>
#include <memory>
#include <string>

#include "javascript.h"

namespace n2uq {

/** A typed array for a tensor's values, not yet filled, and the address of its memory. */
inline napi_value roomFor(napi_env env, const Tensor& tensor, void** data) {
  const auto type = tensor.scalar_type();
  napi_value buffer, values;
  check(napi_create_arraybuffer(env, tensor.nbytes(), data, &buffer), "memory for the values");
  const napi_typedarray_type kind =
      type == at::kBool ? napi_uint8_array : type == at::kInt ? napi_int32_array : napi_float32_array;
  check(napi_create_typedarray(env, kind, tensor.numel(), buffer, 0, &values), "memory for the values");
  return values;
}

inline void copyTo(void* data, const Tensor& tensor) {
  const Tensor dense = tensor.contiguous().cpu();
  if (dense.nbytes() > 0) std::memcpy(data, dense.data_ptr(), dense.nbytes());
}

/** read(id) → a new typed array. */
inline napi_value read(Call& call) {
  const Tensor& tensor = call.state.at(call.id(0));
  void* data = nullptr;
  napi_value values = roomFor(call.env, tensor, &data);
  copyTo(data, tensor);
  return values;
}

/** A pending copy in a thread of libuv. */
struct Reading {
  Tensor tensor;
  void* data = nullptr;
  napi_ref values = nullptr;
  napi_deferred deferred = nullptr;
  napi_async_work work = nullptr;
  std::string failure;
};

inline void copyThere(napi_env, void* given) {
  auto& reading = *static_cast<Reading*>(given);
  try {
    const c10::InferenceMode noGradients;
    copyTo(reading.data, reading.tensor);
  } catch (const std::exception& error) {
    reading.failure = error.what();
  }
}

inline void resolveCopy(napi_env env, napi_status status, void* given) {
  const std::unique_ptr<Reading> reading(static_cast<Reading*>(given));
  if (status != napi_ok && reading->failure.empty()) reading->failure = "the reading was cancelled";
  if (reading->failure.empty()) {
    napi_value values;
    napi_get_reference_value(env, reading->values, &values);
    napi_resolve_deferred(env, reading->deferred, values);
  } else {
    napi_value message, error;
    napi_create_string_utf8(env, reading->failure.c_str(), NAPI_AUTO_LENGTH, &message);
    napi_create_error(env, nullptr, message, &error);
    napi_reject_deferred(env, reading->deferred, error);
  }
  napi_delete_reference(env, reading->values);
  napi_delete_async_work(env, reading->work);
}

/** readLater(id) → a promise of a new typed array. Does not block this thread; the tensor may be released meanwhile. */
inline napi_value readLater(Call& call) {
  auto reading = std::make_unique<Reading>();
  reading->tensor = call.state.at(call.id(0));
  napi_value promise, name;
  check(napi_create_reference(call.env, roomFor(call.env, reading->tensor, &reading->data), 1, &reading->values),
        "memory for the values");
  napi_create_string_utf8(call.env, "n2uq read", NAPI_AUTO_LENGTH, &name);
  check(napi_create_async_work(call.env, nullptr, name, copyThere, resolveCopy, reading.get(), &reading->work),
        "a thread");
  check(napi_create_promise(call.env, &reading->deferred, &promise), "a promise");
  check(napi_queue_async_work(call.env, reading->work), "a thread");
  reading.release();
  return promise;
}

}  // namespace n2uq
