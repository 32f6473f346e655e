/* Neurons as places: what `extrema.high` is beside a count, and what a person writes for `at: { layer: 1, high: [3, 7] }`. A layer is
   meant by its number among the hidden ones, as the table of `signals` counts them, its neurons from 0. */
#ifndef NEL_STUDY_NEURONS_H
#define NEL_STUDY_NEURONS_H

#include "engine/signals.h"
#include "interp/eval.h"
#include "molecule/patch.h"

/* One neuron, by the number of its layer, from 1. */
struct neuron_place {
    uint32_t layer, neuron;
    bool low;
};

struct neuron_places {
    struct neuron_place *at;
    size_t count, cap;
};

/* Which of a layer's neurons are meant. */
enum neuron_side { NEURONS_HIGH, NEURONS_LOW, NEURONS_ABOVE, NEURONS_BELOW };

/* The neurons of one side, a record `{ layer: 1, high: [3, 7] }` for each layer that has some (`low` for those below), the farthest
   first. */
struct value neurons_list(struct eval *eval, const struct network_signals *network, enum neuron_side side);

/* Whether a value names neurons: a record, a list of them, or one that holds such a list as `neurons`. */
bool neurons_named(struct value value);
/* Reads them; false with a diagnostic. The caller releases `places` either way. */
bool neurons_read(struct eval *eval, struct value value, struct span span, struct neuron_places *places);
/* The same as genes of a molecule, to be freed; NULL with a diagnostic, also where it has no such neuron. */
struct patch_neuron *neurons_in(struct eval *eval, struct value value, struct span span, const struct molecule *molecule,
                                size_t *count);

#endif
