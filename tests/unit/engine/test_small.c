/* Small networks run as the general way runs them, to the last bit: outputs and gradients, of one chunk and of two added up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "fixture.h"

#include "engine/small.h"
#include "engine/workspace.h"

enum { INPUTS = 5 };

static struct plan *plan_of(const struct gene *genes, size_t count)
{
    struct molecule *molecule = fixture_chain(genes, count);
    struct diags diags = {0};
    struct graph *graph = graph_build(molecule, INPUTS, &diags);
    assert_non_null(graph);
    struct plan *plan = plan_compile(graph, 1, &diags);
    assert_non_null(plan);
    graph_release(graph);
    molecule_release(molecule);
    return plan;
}

/* Fills the output's gradient with what depends on the outputs, the lanes behind the last sample with nothing. */
static void fill_gradient(struct workspace *workspace)
{
    const struct plan_op *output = plan_output(workspace->plan);
    for (uint32_t r = 0; r < output->width; r++) {
        const float *value = workspace_row(workspace, output->value + r);
        float *grad = workspace_row(workspace, output->grad + r);
        for (uint32_t s = 0; s < workspace->stride; s++)
            grad[s] = s < workspace->count ? 0.3F * value[s] - 0.1F * (float)(s % 3) : 0.0F;
    }
}

static void run(const struct plan *plan, float *params, const float *x, uint32_t count, struct workspace *workspace)
{
    assert_true(workspace_init(workspace, plan, count, true));
    workspace->params = params;
    workspace->running = params;
    for (int pass = 0; pass < 2; pass++) {
        workspace_load(workspace, x, NULL, pass == 0 ? count : (count + 1) / 2);
        workspace_forward(workspace);
        fill_gradient(workspace);
        workspace_backward(workspace, pass > 0);
    }
}

static void compare(const struct gene *genes, size_t layers, uint32_t count)
{
    struct plan *small = plan_of(genes, layers);
    assert_true(small->small);
    struct plan general = *small;
    general.small = false;
    float *params = mem_floats(small->param_count), *x = mem_floats((size_t)count * INPUTS);
    assert_true(params && x);
    plan_initialise(small, 3, params);
    struct random random = random_stream(4, RANDOM_TEST, count);
    for (size_t i = 0; i < (size_t)count * INPUTS; i++)
        x[i] = (float)random_normal(&random);
    struct workspace one, other;
    run(small, params, x, count, &one);
    run(&general, params, x, count, &other);
    assert_memory_equal(one.gradient, other.gradient, small->trained_count * sizeof *one.gradient);
    const size_t outputs = small->output_width * (size_t)one.stride;
    assert_memory_equal(workspace_row(&one, plan_output(small)->value), workspace_row(&other, plan_output(small)->value),
                        outputs * sizeof *one.arena);
    workspace_release(&one);
    workspace_release(&other);
    mem_free_floats(params);
    mem_free_floats(x);
    plan_release(small);
}

static void test_same_bits(void **state)
{
    (void)state;
    struct elements table = fixture_elements();
    const char *const names[] = {"linear", "relu", "tanh", "sigmoid", "wild", "swish"};
    const uint32_t widths[] = {1, 2, 3, 4, 5, 8, 9, 11};
    const uint32_t counts[] = {1, 4, 16, 17, 32, 33, 70, 113, 200};
    unsigned n = 0;
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++)
        for (unsigned layers = 0; layers < 4; layers++) {
            struct gene genes[5];
            for (unsigned l = 0; l < layers; l++, n++) {
                genes[l] = gene_layer(fixture_element(&table, names[n % 6]), widths[n % 8], SPAN_NONE);
                genes[l].traits.bias = n % 5 != 0;
            }
            genes[layers] = fixture_out(widths[n % 7], HEAD_LINEAR);
            compare(genes, layers + 1, counts[c]);
        }
    elements_release(&table);
}

/* A frozen front asks for no gradients below it. */
static void test_frozen(void **state)
{
    (void)state;
    struct elements table = fixture_elements();
    struct gene genes[] = {gene_layer(fixture_element(&table, "tanh"), 6, SPAN_NONE),
                           gene_layer(fixture_element(&table, "relu"), 7, SPAN_NONE), fixture_out(2, HEAD_LINEAR)};
    genes[0].traits.lr_scale = 0;
    compare(genes, 3, 40);
    elements_release(&table);
}

static void test_what_is_small(void **state)
{
    (void)state;
    struct elements table = fixture_elements();
    const struct gene wide[] = {gene_layer(fixture_element(&table, "relu"), 100, SPAN_NONE), fixture_out(2, HEAD_LINEAR)};
    const struct gene learned[] = {gene_layer(fixture_element(&table, "prelu"), 4, SPAN_NONE), fixture_out(2, HEAD_LINEAR)};
    struct plan *plan = plan_of(wide, 2);
    assert_false(plan->small);
    plan_release(plan);
    plan = plan_of(learned, 2);
    assert_false(plan->small);
    plan_release(plan);
    elements_release(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_bits),
        cmocka_unit_test(test_frozen),
        cmocka_unit_test(test_what_is_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
