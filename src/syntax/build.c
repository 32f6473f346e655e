/* Building the tree. Every node passes through node_make, which bounds the depth and survives exhausted memory. */
#include "syntax/build.h"

#include <string.h>

#include "support/limits.h"
#include "support/number.h"
#include "syntax/unescape.h"

static struct str text_of(const struct parser *parser, struct span span)
{
    return (struct str){parser->scanner.text.at + span.start, span.end - span.start};
}

static struct node *substitute(struct parser *parser, struct span span)
{
    parser->scanner.out_of_memory = true;
    parser->substitute = (struct node){.kind = NODE_ERROR, .depth = 1, .span = span};
    return &parser->substitute;
}

struct node *node_too_deep(struct parser *parser, struct span span)
{
    if (!parser->too_deep && !parser->scanner.too_deep) {
        struct diag *diag = diag_error(parser->scanner.diags, span, "this is nested more than %d levels deep", LIMIT_NESTING);
        diag_help(diag, "give parts of it names with `let`");
    }
    parser->too_deep = true;
    return node_leaf(parser, NODE_ERROR, span);
}

/* Room for a node and its items, in one piece. */
static struct node *node_make(struct parser *parser, enum node_kind kind, struct span span, size_t count)
{
    struct node *made = arena_alloc(parser->arena, sizeof *made + count * sizeof *made->items);
    if (!made)
        return NULL;
    made->kind = (uint8_t)kind;
    made->span = span;
    made->depth = 1;
    return made;
}

static void node_take(struct node *made, struct node *item)
{
    made->items[made->count++] = item;
    if (made->depth <= item->depth)
        made->depth = (uint16_t)(item->depth + 1);
}

struct node *node(struct parser *parser, enum node_kind kind, struct span span, struct node *const *items, size_t count)
{
    struct node *made = node_make(parser, kind, span, count);
    if (!made)
        return substitute(parser, span);
    for (size_t i = 0; i < count; i++)
        if (items[i])
            node_take(made, items[i]);
    return made->depth > LIMIT_NESTING && kind != NODE_PROGRAM ? node_too_deep(parser, span) : made;
}

struct node *node_named(struct parser *parser, enum node_kind kind, struct span span, struct span name, struct node *const *items,
                        size_t count)
{
    struct node *made = node(parser, kind, span, items, count);
    made->text = text_of(parser, name);
    return made;
}

struct node *node_list(struct parser *parser, enum node_kind kind, struct span span, struct list list)
{
    if (parser->scanner.out_of_memory)
        return substitute(parser, span);
    return node(parser, kind, span, list.count ? parser->nodes.at + list.base : NULL, list.count);
}

struct node *node_leaf(struct parser *parser, enum node_kind kind, struct span span)
{
    struct node *made = node_make(parser, kind, span, 0);
    return made ? made : substitute(parser, span);
}

/* ---- leaves ---- */

struct node *node_number(struct parser *parser, struct span span)
{
    struct node *made = node_leaf(parser, NODE_NUMBER, span);
    made->text = text_of(parser, span);
    if (made->text.len && made->text.at[made->text.len - 1] == '%')
        made->op = OP_PERCENT;
    if (!number_read(made->text, &made->number)) /* the scanner lets only well-formed ones through */
        diag_error(parser->scanner.diags, span, "`%.*s` is too large for a number",
                   (int)(made->text.len < 40 ? made->text.len : 40), made->text.at);
    return made;
}

struct node *node_string(struct parser *parser, struct span span)
{
    struct node *made = node_leaf(parser, NODE_STRING, span);
    if (!string_unescape(parser->scanner.text, span, parser->arena, parser->scanner.diags, &made->text))
        return substitute(parser, span);
    return made;
}

struct node *node_dna(struct parser *parser, struct span span)
{
    struct str text = text_of(parser, span);
    struct node *made = node_leaf(parser, NODE_DNA, span);
    bool closed = text.len > 1 && text.at[text.len - 1] == '`';
    made->text = (struct str){text.at + 1, text.len - (closed ? 2 : 1)};
    return made;
}

struct node *node_variable(struct parser *parser, struct span span)
{
    struct node *made = node_leaf(parser, NODE_VARIABLE, span);
    made->text = text_of(parser, (struct span){span.source, span.start + 1, span.end});
    return made;
}

struct node *node_name(struct parser *parser, struct span span)
{
    return node_named(parser, NODE_NAME, span, span, NULL, 0);
}

struct node *node_bool(struct parser *parser, struct span span, bool value)
{
    struct node *made = node_leaf(parser, NODE_BOOL, span);
    made->number = value;
    return made;
}

struct node *node_self(struct parser *parser, struct span dot)
{
    if (!vec_push(&parser->selves, dot.start))
        return substitute(parser, dot);
    return node_leaf(parser, NODE_SELF, dot);
}

/* ---- operators ---- */

struct node *node_unary(struct parser *parser, struct span span, enum op op, struct node *operand)
{
    struct node *made = node(parser, NODE_UNARY, span, ITEMS(operand));
    made->op = (uint8_t)op;
    return made;
}

/* Whether `op` behind operands of `left` goes on with them: both have one precedence, and work from left to right. */
static bool op_goes_on(enum op left, enum op op)
{
    bool sums = left == OP_ADD || left == OP_SUB, products = left == OP_MUL || left == OP_DIV || left == OP_MOD;
    return sums       ? op == OP_ADD || op == OP_SUB
           : products ? op == OP_MUL || op == OP_DIV || op == OP_MOD
                      : op == left && (op == OP_OR || op == OP_AND || op == OP_BRANCH || op == OP_NONE);
}

/* `row` with room for one operand more. The room of two, four, eight … is used up when there are so many. */
static struct node *row_grown(struct parser *parser, struct node *row)
{
    if (row->count & (row->count - 1))
        return row;
    struct node *grown = node_make(parser, (enum node_kind)row->kind, row->span, 2 * (size_t)row->count);
    struct joint *joints = grown ? arena_alloc(parser->arena, 2 * (size_t)row->count * sizeof *joints) : NULL;
    if (!joints)
        return NULL;
    for (uint32_t i = 0; i < row->count; i++) {
        grown->items[i] = row->items[i];
        if (i > 0)
            joints[i] = node_joint(row, i);
    }
    grown->op = row->op;
    grown->depth = row->depth;
    grown->count = row->count;
    grown->joints = joints;
    return grown;
}

/* Puts `right` behind the operands of `left`, where that is a row that the operator goes on with. */
static struct node *node_joined(struct parser *parser, enum node_kind kind, struct span span, enum op op, struct node *left,
                                struct node *right)
{
    if (left->kind != kind || !op_goes_on((enum op)left->op, op)) {
        struct node *made = node(parser, kind, span, ITEMS(left, right));
        made->op = (uint8_t)op;
        return made;
    }
    struct node *row = row_grown(parser, left);
    if (!row)
        return substitute(parser, span);
    row->joints[row->count] = (struct joint){span, op};
    row->span = span;
    node_take(row, right);
    return row->depth > LIMIT_NESTING ? node_too_deep(parser, span) : row;
}

struct node *node_binary(struct parser *parser, struct span span, enum op op, struct node *left, struct node *right)
{
    return node_joined(parser, NODE_BINARY, span, op, left, right);
}

struct node *node_pipe(struct parser *parser, struct span span, struct node *left, struct node *target)
{
    return node_joined(parser, NODE_PIPE, span, OP_NONE, left, target);
}

static void refuse_bare_sum(struct parser *parser, const struct node *operand, struct span place)
{
    bool sum = operand->kind == NODE_BINARY && (operand->op == OP_ADD || operand->op == OP_SUB);
    if (!sum || operand->span.start != place.start || operand->span.end != place.end)
        return;
    struct str text = text_of(parser, place);
    struct diag *diag = diag_error(parser->scanner.diags, place, "`|` and `%s` stand side by side without brackets",
                                   op_text(node_joint(operand, operand->count - 1).op));
    if (text.len <= 60 && !memchr(text.at, '\n', text.len))
        diag_help(diag, "bracket what belongs together, as in `(%.*s)`", STR_ARG(text));
    else
        diag_help(diag, "bracket what belongs together");
}

struct node *node_branch(struct parser *parser, struct span span, struct node *left, struct span left_place, struct node *right,
                         struct span right_place)
{
    refuse_bare_sum(parser, left, left_place);
    refuse_bare_sum(parser, right, right_place);
    return node_binary(parser, span, OP_BRANCH, left, right);
}

struct node *node_call(struct parser *parser, struct span span, struct node *callee, struct list arguments)
{
    struct node *made = node_make(parser, NODE_CALL, span, (size_t)arguments.count + 1);
    if (!made || parser->scanner.out_of_memory)
        return substitute(parser, span);
    node_take(made, callee);
    for (uint32_t i = 0; i < arguments.count; i++)
        node_take(made, parser->nodes.at[arguments.base + i]);
    return made->depth > LIMIT_NESTING ? node_too_deep(parser, span) : made;
}

/* A predicate ends at the border of a whole expression: every leading dot that is still pending and lies inside belongs to it. */
struct node *node_whole(struct parser *parser, struct span place, struct node *expression)
{
    size_t pending = parser->selves.count;
    while (pending && parser->selves.at[pending - 1] >= place.start)
        pending--;
    bool predicate = pending < parser->selves.count;
    parser->selves.count = pending;
    return predicate ? node(parser, NODE_PREDICATE, place, ITEMS(expression)) : expression;
}

/* ---- statements ---- */

struct node *node_assign(struct parser *parser, struct span span, struct node *target, struct node *value)
{
    if (target->kind != NODE_NAME && target->kind != NODE_INDEX && target->kind != NODE_MEMBER && target->kind != NODE_ERROR) {
        struct diag *diag = diag_error(parser->scanner.diags, target->span, "only a name, a member or an item can be assigned to");
        diag_help(diag, "to compare, write `==`");
    }
    return node(parser, NODE_ASSIGN, span, ITEMS(target, value));
}

struct node *node_sweep(struct parser *parser, struct span span, struct list axes, struct node *where, struct node *draw,
                        struct node *block)
{
    if (where)
        axes = list_push(parser, axes, where);
    if (draw)
        axes = list_push(parser, axes, draw);
    return node_list(parser, NODE_SWEEP, span, list_push(parser, axes, block));
}

struct node *node_growth(struct parser *parser, struct span span, struct span name, struct node *params, struct list clauses)
{
    struct node *made = node_make(parser, NODE_GROWTH, span, (size_t)clauses.count + 1);
    if (!made || parser->scanner.out_of_memory)
        return substitute(parser, span);
    made->text = text_of(parser, name);
    node_take(made, params);
    for (uint32_t i = 0; i < clauses.count; i++)
        node_take(made, parser->nodes.at[clauses.base + i]);
    return made->depth > LIMIT_NESTING ? node_too_deep(parser, span) : made;
}

struct node *node_use_path(struct parser *parser, struct span span, struct span path, struct node *alias)
{
    struct node *made = node(parser, NODE_USE, span, ITEMS(alias));
    made->op = OP_PATH;
    made->text = node_string(parser, path)->text;
    return made;
}

struct node *node_string_field(struct parser *parser, struct span span, struct span key, struct node *value)
{
    struct node *made = node(parser, NODE_FIELD, span, ITEMS(value));
    made->text = node_string(parser, key)->text;
    return made;
}

struct node *node_domain(struct parser *parser, struct span span, struct node *axis)
{
    struct node *made = node(parser, NODE_PARAM, span, ITEMS(axis));
    made->text = axis->text;
    return made;
}

struct node *node_trait(struct node *param, enum op op)
{
    param->number = 1;
    param->op = (uint8_t)op;
    return param;
}

/* ---- growing lists ---- */

struct list list_empty(struct parser *parser)
{
    return (struct list){(uint32_t)parser->nodes.count, 0};
}

struct list list_push(struct parser *parser, struct list list, struct node *item)
{
    if (parser->scanner.out_of_memory)
        return list;
    parser->nodes.count = (size_t)list.base + list.count;
    if (vec_push(&parser->nodes, item))
        list.count++;
    else
        parser->scanner.out_of_memory = true;
    return list;
}

struct list list_of(struct parser *parser, struct node *item)
{
    return list_push(parser, list_empty(parser), item);
}

struct list list_join(struct parser *parser, struct list list, struct list more)
{
    for (uint32_t i = 0; i < more.count; i++)
        list = list_push(parser, list, parser->nodes.at[more.base + i]);
    return list;
}

struct list list_text(struct parser *parser, struct list list, struct span piece)
{
    struct node *text = node_string(parser, piece);
    return text->text.len ? list_push(parser, list, text) : list;
}
