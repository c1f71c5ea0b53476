// The fused operations before a convolution, forward and backward: z = PReLU(x + bias1) + bias2 per channel, and a
// quantizer of z: N2UQ's (thresholdCurve.h), a uniform one (uniform.h) or one with other levels (levels.h). Either part may
// be absent.
#include <ATen/ops/full.h>

#include <algorithm>
#include <type_traits>
#include <vector>

#include "grid.h"
#include "levels.h"
#include "loops.h"
#include "op.h"
#include "thresholdCurve.h"
#include "uniform.h"

namespace n2uq {
namespace {

/** RPReLU alone: its gradient is that of z. */
struct NoQuantizer {
  struct Sums {};
  Sums noSums() const { return {}; }
  void gradient(const float*, const float*, float*, float*, Sums&, int64_t) const {}
  void add(Sums&, const Sums&) const {}
  void append(Tensors&, const Sums&) const {}
};

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

/** RPReLU's inputs of a call, and how its values are divided into blocks of complete rows of channels. */
struct Chain {
  Tensor x, bias1, alpha, bias2;
  bool rectifies;
  int64_t channels, rows, rowsAtOnce;
  /** The index of the first input of the quantizer. */
  size_t next;

  /** @param first index of x among the inputs */
  Chain(const Tensors& inputs, size_t first, const Attributes& attributes)
      : x(inputs.at(first).contiguous()), rectifies(attributes.flag("rectifies")), next(first + 1) {
    if (rectifies) {
      bias1 = inputs.at(next++).contiguous();
      alpha = inputs.at(next++).contiguous();
      bias2 = inputs.at(next++).contiguous();
      TORCH_CHECK(bias1.numel() == x.size(-1) && alpha.numel() == x.size(-1) && bias2.numel() == x.size(-1),
                  "bias1, alpha and bias2 have not as many values as there are channels");
    }
    // Without per-channel parameters a block is one long row.
    channels = rectifies ? x.size(-1) : 1;
    rows = channels == 0 ? 0 : x.numel() / channels;
    rowsAtOnce = std::max<int64_t>(1, BLOCK / std::max<int64_t>(1, channels));
  }

  int64_t blockLength() const { return rowsAtOnce * channels; }

  /** Writes z of some rows. */
  void rectified(int64_t row, int64_t count, float* z) const {
    rectify(x.data_ptr<float>() + row * channels, bias1.data_ptr<float>(), alpha.data_ptr<float>(),
            bias2.data_ptr<float>(), z, channels, count);
  }
};

/** RPReLU without a quantizer. */
Tensors rectifyOnly(const Chain& chain) {
  Tensor y = chain.x.new_empty(chain.x.sizes());
  float* const Y = y.data_ptr<float>();
  at::parallel_for(0, chain.rows, grainOf(chain.channels), [&](int64_t begin, int64_t end) {
    chain.rectified(begin, end - begin, Y + begin * chain.channels);
  });
  return {y};
}

/** The quantized values with their codes. */
template <typename Quantizer>
Tensors quantized(const Chain& chain, const Quantizer& quantizer) {
  Tensor y = chain.x.new_empty(chain.x.sizes());
  const float* const X = chain.x.data_ptr<float>();
  float* const Y = y.data_ptr<float>();
  CodesOf codes(y, quantizer.levels());
  at::parallel_for(0, chain.rows, grainOf(chain.channels), [&](int64_t begin, int64_t end) {
    std::vector<float> held(chain.rectifies ? chain.blockLength() : 0);
    for (int64_t row = begin; row < end; row += chain.rowsAtOnce) {
      const int64_t rows = std::min(chain.rowsAtOnce, end - row), at = row * chain.channels;
      if (chain.rectifies) chain.rectified(row, rows, held.data());
      quantizer.quantize(chain.rectifies ? held.data() : X + at, Y + at, rows * chain.channels);
      codes.write(at, rows * chain.channels);
    }
  });
  codes.attachTo(y);
  return {y};
}

/** Sums of RPReLU's gradients, `[3, channels]`, and of the quantizer's. */
template <typename Quantizer>
struct GradientSums {
  std::vector<double> byChannel;
  typename Quantizer::Sums ofQuantizer;
};

/** The gradients of x and of RPReLU's parameters; `quantizer.append` adds those of the quantizer. */
template <typename Quantizer>
Tensors gradients(const Chain& chain, const Quantizer& quantizer, const Tensor& given) {
  const Tensor dy = given.contiguous();
  const int64_t channels = chain.rectifies ? chain.channels : 0;
  Tensor dx = chain.x.new_empty(chain.x.sizes());
  const float *DY = dy.data_ptr<float>(), *X = chain.x.data_ptr<float>();
  float* DX = dx.data_ptr<float>();
  const GradientSums<Quantizer> none = {std::vector<double>(3 * channels), quantizer.noSums()};
  const GradientSums<Quantizer> all = sumInOrder(
      chain.rows, grainOf(chain.channels), none,
      [&](int64_t begin, int64_t end, GradientSums<Quantizer>& to) {
        std::vector<float> z(chain.rectifies ? chain.blockLength() : 0);
        std::vector<float> dz(z.size()), sums(3 * channels), scratch(chain.blockLength() + 16);
        for (int64_t row = begin; row < end; row += chain.rowsAtOnce) {
          const int64_t rows = std::min(chain.rowsAtOnce, end - row), at = row * chain.channels;
          const int64_t length = rows * chain.channels;
          if (!chain.rectifies) {
            quantizer.gradient(DY + at, X + at, DX + at, scratch.data(), to.ofQuantizer, length);
            continue;
          }
          const float* DZ = DY + at;
          if constexpr (!std::is_same_v<Quantizer, NoQuantizer>) {
            chain.rectified(row, rows, z.data());
            quantizer.gradient(DY + at, z.data(), dz.data(), scratch.data(), to.ofQuantizer, length);
            DZ = dz.data();
          }
          std::fill(sums.begin(), sums.end(), 0.f);
          rectifyGradient(X + at, chain.bias1.data_ptr<float>(), chain.alpha.data_ptr<float>(), DZ, DX + at,
                          sums.data(), sums.data() + channels, sums.data() + 2 * channels, channels, rows);
          for (int64_t i = 0; i < 3 * channels; i++) to.byChannel[i] += sums[i];
        }
      },
      [&](GradientSums<Quantizer>& to, const GradientSums<Quantizer>& others) {
        for (int64_t i = 0; i < 3 * channels; i++) to.byChannel[i] += others.byChannel[i];
        quantizer.add(to.ofQuantizer, others.ofQuantizer);
      });
  Tensors outputs = {dx};
  for (int64_t part = 0; part < (chain.rectifies ? 3 : 0); part++) {
    Tensor sums = chain.x.new_empty({channels});
    for (int64_t c = 0; c < channels; c++) {
      sums.data_ptr<float>()[c] = static_cast<float>(all.byChannel[part * channels + c]);
    }
    outputs.push_back(sums);
  }
  quantizer.append(outputs, all.ofQuantizer);
  return outputs;
}

ThresholdCurve curveOf(const Tensors& inputs, size_t next) {
  return thresholdCurveOf(inputs.at(next), inputs.at(next + 1), inputs.at(next + 2), inputs.at(next + 3));
}

/**
 * Inputs: x; then bias1, alpha and bias2 `[channels]` if `rectifies` is set; then start, a, scale1 and scale2
 * if `quantizes` is set.
 */
Tensors forward(const Tensors& inputs, const Attributes& attributes) {
  const Chain chain(inputs, 0, attributes);
  return attributes.flag("quantizes") ? quantized(chain, curveOf(inputs, chain.next)) : rectifyOnly(chain);
}

/** Inputs: dy and the inputs of `forward`. Outputs: dx, then the gradients of the parameters in the same order. */
Tensors gradient(const Tensors& inputs, const Attributes& attributes) {
  const Chain chain(inputs, 1, attributes);
  return attributes.flag("quantizes") ? gradients(chain, curveOf(inputs, chain.next), inputs.at(0))
                                      : gradients(chain, NoQuantizer(), inputs.at(0));
}

/** Inputs: x; then bias1, alpha and bias2 `[channels]` if `rectifies` is set; then divisor and possibly offset `[1]`. */
Tensors uniform(const Tensors& inputs, const Attributes& attributes) {
  const Chain chain(inputs, 0, attributes);
  const UniformQuantizer quantizer(inputs, chain.next, attributes);
  Tensors outputs = quantized(chain, quantizer);
  // Weights `[fan, channels]`.
  if (quantizer.low < 0 && chain.x.dim() == 2) {
    const int32_t low = static_cast<int32_t>(quantizer.low * quantizer.k);
    attachWeights(outputs[0], at::full({1}, quantizer.step), low, static_cast<int32_t>(quantizer.high * quantizer.k), false);
  }
  return outputs;
}

/** Inputs: dy and the inputs of `uniform`. Outputs: dx, the gradients of bias1, alpha and bias2, and sums `[4]`. */
Tensors uniformGradient(const Tensors& inputs, const Attributes& attributes) {
  const Chain chain(inputs, 1, attributes);
  return gradients(chain, UniformQuantizer(inputs, chain.next, attributes), inputs.at(0));
}

/** Inputs: x; then bias1, alpha and bias2 `[channels]` if `rectifies` is set; then α `[1]` and possibly θ `[K]` (levels.h). */
Tensors level(const Tensors& inputs, const Attributes& attributes) {
  const Chain chain(inputs, 0, attributes);
  return quantized(chain, LevelQuantizer(inputs, chain.next, attributes));
}

/** Inputs: dy and the inputs of `level`. Outputs: dx, then the gradients of the parameters in the same order. */
Tensors levelGradient(const Tensors& inputs, const Attributes& attributes) {
  const Chain chain(inputs, 1, attributes);
  return gradients(chain, LevelQuantizer(inputs, chain.next, attributes), inputs.at(0));
}

const Register registered({
    {"ActivationChain", "x bias1 alpha bias2 start a scale1 scale2", forward},
    {"ActivationChainGradient", "dy x bias1 alpha bias2 start a scale1 scale2", gradient, LIST},
    {"LevelQuantize", "x bias1 alpha bias2 clip theta", level},
    {"LevelQuantizeGradient", "dy x bias1 alpha bias2 clip theta", levelGradient, LIST},
    {"UniformQuantize", "x bias1 alpha bias2 divisor offset", uniform},
    {"UniformQuantizeGradient", "dy x bias1 alpha bias2 divisor offset", uniformGradient, LIST},
});

}  // namespace
}  // namespace n2uq
