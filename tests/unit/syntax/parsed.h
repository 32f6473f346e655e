/* A text parsed, told as text: the tree as one s-expression a statement, the errors one a line as `start-end message`, with
   their labels and help indented below. */
#ifndef NEL_TEST_SYNTAX_PARSED_H
#define NEL_TEST_SYNTAX_PARSED_H

#include <stdio.h>
#include <string.h>

#include "support/limits.h"
#include "syntax/parse.h"

static inline void tell_diags(const struct diags *diags, struct text *out)
{
    for (size_t i = 0; i < diags->count; i++) {
        const struct diag *diag = &diags->at[i];
        text_addf(out, "%u-%u %s\n", diag->span.start, diag->span.end, diag->message);
        for (size_t k = 0; k < diag->label_count; k++)
            text_addf(out, "  %u-%u %s\n", diag->labels[k].span.start, diag->labels[k].span.end, diag->labels[k].text);
        if (diag->help)
            text_addf(out, "  help: %s\n", diag->help);
    }
}

/* Returns the number of errors, -1 where memory ran out. */
static inline int parse_told(struct str text, struct text *tree, struct text *errors)
{
    struct sources sources = {0};
    struct diags diags = {0};
    struct arena arena;
    arena_init(&arena, LIMIT_AST_BYTES);
    uint32_t source = sources_add(&sources, "test.nel", text);
    struct node *program = source ? parse_program(&sources, source, &arena, &diags) : NULL;
    if (program && tree)
        ast_print(program, tree);
    if (errors)
        tell_diags(&diags, errors);
    int result = program ? (int)diags.errors : -1;
    diags_release(&diags);
    arena_release(&arena);
    sources_release(&sources);
    return result;
}

#endif
