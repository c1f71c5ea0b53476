// Loops over `[rows, channels]`.
#pragma once
#include "vectors.h"

/** The number of values that stay in the L1 cache while all their channels are processed. */
constexpr int BLOCK = 2048;

/** Calls `wide(first row, rows, channel)` for every four channels, and `narrow` for each remaining one, block by block. */
template <typename Wide, typename Narrow>
INLINE void overBlocks(int channels, int rows, Wide wide, Narrow narrow) {
  const int atOnce = channels < BLOCK ? BLOCK / channels : 1;
  for (int first = 0; first < rows; first += atOnce) {
    const int count = rows - first < atOnce ? rows - first : atOnce;
    int c = 0;
    for (; c + 4 <= channels; c += 4) wide(first, count, c);
    for (; c < channels; c++) narrow(first, count, c);
  }
}

/** A part of the rows that has separate sums, so that they do not depend on the number of threads. */
struct Segment {
  /** The index of its first value. */
  int at;
  int rows;

  Segment(int segment, int segmentRows, int allRows, int channels)
      : at(segment * segmentRows * channels),
        rows(allRows - segment * segmentRows < segmentRows ? allRows - segment * segmentRows : segmentRows) {}
};
