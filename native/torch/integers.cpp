#include "integers.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <optional>
#include <vector>

#include "../kernels/integer/convolution.h"
#include "grid.h"
#include "processors.h"

namespace n2uq {
namespace {

using integer::Geometry;

/** The codes of a part of the output should stay in the L2 cache while all output channels are computed. */
constexpr int64_t CACHED_BYTES = 1 << 17;
/** Products for a second thread. */
constexpr int64_t PRODUCTS = 1 << 19;

/** The kernel for this processor, within the limit that ATEN_CPU_CAPABILITY sets for ATen's own kernels. */
integer::Kernel chosenKernel() {
  static const integer::Kernel kernel = [] {
    const integer::Kernel fastest = integer::fastestKernel();
    if (allowsVectors("avx512")) return fastest;
    if (allowsVectors("avx2")) return std::min(fastest, integer::Kernel::AVX2);
    return integer::Kernel::PLAIN;
  }();
  return kernel;
}

Geometry geometryOf(const Tensor& x, const Tensor& filter, const Plan& plan) {
  Geometry g;
  g.batch = x.size(0), g.height = x.size(1), g.width = x.size(2), g.channels = x.size(3);
  g.kernelHeight = filter.size(0), g.kernelWidth = filter.size(1), g.outChannels = filter.size(3);
  g.strideY = plan.strides[0], g.strideX = plan.strides[1];
  g.top = plan.padding[0], g.bottom = plan.padding[1], g.left = plan.padding[2], g.right = plan.padding[3];
  g.outHeight = (g.borderedHeight() - g.kernelHeight) / g.strideY + 1;
  g.outWidth = (g.borderedWidth() - g.kernelWidth) / g.strideX + 1;
  return g;
}

/** The product of both units, per output channel. */
std::vector<float> scaleOf(const CodeGrid& x, const CodeGrid& filter, int64_t channels) {
  const float unit = *x.unit.data_ptr<float>();
  const float* const own = filter.unit.data_ptr<float>();
  std::vector<float> scale(channels);
  for (int64_t c = 0; c < channels; c++) scale[c] = unit * own[filter.unit.numel() == 1 ? 0 : c];
  return scale;
}

/**
 * What an offset of the activations adds to the output: offset·Σ weights of the taps inside the image.
 * Only pixels near the border lack taps, so there are few different sums.
 */
class Offsets {
 public:
  Offsets(const Geometry& g, const CodeGrid& x, const CodeGrid& filter) : g_(g), step_(*x.unit.data_ptr<float>()) {
    const int8_t* const codes = filter.codes.data_ptr<int8_t>();
    std::vector<int64_t> byTap(g.taps() * g.outChannels);
    for (int64_t tap = 0; tap < g.taps(); tap++) {
      for (int64_t in = 0; in < g.channels; in++) {
        for (int64_t c = 0; c < g.outChannels; c++) {
          const int64_t code = codes[(tap * g.channels + in) * g.outChannels + c];
          byTap[tap * g.outChannels + c] += filter.factor * code + filter.shift;
        }
      }
    }
    const float* const unit = filter.unit.data_ptr<float>();
    for (int64_t c = 0; c < g.outChannels; c++) unit_.push_back(unit[filter.unit.numel() == 1 ? 0 : c]);
    for (int64_t row = 0; row < g.outHeight; row++) {
      for (int64_t column = 0; column < g.outWidth; column++) {
        std::vector<double>& sums = sums_[keyOf(row, column)];
        if (!sums.empty()) continue;
        sums.resize(g.outChannels);
        for (int64_t tap = 0; tap < g.taps(); tap++) {
          if (!isInside(row, column, tap)) continue;
          for (int64_t c = 0; c < g.outChannels; c++) sums[c] += static_cast<double>(byTap[tap * g.outChannels + c]);
        }
        for (double& sum : sums) sum *= x.offset;
      }
    }
  }

  /** Turns the int32 sums of the pixels `first` to `end` of y into values. Each value is rounded once. */
  void apply(float* y, int64_t first, int64_t end) const {
    for (int64_t pixel = first; pixel < end; pixel++) {
      const int64_t place = pixel % (g_.outHeight * g_.outWidth);
      const std::vector<double>& added = sums_.at(keyOf(place / g_.outWidth, place % g_.outWidth));
      float* const values = y + pixel * g_.outChannels;
      for (int64_t c = 0; c < g_.outChannels; c++) {
        int32_t sum;
        std::memcpy(&sum, values + c, sizeof sum);
        values[c] = static_cast<float>((sum * step_ + added[c]) * unit_[c]);
      }
    }
  }

 private:
  bool isInside(int64_t row, int64_t column, int64_t tap) const {
    const int64_t y = row * g_.strideY - g_.top + tap / g_.kernelWidth;
    const int64_t x = column * g_.strideX - g_.left + tap % g_.kernelWidth;
    return y >= 0 && y < g_.height && x >= 0 && x < g_.width;
  }

  /** The first and the last tap inside the image, of both axes. */
  std::array<int64_t, 4> keyOf(int64_t row, int64_t column) const {
    const int64_t y = row * g_.strideY - g_.top, x = column * g_.strideX - g_.left;
    return {std::max<int64_t>(0, -y), std::min(g_.kernelHeight, g_.height - y), std::max<int64_t>(0, -x),
            std::min(g_.kernelWidth, g_.width - x)};
  }

  Geometry g_;
  double step_;
  std::vector<double> unit_;
  std::map<std::array<int64_t, 4>, std::vector<double>> sums_;
};

}  // namespace

Tensor integerConvolution(const Tensor& x, const Tensor& filter, const Plan& plan) {
  const CodeGrid* const codes = gridOf(x);
  const CodeGrid* const weights = gridOf(filter);
  if (codes == nullptr || weights == nullptr || codes->codes.scalar_type() != at::kByte ||
      weights->codes.scalar_type() != at::kChar)
    return {};
  const Geometry g = geometryOf(x, filter, plan);
  const int64_t largest = codes->most * (static_cast<int64_t>(weights->factor) * weights->most + weights->shift);
  if (g.taps() * g.channels > INT32_MAX / std::max<int64_t>(1, largest)) return {};
  const Tensor bordered = at::empty({static_cast<int64_t>(g.borderedBytes())}, at::kByte);
  const Tensor packed = at::empty({static_cast<int64_t>(g.packedBytes())}, at::kChar);
  Tensor y = at::empty({g.batch, g.outHeight, g.outWidth, g.outChannels}, at::kFloat);
  uint8_t* const B = bordered.data_ptr<uint8_t>();
  int8_t* const P = packed.data_ptr<int8_t>();
  float* const Y = y.data_ptr<float>();
  const int8_t* const W = weights->codes.data_ptr<int8_t>();
  const int64_t grain = std::max<int64_t>(1, GRAIN / (g.taps() * g.groups() * 64));
  at::parallel_for(0, g.panels(), grain,
                   [&](int64_t first, int64_t end) { integer::packWeights(g, W, P, first, end); });
  at::parallel_for(0, g.batch, 1, [&](int64_t first, int64_t end) {
    integer::writeBordered(g, codes->codes.data_ptr<uint8_t>(), B, first, end);
  });
  const std::vector<float> scale = scaleOf(*codes, *weights, g.outChannels);
  std::optional<Offsets> offsets;
  if (codes->offset != 0) offsets.emplace(g, *codes, *weights);
  const integer::Output output{offsets ? nullptr : scale.data(), weights->factor, weights->shift};
  const integer::Codes most{codes->most, weights->most};
  const integer::Kernel kernel = chosenKernel();
  const int64_t products = std::max<int64_t>(1, g.taps() * g.channels * g.outChannels);
  const int64_t part = std::max<int64_t>(64, CACHED_BYTES / (g.strideY * g.strideX * g.groups() * 4));
  at::parallel_for(0, g.outPixels(), std::max<int64_t>(1, PRODUCTS / products), [&](int64_t first, int64_t end) {
    for (int64_t pixel = first; pixel < end; pixel += part) {
      const int64_t last = std::min(end, pixel + part);
      integer::convolve(kernel, g, most, B, P, output, Y, pixel, last);
      if (offsets) offsets->apply(Y, pixel, last);
    }
  });
  return y;
}

}  // namespace n2uq
