// Include this header in files with plain loops whose sums the compiler may reorder to vectorize them: it
// selects their compiler flags.
#pragma once
#include <ATen/Parallel.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "processors.h"

namespace n2uq {

/** Number of rows summed in float32 before the sums are added in float64. */
constexpr int64_t ROWS = 64;

/** Several sums per channel, `[kinds, channels]`: `add(row, count, sums)` adds `count` rows to float32 `sums`. */
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
