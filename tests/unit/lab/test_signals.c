/* Signals of neurons whose weights are set by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "engine/plan.h"
#include "engine/signals.h"

#include "kit.h"

static struct kit kit;

static int set_up(void **state)
{
    (void)state;
    kit_init(&kit, "moons", 40);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    kit_release(&kit);
    return 0;
}

static struct model *model_of(const char *dna)
{
    struct molecule *molecule = kit_molecule(&kit, dna);
    struct molecule *whole = molecule_for_data(molecule, kit.data, LOSS_AUTO, &kit.diags);
    struct model *model = model_create(whole, 2, NULL, 1, &kit.diags);
    assert_non_null(model);
    molecule_release(whole);
    molecule_release(molecule);
    return model;
}

/* Gives each neuron of the model's first layer no weights and one of `biases`. */
static void set_biases(struct model *model, const float *biases)
{
    for (uint32_t i = 0; i < model->plan->op_count; i++) {
        const struct plan_op *op = &model->plan->ops[i];
        if (op->kind == PLAN_DENSE) {
            memset(model->params + op->weights, 0, op->weight_count * sizeof(float));
            memcpy(model->params + op->bias, biases, op->width * sizeof(float));
            return;
        }
    }
    fail();
}

static struct layer_signals first_layer(struct model *model, uint32_t samples, size_t *layers)
{
    struct samples some = kit.data->train;
    some.count = samples;
    struct layer_signals *signals = signals_measure(model, &some, layers);
    assert_non_null(signals);
    struct layer_signals first = signals[0];
    mem_free(signals);
    return first;
}

static void test_relu(void **state)
{
    (void)state;
    struct model *model = model_of("R8");
    /* Mean 1.85, sd 3.3: only 10 is high; -1, 0 and 0.05 are low; -1 and 0 are dead. */
    set_biases(model, (const float[]){-1, 0, 0.05F, 1, 1.5F, 1.5F, 1.75F, 10});
    size_t layers;
    struct layer_signals signals = first_layer(model, 20, &layers);
    assert_int_equal(layers, 1);
    assert_int_equal(model->molecule->genes[signals.gene].kind, GENE_LAYER);
    assert_int_equal(signals.width, 8);
    assert_int_equal(signals.high, 1);
    assert_int_equal(signals.low, 3);
    assert_int_equal(signals.dead, 2);
    assert_int_equal(signals.saturated, 0);
    signals = first_layer(model, 0, &layers);
    assert_true(signals.high == 0 && signals.low == 0 && signals.dead == 0);
    model_release(model);
}

static void test_tanh(void **state)
{
    (void)state;
    struct model *model = model_of("T4-R2-L3");
    /* The slope of tanh is below 0.001 from 4.2 on, and at 200 below the least float. */
    set_biases(model, (const float[]){-6, 200, 1, 0});
    size_t layers;
    struct layer_signals signals = first_layer(model, 20, &layers);
    assert_int_equal(layers, 3);
    assert_int_equal(signals.dead, 2); /* 200 by its slope, 0 by its output */
    assert_int_equal(signals.saturated, 1);
    assert_int_equal(signals.low, 2);
    model_release(model);
}

/* What the measuring forward pass leaves in the rows must be what inference gives: a layer of its own measured at the end sees it. */
static void test_later_layers(void **state)
{
    (void)state;
    struct model *model = model_of("R3-L1");
    set_biases(model, (const float[]){1, 2, 3});
    const struct plan_op *last = NULL;
    for (uint32_t i = 0; i < model->plan->op_count; i++)
        if (model->plan->ops[i].kind == PLAN_DENSE && model->plan->ops[i].depth == 3)
            last = &model->plan->ops[i];
    assert_non_null(last);
    memcpy(model->params + last->weights, (const float[]){1, 1, -2}, 3 * sizeof(float));
    size_t layers;
    struct layer_signals *signals = signals_measure(model, &kit.data->train, &layers);
    assert_int_equal(layers, 2);
    /* 1 + 2 - 6 = -3: low, neither dead nor saturated. */
    assert_true(signals[1].low == 1 && signals[1].dead == 0 && signals[1].high == 0);
    mem_free(signals);
    model_release(model);
}

static void test_memory(void **state)
{
    (void)state;
    struct model *model = model_of("R4");
    struct layer_signals *signals = NULL;
    for (long n = 0; signals == NULL; n++) {
        size_t layers;
        mem_fail_after(n);
        signals = signals_measure(model, &kit.data->train, &layers);
        mem_fail_after(-1);
        assert_true(n < 100);
    }
    mem_free(signals);
    model_release(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_relu),
        cmocka_unit_test(test_tanh),
        cmocka_unit_test(test_later_layers),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
