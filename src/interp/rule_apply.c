/* Rules at work: guard and replacement are evaluated anew at each place, with the variables bound to what they stand for there: a width
   is a number, an element is an element that remembers its layer (traits carry over), anything else is a molecule. */
#include "engine/rewriting.h"
#include "interp/evaluate.h"
#include "molecule/graph.h"
#include "support/hash.h"
#include "support/memory.h"
#include "support/number.h"
#include "support/vec.h"

static struct value trait_value(struct eval *eval, double number, const struct trait_row *row)
{
    switch (row->kind) {
    case TRAIT_SWITCH:
        return value_bool(number != 0);
    case TRAIT_WORD:
        return value_string(eval, str_of(row->words[(size_t)number]));
    case TRAIT_NUMBER:
        break;
    }
    return value_number(number);
}

static struct value index_list(struct eval *eval, const struct molecule *molecule, const struct gene *gene)
{
    struct value list = value_list(eval);
    for (uint32_t i = 0; !failed(list) && i < gene->index_count; i++)
        if (!list_add(eval, list.list, value_number(molecule->indices[gene->index_at + i])))
            return value_failed();
    return list;
}

/* What variable `number` stands for at a place: a value by the position it has in the pattern. */
static struct value variable_value(struct eval *eval, const struct pattern *pattern, int number, const struct molecule *molecule,
                                   const struct bindings *bindings)
{
    uint32_t gene = bindings->at[number].gene;
    if (pattern->width_variable == number || pattern->reads_variable == number)
        return value_number(bindings->at[number].number);
    for (size_t i = 0; i < pattern->trait_count; i++)
        if (pattern->traits[i].variable == number)
            return trait_value(eval, bindings->at[number].number, pattern->traits[i].row);
    if (pattern->index_variable == number)
        return index_list(eval, molecule, &molecule->genes[gene]);
    if (pattern->element_variable == number) {
        struct value value = value_element(eval, molecule->genes[gene].element);
        if (failed(value))
            return value;
        value.element->has_layer = true;
        value.element->layer = molecule->genes[gene];
        value.element->layer.origin = gene + 1;
        value.element->layer.label = 0;
        weights_retain(value.element->layer.weights);
        return value;
    }
    if (pattern->molecule_variable == number) {
        struct molecule *slice = molecule_slice(molecule, (struct place){gene, bindings->at[number].count}, eval->diags);
        return slice ? value_molecule(eval, slice) : value_failed();
    }
    for (size_t i = 0; i < pattern->part_count; i++) {
        struct value value = variable_value(eval, pattern->parts[i], number, molecule, bindings);
        if (value.kind != VALUE_NONE)
            return value;
    }
    return value_none();
}

static bool bind_variables(struct eval *eval, const struct rule *rule, const struct molecule *molecule,
                           const struct bindings *bindings, struct frame *frame)
{
    for (size_t i = 0; i < rule->variable_count; i++) {
        struct value value = variable_value(eval, rule->pattern, (int)i, molecule, bindings);
        if (failed(value) || !frame_bind(eval, frame, rule->variables[i], value))
            return false;
    }
    return true;
}

/* A frame in which the rule's trees are evaluated at one place; NULL with a diagnostic. */
static struct frame *place_frame(struct eval *eval, const struct rule *rule, const struct molecule *molecule,
                                 const struct bindings *bindings)
{
    struct frame *frame = frame_new(eval->state, rule->frame);
    if (!frame) {
        eval_out_of_memory(eval, rule->node->span);
        return NULL;
    }
    if (bind_variables(eval, rule, molecule, bindings, frame))
        return frame;
    frame_release(frame);
    return NULL;
}

/* ---- parameters ---- */

/* What a parameter with a domain is drawn from: a list as it is where the rule was written, or at the place whose frame this is. NULL with a
   diagnostic. */
static const struct list *domain_of(struct eval *eval, const struct rule *rule, const struct node *param, struct frame *frame)
{
    const struct node *domain = param->items[0]->items[0];
    const bool varies = rule_domain_varies(param);
    const struct value value = eval_in(eval, domain, varies ? frame : rule->frame);
    const struct list *items;
    if (failed(value) || !items_of(eval, value, domain->span, &items))
        return NULL;
    if (items->count > 0 || varies)
        return items;
    eval_error(eval, domain->span, "there is nothing to draw `%.*s` from", STR_ARG(param->text));
    return NULL;
}

/* Draws every parameter that has a domain and no value: by chance, or as `choice` says, whose digits number the values, the first parameter's
   the lowest. */
static bool draw_parameters(struct eval *eval, const struct rule *rule, struct application *application, struct frame *frame)
{
    const struct node *params = rule->node->items[0];
    uint64_t choice = application->choice;
    for (uint32_t i = 0; i < params->count; i++) {
        const struct node *param = params->items[i];
        if (frame_find_here(rule->frame, param->text))
            continue;
        const struct list *items = domain_of(eval, rule, param, frame);
        if (!items || items->count == 0)
            return false;
        const uint32_t count = (uint32_t)items->count;
        const uint32_t drawn = application->random ? random_below(application->random, count) : (uint32_t)(choice % count);
        choice /= count;
        if (!frame_bind(eval, frame, param->text, items->items[drawn]))
            return false;
    }
    return true;
}

static bool holds_item(const struct list *list, struct value value)
{
    size_t i = 0;
    while (i < list->count && !value_equal(list->items[i], value))
        i++;
    return i < list->count;
}

/* With how many values the drawn parameters can be drawn together at the place whose frame this is: 0 where one of them has none there, or
   one that was given has another. False with a diagnostic. */
static bool count_choices(struct eval *eval, const struct rule *rule, struct frame *frame, uint32_t *choices)
{
    const struct node *params = rule->node->items[0];
    uint64_t count = 1;
    for (uint32_t i = 0; count > 0 && i < params->count; i++) {
        const struct binding *given = frame_find_here(rule->frame, params->items[i]->text);
        if (given && !rule_domain_varies(params->items[i]))
            continue;
        const struct list *items = domain_of(eval, rule, params->items[i], frame);
        if (!items)
            return false;
        count *= given ? holds_item(items, given->value) : items->count;
        count = count < UINT32_MAX ? count : UINT32_MAX;
    }
    *choices = (uint32_t)count;
    return true;
}

/* ---- places ---- */

struct search {
    struct eval *eval;
    const struct rule *rule;
    const struct molecule *molecule;
    struct place_list *places;
    uint32_t choices; /* at any place; 0: they depend on it */
    bool well;
};

static bool guard_holds(struct search *search, struct frame *frame)
{
    if (search->rule->node->count < 4)
        return true;
    const struct node *guard = search->rule->node->items[3];
    struct value value = eval_in(search->eval, guard, frame);
    if (!failed(value) && value.kind != VALUE_BOOL)
        value = eval_error_condition(search->eval, guard->span, value);
    search->well = !failed(value);
    return search->well && value.boolean;
}

/* How many choices there are at a place that the pattern matches; 0: the rule does not fit there. */
static uint32_t choices_at(struct search *search, const struct bindings *bindings)
{
    struct eval *eval = search->eval;
    if (search->rule->node->count < 4 && search->choices > 0)
        return search->choices;
    const size_t mark = pool_mark(eval);
    struct frame *frame = place_frame(eval, search->rule, search->molecule, bindings);
    uint32_t choices = 0;
    search->well = frame;
    if (frame && guard_holds(search, frame)) {
        choices = search->choices;
        if (choices == 0)
            search->well = count_choices(eval, search->rule, frame, &choices);
    }
    if (frame)
        frame_release(frame);
    pool_drain(eval, mark, value_none());
    return search->well ? choices : 0;
}

static bool place_found(void *context, struct place place, const struct bindings *bindings)
{
    struct search *search = context;
    const struct rule_place found = {place, choices_at(search, bindings)};
    if (found.choices > 0 && !vec_push(search->places, found)) {
        diag_out_of_memory(search->eval->diags, search->rule->node->span);
        search->well = false;
    }
    return search->well;
}

/* By gene, how many values it reads, where the rule's pattern asks for it; else NULL. False with a diagnostic. */
static bool reads_of(struct eval *eval, const struct rule *rule, const struct molecule *molecule, uint32_t input_width,
                     uint32_t **reads)
{
    *reads = NULL;
    if (!pattern_counts(rule->pattern))
        return true;
    *reads = graph_reads(molecule, input_width > 0 ? input_width : molecule_reads(molecule));
    return *reads || diag_out_of_memory(eval->diags, rule->node->span);
}

static bool any_varies(const struct rule *rule)
{
    const struct node *params = rule->node->items[0];
    uint32_t i = 0;
    while (i < params->count && !rule_domain_varies(params->items[i]))
        i++;
    return i < params->count;
}

bool rule_places(struct eval *eval, const struct rule *rule, const struct molecule *molecule, uint32_t input_width,
                 struct place_list *places)
{
    struct search search = {.eval = eval, .rule = rule, .molecule = molecule, .places = places, .well = true};
    uint32_t *reads;
    const size_t mark = pool_mark(eval);
    *places = (struct place_list){0};
    if (!any_varies(rule))
        search.well = count_choices(eval, rule, rule->frame, &search.choices);
    pool_drain(eval, mark, value_none());
    if (!search.well || !reads_of(eval, rule, molecule, input_width, &reads))
        return false;
    pattern_places(rule->pattern, molecule, reads, place_found, &search);
    mem_free(reads);
    if (!search.well)
        vec_release(places);
    return search.well;
}

uint64_t places_ways(const struct place_list *places)
{
    uint64_t ways = 0;
    for (size_t i = 0; i < places->count; i++)
        ways += places->at[i].choices;
    return ways;
}

struct place places_way(const struct place_list *places, uint64_t way, uint64_t *choice)
{
    size_t i = 0;
    bool alike = true;
    for (size_t k = 1; k < places->count; k++)
        alike = alike && places->at[k].choices == places->at[0].choices;
    if (alike) {
        *choice = way / places->count;
        return places->at[way % places->count].place;
    }
    while (way >= places->at[i].choices)
        way -= places->at[i++].choices;
    *choice = way;
    return places->at[i].place;
}

/* Tells why there is no molecule after: first what does it, then what is wrong with what it gives. */
static void tell_refused(struct eval *eval, struct str name, const struct diags *reasons, uint32_t assumed, struct span span)
{
    const struct diag *reason = &reasons->at[0];
    struct text inputs = {0};
    if (assumed)
        text_addf(&inputs, "for %s, ", counted(assumed, "feature", "features").text);
    struct diag *diag =
        diag_limit(eval->diags, span, "`%.*s` gives no network here: %s%s", STR_ARG(name), text_chars(&inputs), reason->message);
    text_release(&inputs);
    if (reason->note)
        diag_label(diag, reason->span, "%s", reason->note);
    for (size_t i = 0; i < reason->label_count; i++)
        diag_label(diag, reason->labels[i].span, "%s", reason->labels[i].text);
    diag_help(diag, assumed ? "begin the molecule with `input(n)`, so that a projection can join what differs"
                            : "`places` lists where else it matches");
}

struct molecule *rewrite_apply(struct eval *eval, struct str name, const struct molecule *molecule, struct place place,
                               const struct molecule *replacement, struct application *application)
{
    const struct carry_options options = {.input_width = application->input_width,
                                          .seed = application->seed ? application->seed : hash_u64(molecule->hash, place.gene),
                                          .noise = application->noise};
    struct diags told = {0};
    struct rewriting rewriting;
    struct molecule *result = molecule_rewrite(molecule, place, replacement, &eval->state->elements, options, &rewriting, &told);
    application->preserving = rewriting.preserving;
    application->projections = rewriting.projections;
    application->refused = !result && !told.out_of_memory;
    if (application->refused && told.count > 0)
        tell_refused(eval, name, &told, rewriting.assumed, application->span);
    else
        diags_move(eval->diags, &told);
    diags_release(&told);
    return result;
}

/* What the right side makes in this frame; NULL with a diagnostic. It is a call of the rule, which errors tell of: a rule of the library is
   at fault less often than what it was given. */
static const struct molecule *replacement_of(struct eval *eval, const struct rule *rule, struct application *application,
                                             struct frame *frame)
{
    const struct node *right = rule->node->items[2];
    const struct molecule *replacement = NULL;
    struct call call = {eval->call, rule->node->text, application->span,
                        rule->node, eval->uncertain,  eval->call ? eval->call->depth : 0};
    const size_t told = eval->diags->count;
    eval->call = &call;
    if (draw_parameters(eval, rule, application, frame)) {
        const struct value value = eval_in(eval, right, frame);
        replacement = failed(value) ? NULL : molecule_of_value(eval, value, right->span);
    }
    eval->call = call.outer;
    calls_label(eval->diags, told, &call);
    return replacement;
}

struct molecule *rule_apply(struct eval *eval, const struct rule *rule, const struct molecule *molecule, struct place place,
                            struct application *application)
{
    struct bindings bindings;
    uint32_t *reads;
    application->preserving = application->refused = false;
    if (!reads_of(eval, rule, molecule, application->input_width, &reads))
        return NULL;
    const bool matches = pattern_match(rule->pattern, molecule, reads, place, &bindings);
    mem_free(reads);
    if (!matches) {
        eval_error(eval, application->span, "the rule `%.*s` does not match at this place", STR_ARG(rule->node->text));
        return NULL;
    }
    size_t mark = pool_mark(eval), errors = eval->diags->errors, limits = eval->diags->limits;
    struct molecule *result = NULL;
    struct frame *frame = place_frame(eval, rule, molecule, &bindings);
    const struct molecule *replacement = frame ? replacement_of(eval, rule, application, frame) : NULL;
    if (replacement)
        result = rewrite_apply(eval, rule->node->text, molecule, place, replacement, application);
    else
        application->refused = eval->diags->errors > errors && eval->diags->errors - errors == eval->diags->limits - limits;
    molecule_release(replacement);
    if (frame)
        frame_release(frame);
    pool_drain(eval, mark, value_none());
    return result;
}
