/* Sums over the lanes of sixteen registers at once, by a tree of shuffles: three instructions a sum instead of eight. */
#ifndef NEL_ENGINE_SUMS_H
#define NEL_ENGINE_SUMS_H

#include "engine/simd.h"

/* One level of the tree: halves of `WIDTH` lanes of a and of b are added, so that what was one sum a register becomes twice as
   many sums a register. LOW and HIGH name the halves. */
#define MERGE(a, b, LOW, HIGH) (__builtin_shufflevector(a, b, LOW) + __builtin_shufflevector(a, b, HIGH))
#define LOW8                   0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23
#define HIGH8                  8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31
#define LOW4                   0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27
#define HIGH4                  4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31
#define LOW2                   0, 1, 4, 5, 8, 9, 12, 13, 16, 17, 20, 21, 24, 25, 28, 29
#define HIGH2                  2, 3, 6, 7, 10, 11, 14, 15, 18, 19, 22, 23, 26, 27, 30, 31
#define LOW1                   0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30
#define HIGH1                  1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31

/* One level: `live` registers of v become half as many. */
#define SUM_LEVEL(live, width)                                                                                                     \
    _Pragma("GCC unroll 8") for (int i = 0; i < ((live) + 1) / 2; i++)                                                             \
    {                                                                                                                              \
        const lanes second = 2 * i + 1 < (live) ? v[2 * i + 1] : (lanes){0};                                                       \
        v[i] = MERGE(v[2 * i], second, LOW##width, HIGH##width);                                                                   \
    }

/* Lane i of `sums` becomes the sum of the lanes of v[i], 0 from `count` on, which is a constant; overwrites v. */
INLINE void sum_some(lanes v[16], int count, lanes *sums)
{
    SUM_LEVEL(count, 8)
    SUM_LEVEL((count + 1) / 2, 4)
    SUM_LEVEL((count + 3) / 4, 2)
    SUM_LEVEL((count + 7) / 8, 1)
    *sums = v[0];
}

INLINE void sum_sixteen(lanes v[16], lanes *sums)
{
    sum_some(v, LANES, sums);
}

/* The sum of the lanes of one register. */
INLINE float sum_one(const lanes *v)
{
    typedef float halves __attribute__((vector_size(2 * LANES), may_alias));
    typedef float quarters __attribute__((vector_size(LANES), may_alias));
    const halves half = ((const halves *)v)[0] + ((const halves *)v)[1];
    const quarters quarter = ((const quarters *)&half)[0] + ((const quarters *)&half)[1];
    return (quarter[0] + quarter[2]) + (quarter[1] + quarter[3]);
}

#endif
