/* Whose fault it is that a training is not finite, where it is a formula's: an element or a loss that has no value, or none in single
   precision, at an argument that networks come by. */
#ifndef NEL_ENGINE_CULPRIT_H
#define NEL_ENGINE_CULPRIT_H

#include "engine/train.h"
#include "molecule/formula_gap.h"

struct culprit {
    const struct element *element; /* or NULL: */
    const struct loss *loss;
    double target; /* of the loss */
    struct formula_gap gap;
};

/* The loss, where it is a formula, is asked with targets of the samples; then the molecule's elements in order. False: nobody. */
bool culprit_find(const struct molecule *molecule, const struct train_options *options, const struct samples *train,
                  struct culprit *culprit);

/* "`logy` has no value at x = -1, where `log(x)` is no number"; what to do about it. */
void culprit_print(const struct culprit *culprit, struct text *out);
const char *culprit_help(const struct culprit *culprit);

#endif
