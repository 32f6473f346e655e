/* See cost.h. */
#include "engine/cost.h"

#include <pthread.h>

#include "engine/optimizer.h"
#include "engine/plan.h"
#include "engine/workspace.h"
#include "molecule/graph.h"
#include "support/memory.h"

/* A trial runs until it took so long: far above what the clock resolves, far below what a person waits for. */
#define MEASURE_SECONDS 2e-3
/* … and is not begun where a batch has more operations, or the network more parameters to make up, than go in about 0.1 s. */
#define MEASURE_FLOPS  2e9
#define MEASURE_PARAMS 2e7
/* Samples of a trial. */
#define MEASURE_SAMPLES 2048

/* ---- operations and memory ---- */

static double samples_bytes(const struct samples *samples)
{
    const double target = samples->labels ? sizeof *samples->labels : samples->outputs * sizeof *samples->y;
    return samples->count * (samples->width * (double)sizeof *samples->x + target);
}

static double training_bytes(const struct plan *plan, const struct prepared *data, const struct train_options *options)
{
    const double copies = 1 + optimizer_floats(options->optimizer) + (options->patience > 0);
    return (copies * (double)plan->param_count + (double)plan->stat_count) * sizeof(float) +
           workspace_bytes(plan, batch_samples(options, data), true) + workspace_bytes(plan, PLAN_MOST_CHUNK, false) +
           data->train.count * (double)sizeof(uint32_t) + options->epochs * (double)sizeof(struct history_row);
}

bool cost_of(const struct molecule *molecule, const struct prepared *data, const struct train_options *options, struct cost *cost,
             struct diags *diags)
{
    struct graph *graph = graph_build(molecule, data->train.width, diags);
    struct plan *plan = graph ? plan_compile(graph, options->seed, diags) : NULL;
    graph_release(graph);
    if (!plan || !workspace_fits(plan, batch_samples(options, data), molecule->genes[0].span, diags)) {
        plan_release(plan);
        return false;
    }
    *cost = (struct cost){
        .params = (double)plan->trained_count,
        .epoch_flops = plan->flops * (3.0 * data->train.count + data->validation.count),
        .data_bytes = samples_bytes(&data->train) + samples_bytes(&data->validation) + samples_bytes(&data->test),
        .bytes = training_bytes(plan, data, options),
    };
    plan_release(plan);
    return true;
}

/* ---- time ---- */

/* Seconds of so many epochs on `data` as it is; NaN where they could not be run. */
static double try_epochs(const struct molecule *molecule, struct prepared *data, const struct train_options *options,
                         uint32_t epochs)
{
    struct train_options trial = *options;
    struct diags diags = {0};
    trial.epochs = epochs;
    trial.lr = 0; /* nothing is learned, so nothing diverges */
    trial.patience = 0;
    struct training *training = train(molecule, data, &trial, NULL, &diags);
    const double seconds = training && training->epochs == epochs ? training->seconds : NAN;
    training_release(training);
    diags_release(&diags);
    return seconds;
}

/* Seconds an epoch on `data`: as many epochs as it takes to see, and the faster of two tries, since the machine does other things. */
static double try_long_enough(const struct molecule *molecule, struct prepared *data, const struct train_options *options)
{
    uint32_t epochs = 1;
    double seconds = try_epochs(molecule, data, options, epochs);
    while (seconds < MEASURE_SECONDS && epochs < 1u << 20) {
        const double wanted = fmin(16, 1.2 * MEASURE_SECONDS / (seconds + 1e-9)); /* the first epochs are the slow ones */
        epochs = (uint32_t)ceil(epochs * fmax(2, wanted));
        seconds = try_epochs(molecule, data, options, epochs);
    }
    return fmin(seconds, try_epochs(molecule, data, options, epochs)) / epochs;
}

/* Operations a second that a large dense layer trains with, measured once. */
static double throughput;

static void measure_throughput(void)
{
    enum { WIDTH = 512, COUNT = 128 };
    struct diags diags = {0};
    struct gene output = gene_of(GENE_OUTPUT, SPAN_NONE);
    output.width = WIDTH;
    output.head = HEAD_LINEAR;
    struct molecule *molecule = molecule_atom(output, NULL, SPAN_NONE, &diags);
    struct prepared data = {.train = {.count = COUNT, .width = WIDTH, .outputs = WIDTH}};
    data.train.x = mem_floats((size_t)COUNT * WIDTH);
    data.train.y = mem_floats((size_t)COUNT * WIDTH);
    struct train_options options = train_options_default();
    options.batch = COUNT;
    struct cost cost = {0};
    throughput = 1e10; /* a modest core's, where measuring fails */
    if (molecule && data.train.x && data.train.y && cost_of(molecule, &data, &options, &cost, &diags)) {
        const double seconds = try_long_enough(molecule, &data, &options);
        throughput = seconds > 0 ? cost.epoch_flops / seconds : throughput;
    }
    mem_free_floats(data.train.x);
    mem_free_floats(data.train.y);
    molecule_release(molecule);
    diags_release(&diags);
}

static void shorten(struct samples *samples, double share)
{
    const double count = ceil(samples->count * share);
    samples->count = count < samples->count ? (uint32_t)count : samples->count;
}

double cost_measure(const struct molecule *molecule, const struct prepared *data, const struct train_options *options,
                    const struct cost *cost)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    const uint32_t batch = batch_samples(options, data), count = data->train.count;
    if (count == 0)
        return 0;
    if (cost->epoch_flops / count * batch > MEASURE_FLOPS || cost->params > MEASURE_PARAMS) {
        pthread_once(&once, measure_throughput);
        return cost->epoch_flops / throughput;
    }
    /* Whole batches of some samples, as many as are not too many operations, and as large a share of the others. */
    const double most = fmax(1, fmin(MEASURE_SAMPLES, MEASURE_FLOPS / 20 / (cost->epoch_flops / count + 1)));
    const double batches = fmax(1, floor(most / batch));
    const double share = fmin(1, batches * batch / count);
    struct prepared some = *data;
    shorten(&some.train, share);
    shorten(&some.validation, share);
    some.test.count = 0;
    return try_long_enough(molecule, &some, options) * count / some.train.count;
}
