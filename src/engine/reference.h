/* The naive twin of everything that runs a plan: forward, loss and backward written as the definitions say, one value at a time, in
   matrices [samples x neurons] of its own, without the plan's rows, edges' flags or kernels. It is compiled for float and for double
   (reference.inc), and used by tests only: the double one is checked against finite differences, the fast path against it. */
#ifndef NEL_ENGINE_REFERENCE_H
#define NEL_ENGINE_REFERENCE_H

#include "engine/objective.h"
#include "engine/plan.h"

/* One chunk: x [count x input width] and labels or y as in samples. */
struct reference_input {
    const struct plan *plan;
    const struct objective *objective;
    const struct samples *samples;
    bool training;       /* dropout and the chunk's statistics; else as in prediction */
    uint64_t seed, step; /* dropout */
};

/* The mean loss. outputs [count x output width] and gradient [trained_count] may be NULL; running [the plan's kept parameters, behind
   the trained ones in params] are not changed. NaN where memory is exhausted. */
double reference_double(const struct reference_input *input, const double *params, double *outputs, double *gradient);
float reference_float(const struct reference_input *input, const float *params, float *outputs, float *gradient);

#endif
