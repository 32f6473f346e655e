/* Who answers questions about rows: a trained network, or several whose answers become one. */
#ifndef NEL_INTERP_PREDICTOR_H
#define NEL_INTERP_PREDICTOR_H

#include "interp/objects.h"

struct predictor {
    const struct run *run;           /* the only one, or the first member */
    const struct ensemble *ensemble; /* NULL: a run alone */
};

/* Who a value stands for: an ensemble, or a run as run_of has it. False with a diagnostic. */
bool predictor_of(struct eval *eval, struct value value, struct span span, struct predictor *predictor);

/* Rows that are asked about. Each network reads them by a recipe of its own: `write` gives its inputs [count x input width], a row
   contiguous; false with a diagnostic. */
struct asked {
    uint32_t count;
    struct span span;
    bool (*write)(struct eval *eval, const struct run *run, const struct asked *asked, float *inputs);
    const void *rows; /* what `write` reads */
};

/* How many outputs a row gets: one a class, or the values. Of what was trained, as the next two. */
uint32_t predictor_width(const struct predictor *predictor);
/* Writes the outputs [count x predictor_width], a row contiguous; false with a diagnostic. */
bool predictor_outputs(struct eval *eval, const struct predictor *predictor, const struct asked *asked, float *outputs);

#endif
