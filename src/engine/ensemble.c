#include "engine/ensemble.h"

#include <stddef.h>

static uint32_t greatest(const float *outputs, uint32_t width)
{
    uint32_t best = 0;
    for (uint32_t i = 1; i < width; i++)
        if (outputs[i] > outputs[best])
            best = i;
    return best;
}

void ensemble_add(double *sums, const float *outputs, uint32_t width, uint32_t count, double weight, enum ensemble_rule rule)
{
    for (uint32_t s = 0; s < count; s++) {
        const float *said = outputs + (size_t)s * width;
        double *sum = sums + (size_t)s * width;
        if (rule == ENSEMBLE_VOTE)
            sum[greatest(said, width)] += weight;
        else
            for (uint32_t i = 0; i < width; i++)
                sum[i] += weight * (double)said[i];
    }
}
