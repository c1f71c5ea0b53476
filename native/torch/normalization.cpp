// Normalization over the last axis, the channels: inference, training, and the gradient.
#include <algorithm>
#include <cmath>
#include <vector>

#include "loops.h"
#include "op.h"

namespace n2uq {
namespace {

/** Adds Σd and Σd² of d = x - shift per channel to the two sums. */
FOR_EACH_PROCESSOR void addMoments(const float* __restrict x, const float* __restrict shift, float* __restrict first,
                                   float* __restrict second, int64_t channels, int64_t rows) {
  for (int64_t r = 0; r < rows; r++) {
    const float* __restrict in = x + r * channels;
    for (int64_t c = 0; c < channels; c++) {
      const float d = in[c] - shift[c];
      first[c] += d;
      second[c] += d * d;
    }
  }
}

/** Adds Σdy and Σdy·(x - mean) per channel to the two sums. */
FOR_EACH_PROCESSOR void addGradients(const float* __restrict dy, const float* __restrict x,
                                     const float* __restrict mean, float* __restrict first, float* __restrict second,
                                     int64_t channels, int64_t rows) {
  for (int64_t r = 0; r < rows; r++) {
    const float *__restrict in = x + r * channels, *__restrict dOut = dy + r * channels;
    for (int64_t c = 0; c < channels; c++) {
      first[c] += dOut[c];
      second[c] += dOut[c] * (in[c] - mean[c]);
    }
  }
}

/** y = k·x + offset per channel. */
FOR_EACH_PROCESSOR void scaleShift(const float* __restrict x, const float* __restrict k, const float* __restrict offset,
                                   float* __restrict y, int64_t channels, int64_t rows) {
  for (int64_t r = 0; r < rows; r++) {
    const float* __restrict in = x + r * channels;
    float* __restrict out = y + r * channels;
    for (int64_t c = 0; c < channels; c++) out[c] = in[c] * k[c] + offset[c];
  }
}

/** dx = k·dy + slope·x + offset per channel. */
FOR_EACH_PROCESSOR void combine(const float* __restrict dy, const float* __restrict x, const float* __restrict k,
                                const float* __restrict slope, const float* __restrict offset, float* __restrict dx,
                                int64_t channels, int64_t rows) {
  for (int64_t r = 0; r < rows; r++) {
    const float *__restrict dOut = dy + r * channels, *__restrict in = x + r * channels;
    float* __restrict dIn = dx + r * channels;
    for (int64_t c = 0; c < channels; c++) dIn[c] = k[c] * dOut[c] + slope[c] * in[c] + offset[c];
  }
}

/** γ·(x - μ)/√(σ² + ε) + β. Inputs: x, μ, σ², then γ if `scaled` is set and β if `shifted` is set. */
Tensors inference(const Tensors& inputs, const Attributes& attributes) {
  const Tensor &x = inputs.at(0), &mean = inputs.at(1), &variance = inputs.at(2);
  const Tensor inverse = variance.add(attributes.number("varianceEpsilon")).rsqrt();
  size_t next = 3;
  const Tensor k = attributes.flag("scaled") ? inverse.mul(inputs.at(next++)) : inverse;
  const Tensor shift = mean.mul(k);
  const Tensor offset = attributes.flag("shifted") ? inputs.at(next).sub(shift) : shift.neg();
  const bool byChannel = k.dim() == 1 && offset.dim() == 1 && k.numel() == x.size(-1);
  if (!byChannel || usesGpuKernels()) return {x.mul(k).add_(offset)};
  const Tensor input = x.contiguous(), factor = k.contiguous(), addend = offset.contiguous();
  Tensor y = input.new_empty(input.sizes());
  const int64_t channels = x.size(-1), rows = channels == 0 ? 0 : x.numel() / channels;
  const float *X = input.data_ptr<float>(), *K = factor.data_ptr<float>(), *B = addend.data_ptr<float>();
  float* Y = y.data_ptr<float>();
  at::parallel_for(0, rows, grainOf(channels), [&](int64_t row, int64_t end) {
    scaleShift(X + row * channels, K, B, Y + row * channels, channels, end - row);
  });
  return {y};
}

/** Inputs: x, γ, β. Outputs: y, the batch's μ and unbiased σ², then for the gradient μ, 1/√(σ² + ε) and an empty tensor. */
Tensors training(const Tensors& inputs, const Attributes& attributes) {
  const Tensor x = inputs.at(0).contiguous(), gamma = inputs.at(1).contiguous(), beta = inputs.at(2).contiguous();
  const double epsilon = attributes.number("epsilon");
  const int64_t channels = gamma.numel(), rows = x.numel() / channels;
  const float* X = x.data_ptr<float>();
  // Moments are computed relative to the first row, because moments about zero lose digits if the mean is large.
  const std::vector<double> sums = sumsByChannel(rows, channels, 2, [&](int64_t row, int64_t n, float* sums) {
    addMoments(X + row * channels, X, sums, sums + channels, channels, n);
  });
  Tensor mean = x.new_empty({channels}), variance = x.new_empty({channels}), inverse = x.new_empty({channels});
  std::vector<float> k(channels), offset(channels);
  const double count = static_cast<double>(rows);
  for (int64_t c = 0; c < channels; c++) {
    const double shifted = sums[c] / count, m = X[c] + shifted;
    const double squares = std::max(0.0, sums[channels + c] - sums[c] * shifted);
    const double deviation = 1 / std::sqrt(squares / count + epsilon);
    mean.data_ptr<float>()[c] = static_cast<float>(m);
    variance.data_ptr<float>()[c] = static_cast<float>(squares / std::max(1.0, count - 1));
    inverse.data_ptr<float>()[c] = static_cast<float>(deviation);
    k[c] = static_cast<float>(gamma.data_ptr<float>()[c] * deviation);
    offset[c] = static_cast<float>(beta.data_ptr<float>()[c] - m * gamma.data_ptr<float>()[c] * deviation);
  }
  Tensor y = x.new_empty(x.sizes());
  float* Y = y.data_ptr<float>();
  at::parallel_for(0, rows, grainOf(channels), [&](int64_t row, int64_t end) {
    scaleShift(X + row * channels, k.data(), offset.data(), Y + row * channels, channels, end - row);
  });
  return {y, mean, variance, mean, inverse, mean};
}

/** Inputs: dy, x, γ, and μ and 1/√(σ² + ε) of the forward pass. Outputs: dx, dγ, dβ. */
Tensors gradient(const Tensors& inputs, const Attributes&) {
  const Tensor dy = inputs.at(0).contiguous(), x = inputs.at(1).contiguous(), gamma = inputs.at(2).contiguous();
  const Tensor mean = inputs.at(3).contiguous(), inverse = inputs.at(4).contiguous();
  const int64_t channels = gamma.numel(), rows = x.numel() / channels;
  const float *DY = dy.data_ptr<float>(), *X = x.data_ptr<float>(), *MEAN = mean.data_ptr<float>();
  const std::vector<double> sums = sumsByChannel(rows, channels, 2, [&](int64_t row, int64_t n, float* sums) {
    addGradients(DY + row * channels, X + row * channels, MEAN, sums, sums + channels, channels, n);
  });
  Tensor dGamma = x.new_empty({channels}), dBeta = x.new_empty({channels});
  std::vector<float> k(channels), slope(channels), offset(channels);
  for (int64_t c = 0; c < channels; c++) {
    const double deviation = inverse.data_ptr<float>()[c], dG = sums[channels + c] * deviation;
    const double factor = gamma.data_ptr<float>()[c] * deviation;
    dBeta.data_ptr<float>()[c] = static_cast<float>(sums[c]);
    dGamma.data_ptr<float>()[c] = static_cast<float>(dG);
    // dx = k·(dy - (dβ + x̂·dγ)/n), written as k·dy + slope·x + offset
    k[c] = static_cast<float>(factor);
    slope[c] = static_cast<float>(-factor * deviation * dG / rows);
    offset[c] = static_cast<float>(-factor * sums[c] / rows + factor * deviation * dG / rows * MEAN[c]);
  }
  Tensor dx = x.new_empty(x.sizes());
  float* DX = dx.data_ptr<float>();
  at::parallel_for(0, rows, grainOf(channels), [&](int64_t row, int64_t end) {
    const int64_t at = row * channels;
    combine(DY + at, X + at, k.data(), slope.data(), offset.data(), DX + at, channels, end - row);
  });
  return {dx, dGamma, dBeta};
}

/** Inputs: the batch's μ and unbiased σ², and the running ones. Outputs: the new running ones, (1 - m)·running + m·batch. */
Tensors running(const Tensors& inputs, const Attributes& attributes) {
  const double momentum = attributes.number("momentum");
  const auto blend = [&](const Tensor& old, const Tensor& now) { return old.mul(1 - momentum).add_(now.mul(momentum)); };
  return {blend(inputs.at(2), inputs.at(0)), blend(inputs.at(3), inputs.at(1))};
}

const Register registered({
    {"BatchNormGradient", "dy x gamma saved1 saved2", gradient, LIST},
    {"BatchNormTraining", "x gamma beta", training, LIST},
    {"FusedBatchNorm", "x mean variance scale offset", inference},
    {"RunningStatistics", "mean variance runningMean runningVariance", running, LIST},
});

}  // namespace
}  // namespace n2uq
