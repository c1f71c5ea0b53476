// Convolutions of images `[batch, height, width, channels]` that have a border of zeros (steps.h), and the input's gradient,
// which is one too.
#include "codes.h"
#include "steps.h"

namespace {

/** Output channels of a panel of packed weights, and output pixels of a tile. */
constexpr int PANEL = 8, PIXELS = 4;

/** The next pixels of `[images, rows, columns]`, in order. */
struct Pixels {
  int image, row, column, rows, columns;

  Pixels(int at, int rows, int columns)
      : image(at / (rows * columns)), row(at / columns % rows), column(at % columns), rows(rows), columns(columns) {}
  void advance() {
    if (++column < columns) return;
    column = 0;
    if (++row < rows) return;
    row = 0;
    image++;
  }
  int at(Steps steps) const { return image * steps.image + row * steps.row + column * steps.pixel; }
};

template <bool WHOLE>
INLINE void writeTile(const Four (&values)[PIXELS][2], float* const (&out)[PIXELS], int channels) {
  UNROLL for (int p = 0; p < PIXELS; p++) {
    if constexpr (WHOLE) {
      store(out[p], values[p][0]);
      store(out[p] + 4, values[p][1]);
    } else {
      UNROLL for (int lane = 0; lane < PANEL; lane++) {
        if (lane < channels) out[p][lane] = values[p][lane / 4][lane % 4];
      }
    }
  }
}

/** The sums of four pixels and one panel. `channels`: those that exist, if not WHOLE. */
template <bool WHOLE>
INLINE void computeTile(const float* in0, const float* in1, const float* in2, const float* in3, const float* w,
                        int lines, int lineStep, int run, float* const (&out)[PIXELS], int channels) {
  const Four zero = splat<Four>(0);
  Four sums[PIXELS][2];
  UNROLL for (int p = 0; p < PIXELS; p++) sums[p][0] = sums[p][1] = zero;
  for (int line = 0; line < lines; line++) {
    const float* const end = in0 + run;
    for (; in0 < end; in0++, in1++, in2++, in3++, w += PANEL) {
      const Four low = load<Four>(w), high = load<Four>(w + 4);
      const Four x0 = splat<Four>(*in0), x1 = splat<Four>(*in1), x2 = splat<Four>(*in2), x3 = splat<Four>(*in3);
      sums[0][0] += x0 * low, sums[0][1] += x0 * high;
      sums[1][0] += x1 * low, sums[1][1] += x1 * high;
      sums[2][0] += x2 * low, sums[2][1] += x2 * high;
      sums[3][0] += x3 * low, sums[3][1] += x3 * high;
    }
    const int skip = lineStep - run;
    in0 += skip, in1 += skip, in2 += skip, in3 += skip;
  }
  writeTile<WHOLE>(sums, out, channels);
}

/**
 * The same with integer codes, two of which are adjacent in the panel: weights `[inputs/2, 8, 2]`. The sums are exact;
 * `scale` is the unit of each channel's sum.
 */
template <bool WHOLE>
INLINE void computeTile(const short* in0, const short* in1, const short* in2, const short* in3, const short* w,
                        const float* scale, int lines, int lineStep, int run, float* const (&out)[PIXELS],
                        int channels) {
  Integers sums[PIXELS][2];
  UNROLL for (int p = 0; p < PIXELS; p++) sums[p][0] = sums[p][1] = Integers{0, 0, 0, 0};
  for (int line = 0; line < lines; line++) {
    const short* const end = in0 + run;
    for (; in0 < end; in0 += 2, in1 += 2, in2 += 2, in3 += 2, w += 2 * PANEL) {
      const Codes low = codesAt(w), high = codesAt(w + PANEL);
      const Codes x0 = pairAt(in0), x1 = pairAt(in1), x2 = pairAt(in2), x3 = pairAt(in3);
      sums[0][0] += products(x0, low), sums[0][1] += products(x0, high);
      sums[1][0] += products(x1, low), sums[1][1] += products(x1, high);
      sums[2][0] += products(x2, low), sums[2][1] += products(x2, high);
      sums[3][0] += products(x3, low), sums[3][1] += products(x3, high);
    }
    const int skip = lineStep - run;
    in0 += skip, in1 += skip, in2 += skip, in3 += skip;
  }
  Four values[PIXELS][2];
  UNROLL for (int p = 0; p < PIXELS; p++) {
    values[p][0] = __builtin_convertvector(sums[p][0], Four) * load<Four>(scale);
    values[p][1] = __builtin_convertvector(sums[p][1], Four) * load<Four>(scale + 4);
  }
  writeTile<WHOLE>(values, out, channels);
}

/** Calls `compute(inputs, results, channel)` for each tile of the pixels `first` to `end` and each panel. */
template <typename Value, typename Compute>
INLINE void overTiles(const Value* x, Steps from, float* y, Steps to, int rows, int columns, int channels, int first,
                      int end, Compute compute) {
  for (int near = first; near < end; near += NEAR) {
    const int stop = least(end, near + NEAR);
    for (int channel = 0; channel < channels; channel += PANEL) {
      Pixels pixel(near, rows, columns);
      for (int at = near; at < stop; at += PIXELS) {
        const Value* in[PIXELS];
        float* out[PIXELS];
        UNROLL for (int p = 0; p < PIXELS; p++) {
          // Beyond the last pixel, the tile computes it again.
          in[p] = x + pixel.at(from);
          out[p] = y + pixel.at(to) + channel;
          if (at + p + 1 < stop) pixel.advance();
        }
        compute(in, out, channel);
      }
    }
  }
}

/** Calls `copy(to, from, count, image)` for each row, and writes the border of zeros. */
template <typename Value, typename Copy>
INLINE void overRows(Value* bordered, int height, int width, int channels, int top, int left, int borderedHeight,
                     int borderedWidth, int first, int end, Copy copy) {
  const int from = most(0, -left), to = most(0, left), count = most(0, least(width - from, borderedWidth - to));
  for (int image = first; image < end; image++) {
    for (int row = 0; row < borderedHeight; row++) {
      Value* const out = bordered + (image * borderedHeight + row) * borderedWidth * channels;
      const int source = row - top, copied = source >= 0 && source < height ? count * channels : 0;
      for (int i = 0; i < to * channels; i++) out[i] = 0;
      if (copied > 0) copy(out + to * channels, ((image * height + source) * width + from) * channels, copied, image);
      for (int i = to * channels + copied; i < borderedWidth * channels; i++) out[i] = 0;
    }
  }
}

}  // namespace

/**
 * Copies images `first` to `end` of x `[batch, height, width, channels]` into `[batch, borderedHeight, borderedWidth,
 * channels]`, `top` rows down and `left` columns to the right, with zeros around them. Negative: rows are left out.
 */
EXPORT void writeBordered(const float* x, float* bordered, int height, int width, int channels, int top, int left,
                          int borderedHeight, int borderedWidth, int first, int end) {
  overRows(bordered, height, width, channels, top, left, borderedHeight, borderedWidth, first, end,
           [=](float* out, int from, int count, int) {
             for (int i = 0; i < count; i++) out[i] = x[from + i];
           });
}

/**
 * The same with the int16 codes round(x·inverse). Counts the values of each image in `wrong [batch]` that are no codes from
 * 0 to `most`.
 */
EXPORT void writeBorderedCodes(const float* x, short* bordered, int height, int width, int channels, int top, int left,
                               int borderedHeight, int borderedWidth, float inverse, float most, int* wrong, int first,
                               int end) {
  for (int image = first; image < end; image++) wrong[image] = 0;
  overRows(bordered, height, width, channels, top, left, borderedHeight, borderedWidth, first, end,
           [=](short* out, int from, int count, int image) {
             wrong[image] += writeCodes(x + from, inverse, 0, most, out, count);
           });
}

/** Writes weights `[inputs, outChannels]` as panels `[inputs, 8]`, from panel `first` to `end`; zeros beyond the channels. */
EXPORT void packWeights(const float* w, float* packed, int inputs, int outChannels, int first, int end) {
  for (int panel = first; panel < end; panel++) {
    float* const out = packed + panel * inputs * PANEL;
    const float* const in = w + panel * PANEL;
    const int lanes = least(PANEL, outChannels - panel * PANEL);
    for (int k = 0; k < inputs; k++) {
      if (lanes == PANEL) {
        store(out + k * PANEL, load<Four>(in + k * outChannels));
        store(out + k * PANEL + 4, load<Four>(in + k * outChannels + 4));
      } else {
        for (int lane = 0; lane < PANEL; lane++) out[k * PANEL + lane] = lane < lanes ? in[k * outChannels + lane] : 0;
      }
    }
  }
}

/**
 * The same with the int16 codes round(w·inverse) in pairs of inputs, `[inputs/2, 8, 2]`; `inverse [panels, 8]`. Counts the
 * values of each panel in `wrong` that are no codes from -`most` to `most`.
 */
EXPORT void packCodes(const float* w, short* packed, int inputs, int outChannels, const float* inverse, float most,
                      int* wrong, int first, int end) {
  for (int panel = first; panel < end; panel++) {
    const int lanes = least(PANEL, outChannels - panel * PANEL);
    int count = 0;
    for (int k = 0; k < inputs; k++) {
      short* const out = packed + (panel * inputs + (k & ~1)) * PANEL + (k & 1);
      const float* const in = w + k * outChannels + panel * PANEL;
      for (int lane = 0; lane < PANEL; lane++) {
        const float code = lane < lanes ? __builtin_roundevenf(in[lane] * inverse[panel * PANEL + lane]) : 0;
        const bool fits = code >= -most && code <= most;
        out[2 * lane] = static_cast<short>(fits ? code : 0);
        count += fits ? 0 : 1;
      }
    }
    wrong[panel] = count;
  }
}

/**
 * Writes weights `[kernelHeight, kernelWidth, channels, outChannels]` for the input's gradient as panels of 8 input
 * channels, `[lines, columns, outChannels, 8]`: every `strideY`th row of the kernel from `lastY` up, and so its columns.
 */
EXPORT void packTurned(const float* w, float* packed, int kernelWidth, int channels, int outChannels, int lastY,
                       int lastX, int strideY, int strideX, int lines, int columns, int first, int end) {
  for (int panel = first; panel < end; panel++) {
    float* out = packed + panel * lines * columns * outChannels * PANEL;
    const int lanes = least(PANEL, channels - panel * PANEL);
    for (int line = 0; line < lines; line++) {
      for (int column = 0; column < columns; column++) {
        const int tap = (lastY - line * strideY) * kernelWidth + lastX - column * strideX;
        const float* const in = w + (tap * channels + panel * PANEL) * outChannels;
        for (int o = 0; o < outChannels; o++, out += PANEL) {
          for (int lane = 0; lane < PANEL; lane++) out[lane] = lane < lanes ? in[lane * outChannels + o] : 0;
        }
      }
    }
  }
}

/**
 * Computes the pixels `first` to `end` of `[images, rows, columns]`. The window of a pixel is `lines` runs of `run` values;
 * the steps say where it starts and where its `outChannels` results are written.
 */
EXPORT void convolve(const float* x, const float* packed, float* y, int rows, int columns, int xImage, int xRow,
                     int xPixel, int lines, int lineStep, int run, int yImage, int yRow, int yPixel, int outChannels,
                     int first, int end) {
  overTiles(x, {xImage, xRow, xPixel}, y, {yImage, yRow, yPixel}, rows, columns, outChannels, first, end,
            [=](const float* const(&in)[PIXELS], float* const(&out)[PIXELS], int channel) {
              const float* const w = packed + channel * lines * run;
              if (channel + PANEL <= outChannels)
                computeTile<true>(in[0], in[1], in[2], in[3], w, lines, lineStep, run, out, PANEL);
              else
                computeTile<false>(in[0], in[1], in[2], in[3], w, lines, lineStep, run, out, outChannels - channel);
            });
}

/** The same with int16 codes, and `scale [panels, 8]`. A run has an even number of values. */
EXPORT void convolveCodes(const short* x, const short* packed, float* y, int rows, int columns, int xImage, int xRow,
                          int xPixel, int lines, int lineStep, int run, int yImage, int yRow, int yPixel,
                          int outChannels, const float* scale, int first, int end) {
  overTiles(x, {xImage, xRow, xPixel}, y, {yImage, yRow, yPixel}, rows, columns, outChannels, first, end,
            [=](const short* const(&in)[PIXELS], float* const(&out)[PIXELS], int channel) {
              const short* const w = packed + channel * lines * run;
              const float* const own = scale + channel;
              if (channel + PANEL <= outChannels)
                computeTile<true>(in[0], in[1], in[2], in[3], w, own, lines, lineStep, run, out, PANEL);
              else
                computeTile<false>(in[0], in[1], in[2], in[3], w, own, lines, lineStep, run, out,
                                   outChannels - channel);
            });
}
