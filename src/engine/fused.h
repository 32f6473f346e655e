/* Hand-written loops for the elements that are known. Each is tested against formula_evaluate on the formula that recognises it. */
#ifndef NEL_ENGINE_FUSED_H
#define NEL_ENGINE_FUSED_H

#include "molecule/element.h"

struct fused {
    const char *name;
    const char *formula; /* canonical text, parameters as a, b … */
    int function;        /* enum fused_function */
    /* x [n] becomes f(x); n whole lanes. */
    void (*value)(const float *params, float *x, size_t n);
    /* the same, and slope [n] = f'(x). */
    void (*slope)(const float *params, float *x, float *slope, size_t n);
};

/* The loops for `element`, NULL where none fits or a parameter of it is learned. */
const struct fused *fused_find(const struct element *element);

#endif
