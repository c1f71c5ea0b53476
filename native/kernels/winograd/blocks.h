// Sizes of the blocks that stay in the caches, and the kernels of each kind of processor.
#pragma once
#include "convolution.h"

namespace n2uq::winograd {

/** Bytes of transformed inputs and outputs that stay in the L2 cache. */
constexpr int64_t CACHED_BYTES = 1 << 19;
/** Most tiles that a convolution transforms at once. */
constexpr int64_t MOST_TILES = 192;
/** Tiles that a gradient transforms at once, and most channels of a part. */
constexpr int64_t GRADIENT_TILES = 32, GRADIENT_CHANNELS = 64, GRADIENT_OUT_CHANNELS = 128;

/** Tiles that a convolution transforms at once: a multiple of the rows of sums that fit in registers. */
inline int64_t tilesAtOnce(const Shape& s) {
  const int64_t cached = CACHED_BYTES / (64 * (s.channels + s.outChannels)) / 24 * 24;
  return std::clamp<int64_t>(cached, 24, MOST_TILES);
}

/** Distance between 16 matrices of `floats` values. Matrices at a power of 2 would share lines of the caches. */
inline int64_t distanceOf(int64_t floats) { return floats + LANES; }

extern const Kernels AVX2_KERNELS, AVX512_KERNELS, BFLOAT16_KERNELS;

}  // namespace n2uq::winograd
