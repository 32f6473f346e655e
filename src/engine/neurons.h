/* Neurons that go and come: structured pruning, and growth by gradient. What stays keeps its weights, connection by connection, and the
   optimiser's state; who reads a layer reads it at the same neurons as before (carry.h, `chosen`).

   Where values are added to or multiplied with others', neuron by neuron, all of them lose and get the same neurons: the layers of a
   residual stream are one group. Who picks neurons by their numbers goes on picking the same ones. What is added to values of the data, or
   to outputs, is of a fixed width. */
#ifndef NEL_ENGINE_NEURONS_H
#define NEL_ENGINE_NEURONS_H

#include "engine/train.h"
#include "molecule/element.h"
#include "support/random.h"

/* By what a neuron is judged. */
enum neuron_score {
    NEURON_NORM, /* the length of its incoming weights (as Li et al. 2017, arXiv:1608.08710, of filters, with the sum of magnitudes) */
    NEURON_ACTIVATION /* the root mean square of its outputs (Hu et al. 2016, arXiv:1607.03250, with how often they are 0) */
};

/* What is measured on. */
struct neuron_data {
    const struct samples *samples; /* of training */
    const struct train_options *options;
    const float *class_weights;
    uint32_t input_width;
    struct random *random; /* draws which of the samples */
};

/* The molecule whose layer at `gene` has these `count` neurons, each one of those that it has or NEURON_NEW; whether it computes the same
   goes to `preserving`. `seed` draws connections of new neurons in sparse layers. One reference; NULL, without a diagnostic where the
   layer's width is fixed. */
struct molecule *neurons_choose(const struct molecule *molecule, uint32_t gene, const uint32_t *neurons, uint32_t count,
                                uint32_t input_width, uint64_t seed, const struct elements *elements, bool *preserving,
                                struct diags *diags);

/* The molecule, which carries weights, without the share of the neurons of each hidden layer in the subtree of `gene` that score least;
   one stays. Neurons that are tied go together, by the sum of their scores, and so that of each layer one stays; the share is that of the
   widest layer among them. A patch that reads none any more is gone, too. Layers whose width is fixed, and frozen ones, stay as they are. Origins are the genes of `molecule`. `data` needs only
   its input width for NEURON_NORM. One reference, NULL with a diagnostic. */
struct molecule *neurons_prune(const struct molecule *molecule, uint32_t gene, double share, enum neuron_score score,
                               const struct neuron_data *data, const struct elements *elements, struct diags *diags);

/* The molecule with `count` more neurons in the hidden layer at `gene`: nobody reads them yet (their outgoing weights are zero), and
   they read so that the gradient of the outgoing weights is as long as it can be for incoming weights as long as those of the layer's
   other neurons are in the mean: GradMax (Evci et al. 2022, arXiv:2201.05125), with the roles of incoming and outgoing weights changed,
   so that it works for any element. With G the sum over samples of (gradient by the sums of the layers that read it) x (its inputs)^T,
   they are the right singular vectors of G with the greatest singular values, each with the sign for which the gradient of its outgoing
   weights, as measured, is the longer one. In a sparse layer they read as many values as other neurons, those with the greatest weights.
   The network computes the same. Where the layer's width is fixed, or what follows would not stay the same, nothing changes. Without
   weights only the shape is given. NULL with a diagnostic. */
struct molecule *neurons_gradmax(const struct molecule *molecule, uint32_t gene, uint32_t count, const struct neuron_data *data,
                                 const struct elements *elements, struct diags *diags);

#endif
