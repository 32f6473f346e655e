/* A whole training step of a small network (small.h) on one or two registers of samples as one function: both passes, the loss between
   them and the optimiser. So few samples leave a step's time to the chain of its operations and to the instructions around them: here
   the elements run on what the sums gave, nothing is called, and a parameter's step follows its gradient in the register.

   The naive twin is small_forward, losses_run, small_backward and optimizer_step, whose results are the same to the last bit. */
#ifndef NEL_ENGINE_SMALL_STEP_H
#define NEL_ENGINE_SMALL_STEP_H

#include "engine/losses.h"
#include "engine/optimizer.h"
#include "engine/small.h"

/* Layers of such a network, and registers of samples. */
enum { STEP_LAYERS = 8, STEP_COLUMNS = 2 };

/* One layer. Its rows and those of its inputs are whole registers, one behind the other. */
struct step_layer {
    const float *weights, *biases;
    const float *x;     /* values of the inputs */
    float *y;           /* values of the outputs */
    float *slope;       /* of the element; NULL: there is none */
    float *dy, *dx;     /* gradients; dx NULL: not wanted */
    const float *below; /* slopes of the inputs' elements; NULL: none */
    size_t width, depth;
    int function; /* enum fused_function */
    float param;  /* the element's first */
};

/* The gradient of a parameter is the sum over samples of the product of two rows. */
struct step_pair {
    const float *dy, *x;
};

/* The layers of a network, and its loss, by the number of registers less one; all that is pointed to is borrowed. */
struct small_step {
    const struct workspace *workspace;
    const struct objective *objective;
    const struct optimizer *optimizer;
    struct step_layer layers[STEP_COLUMNS][STEP_LAYERS];
    struct loss_chunk chunks[STEP_COLUMNS];
    struct step_pair pairs[STEP_COLUMNS][SMALL_PARAMETERS];
    uint32_t count;             /* layers */
    float *params;              /* [parameters], a multiple of sixteen with nothing behind the last one */
    size_t parameters;          /* trained ones */
    struct treatment treatment; /* of all of them in the present step */
};

/* Makes `step` ready for a training in `workspace` with these parameters, the workspace's. False where it is none of these networks:
   then it runs the general way. */
bool small_step_init(struct small_step *step, const struct workspace *workspace, const struct objective *objective,
                     const struct targets *targets, const struct optimizer *optimizer, float *params);

/* To be called where a step treats parameters otherwise than the last one (optimizer_begin tells). */
void small_step_treat(struct small_step *step);

/* Steps the parameters along the gradient of `scale` times the sum of the loaded samples' losses, as the optimiser has begun the step,
   and adds the chunk's figures to `tally`. Whether all parameters are finite. */
bool small_step_run(struct small_step *step, float scale, struct tally *tally);

#endif
