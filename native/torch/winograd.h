// Convolutions of 3×3 windows by Winograd's algorithm, on CPUs.
#pragma once
#include "plan.h"

namespace n2uq {

/** How to convolve by Winograd's algorithm; unusable where a convolution needs ATen. */
class Winograd {
 public:
  /**
   * @param images the sizes of the images `[batch, height, width, channels]`
   * @param filter the sizes of the filter `[height, width, channels, outChannels]`
   */
  Winograd(at::IntArrayRef images, at::IntArrayRef filter, const Plan& plan, const Attributes& attributes);

  bool usable() const { return usable_; }
  /** `[batch, outHeight, outWidth, outChannels]`. */
  Tensor convolution(const Tensor& x, const Tensor& filter) const;
  Tensor inputGradient(const Tensor& dy, const Tensor& filter) const;
  Tensor filterGradient(const Tensor& x, const Tensor& dy) const;

 private:
  Sizes images_, filter_, padding_;
  bool usable_;
};

}  // namespace n2uq
