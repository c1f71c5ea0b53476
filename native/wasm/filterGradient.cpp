// The gradient of a convolution's filter, from images that have a border of zeros (steps.h).
#include "steps.h"

namespace {

/** Adds Σ x·dy over pixels `[images, rows, columns]` to Q rows of the filter's gradient, `lanes` output channels. */
template <int Q, int N, typename V>
INLINE void addFilterGradient(const float* x, Steps xSteps, const float* dy, Steps dySteps, int images, int rows,
                              int columns, float* dw, int outChannels) {
  constexpr int LANES = sizeof(V) / sizeof(float);
  V sums[Q][N];
  UNROLL for (int q = 0; q < Q; q++) {
    UNROLL for (int n = 0; n < N; n++) sums[q][n] = splat<V>(0);
  }
  for (int image = 0; image < images; image++) {
    for (int row = 0; row < rows; row++) {
      const float* in = x + image * xSteps.image + row * xSteps.row;
      const float* d = dy + image * dySteps.image + row * dySteps.row;
      for (const float* const end = d + columns * dySteps.pixel; d < end; d += dySteps.pixel, in += xSteps.pixel) {
        V gradients[N];
        UNROLL for (int n = 0; n < N; n++) gradients[n] = load<V>(d + n * LANES);
        UNROLL for (int q = 0; q < Q; q++) {
          const V value = splat<V>(in[q]);
          UNROLL for (int n = 0; n < N; n++) sums[q][n] += value * gradients[n];
        }
      }
    }
  }
  UNROLL for (int q = 0; q < Q; q++) {
    UNROLL for (int n = 0; n < N; n++) {
      float* const to = dw + q * outChannels + n * LANES;
      store(to, load<V>(to) + sums[q][n]);
    }
  }
}

template <int Q>
INLINE void addRows(const float* x, Steps xSteps, const float* dy, Steps dySteps, int images, int rows, int columns,
                    float* dw, int outChannels) {
  int o = 0;
  for (; o + 8 <= outChannels; o += 8)
    addFilterGradient<Q, 2, Four>(x, xSteps, dy + o, dySteps, images, rows, columns, dw + o, outChannels);
  for (; o + 4 <= outChannels; o += 4)
    addFilterGradient<Q, 1, Four>(x, xSteps, dy + o, dySteps, images, rows, columns, dw + o, outChannels);
  for (; o < outChannels; o++)
    addFilterGradient<Q, 1, float>(x, xSteps, dy + o, dySteps, images, rows, columns, dw + o, outChannels);
}

}  // namespace

/**
 * The filter's gradient `dw [lines, run, outChannels]`: Σ x·dy over the pixels `[images, rows, columns]`. Four values of a
 * run are one item; computes the items `first` to `end`. A float32 sum has few terms: those of 64 pixels, then the parts.
 */
EXPORT void filterGradient(const float* x, const float* dy, float* dw, int images, int rows, int columns, int xImage,
                           int xRow, int xPixel, int lineStep, int run, int outChannels, int first, int end) {
  const Steps from{xImage, xRow, xPixel}, gradient{rows * columns * outChannels, columns * outChannels, outChannels};
  const int perLine = (run + 3) / 4;
  const int someImages = most(1, NEAR / (rows * columns)), someRows = most(1, least(rows, NEAR / columns));
  for (int item = first; item < end; item++) {
    const int q = item % perLine * 4, count = least(4, run - q);
    float* const own = dw + (item / perLine * run + q) * outChannels;
    for (int i = 0; i < count * outChannels; i++) own[i] = 0;
  }
  for (int image = 0; image < images; image += someImages) {
    const int nImages = least(someImages, images - image);
    for (int row = 0; row < rows; row += someRows) {
      const int nRows = least(someRows, rows - row);
      const float* const d = dy + image * gradient.image + row * gradient.row;
      for (int item = first; item < end; item++) {
        const int line = item / perLine, q = item % perLine * 4;
        const float* const in = x + image * xImage + row * xRow + line * lineStep + q;
        float* const own = dw + (line * run + q) * outChannels;
#define ROWS(Q) addRows<Q>(in, from, d, gradient, nImages, nRows, columns, own, outChannels)
        switch (least(4, run - q)) {
          case 1: ROWS(1); break;
          case 2: ROWS(2); break;
          case 3: ROWS(3); break;
          default: ROWS(4);
        }
#undef ROWS
      }
    }
  }
}
