/* See module.h. A module is loaded while names are resolved, which is before anything runs, and evaluated when its `use` is. */
#include "interp/module.h"

#include <string.h>

#include "interp/declared.h"
#include "interp/evaluate.h"
#include "interp/resolve.h"
#include "support/hash.h"
#include "support/limits.h"
#include "support/memory.h"
#include "syntax/parse.h"

/* ---- parsed sources ---- */

struct parsed {
    struct parsed *older;
    struct arena arena;
    uint32_t source;
    const struct node *program; /* NULL where memory was exhausted */
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
    parsed->source = source;
    parsed->program = parse_program(&state->sources, source, &parsed->arena, eval->diags);
    return parsed->program;
}

const struct node *source_program(const struct nel_state *state, uint32_t source)
{
    const struct parsed *parsed = state->parsed;
    while (parsed && parsed->source != source)
        parsed = parsed->older;
    return parsed ? parsed->program : NULL;
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

/* ---- the register: every module of the state, and which `use` leads to which ---- */

/* A slot of the table; `use` NULL: free. */
struct module_use {
    const struct node *use;
    struct module *module; /* NULL: to none, which was told */
};

static struct module *module_add(struct eval *eval, struct str name)
{
    struct module *module = mem_alloc(sizeof *module);
    if (module)
        module->name = mem_copy_text(name.at, name.len);
    if (!module || !module->name) {
        mem_free(module);
        diag_out_of_memory(eval->diags, SPAN_NONE);
        return NULL;
    }
    module->older = eval->state->modules;
    eval->state->modules = module;
    return module;
}

static void module_free(struct module *module)
{
    if (module->frame)
        frame_release(module->frame);
    if (module->exports)
        frame_release(module->exports);
    mem_free(module->name);
    mem_free(module);
}

/* Where the `use` stands in the table, or the free slot that it would take; NULL where there is no table yet. */
static struct module_use *use_find(const struct nel_state *state, const struct node *use)
{
    if (!state->uses)
        return NULL;
    size_t at = hash_bytes(HASH_START, &use, sizeof use) & (state->use_cap - 1);
    while (state->uses[at].use && state->uses[at].use != use)
        at = (at + 1) & (state->use_cap - 1);
    return &state->uses[at];
}

/* A table twice as large, or the first. */
static bool uses_grow(struct nel_state *state)
{
    struct module_use *old = state->uses;
    size_t count = state->use_cap;
    struct module_use *uses = mem_array(count ? count * 2 : 16, sizeof *uses);
    if (!uses)
        return false;
    state->uses = uses;
    state->use_cap = count ? count * 2 : 16;
    for (size_t i = 0; i < count; i++)
        if (old[i].use)
            *use_find(state, old[i].use) = old[i];
    mem_free(old);
    return true;
}

static bool use_note(struct eval *eval, const struct node *use, struct module *module)
{
    struct nel_state *state = eval->state;
    if (state->use_count * 2 >= state->use_cap && !uses_grow(state))
        return diag_out_of_memory(eval->diags, use->span);
    *use_find(state, use) = (struct module_use){use, module};
    state->use_count++;
    return true;
}

bool use_met(const struct nel_state *state, const struct node *use, struct module **module)
{
    const struct module_use *slot = use_find(state, use);
    *module = slot && slot->use ? slot->module : NULL;
    return slot && slot->use;
}

void modules_forget_failed(struct nel_state *state)
{
    for (size_t i = 0; i < state->use_cap; i++) { /* a `use` is evaluated once, so that its slot need not be freed */
        struct module_use *slot = &state->uses[i];
        if (slot->module && slot->module->stage == MODULE_FAILED)
            slot->module = NULL;
    }
    for (struct module **at = &state->modules; *at;) {
        struct module *module = *at;
        if (module->stage != MODULE_FAILED) {
            at = &module->older;
            continue;
        }
        *at = module->older;
        module_free(module);
    }
}

void modules_release(struct nel_state *state)
{
    mem_free(state->uses);
    state->uses = NULL;
    while (state->modules) {
        struct module *module = state->modules;
        state->modules = module->older;
        module_free(module);
    }
}

/* ---- finding ---- */

static struct module *module_of_library(struct eval *eval, const struct library_file *file)
{
    for (struct module *module = eval->state->modules; module; module = module->older)
        if (module->library && strcmp(module->name, file->name) == 0)
            return module;
    struct module *module = module_add(eval, str_of(file->name));
    if (module)
        module->library = true;
    return module;
}

static struct module *module_of_file(struct eval *eval, const struct node *use)
{
    struct text path = {0};
    struct file_identity identity;
    struct module *module = NULL;
    if (module_path(eval, use, &path, &identity)) {
        module = eval->state->modules;
        while (module &&
               (module->library || module->identity.device != identity.device || module->identity.number != identity.number))
            module = module->older;
        if (!module && (module = module_add(eval, text_str(&path))))
            module->identity = identity;
    }
    text_release(&path);
    return module;
}

static struct module *module_find(struct eval *eval, const struct node *use)
{
    const struct library_file *file = use->op == OP_PATH ? NULL : library_find(use->text);
    return file ? module_of_library(eval, file) : module_of_file(eval, use);
}

/* ---- loading ---- */

/* The first error since there were `first` diagnostics names the `use` that led to it, too, unless it stands there already. */
static void tell_user(struct eval *eval, size_t first, const struct module *module, const struct node *use)
{
    while (first < eval->diags->count && eval->diags->at[first].severity != DIAG_ERROR)
        first++;
    struct diag *diag = first < eval->diags->count ? &eval->diags->at[first] : NULL;
    if (use && diag && (diag->span.source != use->span.source || diag->span.start != use->span.start))
        diag_label(diag, use->span, "`%s` is used here", module->name);
}

/* As it is being loaded already, `module` uses itself; each file on the way adds the place where it does. */
static void report_cycle(struct eval *eval, const struct module *module, const struct node *use)
{
    struct text way = {0};
    for (const struct module *at = eval->state->loading; at != module; at = at->user) {
        struct text longer = {0}; /* the way is walked from its end */
        text_addf(&longer, "`%s`%s%s", at->name, way.len ? ", then " : "", text_chars(&way));
        text_release(&way);
        way = longer;
    }
    struct diag *diag =
        diag_error(eval->diags, use->span, "`%s` uses itself%s%s", module->name, way.len ? ", by way of " : "", text_chars(&way));
    diag_note(diag, "this closes the circle");
    diag_help(diag, "put what both need into a file of its own, which each of them uses");
    text_release(&way);
}

/* Reads its text; false where there is none. */
static bool module_read(struct eval *eval, struct module *module, const struct node *use)
{
    const struct library_file *file = module->library ? library_find(str_of(module->name)) : NULL;
    struct text own = {0};
    if (module->program)
        return true;
    if (file)
        module->program = source_read(eval, module->name, (struct str){file->text, file->len});
    else if (file_read(module->name, LIMIT_SOURCE_BYTES, &own, eval->diags, use->span))
        module->program = source_read(eval, module->name, text_str(&own));
    text_release(&own);
    return module->program;
}

static bool export_names(struct eval *eval, struct module *module)
{
    module->frame = frame_new(eval->state, eval->state->builtins);
    module->exports = module->frame ? frame_new(eval->state, NULL) : NULL;
    if (!module->exports)
        return diag_out_of_memory(eval->diags, SPAN_NONE);
    for (uint32_t i = 0; i < module->program->count; i++) {
        const struct node *statement = module->program->items[i];
        if (declares(statement) && statement->text.at[0] != '_' &&
            !frame_bind(eval, module->exports, statement->text, value_unknown()))
            return false;
    }
    return true;
}

/* Modules that are being loaded, one because of the other. */
static unsigned loading_depth(const struct nel_state *state)
{
    unsigned depth = 0;
    for (const struct module *module = state->loading; module; module = module->user)
        depth++;
    return depth;
}

static void module_begin(struct nel_state *state, struct module *module)
{
    module->stage = MODULE_LOADING;
    module->user = state->loading;
    state->loading = module;
}

static void module_load_new(struct eval *eval, struct module *module, const struct node *use)
{
    size_t first = eval->diags->count, errors = eval->diags->errors;
    bool well = loading_depth(eval->state) < LIMIT_MODULE_DEPTH;
    if (!well)
        eval_error(eval, use->span, "more than %d files use each other in a row here", LIMIT_MODULE_DEPTH);
    module_begin(eval->state, module);
    well = well && module_read(eval, module, use) && export_names(eval, module) &&
           resolve_program(eval, module->program, module->frame, true);
    eval->state->loading = module->user;
    module->stage = well && eval->diags->errors == errors ? MODULE_LOADED : MODULE_FAILED;
    if (module->stage == MODULE_FAILED)
        tell_user(eval, first, module, use);
}

struct module *module_load(struct eval *eval, const struct node *use)
{
    struct module *module;
    if (use_met(eval->state, use, &module))
        return module;
    module = module_find(eval, use);
    if (!use_note(eval, use, module) || !module)
        return NULL;
    if (module->stage == MODULE_LOADING)
        report_cycle(eval, module, use);
    else if (module->stage == MODULE_FOUND)
        module_load_new(eval, module, use);
    return module;
}

bool module_script_begin(struct eval *eval, const char *name, const struct node *program)
{
    struct file_identity identity;
    if (name[0] == '<' || strcmp(name, "-") == 0 || file_look(name, &identity) != FILE_REGULAR)
        return true;
    struct module *script = module_add(eval, str_of(name));
    if (!script)
        return false;
    script->identity = identity;
    script->program = program;
    module_begin(eval->state, script);
    return true;
}

void module_script_end(struct nel_state *state)
{
    if (state->loading)
        state->loading->stage = MODULE_FAILED; /* so that it is forgotten: its names were the state's own */
    state->loading = NULL;
}

/* ---- evaluating ---- */

/* What a statement's value means at the top: shown at a prompt, lost and so an error in a file. */
static bool settle(struct eval *eval, const struct node *statement, struct value value, bool shown)
{
    if (failed(value))
        return false;
    if (value.kind == VALUE_NONE || value.kind == VALUE_UNKNOWN)
        return true;
    if (shown)
        return !failed(show_value(eval, value, statement->span));
    eval_error_help(eval, statement->span, "`show` or `print` it, or keep it with `let`", "this value is not used");
    return false;
}

bool program_evaluate(struct eval *eval, const struct node *program, bool shown, struct value *last)
{
    bool well = true;
    for (uint32_t i = 0; i < program->count && (well || eval->state->checking); i++) {
        size_t mark = pool_mark(eval);
        const struct node *statement = program->items[i];
        struct value value = eval_statement(eval, statement);
        bool taken = last && i + 1 == program->count;
        well = (taken ? !failed(value) : settle(eval, statement, value, shown)) && well;
        value = pool_drain(eval, mark, taken ? value : value_none());
        if (taken)
            *last = value;
    }
    return well;
}

/* Runs it, and takes down the values of the names that it gives; a name that an error left without one is unknown. */
static bool module_evaluate(struct eval *eval, struct module *module, const struct node *use)
{
    size_t first = eval->diags->count, errors = eval->diags->errors;
    struct frame *outer = eval->frame;
    eval->frame = module->frame;
    bool well = program_evaluate(eval, module->program, false, NULL);
    eval->frame = outer;
    if (eval->diags->errors > errors)
        tell_user(eval, first, module, use);
    for (size_t i = 0; i < module->exports->count; i++) {
        struct str name = module->exports->bindings[i].name;
        const struct binding *own = frame_find_here(module->frame, name);
        if (own && !frame_bind(eval, module->exports, name, own->value))
            return false;
    }
    module->stage = well || eval->state->checking ? MODULE_READY : MODULE_FAILED;
    return module->stage == MODULE_READY;
}

static bool import(struct eval *eval, struct frame *frame, struct str name, struct value value, const struct module *module)
{
    if (!frame_bind(eval, frame, name, value))
        return false;
    frame_find_here(frame, name)->from = module;
    return true;
}

struct value eval_use(struct eval *eval, const struct node *node)
{
    struct module *module = module_load(eval, node);
    if (!module || module->stage == MODULE_FAILED)
        return value_failed();
    if (module->stage == MODULE_LOADED && !module_evaluate(eval, module, node))
        return value_failed();
    bool well = true;
    if (node->count > 0) {
        struct value value = {.kind = VALUE_MODULE, .module = module->exports};
        well = import(eval, eval->frame, node->items[0]->text, value, module);
    }
    for (size_t i = 0; well && node->count == 0 && !module->built_in && i < module->exports->count; i++) {
        const struct binding *binding = &module->exports->bindings[i];
        well = import(eval, eval->frame, binding->name, binding->value, module);
    }
    return well ? value_none() : value_failed();
}

bool module_build_in(struct eval *eval, const char *name)
{
    struct module *module = module_of_library(eval, library_find(str_of(name)));
    if (!module)
        return false;
    module_load_new(eval, module, NULL);
    bool well = module->stage == MODULE_LOADED && module_evaluate(eval, module, NULL);
    for (size_t i = 0; well && i < module->exports->count; i++)
        well = frame_bind(eval, eval->state->builtins, module->exports->bindings[i].name, module->exports->bindings[i].value);
    module->built_in = well;
    return well;
}

const struct node *library_program(struct eval *eval, const struct library_file *file)
{
    struct module *module = module_of_library(eval, file);
    return module && module_read(eval, module, NULL) ? module->program : NULL;
}
