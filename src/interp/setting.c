/* `param epochs = 500` becomes `--epochs` on the command line. What is given there is read as its default is: a number, true or false,
   a word, or a text. */
#include "interp/evaluate.h"
#include "interp/module.h"
#include "support/number.h"
#include "support/suggest.h"

/* `--hidden-units` and `--hidden_units` name the same. */
static bool same_name(struct str option, struct str name)
{
    if (option.len != name.len)
        return false;
    for (size_t i = 0; i < name.len; i++)
        if (option.at[i] != name.at[i] && !(option.at[i] == '-' && name.at[i] == '_'))
            return false;
    return true;
}

bool setting_find(const struct nel_state *state, struct str name, struct str *given)
{
    for (size_t i = 0; i + 1 < state->setting_count; i += 2)
        if (same_name(str_of(state->settings[i]), name)) {
            *given = str_of(state->settings[i + 1]);
            return true;
        }
    return false;
}

struct value setting_read(struct eval *eval, const struct node *node, struct value initial, struct str given)
{
    double number;
    switch (initial.kind) {
    case VALUE_NUMBER:
        if (number_read(given, &number))
            return value_number(number);
        return eval_error(eval, node->span, "`--%.*s` needs a number, found `%.*s`", STR_ARG(node->text), STR_ARG(given));
    case VALUE_BOOL:
        if (str_is(given, "true") || str_is(given, "false"))
            return value_bool(given.at[0] == 't');
        return eval_error(eval, node->span, "`--%.*s` is true or false, found `%.*s`", STR_ARG(node->text), STR_ARG(given));
    case VALUE_STRING:
        return value_string(eval, given);
    default: { /* an element, a toy, a word: by its name */
        struct binding *binding = frame_find(eval->frame, given);
        if (binding && binding->value.kind == initial.kind)
            return binding->value;
        return eval_error(eval, node->span, "`--%.*s` needs %s, found `%.*s`", STR_ARG(node->text), value_article(initial),
                          STR_ARG(given));
    }
    }
}

static bool has_settings(const struct node *program)
{
    for (uint32_t i = 0; i < program->count; i++)
        if (program->items[i]->kind == NODE_SETTING)
            return true;
    return false;
}

/* Whether `program` has a `param` of this name; its params are offered as near names. */
static bool has_setting(const struct node *program, struct str option, struct suggestion *suggestion)
{
    for (uint32_t i = 0; i < program->count; i++) {
        if (program->items[i]->kind != NODE_SETTING)
            continue;
        if (same_name(option, program->items[i]->text))
            return true;
        suggest_offer(suggestion, program->items[i]->text);
    }
    return false;
}

/* Whether the program, or a module that it uses, takes the option. */
static bool has_option(const struct nel_state *state, const struct node *program, struct str option, struct suggestion *suggestion)
{
    bool found = has_setting(program, option, suggestion);
    for (const struct module *module = state->modules; module && !found; module = module->older)
        found = module->program && has_setting(module->program, option, suggestion);
    return found;
}

bool settings_check(struct eval *eval, const struct node *program)
{
    bool well = true;
    if (eval->state->settings_optional && !has_settings(program))
        return true;
    for (size_t i = 0; i + 1 < eval->state->setting_count; i += 2) {
        struct suggestion suggestion;
        struct str option = str_of(eval->state->settings[i]);
        suggest_start(&suggestion, option);
        if (has_option(eval->state, program, option, &suggestion))
            continue;
        struct diag *diag = diag_error(eval->diags, SPAN_NONE, "the script has no option `--%.*s`", STR_ARG(option));
        if (suggestion.best.len)
            diag_help(diag, "did you mean `--%.*s`?", STR_ARG(suggestion.best));
        else
            diag_help(diag, "a line such as `param epochs = 500` makes one");
        well = false;
    }
    return well;
}
