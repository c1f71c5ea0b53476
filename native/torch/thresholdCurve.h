// N2UQ's quantizer y = β₂Δ·#{i : β₁z > t_i} over a block of values, and its gradients (docs/method.md).
#pragma once
#include <cstdint>
#include <vector>

#include "op.h"

namespace n2uq {

/**
 * Thresholds in float32, computed with the operations of the plain implementation in the same order, so that
 * both give the same levels.
 */
struct ThresholdCurve {
  /**
   * Per interval: its length, its lower end, its middle (the forward threshold) and its slope Δ/length.
   * `backward` has all lower ends and the end of the last interval.
   */
  std::vector<float> lengths, lower, forward, backward, slopes;
  /** Whether the interval's length has a gradient. */
  std::vector<bool> open;
  float beta1, beta2, delta;

  int64_t intervals() const { return static_cast<int64_t>(lengths.size()); }
};

ThresholdCurve thresholdCurveOf(const Tensor& start, const Tensor& a, const Tensor& scale1, const Tensor& scale2);

/** The sums of one thread: Σdy and Σdy·z per interval, `[intervals, 2]`, and Σdy·level. */
struct CurveSums {
  std::vector<double> intervals;
  double counted = 0;
};

/** The distance between levels: β₂Δ. */
inline float unitOf(const ThresholdCurve& s) { return s.beta2 * s.delta; }

/** y of `length` values z. */
void quantize(const ThresholdCurve& s, const float* z, float* y, int64_t length);

/** Computes dz from dy and z, and adds to `sums`. `scratch` has room for `length` + 16 values. */
void quantizeGradient(const ThresholdCurve& s, const float* dy, const float* z, float* dz, float* scratch,
                      CurveSums& sums, int64_t length);

/** Appends the gradients of start `[1]`, a `[N]`, scale1 `[1]` and scale2 `[1]` to `outputs`, after dx. */
void appendCurveGradients(std::vector<Tensor>& outputs, const ThresholdCurve& s, const CurveSums& sums);

/** Whether this processor has AVX-512 and the variable ATEN_CPU_CAPABILITY allows it. */
bool hasWideQuantizer();

/** `quantizeGradient` for at most 15 intervals on such a processor. */
void quantizeGradientWide(const ThresholdCurve& s, const float* dy, const float* z, float* dz, float* scratch,
                          CurveSums& sums, int64_t length);

}  // namespace n2uq
