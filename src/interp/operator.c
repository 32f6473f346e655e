/* Operators. Numbers and estimates compute; an estimate computes trial by trial. Between molecules the same signs build molecules. */
#include <math.h>

#include "interp/advice.h"
#include "interp/evaluate.h"
#include "interp/unknown.h"
#include "support/memory.h"
#include "syntax/ast.h"

static double compute(enum op op, double a, double b)
{
    switch (op) {
    case OP_ADD:
        return a + b;
    case OP_SUB:
        return a - b;
    case OP_MUL:
        return a * b;
    case OP_DIV:
        return a / b;
    case OP_MOD: /* floored: the result has the sign of b */
        return a - b * floor(a / b);
    case OP_POW:
        return pow(a, b);
    default:
        return NAN;
    }
}

static bool compare(enum op op, double order)
{
    switch (op) {
    case OP_LT:
        return order < 0;
    case OP_LE:
        return order <= 0;
    case OP_GT:
        return order > 0;
    case OP_GE:
        return order >= 0;
    default:
        return false;
    }
}

/* Two estimates of the same trials, or an estimate and a number. */
static struct value compute_trials(struct eval *eval, enum op op, struct value left, struct value right, struct span span)
{
    const struct estimate_object *a = left.kind == VALUE_ESTIMATE ? left.estimate : NULL;
    const struct estimate_object *b = right.kind == VALUE_ESTIMATE ? right.estimate : NULL;
    if (a && b && a->count != b->count)
        return eval_error(eval, span, "one side has %zu trials and the other %zu, so they do not pair up", a->count, b->count);
    size_t count = a ? a->count : b->count;
    double *values = mem_array(count, sizeof *values);
    if (!values)
        return eval_out_of_memory(eval, span);
    for (size_t i = 0; i < count; i++)
        values[i] = compute(op, a ? a->values[i] : left.number, b ? b->values[i] : right.number);
    struct value value = value_estimate(eval, values, count);
    mem_free(values);
    return value;
}

static bool numeric(struct value value)
{
    return value.kind == VALUE_NUMBER || value.kind == VALUE_ESTIMATE;
}

static struct value arithmetic(struct eval *eval, enum op op, struct value left, struct value right, struct span span)
{
    if (left.kind == VALUE_NUMBER && right.kind == VALUE_NUMBER) {
        if ((op == OP_DIV || op == OP_MOD) && right.number == 0)
            return eval_error(eval, span, "division by zero");
        double result = compute(op, left.number, right.number);
        if (op == OP_POW && isnan(result) && !isnan(left.number) && !isnan(right.number))
            return eval_error(eval, span, "a negative number has no real power with a fraction");
        return value_number(result);
    }
    return compute_trials(eval, op, left, right, span);
}

static struct value join_lists(struct eval *eval, const struct list *left, const struct list *right)
{
    struct value list = value_list(eval);
    for (size_t i = 0; !failed(list) && i < left->count + right->count; i++)
        if (!list_add(eval, list.list, i < left->count ? left->items[i] : right->items[i - left->count]))
            return value_failed();
    bool open = left->open || right->open;
    return failed(list) || !open ? list : list_open(eval, list.list);
}

static struct value join_strings(struct eval *eval, const struct string *left, const struct string *right)
{
    struct text text = {0};
    text_add_str(&text, string_str(left));
    text_add_str(&text, string_str(right));
    return value_text(eval, &text);
}

static struct value repeat(struct eval *eval, struct value left, struct value right, const struct node *node)
{
    const struct molecule *part = right.number > 1 ? molecule_part_of_value(eval, left, node->items[0]->span)
                                                   : molecule_of_value(eval, left, node->items[0]->span);
    if (!part)
        return value_failed();
    struct molecule *molecule = molecule_repeat(part, right.number, &eval->state->elements, node->items[1]->span, eval->diags);
    molecule_release(part);
    return molecule ? value_molecule(eval, molecule) : value_failed();
}

static enum gene_kind gene_kind_of(enum op op)
{
    return op == OP_BRANCH ? GENE_BRANCH : op == OP_ADD ? GENE_SUM : GENE_PRODUCT;
}

static struct value no_such_operation(struct eval *eval, const struct node *node, struct value left, struct value right)
{
    return eval_error_help(eval, node->span, advice_operator(node->op, left, right), "`%s` does not work between %s and %s",
                           op_text(node->op), value_article(left), value_article(right));
}

static struct value apply(struct eval *eval, const struct node *node, struct value left, struct value right)
{
    enum op op = node->op;
    if (numeric(left) && numeric(right) && op != OP_BRANCH)
        return arithmetic(eval, op, left, right, node->span);
    bool chemical = value_is_chemical(left);
    if (op == OP_MUL && chemical && right.kind == VALUE_NUMBER)
        return repeat(eval, left, right, node);
    if ((op == OP_BRANCH || op == OP_ADD || op == OP_MUL) && chemical && value_is_chemical(right))
        return molecule_operator(eval, gene_kind_of(op), left, node->items[0]->span, right, node->items[1]->span, node->span);
    if (op == OP_ADD && left.kind == VALUE_LIST && right.kind == VALUE_LIST)
        return join_lists(eval, left.list, right.list);
    if (op == OP_ADD && left.kind == VALUE_STRING && right.kind == VALUE_STRING)
        return join_strings(eval, left.string, right.string);
    return no_such_operation(eval, node, left, right);
}

static bool equal(struct eval *eval, struct value left, struct value right)
{
    double a, b;
    if (value_as_number(left, &a) && value_as_number(right, &b))
        return a == b;
    if (left.kind != right.kind && value_is_chemical(left) && value_is_chemical(right)) { /* relu == `R` */
        const struct molecule *first = molecule_of_value(eval, left, SPAN_NONE);
        const struct molecule *second = first ? molecule_of_value(eval, right, SPAN_NONE) : NULL;
        bool same = second && molecule_equal(first, second);
        molecule_release(first);
        molecule_release(second);
        return same;
    }
    struct str word, other;
    if (left.kind != right.kind && value_word(left, &word) && value_word(right, &other))
        return str_equal(word, other);
    return value_equal(left, right);
}

static struct value order(struct eval *eval, const struct node *node, struct value left, struct value right)
{
    double a, b;
    if (value_as_number(left, &a) && value_as_number(right, &b)) {
        if (isnan(a) || isnan(b))
            return value_bool(false);
        return value_bool(compare(node->op, a < b ? -1 : a > b));
    }
    if (left.kind == VALUE_STRING && right.kind == VALUE_STRING)
        return value_bool(compare(node->op, str_compare(string_str(left.string), string_str(right.string))));
    return no_such_operation(eval, node, left, right);
}

/* ---- with what nel check does not know ---- */

static bool may_be_numeric(struct value value)
{
    enum value_kind kind = value_content(value);
    return kind == VALUE_NUMBER || kind == VALUE_ESTIMATE || kind == VALUE_UNKNOWN;
}

static bool may_be_chemical(struct value value)
{
    enum value_kind kind = value_content(value);
    return value_is_chemical(value) || kind == VALUE_MOLECULE || kind == VALUE_ELEMENT ||
           value_is_trained((struct value){.kind = kind});
}

/* Equality of what is not all known: nothing but `none` equals none. */
static struct value equal_unknown(const struct node *node, struct value left, struct value right)
{
    enum value_kind a = value_content(left), b = value_content(right);
    bool differ = (a == VALUE_NONE || b == VALUE_NONE) && a != b && a != VALUE_UNKNOWN && b != VALUE_UNKNOWN;
    return differ ? value_bool(node->op == OP_NE) : value_unknown_of(VALUE_BOOL);
}

/* Numbers give numbers, trials estimates; where one side may be anything, so may the result, but for what the other one rules. */
static struct value apply_unknown(struct eval *eval, const struct node *node, struct value left, struct value right)
{
    enum op op = node->op;
    enum value_kind a = value_content(left), b = value_content(right);
    if (may_be_numeric(left) && may_be_numeric(right) && (op != OP_BRANCH || a == VALUE_UNKNOWN || b == VALUE_UNKNOWN)) {
        if (a == VALUE_UNKNOWN || b == VALUE_UNKNOWN)
            return value_unknown();
        return value_unknown_of(a == VALUE_ESTIMATE || b == VALUE_ESTIMATE ? VALUE_ESTIMATE : VALUE_NUMBER);
    }
    bool either = a == VALUE_UNKNOWN || b == VALUE_UNKNOWN;
    bool builds = op == OP_BRANCH || op == OP_ADD || op == OP_MUL;
    if (builds && may_be_chemical(left) && (either || may_be_chemical(right) || (op == OP_MUL && b == VALUE_NUMBER)))
        return value_unknown_of(VALUE_MOLECULE);
    if (builds && either && may_be_chemical(right))
        return value_unknown_of(VALUE_MOLECULE);
    if (op == OP_ADD && (either || a == b) && (a == VALUE_STRING || b == VALUE_STRING))
        return value_unknown_of(VALUE_STRING);
    if (op == OP_ADD && (either || a == b) && (a == VALUE_LIST || b == VALUE_LIST))
        return value_unknown_of(VALUE_LIST);
    return no_such_operation(eval, node, left, right);
}

static struct value order_unknown(struct eval *eval, const struct node *node, struct value left, struct value right)
{
    enum value_kind a = value_content(left), b = value_content(right);
    bool texts = (a == VALUE_STRING || a == VALUE_UNKNOWN) && (b == VALUE_STRING || b == VALUE_UNKNOWN);
    return texts || (may_be_numeric(left) && may_be_numeric(right)) ? value_unknown_of(VALUE_BOOL)
                                                                    : no_such_operation(eval, node, left, right);
}

static struct value logical(struct eval *eval, const struct node *node)
{
    struct value left = eval_truth(eval, node->items[0]);
    if (failed(left) || (left.kind == VALUE_BOOL && left.boolean == (node->op == OP_OR)))
        return left;
    eval->uncertain += left.kind == VALUE_UNKNOWN;
    struct value right = eval_truth(eval, node->items[1]);
    eval->uncertain -= left.kind == VALUE_UNKNOWN;
    bool settles = right.kind == VALUE_BOOL && right.boolean == (node->op == OP_OR); /* whatever the left side is */
    return failed(right) || left.kind == VALUE_BOOL || settles ? right : value_unknown_of(VALUE_BOOL);
}

/* Whether the operator makes one molecule of its operands, so that a trained model stands for its own. */
static bool builds_molecule(enum op op, struct value left, struct value right)
{
    if ((op != OP_BRANCH && op != OP_ADD && op != OP_MUL) || !may_be_chemical(left))
        return false;
    return may_be_chemical(right) || right.kind == VALUE_UNKNOWN || (op == OP_MUL && right.kind == VALUE_NUMBER);
}

struct value eval_binary(struct eval *eval, const struct node *node)
{
    if (node->op == OP_AND || node->op == OP_OR)
        return logical(eval, node);
    struct value left = eval_node(eval, node->items[0]);
    struct value right = failed(left) ? left : eval_node(eval, node->items[1]);
    if (failed(right))
        return right;
    if (builds_molecule(node->op, left, right)) {
        left = value_atom(eval, left, node->items[0]->span);
        right = failed(left) ? left : value_atom(eval, right, node->items[1]->span);
        if (failed(right))
            return right;
    }
    bool known = left.kind != VALUE_UNKNOWN && right.kind != VALUE_UNKNOWN;
    switch ((enum op)node->op) {
    case OP_EQ:
    case OP_NE:
        if (eval->state->checking && !(value_known(left) && value_known(right)))
            return equal_unknown(node, left, right);
        return value_bool(equal(eval, left, right) == (node->op == OP_EQ));
    case OP_LT:
    case OP_LE:
    case OP_GT:
    case OP_GE:
        return known ? order(eval, node, left, right) : order_unknown(eval, node, left, right);
    default:
        return known ? apply(eval, node, left, right) : apply_unknown(eval, node, left, right);
    }
}

static struct value negate(struct eval *eval, const struct node *node, struct value value)
{
    if (value.kind == VALUE_NUMBER)
        return value_number(-value.number);
    if (value.kind == VALUE_ESTIMATE)
        return compute_trials(eval, OP_SUB, value_number(0), value, node->span);
    return eval_error_type(eval, node->items[0]->span, "a number", value);
}

static struct value skip(struct eval *eval, const struct node *node, struct value value)
{
    if (!value_is_chemical(value))
        return eval_error_type(eval, node->items[0]->span, "a molecule", value);
    const struct molecule *part = molecule_part_of_value(eval, value, node->items[0]->span);
    if (!part)
        return value_failed();
    struct molecule *molecule = molecule_combine(GENE_SKIP, &part, 1, node->span, eval->diags);
    molecule_release(part);
    return molecule ? value_molecule(eval, molecule) : value_failed();
}

struct value eval_unary(struct eval *eval, const struct node *node)
{
    if (node->op == OP_NOT) {
        struct value value = eval_truth(eval, node->items[0]);
        return value.kind == VALUE_BOOL ? value_bool(!value.boolean) : value;
    }
    struct value value = eval_node(eval, node->items[0]);
    if (node->op == OP_SKIP)
        value = value_atom(eval, value, node->items[0]->span);
    bool fits = node->op == OP_SKIP ? may_be_chemical(value) : may_be_numeric(value);
    if (failed(value) || (value.kind == VALUE_UNKNOWN && (fits || value.of == VALUE_UNKNOWN)))
        return failed(value) || node->op != OP_SKIP ? value : value_unknown_of(VALUE_MOLECULE);
    return node->op == OP_SKIP ? skip(eval, node, value) : negate(eval, node, value);
}
