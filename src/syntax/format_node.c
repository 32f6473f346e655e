/* See format_node.h. The tree keeps no brackets: they are put where the precedence of an operand asks for them, and around branches
   beside `->`, which bind tighter than they look. A line may break only where the layout rule (layout.c) lets the statement go on:
   behind a comma, an opening bracket or an operator, and in front of `->`, `|>`, `|`, `and`, `or`, `on`, `by`, `=>`. Only one thing is
   the writer's choice: braces stay open over several lines where a line ends right behind `{`. */
#include "syntax/format_node.h"

#include <string.h>

typedef const struct pretty *document;

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

static document format_node(struct formatter *formatter, const struct node *node, enum level level);

/* ---- building ---- */

static document join(struct formatter *formatter, const document *parts, size_t count)
{
    document joined = NULL;
    for (size_t i = 0; i < count; i++)
        joined = pretty_join(&formatter->maker, joined, parts[i]);
    return joined;
}

#define JOIN(formatter, ...) join((formatter), (document[]){__VA_ARGS__}, sizeof((document[]){__VA_ARGS__}) / sizeof(document))

static document word(struct formatter *formatter, const char *text)
{
    return pretty_text(&formatter->maker, str_of(text));
}

static document words(struct formatter *formatter, struct str text)
{
    return pretty_text(&formatter->maker, text);
}

/* As it was written. */
static document verbatim(struct formatter *formatter, struct span span)
{
    return words(formatter, (struct str){formatter->text.at + span.start, span.end - span.start});
}

static document line(struct formatter *formatter)
{
    return pretty_line(&formatter->maker);
}

static document soft_line(struct formatter *formatter)
{
    return pretty_soft_line(&formatter->maker);
}

static document hard_line(struct formatter *formatter)
{
    return pretty_hard_line(&formatter->maker);
}

static document nest(struct formatter *formatter, document inside)
{
    return pretty_nest(&formatter->maker, inside);
}

static document group(struct formatter *formatter, document inside)
{
    return pretty_group(&formatter->maker, inside);
}

/* ---- comments ---- */

static document comment_text(struct formatter *formatter, const struct comment *comment)
{
    return words(formatter, (struct str){formatter->text.at + comment->start, comment->end - comment->start});
}

/* Where an empty line stands above `at`, and anything above that, one line end more. */
static document blank_line(struct formatter *formatter, uint32_t at, bool first)
{
    return !first && comments_blank_above(&formatter->comments, at) ? hard_line(formatter) : NULL;
}

/* The comments before `start`, each with a line end behind it; `spaced`: empty lines between them are kept. */
static document comment_lines(struct formatter *formatter, uint32_t start, bool first, bool spaced)
{
    document lines = NULL;
    for (const struct comment *comment; (comment = comments_before(&formatter->comments, start)); first = false)
        lines = JOIN(formatter, lines, spaced ? blank_line(formatter, comment->start, first) : NULL,
                     comment_text(formatter, comment), hard_line(formatter));
    return lines;
}

/* The same before the last bracket of a construct, behind `rows` or where nothing else stands: line ends between them. */
static document with_comments_left(struct formatter *formatter, document rows, uint32_t end)
{
    for (const struct comment *comment; (comment = comments_before(&formatter->comments, end));) {
        bool first = !rows;
        rows = JOIN(formatter, rows, first ? NULL : hard_line(formatter), blank_line(formatter, comment->start, first),
                    comment_text(formatter, comment), pretty_break(&formatter->maker));
    }
    return rows;
}

static document comment_behind(struct formatter *formatter, uint32_t end, bool bracketed, const char *between)
{
    const struct comment *comment = comments_behind(&formatter->comments, end, bracketed, between);
    if (!comment)
        return NULL;
    struct str text = {formatter->text.at + comment->start, comment->end - comment->start};
    return pretty_suffix(&formatter->maker, text);
}

/* ---- several in a row ---- */

typedef document format_one(struct formatter *formatter, const struct node *node);

/* One of several: the comments above it and those from inside it for which there is no place, itself, what separates it from the
   next, and the comment behind it. */
struct row {
    document above, item, behind;
};

static struct row make_row(struct formatter *formatter, const struct node *node, format_one *format, const char *separator,
                           bool first, bool spaced)
{
    struct row row = {.above = comment_lines(formatter, node->span.start, first, spaced)};
    if (spaced)
        row.above = JOIN(formatter, row.above, blank_line(formatter, node->span.start, first && !row.above));
    row.item = JOIN(formatter, format(formatter, node), *separator ? word(formatter, separator) : NULL);
    row.above = JOIN(formatter, row.above, comment_lines(formatter, node->span.end, true, false));
    row.behind = comment_behind(formatter, node->span.end, spaced, ",;");
    return row;
}

/* In a list. */
static document list_row(struct formatter *formatter, const struct node *node, format_one *format, const char *separator)
{
    struct row row = make_row(formatter, node, format, separator, true, false);
    return JOIN(formatter, row.above, row.item, row.behind);
}

/* Among statements, fields or clauses: empty lines are kept. */
static document spaced_row(struct formatter *formatter, const struct node *node, format_one *format, bool first)
{
    struct row row = make_row(formatter, node, format, "", first, true);
    return JOIN(formatter, row.above, row.item, row.behind);
}

static document value(struct formatter *formatter, const struct node *node)
{
    return format_node(formatter, node, LEVEL_VALUE);
}

static document enclosed(struct formatter *formatter, const char *open, document inside, const char *close)
{
    document content = nest(formatter, JOIN(formatter, soft_line(formatter), inside));
    return group(formatter, JOIN(formatter, word(formatter, open), content, soft_line(formatter), word(formatter, close)));
}

static document in_brackets(struct formatter *formatter, document inside)
{
    return enclosed(formatter, "(", inside, ")");
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
        document item = list_row(formatter, node->items[i], value, i + 1 < node->count ? "," : "");
        if (i > 0)
            item = JOIN(formatter, line(formatter), item);
        listed = JOIN(formatter, listed, item);
        if (leaves)
            filled = JOIN(formatter, filled, i > 0 ? group(formatter, item) : item);
    }
    listed = with_comments_left(formatter, listed, node->span.end - 1);
    return enclosed(formatter, "[", leaves && !pretty_breaks(listed) ? filled : listed, "]");
}

static document format_comprehension(struct formatter *formatter, const struct node *node)
{
    document inside = JOIN(formatter, value(formatter, node->items[0]), line(formatter), word(formatter, "for "),
                           words(formatter, node->text), word(formatter, " in "), value(formatter, node->items[1]));
    if (node->count > 2)
        inside = JOIN(formatter, inside, line(formatter), word(formatter, "if "), value(formatter, node->items[2]));
    return enclosed(formatter, "[", with_comments_left(formatter, inside, node->span.end - 1), "]");
}

/* ---- braces ---- */

/* The writer ended the line right behind the `{` at `open`, or has a comment there. */
static bool left_open(const struct formatter *formatter, uint32_t open)
{
    const char *at = formatter->text.at + open + 1;
    at += strspn(at, " \t\r");
    return *at == '\n' || *at == '#';
}

/* The items from `from` on in braces, in no group of their own: side by side with `separator` between them, or a line each. */
static document braces(struct formatter *formatter, const struct node *node, uint32_t from, uint32_t open, format_one *format,
                       struct str separator, bool always_open)
{
    document brace = JOIN(formatter, word(formatter, "{"), comment_behind(formatter, open + 1, false, ""));
    document rows = NULL;
    for (uint32_t i = from; i < node->count; i++) {
        if (i > from)
            rows = JOIN(formatter, rows, pretty_if_broken(&formatter->maker, STR(""), separator), line(formatter));
        rows = JOIN(formatter, rows, spaced_row(formatter, node->items[i], format, i == from));
    }
    rows = with_comments_left(formatter, rows, node->span.end - 1);
    if (!rows && !pretty_breaks(brace))
        return word(formatter, "{}");
    document edge = always_open || left_open(formatter, open) ? hard_line(formatter) : line(formatter);
    document content = rows ? nest(formatter, JOIN(formatter, edge, rows)) : NULL;
    return JOIN(formatter, brace, content, edge, word(formatter, "}"));
}

static document format_statement_node(struct formatter *formatter, const struct node *node);

static document format_block(struct formatter *formatter, const struct node *node)
{
    return braces(formatter, node, 0, node->span.start, format_statement_node, STR(""), node->count > 1);
}

/* A literal's end, its closing quote included. */
static struct str string_literal(const char *start)
{
    const char *end = start + 1;
    while (*end != '"')
        end += *end == '\\' ? 2 : 1;
    return (struct str){start, (size_t)(end + 1 - start)};
}

static document format_field(struct formatter *formatter, const struct node *node)
{
    if (node->kind != NODE_FIELD)
        return value(formatter, node);
    const struct node *content = node->items[0];
    if (content->kind == NODE_NAME && content->span.start == node->span.start)
        return words(formatter, node->text); /* { seed } */
    const char *start = formatter->text.at + node->span.start;
    struct str key = *start == '"' ? string_literal(start) : node->text;
    return JOIN(formatter, words(formatter, key), word(formatter, ": "), value(formatter, content));
}

static document format_record(struct formatter *formatter, const struct node *node)
{
    return group(formatter, braces(formatter, node, 0, node->span.start, format_field, STR(","), false));
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
        return enclosed(formatter, "(", with_comments_left(formatter, NULL, node->span.end - 1), ")");
    document before = NULL, lines = NULL;
    for (uint32_t i = 1; i < last; i++) {
        document item = list_row(formatter, node->items[i], value, ",");
        before = JOIN(formatter, before, item, word(formatter, " "));
        lines = JOIN(formatter, lines, item, line(formatter));
    }
    struct row end = make_row(formatter, node->items[last], value, "", true, false);
    document left = with_comments_left(formatter, NULL, node->span.end - 1);
    bool commented = end.above || end.behind || left || pretty_breaks(before);
    if (may_hug(node->items[last]) && !commented && (last == 1 || pretty_breaks(end.item)))
        return JOIN(formatter, word(formatter, "("), before, end.item, word(formatter, ")"));
    return enclosed(formatter, "(",
                    JOIN(formatter, lines, end.above, end.item, end.behind, left ? hard_line(formatter) : NULL, left), ")");
}

/* ---- operators ---- */

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

static enum level level_of(const struct node *node)
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
    document sign = word(formatter, operator);
    return leads ? JOIN(formatter, line(formatter), sign, word(formatter, " "), operand)
                 : JOIN(formatter, word(formatter, " "), sign, line(formatter), operand);
}

/* Its left operand may be of its own level; a sum beside `|` needs brackets, and a power takes its next one on the right. */
static document binary_rows(struct formatter *formatter, const struct node *node, bool hangs)
{
    enum op op = (enum op)node->op;
    enum level level = binary_level(op);
    const struct node *left = node->items[0];
    document first = level_of(left) == level && level != LEVEL_COMPARISON && op != OP_POW
                         ? binary_rows(formatter, left, hangs)
                         : format_node(formatter, left,
                                       op == OP_BRANCH ? LEVEL_PRODUCT
                                       : op == OP_POW  ? LEVEL_POSTFIX
                                                       : level + 1);
    document right = format_node(formatter, node->items[1],
                                 op == OP_BRANCH ? LEVEL_PRODUCT
                                 : op == OP_POW  ? LEVEL_PREFIX
                                                 : level + 1);
    if (op == OP_POW)
        return JOIN(formatter, first, word(formatter, "^"), right);
    document tail = operand_tail(formatter, op_text(op), right, op == OP_OR || op == OP_AND || op == OP_BRANCH);
    return JOIN(formatter, first, hangs ? nest(formatter, tail) : tail);
}

static bool is_branch(const struct node *node)
{
    return node->kind == NODE_BINARY && node->op == OP_BRANCH;
}

static document format_stage(struct formatter *formatter, const struct node *node)
{
    if (node->kind == NODE_AS && is_branch(node->items[0]))
        return JOIN(formatter, format_node(formatter, node->items[0], LEVEL_SUM), word(formatter, " as "),
                    words(formatter, node->text));
    return format_node(formatter, node, is_branch(node) ? LEVEL_SUM : LEVEL_STAGE);
}

static document chain_rows(struct formatter *formatter, const struct node *node, bool hangs)
{
    document rows = NULL;
    for (uint32_t i = 0; i < node->count; i++) {
        const struct node *stage = node->items[i];
        document above = i > 0 ? comment_lines(formatter, stage->span.start, true, false) : NULL;
        document content = format_stage(formatter, stage);
        document behind = i + 1 < node->count ? comment_behind(formatter, stage->span.end, true, "->") : NULL;
        document arrow = i > 0 ? word(formatter, "-> ") : NULL;
        document item = JOIN(formatter, i > 0 ? line(formatter) : NULL, above, arrow, content, behind);
        rows = JOIN(formatter, rows, hangs && i > 0 ? nest(formatter, item) : item);
    }
    return rows;
}

static document pipe_rows(struct formatter *formatter, const struct node *node, bool hangs)
{
    const struct node *left = node->items[0], *target = node->items[1];
    document first = left->kind == NODE_PIPE ? pipe_rows(formatter, left, hangs) : format_node(formatter, left, LEVEL_PIPE);
    first = JOIN(formatter, first, comment_behind(formatter, left->span.end, true, "|>"));
    document above = comment_lines(formatter, target->span.start, true, false);
    document tail = JOIN(formatter, line(formatter), above, word(formatter, "|> "), format_node(formatter, target, LEVEL_POSTFIX));
    return JOIN(formatter, first, hangs ? nest(formatter, tail) : tail);
}

static document format_unary(struct formatter *formatter, const struct node *node)
{
    if (node->op == OP_NOT) /* `not (a == b)`: the brackets are not needed, but spare a second look */
        return JOIN(formatter, word(formatter, "not "), format_node(formatter, node->items[0], LEVEL_PIPE));
    return JOIN(formatter, word(formatter, op_text((enum op)node->op)), format_node(formatter, node->items[0], LEVEL_PREFIX));
}

/* ---- functions ---- */

static document format_axis(struct formatter *formatter, const struct node *node);

static document format_param(struct formatter *formatter, const struct node *node)
{
    const struct node *initial = node->count ? node->items[0] : NULL;
    if (initial && initial->kind == NODE_AXIS)
        return format_axis(formatter, initial);
    document name = JOIN(formatter, node->op == OP_LEARNED ? word(formatter, "learned ") : NULL, words(formatter, node->text));
    return initial ? JOIN(formatter, name, word(formatter, " = "), value(formatter, initial)) : name;
}

/* An element's traits follow a semicolon. */
static document format_params(struct formatter *formatter, const struct node *node)
{
    document rows = NULL;
    for (uint32_t i = 0; i < node->count; i++) {
        bool last = i + 1 == node->count;
        bool traits_follow = !last && node->items[i]->number == 0 && node->items[i + 1]->number != 0;
        document item = list_row(formatter, node->items[i], format_param, last ? "" : traits_follow ? ";" : ",");
        rows = JOIN(formatter, rows, i > 0 ? line(formatter) : NULL, item);
    }
    if (rows || node->span.end > node->span.start)
        rows = with_comments_left(formatter, rows, node->span.end - 1);
    return enclosed(formatter, "(", rows, ")");
}

static document optional_params(struct formatter *formatter, const struct node *node)
{
    return node->count ? format_params(formatter, node) : NULL;
}

static document format_body(struct formatter *formatter, const struct node *body)
{
    if (body->kind == NODE_BLOCK)
        return JOIN(formatter, word(formatter, " "), format_block(formatter, body));
    return JOIN(formatter, word(formatter, " = "), value(formatter, body));
}

static document format_fn(struct formatter *formatter, const struct node *node)
{
    document name = node->text.len ? JOIN(formatter, word(formatter, " "), words(formatter, node->text)) : NULL;
    return group(formatter, JOIN(formatter, word(formatter, "fn"), name, format_params(formatter, node->items[0]),
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

/* A value or condition with something behind it. */
static document closed(struct formatter *formatter, const struct node *node, enum level level)
{
    return ends_open(node) ? in_brackets(formatter, value(formatter, node)) : format_node(formatter, node, level);
}

static document format_axis(struct formatter *formatter, const struct node *node)
{
    return JOIN(formatter, words(formatter, node->text), word(formatter, " in "), closed(formatter, node->items[0], LEVEL_VALUE));
}

static document format_command(struct formatter *formatter, const struct node *node)
{
    static const char *const names[] = {[NODE_TRAIN] = "train ", [NODE_GROW] = "grow ", [NODE_EVOLVE] = "evolve "};
    uint32_t operands = node->kind == NODE_GROW ? 3 : 2;
    document head = JOIN(formatter, word(formatter, names[node->kind]), format_node(formatter, node->items[0], LEVEL_FLOW));
    document data = JOIN(formatter, line(formatter), word(formatter, "on "), format_node(formatter, node->items[1], LEVEL_FLOW));
    if (operands == 3)
        data =
            JOIN(formatter, data, line(formatter), word(formatter, "by "), format_node(formatter, node->items[2], LEVEL_POSTFIX));
    document command = group(formatter, JOIN(formatter, head, nest(formatter, data)));
    if (node->count > operands)
        command = JOIN(formatter, command, word(formatter, " "), format_record(formatter, node->items[operands]));
    return command;
}

/* Axes on lines of their own stand deeper than the body. */
static document format_sweep(struct formatter *formatter, const struct node *node)
{
    document axes = NULL, rest = NULL;
    for (uint32_t i = 0; i + 1 < node->count; i++) {
        const struct node *part = node->items[i];
        if (part->kind == NODE_AXIS && i > 0)
            axes = JOIN(formatter, axes, word(formatter, ","), line(formatter),
                        comment_lines(formatter, part->span.start, true, false), format_axis(formatter, part));
        else if (part->kind == NODE_AXIS)
            axes = format_axis(formatter, part);
        else
            rest = JOIN(formatter, rest, word(formatter, part->kind == NODE_WHERE ? " where " : " draw "),
                        closed(formatter, part->items[0], LEVEL_VALUE));
    }
    document head = group(formatter, JOIN(formatter, word(formatter, "sweep "), nest(formatter, nest(formatter, axes)), rest));
    return JOIN(formatter, head, word(formatter, " "), group(formatter, format_block(formatter, node->items[node->count - 1])));
}

/* Not in a group of its own: all branches stand on one line, or none does. */
static document if_rows(struct formatter *formatter, const struct node *node)
{
    document rows = JOIN(formatter, word(formatter, "if "), closed(formatter, node->items[0], LEVEL_OR), word(formatter, " "),
                         format_block(formatter, node->items[1]));
    if (node->count < 3)
        return rows;
    const struct node *otherwise = node->items[2];
    document branch = otherwise->kind == NODE_IF ? if_rows(formatter, otherwise) : format_block(formatter, otherwise);
    return JOIN(formatter, rows, word(formatter, " else "), branch);
}

/* ---- any expression ---- */

/* `hangs`: lines after the first are indented, since nothing around does it. */
static document format_bare(struct formatter *formatter, const struct node *node, enum level level, bool hangs)
{
    switch ((enum node_kind)node->kind) {
    case NODE_NAME:
        return words(formatter, node->text);
    case NODE_NONE:
        return word(formatter, "none");
    case NODE_BOOL:
        return word(formatter, node->number != 0 ? "true" : "false");
    case NODE_SELF:
        return NULL;
    case NODE_LIST:
        return format_list(formatter, node);
    case NODE_COMPREHENSION:
        return format_comprehension(formatter, node);
    case NODE_RECORD:
        return format_record(formatter, node);
    case NODE_SPREAD:
        return JOIN(formatter, word(formatter, "..."), value(formatter, node->items[0]));
    case NODE_ARGUMENT:
        return JOIN(formatter, words(formatter, node->text), word(formatter, ": "), value(formatter, node->items[0]));
    case NODE_PREDICATE:
        return format_node(formatter, node->items[0], level > LEVEL_OR ? level : LEVEL_OR);
    case NODE_FN:
        return format_fn(formatter, node);
    case NODE_BLOCK:
        return group(formatter, format_block(formatter, node));
    case NODE_CALL:
        return JOIN(formatter, format_node(formatter, node->items[0], LEVEL_POSTFIX), format_arguments(formatter, node));
    case NODE_INDEX:
        return JOIN(formatter, format_node(formatter, node->items[0], LEVEL_POSTFIX),
                    enclosed(formatter, "[", value(formatter, node->items[1]), "]"));
    case NODE_MEMBER:
        return JOIN(formatter, format_node(formatter, node->items[0], LEVEL_POSTFIX), word(formatter, "."),
                    words(formatter, node->text));
    case NODE_UNARY:
        return format_unary(formatter, node);
    case NODE_BINARY:
        return group(formatter, binary_rows(formatter, node, hangs));
    case NODE_CHAIN:
        return group(formatter, chain_rows(formatter, node, hangs));
    case NODE_PIPE:
        return group(formatter, pipe_rows(formatter, node, hangs));
    case NODE_AS:
        return JOIN(formatter, format_node(formatter, node->items[0], LEVEL_BRANCH), word(formatter, " as "),
                    words(formatter, node->text));
    case NODE_RANGE:
        return JOIN(formatter, format_node(formatter, node->items[0], LEVEL_FLOW), word(formatter, ".."),
                    format_node(formatter, node->items[1], LEVEL_FLOW));
    case NODE_IF:
        return group(formatter, if_rows(formatter, node));
    case NODE_TRAIN:
    case NODE_GROW:
    case NODE_EVOLVE:
        return format_command(formatter, node);
    case NODE_SWEEP:
        return format_sweep(formatter, node);
    default: /* numbers, texts, DNA, variables */
        return verbatim(formatter, node->span);
    }
}

static document format_node(struct formatter *formatter, const struct node *node, enum level level)
{
    if (level_of(node) >= level || node->kind == NODE_PREDICATE)
        return format_bare(formatter, node, level, true);
    return in_brackets(formatter, format_bare(formatter, node, LEVEL_VALUE, false));
}

/* ---- statements ---- */

static document format_clause(struct formatter *formatter, const struct node *node)
{
    document first = word(formatter, "stop when "), condition = NULL;
    switch ((enum node_kind)node->kind) {
    case NODE_EVERY:
        return JOIN(formatter, word(formatter, "every "), value(formatter, node->items[0]), word(formatter, " "),
                    words(formatter, node->text));
    case NODE_ACCEPT:
        first = JOIN(formatter, word(formatter, "accept after "), value(formatter, node->items[0]), word(formatter, " "),
                     words(formatter, node->text), word(formatter, " when "));
        return JOIN(formatter, first, closed(formatter, node->items[1], LEVEL_VALUE), word(formatter, " else undo"));
    case NODE_STOP:
        return JOIN(formatter, first, value(formatter, node->items[0]));
    default:
        break;
    }
    condition = JOIN(formatter, word(formatter, "when "), value(formatter, node->items[0]));
    document action = JOIN(formatter, line(formatter), word(formatter, "=> "), value(formatter, node->items[1]));
    if (node->count > 2)
        action = JOIN(formatter, action, word(formatter, " "), words(formatter, node->text), word(formatter, " "),
                      value(formatter, node->items[2]));
    return group(formatter, JOIN(formatter, condition, nest(formatter, action)));
}

static document format_growth(struct formatter *formatter, const struct node *node)
{
    const char *brace = memchr(node->text.at, '{', formatter->text.len - (size_t)(node->text.at - formatter->text.at));
    document head = JOIN(formatter, word(formatter, "growth "), words(formatter, node->text),
                         optional_params(formatter, node->items[0]), word(formatter, " "));
    return JOIN(formatter, head, braces(formatter, node, 1, (uint32_t)(brace - formatter->text.at), format_clause, STR(""), true));
}

static document format_rule(struct formatter *formatter, const struct node *node)
{
    document head = JOIN(formatter, word(formatter, "rule "), words(formatter, node->text),
                         optional_params(formatter, node->items[0]), word(formatter, ": "), value(formatter, node->items[1]));
    if (node->count > 3)
        head = JOIN(formatter, head, word(formatter, " when "), value(formatter, node->items[3]));
    document made = JOIN(formatter, line(formatter), word(formatter, "=> "), value(formatter, node->items[2]));
    return group(formatter, JOIN(formatter, head, nest(formatter, made)));
}

static document format_element(struct formatter *formatter, const struct node *node)
{
    return group(formatter, JOIN(formatter, word(formatter, "element "), words(formatter, node->text), word(formatter, " "),
                                 verbatim(formatter, node->items[0]->span), word(formatter, " "),
                                 format_params(formatter, node->items[1]), format_body(formatter, node->items[2])));
}

static document format_loss(struct formatter *formatter, const struct node *node)
{
    return group(formatter,
                 JOIN(formatter, word(formatter, "loss "), words(formatter, node->text), optional_params(formatter, node->items[0]),
                      word(formatter, " "), format_params(formatter, node->items[1]), format_body(formatter, node->items[2])));
}

static document format_use(struct formatter *formatter, const struct node *node)
{
    struct str module = node->text;
    if (node->op == OP_PATH)
        module = string_literal(memchr(formatter->text.at + node->span.start, '"', node->span.end - node->span.start));
    document head = JOIN(formatter, word(formatter, "use "), words(formatter, module));
    return node->count ? JOIN(formatter, head, word(formatter, " as "), words(formatter, node->items[0]->text)) : head;
}

/* `show` and the like: their values, with commas. */
static document listed(struct formatter *formatter, const char *keyword, const struct node *node)
{
    document values = NULL;
    for (uint32_t i = 0; i < node->count; i++) {
        document item = value(formatter, node->items[i]);
        values = i ? JOIN(formatter, values, word(formatter, ","), line(formatter), item) : item;
    }
    return group(formatter, JOIN(formatter, word(formatter, keyword), nest(formatter, values)));
}

/* Whether its first token would say something else at the start of a statement: a leading dot would go on with the line before. */
static bool begins_oddly(const struct node *node)
{
    while (node->count && (node->kind == NODE_PREDICATE || level_of(node) < LEVEL_PRIMARY) && node->kind != NODE_FN &&
           node->kind != NODE_IF && node->kind != NODE_UNARY && node->kind < NODE_LET && node->kind != NODE_TRAIN &&
           node->kind != NODE_GROW && node->kind != NODE_EVOLVE && node->kind != NODE_SWEEP)
        node = node->items[0];
    return node->kind == NODE_SELF || (node->kind == NODE_NAME && str_is(node->text, "assert"));
}

static document format_statement_node(struct formatter *formatter, const struct node *node)
{
    switch ((enum node_kind)node->kind) {
    case NODE_LET:
        return JOIN(formatter, word(formatter, "let "), words(formatter, node->text), word(formatter, " = "),
                    value(formatter, node->items[0]));
    case NODE_SETTING:
        return JOIN(formatter, word(formatter, "param "), words(formatter, node->text), word(formatter, " = "),
                    value(formatter, node->items[0]));
    case NODE_ASSIGN:
        return JOIN(formatter, format_node(formatter, node->items[0], LEVEL_OR), word(formatter, " = "),
                    value(formatter, node->items[1]));
    case NODE_MOLECULE:
        return group(formatter, JOIN(formatter, word(formatter, "molecule "), words(formatter, node->text),
                                     optional_params(formatter, node->items[0]), format_body(formatter, node->items[1])));
    case NODE_ELEMENT:
        return format_element(formatter, node);
    case NODE_LOSS:
        return format_loss(formatter, node);
    case NODE_RULE:
        return format_rule(formatter, node);
    case NODE_GROWTH:
        return format_growth(formatter, node);
    case NODE_USE:
        return format_use(formatter, node);
    case NODE_SHOW:
        return listed(formatter, "show ", node);
    case NODE_PRINT:
        return listed(formatter, "print ", node);
    case NODE_ASSERT:
        return listed(formatter, "assert ", node);
    case NODE_FOR:
        return group(formatter, JOIN(formatter, word(formatter, "for "), words(formatter, node->text), word(formatter, " in "),
                                     closed(formatter, node->items[0], LEVEL_VALUE), word(formatter, " "),
                                     format_block(formatter, node->items[1])));
    default:
        return begins_oddly(node) ? in_brackets(formatter, value(formatter, node)) : value(formatter, node);
    }
}

document format_statement(struct formatter *formatter, const struct node *program, uint32_t i)
{
    return spaced_row(formatter, program->items[i], format_statement_node, i == 0);
}

document format_end(struct formatter *formatter, const struct node *program)
{
    return comment_lines(formatter, (uint32_t)formatter->text.len, program->count == 0, true);
}
