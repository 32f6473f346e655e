/* Carrying weights from a trained model into another: by the origins of genes, where shapes allow. */
#ifndef NEL_ENGINE_TRANSPLANT_H
#define NEL_ENGINE_TRANSPLANT_H

#include "engine/model.h"
#include "engine/plan.h"

/* For every op of `plan` with parameters, finds the op of `from` whose gene is the origin of its gene (origin - 1) and copies what
   both have: the parameters of neuron i by the inputs of neuron i, as far as both reach; the rest of params stays as it was. Sparse
   layers of one shape take over the connections too (the plan is changed: it must not be shared yet), others copy those that both
   have. Returns the number of parameters copied. */
size_t transplant(struct plan *plan, const struct molecule *molecule, float *params, const struct model *from);

#endif
