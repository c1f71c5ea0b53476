// Elementwise functions.
#include "op.h"

namespace n2uq {
namespace {

/** A method of ATen's tensors. */
template <Tensor (Tensor::*method)() const>
Tensors one(const Tensors& inputs, const Attributes&) {
  return {(inputs.at(0).*method)()};
}

/** A method with a second tensor; the shapes are broadcast. */
template <Tensor (Tensor::*method)(const Tensor&) const>
Tensors two(const Tensors& inputs, const Attributes&) {
  return {(inputs.at(0).*method)(inputs.at(1))};
}

/** Whether the type is an integer type: int32 or bool. */
bool isInteger(const Tensor& x) { return x.scalar_type() != at::kFloat; }

/** A method that does not change integers, such as rounding. ATen does not have it for integer types. */
template <Tensor (Tensor::*method)() const>
Tensors rounded(const Tensors& inputs, const Attributes&) {
  const Tensor& x = inputs.at(0);
  return {isInteger(x) ? x.alias() : (x.*method)()};
}

Tensors add(const Tensors& inputs, const Attributes&) { return {inputs.at(0).add(inputs.at(1))}; }
Tensors sub(const Tensors& inputs, const Attributes&) { return {inputs.at(0).sub(inputs.at(1))}; }
Tensors floorDiv(const Tensors& inputs, const Attributes&) { return {inputs.at(0).div(inputs.at(1), "floor")}; }
Tensors squaredDifference(const Tensors& inputs, const Attributes&) {
  return {inputs.at(0).sub(inputs.at(1)).square()};
}
Tensors relu6(const Tensors& inputs, const Attributes&) { return {inputs.at(0).clamp(0, 6)}; }

Tensors cast(const Tensors& inputs, const Attributes& attributes) {
  const at::ScalarType wanted = typeOf(attributes.text("dtype"));
  const Tensor& x = inputs.at(0);
  if (wanted == x.scalar_type()) return {x.alias()};
  return {wanted == at::kBool ? x.ne(0) : x.to(wanted)};
}

Tensors clip(const Tensors& inputs, const Attributes& attributes) {
  const Tensor& x = inputs.at(0);
  const Tensor y = x.clamp(attributes.number("clipValueMin"), attributes.number("clipValueMax"));
  return {y.to(x.scalar_type())};
}

/** x where the condition is true, else y. A condition of rank 1 selects entire rows, as in TensorFlow.js. */
Tensors select(const Tensors& inputs, const Attributes&) {
  Tensor condition = inputs.at(0).to(at::kBool);
  const Tensor& x = inputs.at(1);
  if (condition.dim() == 1 && x.dim() > 1) {
    std::vector<int64_t> shape(x.dim(), 1);
    shape[0] = -1;
    condition = condition.reshape(shape);
  }
  return {x.where(condition, inputs.at(2))};
}

/** 1 where x > 0, NaN where x is NaN, else alpha. */
Tensors step(const Tensors& inputs, const Attributes& attributes) {
  const Tensor& x = inputs.at(0);
  const double alpha = attributes.has("alpha") ? attributes.number("alpha") : 0;
  Tensor steps = x.gt(0).to(x.scalar_type());
  if (alpha != 0) steps = steps.mul(1 - alpha).add(alpha);
  return {isInteger(x) ? steps : x.where(x.isnan(), steps)};
}

const Register registered({
    {"Abs", "x", one<&Tensor::abs>},
    {"Ceil", "x", rounded<&Tensor::ceil>},
    {"Cos", "x", one<&Tensor::cos>},
    {"Erf", "x", one<&Tensor::erf>},
    {"Exp", "x", one<&Tensor::exp>},
    {"Expm1", "x", one<&Tensor::expm1>},
    {"Floor", "x", rounded<&Tensor::floor>},
    {"IsNan", "x", one<&Tensor::isnan>},
    {"Log", "x", one<&Tensor::log>},
    {"Log1p", "x", one<&Tensor::log1p>},
    {"LogicalNot", "x", one<&Tensor::logical_not>},
    {"Neg", "x", one<&Tensor::neg>},
    {"Reciprocal", "x", one<&Tensor::reciprocal>},
    {"Relu", "x", one<&Tensor::relu>},
    {"Relu6", "x", relu6},
    {"Round", "x", rounded<&Tensor::round>},
    {"Rsqrt", "x", one<&Tensor::rsqrt>},
    {"Sigmoid", "x", one<&Tensor::sigmoid>},
    {"Sign", "x", one<&Tensor::sign>},
    {"Sin", "x", one<&Tensor::sin>},
    {"Sqrt", "x", one<&Tensor::sqrt>},
    {"Square", "x", one<&Tensor::square>},
    {"Tanh", "x", one<&Tensor::tanh>},
    {"Add", "a b", add},
    {"Equal", "a b", two<&Tensor::eq>},
    {"FloorDiv", "a b", floorDiv},
    {"Greater", "a b", two<&Tensor::gt>},
    {"GreaterEqual", "a b", two<&Tensor::ge>},
    {"Less", "a b", two<&Tensor::lt>},
    {"LessEqual", "a b", two<&Tensor::le>},
    {"LogicalAnd", "a b", two<&Tensor::logical_and>},
    {"LogicalOr", "a b", two<&Tensor::logical_or>},
    {"Maximum", "a b", two<&Tensor::maximum>},
    {"Minimum", "a b", two<&Tensor::minimum>},
    {"Mod", "a b", two<&Tensor::remainder>},
    {"Multiply", "a b", two<&Tensor::mul>},
    {"NotEqual", "a b", two<&Tensor::ne>},
    {"Pow", "a b", two<&Tensor::pow>},
    {"RealDiv", "a b", two<&Tensor::div>},
    {"SquaredDifference", "a b", squaredDifference},
    {"Sub", "a b", sub},
    {"Cast", "x", cast},
    {"ClipByValue", "x", clip},
    {"Select", "condition t e", select},
    {"Step", "x", step},
});

}  // namespace
}  // namespace n2uq
