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

/* Lane i of `sums` becomes the sum of the lanes of v[i]; overwrites v. */
INLINE void sum_sixteen(lanes v[16], lanes *sums)
{
#pragma GCC unroll 8
    for (int i = 0; i < 8; i++)
        v[i] = MERGE(v[2 * i], v[2 * i + 1], LOW8, HIGH8);
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++)
        v[i] = MERGE(v[2 * i], v[2 * i + 1], LOW4, HIGH4);
#pragma GCC unroll 2
    for (int i = 0; i < 2; i++)
        v[i] = MERGE(v[2 * i], v[2 * i + 1], LOW2, HIGH2);
    *sums = MERGE(v[0], v[1], LOW1, HIGH1);
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
