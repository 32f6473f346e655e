/* `train molecule on data { options }`: data is prepared, and one run or several trials are trained. */
#include "study/learn.h"
#include "study/checkpoint.h"
#include "study/costs.h"
#include "study/trials.h"

#include <math.h>

#include "engine/transplant.h"
#include "support/memory.h"

/* ---- data ---- */

/* Data given as a function, such as `moons` or `fn(seed) = spirals(n: 200, seed: seed)`: called with the trial's seed. */
static struct value call_for_data(struct eval *eval, struct value function, uint64_t seed, struct span span)
{
    struct argument argument = {STR("seed"), value_number((double)seed), span, span};
    if (callable_takes(function, argument.label))
        return call_value(eval, function, &argument, 1, span);
    return call_value(eval, function, NULL, 0, span);
}

struct value data_of_value(struct eval *eval, struct value value, uint64_t seed, struct span span)
{
    if (value.kind == VALUE_FUNCTION || value.kind == VALUE_BUILTIN)
        value = call_for_data(eval, value, seed, span);
    enum value_kind kind = value_content(value);
    if (failed(value) || kind == VALUE_DATASET || kind == VALUE_SPLIT || kind == VALUE_UNKNOWN)
        return value;
    return eval_error_type(eval, span, "a data set", value);
}

struct split *split_of_data(struct eval *eval, struct value data, struct span span)
{
    if (data.kind == VALUE_SPLIT)
        return split_retain(data.split->split);
    struct split *split = mem_alloc(sizeof *split);
    if (!split) {
        eval_out_of_memory(eval, span);
        return NULL;
    }
    split->references = 1;
    split->train = dataset_retain(data.dataset->dataset);
    return split;
}

bool molecule_unknown(struct value value)
{
    return value.kind == VALUE_UNKNOWN && (value.of == VALUE_UNKNOWN || value.of == VALUE_MOLECULE || value.of == VALUE_ELEMENT);
}

/* ---- one training and several ---- */

/* Data, molecule with head and options of one trial; everything that counts references is done here, under the lock. */
static bool prepare_trial(struct eval *eval, struct trial *trial, const struct molecule *molecule, struct split *split,
                          const struct lesson *lesson, uint64_t seed, struct span data_span)
{
    trial->options = lesson->options;
    trial->options.seed = seed;
    trial->prepared = lesson_prepare(eval, lesson, split, lesson->options.patience > 0, lesson->options.seed, data_span);
    if (trial->prepared)
        trial->molecule = molecule_for_data(molecule, trial->prepared, lesson->options.loss, lesson->loss_span, eval->diags);
    if (trial->molecule)
        transplant_check_inputs(trial->molecule, trial->prepared->recipe, eval->diags);
    if (trial->molecule && !lesson->optimizer_given && molecule_output(trial->molecule)->head == HEAD_STEP) {
        trial->options.optimizer = OPTIMIZER_SGD; /* Rosenblatt's rule adds and subtracts whole samples */
        trial->options.lr = 1;
    }
    return trial->molecule && batch_serves(trial->molecule, &trial->options, trial->prepared, eval->diags);
}

/* What one `train` expression is about. */
struct wish {
    const struct molecule *molecule;
    struct value named; /* the molecule as it was given */
    struct value data;
    struct span data_span, span;
    struct lesson lesson;
};

/* The split of trial `i`: a fold, the data that a function makes for its seed, or the same data for all. NULL with a diagnostic, and
   without one where nel check does not know it. */
static struct split *trial_split(struct eval *eval, const struct wish *wish, size_t i)
{
    const struct lesson *lesson = &wish->lesson;
    struct value data = data_of_value(eval, wish->data, lesson->options.seed + (lesson->folds ? 0 : i), wish->data_span);
    struct split *whole = failed(data) || data.kind == VALUE_UNKNOWN ? NULL : split_of_data(eval, data, wish->data_span);
    if (!whole || lesson->folds == 0)
        return whole;
    struct split *fold = NULL;
    if (whole->test || whole->validation)
        eval_error_help(eval, lesson->folds_span, "give `folds` the whole data set",
                        "this data is split already, so it has no folds");
    else
        fold = dataset_fold(whole->train, lesson->folds, (uint32_t)i, lesson->options.seed, wish->data_span, eval->diags);
    split_release(whole);
    return fold;
}

static bool shares_data(const struct wish *wish)
{
    return wish->lesson.folds == 0 && (wish->data.kind == VALUE_DATASET || wish->data.kind == VALUE_SPLIT);
}

/* What is kept of each on its way. */
static bool watch_trials(struct eval *eval, const struct wish *wish, struct trial *trials, size_t count)
{
    const struct lesson *lesson = &wish->lesson;
    const struct dataset *dataset = run_dataset(wish->data);
    for (size_t i = 0; i < count; i++) {
        const struct checkpoint_names names = {
            .molecule = wish->named.kind == VALUE_MOLECULE && wish->named.molecule->name ? wish->named.molecule->name->at : NULL,
            .data = dataset ? dataset->name : NULL,
            .several = lesson->trials || lesson->folds,
            .number = lesson->folds ? i + 1 : trials[i].options.seed};
        if (!trial_watch(eval, lesson, &trials[i]) || !checkpoint_open(eval, lesson, &names, &trials[i]))
            return false;
    }
    return true;
}

static bool prepare_trials(struct eval *eval, const struct wish *wish, struct trial *trials, size_t count)
{
    const struct train_options *options = &wish->lesson.options;
    for (size_t i = 0; i < count; i++) {
        struct trial *trial = &trials[i];
        if (i > 0 && shares_data(wish)) { /* prepared once: trials differ by seed only */
            trial->options = trials[0].options;
            trial->options.seed = options->seed + i;
            trial->prepared = prepared_retain(trials[0].prepared);
            trial->molecule = molecule_retain(trials[0].molecule);
            continue;
        }
        struct split *split = trial_split(eval, wish, i);
        bool well = split && prepare_trial(eval, trial, wish->molecule, split, &wish->lesson,
                                           options->seed + (shares_data(wish) ? 0 : i), wish->data_span);
        split_release(split);
        if (!well)
            return false;
    }
    return watch_trials(eval, wish, trials, count);
}

/* The run knows which snapshots were asked for. */
static struct value keeps(const struct lesson *lesson, struct value run)
{
    if (!failed(run) && lesson->snapshots.kind == VALUE_LIST)
        run.run->snapshots = value_retain(lesson->snapshots).list;
    return run;
}

/* The run of one finished trial. */
static struct value trial_run(struct eval *eval, const struct wish *wish, struct trial *trial)
{
    struct training *training = trial_take(eval, trial, wish->span);
    if (!training)
        return value_failed();
    checkpoint_tell(eval, trial);
    return keeps(&wish->lesson,
                 run_make(eval, training, trial->prepared, trial->molecule, wish->named, &trial->options, wish->data));
}

/* The runs of all trials that began, or the only one. */
static struct value trials_runs(struct eval *eval, const struct wish *wish, struct trial *trials, size_t count, bool several)
{
    struct value runs = value_list(eval);
    const bool none = trials_wait(trials, count); /* then the first one tells it */
    for (size_t i = 0; !failed(runs) && i < count; i++) {
        if (!none && trial_waits(&trials[i]))
            continue;
        struct value run = trial_run(eval, wish, &trials[i]);
        if (failed(run) || !several)
            return run;
        if (!list_add(eval, runs.list, run))
            return value_failed();
    }
    struct value value = failed(runs) ? runs : trials_value(eval, runs.list, count, wish->span);
    if (!failed(value))
        value.runs->folds = wish->lesson.folds > 0;
    return value;
}

/* ---- nel check ---- */

/* Shapes are inferred and costs noted, and nothing is trained: the first trial stands for all. */
static struct value check_run(struct eval *eval, const struct wish *wish, size_t count)
{
    struct trial trial = {.options = wish->lesson.options};
    size_t errors = eval->diags->errors;
    struct split *split = trial_split(eval, wish, 0);
    bool well = eval->diags->errors == errors;
    if (well && split && wish->molecule) {
        well = prepare_trial(eval, &trial, wish->molecule, split, &wish->lesson, wish->lesson.options.seed, wish->data_span);
    } else if (well && split) {
        trial.prepared =
            lesson_prepare(eval, &wish->lesson, split, trial.options.patience > 0, trial.options.seed, wish->data_span);
        well = trial.prepared;
    }
    if (well && trial.molecule && eval->state->ir)
        well = explain_training(eval, trial.molecule, trial.prepared->train.width, eval->state->ir);
    struct training_plan plan = {.kind = COST_TRAIN,
                                 .span = wish->span,
                                 .molecule = trial.molecule,
                                 .prepared = trial.prepared,
                                 .options = &trial.options,
                                 .trainings = (double)count,
                                 .epochs = trial.options.epochs,
                                 .most = trial.options.patience > 0};
    well = well && costs_note(eval, &plan);
    struct value value =
        well ? run_make(eval, NULL, trial.prepared, trial.molecule, wish->named, &trial.options, wish->data) : value_failed();
    split_release(split);
    molecule_release(trial.molecule);
    if (trial.prepared)
        prepared_release(trial.prepared);
    return keeps(&wish->lesson, value);
}

static struct value learn(struct eval *eval, const struct wish *wish)
{
    const struct lesson *lesson = &wish->lesson;
    bool several = lesson->trials || lesson->folds;
    size_t count = lesson->folds ? lesson->folds : lesson->trials ? lesson->trials : 1;
    if (eval->state->checking) {
        struct value run = check_run(eval, wish, count);
        return several && !failed(run) ? runs_alike(eval, run, count) : run;
    }
    struct trial *trials = mem_array(count, sizeof *trials);
    if (!trials)
        return eval_out_of_memory(eval, wish->span);
    struct value value = value_failed();
    if (prepare_trials(eval, wish, trials, count)) {
        trials_train(eval, trials, count);
        value = trials_runs(eval, wish, trials, count, several);
    }
    trials_release(trials, count);
    return value;
}

/* What is to be trained, from what was given for it; then trains. */
static struct value learn_molecule(struct eval *eval, struct wish *wish, struct span molecule_span)
{
    bool unknown = molecule_unknown(wish->named);
    wish->molecule = unknown ? NULL : molecule_of_value(eval, wish->named, molecule_span);
    if (!wish->molecule && !unknown)
        return value_failed();
    if (wish->named.kind == VALUE_FUNCTION) /* the declaration's name goes with its default */
        wish->named = call_value(eval, wish->named, NULL, 0, molecule_span);
    struct value value = failed(wish->named) ? wish->named : learn(eval, wish);
    molecule_release(wish->molecule);
    return value;
}

struct value eval_train(struct eval *eval, const struct node *node)
{
    struct wish wish = {.span = node->span, .data_span = node->items[1]->span};
    wish.named = value_atom(eval, eval_node(eval, node->items[0]), node->items[0]->span);
    wish.data = failed(wish.named) ? wish.named : eval_node(eval, node->items[1]);
    if (failed(wish.data))
        return wish.data;
    struct options options;
    bool well = options_bind(eval, &options, TRAIN_SIGNATURE, node->count > 2 ? node->items[2] : NULL, node->span) &&
                lesson_of_train(eval, &options, &wish.lesson);
    options_release(&options);
    return well ? learn_molecule(eval, &wish, node->items[0]->span) : value_failed();
}

/* Reads what is to be trained and how; false with a diagnostic. */
static bool read_wish(struct eval *eval, const struct training_wish *given, struct wish *wish)
{
    *wish = (struct wish){.named = value_atom(eval, given->molecule, SPAN_NONE),
                          .data = given->data,
                          .data_span = given->data_span,
                          .span = given->options_span};
    return !failed(wish->named) && lesson_of_record(eval, given->options, given->options_span, &wish->lesson);
}

struct value train_value(struct eval *eval, const struct training_wish *given)
{
    struct wish wish;
    return read_wish(eval, given, &wish) ? learn_molecule(eval, &wish, SPAN_NONE) : value_failed();
}

/* The first trial stands for all. */
static bool first_ready(struct eval *eval, const struct wish *wish)
{
    struct trial trial = {.options = wish->lesson.options};
    struct split *split = trial_split(eval, wish, 0);
    const bool well =
        split && prepare_trial(eval, &trial, wish->molecule, split, &wish->lesson, wish->lesson.options.seed, wish->data_span);
    split_release(split);
    molecule_release(trial.molecule);
    if (trial.prepared)
        prepared_release(trial.prepared);
    return well;
}

bool train_ready(struct eval *eval, const struct training_wish *given)
{
    struct diags told = {0}, *outer = eval->diags;
    struct wish wish;
    eval->diags = &told;
    bool well = read_wish(eval, given, &wish) && checkpoint_try(eval, &wish.lesson);
    wish.molecule = well ? molecule_of_value(eval, wish.named, given->options_span) : NULL;
    well = wish.molecule && first_ready(eval, &wish);
    molecule_release(wish.molecule);
    eval->diags = outer;
    if (!well) /* the training itself will tell the warnings */
        diags_move(eval->diags, &told);
    diags_release(&told);
    return well;
}
