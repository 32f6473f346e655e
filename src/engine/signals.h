/* What hidden neurons do on a set of samples: measured after a training, for whoever decides where a network should grow.

   Extrema are taken before the element, as structure_net takes them: with m(i) the mean of neuron i's argument over the samples, and
   mean and standard deviation (n - 1) over the neurons of its layer, neuron i is

   - high where m(i) > mean + 2 sd,
   - low where m(i) < 0.1.

   A single far neuron moves mean and deviation, and 0.1 means nothing to a tanh. Outliers are taken the robust way: neuron i is one,
   above or below, where m(i) is more than 3 times 1.4826 times the median absolute deviation from the median of its layer (Hampel
   1974; 1.4826 makes it the standard deviation of normal values).

   By the slope of its element, a neuron is dead where the slope is 0 at every sample or its output is; it is saturated where it is
   not dead but the slope stays below 0.001 everywhere. Elements that are flat by nature (step) have no slope to judge by: only their
   output is looked at.

   The effective rank of a layer is the participation ratio of its outputs' covariance C, tr(C)^2 / tr(C^2): the number of directions
   that its outputs vary in, weighted by how much; 0 where they do not vary. It is taken over the first 512 samples and, of wider
   layers, 512 neurons at even distances.

   The gradient of a layer is the root mean square of the derivatives of the mean loss by its weights. It is taken over the first 1,024
   samples as in training: dropout drops, batchnorm looks at the batch. That of absent connections, which sparse layers have, is the same
   of those that a layer could have and has not: what RigL chooses from (Evci et al. 2020). */
#ifndef NEL_ENGINE_SIGNALS_H
#define NEL_ENGINE_SIGNALS_H

#include "engine/train.h"

struct neuron_signals {
    double mean, deviation; /* of its argument; the standard deviation (n - 1) over samples */
    int8_t extremum;        /* 1 high, -1 low */
    int8_t outlier;         /* 1 above, -1 below */
    bool dead, saturated;
};

struct layer_signals {
    uint32_t gene;  /* of the model's molecule */
    uint32_t width; /* neurons */
    uint32_t high, low;
    uint32_t above, below; /* outliers */
    uint32_t dead, saturated;
    double rank;
    double gradient;                      /* NaN where none was asked for */
    double absent;                        /* … of absent connections; NaN until signals_absent, and where there are none */
    const struct neuron_signals *neurons; /* [width] */
};

/* One row for each hidden layer, in the order in which the plan runs them. */
struct network_signals {
    struct layer_signals *layers;
    size_t count;
    uint32_t output;                /* gene of the layer that the network ends in; where that is none, of its last stage */
    struct neuron_signals *neurons; /* of all layers, one after the other */
};

/* Without samples all figures are 0. `options` say how the loss is meant, `class_weights` as in model_score; NULL: no gradients. False
   where memory is exhausted, nothing to release then. */
bool signals_measure(const struct model *model, const struct samples *samples, const struct train_options *options,
                     const float *class_weights, struct network_signals *signals);
/* The gradients of absent connections, of the same samples, as far as there is memory for them (LIMIT_ARENA_BYTES): one for each connection
   that sparse layers could have. False where memory is exhausted; `signals` is still to be released. */
bool signals_absent(const struct model *model, const struct samples *samples, const struct train_options *options,
                    const float *class_weights, struct network_signals *signals);
void signals_release(struct network_signals *signals);

#endif
