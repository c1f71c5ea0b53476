// N2UQ's quantizer y = β₂Δ·#{i : β₁z > t_i} over a block of values, and its gradients (docs/method.md).
#pragma once
#include <cstdint>
#include <vector>

#include "grid.h"
#include "op.h"

namespace n2uq {

/** The sums of one thread: Σdy and Σdy·z per interval, `[intervals, 2]`, and Σdy·level. */
struct CurveSums {
  std::vector<double> intervals;
  double counted = 0;
};

/**
 * Thresholds in float32, computed with the operations of the plain implementation in the same order, so that
 * both give the same levels.
 */
struct ThresholdCurve {
  using Sums = CurveSums;

  /**
   * Per interval: its length, its lower end, its middle (the forward threshold) and its slope Δ/length.
   * `backward` has all lower ends and the end of the last interval.
   */
  std::vector<float> lengths, lower, forward, backward, slopes;
  /** Whether the interval's length has a gradient. */
  std::vector<bool> open;
  float beta1, beta2, delta;

  int64_t intervals() const { return static_cast<int64_t>(lengths.size()); }
  Levels levels() const { return {beta2 * delta, 0, static_cast<int32_t>(intervals())}; }

  /** y of `length` values z. */
  void quantize(const float* z, float* y, int64_t length) const;
  /** Computes dz from dy and z, and adds to `sums`. `scratch` has room for `length` + 16 values. */
  void gradient(const float* dy, const float* z, float* dz, float* scratch, Sums& sums, int64_t length) const;
  Sums noSums() const { return {std::vector<double>(2 * intervals())}; }
  void add(Sums& sums, const Sums& others) const;
  /** Appends the gradients of start `[1]`, a `[N]`, scale1 `[1]` and scale2 `[1]` to `outputs`, after dx. */
  void append(Tensors& outputs, const Sums& sums) const;
};

ThresholdCurve thresholdCurveOf(const Tensor& start, const Tensor& a, const Tensor& scale1, const Tensor& scale2);

/** Whether this processor has AVX-512 and the variable ATEN_CPU_CAPABILITY allows it. */
bool hasWideQuantizer();

/** `ThresholdCurve::gradient` for at most 15 intervals on such a processor. */
void quantizeGradientWide(const ThresholdCurve& s, const float* dy, const float* z, float* dz, float* scratch,
                          CurveSums& sums, int64_t length);

}  // namespace n2uq
