// The passes of BatchNorm over `[rows, channels]`. Sums are float32 within a block of rows and float64 over the blocks.
#include "blocks.h"

namespace {

/** Adds Σd and Σd² of d = x - shift to `sums [2, channels]`. */
template <typename V>
INLINE void addMoments(const float* x, const float* shift, double* sums, int c, int channels, int rows) {
  const V from = load<V>(shift + c);
  V first = splat<V>(0), second = first;
  for (int row = 0; row < rows; row++) {
    const V d = load<V>(x + row * channels + c) - from;
    first += d;
    second += d * d;
  }
  addEach(sums + c, first);
  addEach(sums + channels + c, second);
}

/** Adds Σdy and Σdy·(x - mean) to `sums [2, channels]`. */
template <typename V>
INLINE void addGradients(const float* dy, const float* x, const float* mean, double* sums, int c, int channels,
                         int rows) {
  const V middle = load<V>(mean + c);
  V first = splat<V>(0), second = first;
  for (int row = 0; row < rows; row++) {
    const int at = row * channels + c;
    const V d = load<V>(dy + at);
    first += d;
    second += d * (load<V>(x + at) - middle);
  }
  addEach(sums + c, first);
  addEach(sums + channels + c, second);
}

}  // namespace

/** Adds Σd and Σd² of d = x - shift per channel to `sums [2, channels]`. */
EXPORT void channelMoments(const float* x, const float* shift, double* sums, int channels, int rows) {
  overBlocks(
      channels, rows,
      [=](int first, int count, int c) { addMoments<Four>(x + first * channels, shift, sums, c, channels, count); },
      [=](int first, int count, int c) { addMoments<float>(x + first * channels, shift, sums, c, channels, count); });
}

/** Adds Σdy and Σdy·(x - mean) per channel to `sums [2, channels]`. */
EXPORT void channelGradients(const float* dy, const float* x, const float* mean, double* sums, int channels, int rows) {
  overBlocks(
      channels, rows,
      [=](int first, int count, int c) {
        addGradients<Four>(dy + first * channels, x + first * channels, mean, sums, c, channels, count);
      },
      [=](int first, int count, int c) {
        addGradients<float>(dy + first * channels, x + first * channels, mean, sums, c, channels, count);
      });
}

/** y = k·x + offset per channel. */
EXPORT void channelAffine(const float* x, const float* k, const float* offset, float* y, int channels, int rows) {
  for (int row = 0; row < rows; row++, x += channels, y += channels) {
    int c = 0;
    for (; c + 4 <= channels; c += 4) store(y + c, load<Four>(x + c) * load<Four>(k + c) + load<Four>(offset + c));
    for (; c < channels; c++) y[c] = x[c] * k[c] + offset[c];
  }
}

/** dx = k·dy + slope·x + offset per channel. */
EXPORT void channelCombination(const float* dy, const float* x, const float* k, const float* slope, const float* offset,
                               float* dx, int channels, int rows) {
  for (int row = 0; row < rows; row++, dy += channels, x += channels, dx += channels) {
    int c = 0;
    for (; c + 4 <= channels; c += 4) {
      const Four scaled = load<Four>(dy + c) * load<Four>(k + c) + load<Four>(x + c) * load<Four>(slope + c);
      store(dx + c, scaled + load<Four>(offset + c));
    }
    for (; c < channels; c++) dx[c] = dy[c] * k[c] + x[c] * slope[c] + offset[c];
  }
}
