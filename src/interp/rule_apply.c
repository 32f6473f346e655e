/* Rules at work: guard and replacement are evaluated anew at each place, with the variables bound to what they stand for there: a width
   is a number, an element is an element that remembers its layer (traits carry over), anything else is a molecule. */
#include "engine/rewriting.h"
#include "interp/evaluate.h"
#include "support/hash.h"
#include "support/number.h"
#include "support/vec.h"

static struct value trait_value(struct eval *eval, const struct traits *traits, const struct trait_row *row)
{
    const double number = trait_get(traits, row);
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

/* What variable `number` stands for at a place: a value by the position it has in the pattern. */
static struct value variable_value(struct eval *eval, const struct pattern *pattern, int number, const struct molecule *molecule,
                                   const struct bindings *bindings)
{
    uint32_t gene = bindings->at[number].gene;
    if (pattern->width_variable == number)
        return value_number(molecule->genes[gene].width);
    for (size_t i = 0; i < pattern->trait_count; i++)
        if (pattern->traits[i].variable == number)
            return trait_value(eval, &molecule->genes[gene].traits, pattern->traits[i].row);
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

/* What a parameter that has a domain and no value is drawn from: a list that is not empty, as it is where the rule
   was written; NULL with a diagnostic. */
static const struct list *domain_of(struct eval *eval, const struct rule *rule, const struct node *param)
{
    const struct node *domain = param->items[0]->items[0];
    const struct value value = eval_in(eval, domain, rule->frame);
    const struct list *items;
    if (failed(value) || !items_of(eval, value, domain->span, &items))
        return NULL;
    if (items->count > 0)
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
        const struct list *items = domain_of(eval, rule, param);
        if (!items)
            return false;
        const uint32_t count = (uint32_t)items->count;
        const uint32_t drawn = application->random ? random_below(application->random, count) : (uint32_t)(choice % count);
        choice /= count;
        if (!frame_bind(eval, frame, param->text, items->items[drawn]))
            return false;
    }
    return true;
}

bool rule_choices(struct eval *eval, const struct rule *rule, uint64_t *count)
{
    const struct node *params = rule->node->items[0];
    const size_t mark = pool_mark(eval);
    bool well = true;
    *count = 1;
    for (uint32_t i = 0; well && i < params->count; i++) {
        if (frame_find_here(rule->frame, params->items[i]->text))
            continue;
        const struct list *items = domain_of(eval, rule, params->items[i]);
        well = items;
        *count *= items && *count < UINT32_MAX ? items->count : 1;
    }
    pool_drain(eval, mark, value_none());
    return well;
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

struct search {
    struct eval *eval;
    const struct rule *rule;
    const struct molecule *molecule;
    struct place_list *places;
    bool well;
};

static bool guard_holds(struct search *search, const struct bindings *bindings)
{
    if (search->rule->node->count < 4)
        return true;
    struct eval *eval = search->eval;
    size_t mark = pool_mark(eval);
    struct frame *frame = place_frame(eval, search->rule, search->molecule, bindings);
    const struct node *guard = search->rule->node->items[3];
    struct value value = frame ? eval_in(eval, guard, frame) : value_failed();
    if (!failed(value) && value.kind != VALUE_BOOL)
        value = eval_error_condition(eval, guard->span, value);
    if (frame)
        frame_release(frame);
    pool_drain(eval, mark, value_none());
    search->well = !failed(value);
    return search->well && value.boolean;
}

static bool place_found(void *context, struct place place, const struct bindings *bindings)
{
    struct search *search = context;
    if (guard_holds(search, bindings) && !vec_push(search->places, place)) {
        diag_out_of_memory(search->eval->diags, search->rule->node->span);
        search->well = false;
    }
    return search->well;
}

bool rule_places(struct eval *eval, const struct rule *rule, const struct molecule *molecule, struct place_list *places)
{
    struct search search = {eval, rule, molecule, places, true};
    *places = (struct place_list){0};
    pattern_places(rule->pattern, molecule, place_found, &search);
    if (!search.well)
        vec_release(places);
    return search.well;
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
    application->preserving = application->refused = false;
    if (!pattern_match(rule->pattern, molecule, place, &bindings)) {
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
