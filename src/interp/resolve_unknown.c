/* What is said about a name that is unknown where it stands: the one that was meant, where it would be known, what it is called here;
   see resolver.h. */
#include "interp/module.h"
#include "interp/resolver.h"
#include "support/limits.h"
#include "support/suggest.h"
#include "syntax/foreign.h"

/* The stage of the program that is named so; NULL: none. */
static const struct node *tap_of(const struct node *node, struct str name)
{
    const struct node *tap = node->kind == NODE_AS && str_equal(node->text, name) ? node : NULL;
    for (uint32_t i = 0; !tap && i < node->count; i++)
        tap = tap_of(node->items[i], name);
    return tap;
}

/* Whether the value may be, or make, a stage of a molecule; a function of numbers never is. */
static bool fits_stage(struct value value)
{
    if (value.kind != VALUE_BUILTIN)
        return value.kind != VALUE_WORD && value.kind != VALUE_STRING;
    const struct signature *signature = &value.builtin->signature;
    return signature->result != VALUE_NUMBER && signature->result != VALUE_STRING &&
           (signature->count == 0 || signature->parameters[0].type != TYPE_NUMBER);
}

static void offer(struct suggestion *suggestion, const struct binding *binding, bool stage)
{
    if (stage && !fits_stage(binding->value))
        suggest_offer_unfit(suggestion, binding->name);
    else
        suggest_offer(suggestion, binding->name);
}

static void help_elements(struct resolver *resolver, struct diag *diag)
{
    const struct elements *elements = &resolver->eval->state->elements;
    struct text names = {0};
    for (size_t i = 0; i < elements->count; i++)
        text_addf(&names, "%s`%s`", i ? ", " : "", elements->at[i]->name);
    diag_help(diag, "the elements are %s", text_chars(&names));
    text_release(&names);
}

void resolve_help_unknown(struct resolver *resolver, struct frame *scope, const struct node *node, enum stage stage,
                          struct diag *diag)
{
    struct str name = node->text;
    const char *foreign = foreign_name(name);
    struct suggestion suggestion;
    if (foreign) {
        diag_help(diag, "%s", foreign);
    } else {
        suggest_start(&suggestion, name);
        for (struct frame *frame = scope; frame; frame = frame->parent)
            for (size_t i = 0; i < frame->count; i++)
                offer(&suggestion, &frame->bindings[i], stage != STAGE_NONE);
        if (suggestion.best.len)
            diag_help(diag, "did you mean `%.*s`?", STR_ARG(suggestion.best));
        else if (resolver->pattern && stage == STAGE_NONE)
            diag_help(diag, "a variable of a rule is written `?%.*s`", STR_ARG(name));
        else if (stage == STAGE_LAYER)
            help_elements(resolver, diag);
    }
}

/* A name that exists, but not here: a tap before its stage or outside of its bracket, a name before the statement that makes it.
   False where the name is neither. */
static bool out_of_place(struct resolver *resolver, const struct node *node)
{
    const struct sources *sources = &resolver->eval->state->sources;
    const struct node *tap = tap_of(resolver->program, node->text);
    const struct binding *later = frame_find_here(resolver->whole, node->text);
    const struct node *made = tap;
    if (!tap && later && later->value.kind == VALUE_NUMBER)
        made = resolver->declared.list.at[(size_t)later->value.number].node;
    if (!made)
        return false;
    bool early = made->span.source == node->span.source && node_name_span(sources, made).start > node->span.start;
    struct diag *diag =
        diag_error(resolver->eval->diags, node->span, early ? "`%.*s` is used before it is %s" : "`%.*s` is unknown here",
                   STR_ARG(node->text), tap ? "named" : "made");
    diag_label(diag, node_name_span(sources, made), tap ? "the tap is named here" : "made here");
    if (tap)
        diag_help(diag, "a tap is known in later stages of its own bracket, and in brackets within them");
    return true;
}

void resolve_unknown(struct resolver *resolver, struct frame *scope, const struct node *node, enum stage stage)
{
    resolver->well = false;
    if (resolver->blind)
        return;
    if (resolver->eval->diags->count >= LIMIT_DIAGS) { /* it would not be kept, and the search for a near name is long */
        resolver->eval->diags->overflowed = true;
        return;
    }
    if (out_of_place(resolver, node))
        return;
    struct text hint = {0};
    module_hint(resolver->eval, resolver->program, node->text, &hint);
    struct diag *diag = diag_error(resolver->eval->diags, node->span, "unknown name `%.*s`", STR_ARG(node->text));
    if (hint.len)
        diag_help(diag, "%s", text_chars(&hint));
    else
        resolve_help_unknown(resolver, scope, node, stage, diag);
    text_release(&hint);
}
