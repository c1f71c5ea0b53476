// Max pooling, and ReLU's gradient.
#include <ATen/ops/max_pool2d_with_indices.h>
#include <ATen/ops/max_pool2d_with_indices_backward.h>
#include <ATen/ops/threshold_backward.h>

#include <limits>

#include "plan.h"

namespace n2uq {
namespace {

/** Whether ATen supports the padding: it must be equal on opposite sides and at most half a window. */
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

/** The gradient goes to the first maximum of a window, as in PyTorch. */
Tensors maxPoolGradient(const Tensors& inputs, const Attributes& attributes) {
  const Pooled p = pooled(inputs.at(1), attributes);
  const Tensor dx = at::max_pool2d_with_indices_backward(toChannelsFirst(inputs.at(0)), p.input, p.plan.window,
                                                         p.plan.strides, p.sides, ONE, false, p.places);
  return {toChannelsLast(poolable(p.plan) ? dx : withoutBorder(dx, p.plan)).contiguous()};
}

/** dy where y > 0, else 0. */
Tensors reluGradient(const Tensors& inputs, const Attributes&) {
  return {at::threshold_backward(inputs.at(0), inputs.at(1), 0)};
}

const Register registered({
    {"MaxPool", "x", maxPool},
    {"MaxPoolGrad", "dy input", maxPoolGradient},
    {"ReluGradient", "dy y", reluGradient},
});

}  // namespace
}  // namespace n2uq
