/* The manual's entries in the terminal: built-ins by their signatures, elements by their formulas, declared names by their comments. */
#include <string.h>

#include "interp/evaluate.h"
#include "interp/session.h"
#include "interp/show.h"
#include "support/suggest.h"

/* Broken between words at the width of the terminal. */
static void add_paragraph(struct nel_state *state, struct str doc, struct text *out)
{
    struct eval eval = {.state = state};
    struct show show = show_start(&eval, SPAN_NONE, out);
    show_paragraph(&show, doc);
}

static void document_element(struct nel_state *state, const struct element *element, struct text *out)
{
    const char *names[LIMIT_ELEMENT_PARAMETERS] = {0};
    text_addf(out, "element %s \"%s\" (x", element->name, element->symbol);
    for (unsigned i = 0; i < element->param_count; i++) {
        names[i] = element->params[i].name;
        text_addf(out, "%s%s = %g", i == 0 ? "; " : ", ", names[i], element->params[i].initial);
    }
    text_add(out, ") = ");
    formula_print(&element->formula, element->value, names, out);
    text_add(out, "\n");
    if (element->doc[0])
        add_paragraph(state, str_of(element->doc), out);
    text_add(out, "derivative: ");
    formula_print(&element->formula, element->slope, names, out);
    text_addf(out, "\ninitial weights: %s\n", element->rectified ? "he" : "xavier");
}

/* A declaration as its source has it, up to the end of its first line, and its comment. */
static void document_declaration(struct nel_state *state, const struct node *node, struct text *out)
{
    const struct source *source = sources_get(&state->sources, node->span.source);
    struct text doc = {0};
    struct str line = {source->text + node->span.start, node->span.end - node->span.start};
    const char *end = memchr(line.at, '\n', line.len);
    if (end)
        line.len = (size_t)(end - line.at);
    text_add_str(out, line);
    text_add_char(out, '\n');
    if (doc_comment(source, node, &doc))
        add_paragraph(state, text_str(&doc), out);
    text_release(&doc);
}

static bool document_value(struct nel_state *state, struct value value, struct text *out)
{
    switch (value.kind) {
    case VALUE_BUILTIN:
        text_addf(out, "%s\n", value.builtin->signature.text);
        add_paragraph(state, str_of(value.builtin->doc), out);
        return true;
    case VALUE_ELEMENT:
        document_element(state, value.element->element, out);
        return true;
    case VALUE_FUNCTION:
        document_declaration(state, value.function->node, out);
        return true;
    case VALUE_RULE:
        document_declaration(state, value.rule->node, out);
        return true;
    case VALUE_GROWTH:
        document_declaration(state, value.growth->node, out);
        return true;
    default:
        return false;
    }
}

bool state_doc(struct nel_state *state, struct str name, struct text *out, struct text *help)
{
    struct binding *binding = frame_find(state->globals, name);
    if (binding && document_value(state, binding->value, out))
        return true;
    struct suggestion suggestion;
    suggest_start(&suggestion, name);
    for (struct frame *frame = state->globals; frame; frame = frame->parent)
        for (size_t i = 0; i < frame->count; i++)
            suggest_offer(&suggestion, frame->bindings[i].name);
    if (suggestion.best.len)
        text_addf(help, "did you mean `%.*s`?", STR_ARG(suggestion.best));
    return false;
}
