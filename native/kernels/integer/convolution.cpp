#include "convolution.h"

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

void packWeights(const Geometry& g, const int8_t* weights, int8_t* packed) {
  for (int64_t panel = 0; panel < g.panels(); panel++) {
    for (int64_t tap = 0; tap < g.taps(); tap++) {
      for (int64_t group = 0; group < g.groups(); group++, packed += 64) {
        for (int64_t lane = 0; lane < 16; lane++) {
          const int64_t out = 16 * panel + lane;
          for (int64_t c = 0; c < 4; c++) {
            const int64_t in = 4 * group + c;
            const bool there = out < g.outChannels && in < g.channels;
            packed[4 * lane + c] = there ? weights[(tap * g.channels + in) * g.outChannels + out] : int8_t{0};
          }
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
