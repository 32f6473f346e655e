/* Elements on rows of floats. The known ones run in hand-written loops (fused.c), recognised by the canonical text of their
   formula, so that a user who writes relu's formula under another name gets relu's speed. Any other runs as a register program
   over blocks of samples (program.h): slower by a few loads and stores an operation, and just as exact.

   The naive twin of both is formula_evaluate. */
#ifndef NEL_ENGINE_ELEMENTWISE_H
#define NEL_ENGINE_ELEMENTWISE_H

#include <stdbool.h>
#include <stddef.h>

#include "molecule/element.h"

struct program;
struct fused;

/* An element made ready to run with the traits of one layer. */
struct element_kernel {
    const struct element *element;
    float params[LIMIT_ELEMENT_PARAMETERS];    /* fixed values; unused where learned */
    uint8_t learned[LIMIT_ELEMENT_PARAMETERS]; /* which parameters are trained */
    unsigned learned_count;
    const struct fused *fused;     /* NULL: none fits */
    struct program *value, *slope; /* where fused is NULL: f alone; f, f' and the slopes by learned parameters */
};

/* False where memory is exhausted. */
bool element_kernel_init(struct element_kernel *kernel, const struct element *element, const double *params);
void element_kernel_release(struct element_kernel *kernel);

/* Floats of scratch memory that the two calls below need. */
size_t element_kernel_scratch(const struct element_kernel *kernel);

/* Replaces x [rows x stride] by f(x). `learned` [learned_count x rows]. */
void element_value(const struct element_kernel *kernel, const float *learned, float *x, size_t rows, size_t stride, float *scratch);

/* Replaces x by f(x) and writes slope [(1 + learned_count) x rows x stride]: f'(x), then df/dp of each learned parameter. */
void element_slope(const struct element_kernel *kernel, const float *learned, float *x, float *slope, size_t rows, size_t stride,
                   float *scratch);

/* What runs it: "relu", "program of 7". */
void element_kernel_print(const struct element_kernel *kernel, struct text *out);

#endif
