/* Elementary functions for vectorised loops: no branches, no tables, no calls, so that a loop over them turns into vector code of
   any width. Each is within about 1e-6 relative of the exact value (tests/unit/engine/test_vecmath.c measures it), keeps NaN, and
   has the right limits at the infinities. The C library's own would do for exactness, but not for speed, and its vector variants
   give other bits on other widths.

   Sources: argument reductions and most polynomials are those of Cephes' single precision library (S. L. Moshier, netlib.org/cephes:
   expf, logf, sinf, tanhf); erf is N. Juffa's minimax fit in two intervals. */
#ifndef NEL_ENGINE_VECMATH_H
#define NEL_ENGINE_VECMATH_H

#include <stdint.h>

#include "engine/simd.h"

union float_bits {
    float value;
    uint32_t bits;
};

INLINE uint32_t bits_of_float(float x)
{
    return ((union float_bits){.value = x}).bits;
}

INLINE float float_of_bits(uint32_t bits)
{
    return ((union float_bits){.bits = bits}).value;
}

INLINE float vec_abs(float x)
{
    return float_of_bits(bits_of_float(x) & 0x7FFFFFFFU);
}

/* |x| with the sign of `sign`. */
INLINE float vec_copysign(float x, float sign)
{
    return float_of_bits((bits_of_float(x) & 0x7FFFFFFFU) | (bits_of_float(sign) & 0x80000000U));
}

/* Adding this rounds a float below 2^22 to an integer, which then stands in the low bits of the sum. */
#define VEC_ROUND 12582912.0F

/* e^x = 2^n e^r with |r| <= ln 2 / 2; ln 2 in two parts, the first short enough for n times it to be exact. The polynomial by Estrin's
   scheme, whose chain is half as long as Horner's. It gives 2 e^r, since 2^(n - 1) is a float where 2^n is none but e^x is. `x` is
   at most 89, for which it gives infinity; where e^x is below 2^-125.4 it is taken for 0. */
INLINE float vec_exp_below(float x)
{
    const float shifted = x * 1.44269504F + VEC_ROUND, n = shifted - VEC_ROUND;
    const float r = (x - n * 0.693359375F) + n * 2.12194440e-4F, square = r * r;
    const float low = 3.3333330918e-1F * r + 1.00000002402F, middle = 1.66669038146e-2F * r + 8.3331591784e-2F;
    const float high = 3.9751383e-4F * r + 2.7963999014e-3F;
    const float p = ((high * square + middle) * square + low) * square + (2.0F * r + 2.0F);
    const float half = float_of_bits((bits_of_float(shifted) << 23) + (126U << 23)); /* the bits of VEC_ROUND's sum end in n */
    return x < -86.9F ? 0.0F : p * half;
}

/* e^x of what is no more than `most`, which is at most 89; of anything above as of that. */
INLINE float vec_exp_to(float most, float x)
{
    return vec_exp_below(x > most ? most : x);
}

INLINE float vec_exp(float x)
{
    return vec_exp_to(89.0F, x);
}

/* log x of a normal positive x; NaN stays. x = 2^n m, log x = n ln 2 + log m with m in [sqrt(1/2), sqrt 2). */
INLINE float vec_log_normal(float x)
{
    const uint32_t bits = bits_of_float(x);
    const uint32_t above = (bits & 0x007FFFFFU) > 0x003504F3U ? 1U : 0U; /* m would be above sqrt 2 */
    const float m = float_of_bits((bits & 0x007FFFFFU) | (above ? 0x3F000000U : 0x3F800000U)) - 1.0F;
    const float n = (float)((int32_t)((bits >> 23) & 0xFFU) - 127 + (int32_t)above);
    const float z = m * m;
    float p = 7.0376836292e-2F;
    p = p * m - 1.1514610310e-1F;
    p = p * m + 1.1676998740e-1F;
    p = p * m - 1.2420140846e-1F;
    p = p * m + 1.4249322787e-1F;
    p = p * m - 1.6668057665e-1F;
    p = p * m + 2.0000714765e-1F;
    p = p * m - 2.4999993993e-1F;
    p = p * m + 3.3333331174e-1F;
    p = p * m * z - 2.12194440e-4F * n - 0.5F * z;
    return x == x ? m + p + 0.693359375F * n : x;
}

INLINE float vec_log(float x)
{
    const int small = x < 1.17549435e-38F;
    const float y = vec_log_normal(small ? x * 8388608.0F : x) - (small ? 15.9423852F : 0.0F); /* 23 ln 2 */
    const float finite = x < __builtin_inff() ? y : x;                                         /* infinity and NaN as they came */
    const float positive = x > 0.0F ? finite : -__builtin_inff();
    return x < 0.0F ? __builtin_nanf("") : x == x ? positive : x;
}

/* log(1 + u) for u in [0, 1]: the error of rounding 1 + u is divided out (W. Kahan; HP-15C Advanced Functions Handbook). */
INLINE float vec_log1p(float u)
{
    const float w = 1.0F + u;
    const float step = w - 1.0F;
    return step == 0.0F ? u : vec_log_normal(w) * (u / (step == 0.0F ? 1.0F : step));
}

/* sigmoid x, and its slope, without the cancellation of 1 - sigmoid x. */
INLINE float vec_sigmoid_slope(float x, float *slope)
{
    const float e = vec_exp_to(88.0F, -x), share = 1.0F / (1.0F + e);
    *slope = e * share * share;
    return x < -88.0F ? 0.0F : share;
}

INLINE float vec_sigmoid(float x)
{
    float slope;
    return vec_sigmoid_slope(x, &slope);
}

INLINE float vec_softplus(float x)
{
    return (x > 0.0F ? x : 0.0F) + vec_log1p(vec_exp_below(-vec_abs(x)));
}

/* tanh x where |tanh x| is known for large arguments: a polynomial near 0, where whatever comes of exponentials cancels. */
INLINE float vec_tanh_by(float x, float far)
{
    const float z = x * x;
    float p = -5.70498872745e-3F;
    p = p * z + 2.06390887954e-2F;
    p = p * z - 5.37397155531e-2F;
    p = p * z + 1.33314422036e-1F;
    p = p * z - 3.33332819422e-1F;
    const float near = p * z * x + x;
    return vec_copysign(vec_abs(x) < 0.625F ? near : far, x);
}

INLINE float vec_tanh(float x)
{
    const float e = vec_exp_below(-2.0F * vec_abs(x));
    return vec_tanh_by(x, (1.0F - e) / (1.0F + e));
}

/* Both of sin x and cos x by one reduction to |r| of about pi/4, pi/2 in three parts. Good to |x| of about 1e4; beyond, the reduction
   loses digits, but the results stay in [-1, 1]. */
INLINE void vec_sincos(float x, float *sine, float *cosine)
{
    const float shifted = x * 0.636619772F + VEC_ROUND, n = shifted - VEC_ROUND;
    const float reduced = ((x - n * 1.5703125F) - n * 4.837512969970703125e-4F) - n * 7.54978995489188216e-8F;
    const float low = reduced < -0.8F ? -0.8F : reduced, r = low > 0.8F ? 0.8F : low, z = r * r;
    const uint32_t quadrant = bits_of_float(shifted);
    const float s = ((-1.9515295891e-4F * z + 8.3321608736e-3F) * z - 1.6666654611e-1F) * z * r + r;
    const float c = ((2.443315711809948e-5F * z - 1.388731625493765e-3F) * z + 4.166664568298827e-2F) * z * z - 0.5F * z + 1.0F;
    const uint32_t odd = quadrant & 1U, sine_sign = (quadrant & 2U) << 30, cosine_sign = ((quadrant + 1U) & 2U) << 30;
    *sine = float_of_bits(bits_of_float(odd ? c : s) ^ sine_sign);
    *cosine = float_of_bits(bits_of_float(odd ? s : c) ^ cosine_sign);
}

INLINE float vec_sin(float x)
{
    float sine, cosine;
    vec_sincos(x, &sine, &cosine);
    return sine;
}

INLINE float vec_cos(float x)
{
    float sine, cosine;
    vec_sincos(x, &sine, &cosine);
    return cosine;
}

INLINE float vec_erf(float x)
{
    const float size = vec_abs(x), t = size > 4.0F ? 4.0F : size, s = t * t;
    float far = -1.72853470e-5F * t + 3.83197126e-4F;
    far = far * s + (-3.88396438e-3F * t + 2.42546219e-2F);
    far = far * t - 1.06777877e-1F;
    far = far * t - 6.34846687e-1F;
    far = far * t - 1.28717512e-1F;
    far = 1.0F - vec_exp_below(far * t - t);
    float near = -5.96761703e-4F;
    near = near * s + 4.99119423e-3F;
    near = near * s - 2.67681349e-2F;
    near = near * s + 1.12819925e-1F;
    near = near * s - 3.76125336e-1F;
    near = near * s + 1.28379166e-1F;
    near = near * t + t;
    return vec_copysign(size > 0.927734375F ? far : near, x);
}

#endif
