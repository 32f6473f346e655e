/* Tables, views, and what makes new values: noise, one_hot, concat, and the wish for preprocessing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "check.h"
#include "data/readers.h"
#include "support/limits.h"
#include "support/memory.h"

static const int32_t two[] = {0, 1};

static struct dataset *decoded(const char *text, enum missing_kind missing)
{
    struct diags diags = {0};
    struct csv_options options = {.missing = missing};
    struct dataset *data = csv_decode(str_of(text), "t.csv", &options, SPAN_NONE, &diags);
    check_clean(&diags);
    assert_non_null(data);
    return data;
}

static void tables_begin_zeroed_with_names(void **state)
{
    (void)state;
    struct table *table = table_new(2, 3, TARGET_VALUE, 2);
    assert_string_equal(table->column[0].name, "x1");
    assert_string_equal(table->column[2].name, "x3");
    assert_true(table->x[5] == 0 && table->y[3] == 0);
    assert_true(table_name_column(table, 1, STR("age")));
    assert_string_equal(table->column[1].name, "age");
    table_release(table);
    assert_null(table_new(1, LIMIT_WIDTH + 1, TARGET_NONE, 0));
    assert_null(table_new((uint32_t)LIMIT_DATA_VALUES, 2, TARGET_NONE, 0));
    assert_null(table_new((uint32_t)LIMIT_DATA_VALUES, 1, TARGET_VALUE, 2));
}

static void sizes_are_checked(void **state)
{
    (void)state;
    struct diags diags = {0};
    static const char help[] = "a data set holds at most 268_435_456 values in rows of at most 1_000_000";
    assert_true(table_size_allowed("d", LIMIT_DATA_VALUES, 1, SPAN_NONE, &diags));
    assert_false(table_size_allowed("d", LIMIT_DATA_VALUES + 1, 1, SPAN_NONE, &diags));
    check_error(&diags, "d claims to hold 268_435_457 x 1 values, which is too large", help);
    assert_false(table_size_allowed("d", 1, LIMIT_WIDTH + 1, SPAN_NONE, &diags));
    check_error(&diags, "d claims to hold 1 x 1_000_001 values, which is too large", help);
    assert_false(table_size_allowed("d", UINT64_MAX, UINT64_MAX, SPAN_NONE, &diags));
    diags_release(&diags);
    assert_false(table_size_allowed("d", 0, 1, SPAN_NONE, &diags));
    check_error(&diags, "d holds no rows", NULL);
    assert_false(table_size_allowed("d", 1, 0, SPAN_NONE, &diags));
    check_error(&diags, "d holds no values", NULL);
}

static void views_outlive_their_source(void **state)
{
    (void)state;
    struct diags diags = {0};
    struct dataset *data = numbered(6, two, 2, 2);
    static const uint32_t odd[] = {5, 1, 1};
    struct dataset *view = dataset_pick(data, odd, 3, SPAN_NONE, &diags);
    check_clean(&diags);
    dataset_release(data);
    assert_int_equal(view->count, 3);
    assert_true(dataset_features(view, 0)[0] == 5 && dataset_features(view, 2)[0] == 1);
    assert_int_equal(dataset_label(view, 0), 1);
    dataset_release(dataset_retain(view));
    dataset_release(view);
    dataset_release(NULL);
    split_release(NULL);
    table_release(NULL);
}

static void noise_moves_numbers_alone(void **state)
{
    (void)state;
    struct diags diags = {0};
    struct dataset *data = decoded("site,a,y\nu,1,0.5\nv,,1.5\n", MISSING_MEAN);
    struct dataset *none = dataset_noise(data, 0, 1, SPAN_NONE, &diags);
    assert_true(dataset_features(none, 0)[1] == 1);
    struct dataset *noisy = dataset_noise(data, 0.5, 1, SPAN_NONE, &diags);
    struct dataset *again = dataset_noise(data, 0.5, 1, SPAN_NONE, &diags);
    check_clean(&diags);
    assert_true(dataset_features(noisy, 1)[0] == 1);
    assert_true(dataset_features(noisy, 0)[1] != 1);
    assert_true(dataset_features(noisy, 0)[1] == dataset_features(again, 0)[1]);
    assert_true(isnan(dataset_features(noisy, 1)[1]));
    assert_true(dataset_values(noisy, 1)[0] == 1.5f);
    assert_true(dataset_features(data, 0)[1] == 1);
    assert_string_equal(noisy->table->column[0].categories[1], "v");
    assert_string_equal(noisy->table->target_name, "y");
    assert_int_equal(noisy->spec.missing, MISSING_MEAN);
    assert_null(dataset_noise(data, -1, 1, SPAN_NONE, &diags));
    check_error(&diags, "noise is a standard deviation, from 0 to 1e+06", NULL);
    dataset_release(data);
    dataset_release(none);
    dataset_release(noisy);
    dataset_release(again);
}

static void noise_has_its_standard_deviation(void **state)
{
    (void)state;
    struct diags diags = {0};
    struct dataset *data = numbered(20000, two, 2, 2), *noisy = dataset_noise(data, 0.3, 9, SPAN_NONE, &diags);
    double sum = 0, square = 0;
    for (uint32_t i = 0; i < 20000; i++) {
        double off = dataset_features(noisy, i)[0] - (float)i;
        sum += off / 20000;
        square += off * off / 20000;
    }
    check_near(sum, 0, 0.01);
    check_near(sqrt(square), 0.3, 0.01);
    check_clean(&diags);
    dataset_release(data);
    dataset_release(noisy);
}

static void one_hot_turns_classes_into_values(void **state)
{
    (void)state;
    struct diags diags = {0};
    struct dataset *data = decoded("a,y\n1,u\n2,w\n3,v\n", MISSING_REFUSE), *hot = dataset_one_hot(data, SPAN_NONE, &diags);
    check_clean(&diags);
    assert_int_equal(hot->table->target, TARGET_VALUE);
    assert_int_equal(hot->table->outputs, 3);
    static const float y[] = {1, 0, 0, 0, 0, 1, 0, 1, 0};
    assert_memory_equal(hot->table->y, y, sizeof y);
    assert_null(dataset_one_hot(hot, SPAN_NONE, &diags));
    check_error(&diags, "one_hot needs classes, but the target of `t.csv` is a value", NULL);
    dataset_release(data);
    dataset_release(hot);
}

static void concat_unites_names(void **state)
{
    (void)state;
    struct diags diags = {0};
    struct dataset *a = decoded("site,y\nnorth,v\nsouth,w\n", MISSING_REFUSE);
    struct dataset *b = decoded("site,y\nsouth,u\neast,v\n", MISSING_REFUSE);
    struct dataset *both = dataset_concat(a, b, SPAN_NONE, &diags);
    check_clean(&diags);
    const struct table *table = both->table;
    static const char *const sites[] = {"north", "south", "south", "east"}, *const classes[] = {"v", "w", "u", "v"};
    assert_int_equal(both->count, 4);
    assert_int_equal(table->outputs, 3);
    assert_int_equal(table->column[0].category_count, 3);
    for (uint32_t i = 0; i < 4; i++) {
        assert_string_equal(table->column[0].categories[(int)dataset_features(both, i)[0]], sites[i]);
        assert_string_equal(table->class_names[dataset_label(both, i)], classes[i]);
    }
    dataset_release(a);
    dataset_release(b);
    dataset_release(both);
}

static void concat_refuses_what_does_not_fit(void **state)
{
    (void)state;
    struct diags diags = {0};
    struct dataset *a = decoded("p,q,y\n1,2,u\n3,4,v\n", MISSING_REFUSE), *b = decoded("p,y\n1,u\n3,v\n", MISSING_REFUSE);
    struct dataset *c = decoded("p,r,y\n1,2,u\n3,4,v\n", MISSING_REFUSE), *d = decoded("p,q,y\n1,2,0.5\n3,4,2\n", MISSING_REFUSE);
    struct dataset *e = decoded("p,q,y\n1,2,u\n3,4,v\n", MISSING_MEAN), *f = decoded("p,q,y\n1,2,0\n3,4,1\n", MISSING_REFUSE);
    assert_null(dataset_concat(a, b, SPAN_NONE, &diags));
    check_error(&diags, "cannot join data of 2 columns and of 1 columns", NULL);
    assert_null(dataset_concat(a, c, SPAN_NONE, &diags));
    check_error(&diags, "cannot join: column 2 is `q` (numbers) in one and `r` (numbers) in the other", NULL);
    assert_null(dataset_concat(a, d, SPAN_NONE, &diags));
    check_error(&diags, "cannot join: the targets of `t.csv` and `t.csv` are of different kinds", NULL);
    assert_null(dataset_concat(a, f, SPAN_NONE, &diags));
    check_error(&diags, "cannot join: the targets of `t.csv` and `t.csv` are of different kinds", NULL);
    assert_null(dataset_concat(a, e, SPAN_NONE, &diags));
    check_error(&diags, "cannot join data with different preprocessing", "join first, then `normalize`");
    dataset_release(a);
    dataset_release(b);
    dataset_release(c);
    dataset_release(d);
    dataset_release(e);
    dataset_release(f);
}

static void rows_with_gaps_can_be_dropped_later(void **state)
{
    (void)state;
    struct diags diags = {0};
    struct dataset *data = decoded("a,y\n1,0.5\n,1.5\n3,2\n", MISSING_MEAN);
    struct recipe_spec spec = {.missing = MISSING_DROP};
    struct dataset *whole = dataset_with_spec(data, spec, SPAN_NONE, &diags);
    check_clean(&diags);
    assert_int_equal(whole->count, 2);
    assert_true(dataset_features(whole, 1)[0] == 3);
    static const uint32_t gap = 1;
    struct dataset *gaps = dataset_pick(data, &gap, 1, SPAN_NONE, &diags);
    assert_null(dataset_with_spec(gaps, spec, SPAN_NONE, &diags));
    check_error(&diags, "no row of `t.csv` would be left without those that have missing values", NULL);
    dataset_release(data);
    dataset_release(gaps);
    dataset_release(whole);
}

static void every_failed_allocation_is_survived(void **state)
{
    (void)state;
    struct dataset *a = decoded("site,y\nnorth,v\nsouth,w\n", MISSING_REFUSE);
    struct dataset *b = decoded("site,y\nsouth,u\neast,v\n", MISSING_REFUSE);
    bool done = false;
    for (long n = 0; !done && n < 500; n++) {
        struct diags diags = {0};
        struct recipe_spec spec = {.missing = MISSING_DROP};
        mem_fail_after(n);
        struct dataset *made[] = {dataset_concat(a, b, SPAN_NONE, &diags), dataset_noise(a, 1, 1, SPAN_NONE, &diags),
                                  dataset_one_hot(a, SPAN_NONE, &diags), dataset_with_spec(a, spec, SPAN_NONE, &diags)};
        mem_fail_after(-1);
        done = true;
        for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
            done = done && made[i];
            dataset_release(made[i]);
        }
        assert_true(done || diags.errors > 0);
        diags_release(&diags);
    }
    assert_true(done);
    dataset_release(a);
    dataset_release(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_begin_zeroed_with_names),
        cmocka_unit_test(sizes_are_checked),
        cmocka_unit_test(views_outlive_their_source),
        cmocka_unit_test(noise_moves_numbers_alone),
        cmocka_unit_test(noise_has_its_standard_deviation),
        cmocka_unit_test(one_hot_turns_classes_into_values),
        cmocka_unit_test(concat_unites_names),
        cmocka_unit_test(concat_refuses_what_does_not_fit),
        cmocka_unit_test(rows_with_gaps_can_be_dropped_later),
        cmocka_unit_test(every_failed_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
