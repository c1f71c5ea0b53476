// How windows move over images. The attribute `padding` is `[top, bottom, left, right]`; "bottom" and "right"
// include only the lines that a window reaches.
#pragma once
#include <ATen/ops/constant_pad_nd.h>

#include "op.h"

namespace n2uq {

using Sizes = std::vector<int64_t>;

/** How a window moves over the lines of an image; `window` is its extent, including dilation. */
struct Plan {
  Sizes window, strides, padding;
  int64_t height, width;

  bool equalSides() const {
    return equal(height, padding[0], padding[1], 0) && equal(width, padding[2], padding[3], 1);
  }
  Sizes sides() const { return {padding[0], padding[2]}; }

 private:
  /** Whether equal padding before and after gives the same number of steps. */
  bool equal(int64_t length, int64_t before, int64_t after, int axis) const {
    const auto steps = [&](int64_t total) { return (total - window[axis]) / strides[axis] + 1; };
    return steps(length + 2 * before) == steps(length + before + after);
  }
};

inline Plan planOf(int64_t height, int64_t width, Sizes window, const Attributes& attributes) {
  return {std::move(window), attributes.ints("strides"), attributes.ints("padding"), height, width};
}

/** `x [batch, channels, height, width]` with padding. */
inline Tensor bordered(const Tensor& x, const Sizes& padding, double value) {
  return at::constant_pad_nd(x, {padding[2], padding[3], padding[0], padding[1]}, value);
}

/** Removes the padding that `bordered` added. */
inline Tensor withoutBorder(const Tensor& x, const Plan& plan) {
  const Tensor rows = x.narrow(2, plan.padding[0], plan.height);
  return rows.narrow(3, plan.padding[2], plan.width);
}

inline const Sizes ONE = {1, 1}, NONE = {0, 0};

}  // namespace n2uq
