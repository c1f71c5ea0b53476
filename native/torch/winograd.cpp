#include "winograd.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "../kernels/winograd/convolution.h"
#include "grid.h"
#include "processors.h"

namespace n2uq {
namespace {

using winograd::Division;
using winograd::Kernels;
using winograd::LANES;
using winograd::Scale;
using winograd::Shape;

/** Products for a second thread. */
constexpr int64_t PRODUCTS = 1 << 17;

/**
 * The kernels for this processor and the current precision, within the limit that ATEN_CPU_CAPABILITY sets for ATen's own
 * kernels. A processor without products of bfloat16 computes in float32: that is nearer to the true value, and faster.
 */
const Kernels* currentKernels() {
  static const winograd::Vectors most = allowsVectors("avx512") ? winograd::Vectors::AVX512
                                        : allowsVectors("avx2") ? winograd::Vectors::AVX2
                                                                : winograd::Vectors::NONE;
  const Kernels* const lower = computesInBfloat16() ? winograd::bfloat16KernelsFor(most) : nullptr;
  return lower != nullptr ? lower : winograd::kernelsFor(most);
}

Tensor floats(size_t count) { return at::empty({static_cast<int64_t>(count)}, at::kFloat); }

/** Multiples of LANES channels for one thread. */
void forChannels(int64_t channels, int64_t others, const std::function<void(int64_t, int64_t)>& compute) {
  const int64_t grain = std::max<int64_t>(1, GRAIN / (LANES * 16 * others));
  at::parallel_for(0, channels / LANES, grain, [&](int64_t first, int64_t end) { compute(LANES * first, LANES * end); });
}

/**
 * The units of quantized values, one per channel, and their inverses. Values divided by their unit are integers, which
 * bfloat16 represents exactly, so only the other operand of a product is rounded. Empty if this is not so, or in float32.
 */
struct Units {
  std::vector<float> units, inverses;

  Units(const Tensor& quantized, int64_t channels) {
    const CodeGrid* const grid = computesInBfloat16() ? gridOf(quantized) : nullptr;
    if (grid == nullptr || grid->offset != 0) return;
    const float* const own = grid->unit.data_ptr<float>();
    for (int64_t c = 0; c < channels; c++) {
      const float unit = own[grid->unit.numel() == 1 ? 0 : c];
      // The values of a channel with the unit 0 are 0.
      units.push_back(unit == 0 ? 1 : unit);
      inverses.push_back(1 / units.back());
    }
  }
  /** For the other operand. */
  Scale scale() const { return {units.empty() ? nullptr : units.data(), false}; }
  /** For the quantized values. */
  Scale toIntegers() const { return {inverses.empty() ? nullptr : inverses.data(), !inverses.empty()}; }
};

/** A convolution; `transform` writes the transformed filter of some input channels. */
template <typename Transform>
Tensor convolve(const Shape& s, const Kernels& kernels, const float* x, const Scale& scale, const Transform& transform) {
  const Tensor transformed = floats(winograd::filterFloats(s));
  float* const U = transformed.data_ptr<float>();
  forChannels(s.channels, s.outChannels, [&](int64_t first, int64_t end) { transform(U, first, end); });
  const Tensor y = at::empty({s.batch, s.outHeight, s.outWidth, s.outChannels}, at::kFloat);
  float* const Y = y.data_ptr<float>();
  const int64_t grain = std::max<int64_t>(1, PRODUCTS / (s.channels * s.outChannels));
  at::parallel_for(0, s.tiles(), grain, [&](int64_t first, int64_t end) {
    const Tensor memory = floats(winograd::convolutionFloats(s));
    kernels.convolve(s, x, scale, U, Y, memory.data_ptr<float>(), first, end);
  });
  return y;
}

bool fits(int64_t channels) { return channels > 0 && channels % LANES == 0 && channels <= winograd::MOST_CHANNELS; }

Shape shapeOf(const Sizes& images, const Sizes& filter, const Sizes& padding) {
  const int64_t height = padding[0] + images[1] + padding[1], width = padding[2] + images[2] + padding[3];
  return {images[0], images[1], images[2], images[3], height - 2, width - 2, filter[3], padding[0], padding[2]};
}

}  // namespace

Winograd::Winograd(at::IntArrayRef images, at::IntArrayRef filter, const Plan& plan, const Attributes& attributes)
    : images_(images.vec()), filter_(filter.vec()), padding_(plan.padding) {
  const bool windows = filter_[0] == 3 && filter_[1] == 3 && plan.strides == ONE && attributes.ints("dilations") == ONE;
  // The gradient of the images has 2 lines of padding less the convolution's.
  const bool inside = std::all_of(padding_.begin(), padding_.end(), [](int64_t lines) { return lines <= 2; });
  usable_ = device().is_cpu() && !usesGpuKernels() && windows && inside && fits(filter_[2]) && fits(filter_[3]) &&
            images_[0] > 0 && !attributes.flag("channelsFirst") && currentKernels() != nullptr;
}

Tensor Winograd::convolution(const Tensor& x, const Tensor& filter) const {
  const Kernels& kernels = *currentKernels();
  const Tensor images = x.contiguous(), weights = filter.contiguous();
  const Shape s = shapeOf(images_, filter_, padding_);
  return convolve(s, kernels, images.data_ptr<float>(), {}, [&](float* transformed, int64_t first, int64_t end) {
    kernels.transformFilter(s, weights.data_ptr<float>(), {}, transformed, first, end);
  });
}

Tensor Winograd::inputGradient(const Tensor& dy, const Tensor& filter) const {
  const Kernels& kernels = *currentKernels();
  const Shape s = shapeOf(images_, filter_, padding_).turned();
  const Tensor gradient = dy.contiguous(), weights = filter.contiguous();
  const Units units(filter, s.channels);
  return convolve(s, kernels, gradient.data_ptr<float>(), units.scale(), [&](float* transformed, int64_t first, int64_t end) {
    kernels.transformTurnedFilter(s, weights.data_ptr<float>(), units.toIntegers(), transformed, first, end);
  });
}

Tensor Winograd::filterGradient(const Tensor& x, const Tensor& dy) const {
  const Kernels& kernels = *currentKernels();
  const Shape s = shapeOf(images_, filter_, padding_);
  const Division division(s);
  const Tensor images = x.contiguous(), gradient = dy.contiguous();
  const Units units(x, s.channels);
  const Tensor sums = floats(division.floatsOfTask() * static_cast<size_t>(division.tasks()));
  const Tensor dw = at::empty(filter_, at::kFloat);
  float* const S = sums.data_ptr<float>();
  at::parallel_for(0, division.tasks(), 1, [&](int64_t first, int64_t end) {
    const Tensor memory = floats(winograd::gradientFloats());
    for (int64_t task = first; task < end; task++) {
      kernels.sumTiles(s, division, images.data_ptr<float>(), units.toIntegers(), gradient.data_ptr<float>(), S,
                       memory.data_ptr<float>(), task);
    }
  });
  const float scale = units.units.empty() ? 1 : units.units[0];
  forChannels(s.channels, s.outChannels, [&](int64_t first, int64_t end) {
    kernels.writeGradient(s, division, S, scale, dw.data_ptr<float>(), first, end);
  });
  return dw;
}

}  // namespace n2uq
