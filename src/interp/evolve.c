/* `evolve founders on data { … }`: the language's side of lab/evolve.h. Rules become mutations, fitness a call of the script's function. */
#include <math.h>

#include "interp/costs.h"
#include "interp/learn.h"
#include "interp/place.h"
#include "interp/unknown.h"
#include "lab/admit.h"
#include "support/limits.h"
#include "support/memory.h"
#include "support/number.h"
#include "support/suggest.h"
#include "support/vec.h"

/* ---- mutations ---- */

struct rule_mutation {
    struct eval *eval;
    const struct rule *rule;
    struct span span;
};

static void unknown_rule(struct eval *eval, struct span span, struct str name)
{
    struct suggestion suggestion;
    suggest_start(&suggestion, name);
    for (const struct frame *frame = eval->frame; frame; frame = frame->parent)
        for (size_t i = 0; i < frame->count; i++)
            if (frame->bindings[i].value.kind == VALUE_RULE)
                suggest_offer(&suggestion, frame->bindings[i].name);
    struct text help = {0};
    if (suggestion.best.len)
        text_addf(&help, "did you mean `%.*s`?", STR_ARG(suggestion.best));
    else
        text_add(&help, "each option of `mutate` is the name of a rule, as in `mutate: { widen: 3, deepen: 2 }`");
    eval_error_help(eval, span, text_chars(&help), "there is no rule `%.*s`", STR_ARG(name));
    text_release(&help);
}

/* The rule at a place drawn by chance; NULL without a diagnostic where it matches nowhere. */
static struct molecule *mutate(void *context, const struct molecule *molecule, struct random *random, struct diags *diags)
{
    const struct rule_mutation *mutation = context;
    struct eval *eval = mutation->eval;
    struct diags *outer = eval->diags;
    struct place_list places;
    struct molecule *result = NULL;
    eval->diags = diags;
    if (rule_places(eval, mutation->rule, molecule, &places)) {
        if (places.count > 0)
            result = rule_apply(eval, mutation->rule, molecule, places.at[random_below(random, (uint32_t)places.count)], random,
                                mutation->span);
        vec_release(&places);
    }
    eval->diags = outer;
    return result;
}

/* Weights by rule name; the names are looked up where the expression stands. */
static bool read_mutations(struct eval *eval, const struct options *options, struct mutation **mutations, size_t *count)
{
    struct value given = option_value(options, "mutate");
    struct span span = option_span(options, "mutate");
    size_t most = given.kind == VALUE_RECORD ? given.record->count : 0;
    if (given.kind == VALUE_UNKNOWN) /* nel check */
        return true;
    if (most == 0) {
        eval_error_help(eval, span, "such as `mutate: { widen: 3, deepen: 2 }` after `use rules`", "`evolve` needs `mutate`");
        return false;
    }
    *mutations = mem_array(most, sizeof **mutations);
    struct rule_mutation *contexts = mem_array(most, sizeof *contexts);
    if (!*mutations || !contexts) {
        mem_free(contexts);
        return diag_out_of_memory(eval->diags, span);
    }
    (*mutations)[0].context = contexts; /* one block for all, freed through the first */
    for (size_t i = 0; i < most; i++) {
        struct str name = string_str(given.record->fields[i].key);
        struct value weight = given.record->fields[i].value;
        struct binding *rule = frame_find(eval->frame, name);
        if (!rule || rule->value.kind != VALUE_RULE) {
            unknown_rule(eval, span_of_field_key(eval, span, name), name);
            return false;
        }
        if (weight.kind == VALUE_UNKNOWN && (weight.of == VALUE_NUMBER || weight.of == VALUE_UNKNOWN))
            weight = value_number(1); /* nel check: whatever it is */
        if (weight.kind != VALUE_NUMBER || !(weight.number >= 0) || !isfinite(weight.number)) {
            eval_error_type(eval, span_of_field(eval, span, name), "a weight, a number from 0", weight);
            return false;
        }
        contexts[i] = (struct rule_mutation){eval, rule->value.rule, span};
        (*mutations)[(*count)++] = (struct mutation){given.record->fields[i].key->at, weight.number, mutate, &contexts[i]};
    }
    return true;
}

/* ---- limits ---- */

static bool read_number(struct eval *eval, struct value record, const char *name, struct span span, double most, double *number)
{
    const struct value *value = record.kind == VALUE_RECORD ? record_get(record.record, str_of(name)) : NULL;
    if (!value || value_content(*value) == VALUE_UNKNOWN || (value->kind == VALUE_UNKNOWN && value->of == VALUE_NUMBER))
        return true;
    if (value->kind != VALUE_NUMBER || !(value->number >= 1 && value->number <= most)) {
        eval_error(eval, span, "`%s` in `limits` is not a count up to %.0f", name, most);
        return false;
    }
    *number = value->number;
    return true;
}

static bool read_elements(struct eval *eval, struct value record, struct span span, struct evolve_limits *limits)
{
    const struct value *value = record.kind == VALUE_RECORD ? record_get(record.record, STR("elements")) : NULL;
    if (!value || (value->kind == VALUE_UNKNOWN && (value->of == VALUE_LIST || value->of == VALUE_UNKNOWN)) || !value_known(*value))
        return true;
    if (value->kind != VALUE_LIST || value->list->count == 0) {
        eval_error_type(eval, span, "a list of elements", *value);
        return false;
    }
    const struct element **elements = mem_array(value->list->count, sizeof *elements);
    if (!elements)
        return diag_out_of_memory(eval->diags, span);
    limits->elements = elements;
    limits->element_count = value->list->count;
    for (size_t i = 0; i < value->list->count; i++) {
        if (value->list->items[i].kind != VALUE_ELEMENT) {
            eval_error_type(eval, span, "a list of elements", value->list->items[i]);
            return false;
        }
        elements[i] = value->list->items[i].element->element;
    }
    return true;
}

static bool known_limits(struct eval *eval, struct value record, struct span span)
{
    static const char *const names[] = {"params", "depth", "width", "elements"};
    for (size_t i = 0; record.kind == VALUE_RECORD && i < record.record->count; i++) {
        bool known = false;
        for (size_t k = 0; k < sizeof names / sizeof *names; k++)
            known = known || str_is(string_str(record.record->fields[i].key), names[k]);
        if (!known) {
            eval_error_help(eval, span, "there are `params`, `depth`, `width`, `elements`", "`limits` has no `%.*s`",
                            STR_ARG(string_str(record.record->fields[i].key)));
            return false;
        }
    }
    return true;
}

static bool read_limits(struct eval *eval, const struct options *options, struct evolve_limits *limits)
{
    struct value record = option_value(options, "limits");
    struct span span = option_span(options, "limits");
    double depth = 0, width = 0;
    bool well = known_limits(eval, record, span) && read_number(eval, record, "params", span, LIMIT_PARAMETERS, &limits->params) &&
                read_number(eval, record, "depth", span, LIMIT_GENES, &depth) &&
                read_number(eval, record, "width", span, LIMIT_WIDTH, &width) && read_elements(eval, record, span, limits);
    limits->depth = (uint32_t)depth;
    limits->width = (uint32_t)width;
    return well;
}

/* ---- fitness ---- */

struct fitness {
    struct eval *eval;
    struct value function; /* VALUE_NONE: validation accuracy, or the validation loss turned round */
    struct span span;
    struct prepared *prepared;
    const struct train_options *options;
};

/* A run that borrows the training: evolution keeps it. In nel check there is none, and the fitness may be an unknown. */
static bool call_fitness(struct fitness *fitness, struct training *training, double *value)
{
    struct eval *eval = fitness->eval;
    struct value object = value_object(eval, sizeof(struct run), VALUE_RUN);
    if (failed(object))
        return false;
    struct run *run = object.run;
    run->training = training;
    run->molecule = training ? molecule_retain(training->model->molecule) : NULL;
    run->prepared = fitness->prepared ? prepared_retain(fitness->prepared) : NULL;
    run->options = *fitness->options;
    run->selecting = true;
    run->params = training ? (double)training->params : 0;
    run->flops = training ? training->flops : 0;
    struct value result = call_one(eval, fitness->function, object, fitness->span);
    run->training = NULL;
    if (failed(result))
        return false;
    enum value_kind kind = value_content(result);
    if (result.kind == VALUE_UNKNOWN && (kind == VALUE_NUMBER || kind == VALUE_ESTIMATE || kind == VALUE_UNKNOWN))
        return true;
    if (!value_as_number(result, value)) {
        eval_error_type(eval, fitness->span, "a number from the fitness", result);
        return false;
    }
    return true;
}

static bool judge(void *context, struct training *training, double *value, struct diags *diags)
{
    struct fitness *fitness = context;
    if (fitness->function.kind == VALUE_NONE) {
        const struct scores *scores = &training->validation;
        *value = isnan(scores->accuracy) ? -scores->loss : scores->accuracy;
    } else {
        struct diags *outer = fitness->eval->diags;
        size_t mark = pool_mark(fitness->eval);
        fitness->eval->diags = diags;
        bool well = call_fitness(fitness, training, value);
        pool_drain(fitness->eval, mark, value_none());
        fitness->eval->diags = outer;
        if (!well)
            return false;
    }
    if (training->diverged || isnan(*value))
        *value = -INFINITY;
    return true;
}

/* ---- founders ---- */

static bool add_founder(struct eval *eval, struct value value, struct span span, struct prepared *prepared, enum loss_kind loss,
                        const struct molecule **founder)
{
    const struct molecule *molecule = molecule_of_value(eval, value, span);
    if (!molecule)
        return false;
    /* shapes are checked here, where the molecule was written; evolution itself works without the head */
    struct molecule *whole = molecule_for_data(molecule, prepared, loss, eval->diags);
    *founder = molecule;
    molecule_release(whole);
    return whole;
}

static bool read_founders(struct eval *eval, struct value start, struct span span, struct prepared *prepared, enum loss_kind loss,
                          const struct molecule ***founders, size_t *count)
{
    size_t most = start.kind == VALUE_LIST ? start.list->count : 1;
    *founders = mem_array(most ? most : 1, sizeof **founders);
    if (!*founders)
        return diag_out_of_memory(eval->diags, span);
    if (most == 0) {
        eval_error(eval, span, "evolution needs at least one molecule to start from");
        return false;
    }
    for (size_t i = 0; i < most; i++) {
        struct value value = start.kind == VALUE_LIST ? start.list->items[i] : start;
        bool well = add_founder(eval, value, span_of_item(eval, span, i), prepared, loss, &(*founders)[i]);
        *count = (*founders)[i] ? i + 1 : i;
        if (!well)
            return false;
    }
    return true;
}

/* How the best is trained at the end: on the data as it was prepared for the evolution. */
static bool read_finish(struct eval *eval, const struct options *options, struct lesson *lesson)
{
    const struct span span = option_span(options, "finish");
    struct lesson train;
    if (!lesson_of_record(eval, option_value(options, "finish"), span, lesson) ||
        !lesson_of_record(eval, option_value(options, "train"), option_span(options, "train"), &train))
        return false;
    const bool same_part = lesson->validation_share == train.validation_share && value_equal(lesson->validation, train.validation);
    if (same_part && value_equal(lesson->class_weights, train.class_weights))
        return true;
    eval_error_help(eval, span, "say it in `train`: it holds for both", "`finish` has another `%s` than `train`",
                    same_part ? "class_weights" : "validation");
    return false;
}

/* ---- the result ---- */

/* The best as evolution trained it or, with `finish`, trained anew. Evolution gives its training away: only the best run needs it. */
static struct training *best_training(struct eval *eval, const struct options *options, struct individual *best,
                                      const struct molecule *molecule, struct prepared *prepared,
                                      struct train_options *train_options)
{
    struct value finish = option_value(options, "finish");
    if (finish.kind != VALUE_RECORD) {
        struct training *training = best->training;
        best->training = NULL;
        return training;
    }
    struct lesson lesson;
    if (!read_finish(eval, options, &lesson))
        return NULL;
    *train_options = lesson.options;
    return train(molecule, prepared, train_options, NULL, eval->diags);
}

static struct value best_run(struct eval *eval, const struct options *options, struct evolution *evolution,
                             struct prepared *prepared, const struct evolve_options *evolve_options, struct value data)
{
    struct individual *best = &evolution->everyone[evolution->best];
    struct train_options train_options = evolve_options->train;
    train_options.seed += evolve_options->seed;
    struct molecule *molecule = molecule_for_data(best->molecule, prepared, train_options.loss, eval->diags);
    struct training *training = molecule ? best_training(eval, options, best, molecule, prepared, &train_options) : NULL;
    struct value run = training ? run_make(eval, training, prepared, molecule, value_none(), &train_options, data) : value_failed();
    molecule_release(molecule);
    return run;
}

static struct value result_make(struct eval *eval, struct evolution *evolution, struct prepared *prepared, struct value mutate,
                                struct value best)
{
    struct value value = failed(best) ? best : value_object(eval, sizeof(struct evolution_object), VALUE_EVOLUTION);
    if (failed(value)) {
        evolution_release(evolution);
        return value;
    }
    value.evolution->evolution = evolution;
    value.evolution->prepared = prepared_retain(prepared);
    value.evolution->best = value_retain(best).run;
    value.evolution->mutate = value_retain(mutate).record;
    return value;
}

struct wish {
    struct value start, data;
    struct span start_span, data_span, span;
};

/* ---- nel check ---- */

/* Each rule is tried at its first place in each founder: what its right side does wrong, it does wrong there. */
static bool check_mutations(const struct evolve_options *options, const struct molecule *const *founders, size_t count,
                            struct diags *diags)
{
    struct random random = random_stream(options->seed, RANDOM_EVOLVE, 0);
    size_t errors = diags->errors;
    for (size_t m = 0; m < options->mutation_count; m++)
        for (size_t i = 0; options->mutations[m].weight > 0 && i < count; i++)
            molecule_release(options->mutations[m].apply(options->mutations[m].context, founders[i], &random, diags));
    return diags->errors == errors;
}

/* The trainings of a whole evolution, at most: every child is another molecule, and as large as may be. */
static bool note_costs(struct eval *eval, const struct wish *wish, const struct options *options,
                       const struct evolve_options *evolve_options, struct prepared *prepared, const struct molecule *founder)
{
    struct molecule *whole = molecule_for_data(founder, prepared, evolve_options->train.loss, eval->diags);
    double children = evolve_options->population - fmin(evolve_options->elite, evolve_options->population);
    struct training_plan plan = {.kind = COST_EVOLVE,
                                 .span = wish->span,
                                 .molecule = whole,
                                 .prepared = prepared,
                                 .options = &evolve_options->train,
                                 .trainings = evolve_options->population + children * evolve_options->generations,
                                 .epochs = evolve_options->train.epochs,
                                 .most_params = evolve_options->limits.params,
                                 .most = true};
    struct lesson lesson;
    struct value finish = option_value(options, "finish");
    bool well = whole && costs_note(eval, &plan);
    if (well && finish.kind == VALUE_RECORD) {
        well = read_finish(eval, options, &lesson);
        plan.options = &lesson.options;
        plan.trainings = 1;
        plan.epochs = lesson.options.epochs;
        well = well && costs_note(eval, &plan);
    }
    molecule_release(whole);
    return well;
}

/* An evolution of which only the data is known. */
static struct value check_result(struct eval *eval, struct prepared *prepared, const struct train_options *options,
                                 struct value data)
{
    struct value value = value_object(eval, sizeof(struct evolution_object), VALUE_EVOLUTION);
    struct value best = failed(value) ? value : run_make(eval, NULL, prepared, NULL, value_none(), options, data);
    if (failed(best))
        return best;
    value.evolution->best = value_retain(best).run;
    return value;
}

static struct value check_evolution(struct eval *eval, const struct wish *wish, const struct options *options,
                                    const struct evolve_options *evolve_options, struct prepared *prepared,
                                    const struct molecule *const *founders, size_t count)
{
    double fitness;
    struct fitness *judge = evolve_options->fitness_context;
    bool well = evolve_options_valid(evolve_options, count, eval->diags);
    for (size_t i = 0; well && i < count; i++)
        well = admit(founders[i], prepared, evolve_options->train.loss, &evolve_options->limits, eval->diags);
    well = (judge->function.kind == VALUE_NONE || judge->function.kind == VALUE_UNKNOWN || call_fitness(judge, NULL, &fitness)) &&
           well;
    well = check_mutations(evolve_options, founders, count, eval->diags) && well;
    well = well && note_costs(eval, wish, options, evolve_options, prepared, founders[0]);
    return well ? check_result(eval, prepared, &evolve_options->train, wish->data) : value_failed();
}

static struct value run_evolution(struct eval *eval, const struct wish *wish, const struct options *options,
                                  struct evolve_options *evolve_options, struct prepared *prepared)
{
    const struct molecule **founders = NULL;
    size_t founder_count = 0;
    struct value value = value_failed();
    if (read_founders(eval, wish->start, wish->start_span, prepared, evolve_options->train.loss, &founders, &founder_count)) {
        struct evolution *evolution = NULL;
        if (eval->state->checking)
            value = check_evolution(eval, wish, options, evolve_options, prepared, founders, founder_count);
        else
            evolution = evolve(founders, founder_count, prepared, evolve_options, &eval->state->progress, eval->diags);
        if (evolution)
            value = result_make(eval, evolution, prepared, option_value(options, "mutate"),
                                best_run(eval, options, evolution, prepared, evolve_options, wish->data));
    }
    for (size_t i = 0; i < founder_count; i++)
        molecule_release(founders[i]);
    mem_free(founders);
    return value;
}

static struct value with_options(struct eval *eval, const struct wish *wish, const struct options *options)
{
    struct value seed = option_value(options, "seed");
    struct lesson lesson;
    struct mutation *mutations = NULL;
    struct evolve_options made = {.seed = seed.kind == VALUE_NUMBER ? (uint64_t)seed.number : eval->state->seed,
                                  .threads = eval->nested ? 1 : eval->state->threads};
    struct value select = option_value(options, "select");
    if (select.kind == VALUE_UNKNOWN && (select.of == VALUE_SPEC || select.of == VALUE_UNKNOWN))
        select = frame_find_here(eval->state->builtins, STR("tournament"))->value; /* nel check */
    const struct spec *selection = spec_of(eval, select, "selection", option_span(options, "select"));
    double population = number_or(option_value(options, "population"), 30);
    double generations = number_or(option_value(options, "generations"), 20);
    if (!selection || !lesson_of_record(eval, option_value(options, "train"), option_span(options, "train"), &lesson))
        return value_failed();
    if (population > LIMIT_POPULATION || generations > LIMIT_EPOCHS)
        return eval_error(eval, wish->span, "the population is at most %s, the generations %s",
                          counted(LIMIT_POPULATION, "", "").text, counted(LIMIT_EPOCHS, "", "").text);
    made.population = (uint32_t)population;
    made.generations = (uint32_t)generations;
    made.elite = (uint32_t)fmin(number_or(option_value(options, "elite"), 1), population);
    made.tournament = (uint32_t)fmax(1, spec_number(selection, "size"));
    made.train = lesson.options;
    struct value value = value_failed();
    struct value data = data_of_value(eval, wish->data, made.seed, wish->data_span);
    struct split *split = failed(data) || data.kind == VALUE_UNKNOWN ? NULL : split_of_data(eval, data, wish->data_span);
    struct prepared *prepared = split ? lesson_prepare(eval, &lesson, split, true, made.seed, wish->data_span) : NULL;
    struct fitness fitness = {eval, option_value(options, "fitness"), option_span(options, "fitness"), prepared, &made.train};
    made.fitness = judge;
    made.fitness_context = &fitness;
    bool unknown = data.kind == VALUE_UNKNOWN || molecule_unknown(wish->start) ||
                   (wish->start.kind == VALUE_LIST && !value_known(wish->start));
    if ((prepared || unknown) && read_mutations(eval, options, &mutations, &made.mutation_count) &&
        read_limits(eval, options, &made.limits)) {
        made.mutations = mutations;
        value =
            unknown ? check_result(eval, prepared, &made.train, wish->data) : run_evolution(eval, wish, options, &made, prepared);
    }
    if (mutations)
        mem_free(mutations[0].context);
    mem_free(mutations);
    mem_free((void *)made.limits.elements);
    prepared_release(prepared);
    split_release(split);
    return value;
}

/* The founders, trained models among them as the molecules that they are. */
static struct value atoms_of(struct eval *eval, struct value start, struct span span)
{
    if (start.kind != VALUE_LIST)
        return value_atom(eval, start, span);
    struct value list = value_list(eval);
    for (size_t i = 0; !failed(list) && i < start.list->count; i++) {
        struct value atom = value_atom(eval, start.list->items[i], span_of_item(eval, span, i));
        if (failed(atom) || !list_add(eval, list.list, atom))
            return value_failed();
    }
    if (!failed(list))
        list.list->open = start.list->open;
    return list;
}

struct value eval_evolve(struct eval *eval, const struct node *node)
{
    struct wish wish = {.span = node->span, .start_span = node->items[0]->span, .data_span = node->items[1]->span};
    wish.start = atoms_of(eval, eval_node(eval, node->items[0]), node->items[0]->span);
    wish.data = failed(wish.start) ? wish.start : eval_node(eval, node->items[1]);
    if (failed(wish.data))
        return wish.data;
    struct options options;
    struct value value = value_failed();
    if (options_bind(eval, &options, EVOLVE_SIGNATURE, node->count > 2 ? node->items[2] : NULL, node->span))
        value = with_options(eval, &wish, &options);
    options_release(&options);
    return value;
}
