// Quantizers with non-uniform levels, fixed (APoT) or learned (LCQ): y = α·level of v = x/α, where a value's level
// is the number of borders below v. Both levels and borders are in units of the clipping value α.
#pragma once
#include <cstdint>
#include <vector>

#include "grid.h"
#include "op.h"

namespace n2uq {

/** The sums of a part of the values. */
struct LevelSums {
  /** Σdy·(level - v inside the range), and Σdy·level. */
  double slope = 0, level = 0;
  /** For learned levels: Σdy and Σdy·position inside the range, per cell, in several copies. */
  std::vector<double> cells;
};

struct LevelQuantizer {
  using Sums = LevelSums;

  /** α, and the largest v inside the range. */
  float clip, last;
  /** The levels are the integers of `codes` divided by the last; learned levels have none. */
  std::vector<int64_t> codes;
  /** Ascending; one more level than borders. */
  std::vector<float> level, border;
  /** For learned levels: p, and 1/γ at each level (src/core/lcq.ts). */
  std::vector<float> parts, expansion;

  /**
   * @param next index of α `[1]` among the inputs; θ `[K]` of learned levels may follow. Attributes: `smallest` α;
   * `closed` if 1 itself is inside the range; the integers `codes`, or, with θ, the number of `steps` between levels.
   */
  LevelQuantizer(const Tensors& inputs, size_t next, const Attributes& attributes);

  /** The levels of activations, if they are multiples of a unit. */
  Levels levels() const;
  void quantize(const float* x, float* y, int64_t length) const { quantize(x, clip, y, length); }
  /** Writes scale·level. */
  void quantize(const float* x, float scale, float* y, int64_t length) const;
  /** Writes dx: dy inside the range, else 0. */
  void gradient(const float* dy, const float* x, float* dx, float* scratch, Sums& sums, int64_t length) const;
  Sums noSums() const;
  void add(Sums& sums, const Sums& others) const;
  /** Appends the gradients of α `[1]` and, for learned levels, of θ `[K]`. */
  void append(Tensors& outputs, const Sums& sums) const { append(outputs, sums, 1); }
  /** The same for levels that are multiplied by `scale` too. */
  void append(Tensors& outputs, const Sums& sums, float scale) const;

 private:
  void useCodes(const std::vector<int64_t>& given);
  void compand(const Tensor& theta, int64_t steps);
  int64_t cells() const { return static_cast<int64_t>(border.size() + parts.size()); }
  std::vector<double> thetaGradient(const Sums& sums, double flow) const;
  /** `border` with enough infinite ones that a binary search needs the same number of steps for every value. */
  std::vector<float> searched_;
};

}  // namespace n2uq
