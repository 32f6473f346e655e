/* Names of node kinds and operators, and the tree as an s-expression. */
#include "syntax/ast.h"

static const struct {
    const char *name;
    const char *head; /* in the printed tree */
} kinds[] = {
#define KIND(kind, head) [kind] = {#kind, head}
    KIND(NODE_ERROR, "error"),
    KIND(NODE_NUMBER, "number"),
    KIND(NODE_STRING, "string"),
    KIND(NODE_BOOL, "bool"),
    KIND(NODE_NONE, "none"),
    KIND(NODE_NAME, "name"),
    KIND(NODE_VARIABLE, "variable"),
    KIND(NODE_DNA, "dna"),
    KIND(NODE_SELF, "self"),
    KIND(NODE_INTERPOLATION, "text"),
    KIND(NODE_LIST, "list"),
    KIND(NODE_COMPREHENSION, "each"),
    KIND(NODE_RECORD, "record"),
    KIND(NODE_FIELD, ":"),
    KIND(NODE_SPREAD, "..."),
    KIND(NODE_PREDICATE, "predicate"),
    KIND(NODE_FN, "fn"),
    KIND(NODE_PARAMS, "params"),
    KIND(NODE_PARAM, "param"),
    KIND(NODE_BLOCK, "block"),
    KIND(NODE_CALL, "call"),
    KIND(NODE_ARGUMENT, ":"),
    KIND(NODE_INDEX, "index"),
    KIND(NODE_MEMBER, "."),
    KIND(NODE_UNARY, "unary"),
    KIND(NODE_BINARY, "binary"),
    KIND(NODE_CHAIN, "->"),
    KIND(NODE_AS, "as"),
    KIND(NODE_PIPE, "|>"),
    KIND(NODE_RANGE, ".."),
    KIND(NODE_IF, "if"),
    KIND(NODE_TRAIN, "train"),
    KIND(NODE_GROW, "grow"),
    KIND(NODE_EVOLVE, "evolve"),
    KIND(NODE_SWEEP, "sweep"),
    KIND(NODE_AXIS, "in"),
    KIND(NODE_WHERE, "where"),
    KIND(NODE_DRAW, "draw"),
    KIND(NODE_LET, "let"),
    KIND(NODE_ASSIGN, "="),
    KIND(NODE_MOLECULE, "molecule"),
    KIND(NODE_ELEMENT, "element"),
    KIND(NODE_LOSS, "loss"),
    KIND(NODE_RULE, "rule"),
    KIND(NODE_GROWTH, "growth"),
    KIND(NODE_EVERY, "every"),
    KIND(NODE_WHEN, "when"),
    KIND(NODE_ACCEPT, "accept"),
    KIND(NODE_STOP, "stop"),
    KIND(NODE_USE, "use"),
    KIND(NODE_SHOW, "show"),
    KIND(NODE_PRINT, "print"),
    KIND(NODE_FOR, "for"),
    KIND(NODE_SETTING, "setting"),
    KIND(NODE_ASSERT, "assert"),
    KIND(NODE_PROGRAM, "program"),
#undef KIND
};

static const char *const op_texts[] = {
    [OP_NONE] = "",  [OP_PERCENT] = "%", [OP_LEARNED] = "learned", [OP_PATH] = "path", [OP_NEGATE] = "-", [OP_NOT] = "not",
    [OP_SKIP] = "~", [OP_OR] = "or",     [OP_AND] = "and",         [OP_EQ] = "==",     [OP_NE] = "!=",    [OP_LT] = "<",
    [OP_LE] = "<=",  [OP_GT] = ">",      [OP_GE] = ">=",           [OP_BRANCH] = "|",  [OP_ADD] = "+",    [OP_SUB] = "-",
    [OP_MUL] = "*",  [OP_DIV] = "/",     [OP_MOD] = "mod",         [OP_POW] = "^",
};

const char *node_kind_name(enum node_kind kind)
{
    return (unsigned)kind < sizeof kinds / sizeof *kinds ? kinds[kind].name : "";
}

const char *op_text(enum op op)
{
    return (unsigned)op < sizeof op_texts / sizeof *op_texts ? op_texts[op] : "";
}

struct span node_name_span(const struct sources *sources, const struct node *node)
{
    const struct source *source = sources_get(sources, node->span.source);
    if (!source || node->text.at < source->text || node->text.at + node->text.len > source->text + source->len)
        return node->span;
    uint32_t start = (uint32_t)(node->text.at - source->text);
    return (struct span){node->span.source, start, start + (uint32_t)node->text.len};
}

static void print_string(struct str content, struct text *out)
{
    text_add_char(out, '"');
    for (size_t i = 0; i < content.len; i++) {
        unsigned char byte = (unsigned char)content.at[i];
        if (byte == '"' || byte == '\\')
            text_addf(out, "\\%c", byte);
        else if (byte < ' ')
            text_addf(out, "\\x%02x", byte);
        else
            text_add_char(out, (char)byte);
    }
    text_add_char(out, '"');
}

/* A node without items that is told by its text; false where it needs the long form. */
static bool print_leaf(const struct node *node, struct text *out)
{
    switch (node->kind) {
    case NODE_NUMBER:
    case NODE_NAME:
        text_add_str(out, node->text);
        return true;
    case NODE_STRING:
        print_string(node->text, out);
        return true;
    case NODE_BOOL:
        text_add(out, node->number != 0 ? "true" : "false");
        return true;
    case NODE_VARIABLE:
        text_addf(out, "?%.*s", STR_ARG(node->text));
        return true;
    case NODE_DNA:
        text_addf(out, "`%.*s`", STR_ARG(node->text));
        return true;
    case NODE_NONE:
    case NODE_SELF:
    case NODE_ERROR:
        text_add(out, kinds[node->kind].head);
        return true;
    default:
        return false;
    }
}

struct joint node_joint(const struct node *node, uint32_t i)
{
    return node->joints ? node->joints[i] : (struct joint){node->span, (enum op)node->op};
}

static void print(const struct node *node, struct text *out);

/* As what they mean: (- (+ a b) c). */
static void print_operands(const struct node *node, struct text *out)
{
    for (uint32_t i = node->count - 1; i > 0; i--)
        text_addf(out, "(%s ", node->kind == NODE_PIPE ? kinds[node->kind].head : op_text(node_joint(node, i).op));
    print(node->items[0], out);
    for (uint32_t i = 1; i < node->count; i++) {
        text_add_char(out, ' ');
        print(node->items[i], out);
        text_add_char(out, ')');
    }
}

/* (head op text items…), all but the head where they are there. */
static void print(const struct node *node, struct text *out)
{
    if (print_leaf(node, out))
        return;
    if (node->kind == NODE_BINARY || node->kind == NODE_PIPE) {
        print_operands(node, out);
        return;
    }
    bool operation = node->kind == NODE_UNARY;
    text_addf(out, "(%s", operation ? op_text((enum op)node->op) : kinds[node->kind].head);
    if (node->op != OP_NONE && !operation)
        text_addf(out, " %s", op_text((enum op)node->op));
    if (node->kind == NODE_PARAM && node->number != 0)
        text_add(out, " trait");
    if (node->text.len)
        text_addf(out, " %.*s", STR_ARG(node->text));
    for (uint32_t i = 0; i < node->count; i++) {
        text_add_char(out, ' ');
        print(node->items[i], out);
    }
    text_add_char(out, ')');
}

void ast_print(const struct node *node, struct text *out)
{
    if (node->kind != NODE_PROGRAM) {
        print(node, out);
        return;
    }
    for (uint32_t i = 0; i < node->count; i++) {
        print(node->items[i], out);
        text_add_char(out, '\n');
    }
}
