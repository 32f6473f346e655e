/* What a training will cost, told before it: operations, memory, time.

   Time is measured, not modelled. How fast a network trains depends on its kernels, elements, batch and caches, and on the machine, so
   that no table of throughputs would hold for long. Instead the training is tried: the same code runs a few milliseconds of it, on some
   of its samples and with a learning rate of 0, and the rest is proportional. Where not even one batch would be over soon, the
   operations are divided by the throughput that one large dense layer is measured at. */
#ifndef NEL_ENGINE_COST_H
#define NEL_ENGINE_COST_H

#include "engine/train.h"

struct cost {
    double params;
    double
        epoch_flops; /* floating-point operations of an epoch: three a forward one in training (forward; by inputs, by weights), one
                           in validating */
    double data_bytes; /* the data that it reads, shared by the trainings on it */
    double bytes;      /* what it takes at most beside the data */
};

/* The molecule with its head. False with a diagnostic where it cannot be trained: shapes, limits, memory. */
bool cost_of(const struct molecule *molecule, const struct prepared *data, const struct train_options *options, struct cost *cost,
             struct diags *diags);

/* Seconds that an epoch takes on as many threads of this machine as the options say, measured in some milliseconds; NaN where that failed. */
double cost_measure(const struct molecule *molecule, const struct prepared *data, const struct train_options *options,
                    const struct cost *cost);

#endif
