#include "convolution.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <algorithm>
#include <cstring>

#include "tile.h"

namespace n2uq::integer {
namespace {

/** Panels of a tile: the registers hold at most 4. */
constexpr int64_t MOST_PANELS = 4;

}  // namespace

Kernel fastestKernel() {
#if defined(__x86_64__) && defined(__GNUC__)
  if (__builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
    return Kernel::AVX512_VNNI;
  if (__builtin_cpu_supports("avx2")) return Kernel::AVX2;
#endif
  return Kernel::PLAIN;
}

void writeBordered(const Geometry& g, const uint8_t* codes, uint8_t* bordered, int64_t first, int64_t end) {
  const int64_t padded = g.groups() * 4, row = rowBytes(g);
  for (int64_t image = first; image < end; image++) {
    uint8_t* out = bordered + image * g.borderedHeight() * row;
    std::memset(out, 0, static_cast<size_t>(g.top * row));
    out += g.top * row;
    for (int64_t y = 0; y < g.height; y++, out += row) {
      const uint8_t* in = codes + (image * g.height + y) * g.width * g.channels;
      std::memset(out, 0, static_cast<size_t>(g.left * padded));
      uint8_t* pixel = out + g.left * padded;
      if (padded == g.channels) {
        std::memcpy(pixel, in, static_cast<size_t>(g.width * padded));
      } else {
        for (int64_t x = 0; x < g.width; x++) {
          std::memcpy(pixel + x * padded, in + x * g.channels, static_cast<size_t>(g.channels));
          std::memset(pixel + x * padded + g.channels, 0, static_cast<size_t>(padded - g.channels));
        }
      }
      std::memset(pixel + g.width * padded, 0, static_cast<size_t>(g.right * padded));
    }
    std::memset(out, 0, static_cast<size_t>(g.bottom * row));
  }
}

namespace {

/** Writes 4 codes of each of 16 output channels, from 4 lines of the weights. */
void packGroup(const int8_t* lines, int64_t line, int8_t* packed) {
#if defined(__SSE2__)
  __m128i in[4];
  for (int c = 0; c < 4; c++) in[c] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(lines + c * line));
  const __m128i low[2] = {_mm_unpacklo_epi8(in[0], in[1]), _mm_unpackhi_epi8(in[0], in[1])};
  const __m128i high[2] = {_mm_unpacklo_epi8(in[2], in[3]), _mm_unpackhi_epi8(in[2], in[3])};
  auto* const out = reinterpret_cast<__m128i*>(packed);
  for (int half = 0; half < 2; half++) {
    _mm_storeu_si128(out + 2 * half, _mm_unpacklo_epi16(low[half], high[half]));
    _mm_storeu_si128(out + 2 * half + 1, _mm_unpackhi_epi16(low[half], high[half]));
  }
#else
  for (int64_t lane = 0; lane < 16; lane++) {
    for (int64_t c = 0; c < 4; c++) packed[4 * lane + c] = lines[c * line + lane];
  }
#endif
}

}  // namespace

void packWeights(const Geometry& g, const int8_t* weights, int8_t* packed, int64_t first, int64_t end) {
  const int64_t line = g.outChannels;
  for (int64_t panel = first; panel < end; panel++) {
    int8_t* to = packed + panel * panelBytes(g);
    const int64_t lanes = std::min<int64_t>(16, g.outChannels - 16 * panel);
    for (int64_t tap = 0; tap < g.taps(); tap++) {
      for (int64_t group = 0; group < g.groups(); group++, to += 64) {
        const int64_t codes = std::min<int64_t>(4, g.channels - 4 * group);
        const int8_t* const from = weights + (tap * g.channels + 4 * group) * line + 16 * panel;
        if (lanes == 16 && codes == 4) {
          packGroup(from, line, to);
          continue;
        }
        std::memset(to, 0, 64);
        for (int64_t lane = 0; lane < lanes; lane++) {
          for (int64_t c = 0; c < codes; c++) to[4 * lane + c] = from[c * line + lane];
        }
      }
    }
  }
}

void convolve(Kernel kernel, const Geometry& g, Codes codes, const uint8_t* bordered, const int8_t* packed,
              const Output& output, float* y, int64_t first, int64_t end) {
  const int64_t most = kernel == Kernel::AVX512_VNNI ? MOST_PANELS : 1;
  for (int64_t panel = 0; panel < g.panels(); panel += most) {
    const int64_t panels = std::min(most, g.panels() - panel);
    const int64_t channels = std::min(16 * panels, g.outChannels - 16 * panel);
    const Tile tile{g, output, codes, {}, {}, packed + panel * panelBytes(g), 16 * panel,
                    static_cast<int>(channels - 16 * (panels - 1))};
#if defined(__x86_64__) && defined(__GNUC__)
    if (kernel == Kernel::AVX512_VNNI) {
      convolveAvx512(tile, panels, bordered, y, first, end);
      continue;
    }
    if (kernel == Kernel::AVX2) {
      convolveAvx2(tile, panels, bordered, y, first, end);
      continue;
    }
#endif
    convolvePlain(tile, panels, bordered, y, first, end);
  }
}

}  // namespace n2uq::integer
