// Integer codes of quantized values, as int16: eight at a time, multiplied and added in pairs to four int32 sums.
#pragma once
#include "vectors.h"

typedef short Codes __attribute__((vector_size(16)));
typedef short CodesInMemory __attribute__((vector_size(16), aligned(2)));
typedef int Integers __attribute__((vector_size(16)));
typedef int PairInMemory __attribute__((aligned(2), may_alias));

INLINE Codes codesAt(const short* from) { return *reinterpret_cast<const CodesInMemory*>(from); }

/** Two codes in each of the four pairs. */
INLINE Codes pairAt(const short* from) {
  const int pair = *reinterpret_cast<const PairInMemory*>(from);
  return (Codes)Integers{pair, pair, pair, pair};
}

INLINE Integers products(Codes a, Codes b) { return __builtin_wasm_dot_s_i32x4_i16x8(a, b); }

/** Writes round(x·inverse); returns the number of values that are no codes from `low` to `high`, such as NaN. */
INLINE int writeCodes(const float* x, float inverse, float low, float high, short* codes, int length) {
  Integers wrong{0, 0, 0, 0};
  int rest = 0, i = 0;
  for (; i + 4 <= length; i += 4) {
    const Four code = __builtin_elementwise_roundeven(load<Four>(x + i) * splat<Four>(inverse));
    const FourMasks fits = both(code >= splat<Four>(low), code <= splat<Four>(high));
    wrong += ~fits;
    const Integers whole = __builtin_convertvector(select(fits, code, splat<Four>(0)), Integers);
    for (int lane = 0; lane < 4; lane++) codes[i + lane] = static_cast<short>(whole[lane]);
  }
  for (; i < length; i++) {
    const float code = __builtin_roundevenf(x[i] * inverse);
    const bool fits = code >= low && code <= high;
    codes[i] = static_cast<short>(fits ? code : 0);
    rest += fits ? 0 : 1;
  }
  return rest - (wrong[0] + wrong[1] + wrong[2] + wrong[3]);
}
