/* The gradient of a dense layer's weights as a product with its inputs by sample, and the optimiser's step of the weights within it.

   dots (dense.c) adds up sums over samples, sixteen a weight, which costs small layers less than bringing their inputs into another
   order. Large ones are better served by inputs in lanes: then a gradient is a sum in one register, like any other product.

   A step of the optimiser is bound by the divider and by memory, a product by multiply-adds. So the step of a block of weights runs
   within the product of the next one, a register at a time, and what it reads is fetched while the block's own product runs.

   The naive twins are those of dense.h and optimizer.h. */
#ifndef NEL_ENGINE_DENSE_STEP_H
#define NEL_ENGINE_DENSE_STEP_H

#include "engine/load.h"
#include "engine/optimizer.h"

/* Whether layers of this shape have their gradient made like this: whole blocks of a size that pays. */
bool dense_step_serves(size_t width, size_t depth);

/* Rows [from, to) of x [… x stride], both multiples of sixteen and `from` of 64, by sample: up to 64 inputs side by side, then the
   next ones. `turned` has as many floats as x. */
void dense_turn(const float *x, float *turned, size_t stride, size_t from, size_t to);

struct dense_step {
    const float *dy;     /* [width x stride] gradients of the sums */
    const float *turned; /* the inputs as dense_turn has them */
    size_t width, depth, stride;
    float *dw;                         /* [width x depth] gradient, written where there is no optimiser */
    bool add;                          /* to what `dw` holds */
    const struct optimizer *optimizer; /* NULL: the weights are not stepped */
    struct treatment treatment;
    float *weights, *first, *second; /* [width x depth], and what the optimiser keeps of them (NULL: nothing) */
    struct load_share ahead;         /* to be loaded on the way */
};

/* Of the neurons [from, to), multiples of four. */
void dense_step_run(const struct dense_step *step, size_t from, size_t to);

#endif
