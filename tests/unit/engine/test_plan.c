/* What the compiler makes of a molecule: which ops, where rows lie, who writes a gradient first, initial weights, limits, text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/plan.h"
#include "engine/workspace.h"
#include "molecule/dna.h"
#include "random_molecule.h"
#include "table.h"

static struct plan *plan_of(const char *dna, uint32_t inputs)
{
    struct diags diags = {0};
    struct molecule *molecule = dna_decode(str_of(dna), &elements, SPAN_NONE, &diags);
    struct graph *graph = molecule ? graph_build(molecule, inputs, &diags) : NULL;
    struct plan *plan = graph ? plan_compile(graph, 1, &diags) : NULL;
    if (!plan)
        fail_msg("%s: %s", dna, diags.count ? diags.at[0].message : "no reason");
    assert_int_equal(plan->trained_count, graph->params);
    graph_release(graph);
    molecule_release(molecule);
    return plan;
}

static unsigned ops_of(const struct plan *plan, enum plan_op_kind kind)
{
    unsigned count = 0;
    for (uint32_t i = 0; i < plan->op_count; i++)
        count += plan->ops[i].kind == kind ? 1U : 0U;
    return count;
}

static void test_elements_join_layers(void **state)
{
    (void)state;
    struct plan *plan = plan_of("R8-L4-T-O1[head=sigmoid]", 2);
    assert_int_equal(plan->op_count, 4);
    assert_string_equal(plan->ops[2].element->element->name, "tanh");
    assert_int_equal(plan->ops[1].init, INIT_HE);
    assert_int_equal(plan->ops[2].init, INIT_XAVIER);
    assert_null(plan->ops[3].element);
    plan_release(plan);
    /* Not where somebody else reads the sums. */
    plan = plan_of("L4:a-R-(T4|:a)-O1[head=sigmoid]", 2);
    assert_int_equal(ops_of(plan, PLAN_ACTIVATION), 1);
    plan_release(plan);
}

/* Parts that only the concatenation reads are its rows; a part read elsewhere too, or the input, is copied. */
static void test_concatenations_in_place(void **state)
{
    (void)state;
    struct plan *plan = plan_of("(R3|(T2|S2)|G4)-O2[head=softmax]", 2);
    const struct plan_op *concat = &plan->ops[plan->op_count - 2];
    assert_int_equal(concat->kind, PLAN_CONCAT);
    size_t row = concat->value, grad = concat->grad;
    for (uint32_t i = 0; i < concat->edge_count; i++) {
        const struct plan_edge *edge = &plan->edges[concat->edge_at + i];
        assert_true(edge->placed && !edge->wanted);
        assert_int_equal(plan->ops[edge->op].value, row);
        assert_int_equal(plan->ops[edge->op].grad, grad);
        row += plan->ops[edge->op].width;
        grad += plan->ops[edge->op].width;
    }
    plan_release(plan);
    plan = plan_of("R3:a-T3-(R2|:a)-O2[head=softmax]", 2);
    concat = &plan->ops[plan->op_count - 2];
    assert_true(plan->edges[concat->edge_at].placed && !plan->edges[concat->edge_at + 1].placed);
    plan_release(plan);
}

/* Rows of different ops never overlap, but for a part in its concatenation; every wanted gradient is written once before it is
   added to. */
static void test_random_plans_are_sound(void **state)
{
    (void)state;
    for (uint32_t number = 0; number < 200; number++) {
        struct generator g = {.random = random_stream(11, RANDOM_TEST, number), .elements = &elements};
        struct diags diags = {0};
        struct molecule *molecule = draw_molecule(&g, 3, fixture_out(2, HEAD_SOFTMAX));
        struct graph *graph = graph_build(molecule, 3, &diags);
        struct plan *plan = plan_compile(graph, number, &diags);
        assert_non_null(plan);
        uint8_t *owned = mem_array(plan->rows, 1);
        unsigned *writes = mem_array(plan->op_count, sizeof *writes);
        for (uint32_t i = plan->op_count; i-- > 0;) {
            const struct plan_op *op = &plan->ops[i];
            assert_true(op->value + op->width <= plan->value_rows);
            assert_true(!op->trained || op->grad + op->width <= plan->rows);
            bool part = false;
            for (uint32_t k = 0; k < plan->edge_count; k++)
                part = part || (plan->edges[k].op == i && plan->edges[k].placed);
            for (uint32_t r = 0; r < op->width; r++) {
                assert_true(owned[op->value + r] == (part ? 1 : 0));
                owned[op->value + r] = 1;
            }
            for (uint32_t k = 0; k < op->edge_count; k++) {
                const struct plan_edge *edge = &plan->edges[op->edge_at + k];
                assert_true(edge->op < i);
                if (edge->wanted)
                    assert_true(edge->add == (writes[edge->op]++ > 0));
            }
        }
        for (uint32_t i = 0; i + 1 < plan->op_count; i++)
            if (plan->ops[i].trained && writes[i] == 0) {
                bool part = false;
                for (uint32_t k = 0; k < plan->edge_count; k++)
                    part = part || (plan->edges[k].op == i && plan->edges[k].placed);
                assert_true(part);
            }
        mem_free(owned);
        mem_free(writes);
        plan_release(plan);
        graph_release(graph);
        molecule_release(molecule);
    }
}

static void test_kernels_are_chosen_by_size(void **state)
{
    (void)state;
    struct plan *plan = plan_of("R8-R300-R8%10-O10[head=softmax]", 30);
    assert_int_equal(plan->ops[1].kernel, PLAN_KERNEL_OWN);
    assert_int_equal(plan->ops[3].kind, PLAN_SPARSE);
    assert_int_equal(plan->ops[3].sparse->start[8], 240);
    plan_release(plan);
    plan = plan_of("R600-O10[head=softmax]", 2000);
    assert_int_equal(plan->ops[1].kernel, PLAN_KERNEL_BLAS);
    plan_release(plan);
}

static void test_frozen_parts_have_no_gradients(void **state)
{
    (void)state;
    struct plan *plan = plan_of("R8[lr_scale=0]-T8[lr_scale=0]-T4[lr_scale=0.5,l2=0.1]-O1[head=sigmoid]", 2);
    assert_false(plan->ops[1].trained || plan->ops[2].trained);
    assert_int_equal(plan->ops[1].grad, PLAN_NONE);
    assert_int_equal(plan->ops[2].slope, PLAN_NONE);
    assert_true(plan->ops[3].trained && !plan->edges[plan->ops[3].edge_at].wanted);
    assert_true(plan->spans[4].lr_scale == 0.5F && plan->spans[4].l2 == 0.1F && plan->spans[5].l2 == 0);
    plan_release(plan);
}

static void moments(const float *at, size_t count, double *mean, double *sd)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < count; i++)
        sum += (double)at[i];
    *mean = sum / (double)count;
    for (size_t i = 0; i < count; i++)
        squares += ((double)at[i] - *mean) * ((double)at[i] - *mean);
    *sd = sqrt(squares / (double)count);
}

static void test_initial_weights(void **state)
{
    (void)state;
    static const struct {
        const char *dna;
        double sd;
    } rows[] = {{"R200-O1[head=linear]", 0.1},         /* sqrt(2/200) */
                {"T200-O1[head=linear]", 0.070710678}, /* sqrt(2/400) */
                {"T200[init=he]-O1[head=linear]", 0.1},
                {"T200[init=lecun]-O1[head=linear]", 0.070710678},  /* sqrt(1/200) */
                {"R200%10-O1[head=linear]", 0.316227766},           /* sqrt(2/20) */
                {"Si200[init=siren]-O1[head=linear]", 0.086602540}, /* 30/200 / sqrt 3 */
                {"R200[init=normal]-O1[head=linear]", 0.05},
                {"R200[init=uniform]-O1[head=linear]", 0.028867513}, /* 0.05 / sqrt 3 */
                {"R200[init=normal,init_scale=2]-O1[head=linear]", 0.1},
                {"R200[init=he,init_scale=0.5]-O1[head=linear]", 0.05},
                {"R200[init_scale=0]-O1[head=linear]", 0},
                {"R200[init=orthogonal]-O1[head=linear]", 0.070710678},
                {"R200[init=zero]-O1[head=linear]", 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct plan *plan = plan_of(rows[i].dna, 200);
        float *params = mem_floats(plan->param_count), *again = mem_floats(plan->param_count);
        double mean, sd;
        plan_initialise(plan, 5, params);
        plan_initialise(plan, 5, again);
        assert_memory_equal(params, again, plan->param_count * sizeof *params);
        moments(params, plan->ops[1].weight_count, &mean, &sd);
        if (!(fabs(mean) < 0.02 * rows[i].sd + 1e-9 + 4 * rows[i].sd / sqrt((double)plan->ops[1].weight_count)) ||
            !(fabs(sd - rows[i].sd) <= 0.04 * rows[i].sd))
            fail_msg("%s: mean %g, sd %g instead of %g", rows[i].dna, mean, sd, rows[i].sd);
        for (uint32_t k = 0; k < 200; k++)
            assert_true(params[plan->ops[1].bias + k] == 0);
        plan_initialise(plan, 6, again);
        assert_true(rows[i].sd == 0 || memcmp(params, again, plan->ops[1].weight_count * sizeof *params) != 0);
        mem_free_floats(params);
        mem_free_floats(again);
        plan_release(plan);
    }
}

static void test_orthogonal_rows(void **state)
{
    (void)state;
    struct plan *plan = plan_of("T6[init=orthogonal]-T20[init=orthogonal]-O1[head=linear]", 9);
    float *params = mem_floats(plan->param_count);
    plan_initialise(plan, 5, params);
    for (int a = 0; a < 6; a++)
        for (int b = 0; b < 6; b++) {
            double rows = 0, columns = 0;
            for (int i = 0; i < 9; i++)
                rows += (double)params[plan->ops[1].weights + a * 9 + i] * (double)params[plan->ops[1].weights + b * 9 + i];
            for (int o = 0; o < 20; o++)
                columns += (double)params[plan->ops[2].weights + o * 6 + a] * (double)params[plan->ops[2].weights + o * 6 + b];
            assert_true(fabs(rows - (a == b)) < 1e-5 && fabs(columns - (a == b)) < 1e-5);
        }
    mem_free_floats(params);
    plan_release(plan);
}

static void test_memory_is_bounded(void **state)
{
    (void)state;
    struct diags diags = {0};
    struct molecule *molecule = dna_decode(STR("R1000000-(T-S)*8-O1[head=linear]"), &elements, SPAN_NONE, &diags);
    struct graph *graph = graph_build(molecule, 1, &diags);
    assert_non_null(graph);
    assert_null(plan_compile(graph, 1, &diags));
    assert_int_equal(diags.errors, 1);
    assert_string_equal(diags.at[0].message, "this network needs 13 GB of memory to train, the limit is 9 GB");
    graph_release(graph);
    molecule_release(molecule);
    diags_release(&diags);
    struct plan *plan = plan_of("R100000-O1[head=linear]", 1);
    assert_true(plan->chunk == 64);
    assert_true(workspace_bytes(plan, 1000000, true) < 4.0 * 64 * 400000);
    plan_release(plan);
    plan = plan_of("R8-O1[head=linear]", 1);
    assert_true(plan->chunk == PLAN_MOST_CHUNK);
    plan_release(plan);
}

static void test_print(void **state)
{
    (void)state;
    struct plan *plan = plan_of("(R3|Pr2)-Bn-T4%50[lr_scale=0]-O2[head=softmax]", 2);
    struct text text = {0};
    plan_print(plan, &text);
    assert_string_equal(
        text_chars(&text),
        "   0  input       2  rows 16..17\n"
        "   1  dense       2 -> 3  from 0  own kernel  relu: fused relu  rows 11..13  gradient 45..47  weights 0..5  bias 6..8  "
        "init he\n"
        "   2  dense       2 -> 2  from 0  own kernel  prelu: program of 5 steps  rows 14..15  gradient 48..49  weights 9..12  "
        "bias 13..14  learned 15..16  init he\n"
        "   3  concat      5  from 1 (in place) 2 (in place)  rows 11..15  gradient 45..49\n"
        "   4  batchnorm   5 -> 5  from 3  rows 6..10  gradient 40..44  scale 17..21  shift 22..26  running 51..60\n"
        "   5  sparse      5 -> 4  from 4  spread  own kernel  tanh: fused tanh  rows 2..5  gradient 36..39  weights 27..36  bias "
        "37..40  "
        "init xavier  frozen\n"
        "   6  dense       4 -> 2  from 5  own kernel  rows 0..1  gradient 34..35  weights 41..48  bias 49..50  init xavier\n"
        "head softmax, 2 outputs\n"
        "parameters 51 and 10 running statistics\n"
        "  27..36: lr_scale 0, l1 0, l2 0\n"
        "  37..40: lr_scale 0, l1 0, l2 0\n"
        "up to 256 samples at once\n"
        "to predict 22_164 bytes\n"
        "to train 55_136 bytes\n");
    text_release(&text);
    plan_release(plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_elements_join_layers),
                                       cmocka_unit_test(test_concatenations_in_place),
                                       cmocka_unit_test(test_random_plans_are_sound),
                                       cmocka_unit_test(test_kernels_are_chosen_by_size),
                                       cmocka_unit_test(test_frozen_parts_have_no_gradients),
                                       cmocka_unit_test(test_initial_weights),
                                       cmocka_unit_test(test_orthogonal_rows),
                                       cmocka_unit_test(test_memory_is_bounded),
                                       cmocka_unit_test(test_print)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
