/* What hidden neurons do on a set of samples: measured after a training, for whoever decides where a network should grow.

   Extrema are taken before the element, as structure_net takes them: with m(i) the mean of neuron i's argument over the samples, and
   mean and standard deviation (n - 1) over the neurons of its layer, neuron i is

   - high where m(i) > mean + 2 sd,
   - low where m(i) < 0.1.

   By the slope of its element, it is dead where the slope is 0 at every sample or its output is; it is saturated where it is not
   dead but the slope stays below 0.001 everywhere. Elements that are flat by nature (step) have no slope to judge by: only their
   output is looked at. */
#ifndef NEL_ENGINE_SIGNALS_H
#define NEL_ENGINE_SIGNALS_H

#include "engine/train.h"

struct layer_signals {
    uint32_t gene; /* of the model's molecule */
    uint32_t width;
    uint32_t high, low; /* neurons */
    uint32_t dead, saturated;
};

/* One row for each hidden layer, in the order in which the plan runs them; `count` rows, freed with mem_free. Without samples all
   figures are 0. NULL where memory is exhausted. */
struct layer_signals *signals_measure(const struct model *model, const struct samples *samples, size_t *count);

#endif
