// Looking up in tables, counting and sorting into bins.
#include <ATen/ops/arange.h>
#include <ATen/ops/eq.h>
#include <ATen/ops/full.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/searchsorted.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>

#include "op.h"

namespace n2uq {
namespace {

using Sizes = std::vector<int64_t>;

/** Slices of x along an axis; where there are `batchDims`, each of the batch from its own part of x. */
Tensors gather(const Tensors& inputs, const Attributes& attributes) {
  const Tensor &x = inputs.at(0), &indices = inputs.at(1);
  const int64_t axis = attributes.ints("axes").at(0), batch = static_cast<int64_t>(attributes.number("batchDims"));
  Sizes shape = x.sizes().slice(0, axis).vec();
  for (int64_t next = batch; next < indices.dim(); next++) shape.push_back(indices.size(next));
  for (int64_t next = axis + 1; next < x.dim(); next++) shape.push_back(x.size(next));
  try {
    if (batch == 0) return {at::index_select(x, axis, indices.flatten()).reshape(shape)};
    const Tensor parts = x.flatten(0, batch - 1), places = indices.flatten(0, batch - 1).flatten(1).to(at::kLong);
    Tensors gathered;
    for (int64_t part = 0; part < parts.size(0); part++) {
      gathered.push_back(at::index_select(parts.select(0, part), axis - batch, places.select(0, part)));
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

/** Row by row, how often each number below `size` occurs, or the sum of its weights. */
Tensors denseBincount(const Tensors& inputs, const Attributes& attributes) {
  const int64_t size = static_cast<int64_t>(attributes.number("size"));
  const bool flat = inputs.at(0).dim() == 1;
  const Tensor bins = (flat ? inputs.at(0).unsqueeze(0) : inputs.at(0)).to(at::kLong).clamp_max(size);
  const Tensor& given = inputs.at(1);
  const bool once = attributes.flag("binaryOutput");
  const bool counted = once || given.numel() == 0;
  const Tensor weights = counted ? at::ones(bins.sizes(), here(at::kFloat)) : given.reshape(bins.sizes());
  // The last column takes what is too large.
  Tensor sums = at::zeros({bins.size(0), size + 1}, here(weights.scalar_type()));
  if (once) {
    sums.scatter_(1, bins, weights);
  } else {
    sums.scatter_add_(1, bins, weights);
  }
  sums = sums.narrow(1, 0, size).contiguous();
  return {flat ? sums.squeeze(0) : sums};
}

/** The same of all numbers together. */
Tensors bincount(const Tensors& inputs, const Attributes& attributes) {
  return denseBincount({inputs.at(0).flatten(), inputs.at(1).flatten()}, attributes);
}

/** Rows of x added up by their segments; a row of a negative segment is left out. */
Tensors unsortedSegmentSum(const Tensors& inputs, const Attributes& attributes) {
  const Tensor& x = inputs.at(0);
  const int64_t count = static_cast<int64_t>(attributes.number("numSegments"));
  Sizes shape = x.sizes().vec();
  shape.at(0) = count + 1;
  const Tensor ids = inputs.at(1).to(at::kLong);
  const Tensor segments = at::where(ids.lt(0), at::full({}, count, here(at::kLong)), ids);
  return {at::zeros(shape, here(x.scalar_type())).index_add_(0, segments, x).narrow(0, 0, count).contiguous()};
}

Tensors oneHot(const Tensors& inputs, const Attributes& attributes) {
  const at::ScalarType type = typeOf(attributes.text("dtype"));
  const Tensor classes = at::arange(static_cast<int64_t>(attributes.number("depth")), here(at::kInt));
  const Tensor hot = at::eq(inputs.at(0).unsqueeze(-1), classes);
  const Tensor on = at::full({}, attributes.number("onValue"), here(type));
  return {at::where(hot, on, at::full({}, attributes.number("offValue"), here(type)))};
}

}  // namespace

void addLookup(Ops& ops) {
  ops.insert({
      {"Bincount", bincount},
      {"DenseBincount", denseBincount},
      {"GatherV2", gather},
      {"OneHot", oneHot},
      {"SearchSorted", searchSorted},
      {"UnsortedSegmentSum", unsortedSegmentSum},
  });
}

}  // namespace n2uq
