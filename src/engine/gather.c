/* See gather.h. */
#include "engine/gather.h"

#define EACH_SAMPLE _Pragma("GCC unroll 4") for (size_t i = 0; i < count; i++)

static inline size_t place_of(const uint32_t *rows, size_t i)
{
    return rows ? rows[i] : i;
}

/* `features` neighbours, a constant. */
static inline void gather_some(const float *x, size_t width, const uint32_t *rows, uint32_t count, float *to, size_t stride,
                               int features)
{
    EACH_SAMPLE
    {
        const float *row = x + place_of(rows, i) * width;
        for (int f = 0; f < features; f++)
            to[(size_t)f * stride + i] = row[f];
    }
    for (size_t i = count; i < stride; i++)
        for (int f = 0; f < features; f++)
            to[(size_t)f * stride + i] = to[(size_t)f * stride];
}

void gather_features(const float *x, size_t width, const uint32_t *rows, uint32_t count, float *to, uint32_t stride)
{
    size_t f = 0;
    for (; f + 2 <= width; f += 2)
        gather_some(x + f, width, rows, count, to + f * stride, stride, 2);
    if (f < width)
        gather_some(x + f, width, rows, count, to + f * stride, stride, 1);
}

void gather_counts(const int32_t *from, const uint32_t *rows, uint32_t count, int32_t *to, uint32_t stride, int32_t rest)
{
    EACH_SAMPLE to[i] = from[place_of(rows, i)];
    for (size_t i = count; i < stride; i++)
        to[i] = rest;
}
