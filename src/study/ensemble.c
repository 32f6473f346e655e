/* `ensemble`: several trained networks as one that predicts. Its members keep what is theirs, the preprocessing of their inputs too:
   networks of folds or of different splits stand side by side, each reading a row in its own way. */
#include "interp/ensemble_figures.h"

#include <math.h>
#include <string.h>

#include "interp/figures.h"
#include "interp/place.h"
#include "molecule/trait.h"
#include "study/learn.h"
#include "study/several.h"
#include "support/memory.h"
#include "support/number.h"

/* ---- members that go together ---- */

/* The members of an ensemble to be, and how the script gave them. */
struct gathering {
    struct ensemble *ensemble;
    struct span span; /* of what they were given as */
    bool listed;      /* … a list with an item for each */
};

static struct span member_span(struct eval *eval, const struct gathering *gathering, size_t i)
{
    return gathering->listed ? span_of_item(eval, gathering->span, i) : gathering->span;
}

const char *recipes_difference(const struct recipe *a, const struct recipe *b)
{
    if (a->columns != b->columns)
        return "features";
    for (uint32_t i = 0; i < a->columns; i++)
        if (a->steps[i].kind != b->steps[i].kind || strcmp(a->steps[i].name, b->steps[i].name) != 0)
            return "features";
    if (a->target != b->target || a->reconstruct != b->reconstruct)
        return "target";
    if (a->outputs != b->outputs || !a->class_names != !b->class_names)
        return a->target == TARGET_CLASS ? "classes" : "target";
    for (uint32_t i = 0; a->class_names && i < a->outputs; i++)
        if (strcmp(a->class_names[i], b->class_names[i]) != 0)
            return "classes";
    return NULL;
}

static bool member_fits(struct eval *eval, const struct gathering *gathering, size_t i)
{
    const struct ensemble *ensemble = gathering->ensemble;
    const struct run *run = ensemble->members[i];
    const struct recipe *first = run_recipe(ensemble->members[0]), *recipe = run_recipe(run);
    const char *difference = first && recipe ? recipes_difference(first, recipe) : NULL;
    const struct gene *output = run->molecule ? molecule_output(run->molecule) : NULL;
    const struct span span = member_span(eval, gathering, i);
    if (run->training && run->training->diverged)
        eval_error_help(eval, span, "leave it out: `[r for r in runs.runs if not r.diverged]`",
                        "member %zu diverged, and its answers are no numbers", i + 1);
    else if (difference)
        eval_error_help(eval, span, "the members of an ensemble answer the same question, so their data is of one kind",
                        "member %zu was trained for other %s than the first", i + 1, difference);
    else if (recipe && recipe->target == TARGET_CLASS && output && ensemble->rule == ENSEMBLE_AVERAGE &&
             !head_tells_probabilities(output->head))
        eval_error_help(eval, span, "`combine: vote` counts the members' answers",
                        "the outputs of member %zu come from a `%s` head and are no probabilities to average", i + 1,
                        head_names[output->head]);
    else if (recipe && recipe->target != TARGET_CLASS && ensemble->rule == ENSEMBLE_VOTE)
        eval_error_help(eval, span, "`combine: average`, the default, takes their mean", "values cannot be voted on");
    else
        return true;
    return false;
}

/* ---- reading what was given ---- */

static bool make_room(struct eval *eval, struct ensemble *ensemble, size_t count, struct span span)
{
    ensemble->members = mem_array(count, sizeof *ensemble->members);
    ensemble->weights = mem_array(count, sizeof *ensemble->weights);
    return (ensemble->members && ensemble->weights) || diag_out_of_memory(eval->diags, span);
}

static void add_member(struct ensemble *ensemble, const struct run *run)
{
    struct value value = {.kind = VALUE_RUN, .run = (struct run *)run};
    ensemble->members[ensemble->count++] = value_retain(value).run;
}

/* The members; false with a diagnostic, and without one where nel check does not know them all (`*unknown`). */
static bool gather(struct eval *eval, struct gathering *gathering, struct value given, bool *unknown)
{
    struct ensemble *ensemble = gathering->ensemble;
    const size_t count = gathering->listed ? given.list->count : given.runs->count;
    if (count == 0 && gathering->listed && !given.list->open) {
        eval_error(eval, gathering->span, "an ensemble of nobody answers nothing");
        return false;
    }
    if (!make_room(eval, ensemble, count, gathering->span))
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct value item =
            gathering->listed ? given.list->items[i] : (struct value){.kind = VALUE_RUN, .run = given.runs->items[i]};
        *unknown = *unknown || may_be_trained(item);
        if (may_be_trained(item))
            continue;
        const struct run *run = run_of(eval, item, member_span(eval, gathering, i));
        if (!run)
            return false;
        add_member(ensemble, run);
    }
    ensemble->open = gathering->listed && given.list->open;
    *unknown = *unknown || ensemble->count == 0;
    return !*unknown;
}

static bool weight_fits(struct eval *eval, struct value weight, struct span span)
{
    if (weight.kind == VALUE_UNKNOWN || (weight.kind == VALUE_NUMBER && weight.number >= 0 && isfinite(weight.number)))
        return true;
    struct text found = {0};
    value_describe(eval, weight, &found);
    eval_error(eval, span, "a member's weight is a number from 0 up, found %s", text_chars(&found));
    text_release(&found);
    return false;
}

/* Weights that sum to 1: as given, or all alike. What nel check does not know of them is taken for alike. */
static bool weigh(struct eval *eval, struct ensemble *ensemble, struct value given, struct span span)
{
    const struct list *list = given.kind == VALUE_LIST ? given.list : NULL;
    double sum = 0;
    bool known = list && !list->open && !ensemble->open;
    if (known && list->count != ensemble->count) {
        eval_error(eval, span, "%s for %s", counted((double)list->count, "weight", "weights").text,
                   counted((double)ensemble->count, "member", "members").text);
        return false;
    }
    for (size_t i = 0; list && i < list->count; i++) {
        if (!weight_fits(eval, list->items[i], span_of_item(eval, span, i)))
            return false;
        known = known && list->items[i].kind == VALUE_NUMBER;
        sum += list->items[i].kind == VALUE_NUMBER ? list->items[i].number : 0;
    }
    if (known && !(sum > 0 && isfinite(sum))) {
        eval_error(eval, span, "these weights leave nobody to answer: their sum is %g", sum);
        return false;
    }
    for (size_t i = 0; i < ensemble->count; i++)
        ensemble->weights[i] = known ? list->items[i].number / sum : 1 / (double)ensemble->count;
    return true;
}

struct value ensemble_make(struct eval *eval, struct value runs, enum ensemble_rule rule, const double *weights, struct span span)
{
    struct value value = value_object(eval, sizeof(struct ensemble), VALUE_ENSEMBLE);
    if (failed(value))
        return value;
    bool unknown = false;
    struct gathering gathering = {value.ensemble, span, false};
    value.ensemble->rule = rule;
    bool well = gather(eval, &gathering, runs, &unknown);
    for (size_t i = 0; well && i < value.ensemble->count; i++) {
        value.ensemble->weights[i] = weights[i];
        well = member_fits(eval, &gathering, i);
    }
    return well ? value : value_failed();
}

static bool rule_of(struct eval *eval, struct value value, struct span span, enum ensemble_rule *rule)
{
    struct str word = {0};
    value_word(value, &word);
    *rule = str_is(word, "vote") ? ENSEMBLE_VOTE : ENSEMBLE_AVERAGE;
    if (*rule == ENSEMBLE_VOTE || str_is(word, "average"))
        return true;
    eval_error_help(eval, span, "`weights: […]` gives some more to say than others", "`combine` is `average` or `vote`");
    return false;
}

static struct value refuse_members(struct eval *eval, struct value given, struct span span)
{
    if (given.kind == VALUE_TABLE)
        return eval_error_help(eval, span, "`ensemble(table.run)` takes a column of it", "a table is not a list of members");
    return eval_error_type(eval, span, "a list of runs, or the runs of several trials", given);
}

static struct value call_ensemble(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    const struct value given = args->at[0];
    const enum value_kind kind = value_content(given);
    if (kind != VALUE_LIST && kind != VALUE_RUNS && kind != VALUE_UNKNOWN)
        return refuse_members(eval, given, args->span[0]);
    if (given.kind == VALUE_UNKNOWN)
        return value_unknown_of(VALUE_ENSEMBLE);
    struct value value = value_object(eval, sizeof(struct ensemble), VALUE_ENSEMBLE);
    if (failed(value))
        return value;
    bool unknown = false;
    struct gathering gathering = {value.ensemble, args->span[0], kind == VALUE_LIST};
    if (!rule_of(eval, args->at[1], args->span[1], &value.ensemble->rule))
        return value_failed();
    if (!gather(eval, &gathering, given, &unknown))
        return unknown ? value_unknown_of(VALUE_ENSEMBLE) : value_failed();
    for (size_t i = 0; i < value.ensemble->count; i++)
        if (!member_fits(eval, &gathering, i))
            return value_failed();
    return weigh(eval, value.ensemble, args->at[2], args->span[2]) ? value : value_failed();
}

const struct builtin_row builtins_ensemble[] = {
    {"ensemble(members: any, combine: word = average, weights: list?): ensemble",
     "Several trained networks that answer as one: the runs of trials or folds, or a list of runs, models, or whatever else stands "
     "for a trained network, such as the column `run` of a sweep's table. With `combine: average` the answer is the mean of the "
     "members' probabilities, or of their values (Hansen and Salamon 1990; Lakshminarayanan and others 2017), with `combine: vote` "
     "the class that most members say. `weights` has a number for each member, and only their proportions matter. Each member "
     "prepares its inputs as it was trained to, so they may come from different splits; features and target must be of one kind. "
     "`predict`, `predict_proba` and `score` take an ensemble as they take a run, and it has figures where all members were judged "
     "on "
     "the same rows.\n"
     "Example: let d = moons(n: 300, noise: 20%, seed: 1) |> split(60%, 20%)\n"
     "let runs = train tanh(8) on d { epochs: 40, trials: 5 }\n"
     "let e = ensemble(runs)\n"
     "print length(e.members), predict(e, [0, 1])  # 5 0\n"
     "See: runs, average, vote, predict, score",
     call_ensemble},
};
const size_t builtins_ensemble_count = sizeof builtins_ensemble / sizeof *builtins_ensemble;
