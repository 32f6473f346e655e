/* Training: epochs of batches of chunks. One training runs on one thread and touches nothing shared but what it reads; any number
   may run at once on the same prepared data and molecule. It counts no
   references of the molecule, whose counts belong to one thread at a time, but works on a copy of it; those of the data are atomic.

   All memory is taken before the first epoch. Random numbers come from streams named by what they are for (the epoch, the tensor),
   so that the figures of a training depend on its seed alone. */
#include "engine/train.h"

#include <string.h>

#include "engine/denormals.h"
#include "engine/loops.h"
#include "engine/metrics.h"
#include "engine/optimizer.h"
#include "engine/report.h"
#include "engine/transplant.h"
#include "support/memory.h"
#include "support/random.h"

/* How often progress looks at the clock: about every so many floating-point operations (a few milliseconds). */
#define FLOPS_BETWEEN_CLOCKS 1e7
/* Seconds between two reports. */
#define REPORT_INTERVAL 0.1

struct trainer {
    const struct train_options *options;
    struct prepared *data;
    const struct progress *progress;
    struct model *model;
    struct training *training;
    struct workspace workspace;
    struct targets targets;
    struct evaluator evaluator;
    struct optimizer optimizer;
    struct schedule_state schedule;
    uint64_t step; /* steps taken */
    struct objective objective;
    float *best;        /* [param_count] weights of the best epoch; NULL without patience */
    double best_figure; /* its loss, or 1 - accuracy */
    uint32_t *order;    /* [training samples] this epoch's */
    uint32_t batch;     /* samples a step */
    bool keep_chunk;    /* the one chunk holds all samples, in their order: loaded once */
    double began, reported;
    double flops_left; /* until the next look at the clock */
};

struct train_options train_options_default(void)
{
    return (struct train_options){.optimizer = OPTIMIZER_ADAM,
                                  .lr = 1e-3,
                                  .momentum = 0.9,
                                  .beta1 = 0.9,
                                  .beta2 = 0.999,
                                  .epsilon = 1e-8,
                                  .grow = 1.2,
                                  .shrink = 0.5,
                                  .least = 1e-6,
                                  .most = 50,
                                  .loss = LOSS_AUTO,
                                  .huber_delta = 1,
                                  .epochs = 100,
                                  .batch = 32,
                                  .shuffle = true};
}

static uint32_t most_samples(const struct prepared *data)
{
    uint32_t most = data->train.count;
    if (data->validation.count > most)
        most = data->validation.count;
    return data->test.count > most ? data->test.count : most;
}

static bool trainer_init(struct trainer *trainer)
{
    const struct train_options *options = trainer->options;
    const struct samples *train = &trainer->data->train;
    const struct plan *plan = trainer->model->plan;
    const bool classes = train->labels != NULL;
    trainer->objective = objective_of(plan->head, options, trainer->data->class_weights);
    trainer->batch = options->batch == 0 || options->batch > train->count ? train->count : options->batch;
    trainer->training->history = mem_array(options->epochs + (size_t)1, sizeof *trainer->training->history);
    trainer->order = mem_array(train->count + (size_t)1, sizeof *trainer->order);
    trainer->best = options->patience > 0 ? mem_floats(plan->param_count + 1) : NULL;
    trainer->best_figure = INFINITY;
    trainer->schedule = schedule_begin();
    if (!trainer->training->history || !trainer->order || (options->patience > 0 && !trainer->best) ||
        !workspace_init(&trainer->workspace, plan, trainer->batch, true) ||
        !targets_init(&trainer->targets, &trainer->workspace, &trainer->objective, classes) ||
        !evaluator_init(&trainer->evaluator, plan, &trainer->objective, classes, most_samples(trainer->data)) ||
        !optimizer_init(&trainer->optimizer, plan, options))
        return false;
    trainer->workspace.params = trainer->model->params;
    trainer->workspace.running = trainer->model->params;
    trainer->workspace.seed = options->seed;
    trainer->keep_chunk = options->noise == 0 && trainer->batch == train->count && train->count <= trainer->workspace.capacity;
    if (trainer->keep_chunk) {
        workspace_load(&trainer->workspace, train->x, NULL, train->count);
        targets_load(&trainer->targets, &trainer->workspace, &trainer->objective, train, NULL);
    }
    for (uint32_t i = 0; i < train->count; i++)
        trainer->order[i] = i;
    return true;
}

static void trainer_release(struct trainer *trainer)
{
    workspace_release(&trainer->workspace);
    targets_release(&trainer->targets);
    evaluator_release(&trainer->evaluator);
    optimizer_release(&trainer->optimizer);
    mem_free_floats(trainer->best);
    mem_free(trainer->order);
}

/* What the schedule makes of the learning rate in the coming step. */
static double rate_factor(const struct trainer *trainer)
{
    const uint64_t per_epoch = (trainer->data->train.count + trainer->batch - 1) / trainer->batch;
    return schedule_factor(&trainer->options->schedule, &trainer->schedule, trainer->step, per_epoch,
                           per_epoch * trainer->options->epochs);
}

/* One step along the gradient of the samples order[0..count), chunk by chunk. */
static void train_batch(struct trainer *trainer, const uint32_t *order, uint32_t count, struct tally *tally)
{
    struct workspace *workspace = &trainer->workspace;
    const struct samples *train = &trainer->data->train;
    for (uint32_t start = 0; start < count; start += workspace->capacity) {
        if (!trainer->keep_chunk) {
            const uint32_t n = count - start < workspace->capacity ? count - start : workspace->capacity;
            workspace_load(workspace, train->x, order + start, n);
            targets_load(&trainer->targets, workspace, &trainer->objective, train, order + start);
        }
        if (trainer->options->noise > 0)
            workspace_noise(workspace, trainer->options->noise);
        workspace_forward(workspace);
        objective_run(&trainer->objective, workspace, &trainer->targets, 1.0F / (float)count, tally);
        workspace_backward(workspace, start > 0);
        workspace->step++;
    }
    optimizer_step(&trainer->optimizer, trainer->model->params, workspace->gradient, rate_factor(trainer));
    trainer->step++;
}

/* At most ten reports a second, without asking the clock after every step of a tiny network. */
static void report(struct trainer *trainer, uint32_t samples, const struct tally *tally, uint32_t tallied)
{
    trainer->flops_left -= 3 * trainer->model->plan->flops * samples;
    if (trainer->flops_left > 0 || !trainer->progress)
        return;
    trainer->flops_left = FLOPS_BETWEEN_CLOCKS;
    const double now = clock_seconds();
    if (now - trainer->reported < REPORT_INTERVAL)
        return;
    trainer->reported = now;
    const struct progress_event event = {.kind = PROGRESS_TRAIN,
                                         .done = trainer->training->epochs,
                                         .total = trainer->options->epochs,
                                         .seconds = now - trainer->began,
                                         .loss = tally->loss / tallied,
                                         .accuracy = trainer->targets.classes ? (double)tally->hits / tallied : NAN,
                                         .what = "epoch"};
    progress_report(trainer->progress, &event);
}

/* False where the epoch was not finished: cancelled, or diverged. */
static bool train_epoch(struct trainer *trainer, uint32_t epoch, struct tally *tally)
{
    const uint32_t count = trainer->data->train.count;
    if (trainer->options->shuffle && trainer->batch < count) {
        struct random random = random_stream(trainer->options->seed, RANDOM_BATCHES, epoch);
        for (uint32_t i = 0; i < count; i++)
            trainer->order[i] = i;
        random_shuffle(&random, trainer->order, count);
    }
    for (uint32_t start = 0; start < count; start += trainer->batch) {
        const uint32_t n = count - start < trainer->batch ? count - start : trainer->batch;
        train_batch(trainer, trainer->order + start, n, tally);
        if (!isfinite(tally->loss)) {
            trainer->training->diverged = true;
            return false;
        }
        if (progress_cancelled(trainer->progress)) {
            trainer->training->cancelled = true;
            return false;
        }
        report(trainer, n, tally, start + n);
    }
    trainer->training->diverged = !floats_finite(trainer->model->params, trainer->model->plan->param_count);
    return !trainer->training->diverged;
}

/* Looks at validation (training, where there is none); true where patience has run out. */
static bool judge_epoch(struct trainer *trainer, struct history_row *row)
{
    struct training *training = trainer->training;
    if (trainer->data->validation.count > 0) {
        const struct scores scores =
            evaluator_run(&trainer->evaluator, trainer->model->params, &trainer->data->validation, trainer->model->recipe, true);
        row->validation_loss = scores.loss;
        row->validation_accuracy = scores.accuracy;
    }
    const double loss = trainer->data->validation.count > 0 ? row->validation_loss : row->loss;
    schedule_look(&trainer->options->schedule, &trainer->schedule, loss);
    const bool by_accuracy = trainer->options->stop_by == STOP_BY_ACCURACY && trainer->targets.classes;
    const double accuracy = trainer->data->validation.count > 0 ? row->validation_accuracy : row->accuracy;
    const double figure = by_accuracy ? 1 - accuracy : loss;
    if (figure < trainer->best_figure - trainer->options->min_delta) {
        trainer->best_figure = figure;
        training->best_epoch = row->epoch;
        if (trainer->best)
            memcpy(trainer->best, trainer->model->params, trainer->model->plan->param_count * sizeof *trainer->best);
    }
    training->stopped = trainer->best && row->epoch - training->best_epoch >= trainer->options->patience;
    return training->stopped;
}

static void train_epochs(struct trainer *trainer)
{
    struct training *training = trainer->training;
    const uint32_t count = trainer->data->train.count;
    bool more = count > 0;
    while (more && training->epochs < trainer->options->epochs) {
        struct tally tally = {0};
        const uint32_t epoch = training->epochs + 1;
        more = train_epoch(trainer, epoch, &tally);
        if (training->cancelled)
            break;
        struct history_row *row = &training->history[training->epochs++];
        *row =
            (struct history_row){epoch, tally.loss / count, trainer->targets.classes ? (double)tally.hits / count : NAN, NAN, NAN};
        if (more)
            more = !judge_epoch(trainer, row);
        training->last_loss = row->loss;
        if (epoch == 1)
            training->first_loss = row->loss;
    }
    if (trainer->best && isfinite(trainer->best_figure))
        memcpy(trainer->model->params, trainer->best, trainer->model->plan->param_count * sizeof *trainer->best);
}

static void score_all(struct trainer *trainer)
{
    struct training *training = trainer->training;
    const struct model *model = trainer->model;
    training->train = evaluator_run(&trainer->evaluator, model->params, &trainer->data->train, model->recipe, false);
    training->validation = evaluator_run(&trainer->evaluator, model->params, &trainer->data->validation, model->recipe, false);
    training->test = evaluator_run(&trainer->evaluator, model->params, &trainer->data->test, model->recipe, false);
}

static void tell_end(const struct trainer *trainer, struct diags *diags)
{
    const struct training *training = trainer->training;
    const struct progress_event event = {.kind = PROGRESS_TRAIN,
                                         .done = training->epochs,
                                         .total = trainer->options->epochs,
                                         .seconds = training->seconds,
                                         .loss = training->last_loss,
                                         .accuracy = training->train.accuracy,
                                         .what = "epoch",
                                         .finished = true};
    progress_report(trainer->progress, &event);
    if (!training->diverged)
        return;
    struct diag *diag =
        diag_warning(diags, trainer->model->molecule->genes[0].span, "the training diverged in epoch %u", training->epochs);
    diag_note(diag, "its loss or weights are no longer finite");
    diag_help(diag, "try a smaller learning rate than %g, or `normalize` the data", trainer->options->lr);
}

static void trainer_run(struct trainer *trainer, struct diags *diags)
{
    struct training *training = trainer->training;
    const unsigned denormals = denormals_flush();
    trainer->began = trainer->reported = clock_seconds();
    train_epochs(trainer);
    training->seconds = clock_seconds() - trainer->began;
    score_all(trainer);
    denormals_restore(denormals);
    tell_end(trainer, diags);
}

/* A copy of `molecule` that no other thread knows: molecules count their references without a lock. */
static struct molecule *molecule_private(const struct molecule *molecule, struct diags *diags)
{
    struct molecule_builder builder = {0};
    builder_copy(&builder, molecule, 0);
    return builder_finish(&builder, molecule->genes[0].span, diags);
}

/* The model, its molecule without the weights that it began with: it has its own. NULL (and the model gone) without memory. */
static struct model *model_bare(struct model *model, struct diags *diags)
{
    struct molecule *bare = molecule_bare(model->molecule, diags);
    if (bare) {
        molecule_release(model->molecule);
        model->molecule = bare;
        return model;
    }
    model_release(model);
    return NULL;
}

/* The model that the training begins with. */
static struct model *first_model(const struct molecule *molecule, struct prepared *data, const struct train_options *options,
                                 struct diags *diags)
{
    struct molecule *copy = molecule_private(molecule, diags);
    struct molecule *whole = copy ? molecule_for_data(copy, data, options->loss, diags) : NULL;
    struct model *model = whole ? model_create(whole, data->train.width, data->recipe, options->seed, diags) : NULL;
    if (model) {
        transplant(model->plan, whole, model->params);
        transplant_check_inputs(model->plan, whole, data->recipe, diags);
        model = model_bare(model, diags);
    }
    molecule_release(whole);
    molecule_release(copy);
    return model;
}

struct training *train(const struct molecule *molecule, struct prepared *data, const struct train_options *options,
                       const struct progress *progress, struct diags *diags)
{
    struct model *model = first_model(molecule, data, options, diags);
    if (!model)
        return NULL;
    struct training *training = mem_alloc(sizeof *training);
    if (!training) {
        model_release(model);
        diag_out_of_memory(diags, molecule->genes[0].span);
        return NULL;
    }
    *training = (struct training){.model = model, .seed = options->seed, .first_loss = NAN, .last_loss = NAN};
    training->params = model->plan->trained_count;
    training->flops = model->plan->flops;
    struct trainer trainer = {.options = options, .data = data, .progress = progress, .model = model, .training = training};
    if (trainer_init(&trainer)) {
        trainer_run(&trainer, diags);
    } else {
        diag_out_of_memory(diags, molecule->genes[0].span);
        training_release(training);
        training = NULL;
    }
    trainer_release(&trainer);
    return training;
}

void training_release(struct training *training)
{
    if (!training)
        return;
    model_release(training->model);
    for (int set = 0; set < SET_COUNT; set++)
        report_release(training->reports[set]);
    mem_free(training->history);
    mem_free(training);
}
