#include "engine/loops.h"

#include <stdint.h>
#include <string.h>

#include "engine/simd.h"
#include "engine/sums.h"

KERNEL void floats_add(float *to, const float *from, size_t n)
{
    for (size_t i = 0; i < n; i += LANES)
        *(lanes *)(to + i) += *(const lanes *)(from + i);
}

KERNEL void floats_multiply(float *to, const float *from, size_t n)
{
    for (size_t i = 0; i < n; i += LANES)
        *(lanes *)(to + i) *= *(const lanes *)(from + i);
}

void floats_put(float *to, const float *from, size_t n, bool add)
{
    if (add)
        floats_add(to, from, n);
    else
        memcpy(to, from, n * sizeof *to);
}

KERNEL void floats_put_product(float *to, const float *a, const float *b, size_t n, bool add)
{
    if (add)
        for (size_t i = 0; i < n; i += LANES)
            *(lanes *)(to + i) += *(const lanes *)(a + i) * *(const lanes *)(b + i);
    else
        for (size_t i = 0; i < n; i += LANES)
            *(lanes *)(to + i) = *(const lanes *)(a + i) * *(const lanes *)(b + i);
}

KERNEL float floats_sum(const float *from, size_t n)
{
    lanes sum = {0};
    for (size_t i = 0; i < n; i += LANES)
        sum += *(const lanes *)(from + i);
    return sum_one(&sum);
}

void floats_sum_rows(float *to, const float *rows, size_t count, size_t length, bool add)
{
    for (size_t r = 0; r < count; r++) {
        const float sum = floats_sum(rows + r * length, length);
        to[r] = add ? to[r] + sum : sum;
    }
}

KERNEL float floats_dot(const float *a, const float *b, size_t n)
{
    lanes sum = {0};
    for (size_t i = 0; i < n; i += LANES)
        sum += *(const lanes *)(a + i) * *(const lanes *)(b + i);
    return sum_one(&sum);
}

KERNEL void floats_scale(float *to, float factor, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] *= factor;
}

/* In as many partial sums as a wide register holds, so that the order of additions is the same on every machine. */
KERNEL double floats_squares(const float *from, size_t n)
{
    enum { PARTS = 8 };
    double part[PARTS] = {0};
    size_t i = 0;
    for (; i + PARTS <= n; i += PARTS)
        for (size_t k = 0; k < PARTS; k++)
            part[k] += (double)from[i + k] * (double)from[i + k];
    for (size_t k = 0; i + k < n; k++)
        part[k] += (double)from[i + k] * (double)from[i + k];
    for (size_t half = PARTS / 2; half > 0; half /= 2)
        for (size_t k = 0; k < half; k++)
            part[k] += part[k + half];
    return part[0];
}

KERNEL void floats_centre(float *row, size_t n)
{
    double mean = 0;
    for (size_t i = 0; i < n; i++)
        mean += (double)row[i] / (double)n;
    for (size_t i = 0; i < n; i++)
        row[i] -= (float)mean;
}

/* A float is not finite where all bits of its exponent are set. */
KERNEL bool floats_finite(const float *from, size_t n)
{
    uint32_t bad = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, from + i, sizeof bits);
        bad |= (bits & 0x7F800000U) == 0x7F800000U ? 1U : 0U;
    }
    return !bad;
}
