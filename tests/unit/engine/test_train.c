/* Trainings end to end on small data: that they learn, stop, diverge, repeat, carry weights over, and allocate nothing on the way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>

#include "data/toys.h"
#include "engine/plan.h"
#include "engine/transplant.h"
#include "fixture.h"
#include "molecule/dna.h"
#include "support/threads.h"
#include "table.h"

static struct gene layer(const char *name, uint32_t width)
{
    return gene_layer(fixture_element(&elements, name), width, SPAN_NONE);
}

#define CHAIN(...)                                                                                                                 \
    fixture_chain((const struct gene[]){__VA_ARGS__}, sizeof((const struct gene[]){__VA_ARGS__}) / sizeof(struct gene))

/* Values of a table given row by row: features, then the label. */
static struct prepared *classes(const float *rows, uint32_t count, uint32_t width, uint32_t kinds)
{
    struct table *table = table_new(count, width, TARGET_CLASS, kinds);
    assert_non_null(table);
    for (uint32_t i = 0; i < count; i++) {
        memcpy(table->x + (size_t)i * width, rows + (size_t)i * (width + 1), width * sizeof *rows);
        table->labels[i] = (int32_t)rows[(size_t)i * (width + 1) + width];
    }
    struct diags diags = {0};
    struct split split = {.references = 1, .train = dataset_of(table, "test")};
    struct prepared *prepared = prepare(&split, 0, 0, SPAN_NONE, &diags);
    assert_non_null(prepared);
    dataset_release(split.train);
    return prepared;
}

static const float xor_rows[] = {0, 0, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0};
static const float and_rows[] = {0, 0, 0, 0, 1, 0, 1, 0, 0, 1, 1, 1};

static struct prepared *toy(const char *name, uint32_t n, double train, double validation)
{
    struct diags diags = {0};
    const struct toy *row = toy_find(str_of(name));
    assert_non_null(row);
    struct dataset *dataset = toy_make(row, &(struct toy_args){.n = n, .noise = row->noise, .seed = 1}, SPAN_NONE, &diags);
    assert_non_null(dataset);
    struct split *split = dataset_split(dataset, train, validation, 1, SPAN_NONE, &diags);
    assert_non_null(split);
    struct prepared *prepared = prepare(split, 0, 0, SPAN_NONE, &diags);
    assert_non_null(prepared);
    split_release(split);
    dataset_release(dataset);
    return prepared;
}

static struct training *run(const struct molecule *molecule, struct prepared *data, struct train_options options)
{
    struct diags diags = {0};
    struct training *training = train(molecule, data, &options, NULL, &diags);
    if (!training)
        fail_msg("%s", diags.count ? diags.at[0].message : "no training, no reason");
    diags_release(&diags);
    return training;
}

static struct train_options full_batch(double lr, uint32_t epochs, uint64_t seed)
{
    struct train_options options = train_options_default();
    options.optimizer = OPTIMIZER_SGD;
    options.lr = lr;
    options.epochs = epochs;
    options.batch = 0;
    options.seed = seed;
    return options;
}

static void test_xor(void **state)
{
    (void)state;
    struct prepared *data = classes(xor_rows, 4, 2, 2);
    struct molecule *molecule = CHAIN(layer("sigmoid", 4));
    static const enum loss_kind losses[] = {LOSS_AUTO, LOSS_MSE};
    for (size_t k = 0; k < 2; k++) {
        unsigned solved = 0;
        for (uint64_t seed = 0; seed < 10; seed++) {
            struct train_options options = full_batch(k == 0 ? 1 : 5, 5000, seed);
            options.loss = losses[k];
            struct training *training = run(molecule, data, options);
            solved += training->train.accuracy == 1 ? 1U : 0U;
            assert_true(training->epochs == 5000 && training->last_loss < training->first_loss);
            assert_int_equal(training->params, 17);
            training_release(training);
        }
        assert_true(solved >= 9);
    }
    molecule_release(molecule);
    prepared_release(data);
}

static void test_perceptron_learns_and_but_not_xor(void **state)
{
    (void)state;
    struct molecule *molecule = CHAIN(fixture_out(1, HEAD_STEP));
    struct prepared *and_data = classes(and_rows, 4, 2, 2), *xor_data = classes(xor_rows, 4, 2, 2);
    struct train_options options = full_batch(0.1, 200, 3);
    struct training *training = run(molecule, and_data, options);
    assert_true(training->train.accuracy == 1 && training->last_loss == 0);
    training_release(training);
    training = run(molecule, xor_data, options);
    assert_true(training->train.accuracy <= 0.75);
    training_release(training);
    molecule_release(molecule);
    prepared_release(and_data);
    prepared_release(xor_data);
}

static void test_classes_and_optimizers(void **state)
{
    (void)state;
    struct prepared *data = toy("circles", 300, 0.7, 0);
    struct molecule *molecule = CHAIN(layer("tanh", 12), layer("relu", 8), fixture_out(2, HEAD_AUTO));
    static const enum optimizer_kind kinds[] = {OPTIMIZER_ADAM, OPTIMIZER_MOMENTUM, OPTIMIZER_SGD};
    for (size_t k = 0; k < 3; k++) {
        struct train_options options = train_options_default();
        options.optimizer = kinds[k];
        options.lr = k == 0 ? 0.01 : k == 1 ? 0.05 : 0.2;
        options.epochs = 150;
        struct training *training = run(molecule, data, options);
        assert_true(training->model->molecule->genes[training->model->molecule->count - 1].head == HEAD_SOFTMAX);
        if (!(training->test.accuracy > 0.93))
            fail_msg("optimizer %zu: accuracy %g on test", k, training->test.accuracy);
        assert_true(isnan(training->test.r2) && isnan(training->validation.loss) && training->test.count == 90);
        training_release(training);
    }
    molecule_release(molecule);
    prepared_release(data);
}

static struct prepared *line(enum normalize_kind normalize)
{
    struct table *table = table_new(200, 1, TARGET_VALUE, 1);
    struct random random = random_stream(4, RANDOM_TEST, 0);
    for (uint32_t i = 0; i < 200; i++) {
        table->x[i] = (float)random_between(&random, -2, 2);
        table->y[i] = 1000 + 50 * sinf(table->x[i]);
    }
    struct diags diags = {0};
    struct dataset *dataset = dataset_of(table, "line");
    struct dataset *scaled = dataset_with_spec(dataset, (struct recipe_spec){.normalize = normalize}, SPAN_NONE, &diags);
    struct split *split = dataset_split(scaled, 0.8, 0, 1, SPAN_NONE, &diags);
    struct prepared *prepared = prepare(split, VALIDATION_SHARE, 5, SPAN_NONE, &diags);
    assert_non_null(prepared);
    assert_true(prepared->validation_split_off && prepared->validation.count == 32 && prepared->test.count == 40);
    split_release(split);
    dataset_release(scaled);
    dataset_release(dataset);
    return prepared;
}

/* mse and mae are in the target's own units, and so are predictions. */
static void test_values(void **state)
{
    (void)state;
    struct prepared *data = line(NORMALIZE_STANDARD);
    struct molecule *molecule = CHAIN(layer("tanh", 16));
    struct train_options options = train_options_default();
    options.lr = 0.02;
    options.epochs = 300;
    static const enum loss_kind losses[] = {LOSS_AUTO, LOSS_MAE, LOSS_HUBER};
    for (size_t k = 0; k < 3; k++) {
        options.loss = losses[k];
        struct training *training = run(molecule, data, options);
        if (!(training->test.r2 > 0.98 && training->test.mse < 25 && training->test.mae < 5))
            fail_msg("loss %zu: R^2 %g, mse %g, mae %g", k, training->test.r2, training->test.mse, training->test.mae);
        assert_true(isnan(training->test.accuracy));
        float out;
        assert_true(model_predict(training->model, data->test.x, 1, &out));
        assert_true(out > 900 && out < 1100);
        training_release(training);
    }
    molecule_release(molecule);
    prepared_release(data);
}

static void test_patience_restores_the_best(void **state)
{
    (void)state;
    struct prepared *data = toy("moons", 120, 0.4, 0.3);
    struct molecule *molecule = CHAIN(layer("relu", 40), layer("relu", 40));
    struct train_options options = train_options_default();
    options.lr = 0.02;
    options.epochs = 2000;
    options.patience = 15;
    struct training *training = run(molecule, data, options);
    assert_true(training->stopped && training->epochs < 2000 && training->epochs == training->best_epoch + 15);
    double best = INFINITY;
    for (uint32_t i = 0; i < training->epochs; i++)
        best = fmin(best, training->history[i].validation_loss);
    assert_true(training->history[training->best_epoch - 1].validation_loss == best);
    assert_true(training->validation.loss == best);
    training_release(training);
    molecule_release(molecule);
    prepared_release(data);
}

static void test_divergence_is_a_result(void **state)
{
    (void)state;
    struct prepared *data = line(NORMALIZE_NONE);
    struct molecule *molecule = CHAIN(layer("relu", 8), layer("relu", 8));
    struct train_options options = full_batch(100, 50, 1);
    struct diags diags = {0};
    struct training *training = train(molecule, data, &options, NULL, &diags);
    assert_non_null(training);
    assert_true(training->diverged && training->epochs < 50 && training->epochs >= 1);
    assert_int_equal(diags.count, 1);
    assert_int_equal(diags.at[0].severity, DIAG_WARNING);
    diags_release(&diags);
    training_release(training);
    molecule_release(molecule);
    prepared_release(data);
}

static void assert_same_course(const struct training *a, const struct training *b)
{
    assert_int_equal(a->epochs, b->epochs);
    assert_memory_equal(a->history, b->history, a->epochs * sizeof *a->history);
    assert_true(a->best_epoch == b->best_epoch && a->state.step == b->state.step && a->state.best_figure == b->state.best_figure);
    assert_true(a->first_loss == b->first_loss && a->diverged == b->diverged);
    assert_memory_equal(&a->last_loss, &b->last_loss, sizeof a->last_loss);
    assert_memory_equal(&a->divergence, &b->divergence, sizeof a->divergence);
}

/* Epochs of tiny networks that nothing looks at one by one are those that patience looks at. */
static void test_epochs_by_the_dozen(void **state)
{
    (void)state;
    struct prepared *data = classes(xor_rows, 4, 2, 2);
    struct molecule *molecule = CHAIN(layer("sigmoid", 4));
    const size_t bytes = 17 * sizeof(float);
    for (int kind = OPTIMIZER_SGD; kind <= OPTIMIZER_RPROP; kind++) {
        struct train_options options = full_batch(0.3, 300, 1);
        options.optimizer = (enum optimizer_kind)kind;
        options.watch = &(struct train_watch){.snapshots = (const uint32_t[]){0, 1, 63, 64, 65, 200}, .snapshot_count = 6};
        struct training *many = run(molecule, data, options);
        options.patience = 1000;
        struct training *single = run(molecule, data, options);
        assert_int_equal(many->epochs, 300);
        assert_same_course(many, single);
        assert_memory_equal(many->model->params, single->state.last ? single->state.last : single->model->params, bytes);
        for (int i = 0; i < 6; i++)
            assert_memory_equal(many->snapshots[i].params, single->snapshots[i].params, bytes);
        training_release(many);
        training_release(single);
    }
    molecule_release(molecule);
    prepared_release(data);
}

/* … and end where steps do, or where they are no longer finite. */
static void test_epochs_by_the_dozen_end(void **state)
{
    (void)state;
    struct prepared *data = classes(xor_rows, 4, 2, 2);
    struct molecule *molecule = CHAIN(layer("linear", 4), layer("linear", 4));
    struct train_options options = full_batch(0.1, 300, 1);
    options.steps = 100;
    struct training *many = run(molecule, data, options);
    assert_int_equal(many->epochs, 100);
    training_release(many);
    options = full_batch(100, 300, 1);
    for (int lr = 0; lr < 2; lr++, options.lr = 1e30) {
        struct diags diags = {0};
        options.patience = 0;
        many = train(molecule, data, &options, NULL, &diags);
        options.patience = 1000;
        struct training *single = train(molecule, data, &options, NULL, &diags);
        assert_true(many && single && many->diverged && many->epochs < 300);
        assert_same_course(many, single);
        assert_int_equal(diags.count, 1); /* both tell the same */
        diags_release(&diags);
        training_release(many);
        training_release(single);
    }
    molecule_release(molecule);
    prepared_release(data);
}

struct job {
    const struct molecule *molecule;
    struct prepared *data;
    struct training *trainings[8];
};

static void run_job(void *context, size_t index)
{
    struct job *job = context;
    struct train_options options = train_options_default();
    options.epochs = 20;
    options.seed = index / 2;
    struct diags diags = {0};
    job->trainings[index] = train(job->molecule, job->data, &options, NULL, &diags);
    diags_release(&diags);
}

/* Two runs of a seed give the same bits, other seeds others, whatever runs beside them. */
static void test_same_bits_on_any_thread(void **state)
{
    (void)state;
    struct gene dropout = gene_of(GENE_DROPOUT, SPAN_NONE), sparse = layer("tanh", 20);
    dropout.rate = 0.2;
    sparse.traits.density = 0.3;
    struct job job = {.molecule = CHAIN(layer("gelu", 16), sparse, gene_of(GENE_BATCHNORM, SPAN_NONE), dropout),
                      .data = toy("moons", 200, 0.8, 0.1)};
    threads_each(4, 8, run_job, &job);
    for (int i = 0; i < 8; i += 2) {
        const struct model *a = job.trainings[i]->model, *b = job.trainings[i + 1]->model, *c = job.trainings[(i + 2) % 8]->model;
        const size_t bytes = a->plan->param_count * sizeof(float);
        assert_memory_equal(a->params, b->params, bytes);
        assert_memory_not_equal(a->params, c->params, bytes);
    }
    for (int i = 0; i < 8; i++)
        training_release(job.trainings[i]);
    molecule_release(job.molecule);
    prepared_release(job.data);
}

static void allocates_nothing(struct molecule *molecule, struct prepared *data)
{
    unsigned long counts[2];
    for (int i = 0; i < 2; i++) {
        struct train_options options = train_options_default();
        options.epochs = i == 0 ? 1 : 30;
        options.patience = 100;
        const unsigned long before = mem_count();
        struct training *training = run(molecule, data, options);
        counts[i] = mem_count() - before;
        assert_int_equal(training->epochs, options.epochs);
        training_release(training);
    }
    assert_int_equal(counts[0], counts[1]);
    molecule_release(molecule);
}

static void test_nothing_is_allocated_while_training(void **state)
{
    (void)state;
    struct prepared *data = toy("moons", 700, 0.8, 0.1);
    allocates_nothing(CHAIN(layer("wild", 8), gene_of(GENE_LAYERNORM, SPAN_NONE), layer("prelu", 70), layer("relu", 70)), data);
    allocates_nothing(CHAIN(layer("tanh", 8), layer("wild", 5)), data); /* small.c */
    prepared_release(data);
}

static void test_every_failed_allocation_is_told(void **state)
{
    (void)state;
    struct prepared *data = toy("moons", 60, 0.6, 0.2);
    struct gene sparse = layer("prelu", 6);
    sparse.traits.density = 0.5;
    struct molecule *molecule = CHAIN(layer("wild", 4), sparse, gene_of(GENE_BATCHNORM, SPAN_NONE));
    struct train_options options = train_options_default();
    options.epochs = 2;
    options.patience = 1;
    long n = 0;
    for (bool done = false; !done; n++) {
        struct diags diags = {0};
        assert_true(n < 1000);
        mem_fail_after(n);
        struct training *training = train(molecule, data, &options, NULL, &diags);
        mem_fail_after(-1);
        done = training != NULL && diags.errors == 0;
        assert_true(training || diags.errors > 0 || diags.overflowed);
        training_release(training);
        diags_release(&diags);
    }
    assert_true(n > 20);
    molecule_release(molecule);
    prepared_release(data);
}

static void test_failed_allocations_elsewhere(void **state)
{
    (void)state;
    struct diags diags = {0};
    const struct toy *row = toy_find(STR("moons"));
    struct dataset *dataset = toy_make(row, &(struct toy_args){.n = 60, .noise = 0.1, .seed = 1}, SPAN_NONE, &diags);
    struct split *split = dataset_split(dataset, 0.8, 0, 1, SPAN_NONE, &diags);
    struct prepared *data = NULL;
    for (long n = 0; !data; n++) {
        assert_true(n < 200);
        mem_fail_after(n);
        data = prepare(split, VALIDATION_SHARE, 1, SPAN_NONE, &diags);
        mem_fail_after(-1);
        assert_true(data || diags.errors > 0 || diags.overflowed);
        diags_release(&diags);
    }
    struct molecule *molecule = CHAIN(layer("wild", 4));
    struct train_options options = train_options_default();
    options.epochs = 1;
    struct training *training = run(molecule, data, options);
    float out[60];
    bool done = false;
    for (long n = 0; !done; n++) {
        assert_true(n < 20);
        mem_fail_after(n);
        done = model_predict(training->model, data->train.x, data->train.count, out);
        mem_fail_after(-1);
    }
    struct scores scores = {.loss = NAN};
    done = false;
    for (long n = 0; !done; n++) {
        assert_true(n < 20);
        mem_fail_after(n);
        done = model_score(training->model, &data->train, &options, NULL, &scores);
        mem_fail_after(-1);
    }
    assert_true(scores.loss == training->train.loss && scores.accuracy == training->train.accuracy);
    training_release(training);
    molecule_release(molecule);
    prepared_release(data);
    split_release(split);
    dataset_release(dataset);
}

/* A batch longer than a chunk runs in chunks: one full-batch step is the mean of them. */
static void test_full_batch_beyond_a_chunk(void **state)
{
    (void)state;
    struct prepared *data = toy("circles", 2000, 0.9, 0);
    struct molecule *molecule = CHAIN(layer("tanh", 10));
    struct train_options options = full_batch(0.01, 400, 2);
    options.optimizer = OPTIMIZER_ADAM;
    struct training *training = run(molecule, data, options);
    assert_true(training->model->plan->chunk < 1800);
    assert_true(training->test.accuracy > 0.95);
    training_release(training);
    molecule_release(molecule);
    prepared_release(data);
}

/* A network whose first layer the matrix library multiplies, and whose input is wider than it is long. */
static void test_large_layers(void **state)
{
    (void)state;
    enum { COUNT = 90, WIDTH = 1500 };
    float *rows = mem_floats(COUNT * (WIDTH + 1));
    struct random random = random_stream(12, RANDOM_TEST, 0);
    for (uint32_t i = 0; i < COUNT; i++) {
        for (uint32_t k = 0; k < WIDTH; k++)
            rows[i * (WIDTH + 1) + k] = (float)(random_normal(&random) + (k % 3 == i % 3 ? 0.5 : 0));
        rows[i * (WIDTH + 1) + WIDTH] = (float)(i % 3);
    }
    struct prepared *data = classes(rows, COUNT, WIDTH, 3);
    struct molecule *molecule = CHAIN(layer("relu", 800), layer("relu", 20));
    struct train_options options = train_options_default();
    options.epochs = 5;
    struct training *training = run(molecule, data, options);
    assert_int_equal(training->model->plan->ops[1].kernel, PLAN_KERNEL_BLAS);
    assert_true(training->train.accuracy > 0.95);
    training_release(training);
    molecule_release(molecule);
    prepared_release(data);
    mem_free_floats(rows);
}

static void test_frozen_and_penalised(void **state)
{
    (void)state;
    struct prepared *data = toy("moons", 100, 0.8, 0);
    struct gene frozen = layer("tanh", 8), decayed = layer("tanh", 8);
    frozen.traits.lr_scale = 0;
    decayed.traits.l2 = 10;
    struct molecule *molecule = CHAIN(frozen, decayed);
    struct train_options options = full_batch(0.01, 0, 6);
    struct training *before = run(molecule, data, options);
    options.epochs = 200;
    struct training *after = run(molecule, data, options);
    const struct plan *plan = after->model->plan;
    assert_memory_equal(before->model->params, after->model->params, 24 * sizeof(float));
    double first = 0, last = 0;
    for (size_t i = plan->ops[2].weights; i < plan->ops[2].bias; i++) {
        first += fabs((double)before->model->params[i]);
        last += fabs((double)after->model->params[i]);
    }
    assert_true(last < 0.05 * first);
    training_release(before);
    training_release(after);
    molecule_release(molecule);
    prepared_release(data);
}

/* Learning from a start goes on where it ended: the molecule of a model keeps all weights. */
static void test_start_carries_weights(void **state)
{
    (void)state;
    struct prepared *data = toy("moons", 200, 0.8, 0);
    struct gene sparse = layer("relu", 12);
    sparse.traits.density = 0.4;
    struct molecule *molecule = CHAIN(layer("prelu", 8), sparse, gene_of(GENE_BATCHNORM, SPAN_NONE), fixture_out(1, HEAD_SIGMOID));
    struct train_options options = train_options_default();
    options.epochs = 30;
    struct training *first = run(molecule, data, options);
    options.epochs = 0;
    options.seed = 99;
    struct diags diags = {0};
    struct molecule *again = model_molecule(first->model, SPAN_NONE, NULL, &diags);
    struct training *second = train(again, data, &options, NULL, &diags);
    assert_non_null(second);
    assert_memory_equal(first->model->params, second->model->params, first->model->plan->param_count * sizeof(float));
    assert_true(first->test.loss == second->test.loss);
    training_release(first);
    training_release(second);
    molecule_release(molecule);
    molecule_release(again);
    prepared_release(data);
}

/* A bit of everything that has parameters. */
static struct molecule *mixed(void)
{
    struct molecule_builder builder = {0};
    struct diags diags = {0};
    struct gene sparse = layer("relu", 12);
    sparse.traits.density = 0.4;
    builder_open(&builder, GENE_CHAIN, SPAN_NONE);
    builder_atom(&builder, layer("prelu", 8), NULL);
    builder_atom(&builder, gene_of(GENE_BATCHNORM, SPAN_NONE), NULL);
    builder_open(&builder, GENE_SKIP, SPAN_NONE);
    builder_atom(&builder, layer("tanh", 6), NULL); /* of another width: a projection */
    builder_close(&builder);
    builder_atom(&builder, gene_of(GENE_LAYERNORM, SPAN_NONE), NULL);
    builder_atom(&builder, sparse, NULL);
    builder_atom(&builder, gene_activation(fixture_element(&elements, "prelu"), SPAN_NONE), NULL);
    builder_atom(&builder, fixture_out(1, HEAD_SIGMOID), NULL);
    builder_close(&builder);
    struct molecule *molecule = builder_finish(&builder, SPAN_NONE, &diags);
    assert_non_null(molecule);
    return molecule;
}

/* A frozen body keeps every bit, running statistics and connections included, while what is put on it learns. */
static void test_frozen_body(void **state)
{
    (void)state;
    struct prepared *circles = toy("circles", 120, 0.8, 0), *moons = toy("moons", 120, 0.8, 0);
    struct molecule *molecule = mixed();
    struct train_options options = train_options_default();
    struct diags diags = {0};
    options.epochs = 20;
    options.l2 = 0.1;
    struct training *first = run(molecule, circles, options);
    struct molecule *trained = model_molecule(first->model, SPAN_NONE, NULL, &diags);
    struct molecule *body = molecule_body(trained, &elements, &diags), *frozen = molecule_freeze(body, &diags);
    assert_non_null(frozen);
    struct training *second = run(frozen, moons, options);
    struct molecule *after = model_molecule(second->model, SPAN_NONE, NULL, &diags);
    unsigned kept = 0;
    for (uint32_t i = 0; i < frozen->count; i++) {
        assert_true(weights_equal(frozen->genes[i].weights, after->genes[i].weights));
        kept += frozen->genes[i].weights != NULL;
    }
    assert_int_equal(kept, 7);
    assert_true(second->last_loss < second->first_loss);

    /* Twice in one molecule, not frozen: copies that go their own ways. */
    const struct molecule *twins[] = {body, body};
    struct molecule *pair = molecule_combine(GENE_BRANCH, twins, 2, SPAN_NONE, &diags);
    struct training *third = run(pair, moons, options);
    struct molecule *apart = model_molecule(third->model, SPAN_NONE, NULL, &diags);
    const uint32_t size = pair->genes[1].size; /* of the left twin; the layer is its first gene */
    assert_non_null(pair->genes[2].weights);
    assert_true(weights_equal(pair->genes[2].weights, pair->genes[2 + size].weights));
    assert_false(weights_equal(apart->genes[3].weights, apart->genes[3 + size].weights));

    training_release(first);
    training_release(second);
    training_release(third);
    molecule_release(molecule);
    molecule_release(trained);
    molecule_release(body);
    molecule_release(frozen);
    molecule_release(after);
    molecule_release(pair);
    molecule_release(apart);
    prepared_release(circles);
    prepared_release(moons);
    diags_release(&diags);
}

/* Weights count in what a molecule is; its DNA is that of the bare one. */
static void test_weights_are_part_of_it(void **state)
{
    (void)state;
    struct prepared *data = toy("moons", 60, 0.8, 0);
    struct molecule *molecule = mixed();
    struct train_options options = train_options_default();
    struct diags diags = {0};
    options.epochs = 2;
    struct training *training = run(molecule, data, options);
    struct molecule *a = model_molecule(training->model, SPAN_NONE, NULL, &diags),
                    *b = model_molecule(training->model, SPAN_NONE, NULL, &diags);
    struct molecule *bare = molecule_bare(a, &diags);
    assert_true(molecule_equal(a, b) && a->hash == b->hash);
    assert_true(molecule_equal(bare, molecule) && bare->hash == molecule->hash && !bare->trained);
    assert_false(molecule_equal(a, bare));
    assert_false(a->hash == bare->hash);
    struct text with = {0}, without = {0};
    dna_encode(a, &with);
    dna_encode(bare, &without);
    assert_string_equal(text_chars(&with), text_chars(&without));
    text_release(&with);
    text_release(&without);

    /* Without memory there is a diagnostic and no leak. */
    unsigned failures = 0;
    for (long n = 0;; n++) {
        struct diags told = {0};
        mem_fail_after(n);
        struct molecule *made = model_molecule(training->model, SPAN_NONE, NULL, &told);
        struct molecule *frozen = made ? molecule_freeze(made, &told) : NULL;
        mem_fail_after(-1);
        molecule_release(made);
        molecule_release(frozen);
        diags_release(&told);
        if (frozen)
            break;
        failures++;
    }
    assert_true(failures > 10);
    training_release(training);
    molecule_release(molecule);
    molecule_release(a);
    molecule_release(b);
    molecule_release(bare);
    prepared_release(data);
    diags_release(&diags);
}

/* A chain of layer, grafted part and output whose outer genes are genes 1 and 2 of `old`. */
static struct molecule *grafted(const struct molecule *old)
{
    struct molecule_builder builder = {0};
    struct diags diags = {0};
    struct gene first = old->genes[1], last = old->genes[2], zero = layer("linear", first.width);
    zero.traits.init = INIT_ZERO;
    builder_open(&builder, GENE_CHAIN, SPAN_NONE);
    builder_atom(&builder, first, NULL);
    builder_open(&builder, GENE_SKIP, SPAN_NONE);
    builder_open(&builder, GENE_CHAIN, SPAN_NONE);
    builder_atom(&builder, layer("relu", 6), NULL);
    builder_atom(&builder, zero, NULL);
    builder_close(&builder);
    builder_close(&builder);
    builder_atom(&builder, last, NULL);
    builder_close(&builder);
    struct molecule *molecule = builder_finish(&builder, SPAN_NONE, &diags);
    assert_non_null(molecule);
    return molecule;
}

static void test_growing(void **state)
{
    (void)state;
    struct prepared *data = toy("moons", 200, 0.8, 0);
    struct molecule *molecule = CHAIN(layer("tanh", 8), fixture_out(1, HEAD_SIGMOID));
    struct train_options options = train_options_default();
    options.epochs = 20;
    struct training *first = run(molecule, data, options);
    const uint32_t count = data->test.count;
    float *before = mem_floats(count), *after = mem_floats(count);
    struct diags diags = {0};

    /* A part behind a skip that gives zeros changes nothing, to the bit. */
    struct molecule *trained = model_molecule(first->model, SPAN_NONE, NULL, &diags);
    struct molecule *longer = grafted(trained);
    options.epochs = 0;
    struct training *second = train(longer, data, &options, NULL, &diags);
    assert_non_null(second);
    assert_true(model_predict(first->model, data->test.x, count, before));
    assert_true(model_predict(second->model, data->test.x, count, after));
    assert_memory_equal(before, after, count * sizeof *before);

    /* A wider layer keeps its old neurons, and the output what it learned of them. */
    struct gene wide = trained->genes[1], output = trained->genes[2];
    wide.width = 12;
    wide.partial = output.partial = true;
    struct molecule *wider = CHAIN(wide, output);
    struct training *third = train(wider, data, &options, NULL, &diags);
    assert_non_null(third);
    const struct plan *small = first->model->plan, *large = third->model->plan;
    const float *old = first->model->params, *new = third->model->params;
    assert_memory_equal(new + large->ops[1].weights, old + small->ops[1].weights, 16 * sizeof *old);
    assert_memory_equal(new + large->ops[1].bias, old + small->ops[1].bias, 8 * sizeof *old);
    assert_memory_equal(new + large->ops[2].weights, old + small->ops[2].weights, 8 * sizeof *old);
    assert_memory_equal(new + large->ops[2].bias, old + small->ops[2].bias, sizeof *old);

    mem_free_floats(before);
    mem_free_floats(after);
    molecule_release(trained);
    training_release(first);
    training_release(second);
    training_release(third);
    molecule_release(molecule);
    molecule_release(longer);
    molecule_release(wider);
    prepared_release(data);
}

struct watch {
    unsigned reports, finished;
    atomic_bool cancel;
};

static void watch_report(void *context, const struct progress_event *event)
{
    struct watch *watch = context;
    watch->reports++;
    watch->finished += event->finished ? 1U : 0U;
    if (watch->reports == 2)
        atomic_store(&watch->cancel, true);
}

static void test_progress_and_cancel(void **state)
{
    (void)state;
    struct prepared *data = toy("moons", 200, 0.8, 0);
    struct molecule *molecule = CHAIN(layer("relu", 8));
    struct train_options options = train_options_default();
    options.epochs = LIMIT_EPOCHS / 100;
    struct watch watch = {0};
    const struct progress progress = {watch_report, &watch, &watch.cancel, NULL};
    struct diags diags = {0};
    const double began = clock_seconds();
    struct training *training = train(molecule, data, &options, &progress, &diags);
    assert_non_null(training);
    assert_true(training->cancelled && training->epochs < options.epochs);
    assert_true(clock_seconds() - began > 0.15 && clock_seconds() - began < 30);
    assert_int_equal(watch.reports, 3);
    assert_int_equal(watch.finished, 1);
    training_release(training);
    molecule_release(molecule);
    prepared_release(data);
}

static void expect_error(const struct molecule *molecule, struct prepared *data, enum loss_kind loss, const char *message)
{
    struct diags diags = {0};
    struct molecule *fitted = molecule_for_data(molecule, data, loss, SPAN_NONE, &diags);
    assert_null(fitted);
    assert_int_equal(diags.errors, 1);
    assert_string_equal(diags.at[0].message, message);
    diags_release(&diags);
    molecule_release(molecule);
}

static void test_heads(void **state)
{
    (void)state;
    struct prepared *data = classes(xor_rows, 4, 2, 2), *values = line(NORMALIZE_NONE);
    static const float three_rows[] = {0, 0, 1, 1, 2, 2};
    struct prepared *three = classes(three_rows, 3, 1, 3);
    expect_error(CHAIN(layer("relu", 4), fixture_out(3, HEAD_AUTO)), data, LOSS_AUTO, "out(3), but the data has 2 classes");
    expect_error(CHAIN(layer("relu", 4), fixture_out(1, HEAD_AUTO)), three, LOSS_AUTO, "out(1), but the data has 3 classes");
    expect_error(CHAIN(layer("relu", 4), fixture_out(2, HEAD_AUTO)), values, LOSS_AUTO, "out(2), but the data has 1 target value");
    expect_error(CHAIN(layer("relu", 4), fixture_out(1, HEAD_STEP)), data, LOSS_MSE,
                 "the loss `mse` does not go with a step output");
    expect_error(CHAIN(layer("relu", 4), fixture_out(1, HEAD_SOFTMAX)), data, LOSS_AUTO,
                 "softmax over a single output is always 1");
    values->train.y[3] = 1.5F;
    values->train.y[0] = values->train.y[1] = values->train.y[2] = 0.5F;
    expect_error(CHAIN(layer("relu", 4)), values, LOSS_BINARY_CROSS_ENTROPY,
                 "the loss `binary_cross_entropy` needs targets from 0 to 1, but row 4 has 1.5");
    expect_error(CHAIN(layer("relu", 4)), values, LOSS_CROSS_ENTROPY,
                 "the loss `cross_entropy` is for classes, but the target of this data is a value");
    for (uint32_t i = 0; i < values->train.count; i++)
        values->train.y[i] = (float)(i % 10) / 10;
    static const struct {
        enum loss_kind loss;
        int data; /* 0: two classes, 1: three, 2: values */
        uint32_t width;
        enum head head;
    } rows[] = {{LOSS_AUTO, 0, 1, HEAD_SIGMOID},
                {LOSS_AUTO, 1, 3, HEAD_SOFTMAX},
                {LOSS_AUTO, 2, 1, HEAD_LINEAR},
                {LOSS_PERCEPTRON, 0, 1, HEAD_STEP},
                {LOSS_MSE, 0, 1, HEAD_SIGMOID},
                {LOSS_MSE, 1, 3, HEAD_SOFTMAX},
                {LOSS_BINARY_CROSS_ENTROPY, 2, 1, HEAD_SIGMOID},
                {LOSS_HUBER, 2, 1, HEAD_LINEAR}};
    struct prepared *sets[] = {data, three, values};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct molecule *open = CHAIN(layer("relu", 4));
        struct diags diags = {0};
        struct molecule *fitted = molecule_for_data(open, sets[rows[i].data], rows[i].loss, SPAN_NONE, &diags);
        assert_non_null(fitted);
        assert_int_equal(molecule_output(fitted)->width, rows[i].width);
        assert_int_equal(molecule_output(fitted)->head, rows[i].head);
        assert_int_equal(diags.count, 0);
        molecule_release(open);
        molecule_release(fitted);
    }
    /* A hidden step is allowed and told. */
    struct molecule *flat = CHAIN(layer("step", 4));
    struct diags diags = {0};
    struct molecule *fitted = molecule_for_data(flat, data, LOSS_AUTO, SPAN_NONE, &diags);
    assert_true(fitted && diags.count == 1 && diags.errors == 0);
    diags_release(&diags);
    molecule_release(fitted);
    molecule_release(flat);
    prepared_release(data);
    prepared_release(values);
    prepared_release(three);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_xor),
        cmocka_unit_test(test_perceptron_learns_and_but_not_xor),
        cmocka_unit_test(test_classes_and_optimizers),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_patience_restores_the_best),
        cmocka_unit_test(test_divergence_is_a_result),
        cmocka_unit_test(test_epochs_by_the_dozen),
        cmocka_unit_test(test_epochs_by_the_dozen_end),
        cmocka_unit_test(test_same_bits_on_any_thread),
        cmocka_unit_test(test_nothing_is_allocated_while_training),
        cmocka_unit_test(test_every_failed_allocation_is_told),
        cmocka_unit_test(test_failed_allocations_elsewhere),
        cmocka_unit_test(test_full_batch_beyond_a_chunk),
        cmocka_unit_test(test_large_layers),
        cmocka_unit_test(test_frozen_and_penalised),
        cmocka_unit_test(test_start_carries_weights),
        cmocka_unit_test(test_frozen_body),
        cmocka_unit_test(test_weights_are_part_of_it),
        cmocka_unit_test(test_growing),
        cmocka_unit_test(test_progress_and_cancel),
        cmocka_unit_test(test_heads),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
