// Normalisation over channels: in inference, in training, and its gradient.
#include <ATen/ops/add.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/native_batch_norm.h>
#include <ATen/ops/native_batch_norm_backward.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/rsqrt.h>
#include <ATen/ops/sub.h>
#include <ATen/ops/zeros_like.h>

#include "op.h"

namespace n2uq {
namespace {

bool isImages(const Tensor& x) { return x.dim() == 4; }
/** The channels second, as ATen wants them. */
Tensor channelsSecond(const Tensor& x) { return isImages(x) ? toChannelsFirst(x) : x; }
Tensor channelsEnd(const Tensor& x) { return isImages(x) ? toChannelsLast(x) : x; }

/** γ·(x - μ)/√(σ² + ε) + β of x, μ, σ², and γ and β where `scaled` and `shifted` say that they are there. */
Tensors inference(const Tensors& inputs, const Attributes& attributes) {
  const Tensor &x = inputs.at(0), &mean = inputs.at(1), &variance = inputs.at(2);
  const Tensor inverse = at::rsqrt(at::add(variance, attributes.number("varianceEpsilon")));
  size_t next = 3;
  const Tensor k = attributes.flag("scaled") ? at::mul(inverse, inputs.at(next++)) : inverse;
  const Tensor shift = at::mul(mean, k);
  const Tensor offset = attributes.flag("shifted") ? at::sub(inputs.at(next), shift) : shift.neg();
  return {at::mul(x, k).add_(offset)};
}

/** y, the batch's μ and unbiased σ², and μ, 1/√(σ² + ε) and an empty place for the gradient. */
Tensors training(const Tensors& inputs, const Attributes& attributes) {
  const Tensor x = channelsSecond(inputs.at(0));
  const Tensor &gamma = inputs.at(1), &beta = inputs.at(2);
  Tensor mean = at::zeros_like(gamma), variance = at::zeros_like(gamma);
  // With a momentum of 1 the running statistics are those of this batch.
  const auto result = at::native_batch_norm(x, gamma, beta, mean, variance, true, 1, attributes.number("epsilon"));
  return {channelsEnd(std::get<0>(result)), mean, variance, std::get<1>(result), std::get<2>(result), mean.alias()};
}

/** dx, dγ, dβ of dy, x, γ and what training left. */
Tensors gradient(const Tensors& inputs, const Attributes& attributes) {
  const Tensor dy = channelsSecond(inputs.at(0)), x = channelsSecond(inputs.at(1));
  const auto result = at::native_batch_norm_backward(dy, x, inputs.at(2), {}, {}, inputs.at(3), inputs.at(4), true,
                                                     attributes.number("epsilon"), {true, true, true});
  return {channelsEnd(std::get<0>(result)), std::get<1>(result), std::get<2>(result)};
}

}  // namespace

void addNormalization(Ops& ops) {
  ops.insert({{"BatchNormGradient", gradient}, {"BatchNormTraining", training}, {"FusedBatchNorm", inference}});
}

}  // namespace n2uq
