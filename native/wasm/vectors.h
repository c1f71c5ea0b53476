// Four float32 values at a time, or one, with the same functions for both.
#pragma once

#define INLINE inline __attribute__((always_inline))
#define UNROLL _Pragma("unroll")
#define EXPORT extern "C" __attribute__((visibility("default")))

typedef float Four __attribute__((vector_size(16)));
typedef int FourMasks __attribute__((vector_size(16)));
/** In memory, where tensors may begin at any multiple of four bytes. */
typedef float FourInMemory __attribute__((vector_size(16), aligned(4)));

template <typename V>
INLINE V splat(float value) {
  if constexpr (sizeof(V) == sizeof(float)) return value;
  else return V{value, value, value, value};
}

template <typename V>
INLINE V load(const float* from) {
  if constexpr (sizeof(V) == sizeof(float)) return *from;
  else return *reinterpret_cast<const FourInMemory*>(from);
}

INLINE void store(float* to, float value) { *to = value; }
INLINE void store(float* to, Four values) { *reinterpret_cast<FourInMemory*>(to) = values; }

INLINE float select(bool mask, float yes, float no) { return mask ? yes : no; }
INLINE Four select(FourMasks masks, Four yes, Four no) {
  return (Four)((masks & (FourMasks)yes) | (~masks & (FourMasks)no));
}

INLINE bool both(bool a, bool b) { return a && b; }
INLINE FourMasks both(FourMasks a, FourMasks b) { return a & b; }
INLINE bool opposite(bool mask) { return !mask; }
INLINE FourMasks opposite(FourMasks masks) { return ~masks; }

INLINE double total(float value) { return value; }
INLINE double total(Four values) {
  return ((double)values[0] + (double)values[1]) + ((double)values[2] + (double)values[3]);
}

/** Adds one value per channel to `sums`. */
INLINE void addEach(double* sums, float value) { *sums += value; }
INLINE void addEach(double* sums, Four values) {
  for (int i = 0; i < 4; i++) sums[i] += values[i];
}
