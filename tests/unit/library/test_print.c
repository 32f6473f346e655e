/* One line a value: what `print` writes. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "interp/print.h"

#include "script.h"

static struct script script;

static int open_script(void **state)
{
    (void)state;
    script_open(&script);
    return 0;
}

static int close_script(void **state)
{
    (void)state;
    script_close(&script);
    return 0;
}

static void plain_values(void **state)
{
    (void)state;
    expect_print(&script, "print 1, 2.5, 1e-4, true, none, \"a b\"", "1 2.5 1e-4 true none a b\n");
    expect_print(&script, "print [1, \"a\", [none, false]]", "[1, \"a\", [none, false]]\n");
    expect_print(&script, "print { a: 1, b: \"x\", c: { d: [] } }", "{ a: 1, b: \"x\", c: { d: [] } }\n");
    expect_print(&script, "print {}", "{}\n");
    expect_print(&script, "print [\"q\\\"b\\\\n\\n\"]", "[\"q\\\"b\\\\n\\n\"]\n");
}

static void things_of_the_language(void **state)
{
    (void)state;
    expect_print(&script, "print relu, relu(8) -> ~tanh(8), `R8*3`", "relu R8-~T8 R8*3\n");
    expect_print(&script, "fn area(w, h = 2 * 3) = w * h\nprint area, fn(x) = x", "fn area(w, h = 2 * 3) fn(x)\n");
    expect_print(&script, "molecule M(w = 4) = relu(w)\nprint M, M(2)", "molecule M(w = 4) R2\n");
    expect_print(&script, "print patience(7)", "patience(epochs: 7, min_delta: 0, by: loss)\n");
    expect_print(&script, "print first", "first(xs: any)\n");
    expect_print(&script, "rule twice(k = 2): ?a(?n) => ?a(?n * k)\nprint twice", "rule twice\n");
    expect_print(&script, "print truth(2, fn(a, b) = a != b)", "truth: 4 rows, 2 features, 2 classes\n");
    expect_print(&script, "print truth(3, fn(a, b, c) = a) |> split(50%, seed: 1)", "truth: train 4, test 4\n");
    expect_print(&script, "print table([{ a: 1, b: 2 }])", "table of 1 row: a, b\n");
}

/* The digits that an estimate shows are those its interval vouches for. */
static void print_values(const double *values, size_t count, const char *expected)
{
    struct estimate_object *estimate = test_calloc(1, sizeof *estimate + count * sizeof *values);
    struct text text = {0};
    estimate->count = count;
    memcpy(estimate->values, values, count * sizeof *values);
    print_estimate(estimate, &text);
    assert_string_equal(text_chars(&text), expected);
    text_release(&text);
    test_free(estimate);
}

static void estimates(void **state)
{
    (void)state;
    print_values((double[]){0.95, 0.97, 0.98}, 3, "0.967 ± 0.038");
    print_values((double[]){0.95, 0.95}, 2, "0.95 ± 0");
    print_values((double[]){0.5}, 1, "0.5");
    print_values((double[]){1000, 2000, 1500}, 3, "1500 ± 1242");
    print_values((double[]){1e12, 3e12}, 2, "2e12 ± 1.3e13");
    print_values((double[]){1e-12, 3e-12}, 2, "2e-12 ± 1.3e-11");
    print_values((double[]){1, NAN}, 2, "nan");
}

static void figures(void **state)
{
    (void)state;
    const struct {
        double figure;
        const char *written;
    } rows[] = {{0.96749, "0.9675"}, {1234567, "1_234_567"}, {0, "0"}, {-3, "-3"}, {1.0 / 3, "0.3333"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct text text = {0};
        print_figure(rows[i].figure, &text);
        assert_string_equal(text_chars(&text), rows[i].written);
        text_release(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(plain_values, open_script, close_script),
        cmocka_unit_test_setup_teardown(things_of_the_language, open_script, close_script),
        cmocka_unit_test(estimates),
        cmocka_unit_test(figures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
