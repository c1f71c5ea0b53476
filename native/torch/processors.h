// Include this header for plain loops that the compiler vectorizes for several kinds of processors; the best
// version is chosen at run time.
#pragma once
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define FOR_EACH_PROCESSOR __attribute__((target_clones("avx512f", "avx2", "default"), noinline))
#else
#define FOR_EACH_PROCESSOR __attribute__((noinline))
#endif

namespace n2uq {

/** Minimum number of values for a second thread. */
constexpr int64_t GRAIN = 32768;

/** The same number in rows of `channels` values. */
inline int64_t grainOf(int64_t channels) {
  return std::max<int64_t>(1, GRAIN / std::max<int64_t>(1, channels));
}

/** Whether ATEN_CPU_CAPABILITY, which limits ATen's own kernels, allows vectors of a kind: `avx512` or `avx2`. */
inline bool allowsVectors(const std::string& kind) {
  const char* const most = std::getenv("ATEN_CPU_CAPABILITY");
  return most == nullptr || most == kind || (kind == "avx2" && most == std::string("avx512"));
}

}  // namespace n2uq
