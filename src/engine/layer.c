/* Dense and sparse layers, and elements alone. */
#include "engine/blas.h"
#include "engine/dense.h"
#include "engine/loops.h"
#include "engine/ops.h"
#include "engine/sparse.h"

static const float *param_at(const struct workspace *workspace, size_t offset)
{
    return offset == PLAN_NONE ? NULL : workspace->params + offset;
}

static float *gradient_at(const struct workspace *workspace, size_t offset)
{
    return offset == PLAN_NONE ? NULL : workspace->gradient + offset;
}

static void element_forward(struct workspace *workspace, const struct plan_op *op)
{
    float *value = workspace_row(workspace, op->value);
    const float *learned = param_at(workspace, op->learned);
    if (workspace->running && op->slope != PLAN_NONE)
        element_slope(op->element, learned, value, workspace_row(workspace, op->slope), op->width, workspace->stride,
                      workspace->scratch);
    else
        element_value(op->element, learned, value, op->width, workspace->stride, workspace->scratch);
}

/* Turns the gradient by the element's value into the one by its argument, in place, after the learned parameters took theirs. */
static void element_backward(struct workspace *workspace, const struct plan_op *op, bool add)
{
    const size_t stride = workspace->stride, block = op->width * stride;
    float *grad = workspace_row(workspace, op->grad);
    const float *slope = workspace_row(workspace, op->slope);
    for (unsigned p = 0; !op->frozen && p < op->element->learned_count; p++) {
        float *to = workspace->gradient + op->learned + (size_t)p * op->width;
        for (uint32_t r = 0; r < op->width; r++) {
            const float sum = floats_dot(grad + r * stride, slope + (p + 1) * block + r * stride, stride);
            to[r] = add ? to[r] + sum : sum;
        }
    }
    floats_multiply(grad, slope, block);
}

void layer_forward(struct workspace *workspace, const struct plan_op *op)
{
    const float *x = workspace_row(workspace, op_input(workspace, op, 0)->value);
    float *y = workspace_row(workspace, op->value);
    const float *weights = workspace->params + op->weights, *bias = param_at(workspace, op->bias);
    if (op->kind == PLAN_SPARSE)
        sparse_forward(op->sparse, weights, bias, x, y, op->width, workspace->stride);
    else if (op->kernel == PLAN_KERNEL_BLAS)
        blas_forward(weights, bias, x, y, op->width, op->depth, workspace->stride);
    else
        dense_forward(weights, bias, x, y, op->width, op->depth, workspace->stride);
    if (op->element)
        element_forward(workspace, op);
}

void layer_backward(struct workspace *workspace, const struct plan_op *op, bool add)
{
    const struct plan_edge *edge = op_edge(workspace, op, 0);
    const struct plan_op *input = op_input(workspace, op, 0);
    const size_t stride = workspace->stride;
    if (op->element)
        element_backward(workspace, op, add);
    const float *x = workspace_row(workspace, input->value), *dy = workspace_row(workspace, op->grad);
    const float *weights = workspace->params + op->weights;
    float *dw = workspace->gradient + op->weights, *db = gradient_at(workspace, op->bias);
    float *dx = edge->wanted ? workspace_row(workspace, input->grad) : NULL;
    if (op->kind == PLAN_SPARSE) {
        if (!op->frozen)
            sparse_gradient(op->sparse, dy, x, dw, db, op->width, stride, add);
        if (dx)
            sparse_backward(op->sparse, weights, dy, dx, op->width, op->depth, stride, edge->add);
    } else if (op->kernel == PLAN_KERNEL_BLAS) {
        if (!op->frozen)
            blas_gradient(dy, x, dw, db, op->width, op->depth, stride, add);
        if (dx)
            blas_backward(weights, dy, dx, op->width, op->depth, stride, edge->add);
    } else {
        if (!op->frozen)
            dense_gradient(dy, x, dw, db, op->width, op->depth, stride, add);
        if (dx)
            dense_backward(weights, dy, dx, op->width, op->depth, stride, edge->add);
    }
}

void activation_forward(struct workspace *workspace, const struct plan_op *op)
{
    floats_put(workspace_row(workspace, op->value), workspace_row(workspace, op_input(workspace, op, 0)->value),
               op->width * (size_t)workspace->stride, false);
    if (op->element)
        element_forward(workspace, op);
}

void activation_backward(struct workspace *workspace, const struct plan_op *op, bool add)
{
    const struct plan_edge *edge = op_edge(workspace, op, 0);
    if (op->element)
        element_backward(workspace, op, add);
    if (edge->wanted)
        floats_put(workspace_row(workspace, op_input(workspace, op, 0)->grad), workspace_row(workspace, op->grad),
                   op->width * (size_t)workspace->stride, edge->add);
}
