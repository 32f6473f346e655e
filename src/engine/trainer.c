/* What a training needs while it runs: made, begun where another one ended, shown on the way and handed over at the end. */
#include "engine/trainer.h"

#include <string.h>

#include "engine/denormals.h"
#include "support/memory.h"

/* Trainings of fewer are over before a thread is made: some hundred microseconds. */
#define FLOPS_OF_THREADS 1e8

static uint32_t most_samples(const struct prepared *data)
{
    uint32_t most = data->train.count;
    if (data->validation.count > most)
        most = data->validation.count;
    return data->test.count > most ? data->test.count : most;
}

/* A crew where the training is worth making its threads, and has ops worth sharing. True without one too, but not without memory. */
static bool trainer_crew(struct trainer *trainer)
{
    const struct train_options *options = trainer->options;
    const struct plan *plan = trainer->model->plan;
    const double flops = 3 * plan->flops * trainer->data->train.count * options->epochs;
    if (options->threads < 2 || flops < FLOPS_OF_THREADS || !workspace_shares(plan, trainer->batch))
        return true;
    const unsigned denormals = denormals_flush(); /* the crew's threads do as this one does now */
    trainer->crew = crew_make(options->threads);
    denormals_restore(denormals);
    return workspace_crew(&trainer->workspace, trainer->crew) && workspace_crew(&trainer->evaluator.workspace, trainer->crew);
}

bool trainer_init(struct trainer *trainer)
{
    const struct train_options *options = trainer->options;
    const struct samples *train = &trainer->data->train;
    const struct plan *plan = trainer->model->plan;
    const bool classes = train->labels != NULL;
    trainer->objective = objective_of(plan->head, options, trainer->data->class_weights, &trainer->loss_kernel);
    trainer->batch = batch_samples(options, trainer->data);
    trainer->state = &trainer->training->state;
    trainer->order = mem_array(train->count + (size_t)1, sizeof *trainer->order);
    trainer->best = options->patience > 0 ? mem_floats(plan->param_count + 1) : NULL;
    if (!trainer->order || (options->patience > 0 && !trainer->best) || !loss_kernel_init(&trainer->loss_kernel, options) ||
        !workspace_init(&trainer->workspace, plan, trainer->batch, true) ||
        !targets_init(&trainer->targets, &trainer->workspace, &trainer->objective, classes) ||
        !evaluator_init(&trainer->evaluator, plan, &trainer->objective, classes, most_samples(trainer->data)) ||
        !optimizer_init(&trainer->optimizer, plan, options) || !trainer_crew(trainer))
        return false;
    trainer->workspace.params = trainer->model->params;
    trainer->workspace.running = trainer->model->params;
    trainer->workspace.seed = options->seed;
    trainer->workspace.step = options->part.chunk;
    trainer->state->position = options->part.position;
    trainer->state->tally = options->part.tally;
    trainer->keep_chunk = options->noise == 0 && trainer->batch == train->count && train->count <= trainer->workspace.capacity;
    if (trainer->keep_chunk) {
        workspace_load(&trainer->workspace, train->x, NULL, train->count);
        targets_load(&trainer->targets, &trainer->workspace, &trainer->objective, train, NULL);
    }
    for (uint32_t i = 0; i < train->count; i++)
        trainer->order[i] = i;
    return true;
}

bool trainer_take_over(struct trainer *trainer, const struct training *before)
{
    const struct plan *plan = trainer->model->plan;
    const struct training_state *old = &before->state;
    struct optimizer *optimizer = &trainer->optimizer;
    *trainer->state = *old;
    trainer->state->last = trainer->state->first = trainer->state->second = NULL;
    trainer->state->starts = NULL;
    trainer->workspace.step = old->chunk;
    optimizer->power1 = old->power1;
    optimizer->power2 = old->power2;
    if (optimizer->first && old->first)
        memcpy(optimizer->first, old->first, plan->trained_count * sizeof *old->first);
    if (optimizer->second && old->second)
        memcpy(optimizer->second, old->second, plan->trained_count * sizeof *old->second);
    if (trainer->best)
        memcpy(trainer->best, before->model->params, plan->param_count * sizeof *trainer->best);
    if (old->last)
        memcpy(trainer->model->params, old->last, plan->param_count * sizeof *old->last);
    if (!old->starts)
        return true;
    double *starts = mem_array(2 * (size_t)plan->span_count, sizeof *starts);
    if (!starts)
        return false;
    memcpy(starts, old->starts, 2 * (size_t)plan->span_count * sizeof *starts);
    optimizer_start(optimizer, plan, starts);
    return true;
}

void trainer_show(struct trainer *trainer, bool show)
{
    struct training_state *state = trainer->state;
    state->chunk = trainer->workspace.step;
    state->power1 = trainer->optimizer.power1;
    state->power2 = trainer->optimizer.power2;
    state->first = show ? trainer->optimizer.first : NULL;
    state->second = show ? trainer->optimizer.second : NULL;
    state->starts = show ? trainer->optimizer.starts : NULL;
    if (!trainer->best || !isfinite(state->best_figure))
        return;
    float *present = show ? trainer->model->params : state->last;
    trainer->model->params = show ? trainer->best : present;
    state->last = show ? present : NULL;
}

void trainer_hand_over(struct trainer *trainer)
{
    trainer_show(trainer, true);
    trainer->optimizer.first = trainer->optimizer.second = NULL;
    trainer->optimizer.starts = NULL;
    if (trainer->state->last)
        trainer->best = NULL;
}

void trainer_release(struct trainer *trainer)
{
    crew_release(trainer->crew);
    workspace_release(&trainer->workspace);
    targets_release(&trainer->targets);
    evaluator_release(&trainer->evaluator);
    optimizer_release(&trainer->optimizer);
    loss_kernel_release(&trainer->loss_kernel);
    mem_free_floats(trainer->best);
    mem_free(trainer->order);
}
