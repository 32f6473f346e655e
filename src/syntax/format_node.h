/* Nodes as documents, for format.c. Comments are taken along where a construct may hold them. */
#ifndef NEL_SYNTAX_FORMAT_NODE_H
#define NEL_SYNTAX_FORMAT_NODE_H

#include "syntax/format_parts.h"

/* How tightly a construct holds together, loosest first: the layers and precedences of the grammar. */
enum level {
    LEVEL_VALUE,
    LEVEL_OR,
    LEVEL_AND,
    LEVEL_NOT,
    LEVEL_COMPARISON,
    LEVEL_PIPE,
    LEVEL_RANGE,
    LEVEL_FLOW,
    LEVEL_STAGE,
    LEVEL_BRANCH,
    LEVEL_SUM,
    LEVEL_PRODUCT,
    LEVEL_PREFIX,
    LEVEL_POWER,
    LEVEL_POSTFIX,
    LEVEL_PRIMARY
};

/* ---- format_statement.c ---- */

/* Statement number `i` of a program, with the comments above and behind it and the empty line in front where there was one. */
document format_statement(struct formatter *formatter, const struct node *program, uint32_t i);

/* The comments behind the last statement, each with its line end. */
document format_end(struct formatter *formatter, const struct node *program);

/* A statement of a block. */
document format_block_statement(struct formatter *formatter, const struct node *node);

/* ---- format_expr.c ---- */

/* An expression that stands where `level` or tighter is asked for, in brackets where it is looser. */
document format_node(struct formatter *formatter, const struct node *node, enum level level);

document format_value(struct formatter *formatter, const struct node *node); /* where any expression may stand */

/* A value or condition with something behind it that must not become part of it. */
document format_closed(struct formatter *formatter, const struct node *node, enum level level);

document format_block(struct formatter *formatter, const struct node *node);
document format_params(struct formatter *formatter, const struct node *node);
document format_optional_params(struct formatter *formatter, const struct node *node); /* nothing where there are none */
document format_body(struct formatter *formatter, const struct node *body);            /* ` = value`, ` { … }` */

/* ---- format_operator.c ---- */

enum level format_level(const struct node *node);

/* Operands and operators of one level, in no group of their own: one line, or one each. `hangs`: lines after the first are indented,
   since nothing around does it. */
document format_binary_rows(struct formatter *formatter, const struct node *node, bool hangs);
document format_chain_rows(struct formatter *formatter, const struct node *node, bool hangs);
document format_pipe_rows(struct formatter *formatter, const struct node *node, bool hangs);

document format_unary(struct formatter *formatter, const struct node *node);

#endif
