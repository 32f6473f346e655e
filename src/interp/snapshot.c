/* Looking back at a training: `run.at(epoch)`, the run as it was at a snapshot. */
#include "engine/metrics.h"
#include "interp/run.h"
#include "support/limits.h"
#include "support/number.h"

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
