/* Losses that are formulas: what one output `y` costs where the target is `t`. Like elements they belong to one state, whose table
   grows only and whose entries stay where they are, so that the options of trainings point at them. In the formula the output is
   x, the target parameter 0, and the loss's own parameters are the others. */
#ifndef NEL_MOLECULE_LOSS_H
#define NEL_MOLECULE_LOSS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "molecule/formula.h"
#include "support/diag.h"
#include "support/limits.h"

struct loss_param {
    char *name;
    double initial; /* NaN: it has no default */
};

struct loss {
    char *name;                      /* "pinball" */
    char *output_name, *target_name; /* "y" and "t": for printing */
    struct formula formula;
    formula_id value, slope; /* l(y, t) and dl / dy */
    struct loss_param params[LIMIT_LOSS_PARAMETERS];
    unsigned param_count;
    char *signature;  /* "pinball(q: number)", as it is called */
    char *doc;        /* its doc comment, "" where it has none */
    uint64_t hash;    /* of its formula and of its parameters' names: part of the key of stored results */
    struct span span; /* where it was defined */
    struct span name_span;
};

struct losses {
    struct loss **at;
    size_t count, cap;
};

/* Adds a loss; takes over `loss`'s contents (everything but `slope` and `hash`) also on failure. Derives the slope. A loss that does
   not look at the output, or whose slope is 0 everywhere, is an error: nothing could be learned from it. One that does not look at
   the target gets a warning. NULL on error. */
const struct loss *losses_add(struct losses *losses, struct loss *loss, struct diags *diags);
void losses_release(struct losses *losses);
void loss_clear(struct loss *loss); /* releases what one that was not added holds */

/* The formula, or its slope, in the names of its declaration. */
void loss_print(const struct loss *loss, formula_id node, struct text *out);

#endif
