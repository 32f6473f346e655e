/* A training that is taken up again gives the bits of one that was never broken off: every optimiser and schedule, networks with
   everything that remembers or draws, at the end of an epoch and in the middle of one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/plan.h"
#include "fixture.h"
#include "table.h"

/* Running statistics, masks, connections that were drawn, an element's trained parameter. */
static struct molecule *rich(void)
{
    struct gene sparse = gene_layer(fixture_element(&elements, "tanh"), 12, SPAN_NONE), dropout = gene_of(GENE_DROPOUT, SPAN_NONE);
    sparse.traits.density = 0.5;
    dropout.rate = 0.2;
    const struct gene genes[] = {gene_layer(fixture_element(&elements, "prelu"), 10, SPAN_NONE), gene_of(GENE_BATCHNORM, SPAN_NONE),
                                 dropout, sparse, gene_of(GENE_LAYERNORM, SPAN_NONE)};
    return fixture_chain(genes, sizeof genes / sizeof *genes);
}

static void same_floats(const float *a, const float *b, size_t count)
{
    assert_int_equal(!a, !b);
    if (a)
        assert_memory_equal(a, b, count * sizeof *a);
}

static void same_scores(const struct scores *a, const struct scores *b)
{
    assert_int_equal(a->count, b->count);
    assert_memory_equal(&a->loss, &b->loss, sizeof a->loss);
    assert_memory_equal(&a->accuracy, &b->accuracy, sizeof a->accuracy);
}

static void same_training(const struct training *a, const struct training *b)
{
    const struct plan *plan = a->model->plan;
    assert_int_equal(a->epochs, b->epochs);
    assert_int_equal(a->best_epoch, b->best_epoch);
    assert_int_equal(a->stopped, b->stopped);
    assert_int_equal(a->state.step, b->state.step);
    assert_int_equal(a->state.chunk, b->state.chunk);
    assert_int_equal(a->state.position, b->state.position);
    assert_memory_equal(&a->state.power1, &b->state.power1, sizeof(double));
    assert_memory_equal(&a->state.power2, &b->state.power2, sizeof(double));
    assert_memory_equal(&a->state.best_figure, &b->state.best_figure, sizeof(double));
    assert_memory_equal(&a->last_loss, &b->last_loss, sizeof(double));
    same_floats(a->model->params, b->model->params, plan->param_count);
    same_floats(a->state.last, b->state.last, plan->param_count);
    same_floats(a->state.first, b->state.first, plan->trained_count);
    same_floats(a->state.second, b->state.second, plan->trained_count);
    for (uint32_t i = 0; i < a->epochs; i++)
        assert_memory_equal(&a->history[i], &b->history[i], sizeof *a->history);
    assert_int_equal(a->snapshot_count, b->snapshot_count);
    for (uint32_t i = 0; i < a->snapshot_count; i++)
        if (a->snapshots[i].epoch <= a->epochs)
            same_floats(a->snapshots[i].params, b->snapshots[i].params, plan->param_count);
    same_scores(&a->train, &b->train);
    same_scores(&a->test, &b->test);
}

static struct training *begin(const struct molecule *molecule, struct prepared *data, const struct train_options *options,
                              uint32_t epochs)
{
    struct diags diags = {0};
    struct train_options some = *options;
    some.epochs = epochs;
    struct training *training = train(molecule, data, &some, NULL, &diags);
    assert_non_null(training);
    diags_release(&diags);
    return training;
}

/* Goes on up to `epochs` epochs, in place of `training`; one step only where `cancel`. */
static struct training *further(struct training *training, struct prepared *data, const struct train_options *options,
                                uint32_t epochs, bool cancel)
{
    struct diags diags = {0};
    struct train_options some = *options;
    atomic_bool stop = cancel;
    const struct progress progress = {.cancel = &stop};
    some.epochs = epochs;
    struct training *next = train_further(training, NULL, data, &some, &progress, &diags);
    assert_non_null(next);
    training_release(training);
    diags_release(&diags);
    return next;
}

enum { EPOCHS = 12 };

static void check_split_in_two(const struct molecule *molecule, struct prepared *data, const struct train_options *options)
{
    struct training *straight = begin(molecule, data, options, EPOCHS);
    static const uint32_t cuts[] = {0, 1, 5, EPOCHS};
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        struct training *parts = further(begin(molecule, data, options, cuts[i]), data, options, EPOCHS, false);
        same_training(straight, parts);
        training_release(parts);
    }
    training_release(straight);
}

static const enum optimizer_kind optimizers[] = {OPTIMIZER_SGD,   OPTIMIZER_MOMENTUM, OPTIMIZER_RMSPROP, OPTIMIZER_ADAM,
                                                 OPTIMIZER_ADAMW, OPTIMIZER_LION,     OPTIMIZER_RPROP};
static const struct schedule schedules[] = {
    {.kind = SCHEDULE_CONSTANT, .warmup = 2},      {.kind = SCHEDULE_STEPWISE, .factor = 0.5, .every = 3},
    {.kind = SCHEDULE_EXPONENTIAL, .factor = 0.9}, {.kind = SCHEDULE_COSINE, .span = EPOCHS, .warmup = 1},
    {.kind = SCHEDULE_ONE_CYCLE, .span = EPOCHS},  {.kind = SCHEDULE_PLATEAU, .factor = 0.5, .patience = 1}};

static void test_every_optimizer_and_schedule(void **state)
{
    (void)state;
    struct prepared *data = fixture_moons(120, 0.2);
    struct molecule *molecule = rich();
    static const uint32_t snapshots[] = {0, 3, 7, 100};
    const struct train_watch watch = {.snapshots = snapshots, .snapshot_count = 4};
    for (size_t k = 0; k < sizeof optimizers / sizeof *optimizers; k++)
        for (size_t s = 0; s < sizeof schedules / sizeof *schedules; s++) {
            struct train_options options = train_options_default();
            options.optimizer = optimizers[k];
            options.schedule = schedules[s];
            options.lr = 0.01;
            options.seed = k * 10 + s;
            options.batch = s % 2 == 0 ? 16 : 0;
            options.patience = k % 2 == 0 ? 0 : 4;
            options.clip = s == 1 ? 0.5 : 0;
            options.l2 = 1e-3;
            options.weight_decay = 0.01;
            options.noise = s == 2 ? 0.1 : 0;
            options.stop_by = s == 3 ? STOP_BY_ACCURACY : STOP_BY_LOSS;
            options.watch = &watch;
            check_split_in_two(molecule, data, &options);
        }
    molecule_release(molecule);
    prepared_release(data);
}

/* Broken off after every single step. */
static void test_step_by_step(void **state)
{
    (void)state;
    struct prepared *data = fixture_moons(120, 0.2);
    struct molecule *molecule = rich();
    struct train_options options = train_options_default();
    options.batch = 16;
    options.patience = 3;
    struct training *straight = begin(molecule, data, &options, 4);
    struct training *steps = begin(molecule, data, &options, 0);
    for (unsigned step = 1; steps->epochs < 3; step++) {
        steps = further(steps, data, &options, 4, true);
        assert_true(steps->cancelled && (steps->state.step == step || steps->epochs == 4));
    }
    steps = further(steps, data, &options, 4, false);
    same_training(straight, steps);
    training_release(steps);
    molecule_release(molecule);
    training_release(straight);
    prepared_release(data);
}

static void test_what_ended_stays(void **state)
{
    (void)state;
    struct prepared *data = fixture_moons(120, 0.2);
    struct molecule *molecule = rich();
    struct train_options options = train_options_default();
    options.lr = 1;
    options.patience = 2;
    struct training *stopped = begin(molecule, data, &options, 100);
    assert_true(stopped->stopped && stopped->epochs < 100 && stopped->state.last);
    struct training *same = further(begin(molecule, data, &options, 100), data, &options, 200, false);
    same_training(stopped, same);
    training_release(stopped);
    training_release(same);
    options.optimizer = OPTIMIZER_SGD;
    options.patience = 0;
    options.lr = 1e30;
    struct training *diverged = begin(molecule, data, &options, 20);
    const uint32_t epochs = diverged->epochs;
    assert_true(diverged->diverged);
    diverged = further(diverged, data, &options, 40, false);
    assert_true(diverged->diverged && diverged->epochs == epochs);
    training_release(diverged);
    molecule_release(molecule);
    prepared_release(data);
}

struct kept {
    unsigned calls;
    uint64_t step;
    bool refuses;
};

static bool keep(void *context, const struct training *training)
{
    struct kept *kept = context;
    assert_true(kept->calls == 0 ? training->state.step == 0 : training->state.step >= kept->step);
    assert_true(training->state.first && training->state.second && training->state.last != training->model->params);
    kept->calls++;
    kept->step = training->state.step;
    return !kept->refuses;
}

/* Looking on changes nothing. */
static void test_keeping(void **state)
{
    (void)state;
    struct prepared *data = fixture_moons(120, 0.2);
    struct molecule *molecule = rich();
    struct train_options options = train_options_default();
    struct kept kept = {0};
    const struct train_watch watch = {.keep = keep, .context = &kept};
    options.patience = 500;
    struct training *plain = begin(molecule, data, &options, 500);
    options.watch = &watch;
    struct training *watched = begin(molecule, data, &options, 500);
    same_training(plain, watched);
    assert_true(kept.calls > 2 && kept.step == watched->state.step);
    kept = (struct kept){.refuses = true};
    struct diags diags = {0};
    assert_null(train(molecule, data, &options, NULL, &diags));
    assert_true(kept.calls == 1 && diags.count == 0);
    training_release(plain);
    training_release(watched);
    molecule_release(molecule);
    prepared_release(data);
}

static void test_snapshots(void **state)
{
    (void)state;
    struct prepared *data = fixture_moons(120, 0.2);
    struct molecule *molecule = rich();
    struct train_options options = train_options_default();
    static const uint32_t snapshots[] = {0, 5, 50};
    const struct train_watch watch = {.snapshots = snapshots, .snapshot_count = 3};
    struct diags diags = {0};
    options.watch = &watch;
    struct training *training = begin(molecule, data, &options, 10), *five = begin(molecule, data, &options, 5);
    struct model *model = training_at(training, 5, &diags);
    assert_non_null(model);
    same_floats(model->params, five->model->params, model->plan->param_count);
    assert_null(training_at(training, 50, &diags));
    assert_null(training_at(training, 6, &diags));
    assert_int_equal(diags.count, 0);
    model_release(model);
    training_release(training);
    training_release(five);
    molecule_release(molecule);
    prepared_release(data);
}

/* Whichever allocation fails, going on fails with a reason and leaves the training as it was. */
static void test_memory(void **state)
{
    (void)state;
    struct prepared *data = fixture_moons(120, 0.2);
    struct molecule *molecule = rich();
    struct train_options options = train_options_default();
    static const uint32_t snapshots[] = {0, 5};
    const struct train_watch watch = {.snapshots = snapshots, .snapshot_count = 2};
    options.patience = 3;
    options.watch = &watch;
    struct training *training = begin(molecule, data, &options, 2), *next = NULL;
    for (long n = 0; !next; n++) {
        struct diags diags = {0};
        mem_fail_after(n);
        next = train_further(training, NULL, data, &options, NULL, &diags);
        mem_fail_after(-1);
        assert_true(next || diags.errors > 0);
        diags_release(&diags);
    }
    training_release(next);
    training_release(training);
    molecule_release(molecule);
    prepared_release(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_optimizer_and_schedule),
        cmocka_unit_test(test_step_by_step),
        cmocka_unit_test(test_what_ended_stays),
        cmocka_unit_test(test_keeping),
        cmocka_unit_test(test_snapshots),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
