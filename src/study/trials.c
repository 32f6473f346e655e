/* See trials.h. */
#include "study/trials.h"

#include <math.h>

#include "study/checkpoint.h"
#include "support/memory.h"
#include "support/threads.h"

void state_unlock(struct eval *eval)
{
    pthread_mutex_unlock(&eval->state->lock);
}

void state_lock(struct eval *eval)
{
    pthread_mutex_lock(&eval->state->lock);
}

/* ---- training them ---- */

unsigned training_threads(const struct eval *eval)
{
    return eval->nested ? 1 : eval->state->threads ? eval->state->threads : threads_available();
}

struct trials {
    struct trial *at;
    size_t count;
    struct progress progress; /* for each training */
    const struct progress *outer;
    pthread_mutex_t lock;
    size_t done;
    double began;
};

/* Several trainings at once tell of whole runs only; a lone one tells of its epochs. */
static void report_run(struct trials *trials, const struct training *training)
{
    pthread_mutex_lock(&trials->lock);
    trials->done++;
    struct progress_event event = {.kind = PROGRESS_SWEEP,
                                   .done = trials->done,
                                   .total = trials->count,
                                   .seconds = clock_seconds() - trials->began,
                                   .loss = training ? training->last_loss : NAN,
                                   .accuracy = NAN,
                                   .what = "trial",
                                   .finished = trials->done == trials->count};
    progress_report(trials->outer, &event);
    pthread_mutex_unlock(&trials->lock);
}

static void run_trial(void *context, size_t index)
{
    struct trials *trials = context;
    struct trial *trial = &trials->at[index];
    if (progress_cancelled(trials->outer))
        return;
    trial->training = trial->before ? train_further(trial->before, trial->molecule, trial->prepared, &trial->options,
                                                    &trials->progress, &trial->diags)
                                    : train(trial->molecule, trial->prepared, &trial->options, &trials->progress, &trial->diags);
    if (trials->count > 1)
        report_run(trials, trial->training);
}

void trials_train(struct eval *eval, struct trial *trials, size_t count)
{
    struct trials all = {
        .at = trials, .count = count, .progress = eval->state->progress, .outer = &eval->state->progress, .began = clock_seconds()};
    pthread_mutex_init(&all.lock, NULL);
    if (count > 1 || eval->nested)
        all.progress.report = NULL;
    if (eval->nested)
        all.outer = &all.progress;
    unsigned threads = training_threads(eval);
    for (size_t i = 0; i < count; i++)
        trials[i].options.threads = count == 1 ? threads : 1;
    state_unlock(eval);
    threads_each(threads, count, run_trial, &all);
    state_lock(eval);
    eval_heed_stop(eval);
    pthread_mutex_destroy(&all.lock);
}

bool trial_waits(const struct trial *trial)
{
    return !trial->training && trial->diags.errors == 0;
}

bool trials_wait(const struct trial *trials, size_t count)
{
    size_t i = 0;
    while (i < count && trial_waits(&trials[i]))
        i++;
    return i == count;
}

struct training *trial_take(struct eval *eval, struct trial *trial, struct span span)
{
    struct training *training = trial->training;
    const bool stopped = trial_waits(trial);
    trial->training = NULL;
    diags_move(eval->diags, &trial->diags);
    if (stopped)
        eval_may_train(eval, span);
    return training;
}

struct value trials_value(struct eval *eval, const struct list *runs, size_t wanted, struct span span)
{
    struct value ended = value_list(eval);
    for (size_t i = 0; !failed(ended) && i < runs->count; i++)
        if (!runs->items[i].run->training->cancelled && !list_add(eval, ended.list, runs->items[i]))
            return value_failed();
    const bool some = !failed(ended) && ended.list->count > 0;
    if (!failed(ended) && ended.list->count < wanted) {
        struct diag *diag =
            diag_warning(eval->diags, span, "interrupted: %zu of %zu trainings came to their end", ended.list->count, wanted);
        diag_help(diag, some ? "figures are of these" : "figures are of what was trained so far");
    }
    const struct list *kept = some ? ended.list : runs;
    struct value value = failed(ended) ? ended : runs_make(eval, kept->items, kept->count);
    if (!failed(value))
        value.runs->wanted = wanted;
    return value;
}

void trials_release(struct trial *trials, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        training_release(trials[i].training);
        molecule_release(trials[i].molecule);
        if (trials[i].prepared)
            prepared_release(trials[i].prepared);
        diags_release(&trials[i].diags);
        mem_free(trials[i].snapshots);
        checkpoint_close(trials[i].checkpoint);
    }
    mem_free(trials);
}
