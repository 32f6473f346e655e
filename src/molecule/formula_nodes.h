/* What the files that build formulas share, beneath formula.h. */
#ifndef NEL_MOLECULE_FORMULA_NODES_H
#define NEL_MOLECULE_FORMULA_NODES_H

#include <stddef.h>

#include "molecule/formula.h"

/* The id of the node that equals `node`, added where there is none; FORMULA_FAILED where it has no room. */
formula_id formula_intern(struct formula *formula, struct formula_node node);

/* One operation on numbers. */
double formula_compute(enum formula_op op, double a, double b, double c);

/* The values at `x` of the first nodes up to `node`, each as it is computed: values [node + 1]. */
void formula_values(const struct formula *formula, formula_id node, double x, const double *params, double *values);

/* Marks in `reached` [formula->count], which starts all false, the nodes that `roots` are computed from, themselves included. */
void formula_reach(const struct formula *formula, const formula_id *roots, size_t count, bool *reached);

#endif
