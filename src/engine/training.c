/* The life of a training: where it begins, its place, its snapshots, its end. */
#include <math.h>
#include <string.h>

#include "engine/plan.h"
#include "engine/report.h"
#include "engine/train.h"
#include "engine/transplant.h"
#include "support/limits.h"
#include "support/memory.h"

/* Room for the snapshots that are wanted, and those that were taken already. */
static bool snapshots_init(struct training *training, const struct train_watch *watch, const struct training *before)
{
    const size_t params = training->model->plan->param_count;
    const uint32_t count = before ? before->snapshot_count : watch ? watch->snapshot_count : 0;
    if (count == 0)
        return true;
    if (params * sizeof(float) > LIMIT_SNAPSHOT_BYTES / count)
        return false;
    training->snapshots = mem_array(count, sizeof *training->snapshots);
    if (!training->snapshots)
        return false;
    for (training->snapshot_count = 0; training->snapshot_count < count; training->snapshot_count++) {
        struct snapshot *snapshot = &training->snapshots[training->snapshot_count];
        *snapshot = (struct snapshot){before ? before->snapshots[training->snapshot_count].epoch
                                             : watch->snapshots[training->snapshot_count],
                                      mem_floats(params + 1)};
        if (!snapshot->params)
            return false;
        if (before && snapshot->epoch <= before->epochs)
            memcpy(snapshot->params, before->snapshots[training->snapshot_count].params, params * sizeof(float));
    }
    return true;
}

struct training *training_new(struct model *model, const struct train_options *options, const struct training *before)
{
    struct training *training = model ? mem_alloc(sizeof *training) : NULL;
    if (!training) {
        model_release(model);
        return NULL;
    }
    *training = (struct training){.model = model,
                                  .seed = options->seed,
                                  .first_loss = NAN,
                                  .last_loss = NAN,
                                  .divergence = {.from = NAN},
                                  .params = model->plan->trained_count,
                                  .flops = model->plan->flops,
                                  .state = {.power1 = 1, .power2 = 1, .best_figure = INFINITY, .schedule = schedule_begin()}};
    training->history = mem_array(options->epochs + (size_t)1, sizeof *training->history);
    if (before) {
        training->epochs = before->epochs;
        training->begin = before->begin;
        training->best_epoch = before->best_epoch;
        training->seconds = before->seconds;
        training->first_loss = before->first_loss;
        training->last_loss = before->last_loss;
        training->stopped = before->stopped;
        training->diverged = before->diverged;
        training->divergence = before->divergence;
    }
    if (training->history && before)
        memcpy(training->history, before->history, before->epochs * sizeof *before->history);
    if (training->history && snapshots_init(training, options->watch, before))
        return training;
    training_release(training);
    return NULL;
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
    struct molecule *whole = copy ? molecule_for_data(copy, data, options->loss, SPAN_NONE, diags) : NULL;
    struct model *model = whole ? model_create(whole, data->train.width, data->recipe, options->seed, diags) : NULL;
    if (model)
        transplant(model->plan, whole, model->params);
    molecule_release(whole);
    molecule_release(copy);
    return model;
}

struct training *training_begin(const struct molecule *molecule, struct prepared *data, const struct train_options *options,
                                const struct training *before, struct diags *diags)
{
    const size_t errors = diags->errors;
    struct model *model = before ? model_with(before->model, molecule, data->recipe, before->model->params, diags)
                                 : first_model(molecule, data, options, diags);
    struct training *training = model ? training_new(model_bare(model, diags), options, before) : NULL;
    if (training && !before)
        training->begin = molecule->hash;
    if (!training && diags->errors == errors)
        diag_out_of_memory(diags, molecule->genes[0].span);
    return training;
}

struct model *training_at(const struct training *training, uint32_t epoch, struct diags *diags)
{
    for (uint32_t i = 0; i < training->snapshot_count; i++)
        if (training->snapshots[i].epoch == epoch && epoch <= training->epochs)
            return model_with(training->model, training->model->molecule, training->model->recipe, training->snapshots[i].params,
                              diags);
    return NULL;
}

const char *const set_names[SET_COUNT] = {[SET_TRAIN] = "train", [SET_VALIDATION] = "validation", [SET_TEST] = "test"};

const struct samples *samples_of(const struct prepared *data, enum sample_set set)
{
    return set == SET_TEST ? &data->test : set == SET_VALIDATION ? &data->validation : &data->train;
}

const struct scores *scores_of(const struct training *training, enum sample_set set)
{
    return set == SET_TEST ? &training->test : set == SET_VALIDATION ? &training->validation : &training->train;
}

void training_release(struct training *training)
{
    if (!training)
        return;
    model_release(training->model);
    for (int set = 0; set < SET_COUNT; set++)
        report_release(training->reports[set]);
    mem_free(training->history);
    mem_free_floats(training->state.last);
    mem_free_floats(training->state.first);
    mem_free_floats(training->state.second);
    mem_free(training->state.starts);
    for (uint32_t i = 0; i < training->snapshot_count; i++)
        mem_free_floats(training->snapshots[i].params);
    mem_free(training->snapshots);
    mem_free(training);
}
