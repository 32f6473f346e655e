/* Heads and losses, sixteen samples at a time: everything about a sample (its outputs, its loss, its gradient, whether the answer was
   right) is computed while its figures are in registers. objective.h says what is computed, and calls this. */
#ifndef NEL_ENGINE_LOSSES_H
#define NEL_ENGINE_LOSSES_H

#include "engine/objective.h"
#include "engine/simd.h"

/* One chunk, feature-major. */
struct loss_chunk {
    float *value;         /* [width x stride] the head's arguments, and afterwards its outputs */
    float *grad;          /* [width x stride] of the loss by the head's arguments, times `scale`; NULL: not wanted */
    const float *target;  /* [width x stride] */
    const int32_t *label; /* [stride], NULL: no classes */
    const float *weight;  /* [stride] factors of the samples' losses; NULL: all 1 */
    float *scratch;       /* for a loss that is a formula (loss_kernel.h) */
    size_t width, stride;
    size_t count; /* samples: the lanes behind them have no loss, no gradient and no right answer */
    float scale;
};

/* The loaded chunk of a workspace: its outputs, whose gradient is wanted where `scale` is not 0, and its targets. */
struct loss_chunk objective_chunk(const struct workspace *workspace, const struct targets *targets, float scale);

/* Runs the head and the loss of `objective` over `chunk` and adds its figures to `tally`. */
void losses_run(const struct objective *objective, const struct loss_chunk *chunk, struct tally *tally);

/* The same, sums lane by lane: those of samples 0, 16, 32 … in the first, of 1, 17, 33 … in the second. Writes them. */
void losses_run_lanes(const struct objective *objective, const struct loss_chunk *chunk, float losses[LANES], int32_t hits[LANES]);

/* The head alone, in place: value [width x stride]. */
void head_apply(enum head head, float *value, uint32_t width, uint32_t stride);

#endif
