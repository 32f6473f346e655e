/* Simplification, at the moment a node is made, of operands that are simple already. The same function, written in slightly
   different ways, ends as the same nodes; so its text names the fused kernel that computes it, and a derivative reads as in a
   textbook.

   Sums (+, -, unary -) and products (*, powers with a positive whole exponent) have a normal form. A sum is a number and a list
   of terms, each a factor times a base: like terms are added. A product is a number and a list of bases, each with an exponent:
   like bases are multiplied. Both lists stand in the order of `compare`, and are written again from left to right, what a sum
   takes away last and a product's number first:

       x * 2 * y * x - 3 + y   becomes   y + 2 * x^2 * y - 3

   Nothing is multiplied out, and nothing is cancelled in a quotient, since both can lose digits or hide a pole. Nor is a sign
   moved between the factors of a product: exp(x) - 1 and 1 - tanh(x) both stay as they are.

   Beside these, laws that hold for every argument: 0 and 1, even and odd functions of -a, and the two spellings that overflow
   where they need not, 1 / (1 + exp(a)) and log(1 + exp(a)), which become sigmoid and softplus. exp(log(a)) stays, for it is no
   number where a is negative. */
#include <math.h>

#include "molecule/formula_nodes.h"
#include "support/limits.h"

#define APPLY(op, a, b) formula_apply(formula, (op), (a), (b), 0)
/* What a law gives that does not apply. */
#define NOTHING FORMULA_FAILED

/* ---- looking at nodes ---- */

static bool is_number(const struct formula *formula, formula_id id, double *value)
{
    *value = formula->nodes[id].value;
    return formula->nodes[id].op == FORMULA_NUMBER;
}

static bool is_value(const struct formula *formula, formula_id id, double wanted)
{
    double value;
    return is_number(formula, id, &value) && value == wanted;
}

static bool is_op(const struct formula *formula, formula_id id, enum formula_op op)
{
    return formula->nodes[id].op == op;
}

static bool is_whole(double value)
{
    return value == floor(value) && isfinite(value);
}

/* The first factor of a product; anything else is its own. */
static formula_id first_factor(const struct formula *formula, formula_id id)
{
    while (formula->nodes[id].op == FORMULA_MUL)
        id = formula->nodes[id].a;
    return id;
}

/* -a, a negative number, or a product that begins with one. */
static bool is_negative(const struct formula *formula, formula_id id)
{
    double number;
    return is_op(formula, id, FORMULA_NEGATE) || (is_number(formula, first_factor(formula, id), &number) && number < 0);
}

/* 1 + exp(y): gives y. */
static bool is_one_plus_exp(const struct formula *formula, formula_id id, formula_id *y)
{
    const struct formula_node *node = &formula->nodes[id];
    if (node->op != FORMULA_ADD || !is_value(formula, node->a, 1) || !is_op(formula, node->b, FORMULA_EXP))
        return false;
    *y = formula->nodes[node->b].a;
    return true;
}

/* Numbers, parameters, x, functions, and sums last: sigmoid(x) * (1 - sigmoid(x)). */
static int rank(enum formula_op op)
{
    static const int ranks[FORMULA_OP_COUNT] = {
        [FORMULA_NUMBER] = -3, [FORMULA_PARAM] = -2, [FORMULA_X] = -1, [FORMULA_ADD] = 100, [FORMULA_SUB] = 101};
    return ranks[op] != 0 ? ranks[op] : (int)op;
}

/* The order of nodes: by operation, then by the first operand that differs. It depends on what they are and not on when they were
   made. Different ids are different nodes, so it goes down one path only. */
static int compare(const struct formula *formula, formula_id first, formula_id second)
{
    while (first != second) {
        const struct formula_node *a = &formula->nodes[first], *b = &formula->nodes[second];
        if (a->op != b->op)
            return rank(a->op) < rank(b->op) ? -1 : 1;
        if (formula_functions[a->op].arity == 0)
            return a->value < b->value ? -1 : 1;
        first = a->a != b->a ? a->a : a->b != b->b ? a->b : a->c;
        second = a->a != b->a ? b->a : a->b != b->b ? b->b : b->c;
    }
    return 0;
}

/* ---- sums and products ---- */

struct part {
    formula_id base;
    double times; /* a sum's factor, a product's exponent */
};

/* Parts in order, each base once: never more than there are nodes. */
struct parts {
    struct part at[LIMIT_FORMULA_NODES];
    uint32_t count;
    uint32_t looked_at; /* nodes, to find them */
    double number;      /* what a sum adds or a product multiplies by beside them */
};

/* A sum or product in normal form has fewer nodes than a formula. One that overflowed stays as it was written, can share parts with
   itself, and then has as many ways down as there are powers of two. */
static bool looked_too_long(struct parts *parts)
{
    return ++parts->looked_at > 4 * LIMIT_FORMULA_NODES;
}

static void put(const struct formula *formula, struct parts *parts, formula_id base, double times)
{
    uint32_t at = parts->count;
    while (at > 0 && compare(formula, parts->at[at - 1].base, base) > 0)
        at--;
    if (at > 0 && parts->at[at - 1].base == base) {
        parts->at[at - 1].times += times;
        return;
    }
    for (uint32_t i = parts->count++; i > at; i--)
        parts->at[i] = parts->at[i - 1];
    parts->at[at] = (struct part){base, times};
}

static formula_id binary(struct formula *formula, enum formula_op op, formula_id a, formula_id b)
{
    if (a == FORMULA_FAILED || b == FORMULA_FAILED)
        return FORMULA_FAILED;
    return formula_intern(formula, (struct formula_node){.op = (uint8_t)op, .a = a, .b = b});
}

/* A product without the number that it begins with. */
static formula_id without_number(struct formula *formula, formula_id product)
{
    struct formula_node node = formula->nodes[product];
    if (is_op(formula, node.a, FORMULA_NUMBER))
        return node.b;
    return binary(formula, FORMULA_MUL, without_number(formula, node.a), node.b);
}

/* A product, without a number of its own, with `number` in front. */
static formula_id with_number(struct formula *formula, formula_id id, double number)
{
    if (id != FORMULA_FAILED && is_op(formula, id, FORMULA_MUL)) {
        struct formula_node node = formula->nodes[id];
        return binary(formula, FORMULA_MUL, with_number(formula, node.a, number), node.b);
    }
    return binary(formula, FORMULA_MUL, formula_number(formula, number), id);
}

/* False where there is no room, or too much to look at. */
static bool take_sum(struct formula *formula, struct parts *parts, formula_id id, double times)
{
    const struct formula_node node = formula->nodes[id];
    double number;
    if (looked_too_long(parts))
        return false;
    if (node.op == FORMULA_ADD || node.op == FORMULA_SUB)
        return take_sum(formula, parts, node.a, times) && take_sum(formula, parts, node.b, node.op == FORMULA_ADD ? times : -times);
    if (node.op == FORMULA_NEGATE)
        return take_sum(formula, parts, node.a, -times);
    if (node.op == FORMULA_NUMBER) {
        parts->number += times * node.value;
        return true;
    }
    if (node.op == FORMULA_MUL && is_number(formula, first_factor(formula, id), &number)) {
        id = without_number(formula, id);
        times *= number;
    }
    if (id == FORMULA_FAILED)
        return false;
    put(formula, parts, id, times);
    return true;
}

/* Drops what has cancelled; whether all that is left is finite. */
static bool settle(struct parts *parts)
{
    bool finite = isfinite(parts->number);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < parts->count; i++) {
        finite = finite && isfinite(parts->at[i].times);
        if (parts->at[i].times != 0)
            parts->at[kept++] = parts->at[i];
    }
    parts->count = kept;
    return finite;
}

/* A row of operands that is written from left to right. */
struct row {
    struct formula *formula;
    formula_id whole;
    bool begun;
};

static void row_add(struct row *row, enum formula_op op, formula_id next)
{
    row->whole = row->begun ? binary(row->formula, op, row->whole, next) : next;
    row->begun = true;
}

static formula_id write_term(struct formula *formula, formula_id base, double times)
{
    if (times == 1)
        return base;
    if (times == -1)
        return binary(formula, FORMULA_NEGATE, base, 0);
    return with_number(formula, base, times);
}

static formula_id write_sum(struct formula *formula, const struct parts *parts)
{
    if (parts->count == 0)
        return formula_number(formula, parts->number);
    if (parts->count == 1 && parts->number == 0)
        return write_term(formula, parts->at[0].base, parts->at[0].times);
    bool positive = parts->number > 0;
    for (uint32_t i = 0; i < parts->count; i++)
        positive = positive || parts->at[i].times > 0;
    double sign = positive ? 1 : -1;
    struct row row = {.formula = formula};
    if (parts->number * sign > 0)
        row_add(&row, FORMULA_ADD, formula_number(formula, parts->number * sign));
    for (uint32_t i = 0; i < parts->count; i++)
        if (parts->at[i].times * sign > 0)
            row_add(&row, FORMULA_ADD, write_term(formula, parts->at[i].base, parts->at[i].times * sign));
    if (!positive) /* nothing to take away from: -(1 + x) */
        return binary(formula, FORMULA_NEGATE, row.whole, 0);
    for (uint32_t i = 0; i < parts->count; i++)
        if (parts->at[i].times < 0)
            row_add(&row, FORMULA_SUB, write_term(formula, parts->at[i].base, -parts->at[i].times));
    if (parts->number < 0)
        row_add(&row, FORMULA_SUB, formula_number(formula, -parts->number));
    return row.whole;
}

/* `times` of a and, for two operands, `more` of b. */
static formula_id simplify_sum(struct formula *formula, formula_id a, double times, formula_id b, double more)
{
    struct parts parts;
    parts.count = parts.looked_at = 0;
    parts.number = 0;
    bool taken = take_sum(formula, &parts, a, times) && (more == 0 || take_sum(formula, &parts, b, more));
    return taken && settle(&parts) ? write_sum(formula, &parts) : NOTHING;
}

/* A power that is a product of equal factors. */
static bool is_repeated(const struct formula *formula, const struct formula_node *node, double *times)
{
    return node->op == FORMULA_POW && is_number(formula, node->b, times) && is_whole(*times) && *times > 0;
}

/* False where there is too much to look at. */
static bool take_product(const struct formula *formula, struct parts *parts, formula_id id, double times)
{
    const struct formula_node *node = &formula->nodes[id];
    double exponent;
    if (looked_too_long(parts))
        return false;
    if (node->op == FORMULA_MUL)
        return take_product(formula, parts, node->a, times) && take_product(formula, parts, node->b, times);
    if (node->op == FORMULA_NEGATE) {
        parts->number *= fmod(times, 2) == 0 ? 1 : -1;
        return take_product(formula, parts, node->a, times);
    }
    if (node->op == FORMULA_NUMBER)
        parts->number *= pow(node->value, times);
    else if (is_repeated(formula, node, &exponent))
        put(formula, parts, node->a, times * exponent);
    else
        put(formula, parts, id, times);
    return true;
}

/* a sign(a) is abs(a). */
static void merge_signs(struct formula *formula, struct parts *parts)
{
    for (uint32_t i = 0; i < parts->count; i++) {
        const struct formula_node *node = &formula->nodes[parts->at[i].base];
        for (uint32_t k = 0; node->op == FORMULA_SIGN && k < parts->count; k++) {
            if (parts->at[k].base != node->a)
                continue;
            double both = fmin(parts->at[i].times, parts->at[k].times);
            formula_id size = binary(formula, FORMULA_ABS, node->a, 0);
            if (both < 1 || size == FORMULA_FAILED)
                return;
            parts->at[i].times -= both;
            parts->at[k].times -= both;
            put(formula, parts, size, both);
            return;
        }
    }
}

static formula_id write_product(struct formula *formula, const struct parts *parts)
{
    if (parts->number == 0 || parts->count == 0)
        return formula_number(formula, parts->number);
    struct row row = {.formula = formula};
    if (fabs(parts->number) != 1)
        row_add(&row, FORMULA_MUL, formula_number(formula, parts->number));
    for (uint32_t i = 0; i < parts->count; i++) {
        double times = parts->at[i].times;
        formula_id base = parts->at[i].base;
        row_add(&row, FORMULA_MUL, times == 1 ? base : binary(formula, FORMULA_POW, base, formula_number(formula, times)));
    }
    return parts->number == -1 ? APPLY(FORMULA_NEGATE, row.whole, 0) : row.whole; /* it may be a sum: -(x - y) is y - x */
}

/* a to the power `times` and, for two operands, b to the power `more`. */
static formula_id simplify_product(struct formula *formula, formula_id a, double times, formula_id b, double more)
{
    struct parts parts;
    parts.count = parts.looked_at = 0;
    parts.number = 1;
    if (!take_product(formula, &parts, a, times) || (more != 0 && !take_product(formula, &parts, b, more)))
        return NOTHING;
    merge_signs(formula, &parts);
    return settle(&parts) ? write_product(formula, &parts) : NOTHING;
}

/* ---- other operations ---- */

static formula_id simplify_div(struct formula *formula, formula_id a, formula_id b)
{
    formula_id y;
    if (is_value(formula, b, 1))
        return a;
    if (is_value(formula, a, 0) && !is_value(formula, b, 0))
        return a;
    if (is_negative(formula, a))
        return APPLY(FORMULA_NEGATE, APPLY(FORMULA_DIV, APPLY(FORMULA_NEGATE, a, 0), b), 0);
    if (is_negative(formula, b))
        return APPLY(FORMULA_NEGATE, APPLY(FORMULA_DIV, a, APPLY(FORMULA_NEGATE, b, 0)), 0);
    if (!is_one_plus_exp(formula, b, &y))
        return NOTHING;
    if (is_op(formula, a, FORMULA_EXP) && formula->nodes[a].a == y)
        return APPLY(FORMULA_SIGMOID, y, 0);
    return APPLY(FORMULA_MUL, a, APPLY(FORMULA_SIGMOID, APPLY(FORMULA_NEGATE, y, 0), 0));
}

static formula_id simplify_pow(struct formula *formula, formula_id a, formula_id b)
{
    double exponent;
    if (is_value(formula, a, 1))
        return a;
    if (!is_number(formula, b, &exponent))
        return NOTHING;
    if (exponent == 0)
        return formula_number(formula, 1);
    if (exponent == 0.5)
        return APPLY(FORMULA_SQRT, a, 0);
    if (exponent == -1)
        return APPLY(FORMULA_DIV, formula_number(formula, 1), a);
    return is_whole(exponent) && exponent > 0 ? simplify_product(formula, a, exponent, 0, 0) : NOTHING;
}

/* Functions for which f(-a) is f(a), or -f(a). */
static formula_id simplify_parity(struct formula *formula, enum formula_op op, formula_id a)
{
    bool even = op == FORMULA_COS || op == FORMULA_ABS;
    bool odd = op == FORMULA_SIN || op == FORMULA_TANH || op == FORMULA_ERF || op == FORMULA_SIGN;
    if (!(even || odd) || !is_negative(formula, a))
        return NOTHING;
    formula_id positive = APPLY(op, APPLY(FORMULA_NEGATE, a, 0), 0);
    return even ? positive : APPLY(FORMULA_NEGATE, positive, 0);
}

static formula_id simplify_function(struct formula *formula, enum formula_op op, formula_id a)
{
    const struct formula_node *inner = &formula->nodes[a];
    formula_id y;
    if (op == FORMULA_LOG && inner->op == FORMULA_EXP)
        return inner->a;
    if (op == FORMULA_LOG && is_one_plus_exp(formula, a, &y))
        return APPLY(FORMULA_SOFTPLUS, y, 0);
    if (op == FORMULA_SQRT && inner->op == FORMULA_POW && is_value(formula, inner->b, 2))
        return APPLY(FORMULA_ABS, inner->a, 0);
    if (op == FORMULA_ABS && (inner->op == FORMULA_ABS || inner->op == FORMULA_EXP || inner->op == FORMULA_SQRT))
        return a;
    return simplify_parity(formula, op, a);
}

/* Of equal operands. */
static formula_id simplify_equal(struct formula *formula, enum formula_op op, formula_id a, formula_id b)
{
    if (a != b)
        return NOTHING;
    return op == FORMULA_MIN || op == FORMULA_MAX ? a : formula_number(formula, op == FORMULA_LT ? 0 : 1);
}

static formula_id simplify_select(const struct formula *formula, formula_id a, formula_id b, formula_id c)
{
    double condition;
    if (is_number(formula, a, &condition))
        return condition != 0 ? b : c;
    return b == c ? b : NOTHING;
}

/* An equal simpler node, NOTHING where no law applies. */
static formula_id simplify(struct formula *formula, enum formula_op op, formula_id a, formula_id b, formula_id c)
{
    switch (op) {
    case FORMULA_ADD:
        return simplify_sum(formula, a, 1, b, 1);
    case FORMULA_SUB:
        return simplify_sum(formula, a, 1, b, -1);
    case FORMULA_NEGATE:
        return simplify_sum(formula, a, -1, 0, 0);
    case FORMULA_MUL:
        return simplify_product(formula, a, 1, b, 1);
    case FORMULA_DIV:
        return simplify_div(formula, a, b);
    case FORMULA_POW:
        return simplify_pow(formula, a, b);
    case FORMULA_SELECT:
        return simplify_select(formula, a, b, c);
    case FORMULA_MIN:
    case FORMULA_MAX:
    case FORMULA_LT:
    case FORMULA_LE:
    case FORMULA_EQ:
        return simplify_equal(formula, op, a, b);
    default:
        return simplify_function(formula, op, a);
    }
}

/* All operands are numbers: the result is one, where it is finite. */
static formula_id fold(struct formula *formula, enum formula_op op, const formula_id *operands)
{
    double values[3] = {0, 0, 0};
    for (unsigned i = 0; i < 3; i++)
        if (i < formula_functions[op].arity && !is_number(formula, operands[i], &values[i]))
            return NOTHING;
    double value = formula_compute(op, values[0], values[1], values[2]);
    return isfinite(value) ? formula_number(formula, value) : NOTHING;
}

formula_id formula_apply(struct formula *formula, enum formula_op op, formula_id a, formula_id b, formula_id c)
{
    formula_id operands[3] = {a, b, c};
    unsigned arity = formula_functions[op].arity;
    for (unsigned i = 0; i < 3; i++) {
        operands[i] = i < arity ? operands[i] : 0;
        if (operands[i] == FORMULA_FAILED)
            return FORMULA_FAILED;
    }
    bool ordered = op == FORMULA_MIN || op == FORMULA_MAX || op == FORMULA_EQ; /* sums and products see to theirs */
    if (ordered && compare(formula, a, b) > 0) {
        operands[0] = b;
        operands[1] = a;
    }
    formula_id simpler = fold(formula, op, operands);
    if (simpler == NOTHING)
        simpler = simplify(formula, op, operands[0], operands[1], operands[2]);
    if (simpler != NOTHING)
        return simpler;
    return formula_intern(formula, (struct formula_node){.op = (uint8_t)op, .a = operands[0], .b = operands[1], .c = operands[2]});
}
