// Convolutions with their gradients, and matmuls: the operations in the matmul precision (`training.precision`).
#include <ATen/ops/convolution.h>
#include <ATen/ops/convolution_backward.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/matmul.h>

#include "integers.h"
#include "plan.h"
#include "winograd.h"

namespace n2uq {
namespace {

/**
 * Converts TensorFlow.js's filter `[height, width, in, out]`, or depthwise
 * `[height, width, channels, multiplier]`, to ATen's layout.
 */
Tensor toFilter(const Tensor& filter, bool depthwise) {
  if (!depthwise) return filter.permute({3, 2, 0, 1});
  const Tensor byChannel = filter.permute({2, 3, 0, 1});
  return byChannel.reshape({-1, 1, filter.size(0), filter.size(1)});
}

Tensor fromFilter(const Tensor& filter, bool depthwise, const Sizes& shape) {
  if (!depthwise) return filter.permute({2, 3, 1, 0});
  return filter.reshape({shape[2], shape[3], shape[0], shape[1]}).permute({2, 3, 0, 1});
}

/** Whether the images are channels first, as in ATen, instead of channels last. */
bool channelsFirst(const Attributes& attributes) { return attributes.flag("channelsFirst"); }
Tensor imagesIn(const Tensor& x, const Attributes& attributes) {
  return channelsFirst(attributes) ? x : toChannelsFirst(x);
}
Tensor imagesOut(const Tensor& x, const Attributes& attributes) {
  return channelsFirst(attributes) ? x : toChannelsLast(x);
}

/** The plan of a filter, including its dilation. @param images the sizes of the images, in the attributes' layout */
Plan planOfFilter(at::IntArrayRef images, int64_t height, int64_t width, const Attributes& attributes) {
  const Sizes holes = attributes.ints("dilations");
  const Sizes window = {(height - 1) * holes[0] + 1, (width - 1) * holes[1] + 1};
  const size_t first = channelsFirst(attributes) ? 2 : 1;
  return planOf(images[first], images[first + 1], window, attributes);
}

template <bool depthwise>
Tensors convolution(const Tensors& inputs, const Attributes& attributes) {
  const Tensor x = imagesIn(inputs.at(0), attributes), filter = toFilter(inputs.at(1), depthwise);
  const Plan plan = planOfFilter(inputs.at(0).sizes(), filter.size(2), filter.size(3), attributes);
  if (!depthwise && !channelsFirst(attributes) && attributes.ints("dilations") == ONE) {
    const Tensor exact = integerConvolution(inputs.at(0), inputs.at(1), plan);
    if (exact.defined()) return {exact};
  }
  if constexpr (!depthwise) {
    const Winograd winograd(inputs.at(0).sizes(), inputs.at(1).sizes(), plan, attributes);
    if (winograd.usable()) return {winograd.convolution(inputs.at(0), inputs.at(1))};
  }
  const bool direct = plan.equalSides();
  const Tensor input = direct ? x : bordered(x, plan.padding, 0);
  const Sizes sides = direct ? plan.sides() : NONE;
  const int64_t groups = depthwise ? x.size(1) : 1;
  const Tensor y = at::convolution(lowered(input), lowered(filter), {}, plan.strides, sides,
                                   attributes.ints("dilations"), false, NONE, groups);
  return {imagesOut(raised(y), attributes)};
}

template <bool depthwise>
Tensors inputGradient(const Tensors& inputs, const Attributes& attributes) {
  const Tensor dy = imagesIn(inputs.at(0), attributes), filter = toFilter(inputs.at(1), depthwise);
  const Sizes shape = attributes.ints("inputShape");
  const Plan plan = planOfFilter(shape, filter.size(2), filter.size(3), attributes);
  if constexpr (!depthwise) {
    const Winograd winograd(shape, inputs.at(1).sizes(), plan, attributes);
    if (winograd.usable()) return {winograd.inputGradient(inputs.at(0), inputs.at(1))};
  }
  const Tensor like = imagesIn(at::empty(shape, here(at::kFloat)), attributes);
  const bool direct = plan.equalSides();
  const Tensor x = direct ? like : bordered(like, plan.padding, 0);
  const Sizes sides = direct ? plan.sides() : NONE, holes = attributes.ints("dilations");
  const int64_t groups = depthwise ? like.size(1) : 1;
  const Tensor dx = raised(std::get<0>(at::convolution_backward(lowered(dy), lowered(x), lowered(filter), {},
                                                                plan.strides, sides, holes, false, NONE, groups,
                                                                {true, false, false})));
  return {imagesOut(direct ? dx : withoutBorder(dx, plan), attributes).contiguous()};
}

template <bool depthwise>
Tensors filterGradient(const Tensors& inputs, const Attributes& attributes) {
  const Tensor x = imagesIn(inputs.at(0), attributes), dy = imagesIn(inputs.at(1), attributes);
  const Sizes shape = attributes.ints("filterShape");
  const Plan plan = planOfFilter(inputs.at(0).sizes(), shape.at(0), shape.at(1), attributes);
  if constexpr (!depthwise) {
    const Winograd winograd(inputs.at(0).sizes(), shape, plan, attributes);
    if (winograd.usable()) return {winograd.filterGradient(inputs.at(0), inputs.at(1))};
  }
  const bool direct = plan.equalSides();
  const Tensor input = direct ? x : bordered(x, plan.padding, 0);
  const Tensor filter = depthwise ? at::empty({shape[2] * shape[3], 1, shape[0], shape[1]}, here(at::kFloat))
                                  : toChannelsFirst(at::empty({shape[3], shape[0], shape[1], shape[2]}, here(at::kFloat)));
  const Sizes sides = direct ? plan.sides() : NONE, holes = attributes.ints("dilations");
  const int64_t groups = depthwise ? x.size(1) : 1;
  const Tensor dw = raised(std::get<1>(at::convolution_backward(lowered(dy), lowered(input), lowered(filter), {},
                                                                plan.strides, sides, holes, false, NONE, groups,
                                                                {false, true, false})));
  return {fromFilter(dw, depthwise, shape).contiguous()};
}

/** The matmul a·b over the last two axes; the other axes are broadcast. */
Tensors matrixProduct(const Tensors& inputs, const Attributes& attributes) {
  Tensor a = inputs.at(0), b = inputs.at(1);
  TORCH_CHECK(a.dim() > 1 && b.dim() > 1, "both must have two axes or more");
  if (attributes.isSet("transposeA")) a = a.transpose(-1, -2);
  if (attributes.isSet("transposeB")) b = b.transpose(-1, -2);
  return {raised(at::matmul(lowered(a), lowered(b)))};
}

const Register registered({
    {"BatchMatMul", "a b", matrixProduct},
    {"Conv2D", "x filter", convolution<false>},
    {"Conv2DBackpropFilter", "x dy", filterGradient<false>},
    {"Conv2DBackpropInput", "dy filter", inputGradient<false>},
    {"DepthwiseConv2dNative", "x filter", convolution<true>},
    {"DepthwiseConv2dNativeBackpropFilter", "x dy", filterGradient<true>},
    {"DepthwiseConv2dNativeBackpropInput", "dy filter", inputGradient<true>},
});

}  // namespace
}  // namespace n2uq
