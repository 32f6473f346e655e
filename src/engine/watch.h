/* A network that a molecule is, with samples running through it: what measurements of neurons share. */
#ifndef NEL_ENGINE_WATCH_H
#define NEL_ENGINE_WATCH_H

#include "engine/gradients.h"
#include "engine/neurons.h"

struct watch {
    struct model *model;
    struct gradient_pass pass;
    uint32_t *rows; /* [count] which samples */
    uint32_t count;
};

/* False with a diagnostic; close it in any case. It must not be moved. */
bool watch_open(struct watch *watch, const struct molecule *molecule, const struct neuron_data *data, struct diags *diags);
void watch_close(struct watch *watch);

/* The op of a layer's sums; NULL: none. */
const struct plan_op *layer_op(const struct plan *plan, uint32_t gene);

#endif
