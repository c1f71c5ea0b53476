// Functions of each element by itself.
#include <ATen/ops/abs.h>
#include <ATen/ops/add.h>
#include <ATen/ops/ceil.h>
#include <ATen/ops/clamp.h>
#include <ATen/ops/div.h>
#include <ATen/ops/eq.h>
#include <ATen/ops/erf.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/expm1.h>
#include <ATen/ops/floor.h>
#include <ATen/ops/ge.h>
#include <ATen/ops/gt.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/isinf.h>
#include <ATen/ops/isnan.h>
#include <ATen/ops/le.h>
#include <ATen/ops/log.h>
#include <ATen/ops/log1p.h>
#include <ATen/ops/logical_and.h>
#include <ATen/ops/logical_not.h>
#include <ATen/ops/logical_or.h>
#include <ATen/ops/lt.h>
#include <ATen/ops/maximum.h>
#include <ATen/ops/minimum.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/ne.h>
#include <ATen/ops/neg.h>
#include <ATen/ops/pow.h>
#include <ATen/ops/reciprocal.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/remainder.h>
#include <ATen/ops/round.h>
#include <ATen/ops/rsqrt.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/sign.h>
#include <ATen/ops/softplus.h>
#include <ATen/ops/sqrt.h>
#include <ATen/ops/square.h>
#include <ATen/ops/sub.h>
#include <ATen/ops/tanh.h>
#include <ATen/ops/where.h>

#include "table.h"

namespace n2uq {
namespace {

Tensor add(const Tensor& a, const Tensor& b) { return at::add(a, b); }
Tensor sub(const Tensor& a, const Tensor& b) { return at::sub(a, b); }
Tensor squaredDifference(const Tensor& a, const Tensor& b) { return at::square(at::sub(a, b)); }
Tensor floorDiv(const Tensor& a, const Tensor& b) { return at::div(a, b, "floor"); }
Tensor realDiv(const Tensor& a, const Tensor& b) { return at::div(a, b); }
Tensor roundToEven(const Tensor& x) { return whole(x) ? x.alias() : at::round(x); }
Tensor ceiling(const Tensor& x) { return whole(x) ? x.alias() : at::ceil(x); }
Tensor flooring(const Tensor& x) { return whole(x) ? x.alias() : at::floor(x); }
Tensor same(const Tensor& x) { return x.alias(); }
Tensor softplus(const Tensor& x) { return at::softplus(x); }
Tensor relu6(const Tensor& x) { return at::clamp(x, 0, 6); }

Tensors sumOfAll(const Tensors& inputs, const Attributes&) {
  Tensor sum = inputs.at(0).clone();
  for (size_t index = 1; index < inputs.size(); index++) sum.add_(inputs[index]);
  return {sum};
}

Tensors cast(const Tensors& inputs, const Attributes& attributes) {
  const at::ScalarType wanted = typeOf(attributes.text("dtype"));
  const Tensor& x = inputs.at(0);
  if (wanted == x.scalar_type()) return {x.alias()};
  return {wanted == at::kBool ? at::ne(x, 0) : x.to(wanted)};
}

Tensors clip(const Tensors& inputs, const Attributes& attributes) {
  const Tensor& x = inputs.at(0);
  const Tensor y = at::clamp(x, attributes.number("clipValueMin"), attributes.number("clipValueMax"));
  return {y.to(x.scalar_type())};
}

/** TensorFlow.js's condition of rank 1 chooses whole rows. */
Tensors select(const Tensors& inputs, const Attributes&) {
  Tensor condition = inputs.at(0).to(at::kBool);
  const Tensor& x = inputs.at(1);
  if (condition.dim() == 1 && x.dim() > 1) {
    std::vector<int64_t> shape(x.dim(), 1);
    shape[0] = -1;
    condition = condition.reshape(shape);
  }
  return {at::where(condition, x, inputs.at(2))};
}

/** 1 where x > 0, NaN where x is, else alpha. */
Tensors step(const Tensors& inputs, const Attributes& attributes) {
  const Tensor& x = inputs.at(0);
  const double alpha = attributes.has("alpha") ? attributes.number("alpha") : 0;
  Tensor steps = at::gt(x, 0).to(x.scalar_type());
  if (alpha != 0) steps = at::add(at::mul(steps, 1 - alpha), alpha);
  return {whole(x) ? steps : at::where(at::isnan(x), x, steps)};
}

}  // namespace

void addElementwise(Ops& ops) {
  ops.insert({
      {"Abs", one<at::abs>},
      {"Ceil", one<ceiling>},
      {"Erf", one<at::erf>},
      {"Exp", one<at::exp>},
      {"Expm1", one<at::expm1>},
      {"Floor", one<flooring>},
      {"Identity", one<same>},
      {"IsFinite", one<at::isfinite>},
      {"IsInf", one<at::isinf>},
      {"IsNan", one<at::isnan>},
      {"Log", one<at::log>},
      {"Log1p", one<at::log1p>},
      {"LogicalNot", one<at::logical_not>},
      {"Neg", one<at::neg>},
      {"Reciprocal", one<at::reciprocal>},
      {"Relu", one<at::relu>},
      {"Relu6", one<relu6>},
      {"Round", one<roundToEven>},
      {"RoundSmall", one<roundToEven>},
      {"Rsqrt", one<at::rsqrt>},
      {"Sigmoid", one<at::sigmoid>},
      {"Sign", one<at::sign>},
      {"Softplus", one<softplus>},
      {"Sqrt", one<at::sqrt>},
      {"Square", one<at::square>},
      {"Tanh", one<at::tanh>},
      {"Add", two<add>},
      {"Equal", two<at::eq>},
      {"FloorDiv", two<floorDiv>},
      {"Greater", two<at::gt>},
      {"GreaterEqual", two<at::ge>},
      {"Less", two<at::lt>},
      {"LessEqual", two<at::le>},
      {"LogicalAnd", two<at::logical_and>},
      {"LogicalOr", two<at::logical_or>},
      {"Maximum", two<at::maximum>},
      {"Minimum", two<at::minimum>},
      {"Mod", two<at::remainder>},
      {"Multiply", two<at::mul>},
      {"NotEqual", two<at::ne>},
      {"Pow", two<at::pow>},
      {"RealDiv", two<realDiv>},
      {"SquaredDifference", two<squaredDifference>},
      {"Sub", two<sub>},
      {"AddN", sumOfAll},
      {"Cast", cast},
      {"ClipByValue", clip},
      {"Select", select},
      {"Step", step},
  });
}

}  // namespace n2uq
