/* Sixteen registers as a matrix, transposed. */
#ifndef NEL_ENGINE_TURN_H
#define NEL_ENGINE_TURN_H

#include "engine/simd.h"

/* One stage of Eklundh's transposition ("A fast computer method for matrix transposing", 1972): blocks of `distance` values change
   places between rows `distance` apart. */
#define TURN_STAGE(distance, LOW, HIGH)                                                                                            \
    _Pragma("GCC unroll 16") for (int i = 0; i < LANES; i++) if (!(i & distance))                                                  \
    {                                                                                                                              \
        const lanes a = row[i], b = row[i + distance];                                                                             \
        row[i] = __builtin_shufflevector(a, b, LOW);                                                                               \
        row[i + distance] = __builtin_shufflevector(a, b, HIGH);                                                                   \
    }

#define TURN_LOW8  0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23
#define TURN_HIGH8 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31
#define TURN_LOW4  0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27
#define TURN_HIGH4 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31
#define TURN_LOW2  0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29
#define TURN_HIGH2 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31
#define TURN_LOW1  0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30
#define TURN_HIGH1 1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31

INLINE void turn_sixteen(lanes row[LANES])
{
    TURN_STAGE(8, TURN_LOW8, TURN_HIGH8)
    TURN_STAGE(4, TURN_LOW4, TURN_HIGH4)
    TURN_STAGE(2, TURN_LOW2, TURN_HIGH2)
    TURN_STAGE(1, TURN_LOW1, TURN_HIGH1)
}

#endif
