// Kernels of ours in plain loops that the compiler vectorises, for the processor that it finds at run time.
#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>

#include <algorithm>
#include <cmath>

#include "op.h"

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define FOR_EACH_PROCESSOR __attribute__((target_clones("avx512f", "avx2", "default"), noinline))
#else
#define FOR_EACH_PROCESSOR __attribute__((noinline))
#endif

namespace n2uq {
namespace {

/** Values that stay in the nearest cache while one pass after the other goes over them. */
constexpr int64_t BLOCK = 2048;
/** Fewer than this are not worth a second thread. */
constexpr int64_t GRAIN = 32768;

/** counts[i] = #{e : scale·x[i] > edges[e]} */
FOR_EACH_PROCESSOR void countBlock(const float* __restrict x, float scale, const float* __restrict edges, int64_t n,
                                   float* __restrict counts, int64_t length) {
  for (int64_t i = 0; i < length; i++) counts[i] = scale * x[i] > edges[0] ? 1.f : 0.f;
  for (int64_t e = 1; e < n; e++) {
    const float edge = edges[e];
    for (int64_t i = 0; i < length; i++) counts[i] += scale * x[i] > edge ? 1.f : 0.f;
  }
}

/** dx = dy·slope of the interval, and each interval's Σdy and Σdy·x added to `sums [n - 1, 2]`. */
FOR_EACH_PROCESSOR void gradientBlock(const float* __restrict dy, const float* __restrict x, float scale,
                                      const float* __restrict edges, const float* __restrict slopes, int64_t intervals,
                                      float* __restrict dx, double* __restrict sums, int64_t length) {
  for (int64_t i = 0; i < length; i++) dx[i] = 0;
  for (int64_t e = 0; e < intervals; e++) {
    const float low = edges[e], high = edges[e + 1], slope = slopes[e];
    float sum = 0, product = 0;
    for (int64_t i = 0; i < length; i++) {
      const float scaled = scale * x[i];
      const float inside = scaled > low && !(scaled > high) ? dy[i] : 0.f;
      dx[i] += inside * slope;
      sum += inside;
      product += inside * x[i];
    }
    sums[2 * e] += sum;
    sums[2 * e + 1] += product;
  }
}

/** 1 - β is taken in double: of a β near 1 a float32 keeps too little. */
struct AdamSettings {
  float beta1, beta2, share1, share2, shift, rate, weightDecay;
};

FOR_EACH_PROCESSOR void adamBlock(const float* __restrict parameter, const float* __restrict gradient,
                                  const float* __restrict mean, const float* __restrict square,
                                  float* __restrict newParameter, float* __restrict newMean,
                                  float* __restrict newSquare, AdamSettings s, int64_t length) {
  for (int64_t i = 0; i < length; i++) {
    const float g = gradient[i] + s.weightDecay * parameter[i];
    const float m = s.beta1 * mean[i] + s.share1 * g;
    const float v = s.beta2 * square[i] + s.share2 * (g * g);
    newMean[i] = m;
    newSquare[i] = v;
    newParameter[i] = parameter[i] - s.rate * (m / (std::sqrt(v) + s.shift));
  }
}

/** #{i : scale·x > edges_i} as float32 of x's shape, of x, scale `[1]` and ascending edges `[n]`. */
Tensors staircaseCount(const Tensors& inputs, const Attributes&) {
  const Tensor x = inputs.at(0).contiguous(), edges = inputs.at(2).contiguous();
  const float scale = inputs.at(1).item<float>();
  Tensor counts = at::empty_like(x);
  const float *X = x.data_ptr<float>(), *EDGES = edges.data_ptr<float>();
  float* COUNTS = counts.data_ptr<float>();
  at::parallel_for(0, x.numel(), GRAIN, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i += BLOCK) {
      countBlock(X + i, scale, EDGES, edges.numel(), COUNTS + i, std::min(BLOCK, end - i));
    }
  });
  return {counts};
}

/** dx, and Σdy, Σdy·x by interval `[n - 1, 2]`, of dy, x, scale `[1]`, edges `[n]` and slopes `[n - 1]`. */
Tensors staircaseGradient(const Tensors& inputs, const Attributes&) {
  const Tensor dy = inputs.at(0).contiguous(), x = inputs.at(1).contiguous();
  const Tensor edges = inputs.at(3).contiguous(), slopes = inputs.at(4).contiguous();
  const float scale = inputs.at(2).item<float>();
  const int64_t intervals = slopes.numel(), threads = at::get_num_threads();
  Tensor dx = at::empty_like(x);
  const float *DY = dy.data_ptr<float>(), *X = x.data_ptr<float>();
  const float *EDGES = edges.data_ptr<float>(), *SLOPES = slopes.data_ptr<float>();
  float* DX = dx.data_ptr<float>();
  std::vector<double> partial(threads * intervals * 2, 0);
  at::parallel_for(0, x.numel(), GRAIN, [&](int64_t begin, int64_t end) {
    double* own = partial.data() + at::get_thread_num() * intervals * 2;
    for (int64_t i = begin; i < end; i += BLOCK) {
      gradientBlock(DY + i, X + i, scale, EDGES, SLOPES, intervals, DX + i, own, std::min(BLOCK, end - i));
    }
  });
  Tensor sums = at::empty({intervals, 2}, at::kFloat);
  for (int64_t i = 0; i < 2 * intervals; i++) {
    double total = 0;
    for (int64_t thread = 0; thread < threads; thread++) total += partial[thread * intervals * 2 + i];
    sums.data_ptr<float>()[i] = static_cast<float>(total);
  }
  return {dx, sums};
}

/** One step of Adam: new parameter, exp_avg and exp_avg_sq of parameter, gradient, exp_avg and exp_avg_sq. */
Tensors adamStep(const Tensors& inputs, const Attributes& attributes) {
  const Tensor parameter = inputs.at(0).contiguous(), gradient = inputs.at(1).contiguous();
  const Tensor mean = inputs.at(2).contiguous(), square = inputs.at(3).contiguous();
  const double beta1 = attributes.number("beta1"), beta2 = attributes.number("beta2"), step = attributes.number("step");
  // lr/(1 - β₁ᵗ)·m / (√v/√(1 - β₂ᵗ) + ε) with √(1 - β₂ᵗ) taken out of the denominator.
  const double correction = std::sqrt(1 - std::pow(beta2, step));
  const AdamSettings settings = {
      static_cast<float>(beta1), static_cast<float>(beta2), static_cast<float>(1 - beta1),
      static_cast<float>(1 - beta2),
      static_cast<float>(attributes.number("epsilon") * correction),
      static_cast<float>(attributes.number("lr") * correction / (1 - std::pow(beta1, step))),
      static_cast<float>(attributes.number("weightDecay"))};
  Tensor newParameter = at::empty_like(parameter), newMean = at::empty_like(mean), newSquare = at::empty_like(square);
  const float *P = parameter.data_ptr<float>(), *G = gradient.data_ptr<float>();
  const float *M = mean.data_ptr<float>(), *V = square.data_ptr<float>();
  float *NP = newParameter.data_ptr<float>(), *NM = newMean.data_ptr<float>(), *NV = newSquare.data_ptr<float>();
  at::parallel_for(0, parameter.numel(), GRAIN, [&](int64_t i, int64_t end) {
    adamBlock(P + i, G + i, M + i, V + i, NP + i, NM + i, NV + i, settings, end - i);
  });
  return {newParameter, newMean, newSquare};
}

}  // namespace

void addFused(Ops& ops) {
  ops.insert({
      {"AdamStep", adamStep}, {"StaircaseCount", staircaseCount}, {"StaircaseGradient", staircaseGradient}});
}

}  // namespace n2uq
