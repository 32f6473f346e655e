/* Networks judged side by side get what each gets alone, whoever else is there; weights moved by chance are normal deviates. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "random_molecule.h"
#include "table.h"

#include "engine/cohort.h"
#include "engine/metrics.h"
#include "engine/perturb.h"
#include "support/memory.h"

enum { INPUTS = 4, SAMPLES_MOST = 40, NETWORKS = 21 };

static struct plan *plan_of(const struct molecule *molecule)
{
    struct diags diags = {0};
    struct graph *graph = graph_build(molecule, INPUTS, &diags);
    struct plan *plan = graph ? plan_compile(graph, 7, &diags) : NULL;
    graph_release(graph);
    diags_release(&diags);
    return plan;
}

static struct plan *random_plan(uint64_t number, uint32_t outputs, enum head head)
{
    struct generator g = {.random = random_stream(3, RANDOM_TEST, number), .elements = &elements};
    struct molecule *molecule = draw_molecule(&g, INPUTS, fixture_out(outputs, head));
    struct plan *plan = molecule ? plan_of(molecule) : NULL;
    molecule_release(molecule);
    return plan;
}

/* Samples with labels or values drawn by chance. */
struct drawn {
    float x[SAMPLES_MOST * INPUTS], y[SAMPLES_MOST * 3];
    int32_t labels[SAMPLES_MOST];
    struct samples samples;
};

static void draw_samples(struct drawn *drawn, struct random *random, uint32_t outputs, bool classes)
{
    const uint32_t count = 1 + random_below(random, SAMPLES_MOST);
    for (int i = 0; i < SAMPLES_MOST * INPUTS; i++)
        drawn->x[i] = (float)random_normal(random);
    for (int i = 0; i < SAMPLES_MOST * 3; i++)
        drawn->y[i] = (float)random_normal(random);
    for (int i = 0; i < SAMPLES_MOST; i++)
        drawn->labels[i] = (int32_t)random_below(random, outputs == 1 ? 2 : outputs);
    drawn->samples = (struct samples){.count = count,
                                      .width = INPUTS,
                                      .outputs = outputs,
                                      .x = drawn->x,
                                      .labels = classes ? drawn->labels : NULL,
                                      .y = classes ? NULL : drawn->y};
}

static bool near(double a, double b)
{
    return a == b || (isnan(a) && isnan(b)) || fabs(a - b) <= 2e-4 * (fabs(a) + fabs(b) + 1e-3);
}

static void compare(const struct plan *plan, const struct objective *objective, const struct samples *samples,
                    struct cohort *cohort, float *const params[NETWORKS])
{
    struct cohort_figures figures[NETWORKS], alone;
    struct evaluator evaluator = {0};
    const bool classes = samples->labels;
    assert_true(evaluator_init(&evaluator, plan, objective, classes, samples->count));
    assert_true(cohort_run(cohort, plan, objective, samples, (const float *const *)params, NETWORKS, figures));
    for (int i = 0; i < NETWORKS; i++) {
        const struct scores scores = evaluator_run(&evaluator, params[i], samples, NULL, true);
        if (!near(scores.loss, figures[i].loss) || !near(scores.accuracy, figures[i].accuracy))
            fail_msg("network %d: loss %g, accuracy %g; alone %g, %g", i, figures[i].loss, figures[i].accuracy, scores.loss,
                     scores.accuracy);
    }
    /* Whoever is beside it, to the last bit. */
    assert_true(cohort_run(cohort, plan, objective, samples, (const float *const[]){params[NETWORKS - 1]}, 1, &alone));
    assert_true(alone.loss == figures[NETWORKS - 1].loss || isnan(alone.loss));
    assert_true(alone.accuracy == figures[NETWORKS - 1].accuracy || isnan(alone.accuracy));
    evaluator_release(&evaluator);
}

static void networks_get_what_they_get_alone(void **state)
{
    (void)state;
    static struct drawn drawn;
    struct cohort cohort = {0};
    size_t compared = 0;
    for (uint64_t number = 0; number < 300; number++) {
        struct random random = random_stream(4, RANDOM_TEST, number);
        const bool classes = random_below(&random, 2) == 0;
        const uint32_t outputs = 1 + random_below(&random, 3);
        const enum head head = !classes ? HEAD_LINEAR : outputs == 1 ? HEAD_SIGMOID : HEAD_SOFTMAX;
        struct plan *plan = random_plan(number, outputs, head);
        if (plan && cohort_fits(plan)) {
            float *params[NETWORKS];
            struct train_options options = train_options_default();
            const struct objective objective = objective_of(head, &options, NULL, NULL);
            draw_samples(&drawn, &random, outputs, classes);
            for (int i = 0; i < NETWORKS; i++) {
                params[i] = mem_floats(plan->param_count + 1);
                plan_initialise(plan, (uint64_t)i, params[i]);
            }
            compare(plan, &objective, &drawn.samples, &cohort, params);
            for (int i = 0; i < NETWORKS; i++)
                mem_free_floats(params[i]);
            compared++;
        }
        plan_release(plan);
    }
    cohort_release(&cohort);
    assert_true(compared > 80);
}

static void memory_may_end(void **state)
{
    (void)state;
    static struct drawn drawn;
    struct random random = random_stream(5, RANDOM_TEST, 0);
    struct molecule *molecule = fixture_chain(
        (const struct gene[]){gene_layer(fixture_element(&elements, "tanh"), 3, SPAN_NONE), fixture_out(1, HEAD_SIGMOID)}, 2);
    struct plan *plan = plan_of(molecule);
    struct train_options options = train_options_default();
    const struct objective objective = objective_of(HEAD_SIGMOID, &options, NULL, NULL);
    float params[64] = {0};
    bool done = false;
    draw_samples(&drawn, &random, 1, true);
    for (long n = 0; !done; n++) {
        struct cohort cohort = {0};
        struct cohort_figures figures;
        mem_fail_after(n);
        done = cohort_run(&cohort, plan, &objective, &drawn.samples, (const float *const[]){params}, 1, &figures);
        mem_fail_after(-1);
        cohort_release(&cohort);
    }
    plan_release(plan);
    molecule_release(molecule);
}

/* Mean, deviation and share of what is put anew; frozen layers stay as they are. */
static void weights_move_as_normal_deviates(void **state)
{
    (void)state;
    struct gene frozen = gene_layer(fixture_element(&elements, "tanh"), 40, SPAN_NONE);
    frozen.traits.lr_scale = 0;
    struct molecule *molecule = fixture_chain(
        (const struct gene[]){frozen, gene_layer(fixture_element(&elements, "tanh"), 500, SPAN_NONE), fixture_out(1, HEAD_SIGMOID)},
        3);
    struct plan *plan = plan_of(molecule);
    struct random random = random_stream(6, RANDOM_TEST, 0);
    float *from = mem_floats(plan->param_count + 1), *to = mem_floats(plan->param_count + 1);
    for (size_t i = 0; i < plan->param_count; i++)
        from[i] = 1000;
    assert_true(params_perturb(plan, 0.5, &random, from, to));
    double moved = 0, anew = 0, sum = 0, squares = 0, anew_squares = 0;
    const size_t still = 40 * (INPUTS + 1);
    for (size_t i = 0; i < plan->param_count; i++) {
        if (i < still) {
            assert_true(to[i] == from[i]);
        } else if (to[i] > 500) {
            moved++;
            sum += (double)(to[i] - from[i]);
            squares += (double)(to[i] - from[i]) * (double)(to[i] - from[i]);
        } else {
            anew++;
            anew_squares += (double)to[i] * (double)to[i];
        }
    }
    assert_true(fabs(sum / moved) < 0.02 && fabs(sqrt(squares / moved) - 0.5) < 0.02);
    assert_true(fabs(anew / (moved + anew) - 0.1) < 0.01 && fabs(sqrt(anew_squares / anew) - 1) < 0.08);
    mem_free_floats(from);
    mem_free_floats(to);
    plan_release(plan);
    molecule_release(molecule);
    molecule = fixture_chain((const struct gene[]){frozen, frozen}, 2);
    plan = plan_of(molecule);
    float none[4096];
    assert_true(plan && plan->param_count < 4096);
    assert_false(params_perturb(plan, 0.5, &random, none, none));
    plan_release(plan);
    molecule_release(molecule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(networks_get_what_they_get_alone),
        cmocka_unit_test(memory_may_end),
        cmocka_unit_test(weights_move_as_normal_deviates),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
