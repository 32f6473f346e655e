/* Names between files: what a `use` brings in, what it must not meet, and what may be done with it. A name that could mean two things
   is an error at the later place, which shows the earlier one and how to tell them apart: a `use` with `as`. */
#include <string.h>

#include "interp/module.h"
#include "interp/resolver.h"
#include "support/limits.h"

/* ---- places ---- */

/* Whether `statement` makes `name` at the top level, by a declaration or by a `use`. */
static bool makes(struct eval *eval, const struct node *statement, struct str name)
{
    if (statement->kind != NODE_USE)
        return declares(statement) && str_equal(statement->text, name);
    if (statement->count > 0)
        return str_equal(statement->items[0]->text, name);
    const struct module *module = module_load(eval, statement);
    return module && module->exports && !module->built_in && frame_find_here(module->exports, name);
}

/* The last statement before `later` that makes `name`. */
static const struct node *maker_before(struct eval *eval, const struct node *program, const struct node *later, struct str name)
{
    const struct node *maker = NULL;
    if (eval->diags->count >= LIMIT_DIAGS) /* it would not be told */
        return NULL;
    for (uint32_t i = 0; i < program->count && program->items[i] != later; i++)
        if (makes(eval, program->items[i], name))
            maker = program->items[i];
    return maker;
}

/* ---- remedies ---- */

/* A name for the module, from that of its file: "my/first-rules.nel" becomes `first_rules`. */
static void add_alias(const struct node *use, struct text *text)
{
    size_t folder = use->text.len;
    while (folder > 0 && use->text.at[folder - 1] != '/')
        folder--;
    struct str stem = {use->text.at + folder, use->text.len - folder};
    const char *dot = memchr(stem.at, '.', stem.len);
    stem.len = dot ? (size_t)(dot - stem.at) : stem.len;
    if (stem.len == 0 || (stem.at[0] >= '0' && stem.at[0] <= '9'))
        stem = STR("m");
    for (size_t i = 0; i < stem.len; i++)
        text_add_char(text, stem.at[i] == '-' || stem.at[i] == ' ' ? '_' : stem.at[i]);
}

/* "`use "a.nel" as a`, and write `a.f`" */
static void add_remedy(const struct node *use, struct str name, struct text *help)
{
    const char *quote = use->op == OP_PATH ? "\"" : "";
    struct text alias = {0};
    add_alias(use, &alias);
    text_addf(help, "`use %s%.*s%s as %s`, and write `%s.%.*s`", quote, STR_ARG(use->text), quote, text_chars(&alias),
              text_chars(&alias), STR_ARG(name));
    text_release(&alias);
}

/* ---- clashes ---- */

/* A declaration and a `use` make the same name. */
static void report_declared(struct eval *eval, const struct node *declaration, const struct node *use, const struct module *module,
                            struct str name)
{
    struct text help = {0};
    struct diag *diag = diag_error(eval->diags, node_name_span(&eval->state->sources, declaration),
                                   "`%.*s` is declared here, and it comes from `%s` too", STR_ARG(name), module->name);
    diag_label(diag, use->span, "it comes from there by this");
    if (use->count == 0)
        add_remedy(use, name, &help);
    else
        text_add(&help, "another name behind `as` keeps them apart");
    diag_help(diag, "%s", text_chars(&help));
    text_release(&help);
}

/* Two `use`s make the same names, which `names` lists; the first of them is `name`. */
static void report_both(struct eval *eval, const struct node *use, const struct node *earlier, const struct text *names,
                        size_t count, struct str name)
{
    struct text help = {0};
    if (use->count > 0) {
        struct diag *diag = diag_error(eval->diags, use->span, "%s names two modules", text_chars(names));
        diag_label(diag, earlier->span, "the first");
        diag_help(diag, "another name behind `as` keeps them apart");
        return;
    }
    struct diag *diag = diag_error(eval->diags, use->span, "%s come%s from two modules, `%.*s` and `%.*s`", text_chars(names),
                                   count == 1 ? "s" : "", STR_ARG(earlier->text), STR_ARG(use->text));
    diag_label(diag, earlier->span, "the first");
    add_remedy(use, name, &help);
    diag_help(diag, "%s", text_chars(&help));
    text_release(&help);
}

/* ---- bringing in ---- */

/* Names that a message lists. */
#define NAMES_LISTED 5

/* What one `use` does to a scope. */
struct bringing {
    struct eval *eval;
    const struct node *program, *use;
    const struct module *module;
    struct frame *scope;
    struct text clashing; /* names that another `use` brought in already */
    size_t clashing_count;
    struct str first;           /* of these names */
    const struct node *earlier; /* that `use` */
    bool well;
};

/* The name stands in the scope already, and not from this module. */
static void meet_name(struct bringing *bringing, struct str name)
{
    const struct node *maker = maker_before(bringing->eval, bringing->program, bringing->use, name);
    bringing->well = bringing->well && !maker;
    if (!maker)
        return;
    if (maker->kind != NODE_USE) {
        report_declared(bringing->eval, maker, bringing->use, bringing->module, name);
        return;
    }
    if (bringing->clashing_count++ == 0) {
        bringing->first = name;
        bringing->earlier = maker;
    }
    if (bringing->clashing_count <= NAMES_LISTED)
        text_addf(&bringing->clashing, "%s`%.*s`", bringing->clashing_count > 1 ? ", " : "", STR_ARG(name));
}

static void bring_name(struct bringing *bringing, struct str name, struct value value)
{
    const struct binding *here = frame_find_here(bringing->scope, name);
    if (here && here->from != bringing->module)
        meet_name(bringing, name);
    if (frame_bind(bringing->eval, bringing->scope, name, value))
        frame_find_here(bringing->scope, name)->from = bringing->module;
    else
        bringing->well = false;
}

static void bring_names(struct bringing *bringing)
{
    const struct node *use = bringing->use;
    struct frame *exports = bringing->module->exports;
    if (use->count > 0)
        bring_name(bringing, use->items[0]->text, (struct value){.kind = VALUE_MODULE, .module = exports});
    for (size_t i = 0; use->count == 0 && !bringing->module->built_in && i < exports->count; i++)
        bring_name(bringing, exports->bindings[i].name, value_unknown());
    if (bringing->clashing_count > NAMES_LISTED)
        text_addf(&bringing->clashing, " and %zu more", bringing->clashing_count - NAMES_LISTED);
    if (bringing->clashing_count > 0)
        report_both(bringing->eval, use, bringing->earlier, &bringing->clashing, bringing->clashing_count, bringing->first);
    text_release(&bringing->clashing);
}

/* Whether the names that the `use` would bring are here already, by the same `use`. */
static bool stands_already(const struct node *use, const struct module *module, struct frame *scope)
{
    if (use->count == 0 && (module->built_in || module->exports->count == 0))
        return false;
    const struct binding *here = frame_find_here(scope, use->count > 0 ? use->items[0]->text : module->exports->bindings[0].name);
    return here && here->from == module && (use->count > 0) == (here->value.kind == VALUE_MODULE);
}

/* The same `use` a second time does nothing. */
static void warn_of_second(struct eval *eval, const struct node *program, const struct node *use, const struct module *module,
                           struct frame *scope)
{
    if (!eval->warnings || eval->warnings->count >= LIMIT_DIAGS || !stands_already(use, module, scope))
        return;
    struct diag *diag = diag_warning(eval->warnings, use->span, "`%s` is used already", module->name);
    for (uint32_t i = 0; i < program->count && program->items[i] != use; i++) {
        const struct node *earlier = program->items[i];
        if (earlier->kind != NODE_USE || earlier->count != use->count || module_load(eval, earlier) != module ||
            (use->count > 0 && !str_equal(earlier->items[0]->text, use->items[0]->text)))
            continue;
        diag_label(diag, earlier->span, "here");
        return;
    }
}

bool resolve_use(struct eval *eval, const struct node *program, const struct node *use, struct frame *scope, bool *blind)
{
    const struct module *module = module_load(eval, use);
    if (!module || !module->exports) {
        if (use->count > 0)
            frame_bind(eval, scope, use->items[0]->text, value_unknown());
        *blind = *blind || use->count == 0;
        return false;
    }
    struct bringing bringing = {.eval = eval, .program = program, .use = use, .module = module, .scope = scope, .well = true};
    warn_of_second(eval, program, use, module, scope);
    bring_names(&bringing);
    return bringing.well && module->stage != MODULE_FAILED && module->stage != MODULE_LOADING;
}

bool resolve_declared(struct eval *eval, const struct node *program, const struct node *statement, struct frame *scope)
{
    const struct binding *here = frame_find_here(scope, statement->text);
    const struct node *use = here && here->from ? maker_before(eval, program, statement, statement->text) : NULL;
    if (use)
        report_declared(eval, statement, use, here->from, statement->text);
    return !use;
}

/* ---- what may be done with what came ---- */

static bool report_private(struct eval *eval, const struct node *member, const struct module *module)
{
    struct diag *diag = diag_error(eval->diags, node_name_span(&eval->state->sources, member), "`%.*s` is private to `%s`",
                                   STR_ARG(member->text), module->name);
    diag_help(diag, "names that begin with `_` stay in their file");
    return false;
}

bool resolve_member(struct eval *eval, const struct node *member, const struct binding *object)
{
    if (object->value.kind != VALUE_MODULE || frame_find_here(object->value.module, member->text))
        return true;
    const struct module *module = module_of(eval->state, object->value.module);
    if (!module)
        return true;
    if (member->text.at[0] == '_' && program_declares(module->program, member->text))
        return report_private(eval, member, module);
    struct text help = {0};
    struct diag *diag = diag_error(eval->diags, node_name_span(&eval->state->sources, member), "`%s` has no `%.*s`", module->name,
                                   STR_ARG(member->text));
    module_names(module, member->text, &help);
    if (help.len)
        diag_help(diag, "%s", text_chars(&help));
    text_release(&help);
    return false;
}

bool resolve_assigned(struct eval *eval, const struct node *target, const struct binding *binding)
{
    if (!binding->from)
        return true;
    struct diag *diag = diag_error(eval->diags, target->span, "`%.*s` comes from `%s` and cannot be assigned here",
                                   STR_ARG(binding->name), binding->from->name);
    diag_help(diag, "keep what you change under a name of your own, or let a function of `%s` change it", binding->from->name);
    return false;
}
