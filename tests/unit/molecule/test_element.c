/* Elements: what may be added to the table, what is derived, and the periodic table of stdlib/elements.nel: each element's value
   against its published definition, its slope against differences, its flags. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>

#include "formula_text.h"
#include "molecule/element.h"
#include "support/memory.h"
#include "support/random.h"

/* ---- making elements ---- */

struct spec {
    const char *name, *symbol, *formula;
    const char *params[LIMIT_ELEMENT_PARAMETERS + 1];
    double initial[LIMIT_ELEMENT_PARAMETERS];
    bool learned;
};

static char *copy(const char *text)
{
    return mem_copy_text(text, strlen(text));
}

/* An element as the evaluator makes it, spans [1, 5). Without memory, some of it is missing and its value has failed. */
static struct element make(const struct spec *spec)
{
    struct element element = {.span = {1, 1, 5}, .symbol_span = {1, 1, 5}};
    element.name = copy(spec->name);
    element.doc = copy("");
    snprintf(element.symbol, sizeof element.symbol, "%s", spec->symbol);
    bool whole = element.name && element.doc;
    for (unsigned i = 0; spec->params[i]; i++) {
        element.params[i] = (struct element_param){copy(spec->params[i]), spec->initial[i], spec->learned, {1, 1, 5}};
        whole = whole && element.params[i].name;
        element.param_count++;
    }
    element.value = formula_read(&element.formula, spec->formula, spec->params);
    if (!whole)
        element.value = FORMULA_FAILED;
    return element;
}

static const struct element *add(struct elements *elements, struct spec spec)
{
    struct diags diags = {0};
    struct element element = make(&spec);
    const struct element *added = elements_add(elements, &element, &diags);
    assert_non_null(added);
    assert_int_equal(diags.count, 0);
    assert_null(element.name);
    return added;
}

static void assert_refused(struct elements *elements, struct spec spec, const char *message)
{
    struct diags diags = {0};
    struct element element = make(&spec);
    size_t count = elements->count;
    assert_null(elements_add(elements, &element, &diags));
    assert_null(element.name);
    assert_int_equal(elements->count, count);
    assert_int_equal(diags.count, 1);
    assert_string_equal(diags.at[0].message, message);
    assert_int_equal(diags.at[0].span.start, 1);
    assert_int_equal(diags.at[0].span.end, 5);
    diags_release(&diags);
}

/* ---- the periodic table ---- */

/* One declaration: element NAME "SYMBOL" (x; [learned] param = number) = formula */
static void read_line(struct elements *elements, char *line)
{
    char name[32], symbol[8], param[32] = "";
    struct spec spec = {.name = name, .symbol = symbol};
    int head = 0;
    assert_int_equal(sscanf(line, "element %31s \"%7[^\"]\" (x%n", name, symbol, &head), 2);
    if (line[head] == ';') {
        spec.learned = strncmp(line + head, "; learned ", 10) == 0;
        assert_int_equal(sscanf(line + head + (spec.learned ? 10 : 2), "%31s = %lf", param, &spec.initial[0]), 2);
        spec.params[0] = param;
    }
    char *formula = strstr(line, ") = ");
    assert_non_null(formula);
    for (char *at = formula; *at; at++)
        if (*at == '\n')
            *at = at[1] ? ' ' : '\0';
    spec.formula = formula + strlen(") = ");
    add(elements, spec);
}

/* A line, with those that go on with it: they are indented. */
static bool read_statement(FILE *file, char *text, int size)
{
    if (!fgets(text, size, file))
        return false;
    for (int next = getc(file); next != EOF; next = getc(file)) {
        ungetc(next, file);
        const int len = (int)strlen(text);
        if (next != ' ' || !fgets(text + len, size - len, file))
            break;
    }
    return true;
}

static int read_table(void **state)
{
    static struct elements elements;
    char line[512];
    const char *path = NEL_SOURCE "/stdlib/elements.nel";
    FILE *file = fopen(path, "r");
    if (!file)
        fail_msg("%s cannot be opened", path);
    bool documented = false;
    while (read_statement(file, line, sizeof line)) {
        if (strncmp(line, "element ", 8) == 0) {
            if (!documented)
                fail_msg("no doc comment above %s", line);
            read_line(&elements, line);
        }
        documented = strncmp(line, "## ", 3) == 0;
    }
    fclose(file);
    *state = &elements;
    return 0;
}

static int release_table(void **state)
{
    elements_release(*state);
    return 0;
}

static double relu(double x)
{
    return x > 0 ? x : 0;
}
static double leaky_relu(double x)
{
    return x > 0 ? x : 0.01 * x;
}
static double prelu(double x)
{
    return x > 0 ? x : 0.25 * x;
}
static double elu(double x)
{
    return x > 0 ? x : expm1(x);
}
static double selu(double x)
{
    return 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * expm1(x));
}
static double gelu(double x)
{
    return x * 0.5 * erfc(-x * M_SQRT1_2);
}
static double logistic(double x)
{
    return 1 / (1 + exp(-x));
}
static double swish(double x)
{
    return x * logistic(x);
}
static double softplus(double x)
{
    return log(1 + exp(x));
}
static double mish(double x)
{
    return x * tanh(softplus(x));
}
static double softsign(double x)
{
    return x / (1 + fabs(x));
}
static double gaussian(double x)
{
    return exp(-(x * x));
}
static double step(double x)
{
    return x > 0;
}
static double linear(double x)
{
    return x;
}

static const struct {
    const char *name, *symbol;
    double (*value)(double x);
    bool rectified, flat;
} table[] = {
    {"linear", "L", linear, false, false},
    {"relu", "R", relu, true, false},
    {"leaky_relu", "Lr", leaky_relu, true, false},
    {"prelu", "Pr", prelu, true, false},
    {"elu", "E", elu, true, false},
    {"selu", "Se", selu, false, false},
    {"gelu", "G", gelu, true, false},
    {"swish", "Sw", swish, true, false},
    {"mish", "M", mish, true, false},
    {"softplus", "Sp", softplus, true, false},
    {"sigmoid", "S", logistic, false, false},
    {"tanh", "T", tanh, false, false},
    {"softsign", "Ss", softsign, false, false},
    {"sine", "Si", sin, false, false},
    {"gaussian", "Ga", gaussian, false, false},
    {"step", "St", step, false, true},
};
enum { TABLE_COUNT = sizeof table / sizeof *table };

static double evaluate(const struct element *element, formula_id node, double x)
{
    return formula_evaluate(&element->formula, node, x, (const double[]){element->params[0].initial, 0, 0, 0});
}

static void test_table_is_complete(void **state)
{
    const struct elements *elements = *state;
    assert_int_equal(elements->count, TABLE_COUNT);
    for (size_t i = 0; i < TABLE_COUNT; i++) {
        const struct element *element = elements_by_name(elements, str_of(table[i].name));
        assert_non_null(element);
        assert_ptr_equal(elements_by_symbol(elements, str_of(table[i].symbol)), element);
        assert_int_equal(element->rectified, table[i].rectified);
        assert_int_equal(element->flat, table[i].flat);
    }
    assert_null(elements_by_name(elements, STR("rellu")));
    assert_null(elements_by_symbol(elements, STR("Q")));
    assert_null(elements_by_symbol(elements, STR("")));
}

static void test_table_has_published_values(void **state)
{
    struct random random = random_stream(1, RANDOM_TEST, 0);
    for (size_t i = 0; i < TABLE_COUNT; i++) {
        const struct element *element = elements_by_name(*state, str_of(table[i].name));
        for (int k = 0; k < 1000; k++) {
            double x = k == 0 ? 0 : 5 * random_normal(&random);
            double found = evaluate(element, element->value, x), expected = table[i].value(x);
            if (!(fabs(found - expected) <= 1e-14 * (1 + fabs(x))))
                fail_msg("%s at %.17g is %.17g, should be %.17g", element->name, x, found, expected);
        }
    }
}

/* Differences of fourth order, away from 0, where some have a kink. */
static void test_table_has_right_slopes(void **state)
{
    const double h = 1e-3;
    struct random random = random_stream(2, RANDOM_TEST, 0);
    for (size_t i = 0; i < TABLE_COUNT; i++) {
        const struct element *element = elements_by_name(*state, str_of(table[i].name));
        double (*f)(double) = table[i].value;
        for (int k = 0; k < 1000; k++) {
            double x = 4 * random_normal(&random);
            if (fabs(x) < 3 * h)
                continue;
            double found = evaluate(element, element->slope, x);
            double expected = (f(x - 2 * h) - 8 * f(x - h) + 8 * f(x + h) - f(x + 2 * h)) / (12 * h);
            if (!(fabs(found - expected) <= 1e-9))
                fail_msg("the slope of %s at %.17g is %.17g, should be %.17g", element->name, x, found, expected);
        }
    }
}

/* At 0 the slope is that of one of the sides; far out, where exponentials leave the range of a double, it has its limit. */
static void test_table_at_the_edges(void **state)
{
    static const struct {
        const char *name;
        double below, at_zero, above; /* slopes at -1e4, 0, 1e4 */
    } rows[] = {
        {"linear", 1, 1, 1},      {"relu", 0, 0, 1},   {"leaky_relu", 0.01, 0.01, 1},
        {"prelu", 0.25, 0.25, 1}, {"elu", 0, 1, 1},    {"gelu", 0, 0.5, 1},
        {"swish", 0, 0.5, 1},     {"mish", 0, 0.6, 1}, {"softplus", 0, 0.5, 1},
        {"sigmoid", 0, 0.25, 0},  {"tanh", 0, 1, 0},   {"softsign", 1 / (10001.0 * 10001.0), 1, 1 / (10001.0 * 10001.0)},
        {"gaussian", 0, 0, 0},    {"step", 0, 0, 0},   {"selu", 0, 1.0507009873554805 * 1.6732632423543772, 1.0507009873554805},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct element *element = elements_by_name(*state, str_of(rows[i].name));
        const double at[] = {-1e4, 0, 1e4}, expected[] = {rows[i].below, rows[i].at_zero, rows[i].above};
        for (int k = 0; k < 3; k++)
            if (!(fabs(evaluate(element, element->slope, at[k]) - expected[k]) <= 1e-12))
                fail_msg("the slope of %s at %g is %.17g", element->name, at[k], evaluate(element, element->slope, at[k]));
    }
}

/* ---- rules of the table ---- */

static void test_symbols(void **state)
{
    (void)state;
    struct elements elements = {0};
    add(&elements, (struct spec){"relu", "R", "max(0, x)", {0}, {0}, false});
    assert_refused(&elements, (struct spec){"a", "r", "x", {0}, {0}, false}, "`r` is no DNA symbol");
    assert_refused(&elements, (struct spec){"a", "", "x", {0}, {0}, false}, "`` is no DNA symbol");
    assert_refused(&elements, (struct spec){"a", "RR", "x", {0}, {0}, false}, "`RR` is no DNA symbol");
    assert_refused(&elements, (struct spec){"a", "R2", "x", {0}, {0}, false}, "`R2` is no DNA symbol");
    static const char *const reserved[] = {"H", "I", "O", "D", "Bn", "Ln", "Gt", "Sc"};
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++) {
        char message[64];
        snprintf(message, sizeof message, "the symbol `%s` is reserved", reserved[i]);
        assert_refused(&elements, (struct spec){"a", reserved[i], "x", {0}, {0}, false}, message);
    }
    assert_refused(&elements, (struct spec){"a", "R", "x", {0}, {0}, false}, "the symbol `R` belongs to `relu`");
    elements_release(&elements);
}

/* Molecules hold pointers to elements: the shadowed one stays where it is. */
static void test_shadowing(void **state)
{
    (void)state;
    struct elements elements = {0};
    const struct element *first = add(&elements, (struct spec){"relu", "R", "max(0, x)", {0}, {0}, false});
    const struct element *second = add(&elements, (struct spec){"relu", "R", "max(0, 2 * x)", {0}, {0}, false});
    assert_ptr_not_equal(first, second);
    assert_ptr_equal(elements_by_name(&elements, STR("relu")), second);
    assert_ptr_equal(elements_by_symbol(&elements, STR("R")), second);
    assert_string_equal(first->name, "relu");
    assert_true(first->hash != second->hash);
    elements_release(&elements);
}

static void test_parameters(void **state)
{
    (void)state;
    struct elements elements = {0};
    assert_refused(&elements, (struct spec){"a", "A", "x", {"Slope"}, {1}, false}, "`Slope` cannot be the name of a parameter");
    assert_refused(&elements, (struct spec){"a", "A", "x", {"\xc3\xa4"}, {1}, false},
                   "`\xc3\xa4` cannot be the name of a parameter");
    assert_refused(&elements, (struct spec){"a", "A", "x", {"bias"}, {1}, false}, "every layer has a trait `bias` already");
    assert_refused(&elements, (struct spec){"a", "A", "x", {"width"}, {1}, false}, "every layer has a trait `width` already");
    assert_refused(&elements, (struct spec){"a", "A", "x", {"p", "p"}, {1, 2}, false}, "two parameters of `a` are called `p`");
    const struct element *prelu =
        add(&elements, (struct spec){"prelu", "Pr", "if x > 0 { x } else { slope * x }", {"slope", "other_2"}, {0.25, 1}, true});
    assert_true(prelu->rectified);
    const double params[] = {0.25, 1, 0, 0};
    assert_true(formula_evaluate(&prelu->formula, prelu->param_slope[0], -3, params) == -3);
    assert_true(formula_evaluate(&prelu->formula, prelu->param_slope[0], 3, params) == 0);
    assert_true(formula_evaluate(&prelu->formula, prelu->param_slope[1], 3, params) == 0);
    elements_release(&elements);
}

static void test_hash(void **state)
{
    (void)state;
    static const struct spec specs[] = {
        {"a", "A", "p * x", {"p"}, {1}, false}, {"b", "A", "p * x", {"p"}, {1}, false}, {"a", "B", "p * x", {"p"}, {1}, false},
        {"a", "A", "p + x", {"p"}, {1}, false}, {"a", "A", "q * x", {"q"}, {1}, false}, {"a", "A", "p * x", {"p"}, {2}, false},
        {"a", "A", "p * x", {"p"}, {1}, true},
    };
    enum { COUNT = sizeof specs / sizeof *specs };
    uint64_t hashes[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        struct elements elements = {0};
        hashes[i] = add(&elements, specs[i])->hash;
        for (size_t k = 0; k < i; k++)
            assert_true(hashes[i] != hashes[k]);
        elements_release(&elements);
    }
    struct elements elements = {0};
    assert_true(add(&elements, (struct spec){"a", "A", "x * p", {"p"}, {1}, false})->hash == hashes[0]);
    elements_release(&elements);
}

/* What the slope of an element holds, and no more, is kept: its evaluation walks every node. */
static void test_formula_is_trimmed(void **state)
{
    const struct element *relu_ = elements_by_name(*state, STR("relu"));
    assert_int_equal(relu_->formula.count, 6); /* 0, x, max, 0 < x, 1, if */
}

/* sin(1 + sin(1 + …)): the value is within the limit, the slope with its cosines is not. */
static void test_slope_too_large(void **state)
{
    (void)state;
    struct elements elements = {0};
    struct diags diags = {0};
    struct element element = {.name = copy("huge"), .symbol = "Hu", .doc = copy(""), .span = {1, 1, 5}};
    formula_id x = formula_x(&element.formula), id = x;
    for (int i = 0; i < 600; i++)
        id = formula_apply(&element.formula, FORMULA_SIN,
                           formula_apply(&element.formula, FORMULA_ADD, id, formula_number(&element.formula, 1), 0), 0, 0);
    element.value = id;
    assert_null(elements_add(&elements, &element, &diags));
    assert_int_equal(diags.count, 1);
    assert_string_equal(diags.at[0].message, "the derivative of `huge` has more than 2000 operations");
    diags_release(&diags);
    elements_release(&elements);
}

static void test_out_of_memory(void **state)
{
    (void)state;
    static const struct spec spec = {"gelu", "G", "0.5 * x * (1 + erf(x / sqrt(p)))", {"p"}, {2}, true};
    bool added = false;
    for (long n = 0; !added; n++) {
        struct elements elements = {0};
        struct diags diags = {0};
        mem_fail_after(n);
        struct element element = make(&spec);
        if (element.value == FORMULA_FAILED)
            element_clear(&element);
        else
            added = elements_add(&elements, &element, &diags);
        mem_fail_after(-1);
        assert_null(element.name);
        assert_true(added || elements.count == 0);
        assert_true(n < 200);
        diags_release(&diags);
        elements_release(&elements);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table_is_complete),
        cmocka_unit_test(test_table_has_published_values),
        cmocka_unit_test(test_table_has_right_slopes),
        cmocka_unit_test(test_table_at_the_edges),
        cmocka_unit_test(test_symbols),
        cmocka_unit_test(test_shadowing),
        cmocka_unit_test(test_parameters),
        cmocka_unit_test(test_hash),
        cmocka_unit_test(test_formula_is_trimmed),
        cmocka_unit_test(test_slope_too_large),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, read_table, release_table);
}
