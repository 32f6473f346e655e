/* The manual's entries in the terminal: built-ins by their signatures, elements by their formulas, declared names by their comments. */
#include <string.h>

#include "interp/declared.h"
#include "interp/evaluate.h"
#include "interp/module.h"
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

/* Lines of a declaration that its entry shows; of a longer one only the first. */
#define LINES_SHOWN 8

/* A declaration as its source has it, and its comment. */
static void document_declaration(struct nel_state *state, const struct node *node, struct text *out)
{
    const struct source *source = sources_get(&state->sources, node->span.source);
    struct text doc = {0};
    struct str lines = {source->text + node->span.start, node->span.end - node->span.start};
    unsigned count = source_position(source, node->span.end).line - source_position(source, node->span.start).line + 1;
    if (count > LINES_SHOWN)
        lines.len = strcspn(lines.at, "\n");
    text_addf(out, "%.*s%s\n", STR_ARG(lines), count > LINES_SHOWN ? " …" : "");
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

/* ---- the standard library, as far as it has to be used first ---- */

/* The comment that a file begins with. */
static void add_top_comment(struct nel_state *state, const struct library_file *file, struct text *out)
{
    struct text comment = {0};
    for (const char *line = file->text; line[0] == '#'; line += strcspn(line, "\n") + 1) {
        size_t len = strcspn(line, "\n");
        text_addf(&comment, "%s%.*s", comment.len ? " " : "", len > 2 ? (int)len - 2 : 0, line + 2);
    }
    add_paragraph(state, text_str(&comment), out);
    text_release(&comment);
}

/* A module: what it is, and the names that it gives. */
static void document_module(struct nel_state *state, const struct library_file *file, const struct node *program, struct text *out)
{
    struct text names = {0};
    text_addf(out, "use %s\n", file->name);
    add_top_comment(state, file, out);
    for (uint32_t i = 0; i < program->count; i++) {
        const struct node *node = program->items[i];
        if (declares(node) && node->text.at[0] != '_')
            text_addf(&names, "%s%.*s", names.len ? ", " : "Names: ", STR_ARG(node->text));
    }
    add_paragraph(state, text_str(&names), out);
    text_release(&names);
}

static bool document_library(struct nel_state *state, struct str name, struct text *out)
{
    struct diags unused = {0};
    struct eval eval;
    eval_start(&eval, state, state->builtins, &unused, 0);
    const struct library_file *file = library_find(name);
    const struct node *program = file ? library_program(&eval, file) : NULL;
    if (program) {
        document_module(state, file, program, out);
    } else if ((program = library_declaration(&eval, name, &file))) {
        document_declaration(state, program, out);
        text_addf(out, "needs `use %s`\n", file->name);
    }
    eval_end(&eval);
    diags_release(&unused);
    return program;
}

bool state_doc(struct nel_state *state, struct str name, struct text *out, struct text *help)
{
    struct binding *binding = frame_find(state->globals, name);
    if ((binding && document_value(state, binding->value, out)) || document_library(state, name, out))
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
