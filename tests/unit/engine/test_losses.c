/* Losses at the edge of what a float holds: outputs of 1e30 give finite losses and gradients, and small differences of large outputs
   count as those of small ones do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "engine/objective.h"
#include "fixture.h"

enum { CLASSES = 3 };

static const struct {
    enum head head;
    enum loss_kind loss;
    float smoothing;
} cases[] = {
    {HEAD_SOFTMAX, LOSS_CROSS_ENTROPY, 0},
    {HEAD_SOFTMAX, LOSS_CROSS_ENTROPY, 0.1F},
    {HEAD_SIGMOID, LOSS_BINARY_CROSS_ENTROPY, 0},
    {HEAD_SIGMOID, LOSS_BINARY_CROSS_ENTROPY, 0.1F},
    {HEAD_LINEAR, LOSS_HINGE, 0},
    {HEAD_SOFTMAX, LOSS_MSE, 0},
    {HEAD_SIGMOID, LOSS_MSE, 0},
    {HEAD_SOFTMAX, LOSS_MAE, 0},
    {HEAD_SIGMOID, LOSS_HUBER, 0},
};

/* A network that is its output alone, so that what it says can be put into its rows. */
struct bench {
    struct molecule *molecule;
    struct graph *graph;
    struct plan *plan;
    struct workspace workspace;
    struct targets targets;
    struct objective objective;
};

static void bench_start(struct bench *bench, uint32_t width, size_t number)
{
    struct diags diags = {0};
    const struct gene out = fixture_out(width, cases[number].head);
    *bench = (struct bench){.objective = {
                                .head = cases[number].head,
                                .loss = cases[number].loss,
                                .huber_delta = 1,
                                .smoothing = cases[number].smoothing,
                            }};
    bench->molecule = fixture_chain(&out, 1);
    bench->graph = graph_build(bench->molecule, 1, &diags);
    bench->plan = plan_compile(bench->graph, 0, &diags);
    assert_non_null(bench->plan);
    assert_true(workspace_init(&bench->workspace, bench->plan, 1, true) &&
                targets_init(&bench->targets, &bench->workspace, &bench->objective, true));
}

static void bench_end(struct bench *bench)
{
    targets_release(&bench->targets);
    workspace_release(&bench->workspace);
    plan_release(bench->plan);
    graph_release(bench->graph);
    molecule_release(bench->molecule);
}

/* The loss of one sample with these outputs; every gradient is finite. */
static double loss_of(struct bench *bench, const float *outputs, int32_t label)
{
    const float x = 0;
    const struct samples samples = {.count = 1, .width = 1, .outputs = CLASSES, .x = (float *)&x, .labels = &label};
    const struct plan_op *output = plan_output(bench->plan);
    struct workspace *workspace = &bench->workspace;
    struct tally tally = {0};
    workspace_load(workspace, &x, NULL, 1);
    targets_load(&bench->targets, workspace, &bench->objective, &samples, NULL);
    for (uint32_t r = 0; r < output->width; r++)
        for (uint32_t s = 0; s < workspace->stride; s++)
            workspace_row(workspace, output->value + r)[s] = outputs[r];
    objective_run(&bench->objective, workspace, &bench->targets, 1, &tally);
    for (uint32_t r = 0; r < output->width; r++)
        for (uint32_t s = 0; s < workspace->stride; s++)
            assert_true(isfinite(workspace_row(workspace, output->grad + r)[s]) &&
                        isfinite(workspace_row(workspace, output->value + r)[s]));
    return tally.loss;
}

static void test_huge_outputs(void **state)
{
    (void)state;
    static const float sizes[] = {-3e38F, -1e30F, -1, 0, 1, 1e30F, 3e38F};
    enum { SIZES = sizeof sizes / sizeof *sizes };
    for (size_t number = 0; number < sizeof cases / sizeof *cases; number++) {
        struct bench bench;
        const uint32_t width = cases[number].head == HEAD_SIGMOID ? 1 : CLASSES;
        bench_start(&bench, width, number);
        for (int combination = 0; combination < SIZES * SIZES * SIZES; combination++) {
            const float outputs[CLASSES] = {sizes[combination % SIZES], sizes[combination / SIZES % SIZES],
                                            sizes[combination / SIZES / SIZES]};
            for (int32_t label = 0; label < (width == 1 ? 2 : CLASSES); label++) {
                const double loss = loss_of(&bench, outputs, label);
                const bool within = fabsf(outputs[0]) < 2e30F && fabsf(outputs[1]) < 2e30F && fabsf(outputs[2]) < 2e30F;
                if (!(loss >= -1e-6 && (isfinite(loss) || !within)))
                    fail_msg("case %zu: outputs %g, %g, %g of class %d have the loss %g", number, (double)outputs[0],
                             (double)outputs[1], (double)outputs[2], label, loss);
            }
        }
        bench_end(&bench);
    }
}

static void test_differences_of_huge_outputs(void **state)
{
    (void)state;
    struct bench bench;
    bench_start(&bench, CLASSES, 0);
    const float same[] = {1e30F, 1e30F, 1e30F}, ahead[] = {1000, 998, 999}, small[] = {0, -2, -1};
    assert_float_equal(loss_of(&bench, same, 1), log(3), 1e-6);
    for (int32_t label = 0; label < CLASSES; label++)
        assert_float_equal(loss_of(&bench, ahead, label), loss_of(&bench, small, label), 1e-7);
    const float sure[] = {50000, 0, -50000};
    assert_true(loss_of(&bench, sure, 0) == 0);
    assert_float_equal(loss_of(&bench, sure, 2), 1e5, 1e-2);
    bench_end(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_huge_outputs),
        cmocka_unit_test(test_differences_of_huge_outputs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
