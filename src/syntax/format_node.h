/* Nodes as documents, for format.c. Comments are taken along where a construct may hold them. */
#ifndef NEL_SYNTAX_FORMAT_NODE_H
#define NEL_SYNTAX_FORMAT_NODE_H

#include "syntax/ast.h"
#include "syntax/comments.h"
#include "syntax/pretty.h"

struct formatter {
    struct pretty_maker maker;
    struct str text; /* of the source */
    struct comments comments;
};

/* Statement number `i` of a program, with the comments above and behind it and the empty line in front where there was one. */
const struct pretty *format_statement(struct formatter *formatter, const struct node *program, uint32_t i);

/* The comments behind the last statement, each with its line end. */
const struct pretty *format_end(struct formatter *formatter, const struct node *program);

#endif
