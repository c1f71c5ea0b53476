// What follows a product in one kernel.
#pragma once
#include "op.h"

namespace n2uq {

/** y with the third input as bias where it is `biased`, then the `activation`, whose own weights are the last input. */
Tensor finished(Tensor y, const Tensors& inputs, const Attributes& attributes);

}  // namespace n2uq
