// Products of matrices with what follows them, and sums of products by Einstein's notation.
#include <ATen/TensorOperators.h>
#include <ATen/ops/add.h>
#include <ATen/ops/clamp.h>
#include <ATen/ops/einsum.h>
#include <ATen/ops/elu.h>
#include <ATen/ops/gt.h>
#include <ATen/ops/leaky_relu.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/where.h>

#include "finish.h"

namespace n2uq {

namespace {

/** Weights by channel, height and width, where images have that order, in the order of y. */
Tensor likeResult(const Tensor& weights, const Attributes& attributes) {
  const bool first = attributes.has("channelsFirst") && attributes.flag("channelsFirst");
  return first && weights.dim() == 3 ? weights.permute({1, 2, 0}) : weights;
}

}  // namespace

Tensor finished(Tensor y, const Tensors& inputs, const Attributes& attributes) {
  if (attributes.flag("biased")) y = at::add(y, likeResult(inputs.at(2), attributes));
  const std::string name = attributes.text("activation");
  if (name == "linear") return y;
  if (name == "relu") return at::relu(y);
  if (name == "relu6") return at::clamp(y, 0, 6);
  if (name == "elu") return at::elu(y);
  if (name == "sigmoid") return at::sigmoid(y);
  if (name == "leakyrelu") return at::leaky_relu(y, attributes.number("leakyreluAlpha"));
  TORCH_CHECK(name == "prelu", "there is no activation ", name);
  return at::where(at::gt(y, 0), y, y * likeResult(inputs.back(), attributes));
}

namespace {

/** a·b of the last two axes; the others are broadcast. */
Tensor product(const Tensors& inputs, const Attributes& attributes) {
  Tensor a = inputs.at(0), b = inputs.at(1);
  TORCH_CHECK(a.dim() > 1 && b.dim() > 1, "both must have two axes or more");
  if (attributes.flag("transposeA")) a = a.transpose(-1, -2);
  if (attributes.flag("transposeB")) b = b.transpose(-1, -2);
  return raised(at::matmul(lowered(a), lowered(b)));
}

Tensors matrixProduct(const Tensors& inputs, const Attributes& attributes) { return {product(inputs, attributes)}; }

Tensors fusedProduct(const Tensors& inputs, const Attributes& attributes) {
  return {finished(product(inputs, attributes), inputs, attributes)};
}

Tensors einsum(const Tensors& inputs, const Attributes& attributes) {
  return {at::einsum(attributes.text("equation"), inputs).contiguous()};
}

}  // namespace

void addProducts(Ops& ops) {
  ops.insert({{"BatchMatMul", matrixProduct}, {"Einsum", einsum}, {"_FusedMatMul", fusedProduct}});
}

}  // namespace n2uq
