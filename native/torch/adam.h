// The numbers of one step of Adam.
#pragma once
#include "op.h"

namespace n2uq {

/** 1 - β is taken in double: of a β near 1 a float32 keeps too little. */
struct AdamSettings {
  float beta1, beta2, share1, share2, shift, rate, weightDecay;
};

AdamSettings adamSettings(const Attributes& attributes);

}  // namespace n2uq
