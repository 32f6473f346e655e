/* Toys: each definition by its exact values where it has them, by its geometry and statistics where it is random. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "check.h"
#include "data/toys.h"
#include "support/limits.h"
#include "support/memory.h"

static struct dataset *made(const char *name, uint32_t n, double noise, uint64_t seed)
{
    struct diags diags = {0};
    const struct toy *toy = toy_find(str_of(name));
    assert_non_null(toy);
    struct toy_args args = {n, noise, seed};
    struct dataset *data = toy_make(toy, &args, SPAN_NONE, &diags);
    check_clean(&diags);
    assert_non_null(data);
    assert_string_equal(data->name, name);
    return data;
}

static struct dataset *made_default(const struct toy *toy, uint64_t seed)
{
    return made(toy->name, toy->n, toy->noise, seed);
}

static double radius(const struct dataset *data, uint32_t i)
{
    const float *x = dataset_features(data, i);
    return hypot(x[0], x[1]);
}

/* Mean and standard deviation of column `c` over the rows within 1 of (x, y), and how many they are. */
struct cloud {
    uint32_t count;
    double mean, sd;
};

static struct cloud cloud_at(const struct dataset *data, double x, double y, uint32_t c, int32_t label)
{
    struct cloud cloud = {0};
    double sum = 0, square = 0;
    for (uint32_t i = 0; i < data->count; i++) {
        const float *at = dataset_features(data, i);
        if (hypot(at[0] - x, at[1] - y) > 1)
            continue;
        assert_int_equal(dataset_label(data, i), label);
        sum += at[c];
        square += at[c] * at[c];
        cloud.count++;
    }
    cloud.mean = sum / cloud.count;
    cloud.sd = sqrt(square / cloud.count - cloud.mean * cloud.mean);
    return cloud;
}

static void every_toy_keeps_its_promises(void **state)
{
    (void)state;
    for (size_t t = 0; t < toy_count; t++) {
        const struct toy *toy = &toys[t];
        struct dataset *a = made_default(toy, 1), *b = made_default(toy, 1), *c = made_default(toy, 2);
        const struct table *table = a->table;
        if (strcmp(toy->name, "parity") != 0 && toy->n > 0)
            assert_int_equal(a->count, toy->n);
        size_t bytes = (size_t)table->rows * table->columns * sizeof *table->x;
        assert_memory_equal(table->x, b->table->x, bytes);
        assert_memory_equal(a->rows, b->rows, a->count * sizeof *a->rows);
        bool moved = memcmp(table->x, c->table->x, bytes) != 0 || memcmp(a->rows, c->rows, a->count * sizeof *a->rows) != 0 ||
                     (table->y && memcmp(table->y, c->table->y, table->rows * sizeof *table->y) != 0);
        /* Without noise the two spirals are points without chance. */
        assert_true(moved == (toy->random && strcmp(toy->name, "two_spirals") != 0));
        for (uint32_t i = 0; i < table->rows * table->columns; i++)
            assert_true(isfinite(table->x[i]));
        if (toy->listed) {
            assert_int_equal(table->columns, 2);
            assert_int_equal(table->outputs, 2);
            assert_int_equal(a->count, 200);
            assert_true(toy->random && count_label(a, 0) >= 60 && count_label(a, 1) >= 60);
        }
        dataset_release(a);
        dataset_release(b);
        dataset_release(c);
    }
}

static void every_toy_has_as_many_rows_as_asked_for(void **state)
{
    (void)state;
    for (size_t t = 0; t < toy_count; t++) {
        const struct toy *toy = &toys[t];
        for (uint32_t n = toy->least_n; toy->n > 0 && strcmp(toy->name, "parity") != 0 && n < toy->least_n + 12; n++) {
            struct dataset *data = made(toy->name, n, toy->noise, n);
            assert_int_equal(data->count, n);
            for (uint32_t i = 0; i < n * data->table->columns; i++)
                assert_true(isfinite(data->table->x[i]));
            dataset_release(data);
        }
    }
}

/* The first points of seed 1: they may never change, or scripts would no longer give what they gave. */
static void seeds_mean_the_same_points_for_ever(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        double x, y;
        int32_t label;
    } first[] = {
        {"xor", -1.063179, -0.927156, 1},
        {"moons", 1.912251, 0.352534, 1},
        {"circles", 0.145174, 0.674850, 1},
        {"spirals", 0.174461, 1.025810, 1},
        {"gaussian_clusters", -0.189538, -1.281467, 1},
        {"checkerboard", 0.070500, 0.938137, 0},
        {"rings", 0.230319, 1.070651, 0},
        {"swiss_roll_2d", -1.707573, -0.541013, 0},
        {"linear_separable", -0.063179, 0.572844, 1},
        {"two_spirals", -0.000000, 4.500000, 0},
        {"three_spirals", 0.000000, 0.000000, 0},
        {"blobs", 5.556722, 4.725979, 1},
        {"annulus", -0.442472, -3.722004, 1},
    };
    for (size_t i = 0; i < sizeof first / sizeof *first; i++) {
        const struct toy *toy = toy_find(str_of(first[i].name));
        struct dataset *data = made_default(toy, 1);
        check_near(dataset_features(data, 0)[0], first[i].x, 1e-5);
        check_near(dataset_features(data, 0)[1], first[i].y, 1e-5);
        assert_int_equal(dataset_label(data, 0), first[i].label);
        dataset_release(data);
    }
}

static void more_noise_moves_the_same_points_further(void **state)
{
    (void)state;
    struct dataset *exact = made("moons", 200, 0, 3), *some = made("moons", 200, 0.1, 3), *more = made("moons", 200, 0.2, 3);
    for (uint32_t i = 0; i < 200; i++) {
        assert_int_equal(dataset_label(exact, i), dataset_label(more, i));
        for (int c = 0; c < 2; c++) {
            float from = dataset_features(exact, i)[c];
            check_near(2 * (dataset_features(some, i)[c] - from), dataset_features(more, i)[c] - from, 1e-5);
        }
    }
    dataset_release(exact);
    dataset_release(some);
    dataset_release(more);
}

static void xor_is_four_clouds(void **state)
{
    (void)state;
    struct dataset *data = made("xor", 4000, 0.1, 1);
    static const double at[4][3] = {{-1, 1, 0}, {1, -1, 0}, {1, 1, 1}, {-1, -1, 1}};
    for (int i = 0; i < 4; i++)
        for (uint32_t c = 0; c < 2; c++) {
            struct cloud cloud = cloud_at(data, at[i][0], at[i][1], c, (int32_t)at[i][2]);
            assert_int_equal(cloud.count, 1000);
            check_near(cloud.mean, at[i][c], 0.02);
            check_near(cloud.sd, 0.1, 0.01);
        }
    dataset_release(data);
}

static void clusters_blobs_and_lines_are_clouds(void **state)
{
    (void)state;
    struct dataset *data = made("gaussian_clusters", 4000, 0.2, 1);
    for (int i = 0; i < 4; i++) {
        struct cloud cloud = cloud_at(data, 1.5 * cos(i * M_PI / 2), 1.5 * sin(i * M_PI / 2), 0, i % 2);
        assert_int_equal(cloud.count, 1000);
        check_near(cloud.sd, 0.2, 0.02);
    }
    dataset_release(data);
    data = made("linear_separable", 2000, 0.1, 1);
    for (uint32_t i = 0; i < 2000; i++)
        assert_int_equal(dataset_features(data, i)[1] > 0, dataset_label(data, i));
    dataset_release(data);
    data = made("blobs", 50, 0.8, 1);
    assert_int_equal(count_label(data, 0), 25);
    assert_int_equal(count_label(data, 1), 25);
    dataset_release(data);
    data = made("blobs", 2000, 0.2, 1);
    check_near(cloud_at(data, 2, 2, 0, 0).mean, 2, 0.02);
    check_near(cloud_at(data, 5, 5, 1, 1).sd, 0.2, 0.02);
    dataset_release(data);
}

static void moons_lie_on_their_half_circles(void **state)
{
    (void)state;
    struct dataset *data = made("moons", 101, 0, 1);
    assert_int_equal(count_label(data, 0), 51);
    const float *x = data->table->x; /* before shuffling: the upper moon from t = 0 to pi, then the lower one */
    check_near(x[0], 1, 1e-6);
    check_near(x[1], 0, 1e-6);
    check_near(x[2 * 25], 0, 1e-6);
    check_near(x[2 * 25 + 1], 1, 1e-6);
    check_near(x[2 * 50], -1, 1e-6);
    check_near(x[2 * 51], 0, 1e-6);
    check_near(x[2 * 51 + 1], 0.5, 1e-6);
    check_near(x[2 * 100], 2, 1e-6);
    dataset_release(data);
}

static void circles_and_rings_have_their_radii(void **state)
{
    (void)state;
    struct dataset *data = made("circles", 200, 0, 1);
    for (uint32_t i = 0; i < 200; i++)
        check_near(radius(data, i), dataset_label(data, i) == 0 ? 1 : 0.5, 1e-6);
    dataset_release(data);
    data = made("circles", 4000, 0.1, 1);
    double square = 0;
    for (uint32_t i = 0; i < 4000; i++) {
        double off = radius(data, i) - (dataset_label(data, i) == 0 ? 1 : 0.5);
        square += off * off;
    }
    check_near(sqrt(square / 4000), 0.1, 0.01);
    dataset_release(data);
    data = made("rings", 300, 0, 1);
    for (uint32_t i = 0; i < 300; i++) {
        double third = radius(data, i) * 3;
        check_near(third, round(third), 1e-5);
        assert_int_equal(dataset_label(data, i), ((int)round(third) - 1) % 2);
    }
    assert_int_equal(count_label(data, 1), 100);
    dataset_release(data);
}

static void annulus_fills_its_areas(void **state)
{
    (void)state;
    struct dataset *data = made("annulus", 8000, NAN, 1);
    uint32_t inner_half = 0;
    for (uint32_t i = 0; i < 8000; i++) {
        double r = radius(data, i);
        if (dataset_label(data, i) == 0) {
            assert_true(r <= 1.5);
            inner_half += r < 1.5 * M_SQRT1_2; /* half of the disc's area */
        } else {
            assert_true(r >= 2.5 - 1e-5 && r <= 4 + 1e-5);
        }
    }
    assert_in_range(inner_half, 1850, 2150);
    dataset_release(data);
}

static void checkerboard_alternates(void **state)
{
    (void)state;
    struct dataset *data = made("checkerboard", 1000, 0, 1);
    for (uint32_t i = 0; i < 1000; i++) {
        const float *x = dataset_features(data, i);
        assert_true(fabsf(x[0]) <= 1 && fabsf(x[1]) <= 1);
        assert_int_equal(dataset_label(data, i), (x[0] < 0) != (x[1] < 0));
    }
    dataset_release(data);
}

static void spirals_wind_as_defined(void **state)
{
    (void)state;
    struct dataset *data = made("spirals", 500, 0, 1);
    for (uint32_t i = 0; i < 500; i++) {
        const float *x = dataset_features(data, i);
        double t = radius(data, i) * 3 * M_PI / 2, side = dataset_label(data, i) == 0 ? 1 : -1;
        assert_true(t <= 3 * M_PI);
        check_near(x[0], side * radius(data, i) * cos(t), 1e-5);
        check_near(x[1], side * radius(data, i) * sin(t), 1e-5);
    }
    dataset_release(data);
}

/* The two patterns of the benchmark that are easiest to check by hand: i = 0 and i = 8, a quarter turn on. */
static void lang_witbrock_is_the_benchmark(void **state)
{
    (void)state;
    struct dataset *data = made("lang_witbrock", 0, NAN, 1);
    assert_int_equal(data->count, 194);
    assert_int_equal(count_label(data, 0), 97);
    const float *x = dataset_features(data, 0);
    check_near(x[0], 0, 1e-6);
    check_near(x[1], 6.5, 1e-6);
    x = dataset_features(data, 1);
    assert_int_equal(dataset_label(data, 1), 1);
    check_near(x[1], -6.5, 1e-6);
    x = dataset_features(data, 2 * 8);
    check_near(x[0], 6, 1e-5);
    check_near(x[1], 0, 1e-6);
    check_near(radius(data, 193), 0.5, 1e-5);
    dataset_release(data);
}

static void two_spirals_are_its_inner_turns(void **state)
{
    (void)state;
    struct dataset *whole = made("lang_witbrock", 0, NAN, 1), *inner = made("two_spirals", 130, 0, 1);
    for (uint32_t i = 0; i < 130; i++) {
        assert_int_equal(dataset_label(inner, i), dataset_label(whole, 64 + i));
        for (int c = 0; c < 2; c++)
            check_near(dataset_features(inner, i)[c], dataset_features(whole, 64 + i)[c], 1e-5);
    }
    dataset_release(whole);
    dataset_release(inner);
    struct dataset *exact = made("two_spirals", 4000, 0, 1), *noisy = made("two_spirals", 4000, 0.05, 1);
    double square = 0;
    for (uint32_t i = 0; i < 4000; i++)
        for (int c = 0; c < 2; c++)
            square += pow(dataset_features(exact, i)[c] - dataset_features(noisy, i)[c], 2);
    check_near(sqrt(square / 8000), 0.05, 0.002);
    dataset_release(exact);
    dataset_release(noisy);
}

static void three_spirals_are_create_data(void **state)
{
    (void)state;
    struct dataset *data = made("three_spirals", 300, 0, 1);
    assert_int_equal(data->table->outputs, 3);
    for (uint32_t i = 0; i < 300; i++) {
        double r = (i % 100) / 99.0, t = 4 * (i / 100 + r);
        assert_int_equal(dataset_label(data, i), i / 100);
        check_near(dataset_features(data, i)[0], r * sin(2.5 * t), 1e-6);
        check_near(dataset_features(data, i)[1], r * cos(2.5 * t), 1e-6);
    }
    dataset_release(data);
}

static void swiss_roll_is_scaled_and_halved(void **state)
{
    (void)state;
    struct dataset *data = made("swiss_roll_2d", 201, 0.1, 1);
    double mean[2] = {0, 0};
    for (uint32_t i = 0; i < 201; i++)
        for (int c = 0; c < 2; c++)
            mean[c] += dataset_features(data, i)[c] / 201;
    check_near(mean[0], 0, 1e-5);
    check_near(mean[1], 0, 1e-5);
    assert_int_equal(count_label(data, 0), 101); /* the median itself is not above the median */
    assert_int_equal(count_label(data, 1), 100);
    dataset_release(data);
}

static void truth_tables_are_exact(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int32_t labels[4];
    } tables[] = {{"and4", {0, 0, 0, 1}}, {"or4", {0, 1, 1, 1}}, {"xor4", {0, 1, 1, 0}}};
    for (size_t t = 0; t < 3; t++) {
        struct dataset *data = made(tables[t].name, 0, 0, 1);
        assert_int_equal(data->count, 4);
        for (uint32_t i = 0; i < 4; i++) {
            assert_true(dataset_features(data, i)[0] == (float)(i / 2));
            assert_true(dataset_features(data, i)[1] == (float)(i % 2));
            assert_int_equal(dataset_label(data, i), tables[t].labels[i]);
        }
        dataset_release(data);
    }
}

static void parity_is_every_pattern(void **state)
{
    (void)state;
    struct dataset *data = made("parity", 5, NAN, 0);
    assert_int_equal(data->count, 32);
    assert_int_equal(data->table->columns, 5);
    assert_int_equal(count_label(data, 1), 16);
    assert_int_equal(dataset_label(data, 0), 0);
    assert_int_equal(dataset_label(data, 31), 1);
    assert_true(dataset_features(data, 1)[4] == 1 && dataset_features(data, 16)[0] == 1);
    dataset_release(data);
    data = made("parity", LIMIT_PARITY_BITS, NAN, 0);
    assert_int_equal(data->count, 65536);
    dataset_release(data);
}

static void waves_follow_their_curve(void **state)
{
    (void)state;
    struct dataset *data = made("waves", 200, 0, 1);
    assert_int_equal(data->table->target, TARGET_VALUE);
    check_near(dataset_features(data, 0)[0], -2 * M_PI, 1e-5);
    check_near(dataset_features(data, 199)[0], 2 * M_PI, 1e-5);
    for (uint32_t i = 0; i < 200; i++) {
        double x = dataset_features(data, i)[0];
        check_near(dataset_values(data, i)[0], sin(x) + 0.5 * cos(2 * x), 1e-5);
    }
    dataset_release(data);
}

static void arguments_out_of_range_are_refused(void **state)
{
    (void)state;
    struct diags diags = {0};
    struct toy_args args = {3, 0.1, 0};
    assert_null(toy_make(toy_find(STR("xor")), &args, SPAN_NONE, &diags));
    assert_string_equal(diags.at[0].note, "n goes from 4 to 10_000_000");
    check_error(&diags, "xor cannot be made with n = 3", NULL);
    args.n = LIMIT_TOY_ROWS + 1;
    assert_null(toy_make(toy_find(STR("moons")), &args, SPAN_NONE, &diags));
    check_error(&diags, "moons cannot be made with n = 10000001", NULL);
    args.n = 17;
    assert_null(toy_make(toy_find(STR("parity")), &args, SPAN_NONE, &diags));
    check_error(&diags, "parity cannot be made with n = 17", NULL);
    const double bad[] = {-0.1, NAN, INFINITY, 2e6};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        args = (struct toy_args){100, bad[i], 0};
        assert_null(toy_make(toy_find(STR("moons")), &args, SPAN_NONE, &diags));
        check_error(&diags, "the noise of moons is a standard deviation, from 0 to 1e+06", NULL);
    }
    assert_null(toy_find(STR("moon")));
}

static void every_failed_allocation_is_survived(void **state)
{
    (void)state;
    for (size_t t = 0; t < toy_count; t++) {
        struct dataset *data = NULL;
        for (long n = 0; !data && n < 100; n++) {
            struct diags diags = {0};
            struct toy_args args = {toys[t].least_n, toys[t].noise, 1};
            mem_fail_after(n);
            data = toy_make(&toys[t], &args, SPAN_NONE, &diags);
            mem_fail_after(-1);
            assert_true(data || diags.errors > 0);
            diags_release(&diags);
        }
        assert_non_null(data);
        dataset_release(data);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_toy_keeps_its_promises),
        cmocka_unit_test(every_toy_has_as_many_rows_as_asked_for),
        cmocka_unit_test(seeds_mean_the_same_points_for_ever),
        cmocka_unit_test(more_noise_moves_the_same_points_further),
        cmocka_unit_test(xor_is_four_clouds),
        cmocka_unit_test(clusters_blobs_and_lines_are_clouds),
        cmocka_unit_test(moons_lie_on_their_half_circles),
        cmocka_unit_test(circles_and_rings_have_their_radii),
        cmocka_unit_test(annulus_fills_its_areas),
        cmocka_unit_test(checkerboard_alternates),
        cmocka_unit_test(spirals_wind_as_defined),
        cmocka_unit_test(lang_witbrock_is_the_benchmark),
        cmocka_unit_test(two_spirals_are_its_inner_turns),
        cmocka_unit_test(three_spirals_are_create_data),
        cmocka_unit_test(swiss_roll_is_scaled_and_halved),
        cmocka_unit_test(truth_tables_are_exact),
        cmocka_unit_test(parity_is_every_pattern),
        cmocka_unit_test(waves_follow_their_curve),
        cmocka_unit_test(arguments_out_of_range_are_refused),
        cmocka_unit_test(every_failed_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
