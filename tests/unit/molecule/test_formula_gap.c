/* Gaps of formulas: where they are found, what is blamed, and that those of the standard library have none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "formula_text.h"
#include "molecule/formula_gap.h"
#include "support/text.h"

static const char *const names[] = {"p", NULL};
static const double values[] = {1.5};

static bool gap_of(const char *source, struct formula_gap *gap, struct text *node)
{
    struct formula formula = {0};
    formula_id roots[2] = {formula_read(&formula, source, names)};
    roots[1] = formula_derive(&formula, roots[0], FORMULA_X, 0);
    const bool found = formula_gap_find(&formula, roots[0], roots[1], values, gap);
    if (found)
        formula_print(&formula, gap->node, names, node);
    formula_release(&formula);
    return found;
}

static void gaps_are_found(void **state)
{
    (void)state;
    static const struct {
        const char *source, *node;
        double x;
        bool slope, too_large;
    } rows[] = {
        {"log(x)", "log(x)", -1, false, false},
        {"sqrt(x) * 2", "sqrt(x)", -1, false, false},
        {"x^p", "x^p", -1, false, false},
        {"1 / x", "1 / x", 0, false, false},
        {"log(abs(x))", "log(abs(x))", 0, false, false},
        {"sqrt(abs(x))", "0.5 / sqrt(abs(x))", 0, true, false},
        {"1 / (x - 2) + log(x + 9)", "1 / (x - 2)", 2, false, false},
        {"exp(exp(x))", "exp(exp(x))", 4.485, false, true},
        {"exp(x^2)", "exp(x^2)", -9.419, false, true},
        {"if x > 0 { sqrt(-x) } else { x }", "sqrt(-x)", 1, false, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct formula_gap gap;
        struct text node = {0};
        if (!gap_of(rows[i].source, &gap, &node))
            fail_msg("`%s`: no gap found", rows[i].source);
        if (strcmp(text_chars(&node), rows[i].node) != 0 || fabs(gap.x - rows[i].x) > 1e-3 || gap.slope != rows[i].slope ||
            gap.too_large != rows[i].too_large)
            fail_msg("`%s`: `%s` at %g, slope %d, too large %d", rows[i].source, text_chars(&node), gap.x, gap.slope,
                     gap.too_large);
        text_release(&node);
    }
}

static void whole_formulas_have_none(void **state)
{
    (void)state;
    static const char *const sources[] = {"x",
                                          "max(0, x)",
                                          "if x > 0 { x } else { 0.01 * x }",
                                          "if x > 0 { x } else { exp(x) - 1 }",
                                          "0.5 * x * (1 + erf(x / sqrt(2)))",
                                          "x * sigmoid(x)",
                                          "x * tanh(softplus(x))",
                                          "x / (1 + abs(x))",
                                          "sin(x)",
                                          "exp(-x^2)",
                                          "if x > 0 { log(x) } else { x - 1 }",
                                          "log(max(x, 0.01))",
                                          "x^3"};
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        struct formula_gap gap;
        struct text node = {0};
        if (gap_of(sources[i], &gap, &node))
            fail_msg("`%s`: `%s` at %g", sources[i], text_chars(&node), gap.x);
        text_release(&node);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gaps_are_found),
        cmocka_unit_test(whole_formulas_have_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
