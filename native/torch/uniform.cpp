// Fused uniform quantizers of LSQ, PACT and DoReFa: with v = x/d, y = round(clip(v, low, high)·k)·d/k.
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <vector>

#include "grid.h"
#include "loops.h"
#include "op.h"

namespace n2uq {
namespace {

/** Number of values summed in float32 before the sums are added in float64. */
constexpr int64_t BLOCK = 2048;

struct Range {
  float divisor, low, high, k, step;

  Range(const Tensor& d, const Attributes& attributes)
      : divisor(d.item<float>()),
        low(static_cast<float>(attributes.number("low"))),
        high(static_cast<float>(attributes.number("high"))),
        k(static_cast<float>(attributes.number("k"))),
        step(divisor / k) {}
};

FOR_EACH_PROCESSOR void quantize(const float* __restrict x, Range r, float* __restrict y, int64_t length) {
  for (int64_t i = 0; i < length; i++) {
    const float clipped = std::min(std::max(x[i] / r.divisor, r.low), r.high);
    y[i] = std::nearbyint(clipped * r.k) * r.step;
  }
}

/**
 * Writes dx (dy inside the range, else 0); adds Σdy·(round(clip(v)·k)/k - v inside), Σdy where v ≥ high and
 * Σdy·round(clip(v)·k)/k to `sums [3]`.
 */
template <bool closed>
inline __attribute__((always_inline)) void gradientOf(const float* __restrict dy, const float* __restrict x, Range r,
                                                      float* __restrict dx, double* __restrict sums, int64_t length) {
  float slope = 0, above = 0, level = 0;
  const float unit = 1.f / r.k;
  for (int64_t i = 0; i < length; i++) {
    const float v = x[i] / r.divisor, d = dy[i];
    const float q = std::nearbyint(std::min(std::max(v, r.low), r.high) * r.k) * unit;
    const bool inside = closed ? !(v < r.low) && !(v > r.high) : v > r.low && v < r.high;
    dx[i] = inside ? d : 0.f;
    slope += d * (q - (inside ? v : 0.f));
    above += v >= r.high ? d : 0.f;
    level += d * q;
  }
  sums[0] += slope;
  sums[1] += above;
  sums[2] += level;
}

FOR_EACH_PROCESSOR void gradientBlock(const float* __restrict dy, const float* __restrict x, Range r, bool closed,
                                      float* __restrict dx, double* __restrict sums, int64_t length) {
  if (closed) gradientOf<true>(dy, x, r, dx, sums, length);
  else gradientOf<false>(dy, x, r, dx, sums, length);
}

/** Inputs: x, d `[1]`. Output: y. */
Tensors forward(const Tensors& inputs, const Attributes& attributes) {
  const Tensor x = inputs.at(0).contiguous();
  const Range range(inputs.at(1), attributes);
  Tensor y = x.new_empty(x.sizes());
  const float* X = x.data_ptr<float>();
  float* Y = y.data_ptr<float>();
  const float lowest = range.low * range.k, highest = range.high * range.k;
  const bool keepsCodes = usesGrids() && lowest == 0 && highest <= 255 && isUsable(range.step);
  Tensor codes = at::empty({keepsCodes ? y.numel() : 0}, at::kByte);
  uint8_t* const C = codes.data_ptr<uint8_t>();
  const int32_t most = static_cast<int32_t>(highest);
  std::atomic<bool> whole(true);
  at::parallel_for(0, x.numel(), GRAIN, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i += BLOCK) {
      const int64_t length = std::min(BLOCK, end - i);
      quantize(X + i, range, Y + i, length);
      if (keepsCodes && !writeCodes(Y + i, range.step, 0, most, C + i, length)) whole = false;
    }
  });
  if (keepsCodes && whole) attach(y, {codes, at::full({1}, range.step), most});
  if (usesGrids() && lowest < 0 && highest <= 127 && x.dim() == 2)
    attachIfWhole(y, gridOfWeights(y, at::full({1}, range.step), static_cast<int32_t>(lowest), most, false));
  return {y};
}

/**
 * Inputs: dy, x, d. Outputs: dx and the three sums `[3]`. `closed` is true if low and high themselves are
 * inside the range.
 */
Tensors gradient(const Tensors& inputs, const Attributes& attributes) {
  const Tensor dy = inputs.at(0).contiguous(), x = inputs.at(1).contiguous();
  const Range range(inputs.at(2), attributes);
  const bool closed = attributes.flag("closed");
  const int64_t threads = at::get_num_threads();
  Tensor dx = x.new_empty(x.sizes());
  const float *DY = dy.data_ptr<float>(), *X = x.data_ptr<float>();
  float* DX = dx.data_ptr<float>();
  std::vector<double> parts(3 * threads, 0);
  at::parallel_for(0, x.numel(), GRAIN, [&](int64_t begin, int64_t end) {
    double* own = parts.data() + 3 * at::get_thread_num();
    for (int64_t i = begin; i < end; i += BLOCK) {
      gradientBlock(DY + i, X + i, range, closed, DX + i, own, std::min(BLOCK, end - i));
    }
  });
  Tensor sums = x.new_empty({3});
  for (int64_t kind = 0; kind < 3; kind++) {
    double total = 0;
    for (int64_t thread = 0; thread < threads; thread++) total += parts[3 * thread + kind];
    sums.data_ptr<float>()[kind] = static_cast<float>(total);
  }
  return {dx, sums};
}

const Register registered({
    {"UniformQuantize", "x divisor", forward},
    {"UniformQuantizeGradient", "dy x divisor", gradient, LIST},
});

}  // namespace
}  // namespace n2uq
