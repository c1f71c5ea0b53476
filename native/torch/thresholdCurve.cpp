#include "thresholdCurve.h"

#include "loops.h"

namespace n2uq {
namespace {

/** Minimum length of an interval. Shorter intervals count as this long and have no gradient (released code). */
constexpr float SHORTEST_INTERVAL = 1e-3f;

/** The most intervals of the AVX-512 version: more do not fit into its registers. */
constexpr int64_t MOST_WIDE = 15;

bool isWide(const ThresholdCurve& s) {
  static const bool here = hasWideQuantizer();
  return here && s.intervals() <= MOST_WIDE;
}

/**
 * The levels for few thresholds, whose number is known at compile time: one pass over the values compares
 * each value with all thresholds.
 */
template <int N>
inline __attribute__((always_inline)) void levelsOf(const float* __restrict z, float beta1, const float* __restrict t,
                                                    float step, float* __restrict y, int64_t length) {
  for (int64_t i = 0; i < length; i++) {
    const float scaled = beta1 * z[i];
    float count = 0;
    for (int e = 0; e < N; e++) count += scaled > t[e] ? 1.f : 0.f;
    y[i] = count * step;
  }
}

FOR_EACH_PROCESSOR void levels(const float* __restrict z, float beta1, const float* __restrict t, int64_t n,
                               float step, float* __restrict y, int64_t length) {
  if (n == 1) return levelsOf<1>(z, beta1, t, step, y, length);
  if (n == 3) return levelsOf<3>(z, beta1, t, step, y, length);
  if (n == 7) return levelsOf<7>(z, beta1, t, step, y, length);
  if (n == 15) return levelsOf<15>(z, beta1, t, step, y, length);
  for (int64_t i = 0; i < length; i++) y[i] = 0;
  for (int64_t e = 0; e < n; e++) {
    const float edge = t[e];
    for (int64_t i = 0; i < length; i++) y[i] += beta1 * z[i] > edge ? 1.f : 0.f;
  }
  for (int64_t i = 0; i < length; i++) y[i] *= step;
}

/** Writes dz = dy·slope of the interval, and scaled = β₁z; returns Σ dy·(number of thresholds below β₁z). */
template <int N>
inline __attribute__((always_inline)) float slopesOf(const float* __restrict dy, const float* __restrict z, float beta1,
                                                     const float* __restrict b, const float* __restrict t,
                                                     const float* __restrict slopes, float* __restrict dz,
                                                     float* __restrict scaled, int64_t length) {
  float total = 0, own[N];
  // The slopes are loaded unconditionally, to avoid a branch in the loop.
  for (int e = 0; e < N; e++) own[e] = slopes[e];
  for (int64_t i = 0; i < length; i++) {
    const float x = beta1 * z[i];
    float slope = 0, count = 0;
    for (int e = 0; e < N; e++) {
      slope = x > b[e] ? own[e] : slope;
      count += x > t[e] ? 1.f : 0.f;
    }
    slope = x > b[N] ? 0.f : slope;
    dz[i] = dy[i] * slope;
    scaled[i] = x;
    total += dy[i] * count;
  }
  return total;
}

/** Does the same as `slopesOf` for any number of intervals, with one pass over the values per interval. */
inline __attribute__((always_inline)) float slopesOfAny(const float* __restrict dy, const float* __restrict z,
                                                        float beta1, const float* __restrict b,
                                                        const float* __restrict t, const float* __restrict slopes,
                                                        int64_t n, float* __restrict dz, float* __restrict scaled,
                                                        int64_t length) {
  float total = 0;
  for (int64_t i = 0; i < length; i++) {
    scaled[i] = beta1 * z[i];
    dz[i] = 0;
  }
  for (int64_t e = 0; e < n; e++) {
    const float low = b[e], middle = t[e], slope = slopes[e];
    for (int64_t i = 0; i < length; i++) {
      dz[i] = scaled[i] > low ? dy[i] * slope : dz[i];
      total += scaled[i] > middle ? dy[i] : 0.f;
    }
  }
  const float last = b[n];
  for (int64_t i = 0; i < length; i++) dz[i] = scaled[i] > last ? 0.f : dz[i];
  return total;
}

/** Adds Σdy and Σdy·z of the values in each interval to `sums [intervals, 2]`. */
inline __attribute__((always_inline)) void addInside(const float* __restrict scaled, const float* __restrict dy,
                                                     const float* __restrict z, const float* __restrict b,
                                                     int64_t intervals, double* __restrict sums, int64_t length) {
  for (int64_t e = 0; e < intervals; e++) {
    const float low = b[e], high = b[e + 1];
    float sum = 0, product = 0;
    for (int64_t i = 0; i < length; i++) {
      const float inside = scaled[i] > low && !(scaled[i] > high) ? dy[i] : 0.f;
      sum += inside;
      product += inside * z[i];
    }
    sums[2 * e] += sum;
    sums[2 * e + 1] += product;
  }
}

/**
 * Writes dz = dy·slope of the interval; adds Σdy and Σdy·z per interval to `sums [N, 2]`; returns
 * Σ dy·(number of thresholds below β₁z).
 */
FOR_EACH_PROCESSOR float gradients(const float* __restrict dy, const float* __restrict z, float beta1,
                                          const float* __restrict b, const float* __restrict t,
                                          const float* __restrict slopes, int64_t n, float* __restrict dz,
                                          float* __restrict scaled, double* __restrict sums, int64_t length) {
  float total;
  if (n == 1) total = slopesOf<1>(dy, z, beta1, b, t, slopes, dz, scaled, length);
  else if (n == 3) total = slopesOf<3>(dy, z, beta1, b, t, slopes, dz, scaled, length);
  else if (n == 7) total = slopesOf<7>(dy, z, beta1, b, t, slopes, dz, scaled, length);
  else if (n == 15) total = slopesOf<15>(dy, z, beta1, b, t, slopes, dz, scaled, length);
  else total = slopesOfAny(dy, z, beta1, b, t, slopes, n, dz, scaled, length);
  addInside(scaled, dy, z, b, n, sums, length);
  return total;
}

}  // namespace

ThresholdCurve thresholdCurveOf(const Tensor& start, const Tensor& a, const Tensor& scale1, const Tensor& scale2) {
  const Tensor lengths = a.contiguous();
  const int64_t N = lengths.numel();
  ThresholdCurve s;
  s.beta1 = scale1.item<float>();
  s.beta2 = scale2.item<float>();
  s.delta = 2.f / static_cast<float>(N);
  const float first = start.item<float>();
  float sum = 0;
  s.backward.push_back(first);
  for (int64_t i = 0; i < N; i++) {
    const float given = lengths.data_ptr<float>()[i];
    const float length = given > SHORTEST_INTERVAL ? given : SHORTEST_INTERVAL;
    s.open.push_back(given > SHORTEST_INTERVAL);
    s.lengths.push_back(length);
    s.lower.push_back(s.backward.back());
    s.forward.push_back(s.lower.back() + length * 0.5f);
    s.slopes.push_back(s.delta / length);
    sum += length;
    s.backward.push_back(first + sum);
  }
  return s;
}

void ThresholdCurve::quantize(const float* z, float* y, int64_t length) const {
  n2uq::levels(z, beta1, forward.data(), intervals(), levels().unit, y, length);
}

void ThresholdCurve::gradient(const float* dy, const float* z, float* dz, float* scratch, CurveSums& sums,
                              int64_t length) const {
  if (isWide(*this)) return quantizeGradientWide(*this, dy, z, dz, scratch, sums, length);
  std::vector<float> scaled(slopes);
  for (float& slope : scaled) slope *= beta1 * beta2;
  sums.counted += gradients(dy, z, beta1, backward.data(), forward.data(), scaled.data(), intervals(), dz, scratch,
                            sums.intervals.data(), length);
}

void ThresholdCurve::add(CurveSums& sums, const CurveSums& others) const {
  for (size_t i = 0; i < sums.intervals.size(); i++) sums.intervals[i] += others.intervals[i];
  sums.counted += others.counted;
}

void ThresholdCurve::append(Tensors& outputs, const CurveSums& sums) const {
  const ThresholdCurve& s = *this;
  const int64_t N = s.intervals();
  const Tensor& dx = outputs.at(0);
  const Tensor start = dx.new_empty({1}), a = dx.new_empty({N}), scale1 = dx.new_empty({1}), scale2 = dx.new_empty({1});
  double later = 0, product = 0;
  for (int64_t i = N - 1; i >= 0; i--) {
    const double g1 = sums.intervals[2 * i], gx = sums.intervals[2 * i + 1];
    const double own = s.beta2 * (s.slopes[i] / s.lengths[i]) * (s.beta1 * gx - s.lower[i] * g1);
    a.data_ptr<float>()[i] = s.open[i] ? static_cast<float>(-(later + own)) : 0.f;
    later += s.beta2 * s.slopes[i] * g1;
    product += s.slopes[i] * gx;
  }
  *start.data_ptr<float>() = static_cast<float>(-later);
  *scale1.data_ptr<float>() = static_cast<float>(s.beta2 * product);
  *scale2.data_ptr<float>() = static_cast<float>(s.delta * sums.counted);
  outputs.insert(outputs.end(), {start, a, scale1, scale2});
}

}  // namespace n2uq
