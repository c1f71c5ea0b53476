// The kernels for one kind of processor and of products. A source file includes this after it has defined `Vector`, `Word`,
// VECTORS_TARGET and VECTORS_INLINE. Everything is local to that file: the same templates are compiled several times.
//
// The factors of the matrix products are stored in words of 32 bits: a word is one float32, or a pair of bfloat16 that are
// adjacent in the dimension over which a product sums. `Word::COUNT` is the number of factors in a word.
#include <algorithm>

#include "blocks.h"

namespace n2uq::winograd {
namespace {

constexpr int64_t PANEL = Vector::LENGTH * Vector::PER_PANEL;

alignas(64) const float NO_PIXEL[MOST_CHANNELS] = {};

/** Where a tile is: its image, and its place in rows and columns of tiles. */
struct Place {
  int64_t image, row, column;

  Place(const Shape& s, int64_t tile)
      : image(tile / (s.tileRows() * s.tileColumns())),
        row(tile / s.tileColumns() % s.tileRows()),
        column(tile % s.tileColumns()) {}

  void advance(const Shape& s) {
    if (++column < s.tileColumns()) return;
    column = 0;
    if (++row < s.tileRows()) return;
    row = 0, image++;
  }
};

/** The 4×4 input pixels of a tile; those outside the image are zeros. */
inline void inputPixels(const Shape& s, const Place& p, const float* x, const float** pixels) {
  const int64_t top = 2 * p.row - s.top, left = 2 * p.column - s.left, line = s.width * s.channels;
  const int64_t corner = ((p.image * s.height + top) * s.width + left) * s.channels;
  const bool whole = top >= 0 && top + 4 <= s.height && left >= 0 && left + 4 <= s.width;
  for (int64_t i = 0; i < 16; i++) {
    const int64_t row = i / 4, column = i % 4;
    const bool inside = whole || (top + row >= 0 && top + row < s.height && left + column >= 0 && left + column < s.width);
    pixels[i] = inside ? x + corner + row * line + column * s.channels : NO_PIXEL;
  }
}

/** The 2×2 output pixels of a tile; `outside` for those outside the image. */
template <typename Float>
inline void outputPixels(const Shape& s, const Place& p, Float* y, Float* outside, Float** pixels) {
  const int64_t top = 2 * p.row, left = 2 * p.column, line = s.outWidth * s.outChannels;
  Float* const corner = y + ((p.image * s.outHeight + top) * s.outWidth + left) * s.outChannels;
  const bool below = top + 1 < s.outHeight, beside = left + 1 < s.outWidth;
  pixels[0] = corner;
  pixels[1] = beside ? corner + s.outChannels : outside;
  pixels[2] = below ? corner + line : outside;
  pixels[3] = below && beside ? corner + line + s.outChannels : outside;
}

/** Bᵀ of 4 values; here and below, `inStep` and `outStep` are the distances between the values. */
VECTORS_INLINE void transformLine(const Vector* in, int inStep, Vector* out, int outStep) {
  out[0] = in[0] - in[2 * inStep];
  out[outStep] = in[inStep] + in[2 * inStep];
  out[2 * outStep] = in[2 * inStep] - in[inStep];
  out[3 * outStep] = in[inStep] - in[3 * inStep];
}

/** A of 2 values. */
VECTORS_INLINE void spreadLine(const Vector* in, int inStep, Vector* out, int outStep) {
  out[0] = in[0];
  out[outStep] = in[0] + in[inStep];
  out[2 * outStep] = in[0] - in[inStep];
  out[3 * outStep] = Vector::zero() - in[inStep];
}

/** Aᵀ of 4 values. */
VECTORS_INLINE void gatherLine(const Vector* in, int inStep, Vector* out, int outStep) {
  out[0] = (in[0] + in[inStep]) + in[2 * inStep];
  out[outStep] = (in[inStep] - in[2 * inStep]) - in[3 * inStep];
}

/** G of 3 values. */
VECTORS_INLINE void filterLine(const Vector* in, int inStep, Vector* out, int outStep) {
  const Vector half = Vector::filledWith(0.5f), ends = in[0] + in[2 * inStep];
  out[0] = in[0];
  out[outStep] = half * (ends + in[inStep]);
  out[2 * outStep] = half * (ends - in[inStep]);
  out[3 * outStep] = in[2 * inStep];
}

/** Gᵀ of 4 values. */
VECTORS_INLINE void filterGradientLine(const Vector* in, int inStep, Vector* out, int outStep) {
  const Vector half = Vector::filledWith(0.5f), sum = half * (in[inStep] + in[2 * inStep]);
  out[0] = in[0] + sum;
  out[outStep] = half * (in[inStep] - in[2 * inStep]);
  out[2 * outStep] = sum + in[3 * inStep];
}

VECTORS_INLINE Vector scaled(Vector values, Vector factor, const Scale& scale) {
  const Vector product = values * factor;
  return scale.whole ? product.rounded() : product;
}

/** The transformed input of a tile, for the channels from `c`. */
VECTORS_INLINE void transformInput(const float* const* pixels, const Scale& scale, int64_t c, Vector* transformed) {
  Vector in[16], lines[16];
#pragma GCC unroll 16
  for (int i = 0; i < 16; i++) in[i] = Vector::read(pixels[i] + c);
  if (scale.factors != nullptr) {
    const Vector factor = Vector::read(scale.factors + c);
#pragma GCC unroll 16
    for (int i = 0; i < 16; i++) in[i] = scaled(in[i], factor, scale);
  }
#pragma GCC unroll 4
  for (int i = 0; i < 4; i++) transformLine(in + i, 4, lines + i, 4);
#pragma GCC unroll 4
  for (int i = 0; i < 4; i++) transformLine(lines + 4 * i, 1, transformed + 4 * i, 1);
}

/** Writes the transformed input of `count` tiles as 16 matrices `[count, channels]`, in words along the channels. */
VECTORS_TARGET void writeInput(const Shape& s, const float* x, const Scale& scale, int64_t first, int64_t count, float* out,
                               int64_t distance) {
  Place place(s, first);
  for (int64_t tile = 0; tile < count; tile++, out += s.channels / Word::COUNT, place.advance(s)) {
    const float* pixels[16];
    inputPixels(s, place, x, pixels);
    for (int64_t c = 0; c < s.channels; c += Vector::LENGTH) {
      Vector transformed[16];
      transformInput(pixels, scale, c, transformed);
#pragma GCC unroll 16
      for (int i = 0; i < 16; i++) Word::writeRow(transformed[i], out + i * distance + c / Word::COUNT);
    }
  }
}

/**
 * Writes the transformed input of `count` tiles, for some channels, as 16 matrices `[count, channels]`, in words along the
 * tiles.
 */
VECTORS_TARGET void writeInputColumns(const Shape& s, const float* x, const Scale& scale, int64_t first, int64_t count,
                                      int64_t firstChannel, int64_t channels, float* out, int64_t distance) {
  Place place(s, first);
  for (int64_t tile = 0; tile < count; tile++, place.advance(s)) {
    const float* pixels[16];
    inputPixels(s, place, x, pixels);
    for (int64_t c = 0; c < channels; c += Vector::LENGTH) {
      Vector transformed[16];
      transformInput(pixels, scale, firstChannel + c, transformed);
#pragma GCC unroll 16
      for (int i = 0; i < 16; i++)
        Word::writeColumn(transformed[i], tile, out + i * distance + tile / Word::COUNT * channels + c);
    }
  }
}

/** The same for the transformed gradient of the output. */
VECTORS_TARGET void writeGradientColumns(const Shape& s, const float* dy, int64_t first, int64_t count, int64_t firstChannel,
                                         int64_t channels, float* out, int64_t distance) {
  Place place(s, first);
  for (int64_t tile = 0; tile < count; tile++, place.advance(s)) {
    const float* pixels[4];
    outputPixels(s, place, dy, NO_PIXEL, pixels);
    for (int64_t c = 0; c < channels; c += Vector::LENGTH) {
      Vector in[4], lines[8], transformed[16];
#pragma GCC unroll 4
      for (int i = 0; i < 4; i++) in[i] = Vector::read(pixels[i] + firstChannel + c);
#pragma GCC unroll 2
      for (int i = 0; i < 2; i++) spreadLine(in + i, 2, lines + i, 2);
#pragma GCC unroll 4
      for (int i = 0; i < 4; i++) spreadLine(lines + 2 * i, 1, transformed + 4 * i, 1);
#pragma GCC unroll 16
      for (int i = 0; i < 16; i++)
        Word::writeColumn(transformed[i], tile, out + i * distance + tile / Word::COUNT * channels + c);
    }
  }
}

/** Writes the output of `count` tiles from 16 matrices `[count, outChannels]`. */
VECTORS_TARGET void transformOutput(const Shape& s, const float* in, int64_t distance, int64_t first, int64_t count,
                                    float* y, float* outside) {
  Place place(s, first);
  for (int64_t tile = 0; tile < count; tile++, in += s.outChannels, place.advance(s)) {
    float* pixels[4];
    outputPixels(s, place, y, outside, pixels);
    for (int64_t c = 0; c < s.outChannels; c += Vector::LENGTH) {
      Vector sums[16], lines[8], out[4];
#pragma GCC unroll 16
      for (int i = 0; i < 16; i++) sums[i] = Vector::read(in + i * distance + c);
#pragma GCC unroll 4
      for (int i = 0; i < 4; i++) gatherLine(sums + i, 4, lines + i, 4);
#pragma GCC unroll 2
      for (int i = 0; i < 2; i++) gatherLine(lines + 4 * i, 1, out + 2 * i, 1);
#pragma GCC unroll 4
      for (int i = 0; i < 4; i++) out[i].write(pixels[i] + c);
    }
  }
}

/** A matrix: the distances in words from one row and one column to the next. */
struct Left {
  const float* values;
  int64_t row, column;
};
/** A matrix whose rows are contiguous. */
struct Right {
  const float* values;
  int64_t row;
};
struct Product {
  float* values;
  int64_t row;
};

/** A product with all its sums in registers, over `inner` words. `adds`: the sums start with the values of `out`. */
template <int rows, int vectors, bool adds>
VECTORS_TARGET __attribute__((noinline)) void multiply(Left a, Right b, int64_t inner, Product out) {
  Vector sums[rows][vectors];
#pragma GCC unroll 24
  for (int r = 0; r < rows; r++) {
#pragma GCC unroll 4
    for (int v = 0; v < vectors; v++)
      sums[r][v] = adds ? Vector::read(out.values + r * out.row + v * Vector::LENGTH) : Vector::zero();
  }
  for (int64_t k = 0; k < inner; k++, a.values += a.column, b.values += b.row) {
    Vector line[vectors];
#pragma GCC unroll 4
    for (int v = 0; v < vectors; v++) line[v] = Vector::read(b.values + v * Vector::LENGTH);
#pragma GCC unroll 24
    for (int r = 0; r < rows; r++) {
      const Vector value = Vector::filledWith(a.values[r * a.row]);
#pragma GCC unroll 4
      for (int v = 0; v < vectors; v++) sums[r][v] = Word::plusProduct(sums[r][v], value, line[v]);
    }
  }
#pragma GCC unroll 24
  for (int r = 0; r < rows; r++) {
#pragma GCC unroll 4
    for (int v = 0; v < vectors; v++) sums[r][v].write(out.values + r * out.row + v * Vector::LENGTH);
  }
}

/** Calls `multiply` with the number of rows, at most `most`, as a constant. */
template <int most, int vectors, bool adds>
void multiplyRows(int64_t rows, const Left& a, const Right& b, int64_t inner, const Product& out) {
  if (rows == most) multiply<most, vectors, adds>(a, b, inner, out);
  else if constexpr (most > 1) multiplyRows<most - 1, vectors, adds>(rows, a, b, inner, out);
}

/** A product with any number of rows, and a panel of columns. */
template <int vectors, bool adds>
void multiplyPanel(int64_t rows, const Left& a, const Right& b, int64_t inner, const Product& out) {
  constexpr int most = Vector::SUMS / vectors;
  for (int64_t row = 0; row < rows; row += most) {
    const Left part{a.values + row * a.row, a.row, a.column};
    multiplyRows<most, vectors, adds>(std::min<int64_t>(most, rows - row), part, b, inner,
                                      {out.values + row * out.row, out.row});
  }
}

/** Calls `multiplyPanel` with the number of vectors, at most `most`, as a constant. */
template <bool adds, int most = Vector::PER_PANEL>
void multiplyWidth(int64_t width, int64_t rows, const Left& a, const Right& b, int64_t inner, const Product& out) {
  if (width == most * Vector::LENGTH) multiplyPanel<most, adds>(rows, a, b, inner, out);
  else if constexpr (most > 1) multiplyWidth<adds, most - 1>(width, rows, a, b, inner, out);
}

/**
 * Writes the transform of a filter's input channel `c`, for output channels from `o`, to panels of output channels. Each panel
 * has 16 matrices `[channels, width]`, in words along the channels.
 * @param taps the 9 values of the first output channel, `tap` apart
 */
VECTORS_INLINE void transformTaps(const Shape& s, const float* taps, int64_t tap, const Scale& scale, int64_t c, int64_t o,
                                  float* transformed) {
  const int64_t rows = s.channels / Word::COUNT;
  const int64_t panel = o / PANEL * PANEL, width = std::min(PANEL, s.outChannels - panel);
  const Vector factor = Vector::filledWith(scale.factors == nullptr ? 1.f : scale.factors[c]);
  Vector in[9], lines[12], out[16];
#pragma GCC unroll 9
  for (int i = 0; i < 9; i++) in[i] = scaled(Vector::read(taps + i * tap), factor, scale);
#pragma GCC unroll 3
  for (int i = 0; i < 3; i++) filterLine(in + i, 3, lines + i, 3);
#pragma GCC unroll 4
  for (int i = 0; i < 4; i++) filterLine(lines + 3 * i, 1, out + 4 * i, 1);
  float* const to = transformed + 16 * rows * panel + c / Word::COUNT * width + o - panel;
#pragma GCC unroll 16
  for (int i = 0; i < 16; i++) Word::writeColumn(out[i], c, to + i * rows * width);
}

VECTORS_TARGET void transformFilter(const Shape& s, const float* filter, const Scale& scale, float* transformed, int64_t first,
                                    int64_t end) {
  const int64_t tap = s.channels * s.outChannels;
  for (int64_t c = first; c < end; c++) {
    for (int64_t o = 0; o < s.outChannels; o += Vector::LENGTH)
      transformTaps(s, filter + c * s.outChannels + o, tap, scale, c, o, transformed);
  }
}

VECTORS_TARGET void transformTurnedFilter(const Shape& s, const float* filter, const Scale& scale, float* transformed,
                                          int64_t first, int64_t end) {
  // The channels of `s` are the output channels of `filter`. Its lines are a power of 2 apart and share places in the cache, so
  // each is read only once, to squares in the L1 cache.
  float squares[9][LANES][LANES];
  for (int64_t c = first; c < end; c += LANES) {
    for (int64_t o = 0; o < s.outChannels; o += LANES) {
      for (int64_t tap = 0; tap < 9; tap++) {
        const float* const from = filter + (tap * s.outChannels + o) * s.channels + c;
        for (int64_t column = 0; column < LANES; column++) {
          for (int64_t row = 0; row < LANES; row++) squares[8 - tap][row][column] = from[column * s.channels + row];
        }
      }
      for (int64_t row = 0; row < LANES; row++) {
        for (int64_t column = 0; column < LANES; column += Vector::LENGTH)
          transformTaps(s, squares[0][row] + column, LANES * LANES, scale, c + row, o + column, transformed);
      }
    }
  }
}

VECTORS_TARGET void convolve(const Shape& s, const float* x, const Scale& scale, const float* transformed, float* y,
                             float* memory, int64_t first, int64_t end) {
  const int64_t rows = s.channels / Word::COUNT, O = s.outChannels, most = tilesAtOnce(s);
  const int64_t inDistance = distanceOf(most * rows), outDistance = distanceOf(most * O);
  float* const in = memory;
  float* const out = in + 16 * inDistance;
  float* const outside = out + 16 * outDistance;
  for (int64_t tile = first; tile < end; tile += most) {
    const int64_t count = std::min(most, end - tile);
    writeInput(s, x, scale, tile, count, in, inDistance);
    for (int64_t panel = 0; panel < O; panel += PANEL) {
      const int64_t width = std::min(PANEL, O - panel);
      for (int64_t i = 0; i < 16; i++) {
        const float* const weights = transformed + rows * (16 * panel + i * width);
        multiplyWidth<false>(width, count, {in + i * inDistance, rows, 1}, {weights, width}, rows,
                             {out + i * outDistance + panel, O});
      }
    }
    transformOutput(s, out, outDistance, tile, count, y, outside);
  }
}

VECTORS_TARGET void sumTiles(const Shape& s, const Division& d, const float* x, const Scale& scale, const float* dy, float* sums,
                             float* memory, int64_t task) {
  const int64_t group = task % d.groups, part = task / d.groups;
  const int64_t firstChannel = part / d.outParts * d.channels, firstOut = part % d.outParts * d.outChannels;
  const int64_t channels = std::min(d.channels, s.channels - firstChannel);
  const int64_t outs = std::min(d.outChannels, s.outChannels - firstOut);
  float* const out = sums + task * static_cast<int64_t>(d.floatsOfTask());
  const int64_t distance = distanceOf(GRADIENT_TILES / Word::COUNT * channels);
  const int64_t outDistance = distanceOf(GRADIENT_TILES / Word::COUNT * outs);
  float* const in = memory;
  float* const gradient = in + 16 * distance;
  const int64_t first = group * d.tilesOfGroup, end = std::min(s.tiles(), first + d.tilesOfGroup);
  std::fill(out, out + 16 * channels * outs, 0.f);
  for (int64_t tile = first; tile < end; tile += GRADIENT_TILES) {
    const int64_t count = std::min(GRADIENT_TILES, end - tile), words = (count + Word::COUNT - 1) / Word::COUNT;
    writeInputColumns(s, x, scale, tile, count, firstChannel, channels, in, distance);
    writeGradientColumns(s, dy, tile, count, firstOut, outs, gradient, outDistance);
    for (int64_t i = 0; i < 16; i++) {
      for (int64_t panel = 0; panel < outs; panel += PANEL) {
        multiplyWidth<true>(std::min(PANEL, outs - panel), channels, {in + i * distance, 1, channels},
                            {gradient + i * outDistance + panel, outs}, words, {out + i * channels * outs + panel, outs});
      }
    }
  }
}

VECTORS_TARGET void writeGradient(const Shape& s, const Division& d, const float* sums, float scale, float* gradient,
                                  int64_t first, int64_t end) {
  const int64_t C = s.channels, O = s.outChannels;
  const Vector factor = Vector::filledWith(scale);
  for (int64_t c = first; c < end; c++) {
    const int64_t channelPart = c / d.channels, channels = std::min(d.channels, C - channelPart * d.channels);
    for (int64_t o = 0; o < O; o += Vector::LENGTH) {
      const int64_t outPart = o / d.outChannels, outs = std::min(d.outChannels, O - outPart * d.outChannels);
      const int64_t place = c % d.channels * outs + o % d.outChannels;
      Vector all[16], lines[12], out[9];
#pragma GCC unroll 16
      for (int i = 0; i < 16; i++) all[i] = Vector::zero();
      for (int64_t group = 0; group < d.groups; group++) {
        const int64_t task = (channelPart * d.outParts + outPart) * d.groups + group;
        const float* const in = sums + task * static_cast<int64_t>(d.floatsOfTask()) + place;
#pragma GCC unroll 16
        for (int i = 0; i < 16; i++) all[i] = all[i] + Vector::read(in + i * channels * outs);
      }
#pragma GCC unroll 4
      for (int i = 0; i < 4; i++) filterGradientLine(all + i, 4, lines + i, 4);
#pragma GCC unroll 3
      for (int i = 0; i < 3; i++) filterGradientLine(lines + 4 * i, 1, out + 3 * i, 1);
#pragma GCC unroll 9
      for (int i = 0; i < 9; i++) (factor * out[i]).write(gradient + (i * C + c) * O + o);
    }
  }
}

constexpr Kernels KERNELS{transformFilter, transformTurnedFilter, convolve, sumTiles, writeGradient};

}  // namespace
}  // namespace n2uq::winograd
