/* W1: XOR, 2-4-1 sigmoid, mean squared error, 1,000 full-batch steps of rate 1. The whole batch is one vector, lane 4 * hidden +
   sample; what belongs to a neuron stands in four lanes, what belongs to a sample in every fourth. */
#include "plain.h"

enum { STEPS = 1000 };

/* The sum over the four samples of a neuron, in each of its lanes. */
INLINE lanes over_samples(lanes v)
{
    v += PICK(v, v, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14);
    return v + PICK(v, v, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
}

/* The sum over the four neurons of a sample, in each of its lanes. */
INLINE lanes over_neurons(lanes v)
{
    v += PICK(v, v, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11);
    return v + PICK(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
}

static void train(uint32_t seed)
{
    float start[3][LANES], first[LANES], second[LANES], wanted[LANES];
    for (int i = 0; i < LANES; i++) {
        for (int k = 0; k < 3; k++)
            start[k][i] = i % 4 ? start[k][i - 1] : random_normal(&seed);
        first[i] = (float)(i % 4 / 2);
        second[i] = (float)(i % 2);
        wanted[i] = (float)((i % 4 / 2) ^ (i % 2));
    }
    const lanes x0 = lanes_load(first), x1 = lanes_load(second), y = lanes_load(wanted);
    lanes w0 = lanes_load(start[0]), w1 = lanes_load(start[1]), bias = splat(0), out = lanes_load(start[2]), out_bias = splat(0);
    lanes loss = splat(0);
    const double began = clock_now();
    for (int step = 0; step < STEPS; step++) {
        const lanes hidden = lanes_sigmoid(x0 * w0 + x1 * w1 + bias);
        const lanes value = lanes_sigmoid(over_neurons(hidden * out) + out_bias);
        const lanes error = value - y;
        loss = error * error;
        const lanes d_out = 0.5F * error * value * (1 - value); /* of the mean over four: 2 / 4 */
        const lanes d_hidden = d_out * out * hidden * (1 - hidden);
        out -= over_samples(d_out * hidden);
        out_bias -= over_samples(d_out);
        w0 -= over_samples(d_hidden * x0);
        w1 -= over_samples(d_hidden * x1);
        bias -= over_samples(d_hidden);
    }
    const double seconds = clock_now() - began;
    report(seconds, (double)lanes_sum(loss) / LANES);
}

void plain_xor(const struct request *request)
{
    for (unsigned i = 0; i < request->repeats; i++)
        train(request->seed + i);
}
