/* Elements in their fused loops and as register programs, each against the formula evaluated in double precision: random arguments,
   kinks, infinities, denormals, and rows longer and shorter than a block. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/elementwise.h"
#include "engine/fused.h"
#include "engine/program.h"
#include "fixture.h"

enum { ARGUMENTS = 4096 };

static const float edges[] = {0.0F,  -0.0F,  1e-40F, -1e-40F, 1e-20F, -1e-20F, 1.0F,     -1.0F,    0.5F,   -0.5F,
                              20.0F, -20.0F, 87.0F,  -87.0F,  88.0F,  -88.0F,  89.0F,    -89.0F,   104.0F, -104.0F,
                              1e4F,  -1e4F,  1e30F,  -1e30F,  3e38F,  -3e38F,  INFINITY, -INFINITY};

static void fill_arguments(float *x)
{
    struct random random = random_stream(5, RANDOM_TEST, 0);
    const size_t known = sizeof edges / sizeof *edges;
    memcpy(x, edges, sizeof edges);
    for (size_t i = known; i < ARGUMENTS; i++) {
        const double u = random_normal(&random);
        x[i] = (float)(i % 4 == 0 ? u : i % 4 == 1 ? 10 * u : i % 4 == 2 ? 0.01 * u : 50 * u);
    }
}

/* Where the formula itself has no value (an infinity times zero) the kernel may have one. */
static void compare(const char *what, const char *name, float x, float got, double exact)
{
    if (isnan(exact))
        return;
    const bool same_infinity = isinf((float)exact) && (float)exact == got;
    if (!same_infinity && !(fabs((double)got - exact) <= 2e-6 * fabs(exact) + 6e-7))
        fail_msg("%s of %s at %.9g is %.9g, should be %.9g", what, name, (double)x, (double)got, exact);
}

static void compare_all(const struct element *element, const double *params, const float *x, const float *value, const float *slope,
                        const char *how)
{
    const bool periodic = strcmp(element->name, "sine") == 0 || strcmp(element->name, "wild") == 0;
    for (size_t i = 0; i < ARGUMENTS; i++) {
        const double at = (double)x[i];
        if (periodic && fabs(at) > 1e4) /* beyond what the argument's reduction promises */
            continue;
        compare(how, element->name, x[i], value[i], formula_evaluate(&element->formula, element->value, at, params));
        /* A product of numbers beyond a float's range has no exact twin in float. */
        if (slope && fabs(at) < 1e18)
            compare("slope", element->name, x[i], slope[i], formula_evaluate(&element->formula, element->slope, at, params));
    }
}

static void check_kernel(const struct element *element, const double *params)
{
    struct element_kernel kernel;
    assert_true(element_kernel_init(&kernel, element, params));
    float *x = mem_floats(ARGUMENTS), *value = mem_floats(ARGUMENTS), *slope = mem_floats(3 * ARGUMENTS);
    float *scratch = mem_floats(element_kernel_scratch(&kernel) + 1), learned[LIMIT_ELEMENT_PARAMETERS];
    fill_arguments(x);
    for (unsigned p = 0; p < kernel.learned_count; p++)
        learned[p] = (float)params[kernel.learned[p]];
    memcpy(value, x, ARGUMENTS * sizeof *x);
    element_value(&kernel, learned, value, 1, ARGUMENTS, scratch);
    compare_all(element, params, x, value, NULL, "value");
    memcpy(value, x, ARGUMENTS * sizeof *x);
    element_slope(&kernel, learned, value, slope, 1, ARGUMENTS, scratch);
    compare_all(element, params, x, value, slope, "value beside slope");
    for (unsigned p = 0; p < kernel.learned_count; p++)
        for (size_t i = 0; i < ARGUMENTS; i++)
            compare("slope by parameter", element->name, x[i], slope[(p + 1) * ARGUMENTS + i],
                    formula_evaluate(&element->formula, element->param_slope[kernel.learned[p]], (double)x[i], params));
    mem_free_floats(x);
    mem_free_floats(value);
    mem_free_floats(slope);
    mem_free_floats(scratch);
    element_kernel_release(&kernel);
}

static void test_kernels_agree_with_formulas(void **state)
{
    (void)state;
    struct elements elements = fixture_elements();
    for (size_t i = 0; i < elements.count; i++)
        for (int k = 0; k < 2; k++) {
            double params[LIMIT_ELEMENT_PARAMETERS] = {0};
            for (unsigned p = 0; p < elements.at[i]->param_count; p++)
                params[p] = k == 0 ? elements.at[i]->params[p].initial : 0.3;
            check_kernel(elements.at[i], params);
        }
    elements_release(&elements);
}

/* The same formulas through the register program, also those that have a fused loop. */
static void test_programs_agree_with_formulas(void **state)
{
    (void)state;
    struct elements elements = fixture_elements();
    for (size_t i = 0; i < elements.count; i++) {
        const struct element *element = elements.at[i];
        const formula_id results[] = {element->value, element->slope};
        struct program *program = program_compile(&element->formula, results, 2, 0);
        assert_non_null(program);
        float *x = mem_floats(ARGUMENTS), *value = mem_floats(ARGUMENTS), *slope = mem_floats(ARGUMENTS);
        float *scratch = mem_floats(program_scratch(program));
        const double initial = element->param_count ? element->params[0].initial : 0;
        const float params[LIMIT_ELEMENT_PARAMETERS] = {(float)initial};
        const double exact_params[LIMIT_ELEMENT_PARAMETERS] = {initial};
        fill_arguments(x);
        float *const outputs[] = {value, slope};
        program_run(program, params, (const float *const[]){x}, outputs, ARGUMENTS, scratch);
        compare_all(element, exact_params, x, value, slope, "program");
        /* Short rows give the same bits. */
        for (size_t n = 16; n <= 272; n += 16) {
            float again[272], again_slope[272];
            float *const short_outputs[] = {again, again_slope};
            program_run(program, params, (const float *const[]){x}, short_outputs, n, scratch);
            assert_memory_equal(again, value, n * sizeof *again);
        }
        mem_free_floats(x);
        mem_free_floats(value);
        mem_free_floats(slope);
        mem_free_floats(scratch);
        program_release(program);
    }
    elements_release(&elements);
}

/* Everything with a fixed formula that the table knows runs fused, under any name; a learned parameter does not. */
static void test_known_formulas_are_fused(void **state)
{
    (void)state;
    struct elements elements = fixture_elements();
    static const char *const own[] = {"linear", "prelu", "wild"};
    for (size_t i = 0; i < elements.count; i++) {
        const struct element *element = elements.at[i];
        bool known = true;
        for (size_t k = 0; k < 3; k++)
            known = known && strcmp(element->name, own[k]) != 0;
        if ((fused_find(element) != NULL) != known) {
            struct text text = {0};
            formula_print(&element->formula, element->value, (const char *[]){"a", "b", "c", "d"}, &text);
            fail_msg("%s = %s is %sfused", element->name, text_chars(&text), known ? "not " : "");
        }
    }
    assert_true(element_is_linear(fixture_element(&elements, "linear")));
    assert_false(element_is_linear(fixture_element(&elements, "relu")));
    elements_release(&elements);
}

static void test_out_of_memory(void **state)
{
    (void)state;
    struct elements elements = fixture_elements();
    const double params[LIMIT_ELEMENT_PARAMETERS] = {0};
    unsigned long failures = 0;
    for (long n = 0; n < 40; n++) {
        struct element_kernel kernel;
        mem_fail_after(n);
        failures += element_kernel_init(&kernel, fixture_element(&elements, "wild"), params) ? 0 : 1;
        mem_fail_after(-1);
        element_kernel_release(&kernel);
    }
    assert_true(failures > 5);
    elements_release(&elements);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_kernels_agree_with_formulas),
                                       cmocka_unit_test(test_programs_agree_with_formulas),
                                       cmocka_unit_test(test_known_formulas_are_fused), cmocka_unit_test(test_out_of_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
