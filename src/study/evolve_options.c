/* What `evolve` is told of what molecules must keep to, and who has children. */
#include "study/evolve_options.h"

#include <math.h>

#include "interp/place.h"
#include "interp/unknown.h"
#include "support/limits.h"
#include "support/memory.h"
#include "support/suggest.h"

/* ---- limits ---- */

static bool read_number(struct eval *eval, struct value record, const char *name, struct span span, double most, double *number)
{
    const struct value *value = record.kind == VALUE_RECORD ? record_get(record.record, str_of(name)) : NULL;
    if (!value || value_content(*value) == VALUE_UNKNOWN || (value->kind == VALUE_UNKNOWN && value->of == VALUE_NUMBER))
        return true;
    if (value->kind != VALUE_NUMBER || !(value->number >= 1 && value->number <= most)) {
        eval_error(eval, span_of_field(eval, span, str_of(name)), "`%s` in `limits` is not a count up to %.0f", name, most);
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
    if (made->select.kind == SELECT_NSGA2 && !fitness->objectives) {
        eval_error_help(eval, span, "such as `objectives: { accuracy: max, params: min }`",
                        "`nsga2` weighs objectives against each other, and there are none");
        return false;
    }
    made->select.size = (uint32_t)fmin(UINT32_MAX, spec_number(spec, made->select.kind == SELECT_AGING ? "sample" : "size"));
    made->select.batch = (uint32_t)fmin(UINT32_MAX, spec_number(spec, "batch"));
    made->select.share = spec_number(spec, "share");
    made->select.pressure = spec_number(spec, "pressure");
    if (made->select.kind != SELECT_RANK || (made->select.pressure >= 1 && made->select.pressure <= 2))
        return true;
    eval_error_help(eval, span, "at 1 all have the same chance, at 2 the last has none", "`pressure` is from 1 to 2");
    return false;
}
