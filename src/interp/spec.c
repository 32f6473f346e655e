/* Options with parameters: `adam(lr: 3e-3)`, `patience(50)`, `tournament(3)`, and losses, declared ones too. Each is a built-in that
   gives a value of its family; where an option is expected, its bare name means its defaults. */
#include <math.h>
#include <string.h>

#include "interp/evaluate.h"
#include "interp/spec.h"
#include "support/memory.h"
#include "support/number.h"
#include "support/suggest.h"

static struct value make(struct eval *eval, const struct builtin *self, const struct args *args)
{
    const struct spec_row *row = self->context;
    struct value value = value_object(eval, sizeof(struct spec), VALUE_SPEC);
    struct value fields = failed(value) ? value : value_record(eval);
    if (failed(fields))
        return fields;
    value.spec->family = row->family;
    value.spec->name = self->signature.name;
    value.spec->fields = value_retain(fields).record;
    for (size_t i = 0; i < self->signature.count; i++)
        if (!record_set(eval, fields.record, self->signature.parameters[i].name, args->at[i]))
            return value_failed();
    return value;
}

/* The signature that a declared loss is called with. */
static bool loss_signature(const struct loss *loss, struct signature *signature)
{
    signature->name = str_of(loss->name);
    signature->text = mem_copy_text(loss->signature, strlen(loss->signature));
    signature->parameters = mem_array(loss->param_count + (size_t)1, sizeof *signature->parameters);
    signature->result = VALUE_UNKNOWN;
    if (!signature->text || !signature->parameters)
        return false;
    for (unsigned i = 0; i < loss->param_count; i++) {
        const double initial = loss->params[i].initial;
        signature->parameters[signature->count++] =
            (struct parameter){.name = str_of(loss->params[i].name),
                               .type = TYPE_NUMBER,
                               .initial = isnan(initial) ? value_failed() : value_number(initial)};
    }
    return true;
}

static struct value make_loss(struct eval *eval, const struct builtin *self, const struct args *args)
{
    const struct loss *loss = self->context;
    struct value value = value_object(eval, sizeof(struct spec), VALUE_SPEC);
    struct value fields = failed(value) ? value : value_record(eval);
    if (failed(fields))
        return fields;
    *value.spec = (struct spec){value.spec->object, "loss", str_of(loss->name), value_retain(fields).record, loss};
    for (size_t i = 0; i < self->signature.count; i++)
        if (!record_set(eval, fields.record, self->signature.parameters[i].name, args->at[i]))
            return value_failed();
    return value;
}

struct value value_loss(struct eval *eval, const struct loss *loss)
{
    struct value value = value_object(eval, sizeof(struct builtin), VALUE_BUILTIN);
    if (failed(value))
        return value;
    value.builtin->doc = loss->doc;
    value.builtin->context = loss;
    value.builtin->carries = true;
    value.builtin->call = make_loss;
    if (loss_signature(loss, &value.builtin->signature))
        return value;
    diag_out_of_memory(eval->diags, loss->span);
    return value_failed();
}

const struct loss *loss_of_value(struct value value)
{
    return value.kind == VALUE_BUILTIN && value.builtin->call == make_loss ? value.builtin->context : NULL;
}

bool specs_add(struct eval *eval, const struct spec_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!builtin_add(eval, rows[i].signature, rows[i].doc, &rows[i], true, make))
            return false;
    return true;
}

const struct spec_row *spec_row_of(struct value value)
{
    return value.kind == VALUE_BUILTIN && value.builtin->call == make ? value.builtin->context : NULL;
}

bool value_is_action(struct value value)
{
    const struct spec_row *row = spec_row_of(value);
    const char *family = row ? row->family : value.kind == VALUE_SPEC ? value.spec->family : "";
    return str_is(str_of(family), "action");
}

/* Lists the family's members: "one of `sgd`, `momentum`, `adam`", or "such as `patience(epochs: 20)`" where there is one only; of a
   text that is nearly one of them, that one. */
static void add_members(struct eval *eval, const char *family, struct value found, struct text *text)
{
    struct frame *frame = eval->state->builtins;
    const struct builtin *lone = NULL;
    struct suggestion near;
    bool first = true;
    suggest_start(&near, found.kind == VALUE_STRING ? string_str(found.string) : (struct str){0});
    for (size_t i = 0; i < frame->count; i++) {
        const struct spec_row *row = spec_row_of(frame->bindings[i].value);
        if (!row || !str_is(str_of(row->family), family))
            continue;
        suggest_offer(&near, frame->bindings[i].name);
        text_addf(text, "%s`%.*s`", first ? "one of " : ", ", STR_ARG(frame->bindings[i].name));
        lone = first ? frame->bindings[i].value.builtin : NULL;
        first = false;
    }
    if (near.best.len) {
        text_clear(text);
        text_addf(text, "did you mean `%.*s`?", STR_ARG(near.best));
    }
    if (!lone || lone->signature.count == 0 || lone->signature.parameters[0].initial.kind != VALUE_NUMBER)
        return;
    text_clear(text);
    const struct parameter *parameter = &lone->signature.parameters[0];
    text_addf(text, "such as `%.*s(%.*s: ", STR_ARG(lone->signature.name), STR_ARG(parameter->name));
    number_write(text, parameter->initial.number);
    text_add(text, ")`");
}

const struct spec *spec_of(struct eval *eval, struct value value, const char *family, struct span span)
{
    struct str word;
    struct binding *named = value_word(value, &word) ? frame_find_here(eval->state->builtins, word) : NULL;
    if (loss_of_value(value))
        value = call_value(eval, value, NULL, 0, span);
    else if (named && spec_row_of(named->value))
        value = call_value(eval, named->value, NULL, 0, span);
    if (value.kind == VALUE_SPEC && str_is(str_of(value.spec->family), family))
        return value.spec;
    if (failed(value))
        return NULL;
    struct text help = {0};
    add_members(eval, family, value, &help);
    struct text found = {0};
    if (value.kind == VALUE_UNKNOWN) { /* nel check */
        text_add(&found, value_article(value));
    } else {
        text_add_char(&found, '`');
        value_print(eval, value, true, &found);
        text_add_char(&found, '`');
    }
    eval_error_help(eval, span, help.at, "%s is not a kind of %s", text_chars(&found), family);
    text_release(&help);
    text_release(&found);
    return NULL;
}

double spec_number(const struct spec *spec, const char *field)
{
    const struct value *value = record_get(spec->fields, str_of(field));
    double number = 0;
    if (value)
        value_as_number(*value, &number);
    return number;
}
