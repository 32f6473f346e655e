/* Scalar formulas: what an element computes. A formula is a flat array of nodes in dependency order, equal nodes shared, built
   through `formula_*` calls that simplify as they go (formula_simplify.c says how); any node can be a result. The derivative is
   made of the same nodes. */
#ifndef NEL_MOLECULE_FORMULA_H
#define NEL_MOLECULE_FORMULA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "support/text.h"

enum formula_op {
    FORMULA_NUMBER, /* value */
    FORMULA_X,      /* the element's argument; the output that a loss looks at */
    FORMULA_PARAM,  /* index: which parameter of the element; of a loss, 0 is the target */
    FORMULA_NEGATE,
    FORMULA_ADD,
    FORMULA_SUB,
    FORMULA_MUL,
    FORMULA_DIV,
    FORMULA_POW,
    FORMULA_EXP,
    FORMULA_LOG,
    FORMULA_SQRT,
    FORMULA_ABS,
    FORMULA_SIGN,
    FORMULA_SIN,
    FORMULA_COS,
    FORMULA_TANH,
    FORMULA_SIGMOID,
    FORMULA_SOFTPLUS,
    FORMULA_ERF,
    FORMULA_FLOOR,
    FORMULA_MIN,
    FORMULA_MAX,
    FORMULA_LT, /* comparisons give 1 or 0 */
    FORMULA_LE,
    FORMULA_EQ,
    FORMULA_SELECT, /* a: condition, b: where it is not 0, c: else */
    FORMULA_OP_COUNT
};

typedef uint16_t formula_id; /* number of a node in its formula */
#define FORMULA_FAILED UINT16_MAX

struct formula_node {
    uint8_t op; /* enum formula_op */
    formula_id a, b, c;
    double value; /* FORMULA_NUMBER; FORMULA_PARAM: its index */
};

struct formula {
    struct formula_node *nodes;
    uint32_t count, cap;
};

/* How each operation is called in source, how many operands it takes; NULL name: written as an operator. */
struct formula_function {
    const char *name;
    uint8_t arity;
};
extern const struct formula_function formula_functions[FORMULA_OP_COUNT];

/* Each returns the id of an equal (simplified) node; FORMULA_FAILED where memory or LIMIT_FORMULA_NODES is exhausted, or where an
   operand is FORMULA_FAILED. */
formula_id formula_number(struct formula *formula, double value);
formula_id formula_x(struct formula *formula);
formula_id formula_param(struct formula *formula, unsigned index);
formula_id formula_apply(struct formula *formula, enum formula_op op, formula_id a, formula_id b, formula_id c);

/* d node / d x, or d node / d param[index]. Piecewise operations take the derivative of the branch they choose. At their kinks
   abs has the derivative 0, and max and min have that of the operand that stands first (of numbers and x, the number). */
formula_id formula_derive(struct formula *formula, formula_id node, enum formula_op variable, unsigned index);

/* Drops every node that none of `roots` is computed from, and renumbers the roots in place. */
void formula_trim(struct formula *formula, formula_id *roots, size_t count);

/* Whether `node` is computed from x, or from parameter `index`. */
bool formula_uses(const struct formula *formula, formula_id node, enum formula_op variable, unsigned index);

/* How many operations one evaluation of `node` takes, shared ones once. */
unsigned formula_operations(const struct formula *formula, formula_id node);

/* The value at `x`, in double precision (the reference for every kernel). */
double formula_evaluate(const struct formula *formula, formula_id node, double x, const double *params);

/* Canonical text: "max(0, x)". Parameters print by name. Also what fused kernels are recognised by. Ends in … past
   LIMIT_FORMULA_TEXT. `formula_print_named` has a name for x too. */
void formula_print(const struct formula *formula, formula_id node, const char *const *param_names, struct text *out);
void formula_print_named(const struct formula *formula, formula_id node, const char *x, const char *const *param_names,
                         struct text *out);

uint64_t formula_hash(const struct formula *formula, formula_id node);
void formula_release(struct formula *formula);

#endif
