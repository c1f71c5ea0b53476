// Weight quantizers per output channel, for weights flattened to `[fan, channels]`.
#include <ATen/ops/full.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

#include "grid.h"
#include "loops.h"
#include "op.h"

namespace n2uq {
namespace {

FOR_EACH_PROCESSOR void addMagnitudes(const float* __restrict w, float* __restrict sums, int64_t channels,
                                      int64_t rows) {
  for (int64_t r = 0; r < rows; r++) {
    for (int64_t c = 0; c < channels; c++) sums[c] += std::fabs(w[r * channels + c]);
  }
}

FOR_EACH_PROCESSOR void quantizeRows(const float* __restrict w, const float* __restrict inverse,
                                     const float* __restrict scale, float half, float step, float* __restrict y,
                                     int64_t channels, int64_t rows) {
  for (int64_t r = 0; r < rows; r++) {
    const float* __restrict in = w + r * channels;
    float* __restrict out = y + r * channels;
    for (int64_t c = 0; c < channels; c++) {
      const float v = std::min(std::max(in[c] * inverse[c], -1.f), 1.f);
      out[c] = (std::nearbyint((v + 1.f) * half) * step - 1.f) * scale[c];
    }
  }
}

/** mean|w| per channel of w `[fan, channels]`. */
Tensor meanMagnitudeOf(const Tensor& w) {
  const int64_t rows = w.size(0), channels = w.size(1);
  const float* W = w.data_ptr<float>();
  const std::vector<double> sums = sumsByChannel(rows, channels, 1, [&](int64_t row, int64_t n, float* few) {
    addMagnitudes(W + row * channels, few, channels, n);
  });
  Tensor mean = w.new_empty({channels});
  for (int64_t c = 0; c < channels; c++) {
    mean.data_ptr<float>()[c] = static_cast<float>(sums[c] / static_cast<double>(rows));
  }
  return mean;
}

/** scale·(round((clip(w·inverse, -1, 1) + 1)·N/2)·2/N - 1) for w `[fan, channels]`, inverse and scale `[channels]`. */
Tensor uniformWeightOf(const Tensor& w, const Tensor& inverse, const Tensor& scale, double N) {
  const int64_t rows = w.size(0), channels = w.size(1);
  TORCH_CHECK(inverse.numel() == channels && scale.numel() == channels, "inverse and scale must have one value per channel");
  const float half = static_cast<float>(N / 2), step = static_cast<float>(2 / N);
  Tensor y = w.new_empty(w.sizes());
  const float *W = w.data_ptr<float>(), *I = inverse.data_ptr<float>(), *S = scale.data_ptr<float>();
  float* Y = y.data_ptr<float>();
  at::parallel_for(0, rows, grainOf(channels), [&](int64_t row, int64_t end) {
    quantizeRows(W + row * channels, I, S, half, step, Y + row * channels, channels, end - row);
  });
  return y;
}

/**
 * Inputs: w `[fan, channels]`. Outputs: w quantized with the scale γ·mean|w|, and the inverse of the scale
 * per channel; a channel of zeros has the inverse 0.
 */
Tensors entropyWeight(const Tensors& inputs, const Attributes& attributes) {
  const Tensor w = inputs.at(0).contiguous();
  const float gamma = static_cast<float>(attributes.number("gamma"));
  Tensor scale = meanMagnitudeOf(w), inverse = scale.new_empty(scale.sizes());
  float *S = scale.data_ptr<float>(), *I = inverse.data_ptr<float>();
  for (int64_t c = 0; c < scale.numel(); c++) {
    S[c] *= gamma;
    I[c] = S[c] == 0 ? 0.f : 1.f / S[c];
  }
  const double N = attributes.number("steps");
  Tensor y = uniformWeightOf(w, inverse, scale, N);
  const int32_t most = static_cast<int32_t>(N);
  attachWeights(y, scale.div(N), -most, most, true);
  return {y, inverse};
}

/**
 * tanh x to 3 units of the last place: e/(e + 2) with e = exp(2|x|) - 1 = 2ⁿ(exp r - 1) + 2ⁿ - 1, |r| ≤ ln 2/2, and a Taylor
 * polynomial of r. Unlike the library's function, the compiler can make it part of a vectorized loop.
 */
inline __attribute__((always_inline)) float tanhOf(float x) {
  const float twice = std::min(2.f * std::fabs(x), 20.f);
  const float nearest = std::nearbyint(twice * 1.44269504f), n = nearest > 0.f ? nearest : 0.f;
  // ln 2 in two parts: the product of n with the first is exact.
  const float r = (twice - n * 0.693359375f) + n * 2.12194440e-4f;
  const float tail = 1.f / 24 + r * (1.f / 120 + r * (1.f / 720 + r * (1.f / 5040)));
  const float rise = r + r * r * (0.5f + r * (1.f / 6 + r * tail));
  const float power = std::bit_cast<float>((static_cast<int32_t>(n) + 127) << 23);
  const float e = power * rise + (power - 1.f);
  return std::copysign(e / (e + 2.f), x);
}

FOR_EACH_PROCESSOR void quantizeTanh(const float* __restrict w, float half, float N, float step, float* __restrict y,
                                     int64_t length) {
  for (int64_t i = 0; i < length; i++) y[i] = std::nearbyint((tanhOf(w[i]) * half + 0.5f) * N) * step - 1.f;
}

/** The largest magnitude's bits. As integers they have the order of the numbers, NaN last, and the loop is vectorized. */
FOR_EACH_PROCESSOR int32_t largestOf(const float* __restrict w, int64_t length) {
  int32_t largest = 0;
  for (int64_t i = 0; i < length; i++) largest = std::max(largest, std::bit_cast<int32_t>(w[i]) & 0x7fffffff);
  return largest;
}

FOR_EACH_PROCESSOR void tanhSlopes(const float* __restrict dq, const float* __restrict w, float inverse,
                                   float* __restrict dx, int64_t length) {
  for (int64_t i = 0; i < length; i++) {
    const float t = tanhOf(w[i]);
    dx[i] = dq[i] * ((1.f - t * t) * inverse);
  }
}

/**
 * DoReFa's weights (src/core/dorefa.ts). Inputs: w `[fan, channels]`. Outputs: 2·round((t/max|t|/2 + 1/2)·N)/N - 1 with
 * t = tanh w, then w, and 1/max|t| `[]`; for a layer of zeros, zeros, w and 0.
 */
Tensors tanhWeight(const Tensors& inputs, const Attributes& attributes) {
  const double N = attributes.number("steps");
  const Tensor w = inputs.at(0).contiguous();
  const float* const W = w.data_ptr<float>();
  const float largest = std::bit_cast<float>(sumInOrder(
      w.numel(), GRAIN, 0, [&](int64_t i, int64_t end, int32_t& most) { most = largestOf(W + i, end - i); },
      [](int32_t& most, int32_t other) { most = std::max(most, other); }));
  const float inverse = largest == 0 ? 0.f : 1.f / tanhOf(largest);
  if (largest == 0) return {at::zeros_like(w), w, at::full({}, inverse, at::kFloat)};
  Tensor y = w.new_empty(w.sizes());
  float* const Y = y.data_ptr<float>();
  inParts(w.numel(), GRAIN, [&](int64_t i, int64_t end, int64_t) {
    quantizeTanh(W + i, inverse * 0.5f, static_cast<float>(N), static_cast<float>(2 / N), Y + i, end - i);
  });
  const int32_t most = static_cast<int32_t>(N);
  attachWeights(y, at::full({1}, 1 / N, at::kFloat), -most, most, true);
  return {y, w, at::full({}, inverse, at::kFloat)};
}

/** Inputs: dq, and w and 1/max|tanh w| of the kernel above. Output: dq·(1 - tanh²w)/max|tanh w|. */
Tensors tanhWeightGradient(const Tensors& inputs, const Attributes&) {
  const Tensor dq = inputs.at(0).contiguous(), w = inputs.at(1).contiguous();
  const float inverse = inputs.at(2).item<float>();
  Tensor dx = dq.new_empty(dq.sizes());
  const float *DQ = dq.data_ptr<float>(), *W = w.data_ptr<float>();
  float* const DX = dx.data_ptr<float>();
  inParts(dq.numel(), GRAIN,
          [&](int64_t i, int64_t end, int64_t) { tanhSlopes(DQ + i, W + i, inverse, DX + i, end - i); });
  return {dx};
}

/**
 * Inputs: quantized values, and the unit of which they are multiples: for `activations` 0 to `most`, for weights the odd
 * ones from -`most` to `most`. Output: the same tensor with its codes; without codes if a value is none of these.
 */
Tensors withCodes(const Tensors& inputs, const Attributes& attributes) {
  Tensor values = inputs.at(0).contiguous();
  // A GPU would wait for the unit.
  if (!usesGrids()) return {values};
  const int32_t most = static_cast<int32_t>(attributes.number("most"));
  if (attributes.flag("activations")) attachCodes(values, {inputs.at(1).item<float>(), 0, most});
  else attachWeights(values, inputs.at(1), -most, most, true);
  return {values};
}

const Register registered({
    {"EntropyWeight", "w", entropyWeight, LIST},
    {"TanhWeight", "w", tanhWeight, LIST},
    {"TanhWeightGradient", "dq t inverse", tanhWeightGradient},
    {"WithCodes", "values unit", withCodes},
});

}  // namespace
}  // namespace n2uq
