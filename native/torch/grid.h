// Quantized tensors keep their integer codes, so that a convolution can use them: it is then exact and faster.
#pragma once
#include <cstdint>

#include "op.h"

namespace n2uq {

/** The codes of a tensor whose values are `(factor·code + shift)·unit + offset`. */
struct Grid {
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

/** Attaches a grid to the memory of a new tensor. Views of the tensor share it. */
void attach(Tensor& values, Grid grid);

/** The grid of a tensor that covers its memory in order; null if it has none. */
const Grid* gridOf(const Tensor& values);

/**
 * Writes the codes `(y - offset)/unit` of `length` values to `codes`. Returns false if a code is not from 0 to `most`,
 * for example because the value is NaN.
 */
bool writeCodes(const float* y, float unit, float offset, int32_t most, uint8_t* codes, int64_t length);

/** Whether a unit is far enough from 0 and infinity for `writeCodes`. */
bool isUsable(float unit);

/**
 * The grid of activations: `offset` plus multiples 0 to `most` of `unit`; undefined codes if a value is none. Reads all
 * values once.
 */
Grid gridOfActivations(const Tensor& values, float unit, float offset, int32_t most);

/**
 * The grid of weights `[fan, channels]`, whose values are integers from `low` to `high` times a unit `[1]` or
 * `[channels]`; `odd` if all integers are odd. Undefined codes if a value is none of these.
 */
Grid gridOfWeights(const Tensor& values, const Tensor& unit, int32_t low, int32_t high, bool odd);

/** Attaches a grid if its codes are defined. */
void attachIfWhole(Tensor& values, Grid grid);

}  // namespace n2uq
