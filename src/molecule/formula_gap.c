#include "molecule/formula_gap.h"

#include <float.h>
#include <math.h>

#include "molecule/formula_nodes.h"
#include "support/limits.h"

/* Values of plain arguments first: what is told should be the plainest case. */
static const double arguments[] = {-1, 1, -0.5, 0.5, -2, 2, -0.1, 0.1, 0, -4, 4, -8, 8, -16, 16, -32, 32};
#define ARGUMENTS (sizeof arguments / sizeof *arguments)

static bool fits(double value)
{
    return fabs(value) <= (double)FLT_MAX;
}

/* The operands that the value of a node hangs on. */
static unsigned operands_used(const struct formula_node *node, const double *values, formula_id operands[3])
{
    operands[0] = node->a;
    operands[1] = node->b;
    operands[2] = node->c;
    if (node->op != FORMULA_SELECT || isnan(values[node->a]))
        return node->op == FORMULA_SELECT ? 1 : formula_functions[node->op].arity;
    operands[0] = values[node->a] != 0 ? node->b : node->c;
    return 1;
}

/* The node below `root` at which the trouble begins. */
static formula_id trouble_below(const struct formula *formula, formula_id root, const double *values)
{
    for (;;) {
        formula_id operands[3] = {0};
        const unsigned arity = operands_used(&formula->nodes[root], values, operands);
        unsigned k = 0;
        while (k < arity && fits(values[operands[k]]))
            k++;
        if (k == arity)
            return root;
        root = operands[k];
    }
}

/* Whether a node that has no finite value has a true one that is only too large. */
static bool is_overflow(const struct formula_node *node, const double *values, double value)
{
    if (isnan(value))
        return false;
    return !(node->op == FORMULA_DIV && values[node->b] == 0) && !(node->op == FORMULA_LOG && values[node->a] == 0) &&
           !(node->op == FORMULA_POW && values[node->a] == 0);
}

/* Whether `root` has no value at x; then where that begins. */
static bool gap_at(const struct formula *formula, formula_id root, double x, const double *params, struct formula_gap *gap)
{
    double values[LIMIT_FORMULA_NODES];
    formula_values(formula, root, x, params, values);
    if (fits(values[root]))
        return false;
    gap->x = x;
    gap->node = trouble_below(formula, root, values);
    gap->too_large = is_overflow(&formula->nodes[gap->node], values, values[gap->node]);
    return true;
}

/* Moves an overflow to the argument nearest to 0 that has it. */
static void narrow(const struct formula *formula, formula_id root, const double *params, struct formula_gap *gap)
{
    double inside = 0;
    struct formula_gap nearer = *gap;
    for (int i = 0; i < 40; i++) {
        const double middle = (inside + gap->x) / 2;
        if (gap_at(formula, root, middle, params, &nearer))
            *gap = nearer;
        else
            inside = middle;
    }
}

static bool find(const struct formula *formula, formula_id root, const double *params, bool too_large, struct formula_gap *gap)
{
    for (size_t i = 0; i < ARGUMENTS; i++)
        if (gap_at(formula, root, arguments[i], params, gap) && gap->too_large == too_large) {
            if (too_large)
                narrow(formula, root, params, gap);
            return true;
        }
    return false;
}

bool formula_gap_find(const struct formula *formula, formula_id value, formula_id slope, const double *params,
                      struct formula_gap *gap)
{
    *gap = (struct formula_gap){0};
    if (find(formula, value, params, false, gap))
        return true;
    gap->slope = find(formula, slope, params, false, gap);
    return gap->slope || find(formula, value, params, true, gap);
}
