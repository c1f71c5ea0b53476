#include "uniform.h"

#include <algorithm>
#include <cmath>

#include "loops.h"

namespace n2uq {
namespace {

FOR_EACH_PROCESSOR void quantizeBlock(const float* __restrict x, UniformQuantizer r, float* __restrict y, int64_t length) {
  for (int64_t i = 0; i < length; i++) {
    const float clipped = std::min(std::max((x[i] - r.offset) / r.divisor, r.low), r.high);
    y[i] = std::nearbyint(clipped * r.k) * r.step + r.offset;
  }
}

template <bool closed>
inline __attribute__((always_inline)) void gradientOf(const float* __restrict dy, const float* __restrict x,
                                                      UniformQuantizer r, float* __restrict dx, double* __restrict sums,
                                                      int64_t length) {
  float slope = 0, above = 0, level = 0, outside = 0;
  const float unit = 1.f / r.k;
  for (int64_t i = 0; i < length; i++) {
    const float v = (x[i] - r.offset) / r.divisor, d = dy[i];
    const float q = std::nearbyint(std::min(std::max(v, r.low), r.high) * r.k) * unit;
    // Bitwise operators, because the compiler does not vectorize a loop with branches.
    const bool inside = closed ? !(v < r.low) & !(v > r.high) : (v > r.low) & (v < r.high);
    const float passed = inside ? d : 0.f, own = inside ? v : 0.f;
    dx[i] = passed;
    slope += d * (q - own);
    above += v >= r.high ? d : 0.f;
    level += d * q;
    outside += d - passed;
  }
  sums[0] += slope;
  sums[1] += above;
  sums[2] += level;
  sums[3] += outside;
}

FOR_EACH_PROCESSOR void gradientBlock(const float* __restrict dy, const float* __restrict x, UniformQuantizer r,
                                      float* __restrict dx, double* __restrict sums, int64_t length) {
  if (r.closed) gradientOf<true>(dy, x, r, dx, sums, length);
  else gradientOf<false>(dy, x, r, dx, sums, length);
}

}  // namespace

UniformQuantizer::UniformQuantizer(const Tensors& inputs, size_t next, const Attributes& attributes)
    : divisor(inputs.at(next).item<float>()),
      offset(inputs.size() > next + 1 ? inputs[next + 1].item<float>() : 0.f),
      low(static_cast<float>(attributes.number("low"))),
      high(static_cast<float>(attributes.number("high"))),
      k(static_cast<float>(attributes.number("k"))),
      step(divisor / k),
      closed(attributes.flag("closed")) {}

void UniformQuantizer::quantize(const float* x, float* y, int64_t length) const { quantizeBlock(x, *this, y, length); }

void UniformQuantizer::gradient(const float* dy, const float* x, float* dx, float*, Sums& sums, int64_t length) const {
  gradientBlock(dy, x, *this, dx, sums.data(), length);
}

void UniformQuantizer::add(Sums& sums, const Sums& others) const {
  for (size_t i = 0; i < sums.size(); i++) sums[i] += others[i];
}

void UniformQuantizer::append(Tensors& outputs, const Sums& sums) const {
  Tensor all = outputs.at(0).new_empty({static_cast<int64_t>(sums.size())});
  for (size_t i = 0; i < sums.size(); i++) all.data_ptr<float>()[i] = static_cast<float>(sums[i]);
  outputs.push_back(all);
}

}  // namespace n2uq
