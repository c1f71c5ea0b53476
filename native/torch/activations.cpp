// Activation functions and their gradients, in one pass each.
#include "loops.h"
#include "op.h"

namespace n2uq {
namespace {

/** x where x > 0, else alpha·x. */
Tensors prelu(const Tensors& inputs, const Attributes&) {
  const Tensor& x = inputs.at(0);
  return {x.where(x.gt(0), x.mul(inputs.at(1)))};
}

/**
 * One row of channels: writes dx and adds to dα. This is a function because g++ ignores __restrict of a
 * lambda's parameters.
 */
void preluRow(const float* __restrict dy, const float* __restrict x, const float* __restrict alpha,
              float* __restrict dx, float* __restrict dAlpha, int64_t channels) {
  for (int64_t c = 0; c < channels; c++) {
    const float below = x[c] > 0 ? 0.f : dy[c];
    dx[c] = x[c] > 0 ? dy[c] : alpha[c] * dy[c];
    dAlpha[c] += below * x[c];
  }
}

/** dx = dy where x > 0, else α·dy, and dα = Σ dy·min(x, 0) per channel. */
Tensors preluGradient(const Tensors& inputs, const Attributes&) {
  const Tensor dy = inputs.at(0).contiguous(), x = inputs.at(1).contiguous(), alpha = inputs.at(2).contiguous();
  const int64_t channels = x.size(-1), rows = x.numel() / channels;
  TORCH_CHECK(alpha.numel() == channels, "alpha has another number of channels");
  Tensor dx = x.new_empty(x.sizes());
  const float *DY = dy.data_ptr<float>(), *X = x.data_ptr<float>(), *A = alpha.data_ptr<float>();
  float* DX = dx.data_ptr<float>();
  const std::vector<double> sums = sumsByChannel(rows, channels, 1, [&](int64_t row, int64_t n, float* few) {
    for (int64_t r = row; r < row + n; r++) {
      preluRow(DY + r * channels, X + r * channels, A, DX + r * channels, few, channels);
    }
  });
  Tensor dAlpha = x.new_empty({channels});
  for (int64_t c = 0; c < channels; c++) dAlpha.data_ptr<float>()[c] = static_cast<float>(sums[c]);
  return {dx, dAlpha};
}

const Register registered({
    {"Prelu", "x alpha", prelu},
    {"PreluGradient", "dy x alpha", preluGradient, LIST},
});

}  // namespace
}  // namespace n2uq
