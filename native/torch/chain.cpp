// What stands in front of a convolution, in one pass each way: z = PReLU(x + bias1) + bias2 by channel, and N2UQ's quantizer
// y = β₂Δ·#{i : β₁z > t_i} (docs/method.md). Either part may be absent.
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>

#include <algorithm>
#include <vector>

#include "loops.h"
#include "op.h"

namespace n2uq {
namespace {

/** Values that stay in the nearest cache while one loop after the other goes over them. */
constexpr int64_t BLOCK = 1024;
/** Intervals shorter than this count as this long and take no gradient (released code). */
constexpr float SHORTEST_INTERVAL = 1e-3f;

/** Thresholds in float32 and in the order of the plain version, so that both place a value alike. */
struct Staircase {
  std::vector<float> lengths, lower, forward, backward, slopes;
  std::vector<bool> open;
  float beta1, beta2, delta;

  int64_t intervals() const { return static_cast<int64_t>(lengths.size()); }
};

Staircase staircaseOf(const Tensor& start, const Tensor& a, const Tensor& scale1, const Tensor& scale2) {
  const Tensor lengths = a.contiguous();
  const int64_t N = lengths.numel();
  Staircase s;
  s.beta1 = scale1.item<float>();
  s.beta2 = scale2.item<float>();
  s.delta = 2.f / static_cast<float>(N);
  const float first = start.item<float>();
  float sum = 0;
  s.backward.push_back(first);
  for (int64_t i = 0; i < N; i++) {
    const float given = lengths.data_ptr<float>()[i];
    const float length = given > SHORTEST_INTERVAL ? given : SHORTEST_INTERVAL;
    s.open.push_back(given > SHORTEST_INTERVAL);
    s.lengths.push_back(length);
    s.lower.push_back(s.backward.back());
    s.forward.push_back(s.lower.back() + length * 0.5f);
    s.slopes.push_back(s.delta / length);
    sum += length;
    s.backward.push_back(first + sum);
  }
  return s;
}

FOR_EACH_PROCESSOR void rectify(const float* __restrict x, const float* __restrict bias1,
                                const float* __restrict alpha, const float* __restrict bias2, float* __restrict z,
                                int64_t channels, int64_t rows) {
  for (int64_t r = 0; r < rows; r++) {
    const float* __restrict in = x + r * channels;
    float* __restrict out = z + r * channels;
    for (int64_t c = 0; c < channels; c++) {
      const float u = in[c] + bias1[c];
      out[c] = (u > 0 ? u : alpha[c] * u) + bias2[c];
    }
  }
}

/** The thresholds are few and known when this is compiled, so one pass over the values compares with all of them. */
template <int N>
inline __attribute__((always_inline)) void levelsOf(const float* __restrict z, float beta1, const float* __restrict t,
                                                    float step, float* __restrict y, int64_t length) {
  for (int64_t i = 0; i < length; i++) {
    const float scaled = beta1 * z[i];
    float count = 0;
    for (int e = 0; e < N; e++) count += scaled > t[e] ? 1.f : 0.f;
    y[i] = count * step;
  }
}

FOR_EACH_PROCESSOR void quantize(const float* __restrict z, float beta1, const float* __restrict t, int64_t n,
                                 float step, float* __restrict y, int64_t length) {
  if (n == 1) return levelsOf<1>(z, beta1, t, step, y, length);
  if (n == 3) return levelsOf<3>(z, beta1, t, step, y, length);
  if (n == 7) return levelsOf<7>(z, beta1, t, step, y, length);
  if (n == 15) return levelsOf<15>(z, beta1, t, step, y, length);
  for (int64_t i = 0; i < length; i++) y[i] = 0;
  for (int64_t e = 0; e < n; e++) {
    const float edge = t[e];
    for (int64_t i = 0; i < length; i++) y[i] += beta1 * z[i] > edge ? 1.f : 0.f;
  }
  for (int64_t i = 0; i < length; i++) y[i] *= step;
}

/** dz = dy·slope of the interval, and scaled = β₁z; returns Σdy·count. */
template <int N>
inline __attribute__((always_inline)) float slopesOf(const float* __restrict dy, const float* __restrict z, float beta1,
                                                     const float* __restrict b, const float* __restrict t,
                                                     const float* __restrict slopes, float* __restrict dz,
                                                     float* __restrict scaled, int64_t length) {
  float total = 0, own[N];
  // Read in any case, so that choosing one is no branch.
  for (int e = 0; e < N; e++) own[e] = slopes[e];
  for (int64_t i = 0; i < length; i++) {
    const float x = beta1 * z[i];
    float slope = 0, count = 0;
    for (int e = 0; e < N; e++) {
      slope = x > b[e] ? own[e] : slope;
      count += x > t[e] ? 1.f : 0.f;
    }
    slope = x > b[N] ? 0.f : slope;
    dz[i] = dy[i] * slope;
    scaled[i] = x;
    total += dy[i] * count;
  }
  return total;
}

/** The same for any number of intervals, going over the values once for each. */
inline __attribute__((always_inline)) float slopesOfAny(const float* __restrict dy, const float* __restrict z,
                                                        float beta1, const float* __restrict b,
                                                        const float* __restrict t, const float* __restrict slopes,
                                                        int64_t n, float* __restrict dz, float* __restrict scaled,
                                                        int64_t length) {
  float total = 0;
  for (int64_t i = 0; i < length; i++) {
    scaled[i] = beta1 * z[i];
    dz[i] = 0;
  }
  for (int64_t e = 0; e < n; e++) {
    const float low = b[e], middle = t[e], slope = slopes[e];
    for (int64_t i = 0; i < length; i++) {
      dz[i] = scaled[i] > low ? dy[i] * slope : dz[i];
      total += scaled[i] > middle ? dy[i] : 0.f;
    }
  }
  const float last = b[n];
  for (int64_t i = 0; i < length; i++) dz[i] = scaled[i] > last ? 0.f : dz[i];
  return total;
}

/** Adds Σdy and Σdy·z of the values in each interval to `sums [intervals, 2]`. */
inline __attribute__((always_inline)) void addInside(const float* __restrict scaled, const float* __restrict dy,
                                                     const float* __restrict z, const float* __restrict b,
                                                     int64_t intervals, double* __restrict sums, int64_t length) {
  for (int64_t e = 0; e < intervals; e++) {
    const float low = b[e], high = b[e + 1];
    float sum = 0, product = 0;
    for (int64_t i = 0; i < length; i++) {
      const float inside = scaled[i] > low && !(scaled[i] > high) ? dy[i] : 0.f;
      sum += inside;
      product += inside * z[i];
    }
    sums[2 * e] += sum;
    sums[2 * e + 1] += product;
  }
}

/** dz = dy·slope of the interval; Σdy and Σdy·z of each are added to `sums [N, 2]`; returns Σdy·count. */
FOR_EACH_PROCESSOR float quantizeGradient(const float* __restrict dy, const float* __restrict z, float beta1,
                                          const float* __restrict b, const float* __restrict t,
                                          const float* __restrict slopes, int64_t n, float* __restrict dz,
                                          float* __restrict scaled, double* __restrict sums, int64_t length) {
  float total;
  if (n == 1) total = slopesOf<1>(dy, z, beta1, b, t, slopes, dz, scaled, length);
  else if (n == 3) total = slopesOf<3>(dy, z, beta1, b, t, slopes, dz, scaled, length);
  else if (n == 7) total = slopesOf<7>(dy, z, beta1, b, t, slopes, dz, scaled, length);
  else if (n == 15) total = slopesOf<15>(dy, z, beta1, b, t, slopes, dz, scaled, length);
  else total = slopesOfAny(dy, z, beta1, b, t, slopes, n, dz, scaled, length);
  addInside(scaled, dy, z, b, n, sums, length);
  return total;
}

/** dx in place of dz; Σdx, Σdz·min(u, 0) and Σdz by channel are added to the three. */
FOR_EACH_PROCESSOR void rectifyGradient(const float* __restrict x, const float* __restrict bias1,
                                        const float* __restrict alpha, const float* __restrict dz,
                                        float* __restrict dx, float* __restrict dBias1, float* __restrict dAlpha,
                                        float* __restrict dBias2, int64_t channels, int64_t rows) {
  for (int64_t r = 0; r < rows; r++) {
    const float* __restrict in = x + r * channels;
    const float* __restrict dOut = dz + r * channels;
    float* __restrict dIn = dx + r * channels;
    for (int64_t c = 0; c < channels; c++) {
      const float u = in[c] + bias1[c], d = dOut[c];
      const float du = u > 0 ? d : alpha[c] * d;
      dIn[c] = du;
      dBias1[c] += du;
      dAlpha[c] += u > 0 ? 0.f : d * u;
      dBias2[c] += d;
    }
  }
}

/** What a call is about: which parts it has, and how its values are cut into blocks of whole rows of channels. */
struct Chain {
  Tensor x, bias1, alpha, bias2;
  bool rectifies, quantizes;
  Staircase staircase;
  int64_t channels, rows, rowsAtOnce;

  /** @param first where x stands among the inputs */
  Chain(const Tensors& inputs, size_t first, const Attributes& attributes)
      : x(inputs.at(first).contiguous()),
        rectifies(attributes.flag("rectifies")),
        quantizes(attributes.flag("quantizes")) {
    size_t next = first + 1;
    if (rectifies) {
      bias1 = inputs.at(next++).contiguous();
      alpha = inputs.at(next++).contiguous();
      bias2 = inputs.at(next++).contiguous();
      TORCH_CHECK(bias1.numel() == x.size(-1) && alpha.numel() == x.size(-1) && bias2.numel() == x.size(-1),
                  "bias1, alpha and bias2 have not as many values as there are channels");
    }
    if (quantizes) {
      staircase = staircaseOf(inputs.at(next), inputs.at(next + 1), inputs.at(next + 2), inputs.at(next + 3));
    }
    // Without channels' parameters a block is one long row.
    channels = rectifies ? x.size(-1) : 1;
    rows = channels == 0 ? 0 : x.numel() / channels;
    rowsAtOnce = std::max<int64_t>(1, BLOCK / std::max<int64_t>(1, channels));
  }

  int64_t blockLength() const { return rowsAtOnce * channels; }
};

/** y of x, then bias1, alpha and bias2 `[channels]` where it rectifies, then start, a, scale1 and scale2 where it quantizes. */
Tensors forward(const Tensors& inputs, const Attributes& attributes) {
  const Chain chain(inputs, 0, attributes);
  const Staircase& s = chain.staircase;
  Tensor y = at::empty_like(chain.x);
  const float* X = chain.x.data_ptr<float>();
  float* Y = y.data_ptr<float>();
  at::parallel_for(0, chain.rows, grainOf(chain.channels), [&](int64_t begin, int64_t end) {
    std::vector<float> held(chain.rectifies && chain.quantizes ? chain.blockLength() : 0);
    for (int64_t row = begin; row < end; row += chain.rowsAtOnce) {
      const int64_t rows = std::min(chain.rowsAtOnce, end - row), at = row * chain.channels;
      const float* z = X + at;
      if (chain.rectifies) {
        float* out = chain.quantizes ? held.data() : Y + at;
        rectify(X + at, chain.bias1.data_ptr<float>(), chain.alpha.data_ptr<float>(), chain.bias2.data_ptr<float>(),
                out, chain.channels, rows);
        z = out;
      }
      if (chain.quantizes) {
        quantize(z, s.beta1, s.forward.data(), s.intervals(), s.beta2 * s.delta, Y + at, rows * chain.channels);
      }
    }
  });
  return {y};
}

/** The sums of one thread. */
struct Sums {
  std::vector<double> channels, intervals;
  double counted = 0;
};

/** The gradients of start `[1]`, a `[N]`, scale1 `[1]` and scale2 `[1]` from the sums over intervals. */
void appendStaircase(Tensors& outputs, const Staircase& s, const std::vector<double>& sums, double counted) {
  const int64_t N = s.intervals();
  Tensor start = at::empty({1}, at::kFloat), a = at::empty({N}, at::kFloat);
  Tensor scale1 = at::empty({1}, at::kFloat), scale2 = at::empty({1}, at::kFloat);
  double later = 0, product = 0;
  for (int64_t i = N - 1; i >= 0; i--) {
    const double g1 = sums[2 * i], gx = sums[2 * i + 1];
    const double own = s.beta2 * (s.slopes[i] / s.lengths[i]) * (s.beta1 * gx - s.lower[i] * g1);
    a.data_ptr<float>()[i] = s.open[i] ? static_cast<float>(-(later + own)) : 0.f;
    later += s.beta2 * s.slopes[i] * g1;
    product += s.slopes[i] * gx;
  }
  *start.data_ptr<float>() = static_cast<float>(-later);
  *scale1.data_ptr<float>() = static_cast<float>(s.beta2 * product);
  *scale2.data_ptr<float>() = static_cast<float>(s.delta * counted);
  outputs.insert(outputs.end(), {start, a, scale1, scale2});
}

/** dx of dy and the inputs of `forward`, then the gradients of the parameters in the same order. */
Tensors gradient(const Tensors& inputs, const Attributes& attributes) {
  const Chain chain(inputs, 1, attributes);
  const Staircase& s = chain.staircase;
  const Tensor dy = inputs.at(0).contiguous();
  const int64_t channels = chain.rectifies ? chain.channels : 0, N = s.intervals();
  std::vector<float> slopes(s.slopes);
  for (float& slope : slopes) slope *= s.beta1 * s.beta2;
  Tensor dx = at::empty_like(chain.x);
  const float *DY = dy.data_ptr<float>(), *X = chain.x.data_ptr<float>();
  float* DX = dx.data_ptr<float>();
  const int64_t threads = at::get_num_threads();
  std::vector<Sums> parts(threads, Sums{std::vector<double>(3 * channels), std::vector<double>(2 * N)});
  at::parallel_for(0, chain.rows, grainOf(chain.channels), [&](int64_t begin, int64_t end) {
    Sums& own = parts[at::get_thread_num()];
    std::vector<float> z(chain.rectifies && chain.quantizes ? chain.blockLength() : 0);
    std::vector<float> dz(z.size()), sums(3 * channels);
    std::vector<float> scaled(chain.quantizes ? chain.blockLength() : 0);
    for (int64_t row = begin; row < end; row += chain.rowsAtOnce) {
      const int64_t rows = std::min(chain.rowsAtOnce, end - row), at = row * chain.channels;
      const float *Z = X + at, *DZ = DY + at;
      if (chain.quantizes) {
        if (chain.rectifies) {
          rectify(X + at, chain.bias1.data_ptr<float>(), chain.alpha.data_ptr<float>(),
                  chain.bias2.data_ptr<float>(), z.data(), channels, rows);
          Z = z.data();
          DZ = dz.data();
        }
        own.counted += quantizeGradient(DY + at, Z, s.beta1, s.backward.data(), s.forward.data(), slopes.data(), N,
                                        chain.rectifies ? dz.data() : DX + at, scaled.data(), own.intervals.data(),
                                        rows * chain.channels);
      }
      if (chain.rectifies) {
        std::fill(sums.begin(), sums.end(), 0.f);
        rectifyGradient(X + at, chain.bias1.data_ptr<float>(), chain.alpha.data_ptr<float>(), DZ, DX + at, sums.data(),
                        sums.data() + channels, sums.data() + 2 * channels, channels, rows);
        for (int64_t i = 0; i < 3 * channels; i++) own.channels[i] += sums[i];
      }
    }
  });
  Sums all = std::move(parts[0]);
  for (int64_t thread = 1; thread < threads; thread++) {
    for (size_t i = 0; i < all.channels.size(); i++) all.channels[i] += parts[thread].channels[i];
    for (size_t i = 0; i < all.intervals.size(); i++) all.intervals[i] += parts[thread].intervals[i];
    all.counted += parts[thread].counted;
  }
  Tensors outputs = {dx};
  for (int64_t part = 0; part < (chain.rectifies ? 3 : 0); part++) {
    Tensor sums = at::empty({channels}, at::kFloat);
    for (int64_t c = 0; c < channels; c++) {
      sums.data_ptr<float>()[c] = static_cast<float>(all.channels[part * channels + c]);
    }
    outputs.push_back(sums);
  }
  if (chain.quantizes) appendStaircase(outputs, s, all.intervals, all.counted);
  return outputs;
}

}  // namespace

void addChain(Ops& ops) { ops.insert({{"ActivationChain", forward}, {"ActivationChainGradient", gradient}}); }

}  // namespace n2uq
