// AVX-512 VNNI: an instruction multiplies 4 codes of 16 output channels and adds them to int32 sums.
#include "tile.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>

#include <cstring>

#define WIDE __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni")))

namespace n2uq::integer {
namespace {

/** Four codes in every lane. */
WIDE inline __attribute__((always_inline)) __m512i everywhere(const uint8_t* codes) {
  int32_t four;
  std::memcpy(&four, codes, 4);
  return _mm512_set1_epi32(four);
}

/** `shifts`: the sums of the activation codes are needed too. */
template <int pixels, int panels, bool shifts>
WIDE void computeTile(const Tile& tile) {
  const Geometry& g = tile.geometry;
  const int64_t groups = g.groups(), row = rowBytes(g), panel = panelBytes(g);
  __m512i sums[pixels][panels], totals[pixels];
  for (int p = 0; p < pixels; p++) {
    totals[p] = _mm512_setzero_si512();
    for (int n = 0; n < panels; n++) sums[p][n] = _mm512_setzero_si512();
  }
  const uint8_t* in[pixels];
  for (int p = 0; p < pixels; p++) in[p] = tile.pixels[p];
  const __m512i ones = _mm512_set1_epi8(1);
  const int8_t* w = tile.weights;
  // The codes of neighboring pixels of a row are adjacent, so a row of the window is one run.
  const int64_t run = g.kernelWidth * groups;
  for (int64_t line = 0; line < g.kernelHeight; line++) {
    const int64_t start = line * row;
    for (int64_t k = 0; k < run; k++, w += 64) {
      __m512i weights[panels];
#pragma GCC unroll 4
      for (int n = 0; n < panels; n++) weights[n] = _mm512_loadu_si512(w + n * panel);
#pragma GCC unroll 12
      for (int p = 0; p < pixels; p++) {
        const __m512i codes = everywhere(in[p] + start + 4 * k);
        if constexpr (shifts) totals[p] = _mm512_dpbusd_epi32(totals[p], codes, ones);
#pragma GCC unroll 4
        for (int n = 0; n < panels; n++) sums[p][n] = _mm512_dpbusd_epi32(sums[p][n], codes, weights[n]);
      }
    }
  }
  const __m512i factor = _mm512_set1_epi32(tile.output.factor), shift = _mm512_set1_epi32(tile.output.shift);
  for (int n = 0; n < panels; n++) {
    const int channels = n == panels - 1 ? tile.lastChannels : 16;
    const __mmask16 lanes = static_cast<__mmask16>((1u << channels) - 1);
    const float* const own = tile.output.scale;
    const __m512 scale = own == nullptr ? _mm512_setzero_ps() : _mm512_maskz_loadu_ps(lanes, own + tile.firstChannel + 16 * n);
    for (int p = 0; p < pixels; p++) {
      __m512i sum = sums[p][n];
      if constexpr (shifts)
        sum = _mm512_add_epi32(_mm512_mullo_epi32(sum, factor), _mm512_mullo_epi32(totals[p], shift));
      if (own == nullptr) _mm512_mask_storeu_epi32(tile.results[p] + 16 * n, lanes, sum);
      else _mm512_mask_storeu_ps(tile.results[p] + 16 * n, lanes, _mm512_mul_ps(_mm512_cvtepi32_ps(sum), scale));
    }
  }
}

template <bool shifts>
struct Compute {
  template <int pixels, int panels>
  void operator()(const Tile& tile) const {
    computeTile<pixels, panels, shifts>(tile);
  }
};

template <bool shifts>
void convolveWith(const Tile& tile, int64_t panels, const uint8_t* bordered, float* y, int64_t first, int64_t end) {
  const Compute<shifts> compute;
  // Of 32 registers, 24 hold sums; with `shifts`, some hold the totals.
  if (panels == 1) computeTiles<1, 12>(tile, bordered, y, first, end, compute);
  else if (panels == 2) computeTiles<2, shifts ? 8 : 12>(tile, bordered, y, first, end, compute);
  else if (panels == 3) computeTiles<3, shifts ? 6 : 8>(tile, bordered, y, first, end, compute);
  else computeTiles<4, shifts ? 4 : 6>(tile, bordered, y, first, end, compute);
}

}  // namespace

void convolveAvx512(const Tile& tile, int64_t panels, const uint8_t* bordered, float* y, int64_t first, int64_t end) {
  const bool shifts = tile.output.factor != 1 || tile.output.shift != 0;
  if (shifts) convolveWith<true>(tile, panels, bordered, y, first, end);
  else convolveWith<false>(tile, panels, bordered, y, first, end);
}

}  // namespace n2uq::integer

#endif
