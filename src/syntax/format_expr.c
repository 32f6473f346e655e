/* Expressions as documents (see format_node.h), operators apart. The tree keeps no brackets: they are put where the precedence of an
   operand asks for them. A line may break only where the layout rule (layout.c) lets the statement go on: behind a comma, an opening
   bracket or an operator, and in front of `->`, `|>`, `|`, `and`, `or`, `on`, `by`, `=>`. Only one thing is the writer's choice: braces
   stay open over several lines where a line ends right behind `{`. */
#include "syntax/format_node.h"

document format_value(struct formatter *formatter, const struct node *node)
{
    return format_node(formatter, node, LEVEL_VALUE);
}

static bool is_leaf(const struct node *node)
{
    bool negative = node->kind == NODE_UNARY && node->op == OP_NEGATE && node->items[0]->kind == NODE_NUMBER;
    return (node->count == 0 && node->kind != NODE_RECORD && node->kind != NODE_LIST) || negative;
}

static bool has_only_leaves(const struct node *node)
{
    for (uint32_t i = 0; i < node->count; i++)
        if (!is_leaf(node->items[i]))
            return false;
    return true;
}

/* Leaves fill their lines, as a person sets a table of numbers; other items have a line each, and so have those with comments. */
static document format_list(struct formatter *formatter, const struct node *node)
{
    bool leaves = has_only_leaves(node);
    document filled = NULL, listed = NULL;
    for (uint32_t i = 0; i < node->count; i++) {
        document item = part_list_row(formatter, node->items[i], format_value, i + 1 < node->count ? "," : "");
        if (i > 0)
            item = JOIN(formatter, part_line(formatter), item);
        listed = JOIN(formatter, listed, item);
        if (leaves)
            filled = JOIN(formatter, filled, i > 0 ? part_group(formatter, item) : item);
    }
    listed = part_with_comments_left(formatter, listed, node->span.end - 1);
    return part_enclosed(formatter, "[", leaves && !pretty_breaks(listed) ? filled : listed, "]");
}

static document format_comprehension(struct formatter *formatter, const struct node *node)
{
    document inside =
        JOIN(formatter, format_value(formatter, node->items[0]), part_line(formatter), part_word(formatter, "for "),
             part_words(formatter, node->text), part_word(formatter, " in "), format_value(formatter, node->items[1]));
    if (node->count > 2)
        inside =
            JOIN(formatter, inside, part_line(formatter), part_word(formatter, "if "), format_value(formatter, node->items[2]));
    return part_enclosed(formatter, "[", part_with_comments_left(formatter, inside, node->span.end - 1), "]");
}

document format_block(struct formatter *formatter, const struct node *node)
{
    return part_braces(formatter, node, 0, node->span.start, format_block_statement, STR(""), node->count > 1);
}

static document format_field(struct formatter *formatter, const struct node *node)
{
    if (node->kind != NODE_FIELD)
        return format_value(formatter, node);
    const struct node *content = node->items[0];
    if (content->kind == NODE_NAME && content->span.start == node->span.start)
        return part_words(formatter, node->text); /* { seed } */
    const char *start = formatter->text.at + node->span.start;
    struct str key = *start == '"' ? part_string_literal(start) : node->text;
    return JOIN(formatter, part_words(formatter, key), part_word(formatter, ": "), format_value(formatter, content));
}

static document format_record(struct formatter *formatter, const struct node *node)
{
    return part_group(formatter, part_braces(formatter, node, 0, node->span.start, format_field, STR(","), false));
}

/* ---- calls ---- */

/* What may stand against the bracket of a call, so that its own lines are indented once: `map(xs, fn(x) { … })`. */
static bool may_hug(const struct node *node)
{
    if (node->kind == NODE_ARGUMENT)
        node = node->items[0];
    bool block_body = node->kind == NODE_FN && node->items[1]->kind == NODE_BLOCK;
    return node->kind == NODE_RECORD || node->kind == NODE_LIST || node->kind == NODE_COMPREHENSION || block_body;
}

static document format_arguments(struct formatter *formatter, const struct node *node)
{
    uint32_t last = node->count - 1;
    if (last == 0)
        return part_enclosed(formatter, "(", part_with_comments_left(formatter, NULL, node->span.end - 1), ")");
    document before = NULL, lines = NULL;
    for (uint32_t i = 1; i < last; i++) {
        document item = part_list_row(formatter, node->items[i], format_value, ",");
        before = JOIN(formatter, before, item, part_word(formatter, " "));
        lines = JOIN(formatter, lines, item, part_line(formatter));
    }
    struct part_row end = part_row_make(formatter, node->items[last], format_value, "", true, false);
    document left = part_with_comments_left(formatter, NULL, node->span.end - 1);
    bool commented = end.above || end.behind || left || pretty_breaks(before);
    if (may_hug(node->items[last]) && !commented && (last == 1 || pretty_breaks(end.item)))
        return JOIN(formatter, part_word(formatter, "("), before, end.item, part_word(formatter, ")"));
    return part_enclosed(formatter, "(",
                         JOIN(formatter, lines, end.above, end.item, end.behind, left ? part_hard_line(formatter) : NULL, left),
                         ")");
}

/* ---- functions ---- */

static document format_axis(struct formatter *formatter, const struct node *node);

static document format_param(struct formatter *formatter, const struct node *node)
{
    const struct node *initial = node->count ? node->items[0] : NULL;
    if (initial && initial->kind == NODE_AXIS)
        return format_axis(formatter, initial);
    document name =
        JOIN(formatter, node->op == OP_LEARNED ? part_word(formatter, "learned ") : NULL, part_words(formatter, node->text));
    return initial ? JOIN(formatter, name, part_word(formatter, " = "), format_value(formatter, initial)) : name;
}

/* An element's traits follow a semicolon. */
document format_params(struct formatter *formatter, const struct node *node)
{
    document rows = NULL;
    for (uint32_t i = 0; i < node->count; i++) {
        bool last = i + 1 == node->count;
        bool traits_follow = !last && node->items[i]->number == 0 && node->items[i + 1]->number != 0;
        document item = part_list_row(formatter, node->items[i], format_param, last ? "" : traits_follow ? ";" : ",");
        rows = JOIN(formatter, rows, i > 0 ? part_line(formatter) : NULL, item);
    }
    if (rows || node->span.end > node->span.start)
        rows = part_with_comments_left(formatter, rows, node->span.end - 1);
    return part_enclosed(formatter, "(", rows, ")");
}

document format_optional_params(struct formatter *formatter, const struct node *node)
{
    return node->count ? format_params(formatter, node) : NULL;
}

document format_body(struct formatter *formatter, const struct node *body)
{
    if (body->kind == NODE_BLOCK)
        return JOIN(formatter, part_word(formatter, " "), format_block(formatter, body));
    return JOIN(formatter, part_word(formatter, " = "), format_value(formatter, body));
}

static document format_fn(struct formatter *formatter, const struct node *node)
{
    document name = node->text.len ? JOIN(formatter, part_word(formatter, " "), part_words(formatter, node->text)) : NULL;
    return part_group(formatter, JOIN(formatter, part_word(formatter, "fn"), name, format_params(formatter, node->items[0]),
                                      format_body(formatter, node->items[1])));
}

/* ---- commands ---- */

/* Whether the expression ends in a command without options, to which a `{` behind it would belong; or in an `if` without `else`,
   to which an `else` would. */
static bool ends_open(const struct node *node)
{
    switch ((enum node_kind)node->kind) {
    case NODE_TRAIN:
    case NODE_EVOLVE:
        return node->count < 3;
    case NODE_GROW:
        return node->count < 4;
    case NODE_IF:
        return node->count < 3 || ends_open(node->items[2]);
    case NODE_BINARY:
    case NODE_UNARY:
    case NODE_PREDICATE:
    case NODE_FN:
        return ends_open(node->items[node->count - 1]);
    default:
        return false;
    }
}

document format_closed(struct formatter *formatter, const struct node *node, enum level level)
{
    return ends_open(node) ? part_in_brackets(formatter, format_value(formatter, node)) : format_node(formatter, node, level);
}

static document format_axis(struct formatter *formatter, const struct node *node)
{
    return JOIN(formatter, part_words(formatter, node->text), part_word(formatter, " in "),
                format_closed(formatter, node->items[0], LEVEL_VALUE));
}

static document format_command(struct formatter *formatter, const struct node *node)
{
    static const char *const names[] = {[NODE_TRAIN] = "train ", [NODE_GROW] = "grow ", [NODE_EVOLVE] = "evolve "};
    uint32_t operands = node->kind == NODE_GROW ? 3 : 2;
    document head = JOIN(formatter, part_word(formatter, names[node->kind]), format_node(formatter, node->items[0], LEVEL_FLOW));
    document data =
        JOIN(formatter, part_line(formatter), part_word(formatter, "on "), format_node(formatter, node->items[1], LEVEL_FLOW));
    if (operands == 3)
        data = JOIN(formatter, data, part_line(formatter), part_word(formatter, "by "),
                    format_node(formatter, node->items[2], LEVEL_POSTFIX));
    document command = part_group(formatter, JOIN(formatter, head, part_nest(formatter, data)));
    if (node->count > operands)
        command = JOIN(formatter, command, part_word(formatter, " "), format_record(formatter, node->items[operands]));
    return command;
}

/* Axes on lines of their own stand deeper than the body. */
static document format_sweep(struct formatter *formatter, const struct node *node)
{
    document axes = NULL, rest = NULL;
    for (uint32_t i = 0; i + 1 < node->count; i++) {
        const struct node *part = node->items[i];
        if (part->kind == NODE_AXIS && i > 0)
            axes = JOIN(formatter, axes, part_word(formatter, ","), part_line(formatter),
                        part_comments_above(formatter, part->span.start, true, false), format_axis(formatter, part));
        else if (part->kind == NODE_AXIS)
            axes = format_axis(formatter, part);
        else
            rest = JOIN(formatter, rest, part_word(formatter, part->kind == NODE_WHERE ? " where " : " draw "),
                        format_closed(formatter, part->items[0], LEVEL_VALUE));
    }
    document head = part_group(
        formatter, JOIN(formatter, part_word(formatter, "sweep "), part_nest(formatter, part_nest(formatter, axes)), rest));
    return JOIN(formatter, head, part_word(formatter, " "),
                part_group(formatter, format_block(formatter, node->items[node->count - 1])));
}

/* Not in a group of its own: all branches stand on one line, or none does. */
static document if_rows(struct formatter *formatter, const struct node *node)
{
    document rows = JOIN(formatter, part_word(formatter, "if "), format_closed(formatter, node->items[0], LEVEL_OR),
                         part_word(formatter, " "), format_block(formatter, node->items[1]));
    if (node->count < 3)
        return rows;
    const struct node *otherwise = node->items[2];
    document branch = otherwise->kind == NODE_IF ? if_rows(formatter, otherwise) : format_block(formatter, otherwise);
    return JOIN(formatter, rows, part_word(formatter, " else "), branch);
}

/* ---- any expression ---- */

/* `hangs`: lines after the first are indented, since nothing around does it. */
static document format_bare(struct formatter *formatter, const struct node *node, enum level level, bool hangs)
{
    switch ((enum node_kind)node->kind) {
    case NODE_NAME:
        return part_words(formatter, node->text);
    case NODE_NONE:
        return part_word(formatter, "none");
    case NODE_BOOL:
        return part_word(formatter, node->number != 0 ? "true" : "false");
    case NODE_SELF:
        return NULL;
    case NODE_LIST:
        return format_list(formatter, node);
    case NODE_COMPREHENSION:
        return format_comprehension(formatter, node);
    case NODE_RECORD:
        return format_record(formatter, node);
    case NODE_SPREAD:
        return JOIN(formatter, part_word(formatter, "..."), format_value(formatter, node->items[0]));
    case NODE_ARGUMENT:
        return JOIN(formatter, part_words(formatter, node->text), part_word(formatter, ": "),
                    format_value(formatter, node->items[0]));
    case NODE_PREDICATE:
        return format_node(formatter, node->items[0], level > LEVEL_OR ? level : LEVEL_OR);
    case NODE_FN:
        return format_fn(formatter, node);
    case NODE_BLOCK:
        return part_group(formatter, format_block(formatter, node));
    case NODE_CALL:
        return JOIN(formatter, format_node(formatter, node->items[0], LEVEL_POSTFIX), format_arguments(formatter, node));
    case NODE_INDEX:
        return JOIN(formatter, format_node(formatter, node->items[0], LEVEL_POSTFIX),
                    part_enclosed(formatter, "[", format_value(formatter, node->items[1]), "]"));
    case NODE_MEMBER:
        return JOIN(formatter, format_node(formatter, node->items[0], LEVEL_POSTFIX), part_word(formatter, "."),
                    part_words(formatter, node->text));
    case NODE_UNARY:
        return format_unary(formatter, node);
    case NODE_BINARY:
        return part_group(formatter, format_binary_rows(formatter, node, hangs));
    case NODE_CHAIN:
        return part_group(formatter, format_chain_rows(formatter, node, hangs));
    case NODE_PIPE:
        return part_group(formatter, format_pipe_rows(formatter, node, hangs));
    case NODE_AS:
        return JOIN(formatter, format_node(formatter, node->items[0], LEVEL_BRANCH), part_word(formatter, " as "),
                    part_words(formatter, node->text));
    case NODE_RANGE:
        return JOIN(formatter, format_node(formatter, node->items[0], LEVEL_FLOW), part_word(formatter, ".."),
                    format_node(formatter, node->items[1], LEVEL_FLOW));
    case NODE_IF:
        return part_group(formatter, if_rows(formatter, node));
    case NODE_TRAIN:
    case NODE_GROW:
    case NODE_EVOLVE:
        return format_command(formatter, node);
    case NODE_SWEEP:
        return format_sweep(formatter, node);
    default: /* numbers, texts, DNA, variables */
        return part_verbatim(formatter, node->span);
    }
}

document format_node(struct formatter *formatter, const struct node *node, enum level level)
{
    if (format_level(node) >= level || node->kind == NODE_PREDICATE)
        return format_bare(formatter, node, level, true);
    return part_in_brackets(formatter, format_bare(formatter, node, LEVEL_VALUE, false));
}
