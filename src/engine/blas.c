/* The only file that knows OpenBLAS; built without it (NEL_BLAS=OFF) the own kernels do what it would. All matrices are row-major with contiguous rows, so that every leading dimension is the row's
   length. Widths fit an int: LIMIT_WIDTH. */
#include "engine/blas.h"

#if NEL_BLAS
#include <cblas.h>
#include <pthread.h>

#include "engine/loops.h"

static void single_thread(void)
{
    openblas_set_num_threads(1);
}

void blas_single_thread(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, single_thread);
}

void blas_forward(const float *weights, const float *bias, const float *x, float *y, size_t width, size_t depth, size_t stride)
{
    const int m = (int)width, n = (int)stride, k = (int)depth;
    if (bias)
        for (size_t r = 0; r < width; r++)
            for (size_t s = 0; s < stride; s++)
                y[r * stride + s] = bias[r];
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1.0F, weights, k, x, n, bias ? 1.0F : 0.0F, y, n);
}

void blas_backward(const float *weights, const float *dy, float *dx, size_t width, size_t depth, size_t inputs, size_t stride,
                   bool add)
{
    const int m = (int)inputs, n = (int)stride, k = (int)width;
    cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, m, n, k, 1.0F, weights, (int)depth, dy, n, add ? 1.0F : 0.0F, dx, n);
}

void blas_gradient(const float *dy, const float *x, float *dw, float *db, size_t width, size_t depth, size_t stride, bool add)
{
    const int m = (int)width, n = (int)depth, k = (int)stride;
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, m, n, k, 1.0F, dy, k, x, k, add ? 1.0F : 0.0F, dw, n);
    if (db)
        floats_sum_rows(db, dy, width, stride, add);
}
#else
#include "engine/dense.h"

void blas_single_thread(void)
{
}

void blas_forward(const float *weights, const float *bias, const float *x, float *y, size_t width, size_t depth, size_t stride)
{
    dense_forward(weights, bias, x, y, width, depth, stride);
}

void blas_backward(const float *weights, const float *dy, float *dx, size_t width, size_t depth, size_t inputs, size_t stride,
                   bool add)
{
    dense_backward(weights, dy, dx, width, depth, inputs, stride, add);
}

void blas_gradient(const float *dy, const float *x, float *dw, float *db, size_t width, size_t depth, size_t stride, bool add)
{
    dense_gradient(dy, x, dw, db, width, depth, stride, add);
}
#endif
