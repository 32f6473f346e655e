/* Dense layers in OpenBLAS: the large ones. The same contract as dense.h. */
#ifndef NEL_ENGINE_BLAS_H
#define NEL_ENGINE_BLAS_H

#include <stdbool.h>
#include <stddef.h>

void blas_forward(const float *weights, const float *bias, const float *x, float *y, size_t width, size_t depth, size_t stride);
void blas_backward(const float *weights, const float *dy, float *dx, size_t width, size_t depth, size_t inputs, size_t stride,
                   bool add);
void blas_gradient(const float *dy, const float *x, float *dw, float *db, size_t width, size_t depth, size_t stride, bool add);

/* One thread a product: trainings run side by side instead. To be called before the first product; any number of times, from any
   thread. */
void blas_single_thread(void);

#endif
