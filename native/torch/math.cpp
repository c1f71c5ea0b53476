// Angles, hyperbolic functions, the rarer activations, and logic of bits.
#include <ATen/TensorOperators.h>
#include <ATen/ops/acos.h>
#include <ATen/ops/acosh.h>
#include <ATen/ops/asin.h>
#include <ATen/ops/asinh.h>
#include <ATen/ops/atan.h>
#include <ATen/ops/atan2.h>
#include <ATen/ops/atanh.h>
#include <ATen/ops/bitwise_and.h>
#include <ATen/ops/cos.h>
#include <ATen/ops/cosh.h>
#include <ATen/ops/elu.h>
#include <ATen/ops/ge.h>
#include <ATen/ops/leaky_relu.h>
#include <ATen/ops/selu.h>
#include <ATen/ops/sin.h>
#include <ATen/ops/sinh.h>
#include <ATen/ops/tan.h>
#include <ATen/ops/where.h>

#include "table.h"

namespace n2uq {
namespace {

Tensor elu(const Tensor& x) { return at::elu(asFloat(x)); }
Tensor selu(const Tensor& x) { return at::selu(asFloat(x)); }
/** Of dy and y: y is eˣ - 1 where x < 0, and so is its derivative less 1. */
Tensor eluGradient(const Tensor& dy, const Tensor& y) { return at::where(at::ge(y, 0), dy, dy * (y + 1)); }

Tensors leakyRelu(const Tensors& inputs, const Attributes& attributes) {
  return {at::leaky_relu(asFloat(inputs.at(0)), attributes.number("alpha"))};
}

}  // namespace

void addMath(Ops& ops) {
  ops.insert({
      {"Acos", one<at::acos>},
      {"Acosh", one<at::acosh>},
      {"Asin", one<at::asin>},
      {"Asinh", one<at::asinh>},
      {"Atan", one<at::atan>},
      {"Atanh", one<at::atanh>},
      {"Cos", one<at::cos>},
      {"Cosh", one<at::cosh>},
      {"Elu", one<elu>},
      {"Selu", one<selu>},
      {"Sin", one<at::sin>},
      {"Sinh", one<at::sinh>},
      {"Tan", one<at::tan>},
      {"Atan2", two<at::atan2>},
      {"BitwiseAnd", two<at::bitwise_and>},
      {"EluGrad", two<eluGradient>},
      {"LeakyRelu", leakyRelu},
  });
}

}  // namespace n2uq
