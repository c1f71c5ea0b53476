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

/**
 * Calls `body(begin, end, part)` for parts of `most` of `count` values, the last one shorter. The parts do not depend on the
 * number of threads; nor does a result's last bit, which depends on a value's place in the vectors of a loop.
 */
template <typename Body>
void inParts(int64_t count, int64_t most, const Body& body) {
  at::parallel_for(0, (count + most - 1) / most, 1, [&](int64_t part, int64_t end) {
    for (; part < end; part++) body(part * most, std::min(count, (part + 1) * most), part);
  });
}

/** The sum of what `add(begin, end, sum)` computes for each of these parts. `join` adds one sum to another, in order. */
template <typename Sum, typename Add, typename Join>
Sum sumInOrder(int64_t count, int64_t most, const Sum& none, const Add& add, const Join& join) {
  std::vector<Sum> sums(std::max<int64_t>(1, (count + most - 1) / most), none);
  inParts(count, most, [&](int64_t begin, int64_t end, int64_t part) { add(begin, end, sums[part]); });
  for (size_t part = 1; part < sums.size(); part++) join(sums[0], sums[part]);
  return sums[0];
}

/** Several sums per channel, `[kinds, channels]`: `add(row, count, sums)` adds `count` rows to float32 `sums`. */
template <typename Add>
std::vector<double> sumsByChannel(int64_t rows, int64_t channels, int64_t kinds, const Add& add) {
  const int64_t most = (grainOf(channels) + ROWS - 1) / ROWS * ROWS;
  return sumInOrder(
      rows, most, std::vector<double>(kinds * channels),
      [&](int64_t begin, int64_t end, std::vector<double>& own) {
        std::vector<float> few(own.size());
        for (int64_t row = begin; row < end; row += ROWS) {
          std::fill(few.begin(), few.end(), 0.f);
          add(row, std::min(ROWS, end - row), few.data());
          for (size_t i = 0; i < own.size(); i++) own[i] += few[i];
        }
      },
      [](std::vector<double>& own, const std::vector<double>& others) {
        for (size_t i = 0; i < own.size(); i++) own[i] += others[i];
      });
}

}  // namespace n2uq
