/* The training loop alone, on the workloads by which dense libraries are compared: medians of several runs in seconds, one line each.

     W1   XOR, 4 points, 2-4-1 sigmoid, mean squared error, full batch, sgd, 1,000 epochs
     W2   two arms, 200 points, 2-4-4-2 relu, cross-entropy, adam, full batch, 1,000 epochs;  W2b: batches of 32
     W4   60,000 x 784, 784-128-10 relu, cross-entropy, adam, batches of 64, one epoch;  W4b: 784-512-256-10, batches of 128
     W5   as W4 with 2 % of the weights

   engine_bench [THREADS] [W1 W2 …]: on one thread where no number is given; all where there is no name. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/train.h"
#include "support/memory.h"
#include "support/random.h"

enum { MOST_LAYERS = 4, MOST_RUNS = 31 };

struct workload {
    const char *name;
    uint32_t samples, inputs;
    bool values; /* 60,000 random rows rather than points of the plane */
    uint32_t classes;
    const char *element;
    uint32_t widths[MOST_LAYERS]; /* of hidden layers, 0 ends */
    uint32_t outputs;
    double density;
    enum optimizer_kind optimizer;
    double lr;
    enum loss_kind loss;
    uint32_t epochs, batch;
    unsigned runs;
};

static const struct workload workloads[] = {
    {"W1", 4, 2, false, 2, "sigmoid", {4}, 1, 1, OPTIMIZER_SGD, 1, LOSS_MSE, 1000, 0, 31},
    {"W2", 200, 2, false, 2, "relu", {4, 4}, 2, 1, OPTIMIZER_ADAM, 1e-2, LOSS_AUTO, 1000, 0, 15},
    {"W2b", 200, 2, false, 2, "relu", {4, 4}, 2, 1, OPTIMIZER_ADAM, 1e-2, LOSS_AUTO, 1000, 32, 15},
    {"W4", 60000, 784, true, 10, "relu", {128}, 10, 1, OPTIMIZER_ADAM, 1e-3, LOSS_AUTO, 1, 64, 5},
    {"W4b", 60000, 784, true, 10, "relu", {512, 256}, 10, 1, OPTIMIZER_ADAM, 1e-3, LOSS_AUTO, 1, 128, 3},
    {"W5", 60000, 784, true, 10, "relu", {128}, 10, 0.02, OPTIMIZER_ADAM, 1e-3, LOSS_AUTO, 1, 64, 5},
};

static void give_up(const char *what)
{
    fprintf(stderr, "engine_bench: %s\n", what);
    exit(1);
}

static formula_id relu(struct formula *f)
{
    return formula_apply(f, FORMULA_MAX, formula_number(f, 0), formula_x(f), 0);
}

static formula_id sigmoid(struct formula *f)
{
    return formula_apply(f, FORMULA_SIGMOID, formula_x(f), 0, 0);
}

static void add_element(struct elements *elements, const char *name, const char *symbol, formula_id (*make)(struct formula *))
{
    struct element element = {.name = mem_copy_text(name, strlen(name)), .doc = mem_copy_text("", 0)};
    struct diags diags = {0};
    snprintf(element.symbol, sizeof element.symbol, "%s", symbol);
    element.value = make(&element.formula);
    if (!elements_add(elements, &element, &diags))
        give_up("no element");
}

static void fill_points(struct samples *samples)
{
    struct random random = random_stream(1, RANDOM_TEST, 0);
    for (uint32_t i = 0; i < samples->count; i++) {
        const double t = 3 * M_PI * sqrt(random_unit(&random)), side = i % 2 ? -1 : 1;
        samples->labels[i] = (int32_t)(i % 2);
        samples->x[2 * i] = (float)(side * t * cos(t) / 10);
        samples->x[2 * i + 1] = (float)(side * t * sin(t) / 10);
    }
    if (samples->count != 4)
        return;
    for (uint32_t i = 0; i < 4; i++) {
        samples->x[2 * i] = (float)(i / 2);
        samples->x[2 * i + 1] = (float)(i % 2);
        samples->labels[i] = (int32_t)((i / 2) ^ (i % 2));
    }
}

static struct prepared *make_data(const struct workload *workload)
{
    struct prepared *data = mem_alloc(sizeof *data);
    if (!data)
        give_up("out of memory");
    data->references = 1;
    struct samples *samples = &data->train;
    *samples = (struct samples){.count = workload->samples, .width = workload->inputs, .outputs = workload->classes};
    const size_t values = (size_t)samples->count * samples->width;
    samples->x = mem_floats(values);
    samples->labels = mem_array(samples->count, sizeof *samples->labels);
    if (!samples->x || !samples->labels)
        give_up("out of memory");
    if (!workload->values) {
        fill_points(samples);
        return data;
    }
    struct random random = random_stream(2, RANDOM_TEST, 0);
    for (size_t i = 0; i < values; i++)
        samples->x[i] = (float)random_between(&random, -1.73, 1.73);
    for (uint32_t i = 0; i < samples->count; i++)
        samples->labels[i] = (int32_t)random_below(&random, workload->classes);
    return data;
}

static struct molecule *make_molecule(const struct workload *workload, const struct elements *elements)
{
    struct molecule_builder builder = {0};
    struct diags diags = {0};
    struct gene output = gene_of(GENE_OUTPUT, SPAN_NONE);
    output.width = workload->outputs;
    output.traits.density = workload->density;
    builder_open(&builder, GENE_CHAIN, SPAN_NONE);
    for (int i = 0; i < MOST_LAYERS && workload->widths[i]; i++) {
        struct gene layer = gene_layer(elements_by_name(elements, str_of(workload->element)), workload->widths[i], SPAN_NONE);
        layer.traits.density = workload->density;
        builder_atom(&builder, layer, NULL);
    }
    builder_atom(&builder, output, NULL);
    builder_close(&builder);
    struct molecule *molecule = builder_finish(&builder, SPAN_NONE, &diags);
    if (!molecule)
        give_up("no molecule");
    return molecule;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void measure(const struct workload *workload, const struct elements *elements, unsigned threads)
{
    struct prepared *data = make_data(workload);
    struct molecule *molecule = make_molecule(workload, elements);
    struct train_options options = train_options_default();
    options.optimizer = workload->optimizer;
    options.lr = workload->lr;
    options.loss = workload->loss;
    options.epochs = workload->epochs;
    options.batch = workload->batch;
    options.threads = threads;
    double seconds[MOST_RUNS], loss = 0;
    for (unsigned run = 0; run < workload->runs; run++) {
        struct diags diags = {0};
        struct training *training = train(molecule, data, &options, NULL, &diags);
        if (!training)
            give_up(diags.count ? diags.at[0].message : "no training");
        seconds[run] = training->seconds;
        loss = training->last_loss;
        training_release(training);
        diags_release(&diags);
    }
    qsort(seconds, workload->runs, sizeof *seconds, ascending);
    printf("%-4s median %.6f s, least %.6f s, loss %.7f\n", workload->name, seconds[workload->runs / 2], seconds[0], loss);
    fflush(stdout);
    molecule_release(molecule);
    mem_free_floats(data->train.x);
    mem_free(data->train.labels);
    mem_free(data);
}

static bool wanted(const char *name, int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], name) == 0)
            return true;
    return argc == 1;
}

int main(int argc, char **argv)
{
    struct elements elements = {0};
    add_element(&elements, "relu", "R", relu);
    add_element(&elements, "sigmoid", "S", sigmoid);
    const unsigned threads = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 0;
    const int skip = threads > 0 ? 1 : 0;
    for (size_t i = 0; i < sizeof workloads / sizeof *workloads; i++)
        if (wanted(workloads[i].name, argc - skip, argv + skip))
            measure(&workloads[i], &elements, threads);
    elements_release(&elements);
    return 0;
}
