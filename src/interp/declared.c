/* See declared.h. */
#include "interp/declared.h"

#include <stdlib.h>

#include "support/limits.h"
#include "support/memory.h"

bool declares(const struct node *statement)
{
    switch ((enum node_kind)statement->kind) {
    case NODE_LET:
    case NODE_FN:
    case NODE_MOLECULE:
    case NODE_ELEMENT:
    case NODE_LOSS:
    case NODE_RULE:
    case NODE_GROWTH:
    case NODE_SETTING:
        return statement->text.len > 0;
    default:
        return false;
    }
}

bool is_module(const struct node *program)
{
    for (uint32_t i = 0; i < program->count; i++)
        if (!declares(program->items[i]) && program->items[i]->kind != NODE_USE)
            return false;
    return true;
}

bool declared_add(struct declared *declared, struct declaration declaration)
{
    return declared->list.count < UINT32_MAX && vec_push(&declared->list, declaration);
}

void declared_again(struct declared *declared, uint32_t number, const struct node *statement)
{
    struct declaration *first = &declared->list.at[number];
    bool let = first->node && first->node->kind == NODE_LET && statement->kind == NODE_LET;
    if (first->node && first->node != statement && !first->again && !let)
        first->again = statement;
}

void declared_release(struct declared *declared)
{
    vec_release(&declared->list);
}

/* ---- the warnings ---- */

/* "the function", for messages; "" where the name alone says enough. */
static const char *kind_of(const struct node *node)
{
    switch ((enum node_kind)node->kind) {
    case NODE_FN:
        return "the function ";
    case NODE_MOLECULE:
        return "the molecule ";
    case NODE_ELEMENT:
        return "the element ";
    case NODE_LOSS:
        return "the loss ";
    case NODE_RULE:
        return "the rule ";
    case NODE_GROWTH:
        return "the growth policy ";
    case NODE_SETTING:
        return "the option ";
    case NODE_PARAM:
        return "the parameter ";
    default:
        return "";
    }
}

/* Whether the name means an element or a rule without the program. Functions are hidden freely: `let table = sweep …` has the name
   that fits best, and whoever calls it afterwards is told what it is now. */
static bool hides(const struct nel_state *state, const struct node *node, struct value *hidden)
{
    const struct binding *binding = frame_find_here(state->builtins, node->text);
    if (!binding || node->kind == NODE_PARAM)
        return false;
    *hidden = binding->value;
    return hidden->kind == VALUE_ELEMENT || hidden->kind == VALUE_MOLECULE || hidden->kind == VALUE_RULE;
}

static void warn_unused(const struct declaration *declaration, const struct nel_state *state, struct diags *diags)
{
    const struct node *node = declaration->node;
    bool lone = declaration->of && declaration->of->text.len;
    struct diag *diag = diag_warning(diags, node_name_span(&state->sources, node), "%s`%.*s`%s%.*s%s is never used", kind_of(node),
                                     STR_ARG(node->text), lone ? " of `" : "", (int)(lone ? declaration->of->text.len : 0),
                                     lone ? declaration->of->text.at : "", lone ? "`" : "");
    diag_help(diag, "if that is meant, begin its name with `_`: `_%.*s`", STR_ARG(node->text));
}

static void warn(const struct declaration *declaration, const struct nel_state *state, struct diags *diags)
{
    const struct node *node = declaration->node;
    struct value hidden;
    if (!node || node->text.at[0] == '_')
        return;
    if (hides(state, node, &hidden)) {
        struct diag *diag = diag_warning(diags, node_name_span(&state->sources, node), "this hides the %s `%.*s`",
                                         value_kind_name(hidden.kind), STR_ARG(node->text));
        diag_help(diag, "choose another name, so that both can be used");
    }
    if (declaration->again) {
        struct diag *diag = diag_warning(diags, node_name_span(&state->sources, declaration->again), "`%.*s` is defined twice",
                                         STR_ARG(node->text));
        diag_label(diag, node_name_span(&state->sources, node), "here first");
    }
    if (!declaration->used && !declaration->exported && node->kind != NODE_ELEMENT)
        warn_unused(declaration, state, diags);
}

static int by_place(const void *left, const void *right)
{
    const struct node *a = ((const struct declaration *)left)->node, *b = ((const struct declaration *)right)->node;
    uint32_t at = a ? a->span.start : 0, other = b ? b->span.start : 0;
    return (at > other) - (at < other);
}

void declared_warn(struct declared *declared, const struct nel_state *state, struct diags *diags)
{
    if (declared->list.count > 0)
        qsort(declared->list.at, declared->list.count, sizeof *declared->list.at, by_place);
    for (size_t i = 0; i < declared->list.count && diags->count < LIMIT_DIAGS; i++)
        warn(&declared->list.at[i], state, diags);
}
