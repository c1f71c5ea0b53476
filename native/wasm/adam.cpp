// Adam (Kingma & Ba 2015) in float64 for each value, with float32 parameters and moments.
#include "vectors.h"

/**
 * A step of the values `first` to `end`: `rate` is lr/(1 - β₁^step), `correction` 1/√(1 - β₂^step). `decay` is added to the
 * gradient as decay·parameter.
 */
EXPORT void adamStep(const float* __restrict parameter, const float* __restrict gradient,
                     const float* __restrict mean, const float* __restrict square, float* __restrict newParameter,
                     float* __restrict newMean, float* __restrict newSquare, double rate, double correction,
                     double beta1, double beta2, double epsilon, double decay, int first, int end) {
  for (int i = first; i < end; i++) {
    const double p = parameter[i], g = gradient[i] + decay * p;
    const double m = beta1 * mean[i] + (1 - beta1) * g, v = beta2 * square[i] + (1 - beta2) * g * g;
    newMean[i] = static_cast<float>(m);
    newSquare[i] = static_cast<float>(v);
    newParameter[i] = static_cast<float>(p - rate * m / (__builtin_sqrt(v) * correction + epsilon));
  }
}
