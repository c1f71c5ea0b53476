// Factors in float32: one in a word. A source file includes this after it has defined `Vector`.
#pragma once
#include <cstdint>

namespace {

struct Word {
  static constexpr int COUNT = 1;

  VECTORS_INLINE static void writeRow(Vector values, float* to) { values.write(to); }
  VECTORS_INLINE static void writeColumn(Vector values, int64_t, float* to) { values.write(to); }
  VECTORS_INLINE static Vector plusProduct(Vector sum, Vector a, Vector b) { return sum.plusProduct(a, b); }
};

}  // namespace
