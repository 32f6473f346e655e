/* See module.h. */
#include "interp/module.h"

#include <string.h>

#include "interp/evaluate.h"
#include "interp/resolve.h"
#include "support/file.h"
#include "support/limits.h"
#include "support/memory.h"
#include "support/suggest.h"
#include "syntax/parse.h"

/* The standard library, embedded at build time. */
struct stdlib_file {
    const char *name, *text;
    size_t len;
};
extern const struct stdlib_file stdlib_files[];

/* ---- parsed sources ---- */

struct parsed {
    struct parsed *older;
    struct arena arena;
};

const struct node *source_read(struct eval *eval, const char *name, struct str text)
{
    struct nel_state *state = eval->state;
    uint32_t source = sources_add(&state->sources, name, text);
    struct parsed *parsed = source ? mem_alloc(sizeof *parsed) : NULL;
    if (!parsed) {
        if (text.len > LIMIT_SOURCE_BYTES)
            diag_error(eval->diags, SPAN_NONE, "`%s` has more than %u bytes", name, LIMIT_SOURCE_BYTES);
        else
            diag_out_of_memory(eval->diags, SPAN_NONE);
        return NULL;
    }
    arena_init(&parsed->arena, LIMIT_AST_BYTES);
    parsed->older = state->parsed;
    state->parsed = parsed;
    return parse_program(&state->sources, source, &parsed->arena, eval->diags);
}

const struct node *source_parse(struct eval *eval, const char *name, struct str text)
{
    size_t errors = eval->diags->errors;
    const struct node *program = source_read(eval, name, text);
    return eval->diags->errors == errors ? program : NULL;
}

void sources_parsed_release(struct nel_state *state)
{
    while (state->parsed) {
        struct parsed *parsed = state->parsed;
        state->parsed = parsed->older;
        arena_release(&parsed->arena);
        mem_free(parsed);
    }
}

/* ---- modules ---- */

static const struct stdlib_file *library_find(struct str name, struct suggestion *suggestion)
{
    for (const struct stdlib_file *file = stdlib_files; file->name; file++) {
        if (str_is(name, file->name))
            return file;
        suggest_offer(suggestion, str_of(file->name));
    }
    return NULL;
}

static struct module *module_new(struct eval *eval, struct str path)
{
    struct module *module = mem_alloc(sizeof *module);
    if (module)
        module->path = mem_copy_text(path.at, path.len);
    if (!module || !module->path) {
        mem_free(module);
        diag_out_of_memory(eval->diags, SPAN_NONE);
        return NULL;
    }
    module->older = eval->state->modules;
    eval->state->modules = module;
    return module;
}

/* What stands in the file that `use` names. */
static bool file_text(struct eval *eval, const struct node *use, struct text *own, struct str *text)
{
    char *path = mem_copy_text(use->text.at, use->text.len);
    bool well =
        path ? file_read(path, LIMIT_SOURCE_BYTES, own, eval->diags, use->span) : diag_out_of_memory(eval->diags, use->span);
    mem_free(path);
    *text = text_str(own);
    return well;
}

/* The text of what `use` names; `own` holds it where it was read from a file. */
static bool module_text(struct eval *eval, const struct node *use, struct text *own, struct str *text)
{
    if (use->op == OP_PATH)
        return file_text(eval, use, own, text);
    struct suggestion suggestion;
    suggest_start(&suggestion, use->text);
    const struct stdlib_file *file = library_find(use->text, &suggestion);
    if (file) {
        *text = (struct str){file->text, file->len};
        return true;
    }
    struct text help = {0};
    if (suggestion.best.len)
        text_addf(&help, "did you mean `%.*s`?", STR_ARG(suggestion.best));
    else
        text_add(&help, "a file is used by its path: `use \"my/file.nel\"`");
    eval_error_help(eval, use->span, text_chars(&help), "there is no module `%.*s` in the standard library", STR_ARG(use->text));
    text_release(&help);
    return false;
}

/* The module that `use` names, parsed; read once. */
static struct module *module_find(struct eval *eval, const struct node *use)
{
    for (struct module *module = eval->state->modules; module; module = module->older)
        if (str_is(use->text, module->path))
            return module->program ? module : NULL;
    struct text own = {0};
    struct str text;
    struct module *module = module_text(eval, use, &own, &text) ? module_new(eval, use->text) : NULL;
    if (module)
        module->program = source_parse(eval, module->path, text);
    text_release(&own);
    return module && module->program ? module : NULL;
}

const struct node *module_parse(struct eval *eval, const struct node *use)
{
    struct module *module = module_find(eval, use);
    return module ? module->program : NULL;
}

static bool module_evaluate(struct eval *eval, const struct node *program, struct frame *frame)
{
    struct frame *outer = eval->frame;
    bool well = resolve_program(eval, program, frame, NULL);
    eval->frame = frame;
    for (uint32_t i = 0; well && i < program->count; i++) {
        size_t mark = pool_mark(eval);
        well = !failed(eval_statement(eval, program->items[i]));
        pool_drain(eval, mark, value_none());
    }
    eval->frame = outer;
    return well;
}

bool module_load_library(struct eval *eval, const char *name, struct frame *frame)
{
    struct suggestion unused;
    suggest_start(&unused, str_of(name));
    const struct stdlib_file *file = library_find(str_of(name), &unused);
    struct module *module = file ? module_new(eval, str_of(name)) : NULL;
    if (module)
        module->program = source_parse(eval, name, (struct str){file->text, file->len});
    if (!module || !module->program)
        return false;
    module->frame = frame_retain(frame);
    return module_evaluate(eval, module->program, frame);
}

/* Its names become names of the user's scope, or, with `as m`, members of m. */
static struct value import(struct eval *eval, const struct node *use, struct frame *frame)
{
    if (use->count > 0) {
        struct value value = {.kind = VALUE_MODULE, .module = frame};
        return frame_bind(eval, eval->frame, use->items[0]->text, value) ? value_none() : value_failed();
    }
    for (size_t i = 0; i < frame->count; i++)
        if (!frame_bind(eval, eval->frame, frame->bindings[i].name, frame->bindings[i].value))
            return value_failed();
    return value_none();
}

struct value eval_use(struct eval *eval, const struct node *node)
{
    struct module *module = module_find(eval, node);
    if (!module)
        return value_failed();
    if (module->running)
        return eval_error(eval, node->span, "`%s` uses itself, by way of other files", module->path);
    if (!module->frame) {
        module->frame = frame_new(eval->state, eval->state->builtins);
        if (!module->frame)
            return eval_out_of_memory(eval, node->span);
        module->running = true;
        bool well = module_evaluate(eval, module->program, module->frame);
        module->running = false;
        if (!well)
            return value_failed();
    }
    return import(eval, node, module->frame);
}

void modules_release(struct nel_state *state)
{
    while (state->modules) {
        struct module *module = state->modules;
        state->modules = module->older;
        if (module->frame)
            frame_release(module->frame);
        mem_free(module->path);
        mem_free(module);
    }
}
