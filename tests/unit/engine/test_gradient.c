/* Gradients of 304 random molecules with every loss: the reference in double against central differences, and the fast path in float
   against the reference.

   An element with a kink has no derivative at it, and a finite difference or a float may land on the other side of it by chance. So a
   comparison that fails is repeated, with a smaller step or on other data; a wrong gradient fails every time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/blas.h"
#include "engine/denormals.h"
#include "engine/reference.h"
#include "molecule/dna.h"
#include "random_molecule.h"
#include "some_losses.h"

enum { MOLECULES = 304, ATTEMPTS = 4 };

/* One network with data and both kinds of gradient. */
struct check {
    struct molecule *molecule;
    struct graph *graph;
    struct plan *plan;
    struct objective objective;
    struct losses losses;
    struct loss_kernel loss_kernel;
    struct samples samples;
    struct reference_input input;
    float *params;
    double *exact_params, *exact;
    double loss;
    struct text dna;
};

static const struct {
    enum head head;
    enum loss_kind loss;
    bool classes;
    float smoothing;
    bool weighted;
} ends[] = {
    {HEAD_SOFTMAX, LOSS_CROSS_ENTROPY, true, 0, false},
    {HEAD_SIGMOID, LOSS_BINARY_CROSS_ENTROPY, true, 0, false},
    {HEAD_LINEAR, LOSS_MSE, false, 0, false},
    {HEAD_LINEAR, LOSS_MAE, false, 0, false},
    {HEAD_LINEAR, LOSS_HUBER, false, 0, false},
    {HEAD_SIGMOID, LOSS_MSE, true, 0, false},
    {HEAD_SOFTMAX, LOSS_MSE, true, 0, false},
    {HEAD_SIGMOID, LOSS_BINARY_CROSS_ENTROPY, false, 0, false},
    {HEAD_STEP, LOSS_PERCEPTRON, true, 0, false},
    {HEAD_SOFTMAX, LOSS_HUBER, true, 0, false},
    {HEAD_SIGMOID, LOSS_MAE, false, 0, false},
    {HEAD_LINEAR, LOSS_HINGE, true, 0, false},
    {HEAD_SOFTMAX, LOSS_CROSS_ENTROPY, true, 0.1F, true},
    {HEAD_SIGMOID, LOSS_BINARY_CROSS_ENTROPY, true, 0.2F, true},
    {HEAD_LINEAR, LOSS_HINGE, true, 0, true},
    {HEAD_LINEAR, LOSS_FORMULA, false, 0, false},
    {HEAD_SOFTMAX, LOSS_FORMULA, true, 0.1F, true},
    {HEAD_SIGMOID, LOSS_FORMULA, true, 0, false},
    {HEAD_LINEAR, LOSS_FORMULA, false, 0, false},
};

static const float class_weights[] = {0.5F, 2, 1, 0.25F, 3, 1.5F};

static void draw_samples(struct check *check, struct random *random, bool classes, enum head head)
{
    struct samples *samples = &check->samples;
    for (size_t i = 0; i < (size_t)samples->count * samples->width; i++)
        samples->x[i] = (float)random_normal(random);
    for (uint32_t s = 0; s < samples->count; s++)
        if (classes)
            samples->labels[s] = (int32_t)random_below(random, samples->outputs == 1 ? 2 : samples->outputs);
        else
            for (uint32_t r = 0; r < samples->outputs; r++)
                samples->y[(size_t)s * samples->outputs + r] =
                    (float)(head == HEAD_SIGMOID ? random_unit(random) : random_normal(random));
}

/* A random formula, where the loss is one. */
static void check_loss(struct check *check, enum loss_kind kind, uint32_t number)
{
    struct train_options options = {.loss = kind, .formula_params = {0.3}};
    if (kind == LOSS_FORMULA)
        options.formula = losses_add_random(&check->losses, number);
    assert_true(loss_kernel_init(&check->loss_kernel, &options));
}

/* A copy in which about half of what can be frozen is. */
static struct molecule *freeze_some(struct molecule *molecule, uint32_t number)
{
    struct random random = random_stream(11, RANDOM_TEST, number);
    struct diags diags = {0};
    struct molecule *frozen = molecule_freeze(molecule, &diags);
    struct molecule_builder builder = {0};
    builder_copy(&builder, frozen, 0);
    for (size_t i = 0; i < builder.count; i++)
        if (random_below(&random, 2) == 0 && builder.genes[i].traits.lr_scale == 0)
            builder.genes[i].traits.lr_scale = 1;
    struct molecule *some = builder_finish(&builder, SPAN_NONE, &diags);
    assert_non_null(some);
    molecule_release(frozen);
    molecule_release(molecule);
    return some;
}

static void check_start(struct check *check, const struct elements *elements, uint32_t number, bool frozen)
{
    *check = (struct check){0};
    struct generator g = {.random = random_stream(7, RANDOM_TEST, number), .elements = elements, .smooth = true};
    struct diags diags = {0};
    const size_t end = number % (sizeof ends / sizeof *ends);
    const uint32_t in = 1 + draw_below(&g, 6), outputs = ends[end].head == HEAD_SOFTMAX || ends[end].loss == LOSS_HINGE
                                                             ? 2 + draw_below(&g, 4)
                                                         : ends[end].classes ? 1
                                                                             : 1 + draw_below(&g, 3);
    check->molecule = draw_molecule(&g, in, fixture_out(outputs, ends[end].head));
    if (frozen)
        check->molecule = freeze_some(check->molecule, number);
    dna_encode(check->molecule, &check->dna);
    check->graph = graph_build(check->molecule, in, &diags);
    if (!check->graph)
        fail_msg("%s: %s", text_chars(&check->dna), diags.at[0].message);
    check->plan = plan_compile(check->graph, number, &diags);
    assert_non_null(check->plan);
    assert_int_equal(check->plan->trained_count, check->graph->params);
    check_loss(check, ends[end].loss, number);
    check->objective = (struct objective){.head = ends[end].head,
                                          .loss = ends[end].loss,
                                          .huber_delta = 0.7F,
                                          .smoothing = ends[end].smoothing,
                                          .class_weights = ends[end].weighted ? class_weights : NULL,
                                          .formula = &check->loss_kernel};
    check->samples.count = 2 + draw_below(&g, 38);
    check->samples.width = in;
    check->samples.outputs = outputs;
    check->samples.x = mem_floats((size_t)check->samples.count * in);
    if (ends[end].classes)
        check->samples.labels = mem_array(check->samples.count, sizeof *check->samples.labels);
    else
        check->samples.y = mem_floats((size_t)check->samples.count * outputs);
    check->params = mem_floats(check->plan->param_count);
    check->exact_params = mem_array(check->plan->param_count, sizeof(double));
    check->exact = mem_array(check->plan->param_count, sizeof(double));
    plan_initialise(check->plan, number, check->params);
    struct random random = random_stream(8, RANDOM_TEST, number);
    for (size_t i = 0; i < check->plan->trained_count; i++) /* biases and norms too: zeros would hide mistakes */
        check->params[i] += (float)(0.1 * random_normal(&random));
    for (size_t i = check->plan->trained_count; frozen && i < check->plan->param_count; i++)
        check->params[i] = (float)(0.3 + random_unit(&random));
    for (size_t i = 0; i < check->plan->param_count; i++)
        check->exact_params[i] = (double)check->params[i];
    check->input = (struct reference_input){.plan = check->plan,
                                            .objective = &check->objective,
                                            .samples = &check->samples,
                                            .training = true,
                                            .seed = 3,
                                            .step = number};
}

static void check_draw(struct check *check, uint32_t number, uint32_t attempt)
{
    struct random random = random_stream(9 + attempt, RANDOM_TEST, number);
    draw_samples(check, &random, check->samples.labels != NULL, check->objective.head);
    check->loss = reference_double(&check->input, check->exact_params, NULL, check->exact);
}

static void check_release(struct check *check)
{
    mem_free_floats(check->samples.x);
    mem_free_floats(check->samples.y);
    mem_free(check->samples.labels);
    mem_free_floats(check->params);
    mem_free(check->exact_params);
    mem_free(check->exact);
    plan_release(check->plan);
    graph_release(check->graph);
    molecule_release(check->molecule);
    text_release(&check->dna);
    loss_kernel_release(&check->loss_kernel);
    losses_release(&check->losses);
}

/* Errors are relative to the entry, or to a hundredth of the greatest entry where that is more: an entry that is the small
   difference of large terms has no digits of its own. */
static double scale_of(const struct check *check, size_t i)
{
    double most = 1e-6;
    for (size_t k = 0; k < check->plan->trained_count; k++)
        most = fmax(most, fabs(check->exact[k]));
    return fmax(fabs(check->exact[i]), 1e-2 * most);
}

static double difference(struct check *check, size_t i, double step)
{
    const double before = check->exact_params[i];
    check->exact_params[i] = before + step;
    const double above = reference_double(&check->input, check->exact_params, NULL, NULL);
    check->exact_params[i] = before - step;
    const double below = reference_double(&check->input, check->exact_params, NULL, NULL);
    check->exact_params[i] = before;
    return (above - below) / (2 * step);
}

/* Whether parameter i is trained: a frozen one has no gradient. */
static bool is_trained(const struct plan *plan, size_t i)
{
    for (uint32_t k = 0; k < plan->span_count; k++)
        if (i >= plan->spans[k].start && i < plan->spans[k].start + plan->spans[k].count)
            return plan->spans[k].lr_scale != 0;
    return false;
}

/* Largest error against central differences; the best of three steps for each parameter. */
static double error_of_reference(struct check *check)
{
    static const double steps[] = {1e-5, 1e-6, 1e-4};
    double worst = 0;
    for (size_t i = 0; i < check->plan->trained_count; i++) {
        double best = INFINITY;
        for (size_t k = 0; k < 3 && best > 1e-7; k++)
            best = fmin(best, fabs(difference(check, i, steps[k]) - check->exact[i]) / scale_of(check, i));
        worst = fmax(worst, best);
    }
    return worst;
}

/* Largest error of the fast path, run in chunks of `chunk`; its loss must agree too. */
static double error_of_plan(struct check *check, uint32_t chunk)
{
    struct workspace workspace;
    struct targets targets;
    struct tally tally = {0};
    const struct samples *samples = &check->samples;
    assert_true(workspace_init(&workspace, check->plan, chunk, true));
    assert_true(targets_init(&targets, &workspace, &check->objective, samples->labels != NULL));
    workspace.params = check->params;
    workspace.running = check->params;
    workspace.seed = check->input.seed;
    workspace.step = check->input.step;
    uint32_t rows[4 * PLAN_MOST_CHUNK];
    for (uint32_t start = 0; start < samples->count; start += chunk) {
        const uint32_t n = samples->count - start < chunk ? samples->count - start : chunk;
        for (uint32_t i = 0; i < n; i++)
            rows[i] = start + i;
        workspace_load(&workspace, samples->x, rows, n);
        targets_load(&targets, &workspace, &check->objective, samples, rows);
        workspace_forward(&workspace);
        objective_run(&check->objective, &workspace, &targets, 1.0F / (float)samples->count, &tally);
        workspace_backward(&workspace, start > 0);
    }
    double worst = fabs(tally.loss / samples->count - check->loss) / (fabs(check->loss) + 1e-2);
    for (size_t i = 0; i < check->plan->trained_count; i++) {
        if (!is_trained(check->plan, i))
            continue;
        const double error = fabs((double)workspace.gradient[i] - check->exact[i]) / scale_of(check, i);
        worst = error <= worst ? worst : error;
    }
    targets_release(&targets);
    workspace_release(&workspace);
    return worst;
}

/* Largest error of the single-precision twin: what float itself makes of this network. */
static double error_of_float(struct check *check)
{
    float *gradient = mem_floats(check->plan->param_count + 1);
    assert_non_null(gradient);
    reference_float(&check->input, check->params, NULL, gradient);
    double worst = 0;
    for (size_t i = 0; i < check->plan->trained_count; i++)
        worst = fmax(worst, fabs((double)gradient[i] - check->exact[i]) / scale_of(check, i));
    mem_free_floats(gradient);
    return worst;
}

static bool has_op(const struct plan *plan, enum plan_op_kind kind)
{
    for (uint32_t i = 0; i < plan->op_count; i++)
        if (plan->ops[i].kind == kind)
            return true;
    return false;
}

static void test_random_molecules(void **state)
{
    (void)state;
    struct elements elements = fixture_elements();
    unsigned seen[PLAN_OP_KINDS] = {0};
    for (uint32_t number = 0; number < MOLECULES; number++) {
        struct check check;
        check_start(&check, &elements, number, false);
        for (int kind = 0; kind < PLAN_OP_KINDS; kind++)
            seen[kind] += has_op(check.plan, kind) ? 1U : 0U;
        double reference = INFINITY, fast = INFINITY;
        for (uint32_t attempt = 0; attempt < ATTEMPTS && !(reference < 1e-6 && fast < 1e-3); attempt++) {
            check_draw(&check, number, attempt);
            reference = check.objective.loss == LOSS_PERCEPTRON ? 0 : error_of_reference(&check);
            fast = error_of_plan(&check, check.samples.count);
        }
        if (!(reference < 1e-6))
            fail_msg("molecule %u `%s`: the reference's gradient is off by %.3g", number, text_chars(&check.dna), reference);
        if (!(fast < 1e-3 || fast < 2 * error_of_float(&check))) /* a norm over almost equal values has no digits in float */
            fail_msg("molecule %u `%s`: the fast gradient is off by %.3g", number, text_chars(&check.dna), fast);
        check_release(&check);
    }
    for (int kind = 0; kind < PLAN_OP_KINDS; kind++)
        if (seen[kind] < 10)
            fail_msg("only %u molecules with an op of kind %s", seen[kind], plan_op_name(kind));
    elements_release(&elements);
}

/* Where some layers and norms are frozen: the others' gradients pass through them, and batchnorm goes by its running figures. */
static void test_frozen(void **state)
{
    (void)state;
    struct elements elements = fixture_elements();
    unsigned norms = 0;
    for (uint32_t number = 0; number < MOLECULES; number += 4) {
        struct check check;
        check_start(&check, &elements, number, true);
        for (uint32_t i = 0; i < check.plan->op_count; i++)
            norms += check.plan->ops[i].kind == PLAN_BATCHNORM && check.plan->ops[i].frozen && check.plan->ops[i].trained;
        double reference = INFINITY, fast = INFINITY;
        for (uint32_t attempt = 0; attempt < ATTEMPTS && !(reference < 1e-6 && fast < 1e-3); attempt++) {
            check_draw(&check, number, attempt);
            reference = check.objective.loss == LOSS_PERCEPTRON ? 0 : error_of_reference(&check);
            fast = error_of_plan(&check, check.samples.count);
        }
        if (!(reference < 1e-6) || !(fast < 1e-3 || fast < 2 * error_of_float(&check)))
            fail_msg("molecule %u `%s`: off by %.3g and %.3g", number, text_chars(&check.dna), reference, fast);
        check_release(&check);
    }
    assert_true(norms > 1);
    elements_release(&elements);
}

/* Chunks accumulate to the whole batch's gradient, where no op looks at the chunk as a whole or draws by it. */
static void test_chunks_accumulate(void **state)
{
    (void)state;
    struct elements elements = fixture_elements();
    unsigned compared = 0;
    for (uint32_t number = 0; number < MOLECULES; number++) {
        struct check check;
        check_start(&check, &elements, number, false);
        if (!has_op(check.plan, PLAN_BATCHNORM) && !has_op(check.plan, PLAN_DROPOUT)) {
            double fast = INFINITY;
            for (uint32_t attempt = 0; attempt < ATTEMPTS && !(fast < 1e-3); attempt++) {
                check_draw(&check, number, attempt);
                fast = error_of_plan(&check, 16);
            }
            if (!(fast < 1e-3))
                fail_msg("molecule %u `%s` in chunks: off by %.3g", number, text_chars(&check.dna), fast);
            compared++;
        }
        check_release(&check);
    }
    assert_true(compared > 50);
    elements_release(&elements);
}

/* A batch beyond a chunk is normalised as a whole. */
static void test_batchnorm_of_a_long_batch(void **state)
{
    (void)state;
    enum { ROWS = 3 * PLAN_MOST_CHUNK + 7 };
    struct elements elements = fixture_elements();
    unsigned compared = 0;
    for (uint32_t number = 0; number < MOLECULES && compared < 10; number++) {
        struct check check;
        check_start(&check, &elements, number, false);
        if (has_op(check.plan, PLAN_BATCHNORM) && !has_op(check.plan, PLAN_DROPOUT)) {
            const bool values = check.samples.y != NULL;
            mem_free_floats(check.samples.x);
            mem_free_floats(check.samples.y);
            mem_free(check.samples.labels);
            check.samples.count = ROWS;
            check.samples.x = mem_floats((size_t)ROWS * check.samples.width);
            check.samples.labels = values ? NULL : mem_array(ROWS, sizeof *check.samples.labels);
            check.samples.y = values ? mem_floats((size_t)ROWS * check.samples.outputs) : NULL;
            double fast = INFINITY;
            for (uint32_t attempt = 0; attempt < ATTEMPTS && !(fast < 1e-3); attempt++) {
                check_draw(&check, number, attempt);
                fast = error_of_plan(&check, ROWS);
            }
            if (!(fast < 1e-3 || fast < 2 * error_of_float(&check)))
                fail_msg("molecule %u `%s` in a long batch: off by %.3g", number, text_chars(&check.dna), fast);
            compared++;
        }
        check_release(&check);
    }
    assert_int_equal(compared, 10);
    elements_release(&elements);
}

/* The single-precision twin agrees with the double one, and inference (running statistics, no dropout) with the fast path's. */
static void test_inference(void **state)
{
    (void)state;
    struct elements elements = fixture_elements();
    for (uint32_t number = 0; number < MOLECULES; number++) {
        struct check check;
        check_start(&check, &elements, number, false);
        check.input.training = false;
        const uint32_t count = check.samples.count, width = check.samples.outputs;
        double *exact = mem_array((size_t)count * width, sizeof *exact);
        float *single = mem_floats((size_t)count * width), *fast = mem_floats((size_t)count * width),
              *gradient = mem_floats(check.plan->param_count);
        const struct model model = {.molecule = check.molecule, .plan = check.plan, .params = check.params};
        double worst = INFINITY;
        for (uint32_t attempt = 0; attempt < ATTEMPTS && !(worst < 1e-3); attempt++) {
            check_draw(&check, number, attempt);
            reference_double(&check.input, check.exact_params, exact, NULL);
            reference_float(&check.input, check.params, single, gradient);
            assert_true(model_predict(&model, check.samples.x, count, fast));
            worst = 0;
            for (size_t i = 0; i < (size_t)count * width; i++) {
                worst = fmax(worst, fabs((double)fast[i] - exact[i]) / (fabs(exact[i]) + 0.1));
                worst = fmax(worst, fabs((double)single[i] - exact[i]) / (fabs(exact[i]) + 0.1));
            }
        }
        if (!(worst < 1e-3))
            fail_msg("molecule %u `%s`: outputs off by %.3g", number, text_chars(&check.dna), worst);
        mem_free(exact);
        mem_free_floats(single);
        mem_free_floats(fast);
        mem_free_floats(gradient);
        check_release(&check);
    }
    elements_release(&elements);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_random_molecules), cmocka_unit_test(test_frozen),
                                       cmocka_unit_test(test_chunks_accumulate), cmocka_unit_test(test_batchnorm_of_a_long_batch),
                                       cmocka_unit_test(test_inference)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
