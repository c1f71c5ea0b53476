// AVX-512 with float32 factors.
#if defined(__x86_64__) && defined(__GNUC__)
#define VECTORS_TARGET __attribute__((target("avx512f")))
#include "vector512.h"

namespace {

struct Word {
  static constexpr int COUNT = 1;

  VECTORS_INLINE static void writeRow(Vector values, float* to) { values.write(to); }
  VECTORS_INLINE static void writeColumn(Vector values, int64_t, float* to) { values.write(to); }
  VECTORS_INLINE static Vector plusProduct(Vector sum, Vector a, Vector b) {
    return {_mm512_fmadd_ps(a.values, b.values, sum.values)};
  }
};

}  // namespace

#include "transforms.h"

namespace n2uq::winograd {
const Kernels AVX512_KERNELS = KERNELS;
}
#endif
