/* Members of results: runs, trials, grown networks, evolutions and models. In `nel check` nothing was trained: what only a training
   tells is an unknown there; of a grown or evolved network the molecule is one, too. */
#include <math.h>

#include "interp/figures.h"
#include "interp/member.h"
#include "interp/run.h"
#include "interp/weights.h"

/* What only a training tells is unknown in `nel check`. */
static bool untrained(const struct run *run)
{
    return !run->training;
}

static struct value get_run_figure(struct eval *eval, struct value self, struct str name, struct span span)
{
    double figure;
    if (!run_figure_applies(self.run, name))
        return figure_refuse(eval, self.run, name, span);
    if (!run_figure_known(self.run, name))
        return value_unknown_of(VALUE_NUMBER);
    return run_figure(eval, self.run, name, &figure) ? value_number(figure) : value_failed();
}

static struct value get_run_classes(struct eval *eval, struct value self, struct str name, struct span span)
{
    return runs_classes(eval, &self.run, 1, false, name, span);
}

static struct value get_run_set(struct eval *eval, struct value self, struct str name, struct span span)
{
    if (eval->blind && str_is(name, "test"))
        return test_refused(eval, span);
    if (self.run->prepared && self.run->prepared->whole && str_is(name, "test"))
        return eval_error_help(eval, span, "`run.validation` has the figures to select by",
                               "a fitness selects, so it cannot look at the test part");
    struct value scores = runs_scores(eval, &self.run, 1, false, name);
    if (scores.kind == VALUE_NONE)
        return eval_error_help(eval, span, "`split(60%, 20%)` makes train, validation and test",
                               "this run's data has no `%.*s` part", STR_ARG(name));
    return scores;
}

static struct value get_run_history(struct eval *eval, struct value self, struct str name, struct span span)
{
    UNUSED_NAME_SPAN;
    return run_history(eval, self.run);
}

struct value value_model(struct eval *eval, struct model *model)
{
    struct value value = value_object(eval, sizeof(struct model_object), VALUE_MODEL);
    if (failed(value))
        model_release(model);
    else
        value.model->model = model;
    return value;
}

struct value run_model(struct eval *eval, struct run *run)
{
    if (untrained(run))
        return value_unknown_of(VALUE_MODEL);
    struct value model = value_model(eval, model_retain(run->training->model));
    if (!failed(model))
        model.model->run = value_retain((struct value){.kind = VALUE_RUN, .run = run}).run;
    return model;
}

static struct value get_run_model(struct eval *eval, struct value self, struct str name, struct span span)
{
    UNUSED_NAME_SPAN;
    return run_model(eval, self.run);
}

/* Weights and biases of a run or a model. */
static struct value get_weights(struct eval *eval, struct value self, struct str name, struct span span)
{
    (void)span;
    if (self.kind == VALUE_RUN && untrained(self.run))
        return value_unknown_of(VALUE_LIST);
    const struct model *model = self.kind == VALUE_RUN ? self.run->training->model : self.model->model;
    return model_weights(eval, model, str_is(name, "biases"));
}

static struct value get_run_molecule(struct eval *eval, struct value self, struct str name, struct span span)
{
    UNUSED_NAME_SPAN;
    if (!self.run->molecule)
        return value_unknown_of(VALUE_MOLECULE);
    struct value molecule = value_molecule(eval, molecule_retain(self.run->molecule));
    if (!failed(molecule) && self.run->name)
        molecule.molecule->name = value_retain(member_name(self.run->name)).string;
    return molecule;
}

static struct value get_run_dna(struct eval *eval, struct value self, struct str name, struct span span)
{
    UNUSED_NAME_SPAN;
    return self.run->molecule ? member_dna(eval, self.run->molecule) : value_unknown_of(VALUE_STRING);
}

static struct value get_run_name(struct eval *eval, struct value self, struct str name, struct span span)
{
    (void)eval;
    (void)span;
    return member_name(str_is(name, "data") ? self.run->data_name : self.run->name);
}

static struct value get_run_seed(struct eval *eval, struct value self, struct str name, struct span span)
{
    (void)eval;
    UNUSED_NAME_SPAN;
    return value_number((double)self.run->options.seed);
}

static struct value get_run_fact(struct eval *eval, struct value self, struct str name, struct span span)
{
    (void)eval;
    (void)span;
    const struct training *training = self.run->training;
    if (!training)
        return value_unknown_of(VALUE_BOOL);
    return value_bool(str_is(name, "diverged") ? training->diverged : training->stopped);
}

static struct value get_run_itself(struct eval *eval, struct value self, struct str name, struct span span)
{
    (void)eval;
    UNUSED_NAME_SPAN;
    return self;
}

static struct value get_run_list(struct eval *eval, struct value self, struct str name, struct span span)
{
    UNUSED_NAME_SPAN;
    struct value list = value_list(eval);
    return !failed(list) && list_add(eval, list.list, self) ? list : value_failed();
}

static struct value get_run_at(struct eval *eval, struct value self, struct str name, struct span span)
{
    UNUSED_NAME_SPAN;
    return run_at_method(eval, self);
}

/* ---- trials ---- */

static struct value best_run(struct value self)
{
    return (struct value){.kind = VALUE_RUN, .run = self.runs->items[self.runs->best]};
}

static struct value get_runs_figure(struct eval *eval, struct value self, struct str name, struct span span)
{
    const struct run *first = self.runs->items[0];
    if (!run_figure_applies(first, name))
        return figure_refuse(eval, first, name, span);
    return run_figure_known(first, name) ? runs_figure(eval, self.runs, name) : value_unknown_of(VALUE_ESTIMATE);
}

static struct value get_runs_classes(struct eval *eval, struct value self, struct str name, struct span span)
{
    return runs_classes(eval, self.runs->items, self.runs->count, true, name, span);
}

static struct value get_runs_diverged(struct eval *eval, struct value self, struct str name, struct span span)
{
    (void)eval;
    UNUSED_NAME_SPAN;
    size_t count = 0;
    if (untrained(self.runs->items[0]))
        return value_unknown_of(VALUE_NUMBER);
    for (size_t i = 0; i < self.runs->count; i++)
        count += self.runs->items[i]->training->diverged;
    return value_number((double)count);
}

static struct value get_runs_set(struct eval *eval, struct value self, struct str name, struct span span)
{
    struct value scores = runs_scores(eval, self.runs->items, self.runs->count, true, name);
    if (scores.kind == VALUE_NONE)
        return eval_error(eval, span, "these runs' data has no `%.*s` part", STR_ARG(name));
    return scores;
}

static struct value get_runs_list(struct eval *eval, struct value self, struct str name, struct span span)
{
    UNUSED_NAME_SPAN;
    struct value list = value_list(eval);
    for (size_t i = 0; !failed(list) && i < self.runs->count; i++)
        if (!list_add(eval, list.list, (struct value){.kind = VALUE_RUN, .run = self.runs->items[i]}))
            return value_failed();
    return list;
}

/* What all trials share, or what only one of them can have: that of the best. */
static struct value get_of_best(struct eval *eval, struct value self, struct str name, struct span span)
{
    return value_member(eval, best_run(self), name, span);
}

static struct value get_runs_best(struct eval *eval, struct value self, struct str name, struct span span)
{
    (void)eval;
    UNUSED_NAME_SPAN;
    return best_run(self);
}

/* ---- growth and evolution ---- */

static struct value get_run_story(struct eval *eval, struct value self, struct str name, struct span span)
{
    (void)name;
    if (self.run->grown)
        return run_story(eval, self.run);
    if (self.run->data)
        return eval_error(eval, span, "this run came from a file that tells no story: it did not grow");
    return eval_error_help(eval, span, "`grow … by …` tells one", "this network was trained, and did not grow: it has no story");
}

static struct value get_evolution_result(struct eval *eval, struct value self, struct str name, struct span span)
{
    (void)eval;
    (void)span;
    return str_is(name, "best") ? self.evolution->best : str_is(name, "train") ? self.evolution->train : self.evolution->front;
}

static struct value get_evolution_table(struct eval *eval, struct value self, struct str name, struct span span)
{
    (void)span;
    const struct evolution *evolution = self.evolution->evolution;
    return str_is(name, "history") ? evolution_history(eval, evolution) : evolution_lineage(eval, evolution);
}

static struct value get_evolution_figure(struct eval *eval, struct value self, struct str name, struct span span)
{
    (void)eval;
    (void)span;
    const struct evolution *evolution = self.evolution->evolution;
    if (!evolution)
        return value_unknown_of(VALUE_NUMBER);
    if (str_is(name, "fitness"))
        return value_number(evolution->count ? evolution->everyone[evolution->best].fitness : NAN);
    return value_number(str_is(name, "generations") ? (double)evolution->generations
                        : str_is(name, "trained")   ? (double)(evolution->count + evolution->forgotten)
                                                    : evolution->seconds);
}

/* ---- models ---- */

static struct value get_model_member(struct eval *eval, struct value self, struct str name, struct span span)
{
    (void)span;
    const struct model *model = self.model->model;
    return str_is(name, "dna") ? member_dna(eval, model->molecule) : value_molecule(eval, molecule_retain(model->molecule));
}

/* ---- tables of members ---- */

/* Figures that a run, its trials and a grown network have alike. */
#define FIGURE_MEMBERS(get, kind, get_classes)                                                                                     \
    SCORE_MEMBERS(get, kind, get_classes), MEMBER("loss", get, kind, "The loss, on the same part as `accuracy`."),                 \
        MEMBER("epochs", get, kind, "Epochs trained."),                                                                            \
        MEMBER("seconds", get, kind, "Wall time of the training loop, in seconds."),                                               \
        MEMBER("params", get, kind, "Live parameters, frozen ones too; of a sparse layer those of the connections that exist."),   \
        MEMBER("flops", get, kind, "Floating-point operations of one sample forwards.")

const struct member run_members[] = {
    FIGURE_MEMBERS(get_run_figure, NUMBER, get_run_classes),
    MEMBER("train", get_run_set, RECORD, "A record of the figures on the training part."),
    MEMBER("validation", get_run_set, RECORD, "A record of the figures on the validation part."),
    MEMBER("test", get_run_set, RECORD, "A record of the figures on the test part, which nothing is ever selected by."),
    MEMBER("history", get_run_history, TABLE,
           "A table with a row for each epoch: `loss` and `accuracy` as they were while it trained, `validation.loss` and "
           "`validation.accuracy` behind it, and `rate`, the learning rate of its last step."),
    MEMBER(
        "story", get_run_story, TABLE,
        "Of a network that grew, a table with a row for each round: figures and parameters before and after, what was fired, what "
        "became of it."),
    MEMBER("model", get_run_model, MODEL, "The trained model, with its weights."),
    MEMBER(
        "weights", get_weights, LIST,
        "The weights: a list for each layer, in it one for each neuron, in it a number for each value it reads (0 where a sparse "
        "layer has no connection)."),
    MEMBER("biases", get_weights, LIST, "The biases: a list for each layer, with a number for each neuron; empty without biases."),
    MEMBER("molecule", get_run_molecule, MOLECULE, "The molecule with its head."),
    MEMBER("dna", get_run_dna, STRING, "The molecule with its head, as DNA."),
    MEMBER("name", get_run_name, FAILED, "The name of the molecule's declaration, none where it has none."),
    MEMBER("data", get_run_name, FAILED, "The name of the data."),
    MEMBER("seed", get_run_seed, NUMBER, "The seed of weights and order."),
    MEMBER("diverged", get_run_fact, BOOL, "Whether the loss stopped being a number; `why(run)` tells the likely cause."),
    MEMBER("stopped", get_run_fact, BOOL, "Whether `stop` ended it before `epochs`."),
    MEMBER("at", get_run_at, BUILTIN,
           "The run as it was after an epoch that `snapshots` lists: `run.at(10)`. It predicts, scores and shows as any other."),
    MEMBER("best", get_run_itself, RUN, "The run itself, as `runs.best` is one of several."),
    MEMBER("runs", get_run_list, LIST, "A list of the run alone, as `runs.runs` is one of several."),
    {0},
};
const struct member runs_members[] = {
    FIGURE_MEMBERS(get_runs_figure, ESTIMATE, get_runs_classes),
    MEMBER("train", get_runs_set, RECORD, "A record of the figures on the training part."),
    MEMBER("validation", get_runs_set, RECORD, "A record of the figures on the validation part."),
    MEMBER("test", get_runs_set, RECORD, "A record of the figures on the test part, which nothing is ever selected by."),
    MEMBER("at", get_run_at, BUILTIN,
           "The runs as they were after an epoch that `snapshots` lists: `runs.at(10)`. `runs.at(10).best` is one of them."),
    MEMBER("runs", get_runs_list, LIST, "The list of the runs, in the order of their seeds or folds."),
    MEMBER("best", get_runs_best, RUN,
           "The run with the best validation loss; training loss where there is no validation part. Never test."),
    MEMBER("diverged", get_runs_diverged, NUMBER, "How many runs diverged."),
    MEMBER("model", get_of_best, MODEL, "The model of the best run."),
    MEMBER("weights", get_of_best, LIST,
           "The weights of the best run: a list for each layer, in it one for each neuron, in it a number for each value it reads "
           "(0 where a sparse "
           "layer has no connection)."),
    MEMBER("biases", get_of_best, LIST,
           "The biases of the best run: a list for each layer, with a number for each neuron; empty without biases."),
    MEMBER("molecule", get_of_best, MOLECULE, "The molecule with its head."),
    MEMBER("dna", get_of_best, STRING, "The molecule with its head, as DNA."),
    MEMBER("name", get_of_best, FAILED, "The name of the molecule's declaration, none where it has none."),
    MEMBER("data", get_of_best, FAILED, "The name of the data."),
    MEMBER("history", get_of_best, TABLE, "The history of the best run."),
    {0},
};
const struct member evolution_members[] = {
    MEMBER("best", get_evolution_result, RUN,
           "The run of the fittest molecule, trained anew where `finish` says so; several where that says `trials`."),
    MEMBER("front", get_evolution_result, TABLE,
           "A table with a row for the best or, with `objectives`, for each whom nobody surpasses in one without being worse in "
           "another: "
           "its DNA, the objectives, parameters, and its run."),
    MEMBER("fitness", get_evolution_figure, NUMBER, "The fitness of the fittest."),
    MEMBER("train", get_evolution_result, RECORD,
           "What evolved of the training of the fittest, by option of `train`: nothing where no option was a list."),
    MEMBER("history", get_evolution_table, TABLE,
           "A table with a row for each generation: best, mean and worst fitness, different molecules, species, trainings so far."),
    MEMBER("lineage", get_evolution_table, TABLE,
           "A table with a row for each molecule that was trained: its number, the generation of its birth, its parent or parents "
           "by number, "
           "the rule that made it, its DNA, fitness and parameters."),
    MEMBER("generations", get_evolution_figure, NUMBER, "Generations completed."),
    MEMBER("trained", get_evolution_figure, NUMBER, "How many different molecules were trained."),
    MEMBER("seconds", get_evolution_figure, NUMBER, "Wall time, in seconds."),
    {0},
};
const struct member model_members[] = {
    MEMBER("weights", get_weights, LIST,
           "Its weights: a list for each layer, in it one for each neuron, in it a number for each value it reads."),
    MEMBER("biases", get_weights, LIST, "Its biases: a list for each layer, with a number for each neuron; empty without biases."),
    MEMBER("dna", get_model_member, STRING, "Its molecule, as DNA."),
    MEMBER("molecule", get_model_member, MOLECULE, "Its molecule."),
    {0},
};
