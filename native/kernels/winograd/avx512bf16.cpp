// AVX-512 with pairs of bfloat16 factors: an instruction multiplies and adds two of them to a float32 sum.
#if defined(__x86_64__) && defined(__GNUC__)
#define VECTORS_TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16")))
#include "vector512.h"

namespace {

struct Word {
  static constexpr int COUNT = 2;

  VECTORS_INLINE static __m256i rounded(Vector values) { return (__m256i)_mm512_cvtneps_pbh(values.values); }
  /** Writes 8 pairs of neighbors. */
  VECTORS_INLINE static void writeRow(Vector values, float* to) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), rounded(values));
  }
  /** Writes the first factors of 16 pairs, with zeros as the second ones; with an odd index, the second factors. */
  VECTORS_INLINE static void writeColumn(Vector values, int64_t index, float* to) {
    __m512i words = _mm512_cvtepu16_epi32(rounded(values));
    if (index % 2 == 1) words = _mm512_or_si512(_mm512_slli_epi32(words, 16), _mm512_loadu_si512(to));
    _mm512_storeu_si512(to, words);
  }
  VECTORS_INLINE static Vector plusProduct(Vector sum, Vector a, Vector b) {
    return {_mm512_dpbf16_ps(sum.values, (__m512bh)a.values, (__m512bh)b.values)};
  }
};

}  // namespace

#include "transforms.h"

namespace n2uq::winograd {
const Kernels BFLOAT16_KERNELS = KERNELS;
}
#endif
