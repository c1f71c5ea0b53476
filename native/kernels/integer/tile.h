// A tile: some output pixels and some panels of output channels, which a kernel computes in registers.
#pragma once
#include <algorithm>
#include <array>
#include <cstring>

#include "convolution.h"

namespace n2uq::integer {

/** The most pixels in a tile. */
constexpr int MOST_PIXELS = 12;

/** What a kernel reads and writes for one tile. */
struct Tile {
  const Geometry& geometry;
  const Output& output;
  Codes codes;
  /** The first code of the window of each pixel, and where its output starts. */
  std::array<const uint8_t*, MOST_PIXELS> pixels;
  std::array<float*, MOST_PIXELS> results;
  /** The packed weights of the first panel. */
  const int8_t* weights;
  int64_t firstChannel;
  /** Channels of the last panel: 1 to 16. */
  int lastChannels;
};

/** Distances in bytes. */
inline int64_t rowBytes(const Geometry& g) { return g.borderedWidth() * g.groups() * 4; }
inline int64_t panelBytes(const Geometry& g) { return g.taps() * g.groups() * 64; }

/** Writes the sums of a pixel's panel. */
inline void writeSums(const Tile& tile, const int32_t* sums, float* results) {
  const float* const scale = tile.output.scale;
  if (scale == nullptr) {
    std::memcpy(results, sums, sizeof(int32_t) * static_cast<size_t>(tile.lastChannels));
    return;
  }
  for (int lane = 0; lane < tile.lastChannels; lane++) {
    results[lane] = static_cast<float>(sums[lane]) * scale[tile.firstChannel + lane];
  }
}

/** Calls `compute.template operator()<pixels, panels>(tile)` with the number of pixels as a constant. */
template <int panels, int most, typename Compute>
void withPixels(int pixels, const Tile& tile, const Compute& compute) {
  if constexpr (most == 1) {
    compute.template operator()<1, panels>(tile);
  } else if (pixels == most) {
    compute.template operator()<most, panels>(tile);
  } else {
    withPixels<panels, most - 1>(pixels, tile, compute);
  }
}

/** Divides the pixels `first` to `end` into tiles of at most `most` pixels. */
template <int panels, int most, typename Compute>
void computeTiles(Tile tile, const uint8_t* bordered, float* y, int64_t first, int64_t end, const Compute& compute) {
  const Geometry& g = tile.geometry;
  const int64_t area = g.outHeight * g.outWidth, pixelBytes = g.groups() * 4;
  for (int64_t pixel = first; pixel < end; pixel += most) {
    const int pixels = static_cast<int>(std::min<int64_t>(most, end - pixel));
    for (int i = 0; i < pixels; i++) {
      const int64_t image = (pixel + i) / area, place = (pixel + i) % area;
      const int64_t row = image * g.borderedHeight() + place / g.outWidth * g.strideY;
      const int64_t column = place % g.outWidth * g.strideX;
      tile.pixels[i] = bordered + (row * g.borderedWidth() + column) * pixelBytes;
      tile.results[i] = y + (pixel + i) * g.outChannels + tile.firstChannel;
    }
    withPixels<panels, most>(pixels, tile, compute);
  }
}

void convolveAvx512(const Tile& tile, int64_t panels, const uint8_t* bordered, float* y, int64_t first, int64_t end);
void convolveAvx2(const Tile& tile, int64_t panels, const uint8_t* bordered, float* y, int64_t first, int64_t end);
void convolvePlain(const Tile& tile, int64_t panels, const uint8_t* bordered, float* y, int64_t first, int64_t end);

}  // namespace n2uq::integer
