// Normalization of 8-bit pixels.
#include <ATen/Parallel.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/empty.h>

#include "op.h"

namespace n2uq {
namespace {

constexpr int64_t GRAIN_OF_PIXELS = 1 << 14;

/** The bytes of x `[.., channels]`, and the table `values [256, channels]`. TensorFlow.js stores bytes as bool. */
struct Pixels {
  Tensor bytes, values;
  int64_t channels;

  explicit Pixels(const Tensors& inputs)
      : bytes(inputs.at(0).contiguous().view(at::kByte)), values(inputs.at(1).contiguous()), channels(values.size(1)) {
    TORCH_CHECK(values.size(0) == 256 && bytes.size(-1) == channels, "a table of ", values.sizes(), " for pixels of ",
                bytes.sizes());
  }
};

Tensors normalize(const Tensors& inputs, const Attributes&) {
  const Pixels x(inputs);
  Tensor y = at::empty(x.bytes.sizes(), here(at::kFloat));
  const uint8_t* const bytes = x.bytes.data_ptr<uint8_t>();
  const float* const values = x.values.data_ptr<float>();
  float* const out = y.data_ptr<float>();
  const int64_t channels = x.channels;
  at::parallel_for(0, x.bytes.numel() / channels, GRAIN_OF_PIXELS / channels + 1, [&](int64_t begin, int64_t end) {
    for (int64_t at = begin * channels; at < end * channels; at += channels) {
      for (int64_t c = 0; c < channels; c++) out[at + c] = values[bytes[at + c] * channels + c];
    }
  });
  return {y};
}

/** The same by ATen's lookup of rows. */
Tensors normalizeOnGpu(const Tensors& inputs, const Attributes&) {
  const Pixels x(inputs);
  const Tensor places = x.bytes.to(at::kInt).mul_(x.channels).add_(at::arange(x.channels, here(at::kInt)));
  return {x.values.flatten().index_select(0, places.flatten()).view(x.bytes.sizes())};
}

const Register registered({{"NormalizePixels", "x values", normalize}});
const Register ofGpu({GpuKernel{"NormalizePixels", normalizeOnGpu}});

}  // namespace
}  // namespace n2uq
