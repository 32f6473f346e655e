/* Members of results: runs, trials, grown networks, evolutions and models. In `nel check` nothing was trained: what only a training
   tells is unknown there. */
#include <math.h>

#include "interp/member.h"

/* What only a training tells is unknown in `nel check`. */
static bool untrained(const struct run *run)
{
    return !run->training;
}

static struct value get_run_figure(struct eval *eval, struct value self, struct str name, struct span span)
{
    (void)eval;
    (void)span;
    double figure = NAN;
    run_figure(self.run, name, &figure);
    bool known = !untrained(self.run) || str_is(name, "params") || str_is(name, "flops");
    return known ? value_number(figure) : value_unknown();
}

static struct value get_run_set(struct eval *eval, struct value self, struct str name, struct span span)
{
    if (untrained(self.run))
        return value_unknown();
    struct value scores = runs_scores(eval, &self.run, 1, name);
    if (scores.kind == VALUE_NONE)
        return eval_error_help(eval, span, "`split(60%, 20%)` makes train, validation and test",
                               "this run's data has no `%.*s` part", STR_ARG(name));
    return scores;
}

static struct value get_run_history(struct eval *eval, struct value self, struct str name, struct span span)
{
    UNUSED_NAME_SPAN;
    return untrained(self.run) ? value_unknown() : run_history(eval, self.run);
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

static struct value get_run_model(struct eval *eval, struct value self, struct str name, struct span span)
{
    UNUSED_NAME_SPAN;
    if (untrained(self.run))
        return value_unknown();
    struct value model = value_model(eval, model_retain(self.run->training->model));
    if (!failed(model))
        model.model->run = value_retain(self).run;
    return model;
}

static struct value get_run_molecule(struct eval *eval, struct value self, struct str name, struct span span)
{
    UNUSED_NAME_SPAN;
    struct value molecule = value_molecule(eval, molecule_retain(self.run->molecule));
    if (!failed(molecule) && self.run->name)
        molecule.molecule->name = value_retain(member_name(self.run->name)).string;
    return molecule;
}

static struct value get_run_dna(struct eval *eval, struct value self, struct str name, struct span span)
{
    UNUSED_NAME_SPAN;
    return member_dna(eval, self.run->molecule);
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
        return value_unknown();
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

/* ---- trials ---- */

static struct value best_run(struct value self)
{
    return (struct value){.kind = VALUE_RUN, .run = self.runs->items[self.runs->best]};
}

static struct value get_runs_figure(struct eval *eval, struct value self, struct str name, struct span span)
{
    (void)span;
    return runs_figure(eval, self.runs, name);
}

static struct value get_runs_diverged(struct eval *eval, struct value self, struct str name, struct span span)
{
    (void)eval;
    UNUSED_NAME_SPAN;
    size_t count = 0;
    for (size_t i = 0; i < self.runs->count; i++)
        count += self.runs->items[i]->training->diverged;
    return value_number((double)count);
}

static struct value get_runs_set(struct eval *eval, struct value self, struct str name, struct span span)
{
    struct value scores = runs_scores(eval, self.runs->items, self.runs->count, name);
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

static struct value get_grown_run(struct eval *eval, struct value self, struct str name, struct span span)
{
    (void)eval;
    UNUSED_NAME_SPAN;
    return (struct value){.kind = VALUE_RUN, .run = self.grown->run};
}

static struct value get_grown_story(struct eval *eval, struct value self, struct str name, struct span span)
{
    UNUSED_NAME_SPAN;
    return self.grown->result ? grown_story(eval, self.grown) : value_unknown();
}

static struct value get_of_grown_run(struct eval *eval, struct value self, struct str name, struct span span)
{
    return value_member(eval, (struct value){.kind = VALUE_RUN, .run = self.grown->run}, name, span);
}

static struct value get_evolution_best(struct eval *eval, struct value self, struct str name, struct span span)
{
    (void)eval;
    UNUSED_NAME_SPAN;
    return self.evolution->best ? (struct value){.kind = VALUE_RUN, .run = self.evolution->best} : value_unknown();
}

static struct value get_evolution_table(struct eval *eval, struct value self, struct str name, struct span span)
{
    (void)span;
    const struct evolution *evolution = self.evolution->evolution;
    if (!evolution)
        return value_unknown();
    return str_is(name, "history") ? evolution_history(eval, evolution) : evolution_lineage(eval, evolution);
}

static struct value get_evolution_figure(struct eval *eval, struct value self, struct str name, struct span span)
{
    (void)eval;
    (void)span;
    const struct evolution *evolution = self.evolution->evolution;
    if (!evolution)
        return value_unknown();
    if (str_is(name, "fitness"))
        return value_number(evolution->count ? evolution->everyone[evolution->best].fitness : NAN);
    return value_number(str_is(name, "generations") ? (double)evolution->generations
                        : str_is(name, "trained")   ? (double)evolution->count
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

const struct member run_members[] = {
    {"accuracy", get_run_figure}, {"loss", get_run_figure},   {"r2", get_run_figure},         {"mse", get_run_figure},
    {"mae", get_run_figure},      {"epochs", get_run_figure}, {"seconds", get_run_figure},    {"params", get_run_figure},
    {"flops", get_run_figure},    {"train", get_run_set},     {"validation", get_run_set},    {"test", get_run_set},
    {"history", get_run_history}, {"model", get_run_model},   {"molecule", get_run_molecule}, {"dna", get_run_dna},
    {"name", get_run_name},       {"data", get_run_name},     {"seed", get_run_seed},         {"diverged", get_run_fact},
    {"stopped", get_run_fact},    {"best", get_run_itself},   {"runs", get_run_list},         {NULL, NULL},
};
const struct member runs_members[] = {
    {"accuracy", get_runs_figure},   {"loss", get_runs_figure},
    {"r2", get_runs_figure},         {"mse", get_runs_figure},
    {"mae", get_runs_figure},        {"epochs", get_runs_figure},
    {"seconds", get_runs_figure},    {"params", get_runs_figure},
    {"flops", get_runs_figure},      {"train", get_runs_set},
    {"validation", get_runs_set},    {"test", get_runs_set},
    {"runs", get_runs_list},         {"best", get_runs_best},
    {"diverged", get_runs_diverged}, {"model", get_of_best},
    {"molecule", get_of_best},       {"dna", get_of_best},
    {"name", get_of_best},           {"data", get_of_best},
    {"history", get_of_best},        {NULL, NULL},
};
const struct member grown_members[] = {
    {"story", get_grown_story},     {"best", get_grown_run},
    {"run", get_grown_run},         {"accuracy", get_of_grown_run},
    {"loss", get_of_grown_run},     {"r2", get_of_grown_run},
    {"mse", get_of_grown_run},      {"mae", get_of_grown_run},
    {"epochs", get_of_grown_run},   {"seconds", get_of_grown_run},
    {"params", get_of_grown_run},   {"flops", get_of_grown_run},
    {"train", get_of_grown_run},    {"validation", get_of_grown_run},
    {"test", get_of_grown_run},     {"history", get_of_grown_run},
    {"model", get_of_grown_run},    {"molecule", get_of_grown_run},
    {"dna", get_of_grown_run},      {"seed", get_of_grown_run},
    {"diverged", get_of_grown_run}, {NULL, NULL},
};
const struct member evolution_members[] = {
    {"best", get_evolution_best},          {"fitness", get_evolution_figure},
    {"history", get_evolution_table},      {"lineage", get_evolution_table},
    {"generations", get_evolution_figure}, {"trained", get_evolution_figure},
    {"seconds", get_evolution_figure},     {NULL, NULL},
};
const struct member model_members[] = {{"dna", get_model_member}, {"molecule", get_model_member}, {NULL, NULL}};
