/* Operators. Numbers and estimates compute; an estimate computes trial by trial. Between molecules the same signs build molecules. */
#include <math.h>

#include "interp/advice.h"
#include "interp/evaluate.h"
#include "interp/unknown.h"
#include "support/memory.h"
#include "support/vec.h"
#include "syntax/ast.h"

/* One operator between two values, and where they, and both together, stand. */
struct operation {
    enum op op;
    struct span span, left, right;
};

double operator_compute(enum op op, double a, double b)
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
    case OP_LT:
        return a < b;
    case OP_LE:
        return a <= b;
    case OP_GT:
        return a > b;
    case OP_GE:
        return a >= b;
    case OP_AND:
        return a != 0 && b != 0;
    case OP_OR:
        return a != 0 || b != 0;
    default:
        return NAN;
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
        values[i] = operator_compute(op, a ? a->values[i] : left.number, b ? b->values[i] : right.number);
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
        double result = operator_compute(op, left.number, right.number);
        if (op == OP_POW && isnan(result) && !isnan(left.number) && !isnan(right.number))
            return eval_error(eval, span, "a negative number has no real power with a fraction");
        return value_number(result);
    }
    return compute_trials(eval, op, left, right, span);
}

/* ---- operands that become one thing ---- */

static struct value join_lists(struct eval *eval, const struct operand *operands, size_t count)
{
    bool open = false;
    struct value joined = value_list(eval);
    for (size_t i = 0; !failed(joined) && i < count; i++) {
        const struct list *list = operands[i].value.list;
        open |= list->open;
        for (size_t j = 0; j < list->count; j++)
            if (!list_add(eval, joined.list, list->items[j]))
                return value_failed();
    }
    return failed(joined) || !open ? joined : list_open(eval, joined.list);
}

static struct value join_strings(struct eval *eval, const struct operand *operands, size_t count)
{
    struct text text = {0};
    for (size_t i = 0; i < count; i++)
        text_add_str(&text, string_str(operands[i].value.string));
    return value_text(eval, &text);
}

static enum gene_kind gene_kind_of(enum op op)
{
    return op == OP_BRANCH ? GENE_BRANCH : op == OP_ADD ? GENE_SUM : GENE_PRODUCT;
}

/* Whether the operator puts both together into a molecule, a list or a text. */
static bool joins(enum op op, struct value left, struct value right)
{
    if (op == OP_ADD && left.kind == right.kind && (left.kind == VALUE_LIST || left.kind == VALUE_STRING))
        return true;
    return (op == OP_BRANCH || op == OP_ADD || op == OP_MUL) && value_is_chemical(left) && value_is_chemical(right);
}

static struct value join(struct eval *eval, enum op op, const struct operand *operands, size_t count, struct span span)
{
    if (operands[0].value.kind == VALUE_LIST)
        return join_lists(eval, operands, count);
    if (operands[0].value.kind == VALUE_STRING)
        return join_strings(eval, operands, count);
    return molecule_operator(eval, gene_kind_of(op), operands, count, span);
}

static struct value repeat(struct eval *eval, const struct operation *operation, struct value left, struct value right)
{
    const struct molecule *part =
        right.number > 1 ? molecule_part_of_value(eval, left, operation->left) : molecule_of_value(eval, left, operation->left);
    if (!part)
        return value_failed();
    struct molecule *molecule = molecule_repeat(part, right.number, &eval->state->elements, operation->right, eval->diags);
    molecule_release(part);
    return molecule ? value_molecule(eval, molecule) : value_failed();
}

static struct value no_such_operation(struct eval *eval, const struct operation *operation, struct value left, struct value right)
{
    return eval_error_help(eval, operation->span, advice_operator(operation->op, left, right),
                           "`%s` does not work between %s and %s", op_text(operation->op), value_article(left),
                           value_article(right));
}

static struct value apply(struct eval *eval, const struct operation *operation, struct value left, struct value right)
{
    enum op op = operation->op;
    if (numeric(left) && numeric(right) && op != OP_BRANCH)
        return arithmetic(eval, op, left, right, operation->span);
    if (op == OP_MUL && value_is_chemical(left) && right.kind == VALUE_NUMBER)
        return repeat(eval, operation, left, right);
    if (joins(op, left, right)) {
        struct operand both[] = {{left, operation->left}, {right, operation->right}};
        return join(eval, op, both, 2, operation->span);
    }
    return no_such_operation(eval, operation, left, right);
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

static struct value in_order(struct eval *eval, const struct operation *operation, struct value left, struct value right)
{
    double a, b;
    if (value_as_number(left, &a) && value_as_number(right, &b))
        return value_bool(operator_compute(operation->op, a, b) != 0);
    if (left.kind == VALUE_STRING && right.kind == VALUE_STRING) {
        const int order = str_compare(string_str(left.string), string_str(right.string));
        return value_bool(operator_compute(operation->op, order, 0) != 0);
    }
    return no_such_operation(eval, operation, left, right);
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
static struct value equal_unknown(enum op op, struct value left, struct value right)
{
    enum value_kind a = value_content(left), b = value_content(right);
    bool differ = (a == VALUE_NONE || b == VALUE_NONE) && a != b && a != VALUE_UNKNOWN && b != VALUE_UNKNOWN;
    return differ ? value_bool(op == OP_NE) : value_unknown_of(VALUE_BOOL);
}

/* Numbers give numbers, trials estimates; where one side may be anything, so may the result, but for what the other one rules. */
static struct value apply_unknown(struct eval *eval, const struct operation *operation, struct value left, struct value right)
{
    enum op op = operation->op;
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
    return no_such_operation(eval, operation, left, right);
}

static struct value order_unknown(struct eval *eval, const struct operation *operation, struct value left, struct value right)
{
    enum value_kind a = value_content(left), b = value_content(right);
    bool texts = (a == VALUE_STRING || a == VALUE_UNKNOWN) && (b == VALUE_STRING || b == VALUE_UNKNOWN);
    return texts || (may_be_numeric(left) && may_be_numeric(right)) ? value_unknown_of(VALUE_BOOL)
                                                                    : no_such_operation(eval, operation, left, right);
}

/* `or` and `and`: operands are evaluated until one settles it. */
static struct value logical(struct eval *eval, const struct node *node)
{
    bool settling = node->op == OP_OR;
    struct value left = eval_truth(eval, node->items[0]);
    for (uint32_t i = 1; i < node->count; i++) {
        if (failed(left) || (left.kind == VALUE_BOOL && left.boolean == settling))
            return left;
        eval->uncertain += left.kind == VALUE_UNKNOWN;
        struct value right = eval_truth(eval, node->items[i]);
        eval->uncertain -= left.kind == VALUE_UNKNOWN;
        bool settles = right.kind == VALUE_BOOL && right.boolean == settling; /* whatever the left side is */
        left = failed(right) || left.kind == VALUE_BOOL || settles ? right : value_unknown_of(VALUE_BOOL);
    }
    return left;
}

/* Whether the operator makes one molecule of its operands, so that a trained model stands for its own. */
static bool builds_molecule(enum op op, struct value left, struct value right)
{
    if ((op != OP_BRANCH && op != OP_ADD && op != OP_MUL) || !may_be_chemical(left))
        return false;
    return may_be_chemical(right) || right.kind == VALUE_UNKNOWN || (op == OP_MUL && right.kind == VALUE_NUMBER);
}

static struct value operate(struct eval *eval, const struct operation *operation, struct value left, struct value right)
{
    if (builds_molecule(operation->op, left, right)) {
        left = value_atom(eval, left, operation->left);
        right = failed(left) ? left : value_atom(eval, right, operation->right);
        if (failed(right))
            return right;
    }
    bool known = left.kind != VALUE_UNKNOWN && right.kind != VALUE_UNKNOWN;
    switch (operation->op) {
    case OP_EQ:
    case OP_NE:
        if (eval->state->checking && !(value_known(left) && value_known(right)))
            return equal_unknown(operation->op, left, right);
        return value_bool(equal(eval, left, right) == (operation->op == OP_EQ));
    case OP_LT:
    case OP_LE:
    case OP_GT:
    case OP_GE:
        return known ? in_order(eval, operation, left, right) : order_unknown(eval, operation, left, right);
    default:
        return known ? apply(eval, operation, left, right) : apply_unknown(eval, operation, left, right);
    }
}

/* Operands from left to right. Those that one operator makes one thing of are gathered and joined at once: two by two, the first of a
   long row would be copied again and again. */
struct row {
    struct eval *eval;
    struct value left;  /* of all so far, but for what is gathered */
    struct joint joint; /* of the last one */
    VEC(struct operand) gathered;
};

/* False where memory is exhausted, which is told, or a trained model cannot be an operand. */
static bool gather(struct row *row, struct value value, struct span span)
{
    struct operand operand = {value_is_chemical(value) ? value_atom(row->eval, value, span) : value, span};
    if (failed(operand.value))
        row->left = operand.value;
    else if (!vec_push(&row->gathered, operand))
        row->left = eval_out_of_memory(row->eval, span);
    return !failed(row->left);
}

static void join_gathered(struct row *row)
{
    if (row->gathered.count == 0)
        return;
    row->left = join(row->eval, row->joint.op, row->gathered.at, row->gathered.count, row->joint.span);
    row->gathered.count = 0;
}

static void take_operand(struct row *row, struct joint joint, struct value right, struct span span)
{
    bool goes_on = row->gathered.count > 0 && joint.op == row->joint.op && joins(joint.op, row->gathered.at[0].value, right);
    struct span before = row->joint.span;
    if (!goes_on)
        join_gathered(row);
    row->joint = joint;
    if (failed(row->left))
        return;
    struct operation operation = {joint.op, joint.span, before, span};
    if (goes_on || (joins(joint.op, row->left, right) && gather(row, row->left, before)))
        gather(row, right, span);
    else if (!failed(row->left))
        row->left = operate(row->eval, &operation, row->left, right);
}

static struct value eval_row(struct eval *eval, const struct node *node)
{
    size_t mark = pool_mark(eval);
    struct row row = {.eval = eval, .left = eval_node(eval, node->items[0]), .joint = {.span = node->items[0]->span}};
    for (uint32_t i = 1; !failed(row.left) && i < node->count; i++) {
        struct value right = eval_node(eval, node->items[i]);
        if (failed(right))
            row.left = right;
        else
            take_operand(&row, node_joint(node, i), right, node->items[i]->span);
    }
    if (!failed(row.left))
        join_gathered(&row);
    vec_release(&row.gathered);
    return pool_drain(eval, mark, row.left);
}

struct value eval_binary(struct eval *eval, const struct node *node)
{
    if (node->op == OP_AND || node->op == OP_OR)
        return logical(eval, node);
    if (node->count > 2)
        return eval_row(eval, node);
    struct value left = eval_node(eval, node->items[0]);
    struct value right = failed(left) ? left : eval_node(eval, node->items[1]);
    if (failed(right))
        return right;
    struct operation operation = {(enum op)node->op, node->span, node->items[0]->span, node->items[1]->span};
    return operate(eval, &operation, left, right);
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
