// A kernel: a function from tensors and attributes to tensors.
#pragma once
#include <ATen/core/Tensor.h>
#include <cstdint>
#include <string>
#include <vector>

#include "device.h"
#include "registry.h"

namespace n2uq {

using at::Tensor;

/**
 * The attributes of one call by name; undefined attributes are absent. Reading an absent attribute throws an
 * error that contains its name.
 */
class Attributes {
 public:
  virtual ~Attributes() = default;
  virtual bool has(const char* name) const = 0;
  virtual double number(const char* name) const = 0;
  virtual bool flag(const char* name) const = 0;
  /** A flag; false if it is absent. */
  bool isSet(const char* name) const { return has(name) && flag(name); }
  virtual std::string text(const char* name) const = 0;
  virtual std::vector<int64_t> ints(const char* name) const = 0;
};

/** The ATen type that has this name in TensorFlow.js. */
at::ScalarType typeOf(const std::string& dtype);

/**
 * A view of `[batch, height, width, channels]` as ATen's `[batch, channels, height, width]`. The memory is
 * still in channels-last order.
 */
inline Tensor toChannelsFirst(const Tensor& x) { return x.permute({0, 3, 1, 2}); }
inline Tensor toChannelsLast(const Tensor& x) { return x.permute({0, 2, 3, 1}); }

}  // namespace n2uq
