// The constants of one step of Adam.
#pragma once
#include "op.h"

namespace n2uq {

/** 1 - β is computed in double, because float32 loses digits for β near 1. */
struct AdamSettings {
  float beta1, beta2, share1, share2, shift, rate, weightDecay;
};

AdamSettings adamSettings(const Attributes& attributes);

}  // namespace n2uq
