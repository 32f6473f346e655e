/* Small networks run as the general way runs them, to the last bit: outputs and gradients, of one chunk and of two added up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "fixture.h"

#include "engine/losses.h"
#include "engine/small.h"
#include "engine/small_step.h"
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

/* One way of training: whole steps, or pass by pass. */
struct way {
    float *params;
    struct workspace workspace;
    struct targets targets;
    struct optimizer optimizer;
    struct small_step step;
    struct tally tally;
};

static void way_init(struct way *way, const struct plan *plan, const struct train_options *options,
                     const struct objective *objective, const struct samples *samples)
{
    *way = (struct way){.params = mem_floats(plan->param_count + 1)};
    assert_true(way->params && workspace_init(&way->workspace, plan, samples->count, true));
    plan_initialise(plan, 3, way->params);
    way->workspace.params = way->workspace.running = way->params;
    assert_true(targets_init(&way->targets, &way->workspace, objective, samples->labels != NULL));
    assert_true(optimizer_init(&way->optimizer, plan, options));
}

static void way_load(struct way *way, const struct objective *objective, const struct samples *samples, uint32_t count)
{
    workspace_load(&way->workspace, samples->x, NULL, count);
    targets_load(&way->targets, &way->workspace, objective, samples, NULL);
}

static void way_release(struct way *way)
{
    workspace_release(&way->workspace);
    targets_release(&way->targets);
    optimizer_release(&way->optimizer);
    mem_free_floats(way->params);
}

/* Three steps of `plan` either way, the second on half of the samples. */
static void compare_steps(const struct plan *plan, const struct train_options *options, const struct samples *samples)
{
    const struct objective objective = objective_of((enum head)plan->head, options, NULL, NULL);
    struct way whole, parts;
    way_init(&whole, plan, options, &objective, samples);
    way_init(&parts, plan, options, &objective, samples);
    assert_true(small_step_init(&whole.step, &whole.workspace, &objective, &whole.targets, &whole.optimizer, whole.params));
    for (int step = 0; step < 3; step++) {
        const uint32_t count = step == 1 ? (samples->count + 1) / 2 : samples->count;
        way_load(&whole, &objective, samples, count);
        if (optimizer_begin(&whole.optimizer, 1))
            small_step_treat(&whole.step);
        assert_true(small_step_run(&whole.step, 1.0F / (float)count, &whole.tally));
        way_load(&parts, &objective, samples, count);
        small_forward(&parts.workspace);
        objective_run(&objective, &parts.workspace, &parts.targets, 1.0F / (float)count, &parts.tally);
        small_backward(&parts.workspace, false);
        optimizer_step(&parts.optimizer, parts.params, parts.workspace.gradient, 1);
    }
    assert_memory_equal(whole.params, parts.params, (plan->param_count + 1) * sizeof *whole.params);
    assert_true(whole.tally.loss == parts.tally.loss && whole.tally.hits == parts.tally.hits);
    whole.params[0] = INFINITY; /* a step does not bring it back */
    way_load(&whole, &objective, samples, samples->count);
    assert_false(small_step_run(&whole.step, 1.0F / (float)samples->count, &whole.tally));
    way_release(&whole);
    way_release(&parts);
}

static void samples_fill(struct samples *samples, uint32_t count, uint32_t outputs, bool classes)
{
    struct random random = random_stream(5, RANDOM_TEST, count);
    *samples = (struct samples){.count = count, .width = INPUTS, .outputs = outputs, .x = mem_floats((size_t)count * INPUTS)};
    assert_non_null(samples->x);
    for (size_t i = 0; i < (size_t)count * INPUTS; i++)
        samples->x[i] = (float)random_normal(&random);
    if (classes)
        assert_non_null(samples->labels = mem_array(count, sizeof *samples->labels));
    else
        assert_non_null(samples->y = mem_floats((size_t)count * outputs));
    for (uint32_t i = 0; classes && i < count; i++)
        samples->labels[i] = (int32_t)random_below(&random, outputs < 2 ? 2 : outputs);
    for (size_t i = 0; !classes && i < (size_t)count * outputs; i++)
        samples->y[i] = (float)random_normal(&random);
}

static void test_whole_steps(void **state)
{
    (void)state;
    struct elements table = fixture_elements();
    const char *const names[] = {"relu", "tanh", "sigmoid", "swish", "linear", "elu", "gelu", "softplus"};
    const uint32_t widths[] = {1, 2, 3, 4, 5, 8, 9};
    const uint32_t counts[] = {1, 4, 16, 17, 31, 32};
    const struct {
        enum head head;
        uint32_t width;
        enum loss_kind loss;
        bool classes;
    } ends[] = {{HEAD_SOFTMAX, 2, LOSS_CROSS_ENTROPY, true}, {HEAD_SIGMOID, 1, LOSS_BINARY_CROSS_ENTROPY, true},
                {HEAD_SIGMOID, 1, LOSS_MSE, true},           {HEAD_LINEAR, 3, LOSS_MSE, false},
                {HEAD_LINEAR, 2, LOSS_HUBER, false},         {HEAD_LINEAR, 3, LOSS_HINGE, true},
                {HEAD_SOFTMAX, 4, LOSS_MAE, true},           {HEAD_STEP, 2, LOSS_PERCEPTRON, true}};
    const enum optimizer_kind optimizers[] = {OPTIMIZER_SGD,   OPTIMIZER_MOMENTUM, OPTIMIZER_RMSPROP, OPTIMIZER_ADAM,
                                              OPTIMIZER_ADAMW, OPTIMIZER_LION,     OPTIMIZER_RPROP};
    unsigned n = 0, compared = 0;
    for (size_t end = 0; end < sizeof ends / sizeof *ends; end++)
        for (size_t c = 0; c < sizeof counts / sizeof *counts; c++, n++) {
            struct gene genes[4];
            const unsigned layers = n % 4;
            for (unsigned l = 0; l < layers; l++) {
                genes[l] = gene_layer(fixture_element(&table, names[(n + 3 * l) % 8]), widths[(n + l) % 7], SPAN_NONE);
                genes[l].traits.bias = n % 5 != 0;
            }
            genes[layers] = fixture_out(ends[end].width, ends[end].head);
            struct train_options options = train_options_default();
            options.optimizer = optimizers[n % 7];
            options.nesterov = n % 2;
            options.loss = ends[end].loss;
            options.l2 = n % 3 ? 0 : 1e-3;
            options.l1 = n % 3 ? 0 : 1e-4;
            struct samples samples;
            samples_fill(&samples, counts[c], ends[end].width, ends[end].classes);
            struct plan *plan = plan_of(genes, layers + 1);
            struct optimizer optimizer;
            assert_true(optimizer_init(&optimizer, plan, &options));
            if (optimizer_is_even(&optimizer, plan)) {
                compare_steps(plan, &options, &samples);
                compared++;
            }
            optimizer_release(&optimizer);
            plan_release(plan);
            samples_release(&samples);
        }
    assert_true(compared > n / 2);
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
        cmocka_unit_test(test_whole_steps),
        cmocka_unit_test(test_what_is_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
