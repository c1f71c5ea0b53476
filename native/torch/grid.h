// Quantized tensors keep their integer codes, so that a convolution can use them: it is then exact and faster.
#pragma once
#include <atomic>
#include <cstdint>

#include "op.h"

namespace n2uq {

/** The codes of a tensor whose values are `(factor·code + shift)·unit + offset`. */
struct CodeGrid {
  /** One code per value: uint8, or int8 for weights. */
  Tensor codes;
  /** float32 `[1]`, or one per channel of the last axis. */
  Tensor unit;
  /** The largest absolute value of a code. */
  int32_t most;
  int32_t factor = 1, shift = 0;
  /** The value of code 0 of activations. */
  float offset = 0;
};

/** Whether grids are used: not on GPUs, and not where the kernels of GPUs are emulated. */
bool usesGrids();

/** The grid of a tensor that covers its memory in order; null if it has none. */
const CodeGrid* gridOf(const Tensor& values);

/** The levels 0 to `most` of activations: `offset` + code·`unit`. A `most` of 0: they have no codes. */
struct Levels {
  float unit, offset;
  int32_t most;
};

/** Collects the codes of activations while a kernel writes the values, block by block, in several threads. */
class CodesOf {
 public:
  CodesOf(const Tensor& y, Levels levels);
  /** Writes the codes of `length` values, which the kernel has just written. */
  void write(int64_t first, int64_t length);
  /** Attaches the codes, if every value has one. */
  void attachTo(Tensor& y);

 private:
  Levels levels_;
  bool kept_;
  std::atomic<bool> whole_{true};
  Tensor codes_;
  const float* values_;
};

/** Attaches their codes to finished activations, if every value has one. */
void attachCodes(Tensor& values, Levels levels);

/**
 * Attaches their codes to weights `[fan, channels]`, whose values are integers from `low` to `high` times a unit `[1]` or
 * `[channels]`; `odd` if all integers are odd. Attaches nothing if a value is none of these.
 */
void attachWeights(Tensor& values, const Tensor& unit, int32_t low, int32_t high, bool odd);

}  // namespace n2uq
