// Losses together with their gradients.
#include "op.h"

namespace n2uq {
namespace {

/** L = -1/batch · Σ p·log softmax(z) and its gradient (softmax(z) - p)/batch, for z and p `[batch, classes]`. */
Tensors softmaxCrossEntropy(const Tensors& inputs, const Attributes&) {
  const Tensor &z = inputs.at(0), &p = inputs.at(1);
  const double share = 1 / static_cast<double>(z.size(0));
  const Tensor logarithms = z.log_softmax(1);
  const Tensor loss = p.mul(logarithms).sum().mul_(-share);
  return {loss, logarithms.exp().sub_(p).mul_(share)};
}

const Register registered({{"SoftmaxCrossEntropy", "z p", softmaxCrossEntropy, LIST}});

}  // namespace
}  // namespace n2uq
