/* The course of a training: epochs of batches of chunks, and what is written down of each. Nothing is allocated here. Random numbers come
   from streams named by what they are for (the epoch, the chunk), so that the figures of a training depend on its seed alone. */
#include <string.h>

#include "engine/loops.h"
#include "engine/simd.h"
#include "engine/trainer.h"
#include "support/random.h"

/* How often progress and keeping look at the clock: about every so many floating-point operations (a few milliseconds). */
#define FLOPS_BETWEEN_CLOCKS 1e7
/* Seconds between two reports. */
#define REPORT_INTERVAL 0.1
/* Epochs of tiny networks that run without a look at anything else: some hundred microseconds. */
enum { PLAIN_EPOCHS = 64 };

/* What the schedule makes of the learning rate in step `step`, counted from 0. */
static double rate_factor(const struct trainer *trainer, uint64_t step)
{
    const struct schedule *schedule = &trainer->options->schedule;
    if (schedule_is_constant(schedule))
        return 1;
    const uint64_t per_epoch = (trainer->data->train.count + trainer->batch - 1) / trainer->batch;
    const uint64_t epochs = schedule->span > 0 ? (uint64_t)schedule->span : trainer->options->epochs;
    return schedule_factor(schedule, &trainer->state->schedule, trainer->options->scheduled + step, per_epoch, per_epoch * epochs);
}

/* Samples of the chunk that begins at `order`: up to the end of its batch and of the epoch. */
static uint32_t chunk_at(const struct trainer *trainer, const uint32_t *order)
{
    const uint32_t at = (uint32_t)(order - trainer->order), capacity = trainer->workspace.capacity;
    const uint32_t of_batch = trainer->batch - at % trainer->batch, of_epoch = trainer->data->train.count - at;
    const uint32_t count = of_batch < of_epoch ? of_batch : of_epoch;
    return count < capacity ? count : capacity;
}

static void load_samples(struct trainer *trainer, const uint32_t *order, uint32_t count)
{
    struct workspace *workspace = &trainer->workspace;
    if (!trainer->keep_chunk) {
        const struct samples *train = &trainer->data->train;
        workspace_load(workspace, train->x, order, count);
        targets_load(&trainer->targets, workspace, &trainer->objective, train, order);
        workspace_load_ahead(workspace, train->x, order + count, chunk_at(trainer, order + count));
    }
    if (trainer->options->noise > 0)
        workspace_noise(workspace, trainer->options->noise);
}

/* A step of a network that does it all in one, on the loaded samples. */
static void step_small(struct trainer *trainer, float scale, struct tally *tally)
{
    if (optimizer_begin(&trainer->optimizer, rate_factor(trainer, trainer->state->step)))
        small_step_treat(&trainer->small);
    trainer->small_finite = small_step_run(&trainer->small, scale, tally);
    trainer->workspace.step++;
    trainer->state->step++;
}

/* train_batch for such networks. */
static void train_small(struct trainer *trainer, const uint32_t *order, uint32_t count)
{
    load_samples(trainer, order, count);
    step_small(trainer, 1.0F / (float)count, &trainer->state->tally);
}

/* One step along the gradient of the samples order[0..count), chunk by chunk. Where no parameter's step waits for the gradients of
   others, the backward pass of the last chunk takes it, layer by layer. */
static void train_batch(struct trainer *trainer, const uint32_t *order, uint32_t count)
{
    struct workspace *workspace = &trainer->workspace;
    const bool at_end = workspace->plan->small || optimizer_wants_all(&trainer->optimizer);
    const double factor = rate_factor(trainer, trainer->state->step);
    if (!at_end)
        optimizer_begin(&trainer->optimizer, factor);
    for (uint32_t start = 0; start < count; start += workspace->capacity) {
        const uint32_t n = count - start < workspace->capacity ? count - start : workspace->capacity;
        load_samples(trainer, order + start, n);
        workspace_forward(workspace);
        objective_run(&trainer->objective, workspace, &trainer->targets, 1.0F / (float)count, &trainer->state->tally);
        workspace->optimizer = !at_end && start + n == count ? &trainer->optimizer : NULL;
        workspace_backward(workspace, start > 0);
        workspace->step++;
    }
    if (at_end)
        optimizer_step(&trainer->optimizer, trainer->model->params, workspace->gradient, factor);
    trainer->state->step++;
}

static void report(struct trainer *trainer, double now)
{
    const struct training_state *state = trainer->state;
    const struct progress_event event = {.kind = PROGRESS_TRAIN,
                                         .done = trainer->training->epochs,
                                         .total = trainer->options->epochs,
                                         .seconds = trainer->training->seconds + now - trainer->began,
                                         .loss = state->tally.loss / state->position,
                                         .accuracy = trainer->targets.classes ? (double)state->tally.hits / state->position : NAN,
                                         .what = "epoch"};
    trainer->reported = now;
    progress_report(trainer->progress, &event);
}

static bool keeps(const struct trainer *trainer)
{
    return trainer->options->watch && trainer->options->watch->keep;
}

bool trainer_keep(struct trainer *trainer)
{
    const struct train_watch *watch = trainer->options->watch;
    struct training *training = trainer->training;
    if (!keeps(trainer))
        return true;
    const double seconds = training->seconds;
    training->seconds += clock_seconds() - trainer->began;
    trainer_show(trainer, true);
    const bool kept = watch->keep(watch->context, training);
    trainer_show(trainer, false);
    training->seconds = seconds;
    trainer->kept = clock_seconds();
    return kept;
}

/* At most ten reports a second, without asking the clock after every step of a tiny network. */
static void look_at_clock(struct trainer *trainer, uint32_t samples)
{
    if (!trainer->progress && !keeps(trainer))
        return;
    trainer->flops_left -= 3 * trainer->model->plan->flops * samples;
    if (trainer->flops_left > 0)
        return;
    trainer->flops_left = FLOPS_BETWEEN_CLOCKS;
    const double now = clock_seconds();
    if (now - trainer->reported >= REPORT_INTERVAL)
        report(trainer, now);
    if (keeps(trainer) && now - trainer->kept >= trainer->options->watch->interval)
        trainer_keep(trainer);
}

/* The order of the epoch's samples. */
static void order_samples(struct trainer *trainer, uint32_t epoch)
{
    const uint32_t count = trainer->data->train.count;
    if (!trainer->options->shuffle || trainer->batch >= count)
        return;
    struct random random = random_stream(trainer->options->seed, RANDOM_BATCHES, trainer->options->part.epochs + epoch);
    for (uint32_t i = 0; i < count; i++)
        trainer->order[i] = i;
    random_shuffle(&random, trainer->order, count);
}

static bool weights_finite(const struct plan_op *op, const float *params)
{
    return (op->kind != PLAN_DENSE && op->kind != PLAN_SPARSE) ||
           (floats_finite(params + op->weights, op->weight_count) &&
            (op->bias == PLAN_NONE || floats_finite(params + op->bias, op->width)));
}

/* The first layer, in the order in which they run, whose values are no longer finite, or whose weights where the values are; the output
   where neither tells. A loss is looked at behind the step that it led to, which spoils all weights: so values tell first. */
static void note_divergence(struct trainer *trainer)
{
    const struct workspace *workspace = &trainer->workspace;
    const struct plan *plan = workspace->plan;
    const bool by_loss = !isfinite(trainer->state->tally.loss);
    struct divergence *divergence = &trainer->training->divergence;
    uint32_t first = 0;
    for (; first + 1 < plan->op_count; first++) {
        const struct plan_op *op = &plan->ops[first];
        if (by_loss ? !floats_finite(workspace_row(workspace, op->value), (size_t)op->width * workspace->stride)
                    : !weights_finite(op, workspace->params))
            break;
    }
    trainer->training->diverged = true;
    divergence->to = trainer->state->tally.loss / trainer->state->position;
    divergence->steps = trainer->state->step;
    divergence->gene = plan->ops[first].gene;
}

static bool params_finite(const struct trainer *trainer)
{
    const struct model *model = trainer->model;
    return floats_finite(model->params, lanes_round(model->plan->param_count)); /* behind the last there are zeros */
}

static bool has_steps_left(const struct trainer *trainer)
{
    return trainer->options->steps == 0 || trainer->state->step < trainer->options->steps;
}

/* Trains an epoch, or the rest of one that was broken off. False where it was not finished: cancelled, out of steps, or diverged. */
static bool train_epoch(struct trainer *trainer, uint32_t epoch)
{
    const uint32_t count = trainer->data->train.count;
    struct training_state *state = trainer->state;
    order_samples(trainer, epoch);
    while (state->position < count) {
        if (!has_steps_left(trainer))
            return false;
        const uint32_t start = state->position, n = count - start < trainer->batch ? count - start : trainer->batch;
        (trainer->is_small ? train_small : train_batch)(trainer, trainer->order + start, n);
        state->position += n;
        if (state->step == 1)
            trainer->training->divergence.from = state->tally.loss / n;
        if (!isfinite(state->tally.loss)) {
            note_divergence(trainer);
            return false;
        }
        if (progress_cancelled(trainer->progress)) {
            trainer->training->cancelled = true;
            return false;
        }
        look_at_clock(trainer, n);
    }
    if (!(trainer->is_small ? trainer->small_finite : params_finite(trainer)))
        note_divergence(trainer);
    return !trainer->training->diverged;
}

/* Whether an epoch of these figures is better than all before it; then it is the best one. */
static inline bool is_best(const struct trainer *trainer, uint32_t epoch, double loss, double accuracy)
{
    const struct train_options *options = trainer->options;
    const double figure = options->stop_by == STOP_BY_ACCURACY && isfinite(accuracy) ? 1 - accuracy : loss;
    if (!(figure < trainer->state->best_figure - options->min_delta))
        return false;
    trainer->state->best_figure = figure;
    trainer->training->best_epoch = epoch;
    return true;
}

/* Looks at validation (training, where there is none); true where patience has run out. */
static bool judge_epoch(struct trainer *trainer, struct history_row *row)
{
    const struct train_options *options = trainer->options;
    struct training *training = trainer->training;
    double loss = row->loss, accuracy = row->accuracy;
    if (trainer->data->validation.count > 0) {
        const struct scores scores =
            evaluator_run(&trainer->evaluator, trainer->model->params, &trainer->data->validation, trainer->model->recipe, true);
        loss = row->validation_loss = scores.loss;
        accuracy = row->validation_accuracy = scores.accuracy;
    }
    schedule_look(&options->schedule, &trainer->state->schedule, loss);
    if (is_best(trainer, row->epoch, loss, accuracy) && trainer->best)
        memcpy(trainer->best, trainer->model->params, trainer->model->plan->param_count * sizeof *trainer->best);
    training->stopped = trainer->best && row->epoch - training->best_epoch >= options->patience;
    return training->stopped;
}

/* The next row of the history, of an epoch with these sums. */
static inline struct history_row *add_row(struct trainer *trainer, const struct tally *tally, double rate)
{
    struct training *training = trainer->training;
    const double count = trainer->data->train.count, hits = (double)tally->hits;
    struct history_row *row = &training->history[training->epochs++];
    *row = (struct history_row){.epoch = training->epochs,
                                .loss = tally->loss / count,
                                .accuracy = trainer->targets.classes ? hits / count : NAN,
                                .validation_loss = NAN,
                                .validation_accuracy = NAN,
                                .rate = rate};
    return row;
}

/* The learning rate of the step that was taken last. */
static double last_rate(const struct trainer *trainer)
{
    return trainer->options->optimizer == OPTIMIZER_RPROP ? NAN
                                                          : trainer->options->lr * rate_factor(trainer, trainer->state->step - 1);
}

/* Takes note of the first and the last loss, behind rows that were added from `first` on. */
static void note_losses(struct training *training, uint32_t first)
{
    if (first == 0)
        training->first_loss = training->history[0].loss;
    training->last_loss = training->history[training->epochs - 1].loss;
}

/* Ends the epoch: its row of the history, and whether another is to follow. */
static bool end_epoch(struct trainer *trainer, bool more)
{
    struct training_state *state = trainer->state;
    const struct tally tally = state->tally;
    state->position = 0;
    state->tally = (struct tally){0};
    struct history_row *row = add_row(trainer, &tally, last_rate(trainer));
    if (more)
        more = !judge_epoch(trainer, row);
    note_losses(trainer->training, row->epoch - 1);
    return more;
}

void trainer_snapshot(struct trainer *trainer)
{
    const struct training *training = trainer->training;
    const size_t bytes = trainer->model->plan->param_count * sizeof(float);
    for (uint32_t i = 0; i < training->snapshot_count; i++)
        if (training->snapshots[i].epoch == training->epochs)
            memcpy(training->snapshots[i].params, trainer->model->params, bytes);
}

bool trainer_has_epochs_left(const struct trainer *trainer)
{
    const struct training *training = trainer->training;
    return trainer->data->train.count > 0 && !training->stopped && !training->diverged &&
           training->epochs < trainer->options->epochs;
}

/* Epochs to come that are one step of a small network each, and that nothing looks at before the last of them is over; 0: the next one
   is none of these. */
static uint32_t plain_epochs(const struct trainer *trainer)
{
    const struct train_options *options = trainer->options;
    const struct training *training = trainer->training;
    if (!trainer->is_small || !trainer->keep_chunk || trainer->best || trainer->data->validation.count > 0 ||
        !schedule_is_constant(&options->schedule))
        return 0;
    uint64_t epochs = options->epochs - training->epochs;
    if (options->steps > 0 && options->steps - trainer->state->step < epochs)
        epochs = options->steps - trainer->state->step;
    for (uint32_t i = 0; i < training->snapshot_count; i++) {
        const uint32_t epoch = training->snapshots[i].epoch;
        if (epoch > training->epochs && epoch - training->epochs < epochs)
            epochs = epoch - training->epochs;
    }
    return epochs < PLAIN_EPOCHS ? (uint32_t)epochs : PLAIN_EPOCHS;
}

/* Trains them: first all steps, which wait for nothing but each other, then the rows of the history. Whether more are to follow. */
static bool train_plain(struct trainer *trainer, uint32_t epochs)
{
    const uint32_t count = trainer->data->train.count;
    const float scale = 1.0F / (float)count;
    struct training_state *state = trainer->state;
    struct tally tallies[PLAIN_EPOCHS];
    uint32_t done = 0;
    bool finite = true;
    for (; finite && done < epochs; done++) {
        tallies[done] = (struct tally){0};
        step_small(trainer, scale, &tallies[done]);
        finite = trainer->small_finite && isfinite(tallies[done].loss);
    }
    struct training *training = trainer->training;
    const uint32_t first = training->epochs;
    const double rate = last_rate(trainer);
    for (uint32_t i = 0; i < done; i++) {
        const struct history_row *row = add_row(trainer, &tallies[i], rate);
        if (finite || i + 1 < done)
            is_best(trainer, row->epoch, row->loss, row->accuracy);
    }
    note_losses(training, first);
    if (state->step == done)
        training->divergence.from = training->first_loss;
    if (!finite) {
        state->position = count;
        state->tally = tallies[done - 1];
        note_divergence(trainer);
    }
    training->cancelled = finite && progress_cancelled(trainer->progress);
    look_at_clock(trainer, count * done);
    return finite && !training->cancelled;
}

void trainer_run_epochs(struct trainer *trainer)
{
    struct training *training = trainer->training;
    trainer->is_small = small_step_init(&trainer->small, &trainer->workspace, &trainer->objective, &trainer->targets,
                                        &trainer->optimizer, trainer->model->params);
    trainer->small_finite = params_finite(trainer); /* where an epoch that was broken off has no step left */
    bool more = trainer_has_epochs_left(trainer);
    while (more && training->epochs < trainer->options->epochs && has_steps_left(trainer)) {
        const uint32_t plain = plain_epochs(trainer);
        if (plain > 0) {
            more = train_plain(trainer, plain);
        } else {
            more = train_epoch(trainer, training->epochs + 1);
            if (!more && !training->diverged) /* in the midst of the epoch */
                break;
            more = end_epoch(trainer, more);
        }
        trainer_snapshot(trainer);
    }
}
