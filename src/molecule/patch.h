/* Dense patches on neurons, as structure_net has them (reference in the manual): small networks that pick neurons and add to the sums
   of a layer, beside its connections.

   - Out of a neuron that says much: neuron -> hidden -> some neurons of the next layer.
   - Into a neuron that says little: some of what its layer reads -> hidden -> the neuron. A layer that reads the data has none.

   The layer is taken apart for it: `R256` becomes `(L256+patch)-R`, an output `(L10+patch)-H`. A further patch is one more part of the
   sum. */
#ifndef NEL_MOLECULE_PATCH_H
#define NEL_MOLECULE_PATCH_H

#include "molecule/layers.h"
#include "support/random.h"

struct patch_shape {
    const struct element *element, *linear; /* of the hidden neurons; of the sums */
    uint32_t hidden;
    uint32_t targets, inputs; /* neurons that one out of a neuron reaches, and that one into a neuron reads: at most */
    double scale; /* factor on the last layer's first weights; 0: it begins at zero, and the network computes the same */
    double lr_scale;
};

struct patch_neuron {
    uint32_t gene;   /* of its layer's connections */
    uint32_t neuron; /* from 0 */
    bool low;        /* a patch into it; else one out of it */
};

/* A layer that gets patches, and what is to stand in its place. */
struct patching {
    uint32_t gene;
    struct molecule *replacement; /* its origins point into the molecule */
};

/* What patches on these neurons make of the layers of the graph's molecule, genes descending: one replaced leaves those that follow in
   the array where they are. Targets and inputs are drawn by `random`, neuron by neuron. A neuron that no layer reads, and a low one
   whose layer reads the data, are left out. `count`: layers, 0 where nothing is left. NULL with a diagnostic. */
struct patching *patches_plan(const struct graph *graph, const struct patch_neuron *neurons, size_t neuron_count,
                              const struct patch_shape *shape, struct random *random, struct span span, uint32_t *count,
                              struct diags *diags);
void patches_release(struct patching *patches, uint32_t count); /* NULL is fine */

#endif
