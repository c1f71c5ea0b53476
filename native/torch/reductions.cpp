// Reductions along axes.
#include <ATen/ops/all.h>
#include <ATen/ops/amax.h>
#include <ATen/ops/amin.h>
#include <ATen/ops/any.h>
#include <ATen/ops/argmax.h>
#include <ATen/ops/argmin.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/cumprod.h>
#include <ATen/ops/cumsum.h>
#include <ATen/ops/full.h>
#include <ATen/ops/full_like.h>
#include <ATen/ops/isnan.h>
#include <ATen/ops/mean.h>
#include <ATen/ops/prod.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/sum.h>
#include <ATen/ops/where.h>

#include <algorithm>
#include <functional>
#include <limits>

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

/** The place of the extreme along an axis, `worst` being what no number loses to: a NaN is never it. */
template <Tensor (*function)(const Tensor&, c10::optional<int64_t>, bool)>
Tensor place(const Tensor& x, const Attributes& attributes, double worst) {
  const int64_t axis = attributes.ints("axes").at(0);
  if (x.scalar_type() != at::kFloat) return function(x.to(at::kInt), axis, false);
  return function(at::where(at::isnan(x), at::full({}, worst, here(at::kFloat)), x), axis, false);
}

constexpr double INF = std::numeric_limits<double>::infinity();
Tensors argMax(const Tensors& inputs, const Attributes& attributes) {
  return {place<at::argmax>(inputs.at(0), attributes, -INF)};
}
Tensors argMin(const Tensors& inputs, const Attributes& attributes) {
  return {place<at::argmin>(inputs.at(0), attributes, INF)};
}

/** Along an axis, or `reverse` from its end, each element with those before it, or `exclusive`: these alone. */
template <Tensor (*function)(const Tensor&, int64_t, c10::optional<at::ScalarType>)>
Tensor cumulative(const Tensor& given, const Attributes& attributes, double first) {
  const int64_t axis = attributes.ints("axes").at(0);
  const bool reverse = attributes.flag("reverse");
  Tensor x = reverse ? given.flip(axis) : given;
  if (attributes.flag("exclusive") && x.size(axis) > 0) {
    const Tensor start = at::full_like(x.narrow(axis, 0, 1), first);
    x = at::cat({start, x.narrow(axis, 0, x.size(axis) - 1)}, axis);
  }
  const Tensor results = function(x, axis, x.scalar_type() == at::kFloat ? at::kFloat : at::kInt);
  return reverse ? results.flip(axis) : results;
}

Tensors cumulativeSum(const Tensors& inputs, const Attributes& attributes) {
  return {cumulative<at::cumsum>(inputs.at(0), attributes, 0)};
}
Tensors cumulativeProduct(const Tensors& inputs, const Attributes& attributes) {
  return {cumulative<at::cumprod>(inputs.at(0), attributes, 1)};
}

Tensors softmax(const Tensors& inputs, const Attributes&) { return {at::softmax(inputs.at(0), -1)}; }

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
      {"Cumprod", cumulativeProduct},
      {"Cumsum", cumulativeSum},
      {"Softmax", softmax},
  });
}

}  // namespace n2uq
