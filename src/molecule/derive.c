/* Derivatives, by the rules of calculus, as nodes of the same formula. Each rule is written in the form that is numerically stable:
   sigmoid and tanh by their own values, softplus by the sigmoid. Formulas share nodes, so the work is done once a node, in the order of
   the array: an operand's derivative is there before it is needed. */
#include <math.h>

#include "molecule/formula.h"
#include "support/limits.h"

#define APPLY(op, a, b) formula_apply(formula, (op), (a), (b), 0)
#define NUMBER(value)   formula_number(formula, (value))

/* (a / b)' = (a' - (a / b) b') / b */
static formula_id quotient(struct formula *formula, struct formula_node node, formula_id self, formula_id da, formula_id db)
{
    return APPLY(FORMULA_DIV, APPLY(FORMULA_SUB, da, APPLY(FORMULA_MUL, self, db)), node.b);
}

/* (a ^ b)' = b a^(b - 1) a' where b does not depend on the variable, else a^b (b' log a + b a' / a) */
static formula_id power(struct formula *formula, struct formula_node node, formula_id self, formula_id da, formula_id db)
{
    bool constant = formula->nodes[db].op == FORMULA_NUMBER && formula->nodes[db].value == 0;
    if (constant) {
        formula_id less = APPLY(FORMULA_SUB, node.b, NUMBER(1));
        return APPLY(FORMULA_MUL, APPLY(FORMULA_MUL, node.b, APPLY(FORMULA_POW, node.a, less)), da);
    }
    formula_id first = APPLY(FORMULA_MUL, db, APPLY(FORMULA_LOG, node.a, 0));
    formula_id second = APPLY(FORMULA_DIV, APPLY(FORMULA_MUL, node.b, da), node.a);
    return APPLY(FORMULA_MUL, self, APPLY(FORMULA_ADD, first, second));
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
        return APPLY(FORMULA_SUB, NUMBER(1), APPLY(FORMULA_MUL, self, self));
    case FORMULA_SIGMOID:
        return APPLY(FORMULA_MUL, self, APPLY(FORMULA_SUB, NUMBER(1), self));
    case FORMULA_SOFTPLUS:
        return APPLY(FORMULA_SIGMOID, node.a, 0);
    case FORMULA_ERF: /* 2 / sqrt(pi) exp(-a^2) */
        return APPLY(FORMULA_MUL, NUMBER(M_2_SQRTPI),
                     APPLY(FORMULA_EXP, APPLY(FORMULA_NEGATE, APPLY(FORMULA_MUL, node.a, node.a), 0), 0));
    default: /* sign, floor and comparisons are flat where they have a derivative */
        return NUMBER(0);
    }
}

/* The derivative of one node, from those of its operands. */
static formula_id derive(struct formula *formula, formula_id self, const formula_id *done)
{
    const struct formula_node node = formula->nodes[self];
    formula_id da = done[node.a], db = done[node.b], dc = done[node.c];
    switch ((enum formula_op)node.op) {
    case FORMULA_NEGATE:
        return APPLY(FORMULA_NEGATE, da, 0);
    case FORMULA_ADD:
        return APPLY(FORMULA_ADD, da, db);
    case FORMULA_SUB:
        return APPLY(FORMULA_SUB, da, db);
    case FORMULA_MUL:
        if (node.a == node.b) /* 2 a a', not a a' + a' a */
            return APPLY(FORMULA_MUL, NUMBER(2), APPLY(FORMULA_MUL, node.a, da));
        return APPLY(FORMULA_ADD, APPLY(FORMULA_MUL, da, node.b), APPLY(FORMULA_MUL, node.a, db));
    case FORMULA_DIV:
        return quotient(formula, node, self, da, db);
    case FORMULA_POW:
        return power(formula, node, self, da, db);
    case FORMULA_MIN: /* at a = b, the first operand's: max(0, x) and min(0, x) are flat at 0 */
        return formula_apply(formula, FORMULA_SELECT, APPLY(FORMULA_LT, node.b, node.a), db, da);
    case FORMULA_MAX:
        return formula_apply(formula, FORMULA_SELECT, APPLY(FORMULA_LT, node.a, node.b), db, da);
    case FORMULA_SELECT:
        return formula_apply(formula, FORMULA_SELECT, node.a, db, dc);
    default:
        return APPLY(FORMULA_MUL, outer(formula, node, self), da);
    }
}

formula_id formula_derive(struct formula *formula, formula_id node, enum formula_op variable, unsigned index)
{
    formula_id done[LIMIT_FORMULA_NODES];
    if (node == FORMULA_FAILED)
        return FORMULA_FAILED;
    for (formula_id i = 0; i <= node; i++) {
        const struct formula_node *at = &formula->nodes[i];
        bool leaf = formula_functions[at->op].arity == 0;
        bool itself = at->op == variable && (variable == FORMULA_X || at->value == index);
        done[i] = leaf ? NUMBER(itself ? 1 : 0) : derive(formula, i, done);
        if (done[i] == FORMULA_FAILED)
            return FORMULA_FAILED;
    }
    return done[node];
}
