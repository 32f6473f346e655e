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
    struct molecule *whole = molecule_for_data(molecule, kit.data, LOSS_AUTO, SPAN_NONE, &kit.diags);
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
    struct network_signals signals;
    assert_true(signals_measure(model, &some, NULL, NULL, &signals));
    struct layer_signals first = signals.layers[0];
    *layers = signals.count;
    assert_true(isnan(first.gradient));
    first.neurons = NULL;
    signals_release(&signals);
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

/* Medians hold where one far neuron moves mean and deviation: with means 1 to 8 and 100, nobody is above mean + 2 sd but 100. */
static void test_outliers(void **state)
{
    (void)state;
    struct model *model = model_of("T9");
    set_biases(model, (const float[]){1, 2, 3, 4, 5, 6, 7, -60, 100});
    size_t layers;
    struct layer_signals signals = first_layer(model, 20, &layers);
    assert_int_equal(signals.above, 1);
    assert_int_equal(signals.below, 1);
    assert_int_equal(signals.high, 1);
    /* Median 4, median absolute deviation 2: 3 x 1.4826 x 2 = 8.9. */
    set_biases(model, (const float[]){1, 2, 3, 4, 5, 6, 12, 12.8F, 13});
    signals = first_layer(model, 20, &layers);
    assert_int_equal(signals.above + signals.below, 0);
    model_release(model);
}

/* Gives the first layer weights [width x 2] and no biases. */
static void set_weights(struct model *model, const float *weights)
{
    const struct plan_op *op = &model->plan->ops[1];
    assert_int_equal(op->kind, PLAN_DENSE);
    memcpy(model->params + op->weights, weights, op->weight_count * sizeof(float));
    memset(model->params + op->bias, 0, op->width * sizeof(float));
}

/* Copies of one direction have rank 1; two inputs of the same spread, uncorrelated, have rank 2 however often they are copied. */
static void test_rank(void **state)
{
    (void)state;
    struct model *model = model_of("L4");
    float x[] = {1, 1, 1, -1, -1, 1, -1, -1};
    const struct samples square = {.count = 4, .width = 2, .outputs = 1, .x = x};
    struct network_signals signals;
    set_weights(model, (const float[]){1, 0, 2, 0, -3, 0, 0, 0});
    assert_true(signals_measure(model, &square, NULL, NULL, &signals));
    assert_true(fabs(signals.layers[0].rank - 1) < 1e-6);
    assert_true(fabs(signals.layers[0].neurons[1].deviation - 4 / sqrt(3)) < 1e-6); /* 2 2 -2 -2 */
    signals_release(&signals);
    set_weights(model, (const float[]){1, 0, 0, 1, -1, 0, 0, -1});
    assert_true(signals_measure(model, &square, NULL, NULL, &signals));
    assert_true(fabs(signals.layers[0].rank - 2) < 1e-6);
    signals_release(&signals);
    model_release(model);
}

/* The gradient of a layer against finite differences of the mean loss by each of its weights. */
static void test_gradient(void **state)
{
    (void)state;
    const struct train_options options = train_options_default();
    struct model *model = model_of("T3-T4");
    struct network_signals signals;
    assert_true(signals_measure(model, &kit.data->train, &options, NULL, &signals));
    assert_int_equal(signals.count, 2);
    for (size_t layer = 0; layer < 2; layer++) {
        const struct plan_op *op = &model->plan->ops[1 + layer];
        double squares = 0;
        assert_int_equal(op->gene, signals.layers[layer].gene);
        for (uint64_t k = 0; k < op->weight_count; k++) {
            float *weight = model->params + op->weights + k;
            const float was = *weight, step = 1e-2F;
            struct scores up, down;
            *weight = was + step;
            assert_true(model_score(model, &kit.data->train, &options, NULL, &up));
            *weight = was - step;
            assert_true(model_score(model, &kit.data->train, &options, NULL, &down));
            *weight = was;
            const double slope = (up.loss - down.loss) / (2 * (double)step);
            squares += slope * slope;
        }
        const double expected = sqrt(squares / (double)op->weight_count);
        assert_true(fabs(signals.layers[layer].gradient / expected - 1) < 1e-2);
    }
    signals_release(&signals);
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
    struct network_signals signals;
    assert_true(signals_measure(model, &kit.data->train, NULL, NULL, &signals));
    assert_int_equal(signals.count, 2);
    /* 1 + 2 - 6 = -3: low, neither dead nor saturated. */
    assert_true(signals.layers[1].low == 1 && signals.layers[1].dead == 0 && signals.layers[1].high == 0);
    assert_true(signals.layers[1].neurons[0].mean == -3 && signals.layers[1].neurons[0].deviation == 0);
    signals_release(&signals);
    model_release(model);
}

static void test_memory(void **state)
{
    (void)state;
    struct model *model = model_of("R4");
    const struct train_options options = train_options_default();
    struct network_signals signals;
    bool measured = false;
    for (long n = 0; !measured; n++) {
        mem_fail_after(n);
        measured = signals_measure(model, &kit.data->train, &options, NULL, &signals);
        mem_fail_after(-1);
        assert_true(n < 100);
    }
    signals_release(&signals);
    model_release(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_relu),     cmocka_unit_test(test_tanh), cmocka_unit_test(test_later_layers),
        cmocka_unit_test(test_outliers), cmocka_unit_test(test_rank), cmocka_unit_test(test_gradient),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
