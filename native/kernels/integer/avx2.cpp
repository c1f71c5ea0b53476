// AVX2: products of 4 codes for 8 output channels. vpmaddubsw adds two products in 16 bits with saturation, so the
// kernel chooses how many of these sums fit into 16 bits.
#include "tile.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>

#include <cstring>

#define WIDE __attribute__((target("avx2")))

namespace n2uq::integer {
namespace {

constexpr int32_t MOST = 32767;

WIDE inline __attribute__((always_inline)) __m256i everywhere(const uint8_t* codes) {
  int32_t four;
  std::memcpy(&four, codes, 4);
  return _mm256_set1_epi32(four);
}

/** Adds each pair of 16-bit sums to a 32-bit sum. */
WIDE inline __attribute__((always_inline)) __m256i widened(__m256i sums, __m256i halves) {
  return _mm256_add_epi32(sums, _mm256_madd_epi16(halves, _mm256_set1_epi16(1)));
}

/**
 * One panel. `halves`: the codes are too large for a sum of two products in 16 bits, so k is divided into 2·(k >> 1)
 * and k & 1. `steps`: after how many steps the 16-bit sums are widened.
 */
template <int pixels, bool halves>
WIDE void computeTile(const Tile& tile, int64_t steps) {
  const Geometry& g = tile.geometry;
  const int64_t row = rowBytes(g), run = g.kernelWidth * g.groups();
  __m256i sums[pixels][2], totals[pixels];
  for (int p = 0; p < pixels; p++) sums[p][0] = sums[p][1] = totals[p] = _mm256_setzero_si256();
  const bool shifts = tile.output.factor != 1 || tile.output.shift != 0;
  const __m256i ones = _mm256_set1_epi8(1);
  const int8_t* w = tile.weights;
  for (int64_t line = 0; line < g.kernelHeight; line++) {
    for (int64_t begin = 0; begin < run; begin += steps) {
      const int64_t end = std::min(run, begin + steps);
      __m256i few[pixels][2], upper[pixels][2];
      for (int p = 0; p < pixels; p++) {
        few[p][0] = few[p][1] = upper[p][0] = upper[p][1] = _mm256_setzero_si256();
      }
      for (int64_t k = begin; k < end; k++, w += 64) {
        const __m256i weights[2] = {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(w)),
                                    _mm256_loadu_si256(reinterpret_cast<const __m256i*>(w + 32))};
        for (int p = 0; p < pixels; p++) {
          const __m256i codes = everywhere(tile.pixels[p] + line * row + 4 * k);
          if (shifts) totals[p] = widened(totals[p], _mm256_maddubs_epi16(codes, ones));
          const __m256i low = halves ? _mm256_and_si256(codes, ones) : codes;
          const __m256i high = _mm256_and_si256(_mm256_srli_epi16(codes, 1), _mm256_set1_epi8(127));
          for (int n = 0; n < 2; n++) {
            few[p][n] = _mm256_add_epi16(few[p][n], _mm256_maddubs_epi16(low, weights[n]));
            if constexpr (halves)
              upper[p][n] = _mm256_add_epi16(upper[p][n], _mm256_maddubs_epi16(high, weights[n]));
          }
        }
      }
      for (int p = 0; p < pixels; p++) {
        for (int n = 0; n < 2; n++) {
          sums[p][n] = widened(sums[p][n], few[p][n]);
          if constexpr (halves) {
            const __m256i wide = _mm256_madd_epi16(upper[p][n], _mm256_set1_epi16(1));
            sums[p][n] = _mm256_add_epi32(sums[p][n], _mm256_slli_epi32(wide, 1));
          }
        }
      }
    }
  }
  const __m256i factor = _mm256_set1_epi32(tile.output.factor), shift = _mm256_set1_epi32(tile.output.shift);
  for (int p = 0; p < pixels; p++) {
    alignas(32) int32_t results[16];
    for (int n = 0; n < 2; n++) {
      const __m256i sum = _mm256_add_epi32(_mm256_mullo_epi32(sums[p][n], factor), _mm256_mullo_epi32(totals[p], shift));
      _mm256_store_si256(reinterpret_cast<__m256i*>(results + 8 * n), sum);
    }
    writeSums(tile, results, tile.results[p]);
  }
}

struct Compute {
  template <int pixels, int panels>
  void operator()(const Tile& tile) const {
    const int32_t pair = 2 * tile.codes.activations * tile.codes.weights;
    if (pair <= MOST) computeTile<pixels, false>(tile, MOST / pair);
    else computeTile<pixels, true>(tile, 1);
  }
};

}  // namespace

void convolveAvx2(const Tile& tile, int64_t, const uint8_t* bordered, float* y, int64_t first, int64_t end) {
  computeTiles<1, 3>(tile, bordered, y, first, end, Compute());
}

}  // namespace n2uq::integer

#endif
