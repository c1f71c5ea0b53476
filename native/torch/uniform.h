// The uniform quantizers of LSQ, LSQ+, PACT and DoReFa: with v = (x - offset)/d, y = round(clip(v, low, high)·k)·d/k + offset.
#pragma once
#include <array>
#include <cstdint>

#include "grid.h"
#include "op.h"

namespace n2uq {

struct UniformQuantizer {
  /** Σdy·(round(clip(v)·k)/k - v inside the range), Σdy where v ≥ high, Σdy·round(clip(v)·k)/k, and Σdy outside. */
  using Sums = std::array<double, 4>;

  float divisor, offset, low, high, k, step;
  /** Whether low and high themselves are inside the range. */
  bool closed;

  /** @param next index of the divisor `[1]` among the inputs; an offset `[1]` may follow */
  UniformQuantizer(const Tensors& inputs, size_t next, const Attributes& attributes);

  /** The levels of activations; weights, which may be negative, have none here. */
  Levels levels() const { return {step, offset, low == 0 ? static_cast<int32_t>(high * k) : 0}; }
  void quantize(const float* x, float* y, int64_t length) const;
  /** Writes dx: dy inside the range, else 0. */
  void gradient(const float* dy, const float* x, float* dx, float* scratch, Sums& sums, int64_t length) const;
  Sums noSums() const { return {}; }
  void add(Sums& sums, const Sums& others) const;
  /** Appends the sums as a tensor `[4]`. */
  void append(Tensors& outputs, const Sums& sums) const;
};

}  // namespace n2uq
