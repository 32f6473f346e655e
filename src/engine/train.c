/* Trainings from their options to their figures. A training touches nothing shared but what it reads; any number may run at once on the
   same prepared data and molecule. It counts no references of the molecule, whose counts belong to one thread at a time, but works on a
   copy of it; those of the data are atomic. It runs on one thread, except that a crew may share its large ops (support/crew.h). */
#include "engine/train.h"

#include "engine/cause.h"
#include "engine/denormals.h"
#include "engine/trainer.h"
#include "engine/transplant.h"

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

static void score_all(struct trainer *trainer)
{
    struct training *training = trainer->training;
    const struct model *model = trainer->model;
    struct scores *const scores[SET_COUNT] = {&training->train, &training->validation, &training->test};
    for (int set = 0; set < SET_COUNT; set++)
        *scores[set] = trainer->options->unscored >> set & 1 ? scores_none()
                                                             : evaluator_run(&trainer->evaluator, model->params,
                                                                             samples_of(trainer->data, set), model->recipe, false);
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
    const struct divergence *divergence = &training->divergence;
    const struct span span = trainer->model->molecule->genes[divergence->gene].span;
    struct diag *diag =
        divergence->steps > 1 && divergence->to > divergence->from
            ? diag_warning(diags, span, "the training diverged in epoch %u: loss rose from %.3g to %.3g in %llu steps",
                           training->epochs, divergence->from, divergence->to, (unsigned long long)divergence->steps)
            : diag_warning(diags, span, "the training diverged in epoch %u", training->epochs);
    const struct cause cause = cause_find(training, trainer->options, &trainer->data->train);
    struct text text = {0};
    diag_note(diag, "from here on it is no longer finite");
    cause_help(&cause, &text);
    diag_help(diag, "%s", text_chars(&text));
    text_release(&text);
}

/* False where it did not begin. */
static bool trainer_run(struct trainer *trainer, struct diags *diags)
{
    struct training *training = trainer->training;
    const struct train_watch *watch = trainer->options->watch;
    const bool trains = trainer_has_epochs_left(trainer);
    trainer->began = trainer->reported = clock_seconds();
    if (training->epochs == 0 && trainer->state->position == 0)
        trainer_snapshot(trainer);
    if (trains && !trainer_keep(trainer))
        return false;
    const unsigned denormals = denormals_flush();
    trainer_run_epochs(trainer);
    training->seconds += clock_seconds() - trainer->began;
    trainer_hand_over(trainer);
    score_all(trainer);
    denormals_restore(denormals);
    if (trains && watch && watch->keep)
        watch->keep(watch->context, training);
    tell_end(trainer, diags);
    return true;
}

/* Runs a training (taken over; NULL: it could not be made) to its end, from where it stands: at its beginning, with the optimiser's state
   that genes of `molecule` (NULL: none) carry, or where `before` ended. */
static struct training *training_run(struct training *training, const struct molecule *molecule, struct prepared *data,
                                     const struct train_options *options, const struct training *before,
                                     const struct progress *progress, struct diags *diags)
{
    if (!training)
        return NULL;
    const struct span span = training->model->molecule->genes[0].span;
    struct trainer trainer = {
        .options = options, .data = data, .progress = progress, .model = training->model, .training = training};
    bool begins = batch_serves(training->model->molecule, options, data, diags) &&
                  workspace_fits(trainer.model->plan, batch_samples(options, data), span, diags);
    const bool fits = begins;
    begins = begins && trainer_init(&trainer);
    if (begins && before)
        begins = trainer_take_over(&trainer, before);
    else if (begins && molecule && molecule_output(molecule)) /* genes are those of the model; what it lacks was never trained */
        begins = transplant_state(training->model->plan, molecule, &trainer.optimizer);
    if (fits && !begins)
        diag_out_of_memory(diags, span);
    if (!begins || !trainer_run(&trainer, diags)) {
        training_release(training);
        training = NULL;
    }
    trainer_release(&trainer);
    return training;
}

struct training *train(const struct molecule *molecule, struct prepared *data, const struct train_options *options,
                       const struct progress *progress, struct diags *diags)
{
    struct training *training = training_begin(molecule, data, options, NULL, diags);
    return training_run(training, molecule, data, options, NULL, progress, diags);
}

struct training *train_model(struct model *model, struct prepared *data, const struct train_options *options,
                             const struct progress *progress, struct diags *diags)
{
    const struct span span = model->molecule->genes[0].span;
    struct training *training = training_new(model, options, NULL);
    if (!training)
        diag_out_of_memory(diags, span);
    return training_run(training, NULL, data, options, NULL, progress, diags);
}

struct training *train_further(const struct training *before, const struct molecule *molecule, struct prepared *data,
                               const struct train_options *options, const struct progress *progress, struct diags *diags)
{
    struct train_options further = *options;
    if (further.epochs < before->epochs)
        further.epochs = before->epochs;
    struct training *training = training_begin(molecule ? molecule : before->model->molecule, data, &further, before, diags);
    return training_run(training, NULL, data, &further, before, progress, diags);
}
