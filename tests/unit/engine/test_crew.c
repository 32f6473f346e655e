/* One training on several threads: the bits of one thread, and nothing allocated on the way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"

#include "engine/blas.h"
#include "engine/plan.h"

enum { SAMPLES = 700, WIDTH = 130, CLASSES = 5, MOST_THREADS = 3 };

static struct elements elements;

static struct gene layer(const char *name, uint32_t width)
{
    return gene_layer(fixture_element(&elements, name), width, SPAN_NONE);
}

static struct prepared *noise_data(void)
{
    struct prepared *data = mem_alloc(sizeof *data);
    assert_non_null(data);
    data->references = 1;
    for (int part = 0; part < 2; part++) {
        struct samples *samples = part == 0 ? &data->train : &data->validation;
        *samples = (struct samples){.count = part == 0 ? SAMPLES : SAMPLES / 3, .width = WIDTH, .outputs = CLASSES};
        samples->x = mem_floats((size_t)samples->count * WIDTH);
        samples->labels = mem_array(samples->count, sizeof *samples->labels);
        assert_true(samples->x && samples->labels);
        struct random random = random_stream(1, RANDOM_TEST, (uint64_t)part);
        for (size_t i = 0; i < (size_t)samples->count * WIDTH; i++)
            samples->x[i] = (float)random_normal(&random);
        for (uint32_t i = 0; i < samples->count; i++)
            samples->labels[i] = (int32_t)random_below(&random, CLASSES);
    }
    return data;
}

static struct training *trained(const struct molecule *molecule, struct prepared *data, struct train_options options,
                                unsigned threads)
{
    struct diags diags = {0};
    options.threads = threads;
    struct training *training = train(molecule, data, &options, NULL, &diags);
    assert_non_null(training);
    diags_release(&diags);
    return training;
}

static void compare(struct molecule *molecule, struct prepared *data, struct train_options options)
{
    struct training *one = trained(molecule, data, options, 1);
    for (unsigned threads = 2; threads <= MOST_THREADS; threads++) {
        struct training *other = trained(molecule, data, options, threads);
        assert_memory_equal(one->model->params, other->model->params, one->model->plan->param_count * sizeof(float));
        assert_int_equal(one->epochs, other->epochs);
        for (uint32_t e = 0; e < one->epochs; e++)
            assert_memory_equal(&one->history[e].loss, &other->history[e].loss, 4 * sizeof(double));
        assert_memory_equal(&one->validation.loss, &other->validation.loss, sizeof one->validation.loss);
        training_release(other);
    }
    training_release(one);
}

static struct train_options options_of(uint32_t batch)
{
    struct train_options options = train_options_default();
    options.epochs = 2;
    options.batch = batch;
    return options;
}

/* Layers side by side, each of a kind, their values joined, and behind them what looks at whole batches and at whole samples. */
static struct molecule *mixed(void)
{
    struct molecule_builder builder = {0};
    struct diags diags = {0};
    struct gene sparse = layer("tanh", 400), spread = layer("gelu", 150), dropout = gene_of(GENE_DROPOUT, SPAN_NONE),
                frozen = layer("swish", 144);
    sparse.traits.density = 0.3;
    spread.traits.density = 0.6;
    frozen.traits.lr_scale = 0;
    dropout.rate = 0.25;
    builder_open(&builder, GENE_CHAIN, SPAN_NONE);
    builder_open(&builder, GENE_BRANCH, SPAN_NONE);
    builder_atom(&builder, layer("relu", 201), NULL);
    builder_atom(&builder, sparse, NULL);
    builder_atom(&builder, layer("prelu", 144), NULL);
    builder_atom(&builder, frozen, NULL);
    builder_close(&builder);
    builder_atom(&builder, gene_of(GENE_BATCHNORM, SPAN_NONE), NULL);
    builder_atom(&builder, dropout, NULL);
    builder_open(&builder, GENE_SUM, SPAN_NONE);
    builder_atom(&builder, layer("wild", 150), NULL);
    builder_atom(&builder, spread, NULL);
    builder_close(&builder);
    builder_atom(&builder, gene_of(GENE_LAYERNORM, SPAN_NONE), NULL);
    builder_atom(&builder, gene_activation(fixture_element(&elements, "sine"), SPAN_NONE), NULL);
    builder_atom(&builder, fixture_out(CLASSES, HEAD_SOFTMAX), NULL);
    builder_close(&builder);
    struct molecule *molecule = builder_finish(&builder, SPAN_NONE, &diags);
    assert_non_null(molecule);
    diags_release(&diags);
    return molecule;
}

static void test_same_bits(void **state)
{
    (void)state;
    struct prepared *data = noise_data();
    struct molecule *molecule = mixed(),
                    *dense = fixture_chain(
                        (const struct gene[]){layer("relu", 256), layer("tanh", 77), fixture_out(CLASSES, HEAD_SOFTMAX)}, 3);
    const uint32_t batches[] = {64, 100, 0};
    for (size_t b = 0; b < sizeof batches / sizeof *batches; b++) {
        compare(molecule, data, options_of(batches[b]));
        compare(dense, data, options_of(batches[b])); /* the last: in several chunks */
    }
    struct train_options options = options_of(64);
    options.clip = 0.5; /* waits for the whole gradient */
    options.noise = 0.1;
    options.l1 = 1e-4;
    compare(dense, data, options);
    options = options_of(128);
    options.optimizer = OPTIMIZER_LION;
    options.weight_decay = 0.1;
    compare(molecule, data, options);
    molecule_release(molecule);
    molecule_release(dense);
    prepared_release(data);
}

/* Layers so large that the matrix library multiplies them. */
static void test_library(void **state)
{
    (void)state;
    blas_single_thread();
    struct prepared *data = noise_data();
    struct train_options options = options_of(64);
    options.epochs = 1;
    struct gene spread = layer("relu", 1030);
    spread.traits.density = 0.6;
    struct molecule *molecule =
        fixture_chain((const struct gene[]){layer("relu", 1100), spread, fixture_out(CLASSES, HEAD_SOFTMAX)}, 3);
    compare(molecule, data, options);
    molecule_release(molecule);
    prepared_release(data);
}

/* The step that is taken layer by layer is the step that is taken at the end: a bound that no gradient reaches asks for that. */
static void test_fused_step(void **state)
{
    (void)state;
    struct prepared *data = noise_data();
    struct molecule *molecule = mixed();
    static const enum optimizer_kind kinds[] = {OPTIMIZER_SGD,   OPTIMIZER_MOMENTUM, OPTIMIZER_RMSPROP, OPTIMIZER_ADAM,
                                                OPTIMIZER_ADAMW, OPTIMIZER_LION,     OPTIMIZER_RPROP};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        struct train_options options = options_of(k % 2 ? 64 : 0);
        options.optimizer = kinds[k];
        options.weight_decay = 0.01;
        options.l2 = 1e-4;
        struct training *fused = trained(molecule, data, options, 2);
        options.clip = 1e30;
        struct training *apart = trained(molecule, data, options, 1);
        assert_memory_equal(fused->model->params, apart->model->params, fused->model->plan->param_count * sizeof(float));
        training_release(fused);
        training_release(apart);
    }
    molecule_release(molecule);
    prepared_release(data);
}

static void test_nothing_is_allocated_while_training(void **state)
{
    (void)state;
    struct prepared *data = noise_data();
    struct molecule *molecule = mixed();
    unsigned long counts[2];
    for (int i = 0; i < 2; i++) {
        struct train_options options = options_of(64);
        options.epochs = i == 0 ? 1 : 4;
        const unsigned long before = mem_count();
        struct training *training = trained(molecule, data, options, 2);
        counts[i] = mem_count() - before;
        training_release(training);
    }
    assert_int_equal(counts[0], counts[1]);
    molecule_release(molecule);
    prepared_release(data);
}

/* At whichever allocation memory ends, the training says so, and is not half there. */
static void test_without_memory(void **state)
{
    (void)state;
    struct prepared *data = noise_data();
    struct molecule *molecule = mixed();
    struct train_options options = options_of(350);
    options.epochs = 1;
    options.threads = 2;
    long allocations = 0;
    for (struct training *training = NULL; !training; allocations++) {
        struct diags diags = {0};
        mem_fail_after(allocations);
        training = train(molecule, data, &options, NULL, &diags);
        mem_fail_after(-1);
        assert_true(training || diags.errors > 0 || diags.out_of_memory);
        training_release(training);
        diags_release(&diags);
        assert_true(allocations < 10000);
    }
    assert_true(allocations > 10);
    molecule_release(molecule);
    prepared_release(data);
}

int main(void)
{
    elements = fixture_elements();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_bits),      cmocka_unit_test(test_library),
        cmocka_unit_test(test_fused_step),     cmocka_unit_test(test_nothing_is_allocated_while_training),
        cmocka_unit_test(test_without_memory),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    elements_release(&elements);
    return failed;
}
