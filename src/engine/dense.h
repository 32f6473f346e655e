/* Dense layers in our own loops: the small ones, where a call into a matrix library costs more than the product, and on processors
   with wide registers most others too. Matrices of
   samples are feature-major: x [depth x stride], y [width x stride], every row whole lanes at a 64-byte boundary. Weights are
   [width x depth], a row contiguous. The naive twins are in reference.inc. */
#ifndef NEL_ENGINE_DENSE_H
#define NEL_ENGINE_DENSE_H

#include <stdbool.h>
#include <stddef.h>

/* Layers with more weights than this are left to the matrix library. */
size_t dense_most_weights(void);

/* y = W x + b (bias NULL: without). */
void dense_forward(const float *weights, const float *bias, const float *x, float *y, size_t width, size_t depth, size_t stride);

/* dx = W' dy, or dx += W' dy where `add`, of the first `inputs` of the layer's `depth`. */
void dense_backward(const float *weights, const float *dy, float *dx, size_t width, size_t depth, size_t inputs, size_t stride,
                    bool add);

/* dW = dy x' and db = row sums of dy (NULL: without), or both added. */
void dense_gradient(const float *dy, const float *x, float *dw, float *db, size_t width, size_t depth, size_t stride, bool add);

#endif
