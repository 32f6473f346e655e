/* Derivatives, by the rules of calculus, as nodes of the same formula. Sigmoid, softplus and tanh go by their own values, which
   neither overflow nor need another exponential. Formulas share nodes, so the work is done once a node, in the order of the
   array: an operand's derivative is there before it is needed. */
#include <math.h>

#include "molecule/formula_nodes.h"
#include "support/limits.h"

#define APPLY(op, a, b)         formula_apply(formula, (op), (a), (b), 0)
#define SELECT(condition, a, b) formula_apply(formula, FORMULA_SELECT, (condition), (a), (b))
#define NUMBER(value)           formula_number(formula, (value))

static bool is_zero(const struct formula *formula, formula_id id)
{
    return formula->nodes[id].op == FORMULA_NUMBER && formula->nodes[id].value == 0;
}

/* An outer derivative times the inner one. Where the inner one is 0 on one side of a branch, so is the product, even if the outer
   one is infinite there: the slope of sqrt(max(0, x)) is 0 below 0. */
static formula_id chain(struct formula *formula, formula_id slope, formula_id inner)
{
    const struct formula_node node = formula->nodes[inner];
    if (node.op == FORMULA_SELECT && (is_zero(formula, node.b) || is_zero(formula, node.c)))
        return SELECT(node.a, chain(formula, slope, node.b), chain(formula, slope, node.c));
    return APPLY(FORMULA_MUL, slope, inner);
}

/* (a / b)' = (a' b - a b') / b^2, and a' / b for a constant b */
static formula_id quotient(struct formula *formula, struct formula_node node, formula_id da, formula_id db)
{
    if (is_zero(formula, db))
        return APPLY(FORMULA_DIV, da, node.b);
    formula_id above = APPLY(FORMULA_SUB, APPLY(FORMULA_MUL, da, node.b), APPLY(FORMULA_MUL, node.a, db));
    return APPLY(FORMULA_DIV, above, APPLY(FORMULA_POW, node.b, NUMBER(2)));
}

/* (a^b)' = b a^(b - 1) a' + a^b log(a) b'; the second part is 0 at a = 0, where log is not defined. */
static formula_id power(struct formula *formula, struct formula_node node, formula_id self, formula_id da, formula_id db)
{
    formula_id less = APPLY(FORMULA_SUB, node.b, NUMBER(1));
    formula_id by_base = chain(formula, APPLY(FORMULA_MUL, node.b, APPLY(FORMULA_POW, node.a, less)), da);
    if (is_zero(formula, db))
        return by_base;
    formula_id growth = APPLY(FORMULA_MUL, self, APPLY(FORMULA_LOG, node.a, 0));
    formula_id by_exponent = chain(formula, SELECT(APPLY(FORMULA_EQ, node.a, NUMBER(0)), NUMBER(0), growth), db);
    return APPLY(FORMULA_ADD, by_base, by_exponent);
}

/* f'(a), the outer derivative of a function of one argument; `self` is f(a). */
static formula_id outer(struct formula *formula, struct formula_node node, formula_id self)
{
    switch ((enum formula_op)node.op) {
    case FORMULA_EXP:
        return self;
    case FORMULA_LOG:
        return APPLY(FORMULA_DIV, NUMBER(1), node.a);
    case FORMULA_SQRT:
        return APPLY(FORMULA_DIV, NUMBER(0.5), self);
    case FORMULA_ABS:
        return APPLY(FORMULA_SIGN, node.a, 0);
    case FORMULA_SIN:
        return APPLY(FORMULA_COS, node.a, 0);
    case FORMULA_COS:
        return APPLY(FORMULA_NEGATE, APPLY(FORMULA_SIN, node.a, 0), 0);
    case FORMULA_TANH:
        return APPLY(FORMULA_SUB, NUMBER(1), APPLY(FORMULA_POW, self, NUMBER(2)));
    case FORMULA_SIGMOID:
        return APPLY(FORMULA_MUL, self, APPLY(FORMULA_SUB, NUMBER(1), self));
    case FORMULA_SOFTPLUS:
        return APPLY(FORMULA_SIGMOID, node.a, 0);
    case FORMULA_ERF: /* 2 / sqrt(pi) exp(-a^2) */
        return APPLY(FORMULA_MUL, NUMBER(M_2_SQRTPI),
                     APPLY(FORMULA_EXP, APPLY(FORMULA_NEGATE, APPLY(FORMULA_POW, node.a, NUMBER(2)), 0), 0));
    default: /* sign, floor and comparisons are flat where they have a derivative */
        return NUMBER(0);
    }
}

/* The derivative of one node, from those of its operands. */
static formula_id derive(struct formula *formula, formula_id self, const formula_id *done)
{
    const struct formula_node node = formula->nodes[self];
    unsigned arity = formula_functions[node.op].arity;
    formula_id da = done[node.a], db = arity > 1 ? done[node.b] : 0, dc = arity > 2 ? done[node.c] : 0;
    switch ((enum formula_op)node.op) {
    case FORMULA_NEGATE:
        return APPLY(FORMULA_NEGATE, da, 0);
    case FORMULA_ADD:
    case FORMULA_SUB:
        return APPLY((enum formula_op)node.op, da, db);
    case FORMULA_MUL:
        return APPLY(FORMULA_ADD, APPLY(FORMULA_MUL, da, node.b), APPLY(FORMULA_MUL, node.a, db));
    case FORMULA_DIV:
        return quotient(formula, node, da, db);
    case FORMULA_POW:
        return power(formula, node, self, da, db);
    case FORMULA_MIN: /* at a = b, the first operand's: max(0, x) and min(0, x) are flat at 0 */
        return SELECT(APPLY(FORMULA_LT, node.b, node.a), db, da);
    case FORMULA_MAX:
        return SELECT(APPLY(FORMULA_LT, node.a, node.b), db, da);
    case FORMULA_SELECT:
        return SELECT(node.a, db, dc);
    default:
        return chain(formula, outer(formula, node, self), da);
    }
}

formula_id formula_derive(struct formula *formula, formula_id node, enum formula_op variable, unsigned index)
{
    formula_id done[LIMIT_FORMULA_NODES] = {0};
    bool reached[LIMIT_FORMULA_NODES] = {false};
    if (node == FORMULA_FAILED)
        return FORMULA_FAILED;
    formula_reach(formula, &node, 1, reached);
    for (formula_id i = 0; i <= node; i++) {
        if (!reached[i])
            continue;
        const struct formula_node *at = &formula->nodes[i];
        bool leaf = formula_functions[at->op].arity == 0;
        bool itself = at->op == variable && (variable == FORMULA_X || at->value == index);
        done[i] = leaf ? NUMBER(itself ? 1 : 0) : derive(formula, i, done);
        if (done[i] == FORMULA_FAILED)
            return FORMULA_FAILED;
    }
    return done[node];
}
