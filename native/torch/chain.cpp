// The fused operations before a convolution, forward and backward: z = PReLU(x + bias1) + bias2 per channel, and N2UQ's
// quantizer y = β₂Δ·#{i : β₁z > t_i} (docs/method.md). Either part may be absent.
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>

#include <algorithm>
#include <vector>

#include "grid.h"
#include "loops.h"
#include "op.h"
#include "thresholdCurve.h"

namespace n2uq {
namespace {

/** Number of values that stay in the L1 cache while several loops process them. */
constexpr int64_t BLOCK = 1024;

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

/** Replaces dz by dx; adds Σdx, Σdz·min(u, 0) and Σdz per channel to the three sums. */
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

/** The inputs of a call, and how its values are divided into blocks of complete rows of channels. */
struct Chain {
  Tensor x, bias1, alpha, bias2;
  bool rectifies, quantizes;
  ThresholdCurve curve;
  int64_t channels, rows, rowsAtOnce;

  /** @param first index of x among the inputs */
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
      curve = thresholdCurveOf(inputs.at(next), inputs.at(next + 1), inputs.at(next + 2), inputs.at(next + 3));
    }
    // Without per-channel parameters a block is one long row.
    channels = rectifies ? x.size(-1) : 1;
    rows = channels == 0 ? 0 : x.numel() / channels;
    rowsAtOnce = std::max<int64_t>(1, BLOCK / std::max<int64_t>(1, channels));
  }

  int64_t blockLength() const { return rowsAtOnce * channels; }
};

/**
 * Inputs: x; then bias1, alpha and bias2 `[channels]` if `rectifies` is set; then start, a, scale1 and scale2
 * if `quantizes` is set.
 */
Tensors forward(const Tensors& inputs, const Attributes& attributes) {
  const Chain chain(inputs, 0, attributes);
  Tensor y = chain.x.new_empty(chain.x.sizes());
  const float* X = chain.x.data_ptr<float>();
  float* Y = y.data_ptr<float>();
  const float unit = chain.quantizes ? unitOf(chain.curve) : 0;
  const bool keepsCodes = usesGrids() && isUsable(unit);
  Tensor codes = at::empty({keepsCodes ? y.numel() : 0}, at::kByte);
  uint8_t* const C = codes.data_ptr<uint8_t>();
  const int32_t most = static_cast<int32_t>(chain.curve.intervals());
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
        quantize(chain.curve, z, Y + at, rows * chain.channels);
        if (keepsCodes) writeCodes(Y + at, unit, 0, most, C + at, rows * chain.channels);
      }
    }
  });
  if (keepsCodes) attach(y, {codes, at::full({1}, unit), most});
  return {y};
}

/** The sums of one thread. */
struct Sums {
  std::vector<double> channels;
  CurveSums curve;
};

/** Inputs: dy and the inputs of `forward`. Outputs: dx, then the gradients of the parameters in the same order. */
Tensors gradient(const Tensors& inputs, const Attributes& attributes) {
  const Chain chain(inputs, 1, attributes);
  const ThresholdCurve& s = chain.curve;
  const Tensor dy = inputs.at(0).contiguous();
  const int64_t channels = chain.rectifies ? chain.channels : 0, N = s.intervals();
  Tensor dx = chain.x.new_empty(chain.x.sizes());
  const float *DY = dy.data_ptr<float>(), *X = chain.x.data_ptr<float>();
  float* DX = dx.data_ptr<float>();
  const int64_t threads = at::get_num_threads();
  std::vector<Sums> parts(threads, Sums{std::vector<double>(3 * channels), {std::vector<double>(2 * N)}});
  at::parallel_for(0, chain.rows, grainOf(chain.channels), [&](int64_t begin, int64_t end) {
    Sums& own = parts[at::get_thread_num()];
    std::vector<float> z(chain.rectifies && chain.quantizes ? chain.blockLength() : 0);
    std::vector<float> dz(z.size()), sums(3 * channels);
    std::vector<float> scratch(chain.quantizes ? chain.blockLength() + 16 : 0);
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
        quantizeGradient(s, DY + at, Z, chain.rectifies ? dz.data() : DX + at, scratch.data(), own.curve,
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
    for (int64_t i = 0; i < 2 * N; i++) all.curve.intervals[i] += parts[thread].curve.intervals[i];
    all.curve.counted += parts[thread].curve.counted;
  }
  Tensors outputs = {dx};
  for (int64_t part = 0; part < (chain.rectifies ? 3 : 0); part++) {
    Tensor sums = chain.x.new_empty({channels});
    for (int64_t c = 0; c < channels; c++) {
      sums.data_ptr<float>()[c] = static_cast<float>(all.channels[part * channels + c]);
    }
    outputs.push_back(sums);
  }
  if (chain.quantizes) appendCurveGradients(outputs, s, all.curve);
  return outputs;
}

const Register registered({
    {"ActivationChain", "x bias1 alpha bias2 start a scale1 scale2", forward},
    {"ActivationChainGradient", "dy x bias1 alpha bias2 start a scale1 scale2", gradient, LIST},
});

}  // namespace
}  // namespace n2uq
