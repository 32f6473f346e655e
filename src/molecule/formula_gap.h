/* Where a formula has no value: the logarithm of a negative number, a division by 0, a number too large for single precision. What is
   asked when a training with an element or a loss of one's own stopped being finite. */
#ifndef NEL_MOLECULE_FORMULA_GAP_H
#define NEL_MOLECULE_FORMULA_GAP_H

#include "molecule/formula.h"

struct formula_gap {
    double x;
    formula_id node; /* what has no value there, though all that it is computed from has one */
    bool slope;      /* the slope's gap: the formula itself has a value there */
    bool too_large;  /* it has a value, too large for single precision, and so at all x tried that lie further out */
};

/* Looks at the arguments that a network comes by, 0 and both signs up to 32: the first gap of the formula `value` or, where it has none,
   of its slope; only then an overflow, at the argument nearest to 0. False where there is none. */
bool formula_gap_find(const struct formula *formula, formula_id value, formula_id slope, const double *params,
                      struct formula_gap *gap);

#endif
