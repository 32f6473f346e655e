/* Sparse layers: only the connections that exist are stored and computed. One connection is one multiply-add of whole rows. The
   matrices of samples are those of dense.h. */
#ifndef NEL_ENGINE_SPARSE_H
#define NEL_ENGINE_SPARSE_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/load.h"
#include "engine/plan.h"

/* A layer with more than this share of its connections is faster by the kernels of dense layers (plan.h): measured for layers of 64 to 512
   neurons, PERFORMANCE.md, "Dense or sparse". */
#define SPARSE_MOST 0.4

/* y = W x + b of the neurons [from, to) of `width`, loading the part of `ahead` that falls to them. */
void sparse_forward(const struct plan_sparse *sparse, const float *weights, const float *bias, const float *x, float *y,
                    size_t width, size_t stride, size_t from, size_t to, struct load_share ahead);
/* dx [depth x stride] of the samples [from, to), whole lanes. */
void sparse_backward(const struct plan_sparse *sparse, const float *weights, const float *dy, float *dx, size_t width, size_t depth,
                     size_t stride, size_t from, size_t to, bool add);
/* dW and db of the neurons [from, to). */
void sparse_gradient(const struct plan_sparse *sparse, const float *dy, const float *x, float *dw, float *db, size_t width,
                     size_t stride, size_t from, size_t to, bool add, struct load_share ahead);

/* Writes the stored weights of the neurons [from, to) to their places in full [width x depth]; other places stay as they are. */
void sparse_spread(const struct plan_sparse *sparse, const float *weights, float *full, size_t depth, size_t from, size_t to);
/* The other way: writes to, or adds to, `stored` what stands at the connections' places in rows [to - from, depth], the first of
   which is neuron `from`. */
void sparse_collect(const struct plan_sparse *sparse, const float *rows, float *stored, size_t depth, size_t from, size_t to,
                    bool add);

/* Draws `count` of the width x depth connections: every neuron gets count / width of them, the first count mod width one more.
   False where memory is exhausted. */
bool sparse_draw(struct plan_sparse *sparse, size_t width, size_t depth, size_t count, uint64_t seed, uint32_t tensor);
void sparse_release(struct plan_sparse *sparse);

#endif
