// Reductions along axes.
#include <algorithm>
#include <functional>
#include <limits>

#include "op.h"

namespace n2uq {
namespace {

using Axes = std::vector<int64_t>;

/** Reduces x along the attribute `axes`. Without axes x is returned unchanged, because ATen would reduce all axes. */
template <Tensor (*function)(const Tensor&, const Axes&, bool)>
Tensors along(const Tensors& inputs, const Attributes& attributes) {
  const Axes axes = attributes.ints("axes");
  const Tensor& x = inputs.at(0);
  return {axes.empty() ? x.alias() : function(x, axes, attributes.isSet("keepDims"))};
}

/** Applies a function that ATen has only for a single axis, axis by axis. */
template <typename Function>
Tensor oneByOne(Tensor x, Axes axes, bool keep, Function function) {
  std::sort(axes.begin(), axes.end(), std::greater<int64_t>());
  for (const int64_t axis : axes) x = function(x, axis, keep);
  return x;
}

Tensor sum(const Tensor& x, const Axes& axes, bool keep) {
  return x.sum(axes, keep, x.scalar_type() == at::kFloat ? at::kFloat : at::kInt);
}
Tensor mean(const Tensor& x, const Axes& axes, bool keep) { return x.mean(axes, keep, at::kFloat); }
Tensor largest(const Tensor& x, const Axes& axes, bool keep) { return x.amax(axes, keep); }
Tensor smallest(const Tensor& x, const Axes& axes, bool keep) { return x.amin(axes, keep); }
Tensor all(const Tensor& x, const Axes& axes, bool keep) {
  return oneByOne(x, axes, keep, [](const Tensor& t, int64_t axis, bool k) { return t.all(axis, k); });
}
Tensor any(const Tensor& x, const Axes& axes, bool keep) {
  return oneByOne(x, axes, keep, [](const Tensor& t, int64_t axis, bool k) { return t.any(axis, k); });
}

constexpr double INF = std::numeric_limits<double>::infinity();

int64_t axisOf(const Attributes& attributes) { return attributes.ints("axes").at(0); }

/**
 * Prepares x for argmax or argmin: integers and bools become int32, because ATen does not compare bools, and
 * NaN becomes `worst`, which is never the extreme.
 */
Tensor comparable(const Tensor& x, double worst) {
  return x.scalar_type() == at::kFloat ? x.masked_fill(x.isnan(), worst) : x.to(at::kInt);
}

Tensors argMax(const Tensors& inputs, const Attributes& attributes) {
  return {comparable(inputs.at(0), -INF).argmax(axisOf(attributes))};
}
Tensors argMin(const Tensors& inputs, const Attributes& attributes) {
  return {comparable(inputs.at(0), INF).argmin(axisOf(attributes))};
}

/** Cumulative sum along an axis; `reverse`: from its end; `exclusive`: without the element itself. */
Tensors cumulativeSum(const Tensors& inputs, const Attributes& attributes) {
  const int64_t axis = axisOf(attributes);
  const bool reverse = attributes.isSet("reverse");
  const Tensor x = reverse ? inputs.at(0).flip(axis) : inputs.at(0);
  Tensor sums = x.cumsum(axis, x.scalar_type() == at::kFloat ? at::kFloat : at::kInt);
  if (attributes.isSet("exclusive") && x.size(axis) > 0) {
    const Tensor before = sums.new_zeros(sums.sizes());
    const int64_t others = x.size(axis) - 1;
    before.narrow(axis, 1, others).copy_(sums.narrow(axis, 0, others));
    sums = before;
  }
  return {reverse ? sums.flip(axis) : sums};
}

Tensors softmax(const Tensors& inputs, const Attributes&) { return {inputs.at(0).softmax(-1)}; }

const Register registered({
    {"All", "x", along<all>},
    {"Any", "x", along<any>},
    {"ArgMax", "x", argMax},
    {"ArgMin", "x", argMin},
    {"Cumsum", "x", cumulativeSum},
    {"Max", "x", along<largest>},
    {"Mean", "x", along<mean>},
    {"Min", "x", along<smallest>},
    {"Softmax", "logits", softmax},
    {"Sum", "x", along<sum>},
});

}  // namespace
}  // namespace n2uq
