/* The table of traits. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>

#include "bench.h"

static bool set(struct traits *traits, const struct element *element, const char *key, double number, const char *word,
                struct diags *diags)
{
    return trait_set(traits, element, str_of(key), number, word ? str_of(word) : (struct str){0}, (struct span){1, 2, 3}, diags);
}

static void the_table_agrees_with_the_struct(void **state)
{
    (void)state;
    struct traits traits = traits_default(NULL);
    assert_true(trait_count > 0);
    for (size_t i = 0; i < trait_count; i++) {
        assert_true(trait_get(&traits, &trait_table[i]) == trait_table[i].initial);
        assert_ptr_equal(trait_find(str_of(trait_table[i].key)), &trait_table[i]);
        if (i > 0)
            assert_true(strcmp(trait_table[i - 1].key, trait_table[i].key) < 0);
    }
    assert_true(traits_usual(&traits, NULL));
    assert_null(traits_out_of_range(&traits));
    assert_null(traits_first_set(&traits));
    assert_null(trait_find(STR("width")));
    assert_string_equal(init_names[INIT_ORTHOGONAL], "orthogonal");
    assert_null(init_names[INIT_ORTHOGONAL + 1]);
    assert_string_equal(head_names[HEAD_STEP], "step");
    assert_null(head_names[HEAD_STEP + 1]);
}

static void traits_are_set(void **state)
{
    (void)state;
    const struct element *leaky = elements_by_symbol(&table, STR("Lr"));
    struct traits traits = traits_default(leaky);
    struct diags diags = {0};
    assert_true(traits.params[0] == 0.01);
    assert_true(set(&traits, leaky, "slope", 0.3, NULL, &diags));
    assert_true(set(&traits, leaky, "bias", 0, NULL, &diags));
    assert_true(set(&traits, leaky, "density", 0.02, NULL, &diags));
    assert_true(set(&traits, leaky, "init", NAN, "siren", &diags));
    assert_true(set(&traits, leaky, "l1", 1e-4, NULL, &diags));
    assert_true(set(&traits, leaky, "l2", 1e-5, NULL, &diags));
    assert_true(set(&traits, leaky, "lr_scale", -0.0, NULL, &diags));
    assert_int_equal(diags.count, 0);
    assert_true(traits.params[0] == 0.3);
    assert_false(traits.bias);
    assert_true(traits.density == 0.02 && traits.l1 == 1e-4 && traits.l2 == 1e-5);
    assert_true(traits.lr_scale == 0 && !signbit(traits.lr_scale));
    assert_int_equal(traits.init, INIT_SIREN);
    assert_false(traits_usual(&traits, leaky));
    assert_string_equal(traits_first_set(&traits)->key, "bias");
}

static void slips_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *key, *word;
        double number;
        const char *message, *help;
    } slips[] = {
        {"slop", NULL, 1, "unknown trait `slop`", "did you mean `slope`?"},
        {"zzzzzz", NULL, 1, "unknown trait `zzzzzz`",
         "the traits are `bias`, `density`, `init`, `init_scale`, `l1`, `l2`, `lr_scale`, `share`, `slope`"},
        {"density", NULL, 0, "`density` is from 1e-6 to 1, not 0", NULL},
        {"density", NULL, 1.5, "`density` is from 1e-6 to 1, not 1.5", NULL},
        {"l2", NULL, -1, "`l2` is from 0 to 1000000, not -1", NULL},
        {"l2", NULL, NAN, "`l2` is a number", NULL},
        {"l2", NULL, INFINITY, "`l2` is a number", NULL},
        {"l2", "much", NAN, "`l2` is a number", NULL},
        {"slope", "steep", NAN, "`slope` is a number", NULL},
        {"bias", "no", NAN, "`bias` is a number: 1 or 0", NULL},
        {"bias", NULL, 2, "`bias` is true or false", NULL},
        {"init", "xaver", NAN, "unknown initialisation `xaver`", "did you mean `xavier`?"},
        {"init", NULL, 3, "`init` is a word", "one of `auto`, `he`"},
    };
    const struct element *leaky = elements_by_symbol(&table, STR("Lr"));
    for (size_t i = 0; i < sizeof slips / sizeof slips[0]; i++) {
        struct traits traits = traits_default(leaky);
        struct diags diags = {0};
        assert_false(set(&traits, leaky, slips[i].key, slips[i].number, slips[i].word, &diags));
        assert_true(traits_usual(&traits, leaky));
        if (slips[i].help && (!diags.at[0].help || !strstr(diags.at[0].help, slips[i].help)))
            fail_msg("help `%s`", diags.at[0].help ? diags.at[0].help : "");
        assert_int_equal(diags.at[0].span.start, 2);
        assert_diag(&diags, slips[i].message);
    }
}

static void ranges_are_checked(void **state)
{
    (void)state;
    struct traits traits = traits_default(NULL);
    traits.l1 = NAN;
    assert_string_equal(traits_out_of_range(&traits)->key, "l1");
    traits.l1 = 0;
    traits.density = 0;
    assert_string_equal(traits_out_of_range(&traits)->key, "density");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_agrees_with_the_struct),
        cmocka_unit_test(traits_are_set),
        cmocka_unit_test(slips_are_told),
        cmocka_unit_test(ranges_are_checked),
    };
    return cmocka_run_group_tests(tests, bench_setup, bench_teardown);
}
