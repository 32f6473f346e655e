/* Estimates against printed tables and R's documented examples. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "lab/estimate.h"

static void assert_near(double value, double expected, double error)
{
    if (!(fabs(value - expected) <= error))
        fail_msg("%.12g is not %.12g", value, expected);
}

/* Quantiles as R 4 prints them: qt(0.975, v), qt(0.995, v). */
static void test_quantiles(void **state)
{
    (void)state;
    static const struct {
        double degrees, q975, q995;
    } rows[] = {
        {1, 12.7062047362, 63.6567411629}, {2, 4.3026527297, 9.9248432009},  {5, 2.5705818356, 4.0321429836},
        {19, 2.0930240544, 2.8609346065},  {30, 2.0422724563, 2.7499956536}, {100, 1.9839715185, 2.6258905214},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_near(student_quantile(0.975, rows[i].degrees), rows[i].q975, 1e-8);
        assert_near(student_quantile(0.995, rows[i].degrees), rows[i].q995, 1e-8);
        assert_near(student_quantile(0.025, rows[i].degrees), -rows[i].q975, 1e-8);
    }
    assert_near(student_quantile(0.975, 1e5), 1.9599877077, 1e-8); /* the normal quantile and Cornish and Fisher's (z^3 + z)/4v */
    assert_near(student_quantile(0.975, 1e9), 1.9599639869, 1e-8);
    assert_near(student_quantile(0.975, INFINITY), 1.9599639845, 1e-8);
    assert_true(student_quantile(0.5, 7) == 0);
    assert_true(isinf(student_quantile(1, 7)) && isinf(student_quantile(0, 7)));
    assert_true(isnan(student_quantile(1.5, 7)) && isnan(student_quantile(0.9, 0)) && isnan(student_quantile(NAN, 7)));
}

static void test_tails(void **state)
{
    (void)state;
    const double pi = acos(-1);
    for (double t = 1e-6; t < 1e7; t *= 7) {
        /* One and two degrees of freedom have closed forms. */
        assert_near(student_tail(t, 1) / (1 - 2 / pi * atan(t)), 1, 1e-8);
        double root = sqrt(2 + t * t);
        assert_near(student_tail(t, 2) / (2 / (root * (root + t))), 1, 1e-9);
        /* The quantile undoes the tail. */
        for (double v = 0.5; v < 1e8; v *= 9) {
            double p = student_tail(t, v);
            if (p > 1e-200 && p < 0.99)
                assert_near(student_tail(student_quantile(p / 2, v), v) / p, 1, 1e-9);
        }
    }
    assert_near(student_tail(2, 10), 0.0733880348, 1e-9);
    assert_near(student_tail(-2, 10), 0.0733880348, 1e-9);
    assert_true(student_tail(0, 4) == 1);
    assert_true(student_tail(INFINITY, 4) == 0);
    assert_true(isnan(student_tail(NAN, 4)) && isnan(student_tail(1, -1)));
    /* Where the method changes there is no step. */
    assert_near(student_tail(2, 999999), student_tail(2, 1000001), 1e-9);
}

static void test_estimate(void **state)
{
    (void)state;
    static const double values[] = {2, 4, 4, 4, 5, 5, 7, 9};
    struct estimate e = estimate_of(values, 8);
    assert_int_equal(e.count, 8);
    assert_near(e.mean, 5, 0);
    assert_near(e.sd, sqrt(32.0 / 7), 1e-14);
    assert_near(e.high - e.mean, 2.3646242510 * e.sd / sqrt(8), 1e-8); /* qt(0.975, 7) */
    assert_near(e.mean - e.low, e.high - e.mean, 1e-14);

    struct estimate one = estimate_of(values + 7, 1);
    assert_true(one.mean == 9 && isnan(one.low) && isnan(one.high) && isnan(one.sd));
    struct estimate none = estimate_of(NULL, 0);
    assert_true(none.count == 0 && isnan(none.mean) && isnan(none.low) && isnan(none.high));

    static const double equal[] = {0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1};
    struct estimate same = estimate_of(equal, 7);
    assert_true(same.mean == 0.1 && same.sd == 0 && same.low == 0.1 && same.high == 0.1);
    static const double broken[] = {1, NAN, 2};
    assert_true(isnan(estimate_of(broken, 3).mean));
}

/* R's data set `sleep` (Student 1908) and what ?t.test prints for it. */
static const double sleep_a[] = {0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0};
static const double sleep_b[] = {1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4};

static void test_welch(void **state)
{
    (void)state;
    struct comparison c = compare_welch(sleep_a, 10, sleep_b, 10);
    assert_near(c.difference, -1.58, 1e-12);
    assert_near(c.t, -1.8608, 5e-5);
    assert_near(c.degrees, 17.776, 5e-4);
    assert_near(c.p, 0.07939, 5e-6);
    assert_near(c.low, -3.3654832, 5e-8);
    assert_near(c.high, 0.2054832, 5e-8);
    assert_near(c.effect, -0.8321811, 5e-7);

    static const double ones[] = {1, 1, 1};
    static const double twos[] = {2, 2};
    struct comparison certain = compare_welch(twos, 2, ones, 3);
    assert_true(certain.difference == 1 && certain.p == 0 && isinf(certain.t) && certain.low == 1 && certain.high == 1);
    struct comparison none = compare_welch(ones, 3, ones, 3);
    assert_true(none.difference == 0 && none.p == 1 && none.t == 0 && none.effect == 0);
    struct comparison few = compare_welch(twos, 1, ones, 3);
    assert_true(few.difference == 1 && isnan(few.p) && isnan(few.low));
    assert_true(isnan(compare_welch(NULL, 0, ones, 3).difference));
    /* Spreads whose fourth powers underflow. */
    static const double tiny[] = {1e-100, 2e-100, 3e-100};
    assert_near(compare_welch(tiny, 3, tiny, 3).degrees, 4, 1e-9);
}

static void test_paired(void **state)
{
    (void)state;
    struct comparison c = compare_paired(sleep_a, sleep_b, 10);
    assert_near(c.difference, -1.58, 1e-12);
    assert_near(c.t, -4.0621, 5e-5);
    assert_true(c.degrees == 9);
    assert_near(c.p, 0.002833, 5e-7);
    assert_near(c.low, -2.4598858, 5e-8);
    assert_near(c.high, -0.7001142, 5e-8);
    assert_near(c.effect, -1.58 / 1.2299955, 1e-6);
    assert_true(compare_paired(sleep_a, sleep_a, 10).p == 1);
    struct comparison few = compare_paired(sleep_a, sleep_b, 1);
    assert_near(few.difference, -1.2, 1e-12);
    assert_true(isnan(few.p));
    assert_true(isnan(compare_paired(NULL, NULL, 0).difference));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quantiles), cmocka_unit_test(test_tails),  cmocka_unit_test(test_estimate),
        cmocka_unit_test(test_welch),     cmocka_unit_test(test_paired),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
