// Kernels of functions without attributes, for tables of name and function.
#pragma once
#include "op.h"

namespace n2uq {

/** A function of one tensor. */
template <Tensor (*function)(const Tensor&)>
Tensors one(const Tensors& inputs, const Attributes&) {
  return {function(inputs.at(0))};
}

/** A function of two tensors, whose shapes are broadcast. */
template <Tensor (*function)(const Tensor&, const Tensor&)>
Tensors two(const Tensors& inputs, const Attributes&) {
  return {function(inputs.at(0), inputs.at(1))};
}

/** Whether the numbers are whole ones: int32 or bool. */
inline bool whole(const Tensor& x) { return x.scalar_type() != at::kFloat; }

/** As float32. */
inline Tensor asFloat(const Tensor& x) { return whole(x) ? x.to(at::kFloat) : x; }

}  // namespace n2uq
