// Weight quantizers per output channel, for weights flattened to `[fan, channels]`.
#include <algorithm>
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
 * Inputs: quantized values, and the unit of which they are multiples. Output: the same tensor with its codes; without
 * codes if a value is not a multiple from `low` to `high`.
 */
Tensors withCodes(const Tensors& inputs, const Attributes& attributes) {
  Tensor values = inputs.at(0).contiguous();
  if (!usesGrids() || gridOf(values) != nullptr) return {values};
  const int32_t low = static_cast<int32_t>(attributes.number("low"));
  const int32_t high = static_cast<int32_t>(attributes.number("high"));
  if (attributes.flag("activations")) attachCodes(values, {inputs.at(1).item<float>(), 0, high});
  else attachWeights(values, inputs.at(1), low, high, attributes.flag("odd"));
  return {values};
}

const Register registered({
    {"EntropyWeight", "w", entropyWeight, LIST},
    {"WithCodes", "values unit", withCodes},
});

}  // namespace
}  // namespace n2uq
