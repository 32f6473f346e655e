/* Operators, chains and pipes as documents (see format_node.h). Brackets stand where an operand holds less tightly than its operator
   asks for, and around branches beside `->`, which bind tighter than they look. */
#include "syntax/format_node.h"

static enum level binary_level(enum op op)
{
    switch (op) {
    case OP_OR:
        return LEVEL_OR;
    case OP_AND:
        return LEVEL_AND;
    case OP_EQ:
    case OP_NE:
    case OP_LT:
    case OP_LE:
    case OP_GT:
    case OP_GE:
        return LEVEL_COMPARISON;
    case OP_BRANCH:
        return LEVEL_BRANCH;
    case OP_ADD:
    case OP_SUB:
        return LEVEL_SUM;
    case OP_POW:
        return LEVEL_POWER;
    default:
        return LEVEL_PRODUCT;
    }
}

enum level format_level(const struct node *node)
{
    switch ((enum node_kind)node->kind) {
    case NODE_BINARY:
        return binary_level((enum op)node->op);
    case NODE_UNARY:
        return node->op == OP_NOT ? LEVEL_NOT : LEVEL_PREFIX;
    case NODE_PIPE:
        return LEVEL_PIPE;
    case NODE_RANGE:
    case NODE_TRAIN:
    case NODE_GROW:
    case NODE_EVOLVE:
    case NODE_SWEEP:
        return LEVEL_RANGE;
    case NODE_CHAIN:
        return LEVEL_FLOW;
    case NODE_AS:
        return LEVEL_STAGE;
    case NODE_CALL:
    case NODE_INDEX:
    case NODE_MEMBER:
        return LEVEL_POSTFIX;
    case NODE_FN:
    case NODE_IF: /* no brackets are needed, but an operand without them reads badly */
    case NODE_PREDICATE:
        return LEVEL_VALUE;
    default:
        return LEVEL_PRIMARY;
    }
}

/* Where operators of one level follow each other, lines break at all of them or at none. The operators that may begin a line do. */
static document operand_tail(struct formatter *formatter, const char *operator, document operand, bool leads)
{
    document sign = part_word(formatter, operator);
    return leads ? JOIN(formatter, part_line(formatter), sign, part_word(formatter, " "), operand)
                 : JOIN(formatter, part_word(formatter, " "), sign, part_line(formatter), operand);
}

/* What an operand must be to stand without brackets: a sum beside `|` needs them, and a power takes its next one on the right. */
static enum level operand_level(enum op op, bool first)
{
    if (op == OP_POW)
        return first ? LEVEL_POSTFIX : LEVEL_PREFIX;
    return op == OP_BRANCH ? LEVEL_PRODUCT : binary_level(op) + 1;
}

document format_binary_rows(struct formatter *formatter, const struct node *node, bool hangs)
{
    document rows = format_node(formatter, node->items[0], operand_level((enum op)node->op, true));
    for (uint32_t i = 1; i < node->count; i++) {
        enum op op = node_joint(node, i).op;
        document operand = format_node(formatter, node->items[i], operand_level(op, false));
        if (op == OP_POW)
            return JOIN(formatter, rows, part_word(formatter, "^"), operand);
        document tail = operand_tail(formatter, op_text(op), operand, op == OP_OR || op == OP_AND || op == OP_BRANCH);
        rows = JOIN(formatter, rows, hangs ? part_nest(formatter, tail) : tail);
    }
    return rows;
}

static bool is_branch(const struct node *node)
{
    return node->kind == NODE_BINARY && node->op == OP_BRANCH;
}

static document format_stage(struct formatter *formatter, const struct node *node)
{
    if (node->kind == NODE_AS && is_branch(node->items[0]))
        return JOIN(formatter, format_node(formatter, node->items[0], LEVEL_SUM), part_word(formatter, " as "),
                    part_words(formatter, node->text));
    return format_node(formatter, node, is_branch(node) ? LEVEL_SUM : LEVEL_STAGE);
}

document format_chain_rows(struct formatter *formatter, const struct node *node, bool hangs)
{
    document rows = NULL;
    for (uint32_t i = 0; i < node->count; i++) {
        const struct node *stage = node->items[i];
        document above = i > 0 ? part_comments_above(formatter, stage->span.start, true, false) : NULL;
        document content = format_stage(formatter, stage);
        document behind = i + 1 < node->count ? part_comment_behind(formatter, stage->span.end, true, "->") : NULL;
        document arrow = i > 0 ? part_word(formatter, "-> ") : NULL;
        document item = JOIN(formatter, i > 0 ? part_line(formatter) : NULL, above, arrow, content, behind);
        rows = JOIN(formatter, rows, hangs && i > 0 ? part_nest(formatter, item) : item);
    }
    return rows;
}

document format_pipe_rows(struct formatter *formatter, const struct node *node, bool hangs)
{
    document rows = format_node(formatter, node->items[0], LEVEL_PIPE);
    for (uint32_t i = 1; i < node->count; i++) {
        const struct node *target = node->items[i];
        rows = JOIN(formatter, rows, part_comment_behind(formatter, node->items[i - 1]->span.end, true, "|>"));
        document above = part_comments_above(formatter, target->span.start, true, false);
        document tail = JOIN(formatter, part_line(formatter), above, part_word(formatter, "|> "),
                             format_node(formatter, target, LEVEL_POSTFIX));
        rows = JOIN(formatter, rows, hangs ? part_nest(formatter, tail) : tail);
    }
    return rows;
}

document format_unary(struct formatter *formatter, const struct node *node)
{
    if (node->op == OP_NOT) /* `not (a == b)`: the brackets are not needed, but spare a second look */
        return JOIN(formatter, part_word(formatter, "not "), format_node(formatter, node->items[0], LEVEL_PIPE));
    return JOIN(formatter, part_word(formatter, op_text((enum op)node->op)), format_node(formatter, node->items[0], LEVEL_PREFIX));
}
