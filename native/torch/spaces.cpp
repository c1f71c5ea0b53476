// Parts of tensors, and elements in another order.
#include <ATen/ExpandUtils.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/diag_embed.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/linspace.h>
#include <ATen/ops/split_with_sizes.h>
#include <ATen/ops/where.h>

#include "op.h"

namespace n2uq {
namespace {

using Sizes = std::vector<int64_t>;

/** Copies: a view would keep the whole alive. */
Tensors split(const Tensors& inputs, const Attributes& attributes) {
  Tensors parts;
  const int64_t axis = attributes.ints("axes").at(0);
  for (const Tensor& part : at::split_with_sizes(inputs.at(0), attributes.ints("sizes"), axis)) {
    parts.push_back(part.clone(at::MemoryFormat::Contiguous));
  }
  return parts;
}

/** Along each axis `counts` lines from `begin` on, `strides` apart, forwards or backwards. */
Tensors stridedSlice(const Tensors& inputs, const Attributes& attributes) {
  const Sizes begin = attributes.ints("begin"), strides = attributes.ints("strides");
  const Sizes counts = attributes.ints("counts");
  Tensor x = inputs.at(0);
  for (size_t axis = 0; axis < begin.size(); axis++) {
    x = at::index_select(x, axis, at::arange(counts.at(axis), here(at::kLong)) * strides.at(axis) + begin[axis]);
  }
  return {x.reshape(attributes.ints("shape"))};
}

/** `paddings` `[before, after]` by axis, filled with what lies as far on the other side of the edge. */
Tensors mirrorPad(const Tensors& inputs, const Attributes& attributes) {
  const Sizes paddings = attributes.ints("paddings");
  // "symmetric" repeats the line at the edge too.
  const int64_t offset = attributes.text("mode") == "symmetric" ? 1 : 0;
  Tensor x = inputs.at(0);
  for (int64_t axis = 0; axis < x.dim(); axis++) {
    const int64_t before = paddings.at(2 * axis), after = paddings.at(2 * axis + 1), length = x.size(axis);
    Tensor lines = at::arange(-before, length + after, here(at::kLong));
    lines = at::where(lines < 0, -lines - offset, lines);
    lines = at::where(lines >= length, 2 * (length - 1) + offset - lines, lines);
    if (before + after > 0) x = at::index_select(x, axis, lines);
  }
  return {x};
}

/** `paddings` from the last axis to the first; then each block of the middle axes is spread over the batch. */
Tensors spaceToBatch(const Tensors& inputs, const Attributes& attributes) {
  const Sizes block = attributes.ints("blockShape");
  const Tensor x = at::constant_pad_nd(inputs.at(0), attributes.ints("paddings"), 0);
  const int64_t blocks = static_cast<int64_t>(block.size());
  Sizes apart = {x.size(0)}, order, shape = {x.size(0)};
  for (int64_t axis = 0; axis < blocks; axis++) {
    const int64_t steps = x.size(axis + 1) / block[axis];
    apart.insert(apart.end(), {steps, block[axis]});
    order.push_back(2 * axis + 2);
    shape[0] *= block[axis];
    shape.push_back(steps);
  }
  order.push_back(0);
  for (int64_t axis = 0; axis < blocks; axis++) order.push_back(2 * axis + 1);
  for (int64_t axis = blocks + 1; axis < x.dim(); axis++) {
    apart.push_back(x.size(axis));
    order.push_back(axis + blocks);
    shape.push_back(x.size(axis));
  }
  return {x.reshape(apart).permute(order).reshape(shape)};
}

/** The way back, and then `crops` `[before, after]` by axis are taken away. */
Tensors batchToSpace(const Tensors& inputs, const Attributes& attributes) {
  const Sizes block = attributes.ints("blockShape"), crops = attributes.ints("crops");
  const Tensor& x = inputs.at(0);
  const int64_t blocks = static_cast<int64_t>(block.size());
  Sizes apart = block, order = {blocks}, shape = {x.size(0)};
  apart.push_back(x.size(0));
  for (int64_t axis = 0; axis < blocks; axis++) {
    apart[blocks] /= block[axis];
    order.insert(order.end(), {blocks + 1 + axis, axis});
    shape.push_back(x.size(axis + 1) * block[axis]);
  }
  shape[0] = apart[blocks];
  for (int64_t axis = 1; axis < x.dim(); axis++) apart.push_back(x.size(axis));
  for (int64_t axis = blocks + 1; axis < x.dim(); axis++) {
    order.push_back(axis + blocks);
    shape.push_back(x.size(axis));
  }
  Tensor whole = x.reshape(apart).permute(order).reshape(shape);
  for (int64_t axis = 0; axis < blocks; axis++) {
    const int64_t before = crops[2 * axis], after = crops[2 * axis + 1];
    whole = whole.narrow(axis + 1, before, shape[axis + 1] - before - after);
  }
  return {whole.contiguous()};
}

/** Blocks of channels become squares of pixels. */
Tensors depthToSpace(const Tensors& inputs, const Attributes& attributes) {
  const Tensor& x = inputs.at(0);
  const int64_t block = static_cast<int64_t>(attributes.number("blockSize")), batch = x.size(0);
  if (attributes.flag("channelsFirst")) {
    const int64_t channels = x.size(1) / (block * block), height = x.size(2), width = x.size(3);
    const Tensor apart = x.reshape({batch, block, block, channels, height, width}).permute({0, 3, 4, 1, 5, 2});
    return {apart.reshape({batch, channels, height * block, width * block})};
  }
  const int64_t channels = x.size(3) / (block * block), height = x.size(1), width = x.size(2);
  const Tensor apart = x.reshape({batch, height, width, block, block, channels}).permute({0, 1, 3, 2, 4, 5});
  return {apart.reshape({batch, height * block, width * block, channels})};
}

/** `[..shape]` on the diagonal of `[..shape, ..shape]`. */
Tensors diag(const Tensors& inputs, const Attributes&) {
  const Tensor& x = inputs.at(0);
  Sizes shape = x.sizes().vec();
  shape.insert(shape.end(), x.sizes().begin(), x.sizes().end());
  return {at::diag_embed(x.flatten()).reshape(shape)};
}

Tensors linSpace(const Tensors&, const Attributes& attributes) {
  return {at::linspace(attributes.number("start"), attributes.number("stop"),
                       static_cast<int64_t>(attributes.number("num")), here(at::kFloat))};
}

Sizes numbersOf(const Tensor& x) {
  const Tensor list = x.to(at::TensorOptions(at::kCPU).dtype(at::kLong)).contiguous();
  return Sizes(list.data_ptr<int64_t>(), list.data_ptr<int64_t>() + list.numel());
}

/** The shape that two shapes are broadcast to. */
Tensors broadcastArgs(const Tensors& inputs, const Attributes&) {
  const Sizes shape = at::infer_size(numbersOf(inputs.at(0)), numbersOf(inputs.at(1)));
  Tensor list = at::empty({static_cast<int64_t>(shape.size())}, at::kInt);
  std::copy(shape.begin(), shape.end(), list.data_ptr<int>());
  return {list.to(device())};
}

}  // namespace

void addSpaces(Ops& ops) {
  ops.insert({
      {"BatchToSpaceND", batchToSpace},
      {"BroadcastArgs", broadcastArgs},
      {"DepthToSpace", depthToSpace},
      {"Diag", diag},
      {"LinSpace", linSpace},
      {"MirrorPad", mirrorPad},
      {"SpaceToBatchND", spaceToBatch},
      {"SplitV", split},
      {"StridedSlice", stridedSlice},
  });
}

}  // namespace n2uq
