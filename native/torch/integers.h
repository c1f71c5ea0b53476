// Convolutions of quantized activations with quantized weights, computed exactly on their integer codes.
#pragma once
#include "plan.h"

namespace n2uq {

/**
 * The convolution of x `[batch, height, width, in]` with the filter `[height, width, in, out]` from their grids;
 * undefined if one of them has none, or if a sum could exceed int32. The sums are exact; each value is rounded twice, from
 * the sum to float32 and after the multiplication by both units.
 */
Tensor integerConvolution(const Tensor& x, const Tensor& filter, const Plan& plan);

}  // namespace n2uq
