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

/** Adds Σd and Σd² of d = x - shift per channel to `sums [2, channels]` of each segment from `first` to `end`. */
EXPORT void channelMoments(const float* values, const float* shift, double* allSums, int channels, int allRows,
                           int segmentRows, int first, int end) {
  for (int segment = first; segment < end; segment++) {
    const Segment s(segment, segmentRows, allRows, channels);
    const float* const x = values + s.at;
    double* const sums = allSums + segment * 2 * channels;
    overBlocks(
        channels, s.rows,
        [=](int row, int count, int c) { addMoments<Four>(x + row * channels, shift, sums, c, channels, count); },
        [=](int row, int count, int c) { addMoments<float>(x + row * channels, shift, sums, c, channels, count); });
  }
}

/** Adds Σdy and Σdy·(x - mean) per channel to `sums [2, channels]` of each segment from `first` to `end`. */
EXPORT void channelGradients(const float* gradients, const float* values, const float* mean, double* allSums,
                             int channels, int allRows, int segmentRows, int first, int end) {
  for (int segment = first; segment < end; segment++) {
    const Segment s(segment, segmentRows, allRows, channels);
    const float *const dy = gradients + s.at, *const x = values + s.at;
    double* const sums = allSums + segment * 2 * channels;
    overBlocks(
        channels, s.rows,
        [=](int row, int count, int c) {
          addGradients<Four>(dy + row * channels, x + row * channels, mean, sums, c, channels, count);
        },
        [=](int row, int count, int c) {
          addGradients<float>(dy + row * channels, x + row * channels, mean, sums, c, channels, count);
        });
  }
}

/** y = k·x + offset per channel, in rows `first` to `end`. */
EXPORT void channelAffine(const float* x, const float* k, const float* offset, float* y, int channels, int first,
                          int end) {
  x += first * channels, y += first * channels;
  for (int row = first; row < end; row++, x += channels, y += channels) {
    int c = 0;
    for (; c + 4 <= channels; c += 4) store(y + c, load<Four>(x + c) * load<Four>(k + c) + load<Four>(offset + c));
    for (; c < channels; c++) y[c] = x[c] * k[c] + offset[c];
  }
}

/** dx = k·dy + slope·x + offset per channel, in rows `first` to `end`. */
EXPORT void channelCombination(const float* dy, const float* x, const float* k, const float* slope, const float* offset,
                               float* dx, int channels, int first, int end) {
  dy += first * channels, x += first * channels, dx += first * channels;
  for (int row = first; row < end; row++, dy += channels, x += channels, dx += channels) {
    int c = 0;
    for (; c + 4 <= channels; c += 4) {
      const Four scaled = load<Four>(dy + c) * load<Four>(k + c) + load<Four>(x + c) * load<Four>(slope + c);
      store(dx + c, scaled + load<Four>(offset + c));
    }
    for (; c < channels; c++) dx[c] = dy[c] * k[c] + x[c] * slope[c] + offset[c];
  }
}
