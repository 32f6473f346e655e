/* Scopes and the names in them; see resolver.h. */
#include <string.h>

#include "interp/module.h"
#include "interp/resolver.h"

static void out_of_memory(struct resolver *resolver)
{
    resolver->well = diag_out_of_memory(resolver->eval->diags, SPAN_NONE);
}

void scope_declare(struct resolver *resolver, struct frame *scope, struct str name)
{
    frame_bind(resolver->eval, scope, name, value_none());
}

void scope_declare_as(struct resolver *resolver, struct frame *scope, struct declaration declaration)
{
    struct str name = declaration.node->text;
    const struct binding *before = frame_find_here(scope, name);
    if (!before && scope == resolver->top)
        before = frame_find_here(resolver->whole, name);
    if (before && before->value.kind == VALUE_NUMBER) {
        declared_again(&resolver->declared, (uint32_t)before->value.number, declaration.node);
        frame_bind(resolver->eval, scope, name, before->value);
        return;
    }
    struct value number = value_number((double)resolver->declared.list.count);
    if (!declared_add(&resolver->declared, declaration))
        out_of_memory(resolver);
    else
        frame_bind(resolver->eval, scope, name, number);
}

void scope_declare_node(struct resolver *resolver, struct frame *scope, const struct node *node)
{
    scope_declare_as(resolver, scope, (struct declaration){.node = node});
}

struct frame *scope_open(struct resolver *resolver, struct frame *outer)
{
    struct frame *scope = frame_new(resolver->eval->state, outer);
    if (scope)
        return scope;
    out_of_memory(resolver);
    return frame_retain(outer);
}

const struct binding *scope_find(const struct resolver *resolver, struct frame *scope, struct str name, bool *own)
{
    const struct binding *binding = NULL;
    for (; scope && scope != resolver->outside; scope = scope->parent)
        if ((binding = frame_find_here(scope, name)))
            break;
    if (!binding && resolver->inside > 0)
        binding = frame_find_here(resolver->whole, name);
    *own = binding != NULL;
    return binding ? binding : frame_find(resolver->outside, name);
}

struct declaration *scope_declaration(struct resolver *resolver, struct frame *scope, struct str name)
{
    bool own;
    const struct binding *binding = scope_find(resolver, scope, name, &own);
    return own && binding->value.kind == VALUE_NUMBER ? &resolver->declared.list.at[(size_t)binding->value.number] : NULL;
}

bool scope_knows(const struct resolver *resolver, struct frame *scope, struct str name)
{
    bool own;
    return scope_find(resolver, scope, name, &own);
}

void scope_declare_missing(struct resolver *resolver, struct frame *scope, struct str name)
{
    if (!scope_knows(resolver, scope, name))
        scope_declare(resolver, scope, name);
}

void scope_use(struct resolver *resolver, struct frame *scope, struct str name)
{
    struct declaration *declaration = scope_declaration(resolver, scope, name);
    if (declaration && !declaration->open)
        declaration->used = true;
}

void scope_set_open(struct resolver *resolver, struct frame *scope, const struct node *node, bool open)
{
    struct declaration *declaration = node->text.len ? scope_declaration(resolver, scope, node->text) : NULL;
    if (declaration && declaration->node == node)
        declaration->open = open;
}

void scope_declare_variables(struct resolver *resolver, const struct node *node, struct frame *scope)
{
    if (node->kind == NODE_VARIABLE)
        scope_declare(resolver, scope, node->text);
    for (uint32_t i = 0; i < node->count; i++)
        scope_declare_variables(resolver, node->items[i], scope);
}

/* What a `use` will bring, for functions that stand before it. */
static void declare_used(struct resolver *resolver, const struct node *use)
{
    const struct module *module = module_load(resolver->eval, use);
    if (use->count > 0) {
        struct value value = {.kind = VALUE_MODULE, .module = module ? module->exports : NULL};
        frame_bind(resolver->eval, resolver->whole, use->items[0]->text, value.module ? value : value_unknown());
    }
    for (size_t i = 0; module && module->exports && use->count == 0 && i < module->exports->count; i++)
        if (!frame_find_here(resolver->whole, module->exports->bindings[i].name))
            scope_declare(resolver, resolver->whole, module->exports->bindings[i].name);
}

void scope_declare_all(struct resolver *resolver, bool exported)
{
    const struct node *program = resolver->program;
    for (uint32_t i = 0; i < program->count; i++) {
        const struct node *statement = program->items[i];
        if (declares(statement))
            scope_declare_as(resolver, resolver->whole, (struct declaration){.node = statement, .exported = exported});
        else if (statement->kind == NODE_USE)
            declare_used(resolver, statement);
    }
}

void scope_declare_words(struct resolver *resolver, const struct node *node, struct frame *scope)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    const struct source *source = sources_get(&resolver->eval->state->sources, node->span.source);
    resolver->well = false;
    for (size_t at = node->span.start; source && at < node->span.end; at++) {
        size_t start = at;
        while (at < node->span.end && (strchr(letters, source->text[at]) || (unsigned char)source->text[at] >= 0x80))
            at++;
        struct str word = {source->text + start, at - start};
        if (word.len == 0 || (word.at[0] >= '0' && word.at[0] <= '9'))
            continue;
        resolver->blind |= start == node->span.start && (str_is(word, "use") || str_is(word, "import") || str_is(word, "from"));
        if (!scope_knows(resolver, scope, word))
            scope_declare(resolver, scope, word);
        if (scope == resolver->top && !frame_find_here(resolver->whole, word))
            scope_declare(resolver, resolver->whole, word);
    }
}

/* The part before number `i` that makes the same name; NULL: none. Few are searched in a row, many by way of `names`. */
static const struct node *made_before(const struct node *node, uint32_t i, struct frame *names)
{
    const struct node *part = node->items[i];
    if (names) {
        const struct binding *before = frame_find_here(names, part->text);
        return before ? node->items[(size_t)before->value.number] : NULL;
    }
    for (uint32_t before = 0; before < i; before++)
        if (node->items[before]->kind == part->kind && str_equal(node->items[before]->text, part->text))
            return node->items[before];
    return NULL;
}

void scope_check_distinct(struct resolver *resolver, const struct node *node, enum node_kind kind, const char *what)
{
    enum { FEW = 16 };
    const struct sources *sources = &resolver->eval->state->sources;
    struct frame *names = node->count > FEW ? frame_new(resolver->eval->state, NULL) : NULL;
    if (node->count > FEW && !names)
        out_of_memory(resolver);
    for (uint32_t i = 0; i < node->count && (names || node->count <= FEW); i++) {
        const struct node *part = node->items[i], *first = part->kind == kind ? made_before(node, i, names) : NULL;
        if (first) {
            struct diag *diag = diag_error(resolver->eval->diags, node_name_span(sources, part), "`%.*s` stands twice in %s",
                                           STR_ARG(part->text), what);
            diag_label(diag, node_name_span(sources, first), "here first");
            resolver->well = false;
        } else if (part->kind == kind && names) {
            frame_bind(resolver->eval, names, part->text, value_number(i));
        }
    }
    if (names)
        frame_release(names);
}
