/* Elementary functions against the C library's in double precision: random arguments over each function's range, and edges. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <float.h>
#include <math.h>

#include "engine/vecmath.h"
#include "support/random.h"

static double exact_sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

static double exact_softplus(double x)
{
    return fmax(x, 0) + log1p(exp(-fabs(x)));
}

/* The functions are inlined into callers; a test needs something to point at. */
#define WRAP(name)                                                                                                                 \
    static float call_##name(float x)                                                                                              \
    {                                                                                                                              \
        return vec_##name(x);                                                                                                      \
    }
WRAP(exp)
WRAP(log)
WRAP(sigmoid)
WRAP(softplus)
WRAP(tanh)
WRAP(sin)
WRAP(cos)
WRAP(erf)

static const struct function {
    const char *name;
    float (*vec)(float);
    double (*exact)(double);
    double low, high;
    double relative, absolute;
} functions[] = {
    {"exp", call_exp, exp, -87, 88.7, 2e-7, 0},
    {"log", call_log, log, 1e-30, 1e30, 2e-7, 6e-8},
    {"sigmoid", call_sigmoid, exact_sigmoid, -87, 40, 4e-7, 0},
    {"softplus", call_softplus, exact_softplus, -87, 100, 4e-7, 0},
    {"tanh", call_tanh, tanh, -20, 20, 3e-7, 0},
    {"sin", call_sin, sin, -1e4, 1e4, 1e-6, 3e-7},
    {"cos", call_cos, cos, -1e4, 1e4, 1e-6, 3e-7},
    {"erf", call_erf, erf, -6, 6, 4e-7, 0},
};

static void compare(const struct function *function, float x)
{
    const double exact = function->exact((double)x), got = (double)function->vec(x);
    const double error = fabs(got - exact), allowed = function->relative * fabs(exact) + function->absolute + 2 * (double)FLT_MIN;
    if (!(error <= allowed))
        fail_msg("%s(%.9g) = %.9g, should be %.9g (error %.3g, allowed %.3g)", function->name, (double)x, got, exact, error,
                 allowed);
}

/* Uniform in the range and, since small arguments matter, in its logarithm. */
static void test_random_arguments(void **state)
{
    (void)state;
    for (size_t f = 0; f < sizeof functions / sizeof *functions; f++) {
        struct random random = random_stream(1, RANDOM_TEST, f);
        for (int i = 0; i < 200000; i++) {
            const double u = random_between(&random, functions[f].low, functions[f].high);
            compare(&functions[f], (float)u);
            compare(&functions[f], (float)(u * exp(-random_between(&random, 0, 40)) + fmax(functions[f].low, 0)));
        }
    }
}

static void test_edges(void **state)
{
    (void)state;
    const float inf = INFINITY;
    for (size_t f = 0; f < sizeof functions / sizeof *functions; f++)
        assert_true(isnan(functions[f].vec(NAN)));
    assert_true(vec_exp(inf) == inf && vec_exp(-inf) == 0 && vec_exp(0) == 1 && vec_exp(-0.0F) == 1);
    assert_true(vec_exp(1e4F) == inf && vec_exp(-1e4F) == 0);
    assert_true(vec_log(inf) == inf && vec_log(0) == -inf && vec_log(-0.0F) == -inf && vec_log(1) == 0 && isnan(vec_log(-1)));
    assert_true(fabs((double)vec_log(1e-40F) - log((double)1e-40F)) < 1e-4);
    assert_true(vec_sigmoid(inf) == 1 && vec_sigmoid(-inf) == 0 && vec_sigmoid(0) == 0.5F);
    assert_true(vec_softplus(inf) == inf && vec_softplus(-inf) == 0);
    assert_true(vec_tanh(inf) == 1 && vec_tanh(-inf) == -1 && vec_tanh(1e4F) == 1 && vec_tanh(-1e4F) == -1);
    assert_true(vec_tanh(-0.0F) == 0 && signbit(vec_tanh(-0.0F)));
    assert_true(isnan(vec_sin(inf)) && isnan(vec_cos(-inf)) && vec_sin(0) == 0 && vec_cos(0) == 1);
    assert_true(vec_erf(inf) == 1 && vec_erf(-inf) == -1 && vec_erf(0) == 0);
    /* Far outside their precise range sine and cosine stay bounded. */
    for (float x = 1e5F; x < 1e38F; x *= 9.7F)
        assert_true(fabsf(vec_sin(x)) <= 1.0001F && fabsf(vec_cos(-x)) <= 1.0001F);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_random_arguments), cmocka_unit_test(test_edges)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
