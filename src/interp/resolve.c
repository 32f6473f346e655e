/* The walk over a program that meets each name where it stands; see resolver.h. */
#include "interp/resolve.h"

#include <math.h>
#include <string.h>

#include "interp/commands.h"
#include "interp/resolver.h"

static void resolve(struct resolver *resolver, const struct node *node, struct frame *scope);

static void resolve_items(struct resolver *resolver, const struct node *node, uint32_t from, struct frame *scope)
{
    for (uint32_t i = from; i < node->count; i++)
        resolve(resolver, node->items[i], scope);
}

static void resolve_stage(struct resolver *resolver, const struct node *node, struct frame *scope)
{
    resolver->stage = STAGE_ANY;
    resolve(resolver, node, scope);
    resolver->stage = STAGE_NONE;
}

/* Operands are stages where the whole is one, and where the operator joins nothing else. */
static void resolve_operands(struct resolver *resolver, const struct node *node, enum stage stage, struct frame *scope)
{
    for (uint32_t i = 0; i < node->count; i++)
        if (stage || node->op == OP_BRANCH || node->op == OP_SKIP)
            resolve_stage(resolver, node->items[i], scope);
        else
            resolve(resolver, node->items[i], scope);
}

/* `relu(8)`, `relu([32, 8])`, `relu(w, init: he)`: as layers are called, and hardly anything else. */
static bool called_with_width(const struct node *call)
{
    if (call->count < 2 || call->items[1]->kind == NODE_ARGUMENT)
        return false;
    const struct node *width = call->items[1];
    for (uint32_t i = 2; i < call->count; i++)
        if (call->items[i]->kind != NODE_ARGUMENT)
            return false;
    return call->count > 2 ||
           (width->kind == NODE_NUMBER && width->op == OP_NONE && width->number >= 2 && floor(width->number) == width->number);
}

/* Parameters, each seen by the defaults after it. */
static void resolve_params(struct resolver *resolver, const struct node *params, const struct node *of, struct frame *scope)
{
    scope_check_distinct(resolver, params, NODE_PARAM, "these parameters");
    for (uint32_t i = 0; i < params->count; i++) {
        const struct node *param = params->items[i];
        if (param->kind == NODE_ERROR) {
            scope_declare_words(resolver, param, scope);
            continue;
        }
        if (param->count > 0) {
            const struct node *initial = param->items[0];
            resolve(resolver, initial->kind == NODE_AXIS ? initial->items[0] : initial, scope);
        }
        if (of->text.len)
            scope_declare_as(resolver, scope, (struct declaration){.node = param, .of = of});
        else
            scope_declare(resolver, scope, param->text);
    }
}

/* A function, rule or growth policy: its parameters and `names`, then its parts, in a scope of their own. */
static void resolve_body(struct resolver *resolver, const struct node *node, const char *const *names, struct frame *outer)
{
    struct frame *scope = scope_open(resolver, outer);
    resolver->inside++;
    scope_set_open(resolver, outer, node, true);
    resolve_params(resolver, node->items[0], node, scope);
    for (; names && *names; names++)
        scope_declare(resolver, scope, str_of(*names));
    resolve_items(resolver, node, 1, scope);
    scope_set_open(resolver, outer, node, false);
    resolver->inside--;
    frame_release(scope);
}

static void resolve_rule(struct resolver *resolver, const struct node *node, struct frame *outer)
{
    struct frame *scope = scope_open(resolver, outer);
    resolve_params(resolver, node->items[0], node, scope);
    scope_declare_variables(resolver, node->items[1], scope);
    resolver->pattern = true;
    resolve_items(resolver, node, 1, scope);
    resolver->pattern = false;
    frame_release(scope);
}

static void resolve_chain(struct resolver *resolver, const struct node *node, struct frame *outer)
{
    struct frame *scope = scope_open(resolver, outer);
    for (uint32_t i = 0; i < node->count; i++) {
        const struct node *stage = node->items[i];
        bool arrow = i == 0 && stage->kind == NODE_NAME && !scope_knows(resolver, scope, stage->text);
        size_t told = resolver->eval->diags->count;
        resolve_stage(resolver, stage, scope);
        if (arrow) { /* (x) -> x + 1 */
            struct diags *diags = resolver->eval->diags;
            if (diags->count > told && !diags->at[told].help)
                diag_help(&diags->at[told], "a function without a name is written `fn(%.*s) = …`", STR_ARG(stage->text));
            scope_declare(resolver, scope, stage->text);
        }
        if (stage->kind == NODE_AS)
            scope_declare(resolver, scope, stage->text);
    }
    frame_release(scope);
}

static void resolve_block(struct resolver *resolver, const struct node *node, bool result, struct frame *outer);

static void resolve_for(struct resolver *resolver, const struct node *node, struct frame *outer)
{
    struct frame *scope = scope_open(resolver, outer);
    resolve(resolver, node->items[0], outer);
    scope_declare(resolver, scope, node->text);
    resolve_block(resolver, node->items[1], false, scope);
    frame_release(scope);
}

static void resolve_comprehension(struct resolver *resolver, const struct node *node, struct frame *outer)
{
    struct frame *scope = scope_open(resolver, outer);
    resolve(resolver, node->items[1], outer);
    scope_declare(resolver, scope, node->text);
    resolve(resolver, node->items[0], scope);
    resolve_items(resolver, node, 2, scope);
    frame_release(scope);
}

static void resolve_sweep(struct resolver *resolver, const struct node *node, struct frame *outer)
{
    struct frame *scope = scope_open(resolver, outer);
    scope_check_distinct(resolver, node, NODE_AXIS, "this sweep");
    for (uint32_t i = 0; i < node->count; i++) {
        const struct node *part = node->items[i];
        if (part->kind != NODE_AXIS) {
            resolve(resolver, part, scope);
            continue;
        }
        resolve(resolver, part->items[0], scope);
        scope_declare(resolver, scope, part->text);
    }
    frame_release(scope);
}

static bool is_value_statement(const struct node *node)
{
    switch ((enum node_kind)node->kind) {
    case NODE_CALL:
    case NODE_PIPE:
    case NODE_IF:
    case NODE_BLOCK:
    case NODE_ERROR:
        return false;
    case NODE_FN:
    case NODE_MOLECULE:
        return node->text.len == 0;
    default:
        return node->kind < NODE_LET;
    }
}

/* `let run = train M on data`, without options. */
static bool ends_in_training(const struct node *node)
{
    while (node->kind >= NODE_LET && node->count > 0)
        node = node->items[node->count - 1];
    return node->kind == NODE_TRAIN || node->kind == NODE_GROW || node->kind == NODE_EVOLVE;
}

/* Statements in a row. A value in the middle is lost; so is one at the end, unless the row is a block's result. */
static void resolve_statements(struct resolver *resolver, const struct node *node, bool result, struct frame *scope)
{
    for (uint32_t i = 0; i < node->count; i++) {
        const struct node *statement = node->items[i];
        size_t errors = resolver->eval->diags->errors;
        if (scope == resolver->top && declares(statement))
            resolver->well = resolve_declared(resolver->eval, resolver->program, statement, scope) && resolver->well;
        resolve(resolver, statement, scope);
        if (resolver->eval->diags->errors > errors) /* what is wrong with it says enough */
            continue;
        bool lost =
            is_value_statement(statement) && !(result && i + 1 == node->count) && !(resolver->shown && scope == resolver->top);
        if (!lost || resolver->broken)
            continue;
        struct diag *diag = diag_error(resolver->eval->diags, statement->span, "this value is not used");
        if (i > 0 && statement->kind == NODE_RECORD && ends_in_training(node->items[i - 1]))
            diag_help(diag, "options begin on the line of their data: `train M on data {`");
        else
            diag_help(diag, "`show` or `print` it, or keep it with `let`");
        resolver->well = false;
    }
}

static void resolve_block(struct resolver *resolver, const struct node *node, bool result, struct frame *outer)
{
    struct frame *scope = scope_open(resolver, outer);
    resolve_statements(resolver, node, result, scope);
    frame_release(scope);
}

static void resolve_use_here(struct resolver *resolver, const struct node *node, struct frame *scope)
{
    if (scope == resolver->top) {
        resolver->well = resolve_use(resolver->eval, resolver->program, node, scope, &resolver->blind) && resolver->well;
        return;
    }
    struct diag *diag = diag_error(resolver->eval->diags, node->span, "`use` stands in a block here");
    diag_help(diag, "put it at the top of the file: what a file uses does not depend on what it does");
    resolver->blind = true;
    resolver->well = false;
}

/* Of `m.member` and `m = …` that m may have it, or be changed. */
static void resolve_module_of(struct resolver *resolver, const struct node *node, struct frame *scope)
{
    const struct node *name = node->items[0];
    while (node->kind == NODE_ASSIGN && (name->kind == NODE_INDEX || name->kind == NODE_MEMBER))
        name = name->items[0];
    bool own;
    const struct binding *binding = name->kind == NODE_NAME ? scope_find(resolver, scope, name->text, &own) : NULL;
    if (!binding)
        return;
    bool well = node->kind == NODE_ASSIGN ? resolve_assigned(resolver->eval, node->items[0], binding)
                                          : resolve_member(resolver->eval, node, binding);
    resolver->well = resolver->well && well;
}

/* `x = 3` makes no name, and does not use the one it changes. */
static void resolve_assign(struct resolver *resolver, const struct node *node, struct frame *scope)
{
    const struct node *target = node->items[0];
    resolve(resolver, node->items[1], scope);
    if (target->kind != NODE_NAME) {
        resolve(resolver, target, scope);
    } else if (!scope_knows(resolver, scope, target->text)) {
        struct diag *diag =
            resolver->blind ? NULL : diag_error(resolver->eval->diags, target->span, "unknown name `%.*s`", STR_ARG(target->text));
        resolve_help_unknown(resolver, scope, target, STAGE_NONE, diag);
        if (diag && !diag->help)
            diag_help(diag, "a new name is made by `let %.*s = …`", STR_ARG(target->text));
        resolver->well = false;
        scope_declare(resolver, scope, target->text); /* told once */
    }
    resolve_module_of(resolver, node, scope);
}

/* Rules are given to an evolution by the keys of a record. */
static void resolve_record(struct resolver *resolver, const struct node *node, struct frame *scope)
{
    scope_check_distinct(resolver, node, NODE_FIELD, "this record");
    for (uint32_t i = 0; i < node->count; i++) {
        struct declaration *declaration =
            node->items[i]->kind == NODE_FIELD ? scope_declaration(resolver, scope, node->items[i]->text) : NULL;
        if (declaration && declaration->node->kind == NODE_RULE)
            declaration->used = true;
    }
    resolve_items(resolver, node, 0, scope);
}

/* Where a value in a block of options is unknown, and its option is, too: the option is what was mistaken. */
static void resolve_option(struct resolver *resolver, const struct signature *options, const struct node *field,
                           struct frame *scope)
{
    struct text help = {0};
    if (field->kind != NODE_FIELD || signature_has(options, field->text, &help)) {
        resolve(resolver, field, scope);
        return;
    }
    const bool blind = resolver->blind, well = resolver->well;
    resolver->blind = resolver->well = true;
    resolve(resolver, field, scope);
    if (!resolver->well && !blind)
        diag_help(diag_error(resolver->eval->diags, node_name_span(&resolver->eval->state->sources, field), "`%.*s` has no `%.*s`",
                             STR_ARG(options->name), STR_ARG(field->text)),
                  "%s", text_chars(&help));
    resolver->blind = blind;
    resolver->well = resolver->well && well;
    text_release(&help);
}

/* `train`, `grow` or `evolve`: what is trained, on what, and options in the end. */
static void resolve_training(struct resolver *resolver, const struct node *node, struct frame *scope)
{
    if (node->kind == NODE_EVOLVE)
        resolve(resolver, node->items[0], scope);
    else
        resolve_stage(resolver, node->items[0], scope);
    const struct node *last = node->items[node->count - 1];
    const bool block = node->count > (node->kind == NODE_GROW ? 3 : 2) && last->kind == NODE_RECORD;
    for (uint32_t i = 1; i < node->count - block; i++)
        resolve(resolver, node->items[i], scope);
    if (!block)
        return;
    struct signature options;
    if (!signature_read(&options, resolver->eval->state->commands->options((enum node_kind)node->kind))) {
        resolver->well = diag_out_of_memory(resolver->eval->diags, node->span);
        return;
    }
    scope_check_distinct(resolver, last, NODE_FIELD, "this record");
    for (uint32_t i = 0; i < last->count; i++)
        resolve_option(resolver, &options, last->items[i], scope);
    signature_release(&options);
}

static void resolve_pipe(struct resolver *resolver, const struct node *node, struct frame *scope)
{
    for (uint32_t i = 0; i < node->count; i++) {
        const struct node *part = node->items[i];
        bool keyword = i > 0 && part->kind == NODE_NAME && (str_is(part->text, "show") || str_is(part->text, "print"));
        if (!keyword)
            resolve(resolver, part, scope);
    }
}

static void resolve(struct resolver *resolver, const struct node *node, struct frame *scope)
{
    if ((char *)__builtin_frame_address(0) < resolver->eval->stack_limit) {
        diag_error(resolver->eval->diags, node->span, "brackets are nested too deep here");
        resolver->well = false;
        return;
    }
    enum stage stage = resolver->stage;
    resolver->stage = STAGE_NONE;
    switch ((enum node_kind)node->kind) {
    case NODE_NAME:
        if (scope_knows(resolver, scope, node->text))
            scope_use(resolver, scope, node->text);
        else
            resolve_unknown(resolver, scope, node, stage);
        if (resolver->pattern) /* told once, on the left side */
            scope_declare_missing(resolver, scope, node->text);
        break;
    case NODE_ERROR:
        scope_declare_words(resolver, node, scope);
        break;
    case NODE_ASSIGN:
        resolve_assign(resolver, node, scope);
        break;
    case NODE_FN:
    case NODE_MOLECULE:
        if (node->text.len) /* known in its own body */
            scope_declare_node(resolver, scope, node);
        resolve_body(resolver, node, NULL, scope);
        break;
    case NODE_GROWTH:
        scope_declare_node(resolver, scope, node);
        resolve_body(resolver, node, resolver->eval->state->commands->growth_names, scope);
        break;
    case NODE_RULE:
        scope_declare_node(resolver, scope, node);
        resolve_rule(resolver, node, scope);
        break;
    case NODE_ELEMENT: /* its formula has names of its own, checked where it is lowered */
        scope_check_distinct(resolver, node->items[1], NODE_PARAM, "these parameters");
        scope_declare_node(resolver, scope, node);
        break;
    case NODE_LOSS:
        scope_check_distinct(resolver, node->items[0], NODE_PARAM, "these parameters");
        scope_check_distinct(resolver, node->items[1], NODE_PARAM, "these parameters");
        scope_declare_node(resolver, scope, node);
        break;
    case NODE_LET:
    case NODE_SETTING:
        resolve_items(resolver, node, 0, scope);
        scope_declare_node(resolver, scope, node);
        break;
    case NODE_RECORD:
        resolve_record(resolver, node, scope);
        break;
    case NODE_CHAIN:
        resolve_chain(resolver, node, scope);
        break;
    case NODE_COMPREHENSION:
        resolve_comprehension(resolver, node, scope);
        break;
    case NODE_FOR:
        resolve_for(resolver, node, scope);
        break;
    case NODE_SWEEP:
        resolve_sweep(resolver, node, scope);
        break;
    case NODE_BLOCK:
        resolve_block(resolver, node, true, scope);
        break;
    case NODE_USE:
        resolve_use_here(resolver, node, scope);
        break;
    case NODE_MEMBER:
        resolve_items(resolver, node, 0, scope);
        resolve_module_of(resolver, node, scope);
        break;
    case NODE_PIPE:
        resolve_pipe(resolver, node, scope);
        break;
    case NODE_CALL:
        resolver->stage = stage || called_with_width(node) ? STAGE_LAYER : STAGE_NONE;
        resolve(resolver, node->items[0], scope);
        resolve_items(resolver, node, 1, scope);
        break;
    case NODE_AS:
    case NODE_UNARY:
    case NODE_BINARY:
        resolve_operands(resolver, node, stage, scope);
        break;
    case NODE_TRAIN:
    case NODE_GROW:
    case NODE_EVOLVE:
        resolve_training(resolver, node, scope);
        break;
    default:
        resolve_items(resolver, node, 0, scope);
        break;
    }
}

bool resolve_program(struct eval *eval, const struct node *program, struct frame *frame, bool module)
{
    struct resolver resolver = {
        .eval = eval, .program = program, .outside = frame, .broken = eval->diags->errors > 0, .well = true};
    resolver.shown = eval->state->interactive && !module;
    resolver.whole = frame_new(eval->state, NULL);
    resolver.top = resolver.whole ? frame_new(eval->state, frame) : NULL;
    if (!resolver.top) {
        if (resolver.whole)
            frame_release(resolver.whole);
        return diag_out_of_memory(eval->diags, SPAN_NONE);
    }
    scope_declare_all(&resolver, module || is_module(program));
    resolve_statements(&resolver, program, eval->gives_last && !module, resolver.top);
    if (eval->warnings && resolver.well)
        declared_warn(&resolver.declared, eval->state, eval->warnings);
    declared_release(&resolver.declared);
    frame_release(resolver.top);
    frame_release(resolver.whole);
    return resolver.well;
}
