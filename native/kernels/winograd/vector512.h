// AVX-512: 16 channels in a vector, 24 of 32 registers for sums. A source file includes this after it has defined VECTORS_TARGET.
#include <immintrin.h>

#include <cstdint>

#define VECTORS_INLINE VECTORS_TARGET inline __attribute__((always_inline))

namespace {

struct Vector {
  static constexpr int LENGTH = 16, SUMS = 24, PER_PANEL = 4;
  __m512 values;

  VECTORS_INLINE static Vector zero() { return {_mm512_setzero_ps()}; }
  VECTORS_INLINE static Vector read(const float* from) { return {_mm512_loadu_ps(from)}; }
  VECTORS_INLINE static Vector filledWith(float value) { return {_mm512_set1_ps(value)}; }
  VECTORS_INLINE void write(float* to) const { _mm512_storeu_ps(to, values); }
  /** This + a·b. */
  VECTORS_INLINE Vector plusProduct(Vector a, Vector b) const { return {_mm512_fmadd_ps(a.values, b.values, values)}; }
  VECTORS_INLINE Vector rounded() const { return {_mm512_roundscale_ps(values, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)}; }
  VECTORS_INLINE friend Vector operator+(Vector a, Vector b) { return {_mm512_add_ps(a.values, b.values)}; }
  VECTORS_INLINE friend Vector operator-(Vector a, Vector b) { return {_mm512_sub_ps(a.values, b.values)}; }
  VECTORS_INLINE friend Vector operator*(Vector a, Vector b) { return {_mm512_mul_ps(a.values, b.values)}; }
};

}  // namespace
