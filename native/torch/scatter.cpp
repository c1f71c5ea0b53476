// Elements by their coordinates, in order, without repetition, or by chance.
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/argsort.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/multinomial.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/sort.h>
#include <ATen/ops/unique_dim.h>
#include <ATen/ops/zeros.h>

#include "op.h"

namespace n2uq {
namespace {

using Sizes = std::vector<int64_t>;

/** A tensor of `shape` seen as rows that coordinates of `depth` numbers name. */
struct Rows {
  Sizes shape;
  int64_t depth;

  Rows(at::IntArrayRef of, int64_t numbers) : shape(of.vec()), depth(numbers) {
    TORCH_CHECK(depth <= static_cast<int64_t>(shape.size()), "coordinates of ", depth, " numbers for ", of);
  }

  Sizes rest() const { return Sizes(shape.begin() + depth, shape.end()); }
  int64_t count() const { return c10::multiply_integers(shape.begin(), shape.begin() + depth); }
  int64_t length() const { return c10::multiply_integers(shape.begin() + depth, shape.end()); }

  /** `[.., depth]` → numbers of rows. */
  Tensor numbers(const Tensor& coordinates) const {
    const Tensor list = coordinates.to(at::kLong).reshape({-1, depth});
    Tensor numbers = at::zeros({list.size(0)}, here(at::kLong));
    for (int64_t axis = 0; axis < depth; axis++) {
      const Tensor part = list.select(1, axis);
      const bool inside = part.ge(0).logical_and(part.lt(shape[axis])).all().item<bool>();
      TORCH_CHECK(inside, "Invalid indices: one does not index into ", at::IntArrayRef(shape));
      numbers = numbers * shape[axis] + part;
    }
    return numbers;
  }
};

/** How many numbers one of a list of coordinates has. */
int64_t depthOf(const Tensor& coordinates) { return coordinates.dim() > 1 ? coordinates.size(-1) : 1; }

Tensors gatherNd(const Tensors& inputs, const Attributes&) {
  const Tensor &x = inputs.at(0), &indices = inputs.at(1);
  const Rows rows(x.sizes(), indices.size(-1));
  Sizes shape = indices.sizes().slice(0, indices.dim() - 1).vec();
  for (const int64_t size : rows.rest()) shape.push_back(size);
  return {at::index_select(x.reshape({rows.count(), rows.length()}), 0, rows.numbers(indices)).reshape(shape)};
}

/** What has the same coordinates is added up. */
Tensors scatterNd(const Tensors& inputs, const Attributes& attributes) {
  const Tensor &indices = inputs.at(0), &updates = inputs.at(1);
  const Sizes shape = attributes.ints("shape");
  const Rows rows(shape, depthOf(indices));
  const at::ScalarType type = updates.scalar_type(), adding = type == at::kBool ? at::kInt : type;
  const Tensor sums = at::zeros({rows.count(), rows.length()}, here(adding))
                          .index_add_(0, rows.numbers(indices), updates.to(adding).reshape({-1, rows.length()}));
  return {sums.reshape(shape).to(type)};
}

/** `x` with rows of `updates` in it; of those with the same coordinates the last stays. */
Tensor replaced(const Tensor& x, const Tensor& indices, const Tensor& updates) {
  const Rows rows(x.sizes(), depthOf(indices));
  const Tensor numbers = rows.numbers(indices);
  const Tensor given = updates.dim() == 0 ? updates.expand({numbers.numel(), rows.length()})
                                          : updates.reshape({-1, rows.length()});
  return x.reshape({rows.count(), rows.length()}).index_copy(0, numbers, given).reshape(x.sizes());
}

Tensors scatterUpdate(const Tensors& inputs, const Attributes&) {
  return {replaced(inputs.at(0), inputs.at(1), inputs.at(2))};
}

Tensors sparseToDense(const Tensors& inputs, const Attributes& attributes) {
  const Tensor &indices = inputs.at(0), &values = inputs.at(1);
  const Tensor filled = inputs.at(2).to(values.scalar_type()).expand(attributes.ints("outputShape")).clone();
  return {replaced(filled, indices, values)};
}

/** The k largest of the last axis and their places; of equals the first comes first. */
Tensors topK(const Tensors& inputs, const Attributes& attributes) {
  const int64_t k = static_cast<int64_t>(attributes.number("k"));
  const auto [values, places] = at::sort(inputs.at(0), true, -1, true);
  return {values.narrow(-1, 0, k).contiguous(), places.narrow(-1, 0, k).contiguous()};
}

/** Each slice along the axis once, in the order of their first occurrence, and each slice's number among these. */
Tensors unique(const Tensors& inputs, const Attributes& attributes) {
  const Tensor& x = inputs.at(0);
  const int64_t axis = attributes.ints("axes").at(0);
  const auto [sorted, numbers, counts] = at::unique_dim(x, axis, true, true, true);
  const int64_t different = counts.numel();
  const Tensor first = at::argsort(numbers, true).index_select(0, counts.cumsum(0) - counts);
  const Tensor order = at::argsort(first);
  const Tensor rank = at::zeros({different}, here(at::kLong)).index_copy_(0, order, at::arange(different, here(at::kLong)));
  return {at::index_select(sorted, axis, order), at::index_select(rank, 0, numbers)};
}

/** Drawn with replacement, each row from its own distribution; the seed alone decides what. */
Tensors multinomial(const Tensors& inputs, const Attributes& attributes) {
  const Tensor given = inputs.at(0).cpu();
  const Tensor shares = attributes.flag("normalized") ? given : at::softmax(given, -1);
  const auto seed = static_cast<uint64_t>(attributes.number("seed"));
  const int64_t count = static_cast<int64_t>(attributes.number("numSamples"));
  const Tensor drawn = at::multinomial(shares, count, true, at::make_generator<at::CPUGeneratorImpl>(seed));
  return {drawn.to(device())};
}

}  // namespace

void addScatter(Ops& ops) {
  ops.insert({
      {"GatherNd", gatherNd},
      {"Multinomial", multinomial},
      {"ScatterNd", scatterNd},
      {"SparseToDense", sparseToDense},
      {"TensorScatterUpdate", scatterUpdate},
      {"TopK", topK},
      {"Unique", unique},
  });
}

}  // namespace n2uq
