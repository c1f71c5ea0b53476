// Convolutions with their gradients, and max-pooling with its. The border is `padding: [top, bottom, left, right]`, of which
// "bottom" and "right" are only as many lines as a window reaches.
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/convolution.h>
#include <ATen/ops/convolution_backward.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/max_pool2d_with_indices.h>
#include <ATen/ops/max_pool2d_with_indices_backward.h>

#include <limits>

#include "op.h"

namespace n2uq {
namespace {

using Sizes = std::vector<int64_t>;

/** How a window walks over the lines of an image. */
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

Plan planOf(int64_t height, int64_t width, Sizes window, const Attributes& attributes) {
  return {std::move(window), attributes.ints("strides"), attributes.ints("padding"), height, width};
}

/** `x [batch, channels, height, width]` with the border around it. */
Tensor bordered(const Tensor& x, const Sizes& padding, double value) {
  return at::constant_pad_nd(x, {padding[2], padding[3], padding[0], padding[1]}, value);
}

/** What `bordered` was given, out of a tensor as large as its result. */
Tensor withoutBorder(const Tensor& x, const Plan& plan) {
  const Tensor rows = x.narrow(2, plan.padding[0], plan.height);
  return rows.narrow(3, plan.padding[2], plan.width);
}

/** TensorFlow.js's filter `[height, width, in, out]`, or by channel `[height, width, channels, multiplier]`. */
Tensor toFilter(const Tensor& filter, bool depthwise) {
  if (!depthwise) return filter.permute({3, 2, 0, 1});
  const Tensor byChannel = filter.permute({2, 3, 0, 1});
  return byChannel.reshape({-1, 1, filter.size(0), filter.size(1)});
}

Tensor fromFilter(const Tensor& filter, bool depthwise, const Sizes& shape) {
  if (!depthwise) return filter.permute({2, 3, 1, 0});
  return filter.reshape({shape[2], shape[3], shape[0], shape[1]}).permute({2, 3, 0, 1});
}

/** An empty tensor that only says what shape and order the gradient shall have. */
Tensor likeImage(const Sizes& shape) { return toChannelsFirst(at::empty(shape, at::kFloat)); }

const Sizes ONE = {1, 1}, NONE = {0, 0};

template <bool depthwise>
Tensors convolution(const Tensors& inputs, const Attributes& attributes) {
  const Tensor x = toChannelsFirst(inputs.at(0)), filter = toFilter(inputs.at(1), depthwise);
  const Plan plan = planOf(x.size(2), x.size(3), {filter.size(2), filter.size(3)}, attributes);
  const bool direct = plan.equalSides();
  const Tensor input = direct ? x : bordered(x, plan.padding, 0);
  const Sizes sides = direct ? plan.sides() : NONE;
  const int64_t groups = depthwise ? x.size(1) : 1;
  return {toChannelsLast(at::convolution(input, filter, {}, plan.strides, sides, ONE, false, NONE, groups))};
}

template <bool depthwise>
Tensors inputGradient(const Tensors& inputs, const Attributes& attributes) {
  const Tensor dy = toChannelsFirst(inputs.at(0)), filter = toFilter(inputs.at(1), depthwise);
  Sizes shape = attributes.ints("inputShape");
  const Plan plan = planOf(shape.at(1), shape.at(2), {filter.size(2), filter.size(3)}, attributes);
  const bool direct = plan.equalSides();
  if (!direct) {
    shape[1] += plan.padding[0] + plan.padding[1];
    shape[2] += plan.padding[2] + plan.padding[3];
  }
  const Sizes sides = direct ? plan.sides() : NONE;
  const int64_t groups = depthwise ? shape[3] : 1;
  const Tensor dx = std::get<0>(at::convolution_backward(dy, likeImage(shape), filter, {}, plan.strides, sides, ONE,
                                                         false, NONE, groups, {true, false, false}));
  return {toChannelsLast(direct ? dx : withoutBorder(dx, plan)).contiguous()};
}

template <bool depthwise>
Tensors filterGradient(const Tensors& inputs, const Attributes& attributes) {
  const Tensor x = toChannelsFirst(inputs.at(0)), dy = toChannelsFirst(inputs.at(1));
  const Sizes shape = attributes.ints("filterShape");
  const Plan plan = planOf(x.size(2), x.size(3), {shape.at(0), shape.at(1)}, attributes);
  const bool direct = plan.equalSides();
  const Tensor input = direct ? x : bordered(x, plan.padding, 0);
  const Tensor filter = depthwise ? at::empty({shape[2] * shape[3], 1, shape[0], shape[1]}, at::kFloat)
                                  : toChannelsFirst(at::empty({shape[3], shape[0], shape[1], shape[2]}, at::kFloat));
  const Sizes sides = direct ? plan.sides() : NONE;
  const int64_t groups = depthwise ? x.size(1) : 1;
  const Tensor dw = std::get<1>(at::convolution_backward(dy, input, filter, {}, plan.strides, sides, ONE, false, NONE,
                                                         groups, {false, true, false}));
  return {fromFilter(dw, depthwise, shape).contiguous()};
}

/** ATen pads by at most half a window. */
bool poolable(const Plan& plan) {
  const Sizes sides = plan.sides();
  return plan.equalSides() && 2 * sides[0] <= plan.window[0] && 2 * sides[1] <= plan.window[1];
}

struct Pooled {
  Tensor input, output, places;
  Plan plan;
  Sizes sides;
};

Pooled pooled(const Tensor& images, const Attributes& attributes) {
  const Tensor x = toChannelsFirst(images);
  const Plan plan = planOf(x.size(2), x.size(3), attributes.ints("window"), attributes);
  const bool direct = poolable(plan);
  const Tensor input = direct ? x : bordered(x, plan.padding, -std::numeric_limits<float>::infinity());
  const Sizes sides = direct ? plan.sides() : NONE;
  auto [output, places] = at::max_pool2d_with_indices(input, plan.window, plan.strides, sides);
  return {input, output, places, plan, sides};
}

Tensors maxPool(const Tensors& inputs, const Attributes& attributes) {
  return {toChannelsLast(pooled(inputs.at(0), attributes).output)};
}

/** To the first of a window's elements that equal its largest, as in PyTorch. */
Tensors maxPoolGradient(const Tensors& inputs, const Attributes& attributes) {
  const Pooled p = pooled(inputs.at(1), attributes);
  const Tensor dx = at::max_pool2d_with_indices_backward(toChannelsFirst(inputs.at(0)), p.input, p.plan.window,
                                                         p.plan.strides, p.sides, ONE, false, p.places);
  return {toChannelsLast(poolable(p.plan) ? dx : withoutBorder(dx, p.plan)).contiguous()};
}

}  // namespace

void addConvolution(Ops& ops) {
  ops.insert({
      {"Conv2D", convolution<false>},
      {"Conv2DBackpropFilter", filterGradient<false>},
      {"Conv2DBackpropInput", inputGradient<false>},
      {"DepthwiseConv2dNative", convolution<true>},
      {"DepthwiseConv2dNativeBackpropFilter", filterGradient<true>},
      {"DepthwiseConv2dNativeBackpropInput", inputGradient<true>},
      {"MaxPool", maxPool},
      {"MaxPoolGrad", maxPoolGradient},
  });
}

}  // namespace n2uq
