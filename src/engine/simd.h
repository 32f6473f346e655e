/* How the engine asks for vector code. Kernels are plain C compiled several times, once for each width of vector register, and
   the loader picks the widest that the processor has. No kernel is written in intrinsics: either its loop is simple enough for
   the compiler, or it works on `lanes`, sixteen floats side by side, which the compiler splits where registers are narrower.

   Rows of samples start at 64-byte boundaries and are padded to whole `lanes`, so that no kernel has a loop for the rest. */
#ifndef NEL_ENGINE_SIMD_H
#define NEL_ENGINE_SIMD_H

#include <stddef.h>

/* The thread sanitizer cannot run the function that picks a version. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_THREAD__)
#define KERNEL __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define KERNEL
#endif

/* Before a loop whose iterations do not touch each other's memory, though its arrays may be the same one. */
#if defined(__clang__)
#define INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define INDEPENDENT _Pragma("GCC ivdep")
#endif

#define INLINE static inline __attribute__((always_inline))

#define LANES 16
typedef float lanes __attribute__((vector_size(4 * LANES), may_alias));

/* `n` rounded up to whole lanes. */
static inline size_t lanes_round(size_t n)
{
    return (n + LANES - 1) / LANES * LANES;
}

#endif
