// How windows walk over images. The border is `padding: [top, bottom, left, right]`, of which "bottom" and "right" are
// only as many lines as a window reaches.
#pragma once
#include <ATen/ops/constant_pad_nd.h>

#include "op.h"

namespace n2uq {

using Sizes = std::vector<int64_t>;

/** How a window walks over the lines of an image; `window` is what it spans, holes included. */
struct Plan {
  Sizes window, strides, padding;
  int64_t height, width;

  bool equalSides() const {
    return equal(height, padding[0], padding[1], 0) && equal(width, padding[2], padding[3], 1);
  }
  Sizes sides() const { return {padding[0], padding[2]}; }

 private:
  /** Whether as many lines after as before give the same number of steps. */
  bool equal(int64_t length, int64_t before, int64_t after, int axis) const {
    const auto steps = [&](int64_t total) { return (total - window[axis]) / strides[axis] + 1; };
    return steps(length + 2 * before) == steps(length + before + after);
  }
};

inline Plan planOf(int64_t height, int64_t width, Sizes window, const Attributes& attributes) {
  return {std::move(window), attributes.ints("strides"), attributes.ints("padding"), height, width};
}

/** `x [batch, channels, height, width]` with the border around it. */
inline Tensor bordered(const Tensor& x, const Sizes& padding, double value) {
  return at::constant_pad_nd(x, {padding[2], padding[3], padding[0], padding[1]}, value);
}

/** What `bordered` was given, out of a tensor as large as its result. */
inline Tensor withoutBorder(const Tensor& x, const Plan& plan) {
  const Tensor rows = x.narrow(2, plan.padding[0], plan.height);
  return rows.narrow(3, plan.padding[2], plan.width);
}

inline const Sizes ONE = {1, 1}, NONE = {0, 0};

}  // namespace n2uq
