/* One neuron's connections, dense or sparse, seen alike. */
#ifndef NEL_ENGINE_FAN_H
#define NEL_ENGINE_FAN_H

#include "molecule/weights.h"

struct fan {
    const uint32_t *input; /* [count] ascending; NULL: all of them */
    uint32_t count;
    size_t at; /* of its first weight */
};

/* What a neuron reads in a layer's weights. */
static inline struct fan fan_of_weights(const struct weights *weights, uint32_t neuron)
{
    if (!weights->start)
        return (struct fan){NULL, weights->shape.depth, (size_t)neuron * weights->shape.depth};
    const uint32_t start = weights->start[neuron];
    return (struct fan){weights->input + start, weights->start[neuron + 1] - start, start};
}

static inline uint32_t fan_input(const struct fan *fan, uint32_t i)
{
    return fan->input ? fan->input[i] : i;
}

#endif
