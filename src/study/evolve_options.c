/* What `evolve` is told of how molecules change, what they must keep to, and who has children. */
#include "study/evolve_options.h"

#include <math.h>

#include "interp/place.h"
#include "interp/unknown.h"
#include "support/limits.h"
#include "support/memory.h"
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

/* A way is a place and a choice of the rule's parameters, the place the lowest digit. */
static bool mutation_ways(void *context, const struct molecule *molecule, uint32_t *count, struct diags *diags)
{
    const struct rule_mutation *mutation = context;
    struct eval *eval = mutation->eval;
    struct diags *outer = eval->diags;
    struct place_list places;
    uint64_t choices = 1;
    eval->diags = diags;
    bool well = rule_places(eval, mutation->rule, molecule, &places);
    if (well) {
        well = places.count == 0 || rule_choices(eval, mutation->rule, &choices);
        *count = (uint32_t)fmin(UINT32_MAX, (double)places.count * (double)choices);
        vec_release(&places);
    }
    eval->diags = outer;
    return well;
}

/* NULL without a diagnostic where it is refused. */
static struct molecule *mutation_apply(void *context, const struct molecule *molecule, uint32_t way, uint64_t seed,
                                       struct diags *diags)
{
    const struct rule_mutation *mutation = context;
    struct eval *eval = mutation->eval;
    struct diags *outer = eval->diags;
    struct place_list places;
    struct molecule *result = NULL;
    eval->diags = diags;
    if (rule_places(eval, mutation->rule, molecule, &places)) {
        if (places.count > 0) {
            struct application application = {.choice = way / places.count, .seed = seed, .span = mutation->span};
            result = rule_apply(eval, mutation->rule, molecule, places.at[way % places.count], &application);
            if (application.refused)
                diags_release(diags);
        }
        vec_release(&places);
    }
    eval->diags = outer;
    return result;
}

/* The name among the odds under which options of `train` that are lists are drawn anew. */
#define BY_TRAINING "train"
/* … and under which inherited weights are moved by chance. */
#define BY_WEIGHTS "weights"

bool evolve_read_mutations(struct eval *eval, const struct options *options, const struct tuning *tuning,
                           struct mutation **mutations, size_t *count, double *retrain)
{
    struct value given = option_value(options, "mutate");
    struct span span = option_span(options, "mutate");
    size_t most = given.kind == VALUE_RECORD ? given.record->count : 0;
    if (given.kind == VALUE_UNKNOWN) /* nel check */
        return true;
    if (most == 0) {
        eval_error_help(eval, span, "such as `mutate: { widen: 3, deepen: 2 }`", "`evolve` needs `mutate`");
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
        const bool trains = str_is(name, BY_TRAINING);
        if (trains && tuning->gene_count == 0) {
            eval_error_help(eval, span_of_field_key(eval, span, name),
                            "such as `train: { batch: [8, 32] }`: then the batch evolves beside the molecule",
                            "no option of `train` is a list to draw from");
            return false;
        }
        const bool moves = str_is(name, BY_WEIGHTS);
        const struct value inherit = option_value(options, "inherit");
        if (moves && inherit.kind == VALUE_BOOL && !inherit.boolean) {
            eval_error_help(eval, span_of_field_key(eval, span, name),
                            "with `inherit: true` a child has its parent's weights, moved a little",
                            "there are no weights to move where nobody inherits them");
            return false;
        }
        struct binding *rule = trains || moves ? NULL : frame_find(eval->frame, name);
        if (!trains && !moves && (!rule || rule->value.kind != VALUE_RULE)) {
            unknown_rule(eval, span_of_field_key(eval, span, name), name);
            return false;
        }
        if (weight.kind == VALUE_UNKNOWN && (weight.of == VALUE_NUMBER || weight.of == VALUE_UNKNOWN))
            weight = value_number(1); /* nel check: whatever it is */
        if (weight.kind != VALUE_NUMBER || !(weight.number >= 0) || !isfinite(weight.number)) {
            eval_error_type(eval, span_of_field(eval, span, name), "a weight, a number from 0", weight);
            return false;
        }
        if (trains) {
            *retrain = weight.number;
            continue;
        }
        contexts[i] = (struct rule_mutation){eval, moves ? NULL : rule->value.rule, span};
        (*mutations)[(*count)++] = (struct mutation){.name = given.record->fields[i].key->at,
                                                     .weight = weight.number,
                                                     .ways = moves ? NULL : mutation_ways,
                                                     .apply = moves ? NULL : mutation_apply,
                                                     .context = &contexts[i]};
    }
    if (tuning->gene_count > 0 && !record_get(given.record, STR(BY_TRAINING))) {
        eval_error_help(eval, span, "such as `mutate: { widen: 3, train: 2 }`",
                        "an option of `train` is a list, and `mutate` does not say how often another value is drawn");
        return false;
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
            struct str name = string_str(record.record->fields[i].key);
            struct suggestion suggestion;
            struct text help = {0};
            suggest_start(&suggestion, name);
            for (size_t k = 0; k < sizeof names / sizeof *names; k++)
                suggest_offer(&suggestion, str_of(names[k]));
            if (suggestion.best.len)
                text_addf(&help, "did you mean `%.*s`?", STR_ARG(suggestion.best));
            else
                text_add(&help, "there are `params`, `depth`, `width`, `elements`");
            eval_error_help(eval, span_of_field_key(eval, span, name), text_chars(&help), "`limits` has no `%.*s`", STR_ARG(name));
            text_release(&help);
            return false;
        }
    }
    return true;
}

bool evolve_read_limits(struct eval *eval, const struct options *options, struct evolve_limits *limits)
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

/* ---- selection ---- */

bool evolve_read_selection(struct eval *eval, const struct options *options, const struct fitness *fitness,
                           struct evolve_options *made)
{
    static const struct {
        const char *name;
        enum selection_kind kind;
    } kinds[] = {{"tournament", SELECT_TOURNAMENT}, {"rank", SELECT_RANK},   {"truncation", SELECT_TRUNCATION},
                 {"nsga2", SELECT_NSGA2},           {"aging", SELECT_AGING}, {"random_search", SELECT_RANDOM},
                 {"hill_climbing", SELECT_CLIMB}};
    const struct span span = option_span(options, "select");
    struct value select = option_value(options, "select");
    if (fitness->objectives && !option_given(options, "select"))
        select = frame_find_here(eval->state->builtins, STR("nsga2"))->value;
    if (select.kind == VALUE_UNKNOWN && (select.of == VALUE_SPEC || select.of == VALUE_UNKNOWN))
        select = frame_find_here(eval->state->builtins, STR("tournament"))->value; /* nel check */
    const struct spec *spec = spec_of(eval, select, "selection", span);
    for (size_t i = 0; spec && i < sizeof kinds / sizeof *kinds; i++)
        if (str_is(spec->name, kinds[i].name))
            made->select.kind = kinds[i].kind;
    if (!spec)
        return false;
    made->select.size = (uint32_t)fmin(UINT32_MAX, spec_number(spec, made->select.kind == SELECT_AGING ? "sample" : "size"));
    made->select.batch = (uint32_t)fmin(UINT32_MAX, spec_number(spec, "batch"));
    made->select.share = spec_number(spec, "share");
    made->select.pressure = spec_number(spec, "pressure");
    if (made->select.kind != SELECT_RANK || (made->select.pressure >= 1 && made->select.pressure <= 2))
        return true;
    eval_error_help(eval, span, "at 1 all have the same chance, at 2 the last has none", "`pressure` is from 1 to 2");
    return false;
}
