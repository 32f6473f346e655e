/* How the engine asks for vector code. Kernels (support/kernel.h) are plain C. None is written in intrinsics: either its loop is simple
   enough for the compiler, or it works on `lanes`, sixteen floats side by side, which the compiler splits where registers are narrower.

   Rows of samples start at 64-byte boundaries and are padded to whole `lanes`, so that no kernel has a loop for the rest. */
#ifndef NEL_ENGINE_SIMD_H
#define NEL_ENGINE_SIMD_H

#include <stddef.h>
#include <stdint.h>

#include "support/kernel.h"

/* Before a loop whose iterations do not touch each other's memory, though its arrays may be the same one. */
#if defined(__clang__)
#define INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define INDEPENDENT _Pragma("GCC ivdep")
#endif

#define LANES 16
typedef float lanes __attribute__((vector_size(4 * LANES), may_alias));
typedef int32_t lane_counts __attribute__((vector_size(4 * LANES), may_alias));

/* x in all lanes; (lanes){0} + x would be an addition, as -0 + 0 is another 0. */
#define SPLAT(x) ((lanes){x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x})

/* A loop over the lanes of variables, which becomes an instruction an operation. Not unrolled: the vectoriser wants loops. */
#define EACH_LANE _Pragma("GCC unroll 1") for (int i = 0; i < LANES; i++)

/* `n` rounded up to whole lanes. */
static inline size_t lanes_round(size_t n)
{
    return (n + LANES - 1) / LANES * LANES;
}

#endif
