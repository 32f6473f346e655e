/* Building, simplifying, evaluating and printing formulas; derivatives are in derive.c.

   Nodes are shared: before one is added, an equal one is looked for. Simplification happens at that moment, on operands that are simple
   already: constants fold, the laws of 0 and 1 apply, operands of commutative operations stand in one order (numbers first, then by
   node). So the same function, written in slightly different ways, ends as the same nodes, and its canonical text names the fused kernel
   that computes it. */
#include "molecule/formula.h"

#include <math.h>
#include <string.h>

#include "support/hash.h"
#include "support/limits.h"
#include "support/memory.h"
#include "support/number.h"

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

static double sigmoid(double x)
{
    return x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x));
}

static double softplus(double x)
{
    return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x));
}

static double compute(enum formula_op op, double a, double b, double c)
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
        return softplus(a);
    case FORMULA_ERF:
        return erf(a);
    case FORMULA_FLOOR:
        return floor(a);
    case FORMULA_MIN:
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

static bool commutative(enum formula_op op)
{
    return op == FORMULA_ADD || op == FORMULA_MUL || op == FORMULA_MIN || op == FORMULA_MAX || op == FORMULA_EQ;
}

/* ---- nodes ---- */

static bool same_node(const struct formula_node *a, const struct formula_node *b)
{
    return a->op == b->op && a->a == b->a && a->b == b->b && a->c == b->c && memcmp(&a->value, &b->value, sizeof a->value) == 0;
}

static formula_id add(struct formula *formula, struct formula_node node)
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
    return add(formula, (struct formula_node){.op = FORMULA_NUMBER, .value = value == 0 ? 0 : value});
}

formula_id formula_x(struct formula *formula)
{
    return add(formula, (struct formula_node){.op = FORMULA_X});
}

formula_id formula_param(struct formula *formula, unsigned index)
{
    return add(formula, (struct formula_node){.op = FORMULA_PARAM, .value = index});
}

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

/* ---- simplification: an equal simpler node, FORMULA_FAILED where there is none ---- */

#define APPLY(op, a, b) formula_apply(formula, (op), (a), (b), 0)
#define NOTHING         FORMULA_FAILED

static formula_id simplify_add(struct formula *formula, formula_id a, formula_id b)
{
    if (is_value(formula, a, 0))
        return b;
    if (is_value(formula, b, 0))
        return a;
    if (is_op(formula, b, FORMULA_NEGATE))
        return APPLY(FORMULA_SUB, a, formula->nodes[b].a);
    if (is_op(formula, a, FORMULA_NEGATE))
        return APPLY(FORMULA_SUB, b, formula->nodes[a].a);
    return NOTHING;
}

static formula_id simplify_sub(struct formula *formula, formula_id a, formula_id b)
{
    if (is_value(formula, b, 0))
        return a;
    if (is_value(formula, a, 0))
        return APPLY(FORMULA_NEGATE, b, 0);
    if (a == b)
        return formula_number(formula, 0);
    if (is_op(formula, b, FORMULA_NEGATE))
        return APPLY(FORMULA_ADD, a, formula->nodes[b].a);
    return NOTHING;
}

/* Products carry one number, in front: 2 * (3 * x) is 6 * x. */
static formula_id simplify_mul(struct formula *formula, formula_id a, formula_id b)
{
    double first, second;
    if (is_value(formula, a, 0) || is_value(formula, b, 0))
        return formula_number(formula, 0);
    if (is_value(formula, a, 1))
        return b;
    if (is_value(formula, b, 1))
        return a;
    if (is_value(formula, a, -1))
        return APPLY(FORMULA_NEGATE, b, 0);
    if (is_op(formula, a, FORMULA_NEGATE))
        return APPLY(FORMULA_NEGATE, APPLY(FORMULA_MUL, formula->nodes[a].a, b), 0);
    if (is_op(formula, b, FORMULA_NEGATE))
        return APPLY(FORMULA_NEGATE, APPLY(FORMULA_MUL, a, formula->nodes[b].a), 0);
    if (is_number(formula, a, &first) && is_op(formula, b, FORMULA_MUL) && is_number(formula, formula->nodes[b].a, &second))
        return APPLY(FORMULA_MUL, formula_number(formula, first * second), formula->nodes[b].b);
    return NOTHING;
}

static formula_id simplify_div(struct formula *formula, formula_id a, formula_id b)
{
    if (is_value(formula, b, 1))
        return a;
    if (is_value(formula, a, 0) && !is_value(formula, b, 0))
        return formula_number(formula, 0);
    return NOTHING;
}

static formula_id simplify_pow(struct formula *formula, formula_id a, formula_id b)
{
    if (is_value(formula, b, 1))
        return a;
    if (is_value(formula, b, 0))
        return formula_number(formula, 1);
    if (is_value(formula, b, 2)) /* the cheaper spelling, and the one that products give */
        return APPLY(FORMULA_MUL, a, a);
    return NOTHING;
}

static formula_id simplify_negate(struct formula *formula, formula_id a)
{
    const struct formula_node *node = &formula->nodes[a];
    double number;
    if (node->op == FORMULA_NEGATE)
        return node->a;
    if (node->op == FORMULA_SUB)
        return APPLY(FORMULA_SUB, node->b, node->a);
    if (node->op == FORMULA_MUL && is_number(formula, node->a, &number)) {
        formula_id rest = node->b;
        return APPLY(FORMULA_MUL, formula_number(formula, -number), rest);
    }
    return NOTHING;
}

static formula_id simplify_select(const struct formula *formula, formula_id a, formula_id b, formula_id c)
{
    double condition;
    if (is_number(formula, a, &condition))
        return condition != 0 ? b : c;
    return b == c ? b : NOTHING;
}

static formula_id simplify(struct formula *formula, enum formula_op op, formula_id a, formula_id b, formula_id c)
{
    switch (op) {
    case FORMULA_ADD:
        return simplify_add(formula, a, b);
    case FORMULA_SUB:
        return simplify_sub(formula, a, b);
    case FORMULA_MUL:
        return simplify_mul(formula, a, b);
    case FORMULA_DIV:
        return simplify_div(formula, a, b);
    case FORMULA_POW:
        return simplify_pow(formula, a, b);
    case FORMULA_NEGATE:
        return simplify_negate(formula, a);
    case FORMULA_SELECT:
        return simplify_select(formula, a, b, c);
    case FORMULA_MIN:
    case FORMULA_MAX:
        return a == b ? a : NOTHING;
    default:
        return NOTHING;
    }
}

/* All operands are numbers: the result is one, where it is finite. */
static formula_id fold(struct formula *formula, enum formula_op op, const formula_id *operands, unsigned arity)
{
    double values[3] = {0, 0, 0};
    for (unsigned i = 0; i < arity; i++)
        if (!is_number(formula, operands[i], &values[i]))
            return NOTHING;
    double value = compute(op, values[0], values[1], values[2]);
    return isfinite(value) ? formula_number(formula, value) : NOTHING;
}

/* Numbers stand first, then the node that was made first. */
static bool out_of_order(const struct formula *formula, formula_id a, formula_id b)
{
    bool first = is_op(formula, a, FORMULA_NUMBER), second = is_op(formula, b, FORMULA_NUMBER);
    return first == second ? a > b : second;
}

formula_id formula_apply(struct formula *formula, enum formula_op op, formula_id a, formula_id b, formula_id c)
{
    unsigned arity = formula_functions[op].arity;
    formula_id operands[3] = {a, b, c};
    for (unsigned i = 0; i < arity; i++)
        if (operands[i] == FORMULA_FAILED)
            return FORMULA_FAILED;
    formula_id simpler = fold(formula, op, operands, arity);
    if (simpler != NOTHING)
        return simpler;
    if (commutative(op) && out_of_order(formula, a, b)) {
        operands[0] = b;
        operands[1] = a;
    }
    simpler = simplify(formula, op, operands[0], operands[1], operands[2]);
    if (simpler != NOTHING)
        return simpler;
    struct formula_node node = {.op = (uint8_t)op, .a = operands[0]};
    if (arity > 1)
        node.b = operands[1];
    if (arity > 2)
        node.c = operands[2];
    return add(formula, node);
}

/* ---- evaluation ---- */

double formula_evaluate(const struct formula *formula, formula_id node, double x, const double *params)
{
    double values[LIMIT_FORMULA_NODES];
    for (formula_id i = 0; i <= node; i++) {
        const struct formula_node *at = &formula->nodes[i];
        if (at->op == FORMULA_NUMBER)
            values[i] = at->value;
        else if (at->op == FORMULA_X)
            values[i] = x;
        else if (at->op == FORMULA_PARAM)
            values[i] = params[(size_t)at->value];
        else
            values[i] = compute(at->op, values[at->a], values[at->b], values[at->c]);
    }
    return values[node];
}

/* ---- text ---- */

/* How tightly an operator binds; what binds less tightly than its surroundings stands in brackets. */
enum tightness { LOOSE, COMPARISON, SUM, PRODUCT, PREFIX, POWER, TIGHT };

struct spelling {
    const char *sign;
    enum tightness whole, left, right;
};
static const struct spelling spellings[FORMULA_OP_COUNT] = {
    [FORMULA_ADD] = {" + ", SUM, SUM, SUM},
    [FORMULA_SUB] = {" - ", SUM, SUM, PRODUCT},
    [FORMULA_MUL] = {" * ", PRODUCT, PRODUCT, PRODUCT},
    [FORMULA_DIV] = {" / ", PRODUCT, PRODUCT, PREFIX},
    [FORMULA_POW] = {"^", POWER, TIGHT, PREFIX},
    [FORMULA_LT] = {" < ", COMPARISON, SUM, SUM},
    [FORMULA_LE] = {" <= ", COMPARISON, SUM, SUM},
    [FORMULA_EQ] = {" == ", COMPARISON, SUM, SUM},
};

struct printer {
    const struct formula *formula;
    const char *const *names;
    struct text *out;
};

static void print(const struct printer *printer, formula_id id, enum tightness around);

static void print_operator(const struct printer *printer, const struct formula_node *node, enum tightness around)
{
    const struct spelling *spelling = &spellings[node->op];
    bool brackets = spelling->whole < around;
    text_add(printer->out, brackets ? "(" : "");
    print(printer, node->a, spelling->left);
    text_add(printer->out, spelling->sign);
    print(printer, node->b, spelling->right);
    text_add(printer->out, brackets ? ")" : "");
}

static void print_call(const struct printer *printer, const struct formula_node *node)
{
    text_addf(printer->out, "%s(", formula_functions[node->op].name);
    print(printer, node->a, LOOSE);
    if (formula_functions[node->op].arity > 1) {
        text_add(printer->out, ", ");
        print(printer, node->b, LOOSE);
    }
    text_add(printer->out, ")");
}

static void print(const struct printer *printer, formula_id id, enum tightness around)
{
    const struct formula_node *node = &printer->formula->nodes[id];
    switch ((enum formula_op)node->op) {
    case FORMULA_NUMBER: {
        bool brackets = node->value < 0 && around > PREFIX;
        text_add(printer->out, brackets ? "(" : "");
        number_write(printer->out, node->value);
        text_add(printer->out, brackets ? ")" : "");
        break;
    }
    case FORMULA_X:
        text_add(printer->out, "x");
        break;
    case FORMULA_PARAM:
        text_add(printer->out, printer->names[(size_t)node->value]);
        break;
    case FORMULA_NEGATE:
        text_add(printer->out, around > PREFIX ? "(-" : "-");
        print(printer, node->a, PREFIX);
        text_add(printer->out, around > PREFIX ? ")" : "");
        break;
    case FORMULA_SELECT:
        text_add(printer->out, around > LOOSE ? "(if " : "if ");
        print(printer, node->a, LOOSE);
        text_add(printer->out, " { ");
        print(printer, node->b, LOOSE);
        text_add(printer->out, " } else { ");
        print(printer, node->c, LOOSE);
        text_add(printer->out, around > LOOSE ? " })" : " }");
        break;
    default:
        if (formula_functions[node->op].name)
            print_call(printer, node);
        else
            print_operator(printer, node, around);
    }
}

void formula_print(const struct formula *formula, formula_id node, const char *const *param_names, struct text *out)
{
    const struct printer printer = {formula, param_names, out};
    print(&printer, node, LOOSE);
}

uint64_t formula_hash(const struct formula *formula, formula_id node)
{
    uint64_t hashes[LIMIT_FORMULA_NODES];
    for (formula_id i = 0; i <= node; i++) {
        const struct formula_node *at = &formula->nodes[i];
        uint64_t hash = hash_double(hash_u64(HASH_START, at->op), at->value);
        unsigned arity = formula_functions[at->op].arity;
        const formula_id operands[3] = {at->a, at->b, at->c};
        for (unsigned k = 0; k < arity; k++)
            hash = hash_u64(hash, hashes[operands[k]]);
        hashes[i] = hash;
    }
    return hashes[node];
}

void formula_release(struct formula *formula)
{
    mem_free(formula->nodes);
    *formula = (struct formula){0};
}
