#include "convolution.h"

#include "blocks.h"

namespace n2uq::winograd {
namespace {

/** Tasks of a gradient: enough for all threads. */
constexpr int64_t TASKS = 16;

int64_t partsOf(int64_t all, int64_t part) { return (all + part - 1) / part; }

}  // namespace

Division::Division(const Shape& s)
    : channels(std::min(GRADIENT_CHANNELS, s.channels)),
      outChannels(std::min(GRADIENT_OUT_CHANNELS, s.outChannels)),
      channelParts(partsOf(s.channels, channels)),
      outParts(partsOf(s.outChannels, outChannels)) {
  const int64_t wanted = std::max<int64_t>(1, TASKS / (channelParts * outParts));
  tilesOfGroup = std::max(4 * GRADIENT_TILES, partsOf(s.tiles(), wanted));
  groups = partsOf(s.tiles(), tilesOfGroup);
}

size_t filterFloats(const Shape& s) { return static_cast<size_t>(16 * s.channels * s.outChannels); }

size_t convolutionFloats(const Shape& s) {
  const int64_t tiles = tilesAtOnce(s);
  return static_cast<size_t>(16 * (distanceOf(tiles * s.channels) + distanceOf(tiles * s.outChannels)) + s.outChannels);
}

size_t gradientFloats() {
  return static_cast<size_t>(
      16 * (distanceOf(GRADIENT_TILES * GRADIENT_CHANNELS) + distanceOf(GRADIENT_TILES * GRADIENT_OUT_CHANNELS)));
}

const Kernels* kernelsFor(Vectors most) {
#if defined(__x86_64__) && defined(__GNUC__)
  if (most == Vectors::AVX512 && __builtin_cpu_supports("avx512f")) return &AVX512_KERNELS;
  if (most != Vectors::NONE && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return &AVX2_KERNELS;
#endif
  return nullptr;
}

const Kernels* bfloat16KernelsFor(Vectors most) {
#if defined(__x86_64__) && defined(__GNUC__)
  if (most == Vectors::AVX512 && __builtin_cpu_supports("avx512bf16")) return &BFLOAT16_KERNELS;
#endif
  return nullptr;
}

}  // namespace n2uq::winograd
