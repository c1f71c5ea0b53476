// Lookups in tables and by coordinates, counts, and sums per bin.
#include <ATen/ops/arange.h>
#include <ATen/ops/full.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/searchsorted.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>

#include "op.h"

namespace n2uq {
namespace {

using Sizes = std::vector<int64_t>;

/** Slices of x along an axis. With `batchDims`, the indices of a batch element select slices from its part of x. */
Tensors gather(const Tensors& inputs, const Attributes& attributes) {
  const Tensor &x = inputs.at(0), &indices = inputs.at(1);
  const int64_t axis = attributes.ints("axes").at(0), batch = static_cast<int64_t>(attributes.number("batchDims"));
  Sizes shape = x.sizes().slice(0, axis).vec();
  for (int64_t next = batch; next < indices.dim(); next++) shape.push_back(indices.size(next));
  for (int64_t next = axis + 1; next < x.dim(); next++) shape.push_back(x.size(next));
  try {
    if (batch == 0) return {x.index_select(axis, indices.flatten()).reshape(shape)};
    const Tensor parts = x.flatten(0, batch - 1), places = indices.flatten(0, batch - 1).flatten(1).to(at::kLong);
    Tensors gathered;
    for (int64_t part = 0; part < parts.size(0); part++) {
      gathered.push_back(parts.select(0, part).index_select(axis - batch, places.select(0, part)));
    }
    return {at::stack(gathered).reshape(shape)};
  } catch (const c10::Error&) {
    const Tensor wrong = indices.masked_select(indices.lt(0).logical_or(indices.ge(x.size(axis))));
    TORCH_CHECK(wrong.numel() == 0, "GatherV2: the index value ", wrong[0].item<int64_t>(), " is not in [0, ",
                x.size(axis) - 1, "]");
    throw;
  }
}

Tensors searchSorted(const Tensors& inputs, const Attributes& attributes) {
  const bool right = attributes.text("side") == "right";
  return {at::searchsorted(inputs.at(0).contiguous(), inputs.at(1).contiguous(), true, right)};
}

/** Per row, how often each number below `size` occurs, or the sum of its weights. */
Tensors denseBincount(const Tensors& inputs, const Attributes& attributes) {
  const int64_t size = static_cast<int64_t>(attributes.number("size"));
  const bool flat = inputs.at(0).dim() == 1;
  const Tensor bins = (flat ? inputs.at(0).unsqueeze(0) : inputs.at(0)).to(at::kLong).clamp_max(size);
  const Tensor& given = inputs.at(1);
  const bool once = attributes.isSet("binaryOutput");
  const bool counted = once || given.numel() == 0;
  const Tensor weights = counted ? at::ones(bins.sizes(), here(at::kFloat)) : given.reshape(bins.sizes());
  // Numbers that are too large are counted in the last column, which is removed afterwards.
  Tensor sums = at::zeros({bins.size(0), size + 1}, here(weights.scalar_type()));
  if (once) {
    sums.scatter_(1, bins, weights);
  } else {
    sums.scatter_add_(1, bins, weights);
  }
  sums = sums.narrow(1, 0, size).contiguous();
  return {flat ? sums.squeeze(0) : sums};
}

/** Sums the rows of x per segment; rows with a negative segment are skipped. */
Tensors unsortedSegmentSum(const Tensors& inputs, const Attributes& attributes) {
  const Tensor& x = inputs.at(0);
  const int64_t count = static_cast<int64_t>(attributes.number("numSegments"));
  Sizes shape = x.sizes().vec();
  shape.at(0) = count + 1;
  const Tensor ids = inputs.at(1).to(at::kLong);
  const Tensor segments = ids.masked_fill(ids.lt(0), count);
  return {at::zeros(shape, here(x.scalar_type())).index_add_(0, segments, x).narrow(0, 0, count).contiguous()};
}

Tensors oneHot(const Tensors& inputs, const Attributes& attributes) {
  const at::ScalarType type = typeOf(attributes.text("dtype"));
  const Tensor classes = at::arange(static_cast<int64_t>(attributes.number("depth")), here(at::kInt));
  const Tensor hot = inputs.at(0).unsqueeze(-1).eq(classes);
  const Tensor on = at::full({}, attributes.number("onValue"), here(type));
  return {on.where(hot, at::full({}, attributes.number("offValue"), here(type)))};
}

/** A tensor of `shape` as a list of rows. A row is selected by a coordinate of `depth` numbers. */
struct Rows {
  Sizes shape;
  int64_t depth;

  Rows(at::IntArrayRef of, int64_t numbers) : shape(of.vec()), depth(numbers) {
    TORCH_CHECK(depth <= static_cast<int64_t>(shape.size()), "coordinates of ", depth, " numbers for ", of);
  }

  Sizes rest() const { return Sizes(shape.begin() + depth, shape.end()); }
  int64_t count() const { return c10::multiply_integers(shape.begin(), shape.begin() + depth); }
  int64_t length() const { return c10::multiply_integers(shape.begin() + depth, shape.end()); }

  /** Converts coordinates `[.., depth]` to row numbers. */
  Tensor numbers(const Tensor& coordinates) const {
    const Tensor list = coordinates.to(at::kLong).reshape({-1, depth});
    Tensor numbers = at::zeros({list.size(0)}, here(at::kLong));
    for (int64_t axis = 0; axis < depth; axis++) {
      const Tensor part = list.select(1, axis);
      const bool inside = part.ge(0).logical_and(part.lt(shape[axis])).all().item<bool>();
      TORCH_CHECK(inside, "Invalid indices: one does not index into ", at::IntArrayRef(shape));
      numbers = numbers.mul(shape[axis]).add(part);
    }
    return numbers;
  }
};

Tensors gatherNd(const Tensors& inputs, const Attributes&) {
  const Tensor &x = inputs.at(0), &indices = inputs.at(1);
  const Rows rows(x.sizes(), indices.size(-1));
  Sizes shape = indices.sizes().slice(0, indices.dim() - 1).vec();
  for (const int64_t size : rows.rest()) shape.push_back(size);
  return {x.reshape({rows.count(), rows.length()}).index_select(0, rows.numbers(indices)).reshape(shape)};
}

/** Writes values to a tensor of zeros at their coordinates. Values with the same coordinates are added. */
Tensors scatterNd(const Tensors& inputs, const Attributes& attributes) {
  const Tensor &indices = inputs.at(0), &updates = inputs.at(1);
  const Sizes shape = attributes.ints("shape");
  const Rows rows(shape, indices.dim() > 1 ? indices.size(-1) : 1);
  const at::ScalarType type = updates.scalar_type(), adding = type == at::kBool ? at::kInt : type;
  const Tensor sums = at::zeros({rows.count(), rows.length()}, here(adding))
                          .index_add_(0, rows.numbers(indices), updates.to(adding).reshape({-1, rows.length()}));
  return {sums.reshape(shape).to(type)};
}

const Register registered({
    {"DenseBincount", "x weights", denseBincount},
    {"GatherNd", "params indices", gatherNd},
    {"GatherV2", "x indices", gather},
    {"OneHot", "indices", oneHot},
    {"ScatterNd", "indices updates", scatterNd},
    {"SearchSorted", "sortedSequence values", searchSorted},
    {"UnsortedSegmentSum", "x segmentIds", unsortedSegmentSum},
});

}  // namespace
}  // namespace n2uq
