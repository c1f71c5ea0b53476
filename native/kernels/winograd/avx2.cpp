// AVX2 with float32 factors: 8 channels in a vector, 12 of 16 registers for sums.
#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>

#include <cstdint>

#define VECTORS_TARGET __attribute__((target("avx2,fma")))
#define VECTORS_INLINE VECTORS_TARGET inline __attribute__((always_inline))

namespace {

struct Vector {
  static constexpr int LENGTH = 8, SUMS = 12, PER_PANEL = 2;
  __m256 values;

  VECTORS_INLINE static Vector zero() { return {_mm256_setzero_ps()}; }
  VECTORS_INLINE static Vector read(const float* from) { return {_mm256_loadu_ps(from)}; }
  VECTORS_INLINE static Vector filledWith(float value) { return {_mm256_set1_ps(value)}; }
  VECTORS_INLINE void write(float* to) const { _mm256_storeu_ps(to, values); }
  /** This + a·b. */
  VECTORS_INLINE Vector plusProduct(Vector a, Vector b) const { return {_mm256_fmadd_ps(a.values, b.values, values)}; }
  VECTORS_INLINE Vector rounded() const { return {_mm256_round_ps(values, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)}; }
  VECTORS_INLINE friend Vector operator+(Vector a, Vector b) { return {_mm256_add_ps(a.values, b.values)}; }
  VECTORS_INLINE friend Vector operator-(Vector a, Vector b) { return {_mm256_sub_ps(a.values, b.values)}; }
  VECTORS_INLINE friend Vector operator*(Vector a, Vector b) { return {_mm256_mul_ps(a.values, b.values)}; }
};

}  // namespace

#include "float32.h"
#include "transforms.h"

namespace n2uq::winograd {
const Kernels AVX2_KERNELS = KERNELS;
}
#endif
