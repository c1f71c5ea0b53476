// Losses and their gradients at once.
#include <ATen/TensorOperators.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/log_softmax.h>

#include "op.h"

namespace n2uq {
namespace {

/** L = -1/batch · Σ p·log softmax(z), and its gradient (softmax(z) - p)/batch, of z and p `[batch, classes]`. */
Tensors softmaxCrossEntropy(const Tensors& inputs, const Attributes&) {
  const Tensor &z = inputs.at(0), &p = inputs.at(1);
  const double share = 1 / static_cast<double>(z.size(0));
  const Tensor logarithms = at::log_softmax(z, 1);
  const Tensor loss = (p * logarithms).sum().mul_(-share);
  return {loss, at::exp(logarithms).sub_(p).mul_(share)};
}

}  // namespace

void addLosses(Ops& ops) { ops.insert({{"SoftmaxCrossEntropy", softmaxCrossEntropy}}); }

}  // namespace n2uq
