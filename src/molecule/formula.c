/* Nodes of formulas: storage, evaluation, hash. Simplification is in formula_simplify.c, derivatives in formula_derive.c, text in
   formula_print.c.

   Nodes are shared: before one is added, an equal one is looked for. So within one formula two ids are equal exactly where the
   nodes, with all that is below them, are. */
#include "molecule/formula.h"

#include <math.h>

#include "molecule/formula_nodes.h"
#include "support/hash.h"
#include "support/limits.h"
#include "support/memory.h"

const struct formula_function formula_functions[FORMULA_OP_COUNT] = {
    [FORMULA_NUMBER] = {NULL, 0},
    [FORMULA_X] = {NULL, 0},
    [FORMULA_PARAM] = {NULL, 0},
    [FORMULA_NEGATE] = {NULL, 1},
    [FORMULA_ADD] = {NULL, 2},
    [FORMULA_SUB] = {NULL, 2},
    [FORMULA_MUL] = {NULL, 2},
    [FORMULA_DIV] = {NULL, 2},
    [FORMULA_POW] = {NULL, 2},
    [FORMULA_EXP] = {"exp", 1},
    [FORMULA_LOG] = {"log", 1},
    [FORMULA_SQRT] = {"sqrt", 1},
    [FORMULA_ABS] = {"abs", 1},
    [FORMULA_SIGN] = {"sign", 1},
    [FORMULA_SIN] = {"sin", 1},
    [FORMULA_COS] = {"cos", 1},
    [FORMULA_TANH] = {"tanh", 1},
    [FORMULA_SIGMOID] = {"sigmoid", 1},
    [FORMULA_SOFTPLUS] = {"softplus", 1},
    [FORMULA_ERF] = {"erf", 1},
    [FORMULA_FLOOR] = {"floor", 1},
    [FORMULA_MIN] = {"min", 2},
    [FORMULA_MAX] = {"max", 2},
    [FORMULA_LT] = {NULL, 2},
    [FORMULA_LE] = {NULL, 2},
    [FORMULA_EQ] = {NULL, 2},
    [FORMULA_SELECT] = {NULL, 3},
};

/* ---- one operation on numbers ---- */

/* Neither side overflows: the exponential is of a negative number. */
static double sigmoid(double x)
{
    double e = exp(-fabs(x));
    return x >= 0 ? 1 / (1 + e) : e / (1 + e);
}

static double softplus(double x)
{
    return fmax(x, 0) + log1p(exp(-fabs(x)));
}

double formula_compute(enum formula_op op, double a, double b, double c)
{
    switch (op) {
    case FORMULA_NEGATE:
        return -a;
    case FORMULA_ADD:
        return a + b;
    case FORMULA_SUB:
        return a - b;
    case FORMULA_MUL:
        return a * b;
    case FORMULA_DIV:
        return a / b;
    case FORMULA_POW:
        return pow(a, b);
    case FORMULA_EXP:
        return exp(a);
    case FORMULA_LOG:
        return log(a);
    case FORMULA_SQRT:
        return sqrt(a);
    case FORMULA_ABS:
        return fabs(a);
    case FORMULA_SIGN:
        return a > 0 ? 1 : a < 0 ? -1 : a;
    case FORMULA_SIN:
        return sin(a);
    case FORMULA_COS:
        return cos(a);
    case FORMULA_TANH:
        return tanh(a);
    case FORMULA_SIGMOID:
        return sigmoid(a);
    case FORMULA_SOFTPLUS:
        return isnan(a) ? a : softplus(a);
    case FORMULA_ERF:
        return erf(a);
    case FORMULA_FLOOR:
        return floor(a);
    case FORMULA_MIN: /* a NaN on either side is passed on, so that a diverged training is seen */
        return isnan(a) || a < b ? a : b;
    case FORMULA_MAX:
        return isnan(a) || a > b ? a : b;
    case FORMULA_LT:
        return a < b;
    case FORMULA_LE:
        return a <= b;
    case FORMULA_EQ:
        return a == b;
    case FORMULA_SELECT:
        return a != 0 ? b : c;
    default:
        return NAN;
    }
}

/* ---- nodes ---- */

static bool same_node(const struct formula_node *a, const struct formula_node *b)
{
    return a->op == b->op && a->a == b->a && a->b == b->b && a->c == b->c && a->value == b->value;
}

formula_id formula_intern(struct formula *formula, struct formula_node node)
{
    for (uint32_t i = 0; i < formula->count; i++)
        if (same_node(&formula->nodes[i], &node))
            return (formula_id)i;
    if (formula->count == LIMIT_FORMULA_NODES)
        return FORMULA_FAILED;
    if (formula->count == formula->cap) {
        uint32_t cap = formula->cap ? formula->cap * 2 : 16;
        struct formula_node *nodes = mem_resize(formula->nodes, cap, sizeof *nodes);
        if (!nodes)
            return FORMULA_FAILED;
        formula->nodes = nodes;
        formula->cap = cap;
    }
    formula->nodes[formula->count] = node;
    return (formula_id)formula->count++;
}

formula_id formula_number(struct formula *formula, double value)
{
    return formula_intern(formula, (struct formula_node){.op = FORMULA_NUMBER, .value = value == 0 ? 0 : value}); /* -0 is 0 */
}

formula_id formula_x(struct formula *formula)
{
    return formula_intern(formula, (struct formula_node){.op = FORMULA_X});
}

formula_id formula_param(struct formula *formula, unsigned index)
{
    return formula_intern(formula, (struct formula_node){.op = FORMULA_PARAM, .value = index});
}

/* Writes the operands of a node; returns how many there are. */
static unsigned operands_of(const struct formula_node *node, formula_id *operands)
{
    unsigned arity = formula_functions[node->op].arity;
    operands[0] = node->a;
    operands[1] = node->b;
    operands[2] = node->c;
    return arity < 3 ? arity : 3;
}

void formula_reach(const struct formula *formula, const formula_id *roots, size_t count, bool *reached)
{
    formula_id operands[3];
    for (size_t i = 0; i < count; i++)
        reached[roots[i]] = true;
    for (uint32_t i = formula->count; i-- > 0;) {
        unsigned arity = operands_of(&formula->nodes[i], operands);
        for (unsigned k = 0; reached[i] && k < arity; k++)
            reached[operands[k]] = true;
    }
}

void formula_trim(struct formula *formula, formula_id *roots, size_t count)
{
    bool reached[LIMIT_FORMULA_NODES] = {false};
    formula_id moved[LIMIT_FORMULA_NODES] = {0}, operands[3];
    formula_reach(formula, roots, count, reached);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < formula->count; i++) {
        if (!reached[i])
            continue;
        struct formula_node node = formula->nodes[i];
        unsigned arity = operands_of(&node, operands);
        for (unsigned k = 0; k < arity; k++)
            operands[k] = moved[operands[k]];
        node.a = operands[0];
        node.b = operands[1];
        node.c = operands[2];
        moved[i] = (formula_id)kept;
        formula->nodes[kept++] = node;
    }
    for (size_t i = 0; i < count; i++)
        roots[i] = moved[roots[i]];
    formula->count = kept;
}

bool formula_uses(const struct formula *formula, formula_id node, enum formula_op variable, unsigned index)
{
    bool reached[LIMIT_FORMULA_NODES] = {false}, found = false;
    formula_reach(formula, &node, 1, reached);
    for (uint32_t i = 0; i < formula->count; i++)
        found = found ||
                (reached[i] && formula->nodes[i].op == variable && (variable == FORMULA_X || formula->nodes[i].value == index));
    return found;
}

unsigned formula_operations(const struct formula *formula, formula_id node)
{
    bool reached[LIMIT_FORMULA_NODES] = {false};
    formula_reach(formula, &node, 1, reached);
    unsigned operations = 0;
    for (uint32_t i = 0; i < formula->count; i++)
        operations += reached[i] && formula_functions[formula->nodes[i].op].arity > 0;
    return operations;
}

/* ---- evaluation, hash ---- */

void formula_values(const struct formula *formula, formula_id node, double x, const double *params, double *values)
{
    for (formula_id i = 0; i <= node; i++) {
        const struct formula_node *at = &formula->nodes[i];
        if (at->op == FORMULA_NUMBER)
            values[i] = at->value;
        else if (at->op == FORMULA_X)
            values[i] = x;
        else if (at->op == FORMULA_PARAM)
            values[i] = params[(size_t)at->value];
        else
            values[i] = formula_compute(at->op, values[at->a], values[at->b], values[at->c]);
    }
}

double formula_evaluate(const struct formula *formula, formula_id node, double x, const double *params)
{
    double values[LIMIT_FORMULA_NODES];
    formula_values(formula, node, x, params, values);
    return values[node];
}

uint64_t formula_hash(const struct formula *formula, formula_id node)
{
    uint64_t hashes[LIMIT_FORMULA_NODES] = {0};
    formula_id operands[3];
    for (formula_id i = 0; i <= node; i++) {
        const struct formula_node *at = &formula->nodes[i];
        unsigned arity = operands_of(at, operands);
        hashes[i] = hash_double(hash_u64(HASH_START, at->op), at->value);
        for (unsigned k = 0; k < arity; k++)
            hashes[i] = hash_u64(hashes[i], hashes[operands[k]]);
    }
    return hashes[node];
}

void formula_release(struct formula *formula)
{
    mem_free(formula->nodes);
    *formula = (struct formula){0};
}
