// N2UQ's quantizer y = β₂Δ·#{i : β₁z > t_i} over a block of values, and its gradients (docs/method.md).
#pragma once
#include <cstdint>
#include <vector>

#include "op.h"

namespace n2uq {

/** Thresholds in float32 and in the order of the plain version, so that both place a value alike. */
struct Staircase {
  /** Per interval: its length, lower end, middle (the threshold of the levels) and Δ/length; `backward` has the last end too. */
  std::vector<float> lengths, lower, forward, backward, slopes;
  /** Whether the interval's length takes a gradient. */
  std::vector<bool> open;
  float beta1, beta2, delta;

  int64_t intervals() const { return static_cast<int64_t>(lengths.size()); }
};

Staircase staircaseOf(const Tensor& start, const Tensor& a, const Tensor& scale1, const Tensor& scale2);

/** What one thread adds up: Σdy and Σdy·z of each interval, `[intervals, 2]`, and Σdy·level. */
struct StaircaseSums {
  std::vector<double> intervals;
  double counted = 0;
};

/** y of `length` values z. */
void quantize(const Staircase& s, const float* z, float* y, int64_t length);

/** dz of dy and z, whose sums are added to `sums`. `scratch` has room for `length` values and 16 more. */
void quantizeGradient(const Staircase& s, const float* dy, const float* z, float* dz, float* scratch,
                      StaircaseSums& sums, int64_t length);

/** Behind dx in `outputs`: the gradients of start `[1]`, a `[N]`, scale1 `[1]` and scale2 `[1]`. */
void appendStaircase(std::vector<Tensor>& outputs, const Staircase& s, const StaircaseSums& sums);

/** Whether this processor has AVX-512, and libtorch's variable ATEN_CPU_CAPABILITY does not forbid it. */
bool hasWideStaircase();

/** `quantizeGradient` of at most 15 intervals on such a processor. */
void quantizeGradientWide(const Staircase& s, const float* dy, const float* z, float* dz, float* scratch,
                          StaircaseSums& sums, int64_t length);

}  // namespace n2uq
