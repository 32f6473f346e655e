/* People's door to the rewrite engine: where a rule matches, what it gives, whether the function stays. */
#include "interp/evaluate.h"
#include "library/builtins.h"
#include "molecule/dna.h"
#include "study/action.h"
#include "study/neurons.h"
#include "support/memory.h"
#include "support/vec.h"

/* A place as people see it: { gene: 3, count: 1, dna: "R8" }. */
static struct value place_value(struct eval *eval, const struct molecule *molecule, struct place place)
{
    struct value record = value_record(eval);
    struct molecule *slice = failed(record) ? NULL : molecule_slice(molecule, place, eval->diags);
    if (!slice)
        return value_failed();
    struct text text = {0};
    dna_encode(slice, &text);
    molecule_release(slice);
    struct value dna = value_text(eval, &text);
    bool well = !failed(dna) && record_set(eval, record.record, STR("gene"), value_number(place.gene)) &&
                record_set(eval, record.record, STR("count"), value_number(place.count)) &&
                record_set(eval, record.record, STR("dna"), dna);
    return well ? record : value_failed();
}

static struct value call_places(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    const struct molecule *molecule = args->at[0].molecule->molecule;
    struct place_list places;
    if (!rule_places(eval, args->at[1].rule, molecule, 0, &places))
        return value_failed();
    struct value list = value_list(eval);
    for (size_t i = 0; !failed(list) && i < places.count; i++) {
        struct value place = place_value(eval, molecule, places.at[i].place);
        if (failed(place) || !list_add(eval, list.list, place))
            list = value_failed();
    }
    vec_release(&places);
    return list;
}

/* Whether the molecule has at this place what the place says: else it is of another one. */
static bool check_part(struct eval *eval, const struct molecule *molecule, struct place place, const struct value *dna,
                       struct span span)
{
    struct diags told = {0};
    struct molecule *slice = molecule_slice(molecule, place, &told);
    struct text text = {0};
    if (slice)
        dna_encode(slice, &text);
    const bool out_of_memory = told.out_of_memory || text.failed;
    const bool same = slice && (!dna || dna->kind != VALUE_STRING || str_equal(string_str(dna->string), text_str(&text)));
    if (out_of_memory)
        diag_out_of_memory(eval->diags, span);
    else if (!slice)
        eval_error(eval, span, "this place is not in the molecule");
    else if (!same)
        eval_error_help(eval, span, "take one from `places` of the molecule that is rewritten",
                        "this is a place of another molecule: there it is `%.*s`, here `%s`", STR_ARG(string_str(dna->string)),
                        text_chars(&text));
    text_release(&text);
    molecule_release(slice);
    diags_release(&told);
    return same && !out_of_memory;
}

static bool place_of(struct eval *eval, const struct molecule *molecule, struct value value, struct span span, struct place *place)
{
    const struct value *gene = value.kind == VALUE_RECORD ? record_get(value.record, STR("gene")) : NULL;
    const struct value *count = value.kind == VALUE_RECORD ? record_get(value.record, STR("count")) : NULL;
    if (!gene || !count || gene->kind != VALUE_NUMBER || count->kind != VALUE_NUMBER) {
        eval_error_help(eval, span, "such as `places(m, rule)[0]`", "expected a place, found %s", value_article(value));
        return false;
    }
    if (!(gene->number >= 0 && gene->number < molecule->count && count->number >= 1 && count->number <= molecule->count)) {
        eval_error(eval, span, "this place is not in the molecule");
        return false;
    }
    *place = (struct place){(uint32_t)gene->number, (uint32_t)count->number};
    return check_part(eval, molecule, *place, record_get(value.record, STR("dna")), span);
}

/* The place that the call says: given, the first, or one drawn by chance. */
static bool choose_place(struct eval *eval, const struct args *args, struct random *random, struct place *place)
{
    const struct molecule *molecule = args->at[0].molecule->molecule;
    const struct rule *rule = args->at[1].rule;
    struct str pick = STR("first");
    struct place_list places;
    value_word(args->at[3], &pick);
    if (!str_is(pick, "first") && !str_is(pick, "random")) {
        eval_error(eval, args->span[3], "`pick` is `first` or `random`");
        return false;
    }
    if (args->given[2] && args->given[3]) {
        eval_error_help(eval, args->span[3], "leave one of them out", "`at` says where, so that there is nothing to `pick`");
        return false;
    }
    if (args->given[2])
        return place_of(eval, molecule, args->at[2], args->span[2], place);
    if (!rule_places(eval, rule, molecule, 0, &places))
        return false;
    if (places.count == 0) {
        eval_error_help(eval, args->span[0], "`places(m, rule)` lists where a rule matches",
                        "the rule `%.*s` matches nowhere in this molecule", STR_ARG(rule->node->text));
        return false;
    }
    *place = places.at[str_is(pick, "random") ? random_below(random, (uint32_t)places.count) : 0].place;
    vec_release(&places);
    return true;
}

/* The molecule after an action at neurons. */
static struct molecule *act_at_neurons(struct eval *eval, const struct args *args, struct random *random,
                                       struct action_outcome *outcome)
{
    const struct molecule *molecule = args->at[0].molecule->molecule;
    const struct str name = args->at[1].spec->name;
    if (!args->given[2] || !neurons_named(args->at[2])) {
        eval_error_help(eval, args->given[2] ? args->span[2] : args->span[1], "such as `at: { layer: 1, high: [3, 7] }`",
                        "`%.*s` needs neurons", STR_ARG(name));
        return NULL;
    }
    struct acting acting = {.eval = eval,
                            .action = args->at[1].spec,
                            .molecule = molecule,
                            .where = STR("at"),
                            .input_width = molecule_reads(molecule),
                            .random = random,
                            .by_hand = true,
                            .outcome = outcome,
                            .span = args->span[1]};
    const size_t errors = eval->diags->errors;
    struct patch_neuron *neurons = neurons_in(eval, args->at[2], args->span[2], molecule, &acting.neuron_count);
    acting.neurons = neurons;
    struct molecule *result = neurons ? action_do(&acting) : NULL;
    if (!result && eval->diags->errors == errors)
        eval_error_help(eval, args->span[2],
                        "a patch out of a neuron ends in the layer behind it; one into a neuron begins in the layer "
                        "before it",
                        "`%.*s` has nothing to do at these neurons", STR_ARG(name));
    mem_free(neurons);
    return result;
}

/* The molecule after an action, at the stage that the call names or, without one, wherever the action does something. */
static struct molecule *act(struct eval *eval, const struct args *args, struct random *random, struct action_outcome *outcome)
{
    const struct molecule *molecule = args->at[0].molecule->molecule;
    const struct action_row *action = action_of(args->at[1]);
    struct place place = {0, 1};
    if (action->place == PLACE_NEURONS)
        return act_at_neurons(eval, args, random, outcome);
    if (args->given[2] && !place_of(eval, molecule, args->at[2], args->span[2], &place))
        return NULL;
    if ((action->place == PLACE_LAYER || action->place == PLACE_BEHIND) && !args->given[2]) {
        eval_error_help(eval, args->span[1], "such as `at: places(m, widen)[0]`", "`%.*s` needs a place",
                        STR_ARG(args->at[1].spec->name));
        return NULL;
    }
    const struct acting acting = {
        .eval = eval,
        .action = args->at[1].spec,
        .molecule = molecule,
        .gene = place.gene,
        .where = args->given[2] ? STR("at") : (struct str){0},
        .input_width = molecule_reads(molecule),
        .random = random,
        .by_hand = true,
        .outcome = outcome,
        .span = args->span[1],
    };
    struct molecule *result = action_do(&acting);
    if (result && action->idle && !eval->state->checking && molecule_equal(result, molecule))
        diag_help(diag_warning(eval->diags, args->span[1], "`%.*s` changes nothing here", STR_ARG(args->at[1].spec->name)), "%s",
                  action->idle);
    return result;
}

/* The molecule after the rule as the call says it; NULL with a diagnostic. */
static struct molecule *apply(struct eval *eval, const struct args *args, struct application *application)
{
    const uint64_t seed = args->at[4].kind == VALUE_NUMBER ? (uint64_t)args->at[4].number : eval->state->seed;
    struct random random = random_stream(seed, RANDOM_SCRIPT, 0);
    struct place place;
    if (args->at[1].kind != VALUE_RULE) {
        struct action_outcome outcome = {0};
        struct molecule *after = act(eval, args, &random, &outcome);
        application->preserving = outcome.preserving;
        application->projections = outcome.projections;
        return after;
    }
    if (!choose_place(eval, args, &random, &place))
        return NULL;
    application->random = &random;
    application->span = args->call;
    return rule_apply(eval, args->at[1].rule, args->at[0].molecule->molecule, place, application);
}

static struct value call_rewrite(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    struct application application = {.noise = args->at[5].number};
    const struct value network = value_standing(eval, args->at[0], args->span[0]);
    const struct value at[] = {network, args->at[1], args->at[2], args->at[3], args->at[4], args->at[5]};
    struct args standing = *args;
    standing.at = at;
    struct molecule *result = failed(network) ? NULL : apply(eval, &standing, &application);
    for (uint32_t i = 0; result && i < result->count; i++)
        result->genes[i].origin = 0; /* from here on a value like any other: nothing carries weights by where it came from */
    struct value value = result ? value_molecule(eval, result) : value_failed();
    struct run *run = result ? network.molecule->run : NULL;
    if (!failed(value)) {
        value.molecule->change.told = true;
        value.molecule->change.preserving = application.preserving;
        value.molecule->change.projections = application.projections;
    }
    if (!failed(value) && run) {
        value.molecule->run = value_retain((struct value){.kind = VALUE_RUN, .run = run}).run;
        value.molecule->rewritten = true;
    }
    return value;
}

static struct value call_preserves(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    struct application application = {0};
    struct molecule *result = apply(eval, args, &application);
    molecule_release(result);
    return result ? value_bool(application.preserving) : value_failed();
}

const struct builtin_row builtins_rule[] = {
    {"places(molecule: molecule, rule: rule): list",
     "Where a rule matches, in printed order: records of the part (`dna`), its first gene and how many stages it has.\n"
     "Example: print places(relu(8) -> tanh(4), widen) |> length  # 2\nSee: rewrite, rule",
     call_places},
    {"rewrite(molecule: molecule, rule: change, at: any?, pick: word = first, seed: whole?, noise: number = 0): molecule",
     "The molecule after a rule was applied, at a place or at the first or a random one, or after an action of growth policies "
     "such "
     "as `prune(50%)`. A trained one keeps its weights: layers untouched to the bit, and where `preserves` is true it computes the "
     "same as before. With `noise: 1%` the weights of units that were repeated are moved by so much of their size. "
     "It is a molecule, not a run: `train m on data { epochs: 0 }` makes one of it as it is, which predicts; with more epochs it "
     "goes on, and `continue(m, epochs: 20)` goes on with the data and options of the run. What the rewrite left alone keeps the "
     "state of its optimiser, where that is still the same.\n"
     "Example: let run = train relu(4) on moons() { epochs: 20 }\n"
     "print dna(rewrite(run, widen)), preserves(run, widen)  # R8-O1[head=sigmoid] true\n"
     "print continue(rewrite(run, widen), epochs: 10).params  # 33\n"
     "See: places, preserves, rule, prune, regrow",
     call_rewrite},
    {"preserves(molecule: molecule, rule: change, at: any?, pick: word = first, seed: whole?): bool",
     "Whether the molecule after `rewrite` with these arguments computes the same as before, once it is trained: it is proved, but "
     "for rounding, and no weights are needed. So with actions of growth policies: `graft` keeps the function, `prune` does not. "
     "Dropout and batchnorm count as they predict.\n"
     "Example: print preserves(relu(8), deepen), preserves(tanh(8), deepen)  # true false\nSee: rewrite, rule",
     call_preserves},
};
const size_t builtins_rule_count = sizeof builtins_rule / sizeof *builtins_rule;
