/* Trainings that go on: `continue`, and what is kept on the way for looking back. */
#include <stdlib.h>

#include "study/costs.h"
#include "study/learn.h"
#include "study/save.h"
#include "study/trials.h"
#include "support/limits.h"
#include "support/memory.h"
#include "support/number.h"

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
    const bool none = trials_wait(trials, count);
    for (size_t i = 0; !failed(list) && i < count; i++) {
        if (!none && trial_waits(&trials[i]))
            continue;
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
    return failed(list) ? list : several ? trials_value(eval, list.list, count, span) : list.list->items[0];
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

/* ---- a rewritten network ---- */

/* One training of a network that a rewrite made of a run's: with its data and options, behind its steps. False with a diagnostic. */
static bool trial_rewritten(struct eval *eval, const struct molecule_object *network, const struct onward *onward,
                            struct trial *trial)
{
    const struct run *run = network->run;
    *trial = (struct trial){.prepared = run->prepared || !eval->state->checking ? data_of_run(eval, run, onward) : NULL,
                            .options = run->options};
    struct train_options *options = &trial->options;
    if (!trial->prepared)
        return eval->state->checking;
    if (options->schedule.span == 0)
        options->schedule.span = options->epochs;
    options->epochs = (uint32_t)onward->epochs;
    options->scheduled += run->training ? run->training->state.step : 0;
    trial->molecule = molecule_for_data(network->molecule, trial->prepared, options->loss, SPAN_NONE, eval->diags);
    return trial->molecule && batch_serves(trial->molecule, options, trial->prepared, eval->diags);
}

/* The run of it; nel check: a run like it. */
static struct value run_rewritten(struct eval *eval, const struct molecule_object *network, struct trial *trial, struct span span)
{
    struct training *training = NULL;
    if (!eval->state->checking) {
        trials_train(eval, trial, 1);
        training = trial_take(eval, trial, span);
        if (!training)
            return value_failed();
    }
    struct value run = run_make(eval, training, trial->prepared, trial->molecule, value_none(), &trial->options, value_none());
    const struct string *name = network->run->data_name;
    if (!failed(run) && name)
        run.run->data_name = value_retain((struct value){.kind = VALUE_STRING, .string = network->run->data_name}).string;
    return run;
}

static struct value go_on_rewritten(struct eval *eval, const struct molecule_object *network, const struct onward *onward)
{
    struct trial *trial = mem_array(1, sizeof *trial);
    if (!trial)
        return eval_out_of_memory(eval, onward->span);
    bool well = trial_rewritten(eval, network, onward, trial);
    const struct training_plan plan = {.kind = COST_TRAIN,
                                       .span = onward->span,
                                       .molecule = trial->molecule,
                                       .prepared = trial->prepared,
                                       .options = &trial->options,
                                       .trainings = 1,
                                       .epochs = onward->epochs,
                                       .most = trial->options.patience > 0};
    well = well && (!eval->state->checking || costs_note(eval, &plan));
    struct value run = well ? run_rewritten(eval, network, trial, onward->span) : value_failed();
    trials_release(trial, 1);
    return run;
}

static struct value call_continue(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    const struct value value = args->at[0];
    const enum value_kind kind = value_content(value);
    const double epochs = number_or(args->at[1], 1);
    const struct onward onward = {epochs, args->at[2], args->call, args->span[2]};
    if (value.kind == VALUE_UNKNOWN && (kind == VALUE_MOLECULE || kind == VALUE_RUN))
        return value_unknown_of(VALUE_RUN);
    if (kind == VALUE_MOLECULE && value.molecule->run)
        return go_on_rewritten(eval, value.molecule, &onward);
    if (kind == VALUE_MOLECULE)
        return eval_error_help(eval, args->span[0],
                               "`train` trains a molecule; `continue` goes on with a run, or with what `rewrite` made of one",
                               "this molecule is of no run");
    if (kind != VALUE_RUN && kind != VALUE_RUNS && kind != VALUE_UNKNOWN)
        return eval_error_type(eval, args->span[0], "a run", value);
    if (value.kind == VALUE_UNKNOWN)
        return value;
    const bool several = value.kind == VALUE_RUNS;
    struct run *one = several ? NULL : value.run, *const *runs = several ? value.runs->items : &one;
    const size_t count = several ? value.runs->count : 1;
    struct value after =
        runs[0]->training ? go_on(eval, runs, count, several, &onward) : go_on_unknown(eval, runs[0], count, epochs, args->call);
    if (!runs[0]->training && several && !failed(after))
        after = runs_alike(eval, after, count);
    if (after.kind == VALUE_RUNS)
        after.runs->folds = value.runs->folds;
    return after;
}

const struct builtin_row builtins_further[] = {
    {"continue(run: any, epochs: count, on: any?)",
     "The run, trained for so many more epochs: with the state of its optimiser, and on the same data; one that was loaded must be "
     "given its data, `on: data`, and takes no other; of folds the whole data set, which is cut again as it was. What comes out "
     "is, to the "
     "bit, what one training of all these epochs gives; a schedule that is made for a number of epochs keeps the number it had. Of "
     "several trials each goes on. A training that `stop` ended or that diverged stays as it is. A network that grew is trained on "
     "as it has become, and keeps its story.\n"
     "A network that `rewrite` made of a run goes on, too, with the run's data and options; what the rewrite left alone keeps its "
     "weights and the state of its optimiser, to the bit. Its epochs are counted anew.",
     call_continue},
};
const size_t builtins_further_count = sizeof builtins_further / sizeof *builtins_further;
