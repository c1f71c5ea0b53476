// For files of plain loops that the compiler vectorises, for the processor that it finds at run time.
#pragma once

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define FOR_EACH_PROCESSOR __attribute__((target_clones("avx512f", "avx2", "default"), noinline))
#else
#define FOR_EACH_PROCESSOR __attribute__((noinline))
#endif
