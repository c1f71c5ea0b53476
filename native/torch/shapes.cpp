// Creates tensors and changes their shapes.
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/full.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros_like.h>

#include "op.h"

namespace n2uq {
namespace {

Tensors concat(const Tensors& inputs, const Attributes& attributes) {
  return {at::cat(inputs, attributes.ints("axes").at(0))};
}

Tensors stack(const Tensors& inputs, const Attributes& attributes) {
  return {at::stack(inputs, attributes.ints("axes").at(0))};
}

Tensors fill(const Tensors&, const Attributes& attributes) {
  return {at::full(attributes.ints("shape"), attributes.number("value"), here(typeOf(attributes.text("dtype"))))};
}

Tensors range(const Tensors&, const Attributes& attributes) {
  const double start = attributes.number("start"), step = attributes.number("step");
  const int64_t count = static_cast<int64_t>(attributes.number("count"));
  const Tensor index = at::arange(count, here(at::kDouble));
  return {index.mul(step).add(start).to(typeOf(attributes.text("dtype")))};
}

Tensors reshape(const Tensors& inputs, const Attributes& attributes) {
  return {inputs.at(0).reshape(attributes.ints("shape"))};
}

/** A part of x, as a copy, because a view would keep the entire x in memory. */
Tensors slice(const Tensors& inputs, const Attributes& attributes) {
  const std::vector<int64_t> begin = attributes.ints("begin"), size = attributes.ints("size");
  Tensor x = inputs.at(0);
  for (size_t axis = 0; axis < begin.size(); axis++) x = x.narrow(axis, begin[axis], size[axis]);
  return {x.clone(at::MemoryFormat::Contiguous)};
}

Tensors tile(const Tensors& inputs, const Attributes& attributes) {
  return {inputs.at(0).repeat(attributes.ints("reps"))};
}

Tensors transpose(const Tensors& inputs, const Attributes& attributes) {
  return {inputs.at(0).permute(attributes.ints("perm")).contiguous()};
}

Tensors zerosLike(const Tensors& inputs, const Attributes&) { return {at::zeros_like(inputs.at(0))}; }
Tensors onesLike(const Tensors& inputs, const Attributes&) { return {at::ones_like(inputs.at(0))}; }

const Register registered({
    {"Concat", ANY, concat},
    {"ExpandDims", "input", reshape},
    {"Fill", "", fill},
    {"OnesLike", "x", onesLike},
    {"Pack", ANY, stack},
    {"Range", "", range},
    {"Reshape", "x", reshape},
    {"Slice", "x", slice},
    {"Tile", "x", tile},
    {"Transpose", "x", transpose},
    {"ZerosLike", "x", zerosLike},
});

}  // namespace
}  // namespace n2uq
