// Pooling with its gradients, and normalisation by the channels beside.
#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/avg_pool2d_backward.h>
#include <ATen/ops/div.h>
#include <ATen/ops/max_pool2d_with_indices.h>
#include <ATen/ops/max_pool2d_with_indices_backward.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/pow.h>
#include <ATen/ops/square.h>

#include <limits>

#include "plan.h"

namespace n2uq {
namespace {

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

/** With the place of each largest element in the whole input, or in its image, in TensorFlow.js's order. */
Tensors maxPoolWithPlaces(const Tensors& inputs, const Attributes& attributes) {
  const Pooled p = pooled(inputs.at(0), attributes);
  const int64_t batch = p.input.size(0), channels = p.input.size(1), width = p.input.size(3);
  const bool direct = poolable(p.plan);
  const Tensor row = at::div(p.places, width, "floor") - (direct ? 0 : p.plan.padding[0]);
  const Tensor column = p.places.remainder(width) - (direct ? 0 : p.plan.padding[2]);
  Tensor places = (row * p.plan.width + column) * channels + at::arange(channels, here(at::kLong)).view({1, -1, 1, 1});
  if (attributes.flag("includeBatchInIndex")) {
    const int64_t image = p.plan.height * p.plan.width * channels;
    places = places + (at::arange(batch, here(at::kLong)) * image).view({-1, 1, 1, 1});
  }
  return {toChannelsLast(p.output).contiguous(), toChannelsLast(places).contiguous()};
}

/** How many elements of the image each window holds, `[1, 1, height, width]` as shares of a window. */
Tensor filled(const Plan& plan) {
  const Tensor image = at::ones({1, 1, plan.height, plan.width}, here(at::kFloat));
  return at::avg_pool2d(bordered(image, plan.padding, 0), plan.window, plan.strides);
}

/** The border does not count. */
Tensors avgPool(const Tensors& inputs, const Attributes& attributes) {
  const Tensor x = toChannelsFirst(inputs.at(0));
  const Plan plan = planOf(x.size(2), x.size(3), attributes.ints("window"), attributes);
  if (poolable(plan)) {
    return {toChannelsLast(at::avg_pool2d(x, plan.window, plan.strides, plan.sides(), false, false)).contiguous()};
  }
  const Tensor means = at::avg_pool2d(bordered(x, plan.padding, 0), plan.window, plan.strides);
  return {toChannelsLast(at::div(means, filled(plan))).contiguous()};
}

Tensors avgPoolGradient(const Tensors& inputs, const Attributes& attributes) {
  const Tensor dy = toChannelsFirst(inputs.at(0)), x = toChannelsFirst(inputs.at(1));
  const Plan plan = planOf(x.size(2), x.size(3), attributes.ints("window"), attributes);
  if (poolable(plan)) {
    const Tensor dx = at::avg_pool2d_backward(dy, x, plan.window, plan.strides, plan.sides(), false, false, {});
    return {toChannelsLast(dx).contiguous()};
  }
  const Tensor dx = at::avg_pool2d_backward(at::div(dy, filled(plan)), bordered(x, plan.padding, 0), plan.window,
                                            plan.strides, NONE, false, true, {});
  return {toChannelsLast(withoutBorder(dx, plan)).contiguous()};
}

/** Each channel's sum with those that are at most `depthRadius` away. */
Tensor overNeighbours(const Tensor& x, const Attributes& attributes) {
  const int64_t radius = static_cast<int64_t>(attributes.number("depthRadius"));
  return at::constant_pad_nd(x, {radius, radius}).unfold(-1, 2 * radius + 1, 1).sum(-1);
}

/** n = bias + α·Σ x² */
Tensor scaleOf(const Tensor& x, const Attributes& attributes) {
  return overNeighbours(at::square(x), attributes) * attributes.number("alpha") + attributes.number("bias");
}

/** x·n^-β */
Tensors localResponse(const Tensors& inputs, const Attributes& attributes) {
  const Tensor& x = inputs.at(0);
  return {x * at::pow(scaleOf(x, attributes), -attributes.number("beta"))};
}

/** dy·n^-β - 2αβ·x·Σ dy·y/n of dy, x and y. */
Tensors localResponseGradient(const Tensors& inputs, const Attributes& attributes) {
  const Tensor &dy = inputs.at(0), &x = inputs.at(1), &y = inputs.at(2);
  const Tensor n = scaleOf(x, attributes);
  const double alpha = attributes.number("alpha"), beta = attributes.number("beta");
  return {dy * at::pow(n, -beta) - x * overNeighbours(dy * y / n, attributes) * (2 * alpha * beta)};
}

}  // namespace

void addPooling(Ops& ops) {
  ops.insert({
      {"AvgPool", avgPool},
      {"AvgPoolGrad", avgPoolGradient},
      {"LRN", localResponse},
      {"LRNGrad", localResponseGradient},
      {"MaxPool", maxPool},
      {"MaxPoolGrad", maxPoolGradient},
      {"MaxPoolWithArgmax", maxPoolWithPlaces},
  });
}

}  // namespace n2uq
