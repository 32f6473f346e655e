/* Trainings that go on, and looks back at what they were: `continue`, and the snapshots of `run.at`. */
#include <stdlib.h>

#include "engine/metrics.h"
#include "engine/plan.h"
#include "interp/costs.h"
#include "interp/learn.h"
#include "interp/save.h"
#include "interp/trials.h"
#include "support/limits.h"
#include "support/memory.h"
#include "support/number.h"

struct value run_again(struct eval *eval, const struct run *run, struct training *training, uint32_t epochs)
{
    struct value value = value_object(eval, sizeof(struct run), VALUE_RUN);
    if (failed(value)) {
        training_release(training);
        return value;
    }
    struct run *again = value.run;
    *again = (struct run){.object = again->object,
                          .training = training,
                          .prepared = prepared_retain(run->prepared),
                          .molecule = run->molecule ? molecule_retain(run->molecule) : NULL,
                          .options = run->options,
                          .params = run->params,
                          .flops = run->flops};
    again->options.epochs = epochs;
    if (run->name)
        again->name = value_retain((struct value){.kind = VALUE_STRING, .string = run->name}).string;
    if (run->snapshots)
        again->snapshots = value_retain((struct value){.kind = VALUE_LIST, .list = run->snapshots}).list;
    if (run->data_name)
        again->data_name = value_retain((struct value){.kind = VALUE_STRING, .string = run->data_name}).string;
    return value;
}

/* ---- snapshots ---- */

bool snapshots_check(struct eval *eval, struct value snapshots, struct span span)
{
    if (snapshots.kind != VALUE_LIST || snapshots.list->open)
        return true;
    if (snapshots.list->count > LIMIT_SNAPSHOTS) {
        eval_error(eval, span, "there are at most %s", counted(LIMIT_SNAPSHOTS, "snapshot", "snapshots").text);
        return false;
    }
    for (size_t i = 0; i < snapshots.list->count; i++) {
        const struct value item = snapshots.list->items[i];
        const double epoch = item.kind == VALUE_NUMBER ? item.number : -1;
        if (item.kind == VALUE_UNKNOWN || (epoch >= 0 && epoch <= LIMIT_EPOCHS && epoch == (uint32_t)epoch))
            continue;
        struct text found = {0};
        value_describe(eval, item, &found);
        eval_error_help(eval, span, "such as `snapshots: [0, 10, 100]`", "`snapshots` is a list of epochs, found %s in it",
                        text_chars(&found));
        text_release(&found);
        return false;
    }
    return true;
}

static int epoch_order(const void *a, const void *b)
{
    const uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return left < right ? -1 : left > right;
}

bool trial_watch(struct eval *eval, const struct lesson *lesson, struct trial *trial)
{
    if (lesson->snapshots.kind != VALUE_LIST || lesson->snapshots.list->count == 0)
        return true;
    const struct list *list = lesson->snapshots.list;
    trial->snapshots = mem_array(list->count, sizeof *trial->snapshots);
    if (!trial->snapshots)
        return diag_out_of_memory(eval->diags, SPAN_NONE);
    for (size_t i = 0; i < list->count; i++)
        trial->snapshots[i] = (uint32_t)list->items[i].number;
    qsort(trial->snapshots, list->count, sizeof *trial->snapshots, epoch_order);
    uint32_t count = 0;
    for (size_t i = 0; i < list->count; i++)
        if (count == 0 || trial->snapshots[count - 1] != trial->snapshots[i])
            trial->snapshots[count++] = trial->snapshots[i];
    trial->watch.snapshots = trial->snapshots;
    trial->watch.snapshot_count = count;
    trial->options.watch = &trial->watch;
    return true;
}

/* Whether there is, or in nel check may be, a snapshot of the epoch; else says which there are. */
static bool snapshot_exists(struct eval *eval, const struct run *run, uint32_t epoch, struct span span)
{
    const uint32_t reached = run->training ? run->training->epochs : run->options.epochs;
    struct text there = {0};
    bool found = false, sure = !run->snapshots || !run->snapshots->open;
    for (size_t i = 0; run->snapshots && i < run->snapshots->count; i++) {
        const struct value item = run->snapshots->items[i];
        sure = sure && item.kind == VALUE_NUMBER;
        found = found || (item.kind == VALUE_NUMBER && item.number == epoch && epoch <= reached);
        if (item.kind == VALUE_NUMBER && item.number <= reached)
            text_addf(&there, "%s%.0f", there.len > 0 ? ", " : "there are snapshots of the epochs ", item.number);
    }
    if (there.len == 0)
        text_addf(&there, "`snapshots: [%u]` among the options of `train` keeps it", epoch);
    if (!found && sure)
        eval_error_help(eval, span, text_chars(&there), "this run has no snapshot of epoch %u", epoch);
    text_release(&there);
    return found || !sure;
}

/* A training that ended at the snapshot, without what it would need to go on. */
static struct training *snapshot_training(struct eval *eval, const struct run *run, struct model *model, uint32_t epoch,
                                          struct span span)
{
    struct train_options options = run->options;
    options.epochs = epoch;
    options.watch = NULL;
    struct training *training = training_new(model, &options, NULL);
    if (!training) {
        eval_out_of_memory(eval, span);
        return NULL;
    }
    const struct training *whole = run->training;
    struct scores *scores[] = {&training->train, &training->validation, &training->test};
    training->epochs = epoch;
    for (uint32_t i = 0; i < epoch; i++)
        training->history[i] = whole->history[i];
    if (epoch > 0) {
        training->first_loss = whole->history[0].loss;
        training->last_loss = whole->history[epoch - 1].loss;
    }
    const struct prepared *data = run->prepared;
    for (int i = 0; i < 3; i++)
        *scores[i] = scores_none();
    if (!data)
        return training;
    const struct samples *sets[] = {&data->train, &data->validation, &data->test};
    for (int i = 0; i < 3; i++)
        if (!model_score(model, sets[i], &run->options, data->class_weights, scores[i])) {
            training_release(training);
            eval_out_of_memory(eval, span);
            return NULL;
        }
    return training;
}

static struct value run_at(struct eval *eval, const struct run *run, uint32_t epoch, struct span span)
{
    if (!snapshot_exists(eval, run, epoch, span))
        return value_failed();
    struct model *model = run->training ? training_at(run->training, epoch, eval->diags) : NULL;
    struct training *training = model ? snapshot_training(eval, run, model, epoch, span) : NULL;
    if (run->training && !training)
        return value_failed();
    struct value value = run_again(eval, run, training, epoch);
    if (!failed(value))
        value.run->past = true;
    return value;
}

static struct value call_at(struct eval *eval, const struct builtin *self, const struct args *args)
{
    const struct value bound = self->bound;
    if (args->at[0].kind == VALUE_UNKNOWN)
        return value_unknown_of(bound.kind);
    const double epoch = args->at[0].number;
    if (epoch > LIMIT_EPOCHS)
        return eval_error(eval, args->span[0], "a training has at most %s", counted(LIMIT_EPOCHS, "epoch", "epochs").text);
    if (bound.kind == VALUE_RUN)
        return run_at(eval, bound.run, (uint32_t)epoch, args->span[0]);
    struct value list = value_list(eval);
    for (size_t i = 0; !failed(list) && i < bound.runs->count; i++) {
        struct value run = run_at(eval, bound.runs->items[i], (uint32_t)epoch, args->span[0]);
        if (failed(run) || !list_add(eval, list.list, run))
            return value_failed();
    }
    return failed(list) ? list : runs_make(eval, list.list->items, list.list->count);
}

struct value run_at_method(struct eval *eval, struct value self)
{
    return value_method(eval, self, "at(epoch: whole)", "The run as it was after an epoch that `snapshots` lists.", call_at);
}

/* ---- going on ---- */

/* Whether the run can go on; what would not change by that is told. */
static bool may_go_on(struct eval *eval, const struct run *run, double epochs, struct span span)
{
    const struct training *training = run->training;
    const uint32_t done = training ? training->epochs : run->options.epochs;
    if (run->past)
        eval_error_help(eval, span, "continue the run itself; `train` begins a training with the weights of any run", "%s",
                        run->data ? "the file of this run has no state of its optimiser to go on from"
                                  : "this is a snapshot, which has no state of its optimiser to go on from");
    else if (done + epochs > LIMIT_EPOCHS)
        eval_error(eval, span, "a training has at most %s", counted(LIMIT_EPOCHS, "epoch", "epochs").text);
    else if (training && training->stopped)
        diag_help(diag_warning(eval->diags, span, "this training was stopped in epoch %u, and stays so", training->epochs),
                  "`stop` ended it; `train` begins a training with the weights of any run");
    else if (training && training->diverged)
        diag_help(diag_warning(eval->diags, span, "this training diverged in epoch %u, and stays so", training->epochs),
                  "`why(run)` tells the likely cause");
    return !run->past && done + epochs <= LIMIT_EPOCHS;
}

/* What a run is to go on with. */
struct onward {
    double epochs;
    struct value data; /* none: its own */
    struct span span, data_span;
};

/* The data of the run, one reference; NULL with a diagnostic. */
static struct prepared *data_of_run(struct eval *eval, const struct run *run, const struct onward *onward)
{
    if (onward->data.kind != VALUE_NONE)
        return run_prepare(eval, run, onward->data, onward->data_span);
    if (!run->prepared)
        eval_error_help(eval, onward->span, "`continue(run, epochs: 50, on: data)`, with the data that it was trained on",
                        "this run was loaded, and its file does not hold its data");
    return prepared_retain(run->prepared);
}

static bool trial_further(struct eval *eval, const struct run *run, const struct onward *onward, struct trial *trial)
{
    if (!may_go_on(eval, run, onward->epochs, onward->span))
        return false;
    *trial = (struct trial){.prepared = data_of_run(eval, run, onward), .options = run->options, .before = run->training};
    if (!trial->prepared)
        return false;
    if (trial->options.schedule.span == 0) /* made for the epochs that were asked for at first */
        trial->options.schedule.span = run->options.epochs;
    trial->options.epochs = run->training->epochs + (uint32_t)onward->epochs;
    return true;
}

static struct value go_on(struct eval *eval, struct run *const *runs, size_t count, bool several, const struct onward *onward)
{
    const struct span span = onward->span;
    struct trial *trials = mem_array(count, sizeof *trials);
    if (!trials)
        return eval_out_of_memory(eval, span);
    bool well = true;
    for (size_t i = 0; well && i < count; i++)
        well = trial_further(eval, runs[i], onward, &trials[i]);
    struct value list = well ? value_list(eval) : value_failed();
    if (!failed(list))
        trials_train(eval, trials, count);
    for (size_t i = 0; !failed(list) && i < count; i++) {
        struct training *training = trial_take(eval, &trials[i], span);
        struct value run = training ? run_again(eval, runs[i], training, trials[i].options.epochs) : value_failed();
        if (!failed(run)) {
            run.run->options.schedule = trials[i].options.schedule;
            if (!run.run->prepared)
                run.run->prepared = prepared_retain(trials[i].prepared);
        }
        if (failed(run) || !list_add(eval, list.list, run))
            list = value_failed();
    }
    trials_release(trials, count);
    return failed(list) ? list : several ? runs_make(eval, list.list->items, count) : list.list->items[0];
}

/* nel check: what it costs, and a run like those. */
static struct value go_on_unknown(struct eval *eval, const struct run *run, size_t count, double epochs, struct span span)
{
    const struct training_plan plan = {.kind = COST_TRAIN,
                                       .span = span,
                                       .molecule = run->molecule,
                                       .prepared = run->prepared,
                                       .options = &run->options,
                                       .trainings = (double)count,
                                       .epochs = epochs,
                                       .most = run->options.patience > 0};
    const bool well = may_go_on(eval, run, epochs, span) && costs_note(eval, &plan);
    return well ? run_again(eval, run, NULL, run->options.epochs + (uint32_t)epochs) : value_failed();
}

static struct value call_continue(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    const struct value value = args->at[0];
    const enum value_kind kind = value_content(value);
    const double epochs = number_or(args->at[1], 1);
    if (kind != VALUE_RUN && kind != VALUE_RUNS && kind != VALUE_UNKNOWN)
        return eval_error_type(eval, args->span[0], "a run", value);
    if (value.kind == VALUE_UNKNOWN)
        return value;
    const bool several = value.kind == VALUE_RUNS;
    struct run *one = several ? NULL : value.run, *const *runs = several ? value.runs->items : &one;
    const size_t count = several ? value.runs->count : 1;
    const struct onward onward = {epochs, args->at[2], args->call, args->span[2]};
    if (runs[0]->training)
        return go_on(eval, runs, count, several, &onward);
    struct value run = go_on_unknown(eval, runs[0], count, epochs, args->call);
    return several && !failed(run) ? runs_alike(eval, run, count) : run;
}

const struct builtin_row builtins_further[] = {
    {"continue(run: any, epochs: count, on: any?)",
     "The run, trained for so many more epochs: with the state of its optimiser, and on the same data; one that was loaded must be "
     "given its data, `on: data`, and takes no other. What comes out is, to the "
     "bit, what one training of all these epochs gives; a schedule that is made for a number of epochs keeps the number it had. Of "
     "several trials each goes on. A training that `stop` ended or that diverged stays as it is.",
     call_continue},
};
const size_t builtins_further_count = sizeof builtins_further / sizeof *builtins_further;
