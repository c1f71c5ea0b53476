// Reductions along axes, and products of matrices.
#include <ATen/ops/all.h>
#include <ATen/ops/amax.h>
#include <ATen/ops/amin.h>
#include <ATen/ops/any.h>
#include <ATen/ops/argmax.h>
#include <ATen/ops/argmin.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/cumsum.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/mean.h>
#include <ATen/ops/prod.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/sum.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <functional>

#include "op.h"

namespace n2uq {
namespace {

using Axes = std::vector<int64_t>;

bool keepDims(const Attributes& attributes) { return attributes.has("keepDims") && attributes.flag("keepDims"); }

/** Along no axis nothing is reduced; ATen would take all of them. */
template <Tensor (*function)(const Tensor&, const Axes&, bool)>
Tensors along(const Tensors& inputs, const Attributes& attributes) {
  const Axes axes = attributes.ints("axes");
  const Tensor& x = inputs.at(0);
  return {axes.empty() ? x.alias() : function(x, axes, keepDims(attributes))};
}

/** A function that ATen has for one axis at a time. */
template <typename Function>
Tensor oneByOne(Tensor x, Axes axes, bool keep, Function function) {
  std::sort(axes.begin(), axes.end(), std::greater<int64_t>());
  for (const int64_t axis : axes) x = function(x, axis, keep);
  return x;
}

Tensor sum(const Tensor& x, const Axes& axes, bool keep) {
  return at::sum(x, axes, keep, x.scalar_type() == at::kFloat ? at::kFloat : at::kInt);
}
Tensor mean(const Tensor& x, const Axes& axes, bool keep) { return at::mean(x, axes, keep, at::kFloat); }
Tensor largest(const Tensor& x, const Axes& axes, bool keep) { return at::amax(x, axes, keep); }
Tensor smallest(const Tensor& x, const Axes& axes, bool keep) { return at::amin(x, axes, keep); }
Tensor all(const Tensor& x, const Axes& axes, bool keep) {
  return oneByOne(x, axes, keep, [](const Tensor& t, int64_t axis, bool k) { return at::all(t, axis, k); });
}
Tensor any(const Tensor& x, const Axes& axes, bool keep) {
  return oneByOne(x, axes, keep, [](const Tensor& t, int64_t axis, bool k) { return at::any(t, axis, k); });
}
Tensor product(const Tensor& x, const Axes& axes, bool keep) {
  return oneByOne(x, axes, keep, [](const Tensor& t, int64_t axis, bool k) { return at::prod(t, axis, k); });
}

Tensors argMax(const Tensors& inputs, const Attributes& attributes) {
  return {at::argmax(inputs.at(0), attributes.ints("axes").at(0))};
}
Tensors argMin(const Tensors& inputs, const Attributes& attributes) {
  return {at::argmin(inputs.at(0), attributes.ints("axes").at(0))};
}

/** a·b of the last two axes. */
Tensors matrixProduct(const Tensors& inputs, const Attributes& attributes) {
  Tensor a = inputs.at(0), b = inputs.at(1);
  if (attributes.flag("transposeA")) a = a.transpose(-1, -2);
  if (attributes.flag("transposeB")) b = b.transpose(-1, -2);
  return {at::matmul(a, b)};
}

Tensors cumulativeSum(const Tensors& inputs, const Attributes& attributes) {
  const int64_t axis = attributes.ints("axes").at(0);
  const bool reverse = attributes.flag("reverse");
  Tensor x = reverse ? inputs.at(0).flip(axis) : inputs.at(0);
  if (attributes.flag("exclusive") && x.size(axis) > 0) {
    const Tensor first = at::zeros_like(x.narrow(axis, 0, 1));
    x = at::cat({first, x.narrow(axis, 0, x.size(axis) - 1)}, axis);
  }
  const Tensor sums = at::cumsum(x, axis, x.scalar_type() == at::kFloat ? at::kFloat : at::kInt);
  return {reverse ? sums.flip(axis) : sums};
}

Tensors softmax(const Tensors& inputs, const Attributes&) { return {at::softmax(inputs.at(0), -1)}; }
Tensors logSoftmax(const Tensors& inputs, const Attributes&) { return {at::log_softmax(inputs.at(0), -1)}; }

}  // namespace

void addReductions(Ops& ops) {
  ops.insert({
      {"All", along<all>},
      {"Any", along<any>},
      {"Max", along<largest>},
      {"Mean", along<mean>},
      {"Min", along<smallest>},
      {"Prod", along<product>},
      {"Sum", along<sum>},
      {"ArgMax", argMax},
      {"ArgMin", argMin},
      {"BatchMatMul", matrixProduct},
      {"Cumsum", cumulativeSum},
      {"LogSoftmax", logSoftmax},
      {"Softmax", softmax},
  });
}

}  // namespace n2uq
