// Fused optimizer steps.
#include <algorithm>
#include <cmath>

#include "adam.h"
#include "loops.h"
#include "op.h"

namespace n2uq {
namespace {

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

/** Appends the new parameter, exp_avg and exp_avg_sq of one parameter to `outputs`. */
void adamStep(const Tensor& parameter, const Tensor& gradient, const Tensor& mean, const Tensor& square,
              const AdamSettings& settings, Tensors& outputs) {
  const Tensor newParameter = parameter.new_empty(parameter.sizes()), newMean = mean.new_empty(mean.sizes());
  const Tensor newSquare = square.new_empty(square.sizes());
  const float *P = parameter.data_ptr<float>(), *G = gradient.data_ptr<float>();
  const float *M = mean.data_ptr<float>(), *V = square.data_ptr<float>();
  float *NP = newParameter.data_ptr<float>(), *NM = newMean.data_ptr<float>(), *NV = newSquare.data_ptr<float>();
  at::parallel_for(0, parameter.numel(), GRAIN, [&](int64_t i, int64_t end) {
    adamBlock(P + i, G + i, M + i, V + i, NP + i, NM + i, NV + i, settings, end - i);
  });
  outputs.insert(outputs.end(), {newParameter, newMean, newSquare});
}

/** One step of Adam for any number of parameters, each with its gradient, exp_avg and exp_avg_sq. */
Tensors adamSteps(const Tensors& inputs, const Attributes& attributes) {
  const AdamSettings settings = adamSettings(attributes);
  Tensors outputs;
  for (size_t i = 0; i + 4 <= inputs.size(); i += 4) {
    adamStep(inputs[i].contiguous(), inputs[i + 1].contiguous(), inputs[i + 2].contiguous(), inputs[i + 3].contiguous(),
             settings, outputs);
  }
  return outputs;
}

// Per parameter: parameter, gradient, exp_avg and exp_avg_sq.
const Register registered({{"AdamSteps", ANY, adamSteps, LIST}});

}  // namespace

AdamSettings adamSettings(const Attributes& attributes) {
  const double beta1 = attributes.number("beta1"), beta2 = attributes.number("beta2"), step = attributes.number("step");
  // lr/(1 - β₁ᵗ)·m / (√v/√(1 - β₂ᵗ) + ε) with √(1 - β₂ᵗ) moved out of the denominator.
  const double correction = std::sqrt(1 - std::pow(beta2, step));
  return {static_cast<float>(beta1),
          static_cast<float>(beta2),
          static_cast<float>(1 - beta1),
          static_cast<float>(1 - beta2),
          static_cast<float>(attributes.number("epsilon") * correction),
          static_cast<float>(attributes.number("lr") * correction / (1 - std::pow(beta1, step))),
          static_cast<float>(attributes.number("weightDecay"))};
}

}  // namespace n2uq
