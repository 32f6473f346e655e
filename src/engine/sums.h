/* Sums over the lanes of sixteen registers at once, by a tree of shuffles: three instructions a sum instead of eight. The first two levels
   stay within four neighbouring lanes, where a shuffle takes a quarter of the time. */
#ifndef NEL_ENGINE_SUMS_H
#define NEL_ENGINE_SUMS_H

#include "engine/simd.h"

/* One level of the tree: what two registers hold, moved so that halves of each are added and two registers become one. LOW and HIGH name
   the lanes of a and b that are added. */
#define MERGE(a, b, LOW, HIGH) (__builtin_shufflevector(a, b, LOW) + __builtin_shufflevector(a, b, HIGH))
/* Every second of four lanes, neighbours; then every second of the four fours, neighbours. */
#define LOW1  0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29
#define HIGH1 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31
#define LOW2  0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29
#define HIGH2 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31
#define LOW3  0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23
#define HIGH3 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31
#define LOW4  0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27
#define HIGH4 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31

/* One level: `live` registers of v become half as many. */
#define SUM_LEVEL(live, level)                                                                                                     \
    _Pragma("GCC unroll 8") for (int i = 0; i < ((live) + 1) / 2; i++)                                                             \
    {                                                                                                                              \
        const lanes second = 2 * i + 1 < (live) ? v[2 * i + 1] : (lanes){0};                                                       \
        v[i] = MERGE(v[2 * i], second, LOW##level, HIGH##level);                                                                   \
    }

/* Lane i of `sums` becomes the sum of the lanes of v[i], 0 from `count` on, which is a constant; overwrites v. */
INLINE void sum_some(lanes v[16], int count, lanes *sums)
{
    SUM_LEVEL(count, 1)
    SUM_LEVEL((count + 1) / 2, 2)
    SUM_LEVEL((count + 3) / 4, 3)
    SUM_LEVEL((count + 7) / 8, 4)
    *sums = v[0];
}

INLINE void sum_sixteen(lanes v[16], lanes *sums)
{
    sum_some(v, LANES, sums);
}

/* The sum of the lanes of one register, added up in the same order. */
INLINE float sum_one(const lanes *v)
{
    typedef float halves __attribute__((vector_size(2 * LANES), may_alias));
    const lanes twos = *v + __builtin_shufflevector(*v, *v, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
    const lanes fours = twos + __builtin_shufflevector(twos, twos, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14);
    const halves eights = ((const halves *)&fours)[0] + ((const halves *)&fours)[1];
    return eights[0] + eights[4];
}

#endif
