/* Formulas: the laws one by one, and as properties of random formulas. Simplification keeps the value, spelling does not show in
   the text, the text reads back as itself, and a derivative agrees with differences. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>

#include "formula_text.h"
#include "support/memory.h"
#include "support/random.h"

static const char *const params[] = {"p", "q", NULL};

static void assert_prints(const struct formula *formula, formula_id id, const char *source, const char *expected)
{
    struct text text = {0};
    assert_int_not_equal(id, FORMULA_FAILED);
    formula_print(formula, id, params, &text);
    if (strcmp(text_chars(&text), expected) != 0)
        fail_msg("`%s` gives `%s`, should be `%s`", source, text_chars(&text), expected);
    text_release(&text);
}

/* ---- laws ---- */

static void test_simplification(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"2 + 3 * 4", "14"},
        {"2^3^2", "512"},
        {"-2^2", "-4"},
        {"sqrt(2)", "1.4142135623730951"},
        {"x + 0", "x"},
        {"0 - x", "-x"},
        {"x - x", "0"},
        {"x * 1", "x"},
        {"x * 0", "0"},
        {"x * -1", "-x"},
        {"x / 1", "x"},
        {"0 / x", "0"},
        {"x^1", "x"},
        {"x^0", "1"},
        {"x * x", "x^2"},
        {"x * x^2 * x", "x^4"},
        {"(2 * x)^3", "8 * x^3"},
        {"x^-1", "1 / x"},
        {"x^0.5", "sqrt(x)"},
        {"x^-2", "x^-2"},
        {"-(-x)", "x"},
        {"-(x - p)", "p - x"},
        {"-(x + p)", "-(p + x)"},
        {"x + x + x", "3 * x"},
        {"2 * x - x", "x"},
        {"x * 2 * p * x - 3 + p", "p + 2 * p * x^2 - 3"},
        {"sin(x) + 1 - (x - 2)", "3 + sin(x) - x"},
        {"x * sign(x)", "abs(x)"},
        {"(-x)^2", "x^2"},
        {"(-x)^3", "-x^3"},
        {"-x / p", "-x / p"},
        {"x / -p", "-x / p"},
        {"-2 / x", "-2 / x"},
        {"x / -2", "-x / 2"},
        {"sin(-x)", "-sin(x)"},
        {"cos(-2 * x)", "cos(2 * x)"},
        {"tanh(-x)", "-tanh(x)"},
        {"abs(-x)", "abs(x)"},
        {"abs(abs(x))", "abs(x)"},
        {"abs(exp(x))", "exp(x)"},
        {"sqrt(x^2)", "abs(x)"},
        {"log(exp(x))", "x"},
        {"exp(log(x))", "exp(log(x))"}, /* no number where x is negative */
        {"x / x", "x / x"},             /* no number at 0 */
        {"1 / (1 + exp(-x))", "sigmoid(x)"},
        {"1 / (1 + exp(x))", "sigmoid(-x)"},
        {"exp(x) / (1 + exp(x))", "sigmoid(x)"},
        {"x / (1 + exp(-x))", "x * sigmoid(x)"},
        {"log(exp(x) + 1)", "softplus(x)"},
        {"max(x, 0)", "max(0, x)"},
        {"min(x, x)", "x"},
        {"x < x", "0"},
        {"x <= x", "1"},
        {"if 2 > 1 { x } else { p }", "x"},
        {"if x > 0 { p } else { p }", "p"},
        {"0 < x", "x > 0"},
        {"x >= 0", "x >= 0"},
        {"0 >= x", "x <= 0"},
        {"1 == x", "x == 1"},
        {"x < p", "x < p"},
        {"log(0)", "log(0)"}, /* not finite: no number */
        {"1 / 0", "1 / 0"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct formula formula = {0};
        assert_prints(&formula, formula_read(&formula, rows[i][0], params), rows[i][0], rows[i][1]);
        formula_release(&formula);
    }
}

/* As few brackets as reading needs. */
static void test_brackets(void **state)
{
    (void)state;
    static const char *const same[] = {
        "x / (p / q)",
        "x / p / q",
        "x - sin(x)",
        "(p + x) * (q + x)",
        "2^(p + x)",
        "(p + x)^3",
        "(-x)^p",
        "x^p^q",
        "(x^p)^q",
        "x^-p",
        "p * (x / q)",
        "-x * sin(x)",
        "exp(-x^2)",
        "1 - tanh(x)^2",
        "-((p - x) / q)",
        "2 * (if x > 0 { 1 } else { 0 })",
        "x * (x < p)",
        "max(0, p + x)",
        "if x > 0 { x } else { p * (exp(x) - 1) }",
        "-2 * x",
        "(-2)^x",
        "sin(x) - 2 * cos(x)",
        "if (if x > 0 { x } else { p }) { 1 } else { 2 }",
    };
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        struct formula formula = {0};
        const char *expected = i == sizeof same / sizeof *same - 1 ? "if if x > 0 { x } else { p } { 1 } else { 2 }" : same[i];
        assert_prints(&formula, formula_read(&formula, same[i], params), same[i], expected);
        formula_release(&formula);
    }
}

static void test_derivatives(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"5", "0"},
        {"p", "0"},
        {"x", "1"},
        {"-x", "-1"},
        {"3 * x + p", "3"},
        {"x - p * x", "1 - p"},
        {"x^3", "3 * x^2"},
        {"x^p", "p * x^(p - 1)"},
        {"2^x", "0.6931471805599453 * 2^x"},
        {"x / p", "1 / p"},
        {"1 / x", "-1 / x^2"},
        {"x / (1 + abs(x))", "1 / (1 + abs(x))^2"},
        {"exp(2 * x)", "2 * exp(2 * x)"},
        {"log(x)", "1 / x"},
        {"sqrt(x)", "0.5 / sqrt(x)"},
        {"abs(x)", "sign(x)"},
        {"sign(x)", "0"},
        {"floor(x)", "0"},
        {"x < 1", "0"},
        {"sin(x)", "cos(x)"},
        {"cos(x)", "-sin(x)"},
        {"tanh(x)", "1 - tanh(x)^2"},
        {"sigmoid(x)", "sigmoid(x) * (1 - sigmoid(x))"},
        {"softplus(x)", "sigmoid(x)"},
        {"erf(x)", "1.1283791670955126 * exp(-x^2)"},
        {"max(0, x)", "if x > 0 { 1 } else { 0 }"},
        {"max(x, 0)", "if x > 0 { 1 } else { 0 }"},
        {"min(0, x)", "if x < 0 { 1 } else { 0 }"},
        {"max(x, p)", "if p < x { 1 } else { 0 }"},
        {"if x > 0 { x } else { p * x }", "if x > 0 { 1 } else { p }"},
        {"exp(-x^2)", "-2 * x * exp(-x^2)"},
        {"max(0, x)^2", "if x > 0 { 2 * max(0, x) } else { 0 }"},
        {"sqrt(max(0, x))", "if x > 0 { 0.5 / sqrt(max(0, x)) } else { 0 }"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct formula formula = {0};
        formula_id value = formula_read(&formula, rows[i][0], params);
        assert_prints(&formula, formula_derive(&formula, value, FORMULA_X, 0), rows[i][0], rows[i][1]);
        formula_release(&formula);
    }
}

static void test_derivatives_by_parameters(void **state)
{
    (void)state;
    static const char *const rows[][3] = {
        {"if x > 0 { x } else { p * x }", "if x > 0 { 0 } else { x }", "0"},
        {"sin(p * x) + q", "x * cos(p * x)", "1"},
        {"x^p", "if x == 0 { 0 } else { x^p * log(x) }", "0"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (unsigned p = 0; p < 2; p++) {
            struct formula formula = {0};
            formula_id value = formula_read(&formula, rows[i][0], params);
            assert_prints(&formula, formula_derive(&formula, value, FORMULA_PARAM, p), rows[i][0], rows[i][p + 1]);
            formula_release(&formula);
        }
}

static double value_of(const char *source, double x, bool slope)
{
    static const double values[] = {0.25, 3};
    struct formula formula = {0};
    formula_id id = formula_read(&formula, source, params);
    if (slope)
        id = formula_derive(&formula, id, FORMULA_X, 0);
    double value = formula_evaluate(&formula, id, x, values);
    formula_release(&formula);
    return value;
}

static void test_evaluation_at_the_edges(void **state)
{
    (void)state;
    assert_true(value_of("sigmoid(x)", -1000, false) == 0);
    assert_true(value_of("sigmoid(x)", 1000, false) == 1);
    assert_true(value_of("sigmoid(x)", -700, false) > 0);
    assert_true(value_of("softplus(x)", 1000, false) == 1000);
    assert_true(value_of("softplus(x)", -1000, false) == 0);
    assert_true(value_of("softplus(x)", -700, false) > 0);
    assert_true(value_of("softplus(x)", 1000, true) == 1);
    assert_true(value_of("sigmoid(x)", -1000, true) == 0);
    assert_true(value_of("if x > 0 { x } else { exp(x) - 1 }", 1e4, true) == 1); /* the other branch overflows */
    assert_true(value_of("abs(x)", 0, true) == 0);
    assert_true(value_of("max(0, x)", 0, true) == 0);
    assert_true(value_of("min(0, x)", 0, true) == 0);
    assert_true(value_of("sqrt(max(0, x))", -1, true) == 0);
    assert_true(value_of("max(0, x)^p", -1, true) == 0); /* 0^(p - 1) is infinite: p is 0.25 */
    assert_true(value_of("p + q * x", 2, false) == 6.25);
    static const char *const pass_nan[] = {"max(0, x)", "min(0, x)", "softplus(x)", "sigmoid(x)", "sign(x)", "abs(x)", "x + 1"};
    for (size_t i = 0; i < sizeof pass_nan / sizeof *pass_nan; i++)
        assert_true(isnan(value_of(pass_nan[i], NAN, false)));
}

/* ---- random formulas ---- */

/* An expression as somebody writes it: nothing is simplified here. */
struct tree {
    enum formula_op op;
    double number; /* FORMULA_NUMBER, FORMULA_PARAM */
    struct tree *parts[3];
};

#define MOST_TREES 4000
static struct tree trees[MOST_TREES];
static size_t tree_count;

static struct tree *grow(enum formula_op op, double number, struct tree *a, struct tree *b, struct tree *c)
{
    assert_true(tree_count < MOST_TREES);
    trees[tree_count] = (struct tree){op, number, {a, b, c}};
    return &trees[tree_count++];
}

static struct tree *random_leaf(struct random *random)
{
    static const double numbers[] = {0, 1, 2, -1, 3, 0.5, -2, 4};
    double draw = random_unit(random);
    if (draw < 0.55)
        return grow(FORMULA_X, 0, NULL, NULL, NULL);
    if (draw < 0.75)
        return grow(FORMULA_PARAM, random_below(random, 2), NULL, NULL, NULL);
    return grow(FORMULA_NUMBER, numbers[random_below(random, 8)], NULL, NULL, NULL);
}

static struct tree *random_tree(struct random *random, unsigned depth)
{
    if (depth == 0 || random_unit(random) < 0.1)
        return random_leaf(random);
    /* Sums and products more often than the rest. */
    static const enum formula_op often[] = {FORMULA_ADD, FORMULA_SUB, FORMULA_MUL, FORMULA_NEGATE};
    enum formula_op op = random_unit(random) < 0.5 ? often[random_below(random, 4)]
                                                   : FORMULA_NEGATE + random_below(random, FORMULA_OP_COUNT - FORMULA_NEGATE);
    struct tree *parts[3] = {0};
    for (unsigned i = 0; i < formula_functions[op].arity; i++)
        parts[i] = random_tree(random, depth - 1);
    if (op == FORMULA_POW && random_unit(random) < 0.8) {
        static const double exponents[] = {2, 3, -1, -2, 0.5, 1};
        parts[1] = grow(FORMULA_NUMBER, exponents[random_below(random, 6)], NULL, NULL, NULL);
    }
    return grow(op, 0, parts[0], parts[1], parts[2]);
}

static formula_id build(struct formula *formula, const struct tree *tree)
{
    if (tree->op == FORMULA_NUMBER)
        return formula_number(formula, tree->number);
    if (tree->op == FORMULA_X)
        return formula_x(formula);
    if (tree->op == FORMULA_PARAM)
        return formula_param(formula, (unsigned)tree->number);
    formula_id ids[3] = {0, 0, 0};
    for (unsigned i = 0; i < formula_functions[tree->op].arity; i++)
        ids[i] = build(formula, tree->parts[i]);
    return formula_apply(formula, tree->op, ids[0], ids[1], ids[2]);
}

/* A point of evaluation: whether it is far from every kink and pole, so that rounding cannot matter much, and a number for the
   branches taken. */
struct point {
    double x;
    double params[2];
    bool safe;
    uint64_t branches;
};

static void branch(struct point *point, double distance, bool taken)
{
    point->safe = point->safe && fabs(distance) > 1e-4;
    point->branches = point->branches * 3 + (taken ? 2 : 1);
}

static double reckon(const struct tree *tree, struct point *point)
{
    double v[3] = {0, 0, 0}, value = NAN;
    for (unsigned i = 0; i < formula_functions[tree->op].arity; i++)
        v[i] = reckon(tree->parts[i], point);
    double a = v[0], b = v[1];
    switch (tree->op) {
    case FORMULA_NUMBER:
        value = tree->number;
        break;
    case FORMULA_X:
        value = point->x;
        break;
    case FORMULA_PARAM:
        value = point->params[(size_t)tree->number];
        break;
    case FORMULA_NEGATE:
        value = -a;
        break;
    case FORMULA_ADD:
        value = a + b;
        break;
    case FORMULA_SUB:
        value = a - b;
        break;
    case FORMULA_MUL:
        value = a * b;
        break;
    case FORMULA_DIV:
        branch(point, b * 0.01, b > 0);
        value = a / b;
        break;
    case FORMULA_POW:
        branch(point, a * 0.01, a > 0);
        point->safe = point->safe && (a > 0 || tree->parts[1]->op == FORMULA_NUMBER); /* a negative base has whole exponents only */
        value = pow(a, b);
        break;
    case FORMULA_EXP:
        value = exp(a);
        break;
    case FORMULA_LOG:
        branch(point, a * 0.01, a > 0);
        value = log(a);
        break;
    case FORMULA_SQRT:
        branch(point, a * 0.01, a > 0);
        value = sqrt(a);
        break;
    case FORMULA_ABS:
        branch(point, a, a > 0);
        value = fabs(a);
        break;
    case FORMULA_SIGN:
        branch(point, a, a > 0);
        value = a > 0 ? 1 : -1;
        break;
    case FORMULA_SIN:
        value = sin(a);
        break;
    case FORMULA_COS:
        value = cos(a);
        break;
    case FORMULA_TANH:
        value = tanh(a);
        break;
    case FORMULA_SIGMOID:
        value = 1 / (1 + exp(-a));
        break;
    case FORMULA_SOFTPLUS:
        value = log(1 + exp(a));
        break;
    case FORMULA_ERF:
        value = erf(a);
        break;
    case FORMULA_FLOOR:
        branch(point, a - round(a), true);
        point->branches += (uint64_t)(int64_t)floor(fmod(a, 1e6));
        value = floor(a);
        break;
    case FORMULA_MIN:
        branch(point, a - b, a < b);
        value = a < b ? a : b;
        break;
    case FORMULA_MAX:
        branch(point, a - b, a > b);
        value = a > b ? a : b;
        break;
    case FORMULA_LT:
        branch(point, a - b, a < b);
        value = a < b;
        break;
    case FORMULA_LE:
        branch(point, a - b, a <= b);
        value = a <= b;
        break;
    case FORMULA_EQ:
        branch(point, a - b, a == b);
        value = a == b;
        break;
    case FORMULA_SELECT:
        branch(point, a == 0 ? 1 : a, a != 0); /* a comparison's 0 is exact */
        value = a != 0 ? b : v[2];
        break;
    case FORMULA_OP_COUNT:
        break;
    }
    point->safe = point->safe && fabs(value) < 1e3;
    return value;
}

static struct point random_point(struct random *random)
{
    struct point point = {.x = 3 * random_normal(random), .safe = true};
    point.params[0] = random_between(random, 0.1, 2);
    point.params[1] = random_between(random, -2, 2);
    return point;
}

static void test_simplification_keeps_values(void **state)
{
    (void)state;
    struct random random = random_stream(1, RANDOM_TEST, 0);
    unsigned checked = 0;
    for (unsigned round = 0; round < 20000; round++) {
        tree_count = 0;
        const struct tree *tree = random_tree(&random, 4);
        struct formula formula = {0};
        formula_id id = build(&formula, tree);
        assert_int_not_equal(id, FORMULA_FAILED);
        for (unsigned k = 0; k < 4; k++) {
            struct point point = random_point(&random);
            double expected = reckon(tree, &point), found = formula_evaluate(&formula, id, point.x, point.params);
            if (!point.safe || !isfinite(expected))
                continue;
            checked++;
            if (!(fabs(found - expected) <= 1e-6 * (1 + fabs(expected)))) {
                struct text text = {0};
                formula_print(&formula, id, params, &text);
                fail_msg("round %u: `%s` at %.17g is %.17g, should be %.17g", round, text_chars(&text), point.x, found, expected);
            }
        }
        formula_release(&formula);
    }
    assert_true(checked > 20000);
}

/* Fourth-order central differences at two step sizes; NaN where they do not agree or a kink is near. */
static double difference(const struct tree *tree, struct point point, int param)
{
    static const double weights[] = {1, -8, 8, -1}, steps[] = {-2, -1, 1, 2};
    double results[2];
    for (int k = 0; k < 2; k++) {
        double h = k == 0 ? 1e-3 : 5e-4, sum = 0;
        for (int i = 0; i < 4; i++) {
            struct point near = point;
            near.branches = 0;
            *(param < 0 ? &near.x : &near.params[param]) += steps[i] * h;
            sum += weights[i] * reckon(tree, &near);
            if (i == 0 && k == 0)
                point.branches = near.branches;
            if (!near.safe || near.branches != point.branches)
                return NAN;
        }
        results[k] = sum / (12 * h);
    }
    return fabs(results[0] - results[1]) <= 1e-6 * (1 + fabs(results[1])) ? results[1] : NAN;
}

static void test_derivatives_agree_with_differences(void **state)
{
    (void)state;
    struct random random = random_stream(2, RANDOM_TEST, 0);
    unsigned checked = 0;
    for (unsigned round = 0; round < 20000; round++) {
        tree_count = 0;
        const struct tree *tree = random_tree(&random, 4);
        struct formula formula = {0};
        int param = (int)random_below(&random, 3) - 1;
        formula_id value = build(&formula, tree);
        formula_id id = formula_derive(&formula, value, param < 0 ? FORMULA_X : FORMULA_PARAM, param < 0 ? 0 : (unsigned)param);
        assert_int_not_equal(id, FORMULA_FAILED);
        for (unsigned k = 0; k < 4; k++) {
            struct point point = random_point(&random);
            double expected = difference(tree, point, param), found = formula_evaluate(&formula, id, point.x, point.params);
            if (isnan(expected))
                continue;
            checked++;
            if (!(fabs(found - expected) <= 1e-5 * (1 + fabs(expected)))) {
                struct text text = {0}, slope = {0};
                formula_print(&formula, value, params, &text);
                formula_print(&formula, id, params, &slope);
                fail_msg("round %u: the derivative of `%s`, `%s`, at %.17g is %.17g, should be %.17g", round, text_chars(&text),
                         text_chars(&slope), point.x, found, expected);
            }
        }
        formula_release(&formula);
    }
    assert_true(checked > 20000);
}

/* -1 * (x - y) is y - x, so that it matters what a number is multiplied by first. */
static bool is_constant(const struct tree *tree)
{
    struct formula formula = {0};
    formula_id id = build(&formula, tree);
    bool constant = formula.nodes[id].op == FORMULA_NUMBER;
    formula_release(&formula);
    return constant;
}

static bool has_constant(const struct tree *product, const struct tree *factor)
{
    return is_constant(product->parts[0]) || is_constant(product->parts[1]) || is_constant(factor);
}

/* The same formula in other words: operands of commutative operations swapped, sums and products bracketed another way, a - b as
   a + -b, a square as a product. */
static struct tree *respell(struct random *random, const struct tree *tree)
{
    struct tree *parts[3] = {0};
    for (unsigned i = 0; i < formula_functions[tree->op].arity; i++)
        parts[i] = respell(random, tree->parts[i]);
    enum formula_op op = tree->op;
    bool chance = random_unit(random) < 0.5;
    bool associative = op == FORMULA_ADD || op == FORMULA_MUL;
    if (op == FORMULA_SUB && chance) {
        op = FORMULA_ADD;
        parts[1] = grow(FORMULA_NEGATE, 0, parts[1], NULL, NULL);
    } else if (op == FORMULA_POW && chance && parts[1]->op == FORMULA_NUMBER && parts[1]->number == 2) {
        op = FORMULA_MUL;
        parts[1] = parts[0];
    } else if (associative && parts[0]->op == op && chance &&
               (op == FORMULA_ADD || !has_constant(parts[0], parts[1]))) { /* (a + b) + c is a + (b + c) */
        parts[1] = grow(op, 0, parts[0]->parts[1], parts[1], NULL);
        parts[0] = parts[0]->parts[0];
    }
    bool commutative = op == FORMULA_ADD || op == FORMULA_MUL || op == FORMULA_MIN || op == FORMULA_MAX || op == FORMULA_EQ;
    if (commutative && random_unit(random) < 0.5) {
        struct tree *first = parts[0];
        parts[0] = parts[1];
        parts[1] = first;
    }
    return grow(op, tree->number, parts[0], parts[1], parts[2]);
}

static void test_spelling_does_not_show(void **state)
{
    (void)state;
    struct random random = random_stream(3, RANDOM_TEST, 0);
    for (unsigned round = 0; round < 20000; round++) {
        tree_count = 0;
        const struct tree *tree = random_tree(&random, 4);
        struct formula first = {0}, second = {0};
        formula_id a = build(&first, tree), b = build(&second, respell(&random, tree));
        struct text text = {0};
        formula_print(&first, a, params, &text);
        assert_prints(&second, b, "another spelling", text_chars(&text));
        assert_true(formula_hash(&first, a) == formula_hash(&second, b));
        text_release(&text);
        formula_release(&first);
        formula_release(&second);
    }
}

static void test_text_reads_back(void **state)
{
    (void)state;
    struct random random = random_stream(4, RANDOM_TEST, 0);
    for (unsigned round = 0; round < 20000; round++) {
        tree_count = 0;
        struct formula formula = {0}, again = {0};
        formula_id id = build(&formula, random_tree(&random, 4));
        if (round % 2)
            id = formula_derive(&formula, id, FORMULA_X, 0);
        struct text text = {0};
        formula_print(&formula, id, params, &text);
        if (text.len < 1000 && !strstr(text_chars(&text), "0 / 0")) { /* -0 / 0 is 0 / 0 */
            formula_id read = formula_read(&again, text_chars(&text), params);
            assert_prints(&again, read, text_chars(&text), text_chars(&text));
            assert_true(formula_hash(&formula, id) == formula_hash(&again, read));
        }
        text_release(&text);
        formula_release(&formula);
        formula_release(&again);
    }
}

/* ---- what is left when nobody needs it, limits, memory ---- */

static void test_trim(void **state)
{
    (void)state;
    struct formula formula = {0};
    formula_read(&formula, "cos(p) + sin(q) * 7", params);
    formula_id roots[2] = {formula_read(&formula, "x * sigmoid(x)", params)};
    roots[1] = formula_derive(&formula, roots[0], FORMULA_X, 0);
    const double none[2] = {0, 0};
    double value = formula_evaluate(&formula, roots[0], 0.7, none), slope = formula_evaluate(&formula, roots[1], 0.7, none);
    formula_trim(&formula, roots, 2);
    assert_int_equal(formula.count, 7); /* x, s, x s; 1, 1 - s, x s (1 - s), x s (1 - s) + s */
    assert_true(formula_evaluate(&formula, roots[0], 0.7, none) == value);
    assert_true(formula_evaluate(&formula, roots[1], 0.7, none) == slope);
    assert_prints(&formula, roots[0], "trimmed", "x * sigmoid(x)");
    assert_int_equal(formula_operations(&formula, roots[0]), 2);
    assert_int_equal(formula_operations(&formula, roots[1]), 5);
    formula_release(&formula);
}

static void test_hashes_differ(void **state)
{
    (void)state;
    static const char *const sources[] = {"x", "p", "q", "1", "2", "sin(x)", "cos(x)", "x < p", "p < x", "x / p", "p / x"};
    enum { COUNT = sizeof sources / sizeof *sources };
    uint64_t hashes[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        struct formula formula = {0};
        hashes[i] = formula_hash(&formula, formula_read(&formula, sources[i], params));
        for (size_t k = 0; k < i; k++)
            assert_true(hashes[i] != hashes[k]);
        formula_release(&formula);
    }
}

/* sin(sin(…sin(x)…)), one operation after another until there is no room. */
static void test_too_many_nodes(void **state)
{
    (void)state;
    struct formula formula = {0};
    formula_id id = formula_x(&formula), last = id;
    unsigned depth = 0;
    for (; id != FORMULA_FAILED; depth++) {
        last = id;
        id = formula_apply(&formula, FORMULA_SIN, id, 0, 0);
    }
    assert_int_equal(depth, LIMIT_FORMULA_NODES);
    assert_int_equal(formula_apply(&formula, FORMULA_ADD, FORMULA_FAILED, last, 0), FORMULA_FAILED);
    assert_int_equal(formula_apply(&formula, FORMULA_ADD, last, FORMULA_FAILED, 0), FORMULA_FAILED);
    assert_int_equal(formula_number(&formula, 42), FORMULA_FAILED);
    assert_int_equal(formula_derive(&formula, last, FORMULA_X, 0), FORMULA_FAILED);
    assert_int_equal(formula_derive(&formula, FORMULA_FAILED, FORMULA_X, 0), FORMULA_FAILED);
    assert_int_equal(formula_x(&formula), 0); /* what is there is still found */
    formula_release(&formula);
}

/* A part that stands twice in the next doubles the text at each step. */
static void test_text_is_bounded(void **state)
{
    (void)state;
    struct formula formula = {0};
    formula_id id = formula_x(&formula);
    for (int i = 0; i < 60; i++)
        id = formula_apply(&formula, FORMULA_MUL, formula_apply(&formula, FORMULA_SIN, id, 0, 0),
                           formula_apply(&formula, FORMULA_COS, id, 0, 0), 0);
    struct text text = {0};
    formula_print(&formula, id, params, &text);
    assert_in_range(text.len, LIMIT_FORMULA_TEXT, LIMIT_FORMULA_TEXT + 1000);
    assert_non_null(strstr(text_chars(&text), "…"));
    text_release(&text);
    formula_release(&formula);
}

/* Sums and products whose numbers overflow have no normal form; parts of theirs that stand twice must not be looked at 2^60
   times. */
static void test_overflow_is_quick(void **state)
{
    (void)state;
    static const char *const starts[] = {"1e308 * x", "x^1e308"};
    static const enum formula_op ops[] = {FORMULA_ADD, FORMULA_MUL};
    for (int k = 0; k < 2; k++) {
        struct formula formula = {0};
        formula_id id = formula_read(&formula, starts[k], params);
        for (int i = 0; i < 60; i++)
            id = formula_apply(&formula, ops[k], id, id, 0);
        assert_int_not_equal(id, FORMULA_FAILED);
        assert_int_not_equal(formula_derive(&formula, id, FORMULA_X, 0), FORMULA_FAILED);
        assert_true(formula_evaluate(&formula, id, 1e-300, NULL) == (k == 0 ? 0x1p60 * 1e8 : 0));
        formula_release(&formula);
    }
}

static void test_out_of_memory(void **state)
{
    (void)state;
    bool built = false;
    for (long n = 0; !built; n++) {
        struct formula formula = {0};
        mem_fail_after(n);
        formula_id id = formula_read(&formula, "0.5 * x * (1 + erf(x / sqrt(2))) - 3 * x * sign(x) + q * log(1 + exp(p))", params);
        id = formula_derive(&formula, id, FORMULA_X, 0);
        mem_fail_after(-1);
        built = id != FORMULA_FAILED;
        assert_true(n < 100);
        formula_release(&formula);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_simplification),
        cmocka_unit_test(test_brackets),
        cmocka_unit_test(test_derivatives),
        cmocka_unit_test(test_derivatives_by_parameters),
        cmocka_unit_test(test_evaluation_at_the_edges),
        cmocka_unit_test(test_simplification_keeps_values),
        cmocka_unit_test(test_derivatives_agree_with_differences),
        cmocka_unit_test(test_spelling_does_not_show),
        cmocka_unit_test(test_text_reads_back),
        cmocka_unit_test(test_trim),
        cmocka_unit_test(test_hashes_differ),
        cmocka_unit_test(test_too_many_nodes),
        cmocka_unit_test(test_text_is_bounded),
        cmocka_unit_test(test_overflow_is_quick),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
