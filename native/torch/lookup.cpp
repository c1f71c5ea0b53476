// Looking up in tables, counting and sorting into bins.
#include <ATen/ops/arange.h>
#include <ATen/ops/eq.h>
#include <ATen/ops/full.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/searchsorted.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>

#include "op.h"

namespace n2uq {
namespace {

Tensors gather(const Tensors& inputs, const Attributes& attributes) {
  const Tensor &x = inputs.at(0), &indices = inputs.at(1);
  const int64_t axis = attributes.ints("axes").at(0);
  TORCH_CHECK(attributes.number("batchDims") == 0, "gathering by batch is not offered");
  std::vector<int64_t> shape = x.sizes().slice(0, axis).vec();
  for (const int64_t size : indices.sizes()) shape.push_back(size);
  for (int64_t next = axis + 1; next < x.dim(); next++) shape.push_back(x.size(next));
  return {at::index_select(x, axis, indices.flatten()).reshape(shape)};
}

Tensors searchSorted(const Tensors& inputs, const Attributes& attributes) {
  const bool right = attributes.text("side") == "right";
  return {at::searchsorted(inputs.at(0).contiguous(), inputs.at(1).contiguous(), true, right)};
}

/** Row by row, how often each number occurs, or the sum of its weights. */
Tensors denseBincount(const Tensors& inputs, const Attributes& attributes) {
  const int64_t size = static_cast<int64_t>(attributes.number("size"));
  const bool flat = inputs.at(0).dim() == 1;
  const Tensor bins = (flat ? inputs.at(0).unsqueeze(0) : inputs.at(0)).to(at::kLong);
  const Tensor& given = inputs.at(1);
  const bool once = attributes.flag("binaryOutput");
  const bool counted = once || given.numel() == 0;
  const Tensor weights = counted ? at::ones(bins.sizes(), at::kFloat) : given.reshape(bins.sizes());
  Tensor sums = at::zeros({bins.size(0), size}, weights.scalar_type());
  if (once) {
    sums.scatter_(1, bins, weights);
  } else {
    sums.scatter_add_(1, bins, weights);
  }
  return {flat ? sums.squeeze(0) : sums};
}

Tensors unsortedSegmentSum(const Tensors& inputs, const Attributes& attributes) {
  const Tensor& x = inputs.at(0);
  std::vector<int64_t> shape = x.sizes().vec();
  shape.at(0) = static_cast<int64_t>(attributes.number("numSegments"));
  return {at::zeros(shape, x.scalar_type()).index_add_(0, inputs.at(1).to(at::kLong), x)};
}

Tensors oneHot(const Tensors& inputs, const Attributes& attributes) {
  const at::ScalarType type = typeOf(attributes.text("dtype"));
  const Tensor classes = at::arange(static_cast<int64_t>(attributes.number("depth")), at::kInt);
  const Tensor hot = at::eq(inputs.at(0).unsqueeze(-1), classes);
  const Tensor on = at::full({}, attributes.number("onValue"), type);
  return {at::where(hot, on, at::full({}, attributes.number("offValue"), type))};
}

}  // namespace

void addLookup(Ops& ops) {
  ops.insert({
      {"DenseBincount", denseBincount},
      {"GatherV2", gather},
      {"OneHot", oneHot},
      {"SearchSorted", searchSorted},
      {"UnsortedSegmentSum", unsortedSegmentSum},
  });
}

}  // namespace n2uq
