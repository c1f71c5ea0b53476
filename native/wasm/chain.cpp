// The fused operations before a convolution, forward and backward: z = PReLU(x + bias1) + bias2 per channel, and N2UQ's
// quantizer y = β₂Δ·#{i : β₁z > t_i} (docs/method.md). Either part may be absent. All results per value have the bits
// of the plain implementation on this engine.
#include "blocks.h"

namespace {

/**
 * The quantizer's tables, one after the other: β₁; the ends b₁ … b_{N+1} of the intervals; the thresholds t₁ … t_N;
 * the N + 1 levels; the N + 1 levels without β₂; the slopes dy/dz of the N intervals.
 */
template <int N>
struct Curve {
  const float* table;

  explicit Curve(const float* given) : table(given) {}
  float beta1() const { return table[0]; }
  float end(int e) const { return table[1 + e]; }
  float threshold(int e) const { return table[N + 2 + e]; }
  float level(int count) const { return table[2 * N + 2 + count]; }
  float plainLevel(int count) const { return table[3 * N + 3 + count]; }
  float slope(int e) const { return table[4 * N + 4 + e]; }
};

/** The parameters of RPReLU, `[channels]` each. */
struct Rectifier {
  const float *bias1, *alpha, *bias2;
};

template <bool RECTIFIES, typename V>
INLINE V rectified(V u, V alpha, V bias2) {
  return RECTIFIES ? select(u < splat<V>(0), alpha * u, u) + bias2 : u;
}

template <int N, bool RECTIFIES, typename V>
INLINE void forwardColumn(const float* x, Rectifier r, Curve<N> curve, float* y, int c, int channels, int rows) {
  const V bias1 = RECTIFIES ? load<V>(r.bias1 + c) : splat<V>(0), alpha = RECTIFIES ? load<V>(r.alpha + c) : bias1,
          bias2 = RECTIFIES ? load<V>(r.bias2 + c) : bias1;
  for (int row = 0; row < rows; row++) {
    const int at = row * channels + c;
    const V u = RECTIFIES ? load<V>(x + at) + bias1 : load<V>(x + at);
    V result = rectified<RECTIFIES>(u, alpha, bias2);
    if constexpr (N > 0) {
      const V scaled = result * splat<V>(curve.beta1());
      result = splat<V>(curve.level(0));
      UNROLL for (int e = 0; e < N; e++) {
        result = select(scaled > splat<V>(curve.threshold(e)), splat<V>(curve.level(e + 1)), result);
      }
    }
    store(y + at, result);
  }
}

template <int N, bool RECTIFIES>
INLINE void forward(const float* x, Rectifier r, const float* table, float* y, int channels, int rows) {
  const Curve<N> curve(table);
  overBlocks(
      channels, rows,
      [=](int first, int count, int c) {
        forwardColumn<N, RECTIFIES, Four>(x + first * channels, r, curve, y + first * channels, c, channels, count);
      },
      [=](int first, int count, int c) {
        forwardColumn<N, RECTIFIES, float>(x + first * channels, r, curve, y + first * channels, c, channels, count);
      });
}

/**
 * `sums`: Σdx, Σdz·min(u, 0) and Σdz, `[channels]` each, if RECTIFIES; then Σdy and Σdy·z per interval, `[N, 2]`, and
 * Σdy·(level without β₂).
 */
template <int N, bool RECTIFIES, typename V>
INLINE void gradientColumn(const float* dy, const float* x, Rectifier r, Curve<N> curve, float* dx, double* sums, int c,
                           int channels, int rows) {
  const V zero = splat<V>(0), bias1 = RECTIFIES ? load<V>(r.bias1 + c) : zero,
          alpha = RECTIFIES ? load<V>(r.alpha + c) : zero, bias2 = RECTIFIES ? load<V>(r.bias2 + c) : zero,
          positive = (splat<V>(1) - alpha) + alpha;
  V sumDx = zero, sumAlpha = zero, sumDz = zero, counted = zero, inInterval[N + 1], product[N + 1];
  UNROLL for (int e = 0; e < N; e++) inInterval[e] = product[e] = zero;
  for (int row = 0; row < rows; row++) {
    const int at = row * channels + c;
    const V u = RECTIFIES ? load<V>(x + at) + bias1 : load<V>(x + at), z = rectified<RECTIFIES>(u, alpha, bias2);
    V dz = load<V>(dy + at);
    if constexpr (N > 0) {
      const V d = dz, scaled = z * splat<V>(curve.beta1());
      V slope = zero, level = splat<V>(curve.plainLevel(0));
      auto above = scaled > splat<V>(curve.end(0));
      UNROLL for (int e = 0; e < N; e++) {
        const auto next = scaled > splat<V>(curve.end(e + 1));
        const auto inside = both(above, opposite(next));
        const V part = select(inside, d, zero);
        inInterval[e] += part;
        product[e] += part * z;
        slope = select(inside, splat<V>(curve.slope(e)), slope);
        level = select(scaled > splat<V>(curve.threshold(e)), splat<V>(curve.plainLevel(e + 1)), level);
        above = next;
      }
      dz = d * slope;
      counted += d * level;
    }
    if constexpr (RECTIFIES) {
      const V du = dz * select(u > zero, positive, alpha);
      sumDx += du;
      sumAlpha += dz * select(u < zero, u, zero);
      sumDz += dz;
      store(dx + at, du);
    } else {
      store(dx + at, dz);
    }
  }
  if constexpr (RECTIFIES) {
    addEach(sums + c, sumDx);
    addEach(sums + channels + c, sumAlpha);
    addEach(sums + 2 * channels + c, sumDz);
  }
  double* intervals = sums + (RECTIFIES ? 3 * channels : 0);
  UNROLL for (int e = 0; e < N; e++) {
    intervals[2 * e] += total(inInterval[e]);
    intervals[2 * e + 1] += total(product[e]);
  }
  if constexpr (N > 0) intervals[2 * N] += total(counted);
}

template <int N, bool RECTIFIES>
INLINE void gradient(const float* dy, const float* x, Rectifier r, const float* table, float* dx, double* sums,
                     int channels, int rows) {
  const Curve<N> curve(table);
  overBlocks(
      channels, rows,
      [=](int first, int count, int c) {
        const int at = first * channels;
        gradientColumn<N, RECTIFIES, Four>(dy + at, x + at, r, curve, dx + at, sums, c, channels, count);
      },
      [=](int first, int count, int c) {
        const int at = first * channels;
        gradientColumn<N, RECTIFIES, float>(dy + at, x + at, r, curve, dx + at, sums, c, channels, count);
      });
}

// No `bias1`: no RPReLU. `intervals` N, of 1 to 4 bits; 0: no quantizer.
#define FOR_EACH_CASE(CALL)                                      \
  if (r.bias1 != nullptr) switch (intervals) {                     \
    case 0: return CALL(0, true);                                \
    case 1: return CALL(1, true);                                \
    case 3: return CALL(3, true);                                \
    case 7: return CALL(7, true);                                \
    case 15: return CALL(15, true);                              \
  }                                                              \
  else switch (intervals) {                                      \
    case 1: return CALL(1, false);                               \
    case 3: return CALL(3, false);                               \
    case 7: return CALL(7, false);                               \
    case 15: return CALL(15, false);                             \
  }

INLINE void segmentGradient(const float* dy, const float* x, Rectifier r, const float* table, float* dx, double* sums,
                            int channels, int rows, int intervals) {
#define CALL(N, RECTIFIES) gradient<N, RECTIFIES>(dy, x, r, table, dx, sums, channels, rows)
  FOR_EACH_CASE(CALL)
#undef CALL
}

}  // namespace

/** Rows `first` to `end`; `x` and `y` are `[rows, channels]`. */
EXPORT void chainForward(const float* x, const float* bias1, const float* alpha, const float* bias2, const float* table,
                         float* y, int channels, int intervals, int first, int end) {
  const Rectifier r{bias1, alpha, bias2};
  const int at = first * channels;
#define CALL(N, RECTIFIES) forward<N, RECTIFIES>(x + at, r, table, y + at, channels, end - first)
  FOR_EACH_CASE(CALL)
#undef CALL
}

/** `dy`, `x` and `dx` are `[rows, channels]`. Adds to the `sums` of each segment from `first` to `end`: `each` numbers. */
EXPORT void chainGradient(const float* dy, const float* x, const float* bias1, const float* alpha, const float* bias2,
                          const float* table, float* dx, double* sums, int channels, int rows, int intervals,
                          int segmentRows, int each, int first, int end) {
  const Rectifier r{bias1, alpha, bias2};
  for (int segment = first; segment < end; segment++) {
    const Segment s(segment, segmentRows, rows, channels);
    segmentGradient(dy + s.at, x + s.at, r, table, dx + s.at, sums + segment * each, channels, s.rows, intervals);
  }
}
