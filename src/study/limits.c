/* See limits.h. */
#include "study/limits.h"

#include "interp/place.h"
#include "interp/unknown.h"
#include "support/limits.h"
#include "support/memory.h"
#include "support/suggest.h"

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

/* Whether the record names nothing but these. */
static bool limits_known(struct eval *eval, struct value record, struct span span, const char *const *names)
{
    for (size_t i = 0; record.kind == VALUE_RECORD && i < record.record->count; i++) {
        const struct str name = string_str(record.record->fields[i].key);
        struct suggestion suggestion;
        struct text help = {0};
        bool known = false;
        suggest_start(&suggestion, name);
        for (size_t k = 0; names[k]; k++) {
            known = known || str_is(name, names[k]);
            suggest_offer(&suggestion, str_of(names[k]));
            text_addf(&help, "%s`%s`", k > 0 ? ", " : names[1] ? "there are " : "there is ", names[k]);
        }
        if (!known && suggestion.best.len) {
            text_clear(&help);
            text_addf(&help, "did you mean `%.*s`?", STR_ARG(suggestion.best));
        }
        if (!known)
            eval_error_help(eval, span_of_field_key(eval, span, name), text_chars(&help), "`limits` has no `%.*s`", STR_ARG(name));
        text_release(&help);
        if (!known)
            return false;
    }
    return true;
}

bool limits_read(struct eval *eval, const struct options *options, const char *const *names, struct evolve_limits *limits)
{
    struct value record = option_value(options, "limits");
    struct span span = option_span(options, "limits");
    double depth = 0, width = 0;
    bool well = limits_known(eval, record, span, names) &&
                read_number(eval, record, "params", span, LIMIT_PARAMETERS, &limits->params) &&
                read_number(eval, record, "depth", span, LIMIT_GENES, &depth) &&
                read_number(eval, record, "width", span, LIMIT_WIDTH, &width) && read_elements(eval, record, span, limits);
    limits->depth = (uint32_t)depth;
    limits->width = (uint32_t)width;
    return well;
}
