// Steps over images `[batch, height, width, channels]` that have a border of zeros. The inputs of a row of the window,
// `[kernel width, channels]`, are adjacent in such an image: a run. Each value is computed by one call in one order, so the
// results do not depend on how the work is divided into calls.
#pragma once
#include "vectors.h"

/** Output pixels whose inputs stay in the cache while all panels are computed. */
constexpr int NEAR = 64;

INLINE int least(int a, int b) { return a < b ? a : b; }
INLINE int most(int a, int b) { return a > b ? a : b; }

/** Where a pixel of a list of images is. */
struct Steps {
  int image, row, pixel;
};
