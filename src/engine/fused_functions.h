/* The elements that have hand-written loops, as inline functions: value and slope from shared parts. */
#ifndef NEL_ENGINE_FUSED_FUNCTIONS_H
#define NEL_ENGINE_FUSED_FUNCTIONS_H

#include "engine/simd.h"
#include "engine/vecmath.h"

/* Each: f(x) to *f and f'(x) to *d; a is the element's first parameter. NaN goes through. */

INLINE void relu(float x, float a, float *f, float *d)
{
    (void)a;
    *f = x < 0.0F ? 0.0F : x;
    *d = x > 0.0F ? 1.0F : 0.0F;
}

INLINE void leaky_relu(float x, float a, float *f, float *d)
{
    *f = x > 0.0F ? x : a * x;
    *d = x > 0.0F ? 1.0F : a;
}

/* exp x - 1 for x <= 0, exact near 0 too, where the subtraction would cancel: a polynomial there (Taylor, x^8 / 8! is below 1e-7
   relative at -1/2). */
INLINE float below_one(float x, float e)
{
    float p = 1.0F / 5040.0F;
    p = p * x + 1.0F / 720.0F;
    p = p * x + 1.0F / 120.0F;
    p = p * x + 1.0F / 24.0F;
    p = p * x + 1.0F / 6.0F;
    p = p * x + 0.5F;
    p = p * x + 1.0F;
    return x > -0.5F ? p * x : e - 1.0F;
}

INLINE void elu(float x, float a, float *f, float *d)
{
    const float negative = x < 0.0F ? x : 0.0F, e = vec_exp_below(negative);
    *f = x > 0.0F ? x : x == x ? a * below_one(negative, e) : x;
    *d = x > 0.0F ? 1.0F : a * e;
}

INLINE void selu(float x, float a, float *f, float *d)
{
    (void)a;
    const float scale = 1.0507009873554805F, negative = x < 0.0F ? x : 0.0F, e = 1.6732632423543772F * vec_exp_below(negative);
    *f = scale * (x > 0.0F ? x : x == x ? 1.6732632423543772F * below_one(negative, e / 1.6732632423543772F) : x);
    *d = scale * (x > 0.0F ? 1.0F : e);
}

INLINE void gelu(float x, float a, float *f, float *d)
{
    (void)a;
    const float below = 0.5F * (1.0F + vec_erf(x * 0.707106781F));
    const float size = vec_abs(x), bounded = size > 20.0F ? 20.0F : size; /* the density is 0 there; x * 0 must not be inf * 0 */
    *f = x < -20.0F ? 0.0F : x * below;
    *d = below + (x < 0.0F ? -bounded : bounded) * 0.398942280F * vec_exp_below(-0.5F * bounded * bounded);
}

INLINE void swish(float x, float a, float *f, float *d)
{
    (void)a;
    const float s = vec_sigmoid(x), y = x < -104.0F ? 0.0F : x * s;
    *f = y;
    *d = x > 104.0F ? 1.0F : y + s * (1.0F - y);
}

/* tanh(log(1 + e^x)) = (e^2x + 2 e^x) / (e^2x + 2 e^x + 2). */
INLINE void mish(float x, float a, float *f, float *d)
{
    (void)a;
    const float e = vec_exp_below(x > 20.0F ? 20.0F : x), n = e * (e + 2.0F), t = n / (n + 2.0F);
    *f = x < -104.0F ? 0.0F : x * t;
    const float bounded = x > 104.0F ? 104.0F : x < -104.0F ? -104.0F : x;
    *d = t + bounded * (1.0F - t * t) * vec_sigmoid(x);
}

INLINE void sigmoid(float x, float a, float *f, float *d)
{
    (void)a;
    *f = vec_sigmoid_slope(x, d);
}

INLINE void softplus(float x, float a, float *f, float *d)
{
    (void)a;
    const float e = vec_exp_below(-vec_abs(x)), share = 1.0F / (1.0F + e);
    *f = (x > 0.0F ? x : 0.0F) + vec_log1p(e);
    *d = x < 0.0F ? e * share : share;
}

/* 1 - tanh^2 x = 4 e / (1 + e)^2 with e = exp(-2 |x|). */
INLINE void tanh_(float x, float a, float *f, float *d)
{
    (void)a;
    const float e = vec_exp_below(-2.0F * vec_abs(x)), share = 1.0F / (1.0F + e);
    *f = vec_tanh_by(x, (1.0F - e) * share);
    *d = 4.0F * e * share * share;
}

INLINE void softsign(float x, float a, float *f, float *d)
{
    (void)a;
    const float share = 1.0F / (1.0F + vec_abs(x));
    *f = vec_abs(x) > 1e30F ? vec_copysign(1.0F, x) : x * share;
    *d = share * share;
}

INLINE void sine(float x, float a, float *f, float *d)
{
    (void)a;
    vec_sincos(x, f, d);
}

INLINE void gaussian(float x, float a, float *f, float *d)
{
    (void)a;
    const float size = vec_abs(x),
                bounded = size > 20.0F ? 20.0F
                          : x == x     ? vec_copysign(size, x)
                                       : x,
                e = vec_exp_below(-bounded * bounded);
    *f = e;
    *d = -2.0F * bounded * e;
}

INLINE void step(float x, float a, float *f, float *d)
{
    (void)a;
    *f = x > 0.0F ? 1.0F : x == x ? 0.0F : x;
    *d = 0.0F;
}

/* X(name) for each of them. */
#define FUSED_FUNCTIONS(X)                                                                                                         \
    X(relu)                                                                                                                        \
    X(leaky_relu)                                                                                                                  \
    X(elu)                                                                                                                         \
    X(selu)                                                                                                                        \
    X(gelu)                                                                                                                        \
    X(swish)                                                                                                                       \
    X(mish)                                                                                                                        \
    X(softplus)                                                                                                                    \
    X(sigmoid)                                                                                                                     \
    X(tanh_)                                                                                                                       \
    X(softsign)                                                                                                                    \
    X(sine)                                                                                                                        \
    X(gaussian)                                                                                                                    \
    X(step)

#define FUSED_NAME(name) FUSED_##name,
enum fused_function { FUSED_FUNCTIONS(FUSED_NAME) };

#endif
