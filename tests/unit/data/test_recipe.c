/* Recipes: what is fitted, on which rows, and what becomes of every kind of value. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <float.h>

#include "check.h"
#include "data/readers.h"
#include "data/recipe.h"
#include "support/memory.h"

static struct dataset *decoded(const char *text, struct recipe_spec spec)
{
    struct diags diags = {0};
    const struct csv_options options = {.missing = spec.missing};
    struct dataset *read = csv_decode(str_of(text), "t.csv", &options, SPAN_NONE, &diags);
    assert_non_null(read);
    struct dataset *data = dataset_with_spec(read, spec, SPAN_NONE, &diags);
    check_clean(&diags);
    dataset_release(read);
    return data;
}

static struct recipe *fitted(struct dataset *train)
{
    struct diags diags = {0};
    struct recipe *recipe = recipe_fit(train, SPAN_NONE, &diags);
    check_clean(&diags);
    assert_non_null(recipe);
    return recipe;
}

/* Fits on `text`, applies to it, and compares all inputs. */
static void check_inputs(const char *text, struct recipe_spec spec, uint32_t width, const float *expected)
{
    struct diags diags = {0};
    struct dataset *data = decoded(text, spec);
    struct recipe *recipe = fitted(data);
    float out[64];
    assert_int_equal(recipe->width, width);
    assert_true(recipe_inputs(recipe, data, out, SPAN_NONE, &diags));
    check_clean(&diags);
    for (uint32_t i = 0; i < data->count * width; i++)
        check_near(out[i], expected[i], 1e-6);
    recipe_release(recipe);
    dataset_release(data);
}

static void nothing_asked_changes_nothing(void **state)
{
    (void)state;
    struct dataset *data = decoded("a,b,y\n1,2,u\n3,4,v\n", (struct recipe_spec){0});
    struct recipe *recipe = fitted(data);
    assert_true(recipe->identity);
    assert_int_equal(recipe->target, TARGET_CLASS);
    assert_int_equal(recipe->outputs, 2);
    assert_string_equal(recipe->class_names[1], "v");
    assert_string_equal(recipe->target_name, "y");
    recipe_release(recipe_retain(recipe));
    recipe_release(recipe);
    recipe_release(NULL);
    dataset_release(data);
    check_inputs("a,b,y\n1,2,u\n3,4,v\n", (struct recipe_spec){0}, 2, (float[]){1, 2, 3, 4});
}

static void columns_are_normalised(void **state)
{
    (void)state;
    static const char text[] = "a,b,y\n1,5,0.5\n3,5,1.5\n5,5,2\n7,5,3\n";
    struct recipe_spec standard = {.normalize = NORMALIZE_STANDARD}, range = {.normalize = NORMALIZE_RANGE};
    struct recipe_spec fixed = {.normalize = NORMALIZE_FIXED, .fixed_mean = 1, .fixed_std = 2};
    float s = (float)(1 / sqrt(5.0)); /* 1, 3, 5, 7: mean 4, variance 5 */
    check_inputs(text, standard, 2, (float[]){-3 * s, 0, -s, 0, s, 0, 3 * s, 0});
    check_inputs(text, range, 2, (float[]){0, 0, 1 / 3.0f, 0, 2 / 3.0f, 0, 1, 0});
    check_inputs(text, fixed, 2, (float[]){0, 2, 1, 2, 2, 2, 3, 2});
}

static void figures_come_from_the_training_rows_alone(void **state)
{
    (void)state;
    struct diags diags = {0};
    struct dataset *data = decoded("a,y\n0,0.5\n10,1.5\n1000,9\n", (struct recipe_spec){.normalize = NORMALIZE_RANGE});
    struct dataset *train = dataset_take(data, 2, SPAN_NONE, &diags);
    struct recipe *recipe = fitted(train);
    float out[3];
    assert_true(recipe_inputs(recipe, data, out, SPAN_NONE, &diags));
    check_near(out[1], 1, 1e-6);
    check_near(out[2], 100, 1e-4);
    check_clean(&diags);
    recipe_release(recipe);
    dataset_release(train);
    dataset_release(data);
}

static void gaps_are_filled(void **state)
{
    (void)state;
    static const char text[] = "a,s,y\n1,u,0.5\n2,v,1\n2,v,2\n,?,3\n7,w,4\n";
    struct recipe_spec spec = {.missing = MISSING_MEAN};
    check_inputs(text, spec, 4, (float[]){1, 1, 0, 0, 2, 0, 1, 0, 2, 0, 1, 0, 3, 0, 1, 0, 7, 0, 0, 1});
    spec.missing = MISSING_MEDIAN;
    check_inputs(text, spec, 4, (float[]){1, 1, 0, 0, 2, 0, 1, 0, 2, 0, 1, 0, 2, 0, 1, 0, 7, 0, 0, 1});
    check_inputs("a,y\n1,1\n4,1.5\n,2\n", spec, 1, (float[]){1, 4, 2.5f});
    spec.missing = MISSING_MOST_COMMON;
    check_inputs(text, spec, 4, (float[]){1, 1, 0, 0, 2, 0, 1, 0, 2, 0, 1, 0, 2, 0, 1, 0, 7, 0, 0, 1});
    spec.missing = MISSING_ZERO;
    check_inputs(text, spec, 4, (float[]){1, 1, 0, 0, 2, 0, 1, 0, 2, 0, 1, 0, 0, 0, 0, 0, 7, 0, 0, 1});
}

/* A column's mean and deviation count what its gaps are filled with: 0, 6, and 3 put in twice. */
static void fills_count_in_the_figures(void **state)
{
    (void)state;
    struct recipe_spec spec = {.missing = MISSING_MEAN, .normalize = NORMALIZE_STANDARD};
    float s = (float)(1 / sqrt(18.0 / 4));
    check_inputs("a,y\n0,1\n6,1.5\n,2\n,3\n", spec, 1, (float[]){-3 * s, 3 * s, 0, 0});
    spec = (struct recipe_spec){.missing = MISSING_ZERO, .normalize = NORMALIZE_RANGE};
    check_inputs("a,y\n5,1\n10,1.5\n,2\n", spec, 1, (float[]){0.5f, 1, 0});
}

static void columns_without_any_value_are_refused(void **state)
{
    (void)state;
    struct diags diags = {0};
    struct dataset *data = decoded("a,b,y\n1,,1\n2,,1.5\n", (struct recipe_spec){.missing = MISSING_MEDIAN});
    assert_null(recipe_fit(data, SPAN_NONE, &diags));
    check_error(&diags, "column `b` of `t.csv` has no value in any training row",
                "leave the column out with `drop`, or fill it with `missing: zero`");
    dataset_release(data);
}

static void gaps_without_a_policy_are_refused(void **state)
{
    (void)state;
    static const char help[] = "say what to put there, as in `missing: median`";
    struct diags diags = {0};
    float out[8];
    struct dataset *whole = decoded("a,y\n1,1\n2,1.5\n", (struct recipe_spec){0});
    struct dataset *gap = decoded("a,y\n1,1\n,1.5\n", (struct recipe_spec){.missing = MISSING_MEAN});
    struct recipe *recipe = fitted(whole);
    assert_false(recipe_inputs(recipe, gap, out, SPAN_NONE, &diags));
    check_error(&diags, "row 2 of `t.csv`: `a` has no value", help);
    float raw = NAN;
    assert_false(recipe_row(recipe, &raw, out, SPAN_NONE, &diags));
    check_error(&diags, "`a` has no value", help);
    raw = INFINITY;
    assert_false(recipe_row(recipe, &raw, out, SPAN_NONE, &diags));
    check_error(&diags, "`a` is infinite", NULL);
    struct recipe_spec spec = {.normalize = NORMALIZE_STANDARD};
    struct dataset *bare = dataset_with_spec(gap, spec, SPAN_NONE, &diags);
    assert_null(recipe_fit(bare, SPAN_NONE, &diags));
    check_error(&diags, "row 2 of `t.csv`: `a` has no value", help);
    recipe_release(recipe);
    dataset_release(whole);
    dataset_release(gap);
    dataset_release(bare);
}

static void values_are_scaled_and_kept(void **state)
{
    (void)state;
    struct diags diags = {0};
    struct dataset *data = decoded("a,y\n1,10\n2,20\n3,60\n", (struct recipe_spec){.normalize = NORMALIZE_STANDARD});
    struct recipe *recipe = fitted(data);
    float out[3];
    assert_true(recipe_targets(recipe, data, out, SPAN_NONE, &diags));
    check_clean(&diags);
    for (int i = 0; i < 3; i++)
        check_near(out[i] / recipe->target_scale[0] + recipe->target_mean[0], dataset_values(data, (uint32_t)i)[0], 1e-4);
    check_near(out[0] + out[1] + out[2], 0, 1e-6);
    check_near((out[0] * out[0] + out[1] * out[1] + out[2] * out[2]) / 3, 1, 1e-6);
    recipe_release(recipe);
    dataset_release(data);
    data = decoded("a,y\n1,10\n2,20\n3,60\n", (struct recipe_spec){.normalize = NORMALIZE_RANGE});
    recipe = fitted(data);
    assert_true(recipe_targets(recipe, data, out, SPAN_NONE, &diags));
    assert_true(out[0] == 10 && out[2] == 60);
    recipe_release(recipe);
    dataset_release(data);
}

static void targets_must_be_finite(void **state)
{
    (void)state;
    struct diags diags = {0};
    struct table *table = table_new(2, 1, TARGET_VALUE, 1);
    table->y[1] = NAN;
    struct dataset *data = dataset_of(table, "mine");
    assert_null(recipe_fit(data, SPAN_NONE, &diags));
    check_error(&diags, "row 2 of `mine`: the target `y` is missing", NULL);
    dataset_release(data);
}

static void reconstruction_aims_at_the_inputs(void **state)
{
    (void)state;
    struct diags diags = {0};
    struct recipe_spec spec = {.normalize = NORMALIZE_RANGE, .reconstruct = true};
    struct dataset *data = decoded("a,s,y\n0,u,n\n4,v,m\n", spec);
    struct recipe *recipe = fitted(data);
    assert_true(recipe->reconstruct);
    assert_int_equal(recipe->target, TARGET_VALUE);
    assert_int_equal(recipe->outputs, 3);
    assert_null(recipe->class_names);
    float inputs[6], targets[6];
    assert_true(recipe_inputs(recipe, data, inputs, SPAN_NONE, &diags));
    assert_true(recipe_targets(recipe, data, targets, SPAN_NONE, &diags));
    check_clean(&diags);
    assert_memory_equal(inputs, targets, sizeof inputs);
    check_near(inputs[3] / recipe->target_scale[0] + recipe->target_mean[0], 4, 1e-6);
    recipe_release(recipe);
    dataset_release(data);
}

static void other_files_are_bound_by_name(void **state)
{
    (void)state;
    struct diags diags = {0};
    float out[12];
    struct dataset *data = decoded("age,s,y\n1,u,0.5\n2,v,1\n", (struct recipe_spec){0});
    struct recipe *recipe = fitted(data);
    struct dataset *other = decoded("more,s,age,y\n9,w,3,0.5\n9,v,4,1\n", (struct recipe_spec){0});
    assert_true(recipe_inputs(recipe, other, out, SPAN_NONE, &diags));
    check_clean(&diags);
    assert_memory_equal(out, ((float[]){3, 0, 0, 4, 0, 1}), 6 * sizeof *out);
    dataset_release(other);

    other = decoded("agee,s,y\n1,u,0.5\n1,v,1\n", (struct recipe_spec){0});
    assert_false(recipe_inputs(recipe, other, out, SPAN_NONE, &diags));
    check_error(&diags, "`t.csv` has no column `age`, which the model was trained on", "did you mean its column `agee`?");
    dataset_release(other);

    other = decoded("age,s,y\n1,3,0.5\n1,4,1\n", (struct recipe_spec){0});
    assert_false(recipe_inputs(recipe, other, out, SPAN_NONE, &diags));
    check_error(&diags, "column `s` holds numbers, but the model was trained on categories there", NULL);
    dataset_release(other);
    recipe_release(recipe);
    dataset_release(data);
}

static void data_without_names_is_bound_by_position(void **state)
{
    (void)state;
    struct diags diags = {0};
    float out[2];
    struct dataset *data = decoded("a,b,y\n1,2,0.5\n2,3,1\n", (struct recipe_spec){0});
    struct recipe *recipe = fitted(data);
    struct table *table = table_new(1, 2, TARGET_NONE, 0);
    table->x[0] = 7;
    table->x[1] = 8;
    struct dataset *bare = dataset_of(table, "bare");
    assert_true(recipe_inputs(recipe, bare, out, SPAN_NONE, &diags));
    assert_true(out[0] == 7 && out[1] == 8);
    assert_false(recipe_targets(recipe, bare, out, SPAN_NONE, &diags));
    check_error(&diags, "`bare` does not have the target values that the model was trained on", NULL);
    recipe_release(recipe);
    dataset_release(data);
    dataset_release(bare);
}

static void classes_of_other_files_are_bound_by_name(void **state)
{
    (void)state;
    struct diags diags = {0};
    int32_t out[3];
    struct dataset *data = decoded("a,y\n1,t\n2,u\n3,v\n", (struct recipe_spec){0});
    struct recipe *recipe = fitted(data);
    struct dataset *fewer = decoded("a,y\n1,v\n2,u\n", (struct recipe_spec){0});
    assert_true(recipe_labels(recipe, fewer, out, SPAN_NONE, &diags));
    check_clean(&diags);
    assert_true(out[0] == 2 && out[1] == 1);
    struct dataset *more = decoded("a,y\n1,v\n2,w\n", (struct recipe_spec){0});
    assert_false(recipe_labels(recipe, more, out, SPAN_NONE, &diags));
    check_error(&diags, "`t.csv` has the class `w`, which the model was not trained on", NULL);
    struct dataset *numbers = decoded("a,y\n1,0\n2,1\n3,2\n", (struct recipe_spec){0});
    assert_false(recipe_labels(recipe, numbers, out, SPAN_NONE, &diags));
    check_error(&diags, "`t.csv` does not have the classes that the model was trained on", NULL);
    recipe_release(recipe);
    struct dataset *two = decoded("a,y\n1,0\n2,1\n", (struct recipe_spec){0});
    recipe = fitted(two);
    assert_false(recipe_labels(recipe, numbers, out, SPAN_NONE, &diags));
    check_error(&diags, "`t.csv` has the class `2`, which the model was not trained on", NULL);
    recipe_release(recipe);
    dataset_release(data);
    dataset_release(fewer);
    dataset_release(more);
    dataset_release(numbers);
    dataset_release(two);
}

static void one_row_is_prepared(void **state)
{
    (void)state;
    struct diags diags = {0};
    struct dataset *data = decoded("s,a,y\nu,1,0.5\nv,3,1\n,5,2\n",
                                   (struct recipe_spec){.normalize = NORMALIZE_RANGE, .missing = MISSING_MOST_COMMON});
    struct recipe *recipe = fitted(data);
    float out[3], raw[2] = {recipe_category(&recipe->steps[0], STR("v")), 3};
    assert_true(recipe_row(recipe, raw, out, SPAN_NONE, &diags));
    assert_memory_equal(out, ((float[]){0, 1, 0.5f}), sizeof out);
    raw[0] = recipe_category(&recipe->steps[0], STR("elsewhere"));
    raw[1] = NAN;
    assert_true(raw[0] == -1);
    assert_true(recipe_row(recipe, raw, out, SPAN_NONE, &diags));
    assert_memory_equal(out, ((float[]){0, 0, 0}), sizeof out);
    raw[0] = NAN;
    assert_true(recipe_row(recipe, raw, out, SPAN_NONE, &diags));
    assert_memory_equal(out, ((float[]){1, 0, 0}), sizeof out);
    check_clean(&diags);
    recipe_release(recipe);
    dataset_release(data);
}

static void extreme_columns_stay_finite(void **state)
{
    (void)state;
    struct diags diags = {0};
    static const enum normalize_kind kinds[] = {NORMALIZE_STANDARD, NORMALIZE_RANGE};
    for (size_t k = 0; k < 2; k++) {
        struct table *table = table_new(2, 3, TARGET_NONE, 0);
        const float x[] = {-FLT_MAX, 1e-45f, 0.1f, FLT_MAX, 0, 0.1f};
        memcpy(table->x, x, sizeof x);
        struct dataset *raw = dataset_of(table, "extreme");
        struct dataset *data = dataset_with_spec(raw, (struct recipe_spec){.normalize = kinds[k]}, SPAN_NONE, &diags);
        struct recipe *recipe = fitted(data);
        float out[6];
        assert_true(recipe_inputs(recipe, data, out, SPAN_NONE, &diags));
        for (int i = 0; i < 6; i++)
            assert_true(isfinite(out[i]));
        assert_true(out[2] == 0 && out[5] == 0);
        check_near(out[3] - out[0], kinds[k] == NORMALIZE_RANGE ? 1 : 2, 1e-5);
        recipe_release(recipe);
        dataset_release(raw);
        dataset_release(data);
    }
    check_clean(&diags);
}

static void senseless_wishes_are_refused(void **state)
{
    (void)state;
    struct diags diags = {0};
    const struct column_wish category = {.name = STR("a")};
    const struct csv_options options = {.categories = &category, .category_count = 1, .missing = MISSING_ZERO};
    struct dataset *empty = csv_decode(STR("a,y\n,0.5\n,1\n"), "t.csv", &options, SPAN_NONE, &diags);
    assert_null(recipe_fit(empty, SPAN_NONE, &diags));
    check_error(&diags, "the columns of `t.csv` give no inputs at all", NULL);
    dataset_release(empty);
    struct dataset *data = decoded("a,y\n1,0.5\n2,1\n", (struct recipe_spec){.normalize = NORMALIZE_FIXED});
    assert_null(recipe_fit(data, SPAN_NONE, &diags));
    check_error(&diags, "normalize needs a finite mean and a standard deviation above 0", NULL);
    dataset_release(data);
}

/* 9,999 names over 60,000 rows would be 600 million inputs. */
static void too_wide_categories_are_refused(void **state)
{
    (void)state;
    struct diags diags = {0};
    struct text text = {0};
    text_add(&text, "s,y\n");
    for (int i = 0; i < 60000; i++)
        text_addf(&text, "n%d,0.5\n", i % 9999);
    struct dataset *data = decoded(text_chars(&text), (struct recipe_spec){0});
    assert_null(recipe_fit(data, SPAN_NONE, &diags));
    check_error(&diags, "the columns of `t.csv` become 9_999 inputs, too many for its 60000 rows",
                "a category column gives one input for each of its values: drop those that are names or texts");
    text_release(&text);
    dataset_release(data);
}

static void every_failed_allocation_is_survived(void **state)
{
    (void)state;
    struct dataset *data =
        decoded("a,s,y\n1,u,0.5\n,v,1\n3,u,2\n", (struct recipe_spec){.missing = MISSING_MEDIAN, .normalize = NORMALIZE_STANDARD});
    bool done = false;
    for (long n = 0; !done && n < 500; n++) {
        struct diags diags = {0};
        float out[9];
        mem_fail_after(n);
        struct recipe *recipe = recipe_fit(data, SPAN_NONE, &diags);
        done = recipe && recipe_inputs(recipe, data, out, SPAN_NONE, &diags);
        mem_fail_after(-1);
        assert_true(done || diags.errors > 0);
        recipe_release(recipe);
        diags_release(&diags);
    }
    assert_true(done);
    dataset_release(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_asked_changes_nothing),
        cmocka_unit_test(columns_are_normalised),
        cmocka_unit_test(figures_come_from_the_training_rows_alone),
        cmocka_unit_test(gaps_are_filled),
        cmocka_unit_test(fills_count_in_the_figures),
        cmocka_unit_test(columns_without_any_value_are_refused),
        cmocka_unit_test(gaps_without_a_policy_are_refused),
        cmocka_unit_test(values_are_scaled_and_kept),
        cmocka_unit_test(targets_must_be_finite),
        cmocka_unit_test(reconstruction_aims_at_the_inputs),
        cmocka_unit_test(other_files_are_bound_by_name),
        cmocka_unit_test(data_without_names_is_bound_by_position),
        cmocka_unit_test(classes_of_other_files_are_bound_by_name),
        cmocka_unit_test(one_row_is_prepared),
        cmocka_unit_test(extreme_columns_stay_finite),
        cmocka_unit_test(senseless_wishes_are_refused),
        cmocka_unit_test(too_wide_categories_are_refused),
        cmocka_unit_test(every_failed_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
