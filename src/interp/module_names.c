/* What modules have to do with messages: near names, hints where a name comes from, and whose text an error is shown in. */
#include "interp/declared.h"
#include "interp/module.h"
#include "support/memory.h"
#include "support/suggest.h"

/* ---- names and hints ---- */

const struct module *module_of(const struct nel_state *state, const struct frame *exports)
{
    const struct module *module = state->modules;
    while (module && module->exports != exports)
        module = module->older;
    return module;
}

/* Names that a message lists; past these a list helps nobody. */
#define NAMES_LISTED 30

bool program_declares(const struct node *program, struct str name)
{
    for (uint32_t i = 0; program && i < program->count; i++)
        if (declares(program->items[i]) && str_equal(program->items[i]->text, name))
            return true;
    return false;
}

void module_names(const struct module *module, struct str wanted, struct text *help)
{
    const struct frame *names = module->exports;
    struct suggestion suggestion;
    suggest_start(&suggestion, wanted);
    for (size_t i = 0; i < names->count; i++)
        suggest_offer(&suggestion, names->bindings[i].name);
    if (suggestion.best.len) {
        text_addf(help, "did you mean `%.*s`?", STR_ARG(suggestion.best));
        return;
    }
    if (names->count == 0)
        text_add(help, "it declares no names");
    for (size_t i = 0; i < names->count && i < NAMES_LISTED; i++)
        text_addf(help, "%s`%.*s`", i == 0 ? "it has " : ", ", STR_ARG(names->bindings[i].name));
    if (names->count > NAMES_LISTED)
        text_add(help, " …");
}

const struct node *library_declaration(struct eval *eval, struct str name, const struct library_file **library)
{
    for (const struct library_file *file = library_files; file->name && name.at[0] != '_'; file++) {
        const struct node *program = library_program(eval, file);
        for (uint32_t i = 0; program && i < program->count; i++)
            if (declares(program->items[i]) && str_equal(program->items[i]->text, name)) {
                *library = file;
                return program->items[i];
            }
    }
    return NULL;
}

void module_hint(struct eval *eval, const struct node *program, struct str name, struct text *help)
{
    for (uint32_t i = 0; i < program->count; i++) {
        const struct node *use = program->items[i];
        struct module *module = NULL;
        if (use->kind != NODE_USE || !use_met(eval->state, use, &module) || !module || !program_declares(module->program, name))
            continue;
        if (name.at[0] == '_')
            text_addf(help, "`%.*s` is private to `%s`: names that begin with `_` stay in their file", STR_ARG(name), module->name);
        else if (use->count > 0)
            text_addf(help, "did you mean `%.*s.%.*s`?", STR_ARG(use->items[0]->text), STR_ARG(name));
        if (help->len)
            return;
    }
    for (const struct module *module = eval->state->modules; module; module = module->older)
        if (!module->library && module->exports && frame_find_here(module->exports, name)) {
            text_addf(help, "it is a name of `%s`, which has to be used here too", module->name);
            return;
        }
    const struct library_file *library;
    if (library_declaration(eval, name, &library))
        text_addf(help, "`%.*s` is of the standard library: `use %s`", STR_ARG(name), library->name);
}

/* ---- errors in the standard library ---- */

static bool source_is_library(const struct nel_state *state, uint32_t source)
{
    const struct module *module = state->modules;
    while (module && !(module->library && module->program && module->program->span.source == source))
        module = module->older;
    return module;
}

/* The innermost place of the user's own text takes the error's place, its note included. */
static void error_face_user(const struct nel_state *state, struct diag *diag)
{
    for (size_t i = 0; i < diag->label_count; i++) {
        struct diag_label *label = &diag->labels[i];
        if (label->span.source == 0 || source_is_library(state, label->span.source))
            continue;
        char *why = diag->note ? diag->note : mem_copy_text("here", 4);
        if (!why) /* it stays as it is */
            return;
        struct span inside = diag->span;
        diag->span = label->span;
        diag->note = label->text;
        *label = (struct diag_label){inside, why};
        return;
    }
}

void library_errors_face_user(struct eval *eval, size_t from)
{
    for (size_t i = from; i < eval->diags->count; i++)
        if (source_is_library(eval->state, eval->diags->at[i].span.source))
            error_face_user(eval->state, &eval->diags->at[i]);
}
