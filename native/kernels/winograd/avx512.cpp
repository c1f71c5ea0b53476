// AVX-512 with float32 factors.
#if defined(__x86_64__) && defined(__GNUC__)
#define VECTORS_TARGET __attribute__((target("avx512f")))
#include "vector512.h"

#include "float32.h"
#include "transforms.h"

namespace n2uq::winograd {
const Kernels AVX512_KERNELS = KERNELS;
}
#endif
