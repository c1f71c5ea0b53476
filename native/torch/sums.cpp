// Sums per channel and over all values, and the mean of an image. They are float32 for every matmul
// precision, and their order does not depend on the number of threads. Therefore the compiler must not
// reorder the sums of this file, and it does not include loops.h.
#include <ATen/Parallel.h>

#include <numeric>

#include "op.h"
#include "processors.h"

namespace n2uq {
namespace {

/** Channels per thread, if several threads share the rows of an image. */
constexpr int64_t SLICE = 128;

/** Adds factor·x of `rows` rows, `stride` apart, to `sums [channels]`, row by row. */
FOR_EACH_PROCESSOR void addRows(const float* __restrict x, float factor, float* __restrict sums, int64_t channels,
                                int64_t stride, int64_t rows) {
  for (int64_t r = 0; r < rows; r++) {
    const float* __restrict in = x + r * stride;
#pragma omp simd
    for (int64_t c = 0; c < channels; c++) sums[c] += factor * in[c];
  }
}

/** Σ factor·x over the rows of x `[count, rows, channels]`: `[count, channels]`. */
Tensor overRows(const Tensor& x, int64_t count, int64_t rows, int64_t channels, float factor = 1) {
  Tensor sums = x.new_zeros({count, channels});
  const float* X = x.data_ptr<float>();
  float* S = sums.data_ptr<float>();
  const int64_t slices = (channels + SLICE - 1) / SLICE;
  at::parallel_for(0, count * slices, grainOf(rows * std::min(channels, SLICE)), [&](int64_t piece, int64_t end) {
    for (; piece < end; piece++) {
      const int64_t image = piece / slices, first = piece % slices * SLICE;
      const float* from = X + image * rows * channels + first;
      addRows(from, factor, S + image * channels + first, std::min(SLICE, channels - first), channels, rows);
    }
  });
  return sums;
}

/** x `[batch, .., channels]` → `[channels]`: first per image, then over the batch. */
Tensors sumToChannels(const Tensors& inputs, const Attributes&) {
  const Tensor x = inputs.at(0).contiguous();
  TORCH_CHECK(x.dim() > 1 && x.scalar_type() == at::kFloat, "x must have channels of floats");
  const int64_t batch = x.size(0), channels = x.size(-1);
  if (usesGpuKernels()) {
    std::vector<int64_t> axes(x.dim() - 1);
    std::iota(axes.begin(), axes.end(), 0);
    return {x.sum(axes)};
  }
  const int64_t pixels = x.numel() == 0 ? 0 : x.numel() / (batch * channels);
  const Tensor images = pixels == 1 ? x : overRows(x, batch, pixels, channels);
  return {overRows(images, 1, batch, channels).view({channels})};
}

/** The sum of all values, `[1]`: first per row, then over the rows. */
Tensors sumAll(const Tensors& inputs, const Attributes& attributes) {
  const Tensor x = inputs.at(0).contiguous();
  if (usesGpuKernels()) return {x.sum().view({1})};
  const int64_t rows = static_cast<int64_t>(attributes.number("rows")), columns = rows == 0 ? 0 : x.numel() / rows;
  const Tensor sums = x.new_zeros({rows});
  const float* X = x.data_ptr<float>();
  float* S = sums.data_ptr<float>();
  at::parallel_for(0, rows, grainOf(columns), [&](int64_t row, int64_t end) {
    for (; row < end; row++) {
      float sum = 0;
      for (int64_t c = 0; c < columns; c++) sum += X[row * columns + c];
      S[row] = sum;
    }
  });
  return {overRows(sums, 1, rows, 1).view({1})};
}

/** x `[batch, height, width, channels]` → `[batch, channels]`. */
Tensors averagePool(const Tensors& inputs, const Attributes&) {
  const Tensor x = inputs.at(0).contiguous();
  if (usesGpuKernels()) return {x.mean(at::IntArrayRef{1, 2})};
  const int64_t pixels = x.size(1) * x.size(2);
  return {overRows(x, x.size(0), pixels, x.size(3), static_cast<float>(1. / static_cast<double>(pixels)))};
}

/** dy `[batch, channels]` → `[batch, height, width, channels]`. */
Tensors averagePoolGradient(const Tensors& inputs, const Attributes& attributes) {
  const Tensor& dy = inputs.at(0);
  const int64_t height = static_cast<int64_t>(attributes.number("height"));
  const int64_t width = static_cast<int64_t>(attributes.number("width"));
  const Tensor share = dy.mul(1. / static_cast<double>(height * width));
  const int64_t batch = dy.size(0), channels = dy.size(1);
  return {share.view({batch, 1, 1, channels}).expand({batch, height, width, channels}).contiguous()};
}

const Register registered({
    {"GlobalAveragePool", "x", averagePool},
    {"GlobalAveragePoolGradient", "dy", averagePoolGradient},
    {"SumAll", "x", sumAll},
    {"SumToChannels", "x", sumToChannels},
});

}  // namespace
}  // namespace n2uq
