/* Built-ins on what trainings give: scores, and why a run went wrong. */
#include "interp/ensemble_figures.h"
#include "interp/figures.h"
#include "library/builtins.h"
#include "study/learn.h"

/* ---- how well a run does on other data ---- */

/* Whether a network of given numbers, which has met no data, can be asked for the classes of this one. */
static bool tells_classes(const struct run *run, const struct dataset *data)
{
    if (run->prepared || !run->training || data->table->target != TARGET_CLASS)
        return false;
    const struct model *model = run->training->model;
    const uint32_t outputs = model_output_width(model);
    return molecule_output(model->molecule)->head != HEAD_LINEAR && model_input_width(model) == data->table->columns &&
           (outputs == data->table->outputs || (outputs == 1 && data->table->outputs == 2));
}

/* Its outputs stand for the classes of the data in their order. */
static struct value score_given(struct eval *eval, const struct run *run, const struct dataset *data, struct span span)
{
    struct recipe *recipe = recipe_as_it_is(data->table);
    if (!recipe)
        return eval_out_of_memory(eval, span);
    struct model model = *run->training->model;
    struct training training = *run->training;
    struct run reader = *run, *one = &reader;
    model.recipe = recipe;
    training.model = &model;
    reader.training = &training;
    struct value scores = runs_score_on(eval, &one, 1, false, data, span);
    recipe_release(recipe);
    return scores;
}

static struct value call_score(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    struct value run = args->at[0], data = args->at[1];
    enum value_kind kind = value_content(data);
    if (kind == VALUE_SPLIT)
        return eval_error_help(eval, args->span[1], "`score(run, data.test)`, say", "score which part of this split?");
    if (kind != VALUE_DATASET && kind != VALUE_UNKNOWN)
        return eval_error_type(eval, args->span[1], "a data set", data);
    if (may_answer(run) || data.kind == VALUE_UNKNOWN)
        return value_unknown_of(VALUE_RECORD);
    if (run.kind == VALUE_ENSEMBLE)
        return ensemble_score_on(eval, run.ensemble, data.dataset->dataset, args->span[1]);
    if (run.kind == VALUE_RUNS)
        return runs_score_on(eval, run.runs->items, run.runs->count, true, data.dataset->dataset, args->span[1]);
    struct run *one = run_of(eval, run, args->span[0]);
    if (one && tells_classes(one, data.dataset->dataset))
        return score_given(eval, one, data.dataset->dataset, args->span[1]);
    return one ? runs_score_on(eval, &one, 1, false, data.dataset->dataset, args->span[1]) : value_failed();
}

/* ---- why a run went wrong ---- */

static struct value call_why(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    bool unknown = may_be_trained(args->at[0]);
    const struct run *run = unknown ? NULL : run_of(eval, args->at[0], args->span[0]);
    if (!run && !unknown)
        return value_failed();
    if (unknown || !run->training)
        return value_unknown_of(VALUE_STRING);
    const struct training *training = run->training;
    struct text text = {0};
    if (training->epochs == 0)
        text_add(&text, "nothing was trained");
    else if (!run_diagnosis(run, &text))
        text_addf(&text, "nothing went wrong: the loss went from %.3g to %.3g in %u epochs", training->first_loss,
                  training->last_loss, training->epochs);
    return value_text(eval, &text);
}

const struct builtin_row builtins_learn[] = {
    {"score(run: any, data: any): record",
     "The figures of a run or an ensemble on another data set, as `run.test` has them: its target must be there too. Of several "
     "trials each is "
     "an estimate.",
     call_score},
    {"why(run: any): text", "Why a run went wrong, in words.", call_why},
};
const size_t builtins_learn_count = sizeof builtins_learn / sizeof *builtins_learn;
