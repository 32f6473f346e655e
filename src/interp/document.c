/* The manual's entries in the terminal: built-ins by their signatures, elements by their formulas, declared names by their comments. */
#include <string.h>

#include "interp/evaluate.h"
#include "interp/session.h"
#include "support/suggest.h"

static void add_paragraph(struct text *out, const char *doc)
{
    text_add(out, "  ");
    for (; *doc; doc++) {
        text_add_char(out, *doc);
        if (*doc == '\n')
            text_add(out, "  ");
    }
    text_add_char(out, '\n');
}

static void document_element(const struct element *element, struct text *out)
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
        add_paragraph(out, element->doc);
    text_add(out, "  derivative: ");
    formula_print(&element->formula, element->slope, names, out);
    text_addf(out, "\n  initial weights: %s\n", element->rectified ? "he" : "xavier");
}

/* A declaration as its source has it, up to the end of its first line, and its comment. */
static void document_declaration(const struct nel_state *state, const struct node *node, struct text *out)
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
        add_paragraph(out, text_chars(&doc));
    text_release(&doc);
}

static bool document_value(const struct nel_state *state, struct value value, struct text *out)
{
    switch (value.kind) {
    case VALUE_BUILTIN:
        text_addf(out, "%s\n", value.builtin->signature.text);
        add_paragraph(out, value.builtin->doc);
        return true;
    case VALUE_ELEMENT:
        document_element(value.element->element, out);
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
