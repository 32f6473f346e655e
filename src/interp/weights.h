/* Weights as numbers of the language. */
#ifndef NEL_INTERP_WEIGHTS_H
#define NEL_INTERP_WEIGHTS_H

#include "interp/objects.h"

/* The weights or biases of all layers as nested lists. */
struct value model_weights(struct eval *eval, const struct model *model, bool biases);
/* The built-in `model`: a network of given numbers. */
struct value call_model(struct eval *eval, const struct builtin *self, const struct args *args);

#endif
