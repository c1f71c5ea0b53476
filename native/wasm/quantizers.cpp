// Quantizers with uniform levels, elementwise and per output channel. NaN stays NaN.
#include "blocks.h"

namespace {

/** Values whose float32 sums are added before they go on in float64. */
constexpr int SHORT = 2048;

INLINE float rounded(float value) { return __builtin_roundevenf(value); }
INLINE Four rounded(Four values) { return __builtin_elementwise_roundeven(values); }

template <typename V>
INLINE V clipped(V v, V low, V high) {
  v = select(v < low, low, v);
  return select(v > high, high, v);
}

/** Calls `wide(i)` for every four values and `narrow(i)` for each of the others. */
template <typename Wide, typename Narrow>
INLINE void overValues(int first, int end, Wide wide, Narrow narrow) {
  int i = first;
  for (; i + 4 <= end; i += 4) wide(i);
  for (; i < end; i++) narrow(i);
}

/** With v = (x - offset)/divisor: y = round(clip(v, low, high)·k)·divisor/k + offset. */
struct Uniform {
  float divisor, offset, low, high, k;
};

template <typename V>
INLINE void quantize(const float* x, float* y, Uniform u) {
  const V v = clipped((load<V>(x) - splat<V>(u.offset)) / splat<V>(u.divisor), splat<V>(u.low), splat<V>(u.high));
  store(y, rounded(v * splat<V>(u.k)) * splat<V>(u.divisor / u.k) + splat<V>(u.offset));
}

template <typename V>
struct Sums {
  V slope = splat<V>(0), above = slope, level = slope, outside = slope;

  void addTo(double* sums) const {
    sums[0] += total(slope), sums[1] += total(above), sums[2] += total(level), sums[3] += total(outside);
  }
};

template <typename V>
INLINE void gradient(const float* dy, const float* x, float* dx, Uniform u, bool closed, Sums<V>& sums) {
  const V zero = splat<V>(0), low = splat<V>(u.low), high = splat<V>(u.high), d = load<V>(dy);
  const V v = (load<V>(x) - splat<V>(u.offset)) / splat<V>(u.divisor);
  const V q = rounded(clipped(v, low, high) * splat<V>(u.k)) * splat<V>(1 / u.k);
  const auto inside = closed ? both(opposite(v < low), opposite(v > high)) : both(v > low, v < high);
  const V own = select(inside, d, zero);
  store(dx, own);
  sums.slope += d * (q - select(inside, v, zero));
  sums.above += select(v >= high, d, zero);
  sums.level += d * q;
  sums.outside += d - own;
}

template <typename V>
INLINE void addMagnitudes(const float* w, double* sums, int c, int channels, int rows) {
  V sum = splat<V>(0);
  for (int row = 0; row < rows; row++) {
    const V value = load<V>(w + row * channels + c);
    sum += select(value < splat<V>(0), -value, value);
  }
  addEach(sums + c, sum);
}

/** scale·(round((clip(w·inverse, -1, 1) + 1)·N/2)·2/N - 1). */
template <typename V>
INLINE void rescale(const float* w, V inverse, V scale, float half, float step, float* y) {
  const V one = splat<V>(1), v = clipped(load<V>(w) * inverse, splat<V>(-1), one);
  store(y, (rounded((v + one) * splat<V>(half)) * splat<V>(step) - one) * scale);
}

template <typename V>
INLINE void quantizeUnit(const float* t, float half, float N, float step, float* y) {
  store(y, rounded((load<V>(t) * splat<V>(half) + splat<V>(0.5f)) * splat<V>(N)) * splat<V>(step) - splat<V>(1));
}

template <typename V>
INLINE void slope(const float* dq, const float* t, float inverse, float* dx) {
  store(dx, load<V>(dq) * ((splat<V>(1) - load<V>(t) * load<V>(t)) * splat<V>(inverse)));
}

}  // namespace

EXPORT void uniformQuantize(const float* x, float* y, float divisor, float offset, float low, float high, float k,
                            int first, int end) {
  const Uniform u{divisor, offset, low, high, k};
  overValues(
      first, end, [=](int i) { quantize<Four>(x + i, y + i, u); }, [=](int i) { quantize<float>(x + i, y + i, u); });
}

/**
 * `closed`: low and high are inside the range. Adds four numbers to `sums [4]` of each segment from `first` to `end`:
 * Σdy·(round(clip(v)·k)/k - v inside), Σdy where v ≥ high, Σdy·round(clip(v)·k)/k, Σdy outside the range.
 */
EXPORT void uniformGradient(const float* dy, const float* x, float* dx, double* sums, float divisor, float offset,
                            float low, float high, float k, int closed, int values, int segmentValues, int first,
                            int end) {
  const Uniform u{divisor, offset, low, high, k};
  for (int segment = first; segment < end; segment++) {
    const Segment s(segment, segmentValues, values, 1);
    for (int from = s.at; from < s.at + s.rows; from += SHORT) {
      const int stop = from + SHORT < s.at + s.rows ? from + SHORT : s.at + s.rows;
      Sums<Four> four;
      Sums<float> one;
      int i = from;
      for (; i + 4 <= stop; i += 4) gradient<Four>(dy + i, x + i, dx + i, u, closed, four);
      for (; i < stop; i++) gradient<float>(dy + i, x + i, dx + i, u, closed, one);
      four.addTo(sums + 4 * segment);
      one.addTo(sums + 4 * segment);
    }
  }
}

/** Adds Σ|w| per channel of w `[rows, channels]` to `sums [channels]` of each segment from `first` to `end`. */
EXPORT void channelMagnitudes(const float* values, double* allSums, int channels, int allRows, int segmentRows,
                              int first, int end) {
  for (int segment = first; segment < end; segment++) {
    const Segment s(segment, segmentRows, allRows, channels);
    const float* const w = values + s.at;
    double* const sums = allSums + segment * channels;
    overBlocks(
        channels, s.rows,
        [=](int row, int count, int c) { addMagnitudes<Four>(w + row * channels, sums, c, channels, count); },
        [=](int row, int count, int c) { addMagnitudes<float>(w + row * channels, sums, c, channels, count); });
  }
}

/** N2UQ's weights: rows `first` to `end` of w `[rows, channels]`, with inverse and scale `[channels]` and N steps. */
EXPORT void rescaledQuantize(const float* w, const float* inverse, const float* scale, float N, float* y, int channels,
                             int first, int end) {
  const float half = N / 2, step = 2 / N;
  for (int row = first; row < end; row++) {
    const float* const in = w + row * channels;
    float* const out = y + row * channels;
    overValues(
        0, channels,
        [=](int c) { rescale(in + c, load<Four>(inverse + c), load<Four>(scale + c), half, step, out + c); },
        [=](int c) { rescale(in + c, inverse[c], scale[c], half, step, out + c); });
  }
}

/** Writes max|t| of the values `first` to `end`, without NaN. */
EXPORT void largestMagnitude(const float* t, float* largest, int first, int end) {
  *largest = 0;
  for (int i = first; i < end; i++) {
    const float magnitude = __builtin_fabsf(t[i]);
    *largest = magnitude > *largest ? magnitude : *largest;
  }
}

/** DoReFa's weights from t = tanh w: 2·round((t·inverse/2 + 1/2)·N)/N - 1. */
EXPORT void tanhQuantize(const float* t, float inverse, float N, float* y, int first, int end) {
  const float half = inverse * 0.5f, step = 2 / N;
  // Not `overValues`: the compiler would keep this many captured values on a stack.
  int i = first;
  for (; i + 4 <= end; i += 4) quantizeUnit<Four>(t + i, half, N, step, y + i);
  for (; i < end; i++) quantizeUnit<float>(t + i, half, N, step, y + i);
}

/** dq·(1 - t²)·inverse. */
EXPORT void tanhGradient(const float* dq, const float* t, float inverse, float* dx, int first, int end) {
  overValues(
      first, end, [=](int i) { slope<Four>(dq + i, t + i, inverse, dx + i); },
      [=](int i) { slope<float>(dq + i, t + i, inverse, dx + i); });
}
