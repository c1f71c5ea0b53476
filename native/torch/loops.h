// For files of plain loops that the compiler vectorises, for the processor that it finds at run time.
#pragma once
#include <ATen/Parallel.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define FOR_EACH_PROCESSOR __attribute__((target_clones("avx512f", "avx2", "default"), noinline))
#else
#define FOR_EACH_PROCESSOR __attribute__((noinline))
#endif

namespace n2uq {

/** Fewer values than this are not worth a second thread. */
constexpr int64_t GRAIN = 32768;
/** Rows that are summed in float32 before their sums are added up in float64. */
constexpr int64_t ROWS = 64;

/** The same in rows of so many channels. */
inline int64_t grainOf(int64_t channels) {
  return std::max<int64_t>(1, GRAIN / std::max<int64_t>(1, channels));
}

/** Several sums by channel, `[kinds, channels]`: `add(row, count, sums)` adds those of `count` rows to float32 `sums`. */
template <typename Add>
std::vector<double> sumsByChannel(int64_t rows, int64_t channels, int64_t kinds, const Add& add) {
  const int64_t threads = at::get_num_threads(), length = kinds * channels;
  std::vector<std::vector<double>> parts(threads, std::vector<double>(length));
  at::parallel_for(0, rows, grainOf(channels), [&](int64_t begin, int64_t end) {
    std::vector<double>& own = parts[at::get_thread_num()];
    std::vector<float> few(length);
    for (int64_t row = begin; row < end; row += ROWS) {
      std::fill(few.begin(), few.end(), 0.f);
      add(row, std::min(ROWS, end - row), few.data());
      for (int64_t i = 0; i < length; i++) own[i] += few[i];
    }
  });
  for (int64_t thread = 1; thread < threads; thread++) {
    for (int64_t i = 0; i < length; i++) parts[0][i] += parts[thread][i];
  }
  return parts[0];
}

}  // namespace n2uq
