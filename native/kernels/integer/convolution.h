// Exact convolutions of integer codes: unsigned activation codes of up to 8 bits, signed weights of up to 8 bits and
// sums in int32. No dependency on a library, so that other programs can link this source.
#pragma once
#include <cstddef>
#include <cstdint>

namespace n2uq::integer {

/** The shapes of a convolution. Images are `[batch, height, width, channels]`, weights `[height, width, in, out]`. */
struct Geometry {
  int64_t batch, height, width, channels;
  int64_t kernelHeight, kernelWidth;
  int64_t outHeight, outWidth, outChannels;
  int64_t strideY, strideX;
  /** Lines of zeros around an image. */
  int64_t top, bottom, left, right;

  int64_t taps() const { return kernelHeight * kernelWidth; }
  int64_t outPixels() const { return batch * outHeight * outWidth; }
  int64_t borderedHeight() const { return top + height + bottom; }
  int64_t borderedWidth() const { return left + width + right; }
  /** Channels in groups of 4, the number that one instruction multiplies. */
  int64_t groups() const { return (channels + 3) / 4; }
  /** Output channels in panels of 16, the number of sums in one register. */
  int64_t panels() const { return (outChannels + 15) / 16; }
  size_t borderedBytes() const { return static_cast<size_t>(batch * borderedHeight() * borderedWidth() * groups() * 4); }
  size_t packedBytes() const { return static_cast<size_t>(panels() * taps() * groups() * 64); }
};

/**
 * How sums become values: `(factor·Σ w·k + shift·Σ k)·scale` per output channel, rounded to float32 before and after the
 * multiplication. Without a scale, the result is the int32 sum itself, in the memory of the float.
 */
struct Output {
  const float* scale;
  int32_t factor = 1, shift = 0;
};

/** The largest absolute values of the codes. A kernel for 16-bit sums needs them. */
struct Codes {
  int32_t activations, weights;
};

enum class Kernel { PLAIN, AVX2, AVX512_VNNI };

/** The fastest kernel that this processor has. */
Kernel fastestKernel();

/** Writes images `first` to `end` with their border, and with zeros up to a multiple of 4 channels. */
void writeBordered(const Geometry& geometry, const uint8_t* codes, uint8_t* bordered, int64_t first, int64_t end);

/** Writes panels `first` to `end` of weights `[height, width, in, out]` in the order in which the kernels read them. */
void packWeights(const Geometry& geometry, const int8_t* weights, int8_t* packed, int64_t first, int64_t end);

/**
 * Computes the output pixels `first` to `end` of `[batch, outHeight, outWidth, outChannels]`. Every kernel gives the
 * same bits, however the pixels are divided into calls.
 */
void convolve(Kernel kernel, const Geometry& geometry, Codes codes, const uint8_t* bordered, const int8_t* packed,
              const Output& output, float* y, int64_t first, int64_t end);

}  // namespace n2uq::integer
