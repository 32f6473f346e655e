/* The plain loop: the arithmetic of each workload by hand-fused loops over vectors, for just those shapes, and nothing else. It is
   the rod that nel is measured with: what a programmer would reach who had one network to train and a day to write the loop.
   Built with -march=native -ffast-math: it runs on the machine that it was built on. */
#ifndef NEL_BENCH_PLAIN_H
#define NEL_BENCH_PLAIN_H

#include "../common.h"

enum { LANES = 16 };
typedef float lanes __attribute__((vector_size(4 * LANES), may_alias));
typedef int32_t ints __attribute__((vector_size(4 * LANES)));

#define INLINE static inline __attribute__((always_inline))

INLINE lanes splat(float x)
{
    return (lanes){0} + x;
}

INLINE lanes choose(ints where, lanes yes, lanes no)
{
    return (lanes)(((ints)yes & where) | ((ints)no & ~where));
}

/* Loops such as these two become one instruction. */
INLINE lanes lanes_max(lanes a, lanes b)
{
    for (int i = 0; i < LANES; i++)
        a[i] = a[i] > b[i] ? a[i] : b[i];
    return a;
}

INLINE lanes lanes_min(lanes a, lanes b)
{
    for (int i = 0; i < LANES; i++)
        a[i] = a[i] < b[i] ? a[i] : b[i];
    return a;
}

INLINE lanes lanes_load(const float *from)
{
    lanes v;
    memcpy(&v, from, sizeof v);
    return v;
}

INLINE void lanes_store(float *to, lanes v)
{
    memcpy(to, &v, sizeof v);
}

/* e^x = 2^n e^r: Cephes' polynomial for |r| <= ln 2 / 2, n rounded by way of whole numbers, which fast math leaves alone. */
INLINE lanes lanes_exp(lanes x)
{
    const lanes in = lanes_min(lanes_max(x, splat(-87)), splat(88));
    const ints n = __builtin_convertvector(in * 1.44269504F + 128.5F, ints) - 128;
    const lanes whole = __builtin_convertvector(n, lanes);
    const lanes r = in - whole * 0.693359375F + whole * 2.12194440e-4F;
    lanes p = splat(1.9875691500e-4F);
    p = p * r + 1.3981999507e-3F;
    p = p * r + 8.3334519073e-3F;
    p = p * r + 4.1665795894e-2F;
    p = p * r + 1.6666665459e-1F;
    p = p * r + 5.0000001201e-1F;
    p = p * (r * r) + r + 1.0F;
    return (lanes)((ints)p + (n << 23));
}

INLINE lanes lanes_sigmoid(lanes x)
{
    return 1.0F / (1.0F + lanes_exp(-x));
}

INLINE float lanes_sum(lanes v)
{
    float sum = 0;
    for (int i = 0; i < LANES; i++)
        sum += v[i];
    return sum;
}

#define PICK __builtin_shufflevector
/* Of two vectors in blocks of 8, 4, 2 or 1 lanes: the even blocks of both in turns, and the odd ones. */
#define EVEN8 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23
#define ODD8  8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31
#define EVEN4 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27
#define ODD4  4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31
#define EVEN2 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29
#define ODD2  2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31
#define EVEN1 0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30
#define ODD1  1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31

/* Lane i of the result is the sum of the lanes of from[i]: two vectors are merged into one until one is left. */
INLINE lanes sums_of_sixteen(const lanes *from)
{
    lanes v[LANES / 2];
    for (int i = 0; i < 8; i++)
        v[i] = PICK(from[i], from[i + 8], EVEN8) + PICK(from[i], from[i + 8], ODD8);
    for (int i = 0; i < 4; i++)
        v[i] = PICK(v[i], v[i + 4], EVEN4) + PICK(v[i], v[i + 4], ODD4);
    for (int i = 0; i < 2; i++)
        v[i] = PICK(v[i], v[i + 2], EVEN2) + PICK(v[i], v[i + 2], ODD2);
    return PICK(v[0], v[1], EVEN1) + PICK(v[0], v[1], ODD1);
}

/* Adam (Kingma and Ba 2015), beta 0.9 and 0.999, over n parameters; `step` counts from 1. */
INLINE void adam(float *restrict p, const float *restrict g, float *restrict m, float *restrict v, size_t n, long step, float rate)
{
    const float by_m = rate / (1 - powf(0.9F, (float)step)), by_v = 1 / (1 - powf(0.999F, (float)step));
    for (size_t i = 0; i < n; i++) {
        m[i] = 0.9F * m[i] + 0.1F * g[i];
        v[i] = 0.999F * v[i] + 0.001F * g[i] * g[i];
        p[i] -= by_m * m[i] / (sqrtf(v[i] * by_v) + 1e-8F);
    }
}

void plain_xor(const struct request *request);
void plain_spirals(const struct request *request, uint32_t batch);
void plain_grid(const struct request *request);
void plain_dense(const struct request *request, int layers, const int *sizes, int batch);
void plain_sparse(const struct request *request);

#endif
