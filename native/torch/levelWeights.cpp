// Weight quantizers with non-uniform levels (levels.h): w is normalized with the layer's mean μ and std σ, and
// Q = scale·sign(v)·level of |v|/α, v = (w - μ)/σ. The scale is α, or α·σ if the attribute `byStd` is set.
#include <ATen/ops/full.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "levels.h"
#include "loops.h"

namespace n2uq {
namespace {

/** Number of values of a block: it stays in the L1 cache. */
constexpr int64_t FEW = 1024;
/** Codes of weights are int8. */
constexpr int64_t MOST_WEIGHT = 127;

/** A layer's mean and std, and 1/std. If all weights are equal, the last two are 0. */
struct Normalization {
  float mean, std, inverse;

  bool alive() const { return inverse > 0; }
  /** Factor of the levels, besides α. */
  float scale(bool byStd) const { return byStd ? std : alive() ? 1.f : 0.f; }
};

struct Moments {
  double sum = 0, squares = 0;
};

FOR_EACH_PROCESSOR void addMoments(const float* __restrict w, float shift, Moments& to, int64_t length) {
  double sum = 0, squares = 0;
  for (int64_t i = 0; i < length; i++) {
    const double value = static_cast<double>(w[i]) - static_cast<double>(shift);
    sum += value;
    squares += value * value;
  }
  to.sum += sum;
  to.squares += squares;
}

/** In float64 and shifted by one of the values, so that a large mean does not cancel the digits of a small std. */
Normalization normalizationOf(const Tensor& w) {
  const int64_t count = w.numel();
  if (count == 0) return {0, 0, 0};
  const float* const W = w.data_ptr<float>();
  const float shift = W[0];
  const Moments all = sumInOrder(
      count, GRAIN, Moments(), [&](int64_t begin, int64_t end, Moments& to) { addMoments(W + begin, shift, to, end - begin); },
      [](Moments& to, const Moments& others) {
        to.sum += others.sum;
        to.squares += others.squares;
      });
  const double n = static_cast<double>(count), apart = all.sum / n;
  const float mean = static_cast<float>(shift + apart);
  const float std = static_cast<float>(std::sqrt(std::max(all.squares / n - apart * apart, 0.)));
  // NaN is not alive; its v is NaN.
  if (!(std > std::fabs(mean) * 1e-5f)) return {mean, std * 0.f, 0};
  return {mean, std, 1.f / std};
}

Normalization normalizationFrom(const Tensor& saved) {
  const float* const values = saved.data_ptr<float>();
  return {values[0], values[1], values[2]};
}

FOR_EACH_PROCESSOR void magnitudes(const float* __restrict w, float mean, float inverse, float* __restrict v,
                                   float* __restrict size, int64_t length) {
  for (int64_t i = 0; i < length; i++) {
    v[i] = (w[i] - mean) * inverse;
    size[i] = std::fabs(v[i]);
  }
}

/** Multiplies by the sign of v. A v of 0 has the sign 1. */
FOR_EACH_PROCESSOR void timesSign(const float* __restrict v, const float* __restrict x, float* __restrict y,
                                  int64_t length) {
  for (int64_t i = 0; i < length; i++) y[i] = v[i] >= 0.f ? x[i] : -x[i];
}

/** Σdv and Σdv·v of the values inside the range, and the sums of the quantizer. */
struct WeightSums {
  double passed = 0, along = 0;
  LevelSums ofLevels;
};

FOR_EACH_PROCESSOR void addPassed(const float* __restrict v, const float* __restrict passed, WeightSums& sums,
                                  int64_t length) {
  float sum = 0, along = 0;
  for (int64_t i = 0; i < length; i++) {
    const float signedOne = v[i] >= 0.f ? passed[i] : -passed[i];
    sum += signedOne;
    along += signedOne * v[i];
  }
  sums.passed += sum;
  sums.along += along;
}

/** dw = (dv - mean(dv) - v·mean(dv·v))/σ + v·throughScale, dv = scale·dq inside the range. */
struct WeightSlopes {
  float clip, last, scale, mean, along, throughScale;
};

FOR_EACH_PROCESSOR void writeGradient(const float* __restrict dq, const float* __restrict w, Normalization n,
                                      WeightSlopes s, float* __restrict dw, int64_t length) {
  for (int64_t i = 0; i < length; i++) {
    const float v = (w[i] - n.mean) * n.inverse;
    const float dv = std::fabs(v) / s.clip <= s.last ? dq[i] * s.scale : 0.f;
    dw[i] = n.inverse * (dv - s.mean - v * s.along) + v * s.throughScale;
  }
}

/** Inputs: w `[fan, channels]`, α `[1]` and possibly θ `[K]`. Outputs: Q, and μ, σ and 1/σ `[3]`. */
Tensors levelWeight(const Tensors& inputs, const Attributes& attributes) {
  const Tensor w = inputs.at(0).contiguous();
  const LevelQuantizer quantizer(inputs, 1, attributes);
  const Normalization n = normalizationOf(w);
  const float scale = quantizer.clip * n.scale(attributes.flag("byStd"));
  Tensor y = w.new_empty(w.sizes());
  const float* const W = w.data_ptr<float>();
  float* const Y = y.data_ptr<float>();
  inParts(w.numel(), GRAIN, [&](int64_t begin, int64_t end, int64_t) {
    std::vector<float> v(FEW), size(FEW);
    for (int64_t i = begin; i < end; i += FEW) {
      const int64_t few = std::min(FEW, end - i);
      magnitudes(W + i, n.mean, n.inverse, v.data(), size.data(), few);
      quantizer.quantize(size.data(), scale, size.data(), few);
      timesSign(v.data(), size.data(), Y + i, few);
    }
  });
  if (!quantizer.codes.empty() && quantizer.codes.back() <= MOST_WEIGHT) {
    const int32_t most = static_cast<int32_t>(quantizer.codes.back());
    attachWeights(y, at::full({1}, scale / static_cast<float>(most)), -most, most, false);
  }
  const Tensor saved = w.new_empty({3});
  const float values[] = {n.mean, n.std, n.inverse};
  std::copy_n(values, 3, saved.data_ptr<float>());
  return {y, saved};
}

/** Inputs: dQ, w, what the kernel above saved, and its parameters. Outputs: the gradients of w, α and possibly θ. */
Tensors levelWeightGradient(const Tensors& inputs, const Attributes& attributes) {
  const Tensor dq = inputs.at(0).contiguous(), w = inputs.at(1).contiguous();
  const Normalization n = normalizationFrom(inputs.at(2).contiguous());
  const LevelQuantizer quantizer(inputs, 3, attributes);
  const bool byStd = attributes.flag("byStd");
  const float *DQ = dq.data_ptr<float>(), *W = w.data_ptr<float>();
  const WeightSums sums = sumInOrder(
      w.numel(), GRAIN, WeightSums{0, 0, quantizer.noSums()},
      [&](int64_t begin, int64_t end, WeightSums& to) {
        std::vector<float> v(FEW), size(FEW), upstream(FEW), passed(FEW);
        for (int64_t i = begin; i < end; i += FEW) {
          const int64_t few = std::min(FEW, end - i);
          magnitudes(W + i, n.mean, n.inverse, v.data(), size.data(), few);
          timesSign(v.data(), DQ + i, upstream.data(), few);
          quantizer.gradient(upstream.data(), size.data(), passed.data(), nullptr, to.ofLevels, few);
          addPassed(v.data(), passed.data(), to, few);
        }
      },
      [&](WeightSums& to, const WeightSums& others) {
        to.passed += others.passed;
        to.along += others.along;
        quantizer.add(to.ofLevels, others.ofLevels);
      });
  const double count = static_cast<double>(w.numel()), scale = byStd ? n.std : 1.;
  const WeightSlopes slopes = {quantizer.clip,
                               quantizer.last,
                               static_cast<float>(scale),
                               static_cast<float>(scale * sums.passed / count),
                               static_cast<float>(scale * sums.along / count),
                               byStd && n.alive() ? static_cast<float>(quantizer.clip * sums.ofLevels.level / count) : 0.f};
  Tensor dw = w.new_empty(w.sizes());
  float* const DW = dw.data_ptr<float>();
  inParts(w.numel(), GRAIN, [&](int64_t begin, int64_t end, int64_t) {
    writeGradient(DQ + begin, W + begin, n, slopes, DW + begin, end - begin);
  });
  Tensors outputs = {dw};
  quantizer.append(outputs, sums.ofLevels, n.scale(byStd));
  return outputs;
}

const Register registered({
    {"LevelWeight", "w clip theta", levelWeight, LIST},
    {"LevelWeightGradient", "dq w saved clip theta", levelWeightGradient, LIST},
});

}  // namespace
}  // namespace n2uq
