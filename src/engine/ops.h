/* What each kind of op does, one row a kind. */
#ifndef NEL_ENGINE_OPS_H
#define NEL_ENGINE_OPS_H

#include "engine/workspace.h"

struct op_code {
    const char *name;
    void (*forward)(struct workspace *workspace, const struct plan_op *op);
    /* From op's gradient: the gradients of its parameters (written, or added where `add`) and of its inputs, as their edges say. */
    void (*backward)(struct workspace *workspace, const struct plan_op *op, bool add);
};
extern const struct op_code op_codes[PLAN_OP_KINDS];

/* layer.c */
void layer_forward(struct workspace *workspace, const struct plan_op *op);
void layer_backward(struct workspace *workspace, const struct plan_op *op, bool add);
/* Floats of scratch memory that a thread needs for a part of the layer. */
size_t layer_scratch(const struct plan_op *op);
/* Whether the gradient of its weights takes the layer's inputs by sample (dense_step.h). */
bool layer_turns(const struct plan_op *op);
/* Whether it loads, in its course, the samples that come next (load.h). */
bool layer_loads(const struct plan *plan, const struct plan_op *op);
void activation_forward(struct workspace *workspace, const struct plan_op *op);
void activation_backward(struct workspace *workspace, const struct plan_op *op, bool add);

/* combine.c */
void concat_forward(struct workspace *workspace, const struct plan_op *op);
void concat_backward(struct workspace *workspace, const struct plan_op *op, bool add);
void sum_forward(struct workspace *workspace, const struct plan_op *op);
void sum_backward(struct workspace *workspace, const struct plan_op *op, bool add);
void product_forward(struct workspace *workspace, const struct plan_op *op);
void product_backward(struct workspace *workspace, const struct plan_op *op, bool add);
void gather_forward(struct workspace *workspace, const struct plan_op *op);
void gather_backward(struct workspace *workspace, const struct plan_op *op, bool add);
void scatter_forward(struct workspace *workspace, const struct plan_op *op);
void scatter_backward(struct workspace *workspace, const struct plan_op *op, bool add);

/* norm.c */
void dropout_forward(struct workspace *workspace, const struct plan_op *op);
void dropout_backward(struct workspace *workspace, const struct plan_op *op, bool add);
void batchnorm_forward(struct workspace *workspace, const struct plan_op *op);
void batchnorm_backward(struct workspace *workspace, const struct plan_op *op, bool add);
void layernorm_forward(struct workspace *workspace, const struct plan_op *op);
void layernorm_backward(struct workspace *workspace, const struct plan_op *op, bool add);

/* Dropout's mask of one chunk: 0 or 1 / (1 - rate), `rows` x `stride`, samples from `count` on as sample 0. */
void dropout_mask(float *mask, float rate, uint32_t rows, uint32_t stride, uint32_t count, uint64_t seed, uint64_t step,
                  uint32_t op, uint32_t op_count);

/* Added to a variance before its root is taken (the value that is usual since Ioffe and Szegedy 2015). */
#define NORM_EPSILON 1e-5F
/* Share of the new batch in batchnorm's running statistics. */
#define NORM_MOMENTUM 0.1F

static inline const struct plan_edge *op_edge(const struct workspace *workspace, const struct plan_op *op, uint32_t i)
{
    return &workspace->plan->edges[op->edge_at + i];
}

static inline const struct plan_op *op_input(const struct workspace *workspace, const struct plan_op *op, uint32_t i)
{
    return &workspace->plan->ops[op_edge(workspace, op, i)->op];
}

#endif
