// The quantizer's gradients for sixteen values at a time, for processors with AVX-512. With many intervals, a binary search with
// all thresholds in one register finds a value's interval without a comparison with every threshold.
#include "loops.h"
#include "thresholdCurve.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>

#include <limits>

#define WIDE __attribute__((target("avx512f")))
#endif

namespace n2uq {

#if defined(WIDE)
namespace {

constexpr int64_t LANES = 16;

/** Sixteen numbers from a list that may be shorter. Missing numbers are infinity, which no value exceeds. */
WIDE inline __m512 filledUp(const std::vector<float>& values) {
  const __mmask16 there = static_cast<__mmask16>((1 << values.size()) - 1);
  return _mm512_mask_loadu_ps(_mm512_set1_ps(std::numeric_limits<float>::infinity()), there, values.data());
}

/** The mask of the existing values among `i` to `i + 15`. */
WIDE inline __mmask16 lanesOf(int64_t i, int64_t length) {
  return i + LANES <= length ? 0xffff : static_cast<__mmask16>((1 << (length - i)) - 1);
}

/** For each value, how many of the first fifteen ascending `edges` are below it. */
WIDE inline __m512i countBelow(__m512 x, __m512 edges) {
  __m512i count = _mm512_setzero_si512();
#pragma GCC unroll 4
  for (int step = 8; step > 0; step /= 2) {
    const __m512i more = _mm512_add_epi32(count, _mm512_set1_epi32(step));
    const __m512 edge = _mm512_permutexvar_ps(_mm512_sub_epi32(more, _mm512_set1_epi32(1)), edges);
    count = _mm512_mask_mov_epi32(count, _mm512_cmp_ps_mask(x, edge, _CMP_GT_OQ), more);
  }
  return count;
}

/** Writes dz and each value's interval; returns Σdy over the values above the middle of their interval. */
WIDE float slopesOf(const ThresholdCurve& s, const float* dy, const float* z, float* dz, int32_t* intervals,
                    int64_t length) {
  const int64_t N = s.intervals();
  const __m512 edges = filledUp(s.backward), middles = filledUp(s.forward);
  const __m512 slopes = _mm512_mul_ps(filledUp(s.slopes), _mm512_set1_ps(s.beta1 * s.beta2));
  const __m512 last = _mm512_set1_ps(N == LANES - 1 ? s.backward.back() : std::numeric_limits<float>::infinity());
  const __m512 beta1 = _mm512_set1_ps(s.beta1);
  const __m512i one = _mm512_set1_epi32(1), all = _mm512_set1_epi32(static_cast<int>(N));
  __m512 total = _mm512_setzero_ps();
  for (int64_t i = 0; i < length; i += LANES) {
    const __mmask16 lanes = lanesOf(i, length);
    const __m512 d = _mm512_maskz_loadu_ps(lanes, dy + i);
    const __m512 x = _mm512_mul_ps(beta1, _mm512_maskz_loadu_ps(lanes, z + i));
    __m512i interval = countBelow(x, edges);
    interval = _mm512_mask_add_epi32(interval, _mm512_cmp_ps_mask(x, last, _CMP_GT_OQ), interval, one);
    // The interval is now -1 for values below the first interval, N for values above the last.
    interval = _mm512_sub_epi32(interval, one);
    const __mmask16 inside = _mm512_cmp_epu32_mask(interval, all, _MM_CMPINT_LT);
    const __m512 slope = _mm512_maskz_permutexvar_ps(inside, interval, slopes);
    const __m512 middle = _mm512_permutexvar_ps(interval, middles);
    _mm512_mask_storeu_ps(dz + i, lanes, _mm512_mul_ps(d, slope));
    _mm512_storeu_si512(intervals + i, interval);
    total = _mm512_mask_add_ps(total, inside & _mm512_cmp_ps_mask(x, middle, _CMP_GT_OQ), total, d);
  }
  return _mm512_reduce_add_ps(total);
}

/** Adds Σdy and Σdy·z of `COUNT` intervals, starting with `first`, to `sums [COUNT, 2]`. */
template <int COUNT>
WIDE void addInside(const float* dy, const float* z, const int32_t* intervals, int first, double* sums,
                    int64_t length) {
  __m512 sum[COUNT], product[COUNT];
  for (int e = 0; e < COUNT; e++) sum[e] = product[e] = _mm512_setzero_ps();
  for (int64_t i = 0; i < length; i += LANES) {
    const __mmask16 lanes = lanesOf(i, length);
    const __m512 d = _mm512_maskz_loadu_ps(lanes, dy + i);
    const __m512 p = _mm512_mul_ps(d, _mm512_maskz_loadu_ps(lanes, z + i));
    const __m512i own = _mm512_loadu_si512(intervals + i);
#pragma GCC unroll 8
    for (int e = 0; e < COUNT; e++) {
      const __mmask16 inside = _mm512_mask_cmpeq_epi32_mask(lanes, own, _mm512_set1_epi32(first + e));
      sum[e] = _mm512_mask_add_ps(sum[e], inside, sum[e], d);
      product[e] = _mm512_mask_add_ps(product[e], inside, product[e], p);
    }
  }
  for (int e = 0; e < COUNT; e++) {
    sums[2 * e] += _mm512_reduce_add_ps(sum[e]);
    sums[2 * e + 1] += _mm512_reduce_add_ps(product[e]);
  }
}

/** The whole gradient for few intervals: one pass compares each value with all edges, and keeps all sums in registers. */
template <int N>
WIDE void gradientOfFew(const ThresholdCurve& s, const float* dy, const float* z, float* dz, CurveSums& sums, int64_t length) {
  const __m512 beta1 = _mm512_set1_ps(s.beta1);
  __m512 edges[N + 1], middles[N], slopes[N], sum[N], product[N], counted[N];
  for (int e = 0; e <= N; e++) edges[e] = _mm512_set1_ps(s.backward[e]);
  for (int e = 0; e < N; e++) {
    middles[e] = _mm512_set1_ps(s.forward[e]);
    slopes[e] = _mm512_set1_ps(s.slopes[e] * s.beta1 * s.beta2);
    sum[e] = product[e] = counted[e] = _mm512_setzero_ps();
  }
  for (int64_t i = 0; i < length; i += LANES) {
    const __mmask16 lanes = lanesOf(i, length);
    const __m512 d = _mm512_maskz_loadu_ps(lanes, dy + i), value = _mm512_maskz_loadu_ps(lanes, z + i);
    const __m512 x = _mm512_mul_ps(beta1, value), p = _mm512_mul_ps(d, value);
    __m512 slope = _mm512_setzero_ps();
    __mmask16 above = _mm512_mask_cmp_ps_mask(lanes, x, edges[0], _CMP_GT_OQ);
#pragma GCC unroll 3
    for (int e = 0; e < N; e++) {
      const __mmask16 higher = _mm512_mask_cmp_ps_mask(lanes, x, edges[e + 1], _CMP_GT_OQ);
      const __mmask16 inside = above & ~higher;
      slope = _mm512_mask_mov_ps(slope, inside, slopes[e]);
      sum[e] = _mm512_mask_add_ps(sum[e], inside, sum[e], d);
      product[e] = _mm512_mask_add_ps(product[e], inside, product[e], p);
      counted[e] = _mm512_mask_add_ps(counted[e], _mm512_cmp_ps_mask(x, middles[e], _CMP_GT_OQ), counted[e], d);
      above = higher;
    }
    _mm512_mask_storeu_ps(dz + i, lanes, _mm512_mul_ps(d, slope));
  }
  for (int e = 0; e < N; e++) {
    sums.intervals[2 * e] += _mm512_reduce_add_ps(sum[e]);
    sums.intervals[2 * e + 1] += _mm512_reduce_add_ps(product[e]);
    sums.counted += _mm512_reduce_add_ps(counted[e]);
  }
}

}  // namespace

bool hasWideQuantizer() { return __builtin_cpu_supports("avx512f") && allowsVectors("avx512"); }

WIDE void quantizeGradientWide(const ThresholdCurve& s, const float* dy, const float* z, float* dz, float* scratch,
                               CurveSums& sums, int64_t length) {
  const int N = static_cast<int>(s.intervals());
  if (N == 1) return gradientOfFew<1>(s, dy, z, dz, sums, length);
  if (N == 3) return gradientOfFew<3>(s, dy, z, dz, sums, length);
  int32_t* const intervals = reinterpret_cast<int32_t*>(scratch);
  sums.counted += slopesOf(s, dy, z, dz, intervals, length);
  // `inside` has an additional interval N for values above the last interval: they count for the level.
  double inside[2 * LANES] = {};
  for (int first = 0; first <= N; first += 8) addInside<8>(dy, z, intervals, first, inside + 2 * first, length);
  for (int i = 0; i < 2 * N; i++) sums.intervals[i] += inside[i];
  // A value of interval i is above i forward thresholds, and above one more if it exceeds the middle of its interval.
  for (int i = 1; i <= N; i++) sums.counted += i * inside[2 * i];
}

#else

bool hasWideQuantizer() { return false; }
void quantizeGradientWide(const ThresholdCurve&, const float*, const float*, float*, float*, CurveSums&, int64_t) {}

#endif

}  // namespace n2uq
