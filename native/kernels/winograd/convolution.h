// Convolutions of 3×3 windows with stride 1, and both gradients, by Winograd's algorithm F(2×2, 3×3): 16 products for 4 output
// pixels instead of 36 (Lavin and Gray, CVPR 2016). No dependency on a library.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace n2uq::winograd {

/** Numbers of channels are multiples of LANES and at most MOST_CHANNELS. */
constexpr int64_t LANES = 16, MOST_CHANNELS = 4096;

/**
 * The shapes of a convolution. Images are `[batch, height, width, channels]`, outputs
 * `[batch, outHeight, outWidth, outChannels]` and filters `[3, 3, channels, outChannels]`.
 */
struct Shape {
  int64_t batch, height, width, channels;
  int64_t outHeight, outWidth, outChannels;
  /** Lines of zeros above and to the left of an image. */
  int64_t top, left;

  /** A tile is 2×2 output pixels. They need 4×4 input pixels. */
  int64_t tileRows() const { return (outHeight + 1) / 2; }
  int64_t tileColumns() const { return (outWidth + 1) / 2; }
  int64_t tiles() const { return batch * tileRows() * tileColumns(); }

  /** The convolution whose output is the gradient of this one's images. */
  Shape turned() const {
    return {batch, outHeight, outWidth, outChannels, height, width, channels, 2 - top, 2 - left};
  }
};

/**
 * How the gradient of a filter is divided into sums over groups of tiles, for some of the channels. The division depends
 * only on the shape, so the result does not depend on the number of threads.
 */
struct Division {
  explicit Division(const Shape& shape);

  /** The most channels of a part. */
  int64_t channels, outChannels;
  int64_t channelParts, outParts, groups;
  int64_t tilesOfGroup;

  int64_t tasks() const { return channelParts * outParts * groups; }
  size_t floatsOfTask() const { return static_cast<size_t>(16 * channels * outChannels); }
};

/** Numbers of floats: of a transformed filter, and of the memory that one thread needs. */
size_t filterFloats(const Shape& shape);
size_t convolutionFloats(const Shape& shape);
size_t gradientFloats();

/**
 * What multiplies values before they are rounded to the factors of the products, which matters where these are bfloat16.
 * One factor per input channel; null: nothing multiplies them. `whole`: the results are integers but for their rounding.
 */
struct Scale {
  const float* factors = nullptr;
  bool whole = false;
};

/** The functions for one kind of processor. All kinds give the same bits. */
struct Kernels {
  /** Transforms a filter for `convolve`, for input channels `first` to `end`, both multiples of LANES. */
  void (*transformFilter)(const Shape& shape, const float* filter, const Scale& scale, float* transformed, int64_t first,
                          int64_t end);
  /**
   * The same for a filter of the convolution whose gradient `shape` is: it is turned by 180°, and its channels
   * `[3, 3, outChannels, channels]` are exchanged.
   */
  void (*transformTurnedFilter)(const Shape& shape, const float* filter, const Scale& scale, float* transformed, int64_t first,
                                int64_t end);
  /** Computes the output's tiles `first` to `end`. */
  void (*convolve)(const Shape& shape, const float* x, const Scale& scale, const float* transformed, float* y, float* memory,
                   int64_t first, int64_t end);
  /** Computes one task of a filter's gradient, into its part of `sums [tasks, floatsOfTask]`. */
  void (*sumTiles)(const Shape& shape, const Division& division, const float* x, const Scale& scale, const float* dy,
                   float* sums, float* memory, int64_t task);
  /** Adds the groups, and writes the gradient, times a scale, of input channels `first` to `end`. */
  void (*writeGradient)(const Shape& shape, const Division& division, const float* sums, float scale, float* gradient,
                        int64_t first, int64_t end);
};

/** The longest vectors that the kernels may use. */
enum class Vectors { NONE, AVX2, AVX512 };

/** The kernels with the longest vectors that this processor has, at most `most`; null if there are none. */
const Kernels* kernelsFor(Vectors most);

/** The same with factors rounded to bfloat16, and sums in float32; null if this processor has no such instructions. */
const Kernels* bfloat16KernelsFor(Vectors most);

}  // namespace n2uq::winograd
