/* Losses given by a formula, made ready to run over a chunk: a register program like an element's (program.h), with the target as a
   second row beside the output. Formulas that the engine has a loop for are recognised by their canonical text, as elements are. */
#ifndef NEL_ENGINE_LOSS_KERNEL_H
#define NEL_ENGINE_LOSS_KERNEL_H

#include "engine/train.h"
#include "molecule/loss.h"

struct program;
struct loss_chunk;

struct loss_kernel {
    const struct loss *loss;
    float params[1 + LIMIT_LOSS_PARAMETERS]; /* the first is the target's place */
    struct program *value, *slope;           /* the loss alone; the loss and its slope by the output */
};

/* The loss of `options` becomes `loss` with these parameters: the engine's own kind where it knows the formula, LOSS_FORMULA otherwise. */
void loss_choose(struct train_options *options, const struct loss *loss, const double *params);

/* A kernel for options whose loss is LOSS_FORMULA; does nothing for others. False where memory is exhausted; release in any case. */
bool loss_kernel_init(struct loss_kernel *kernel, const struct train_options *options);
void loss_kernel_release(struct loss_kernel *kernel);

/* Floats of scratch memory for chunks of rows this long. */
size_t loss_kernel_scratch(const struct loss_kernel *kernel, size_t stride);

/* The outputs stand in chunk->value, with the head applied. Writes into chunk->scratch [stride] each sample's loss, the mean over its
   outputs, and into chunk->grad, where there is one, its gradient by the outputs, times chunk->scale. */
void loss_kernel_run(const struct loss_kernel *kernel, const struct loss_chunk *chunk);

#endif
