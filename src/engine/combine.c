/* Ops that move and combine rows without parameters: concatenation, sum, product, gather, scatter. */
#include <string.h>

#include "engine/loops.h"
#include "engine/ops.h"

void concat_forward(struct workspace *workspace, const struct plan_op *op)
{
    size_t row = op->value;
    for (uint32_t i = 0; i < op->edge_count; i++) {
        const struct plan_op *input = op_input(workspace, op, i);
        if (!op_edge(workspace, op, i)->placed)
            floats_put(workspace_row(workspace, row), workspace_row(workspace, input->value),
                       input->width * (size_t)workspace->stride, false);
        row += input->width;
    }
}

void concat_backward(struct workspace *workspace, const struct plan_op *op, bool add)
{
    (void)add;
    size_t row = op->grad;
    for (uint32_t i = 0; i < op->edge_count; i++) {
        const struct plan_edge *edge = op_edge(workspace, op, i);
        const struct plan_op *input = op_input(workspace, op, i);
        if (edge->wanted)
            floats_put(workspace_row(workspace, input->grad), workspace_row(workspace, row),
                       input->width * (size_t)workspace->stride, edge->add);
        row += input->width;
    }
}

void sum_forward(struct workspace *workspace, const struct plan_op *op)
{
    const size_t n = op->width * (size_t)workspace->stride;
    for (uint32_t i = 0; i < op->edge_count; i++)
        floats_put(workspace_row(workspace, op->value), workspace_row(workspace, op_input(workspace, op, i)->value), n, i > 0);
}

void sum_backward(struct workspace *workspace, const struct plan_op *op, bool add)
{
    (void)add;
    const size_t n = op->width * (size_t)workspace->stride;
    for (uint32_t i = 0; i < op->edge_count; i++) {
        const struct plan_edge *edge = op_edge(workspace, op, i);
        if (edge->wanted)
            floats_put(workspace_row(workspace, op_input(workspace, op, i)->grad), workspace_row(workspace, op->grad), n,
                       edge->add);
    }
}

void product_forward(struct workspace *workspace, const struct plan_op *op)
{
    const size_t n = op->width * (size_t)workspace->stride;
    float *value = workspace_row(workspace, op->value);
    floats_put(value, workspace_row(workspace, op_input(workspace, op, 0)->value), n, false);
    for (uint32_t i = 1; i < op->edge_count; i++)
        floats_multiply(value, workspace_row(workspace, op_input(workspace, op, i)->value), n);
}

/* The gradient of one factor is that of the product times all other factors. It is gathered in the product's slope rows, since
   dividing the product by the factor would fail at zero. */
void product_backward(struct workspace *workspace, const struct plan_op *op, bool add)
{
    (void)add;
    const size_t n = op->width * (size_t)workspace->stride;
    const float *grad = workspace_row(workspace, op->grad);
    float *others = workspace_row(workspace, op->slope);
    for (uint32_t i = 0; i < op->edge_count; i++) {
        const struct plan_edge *edge = op_edge(workspace, op, i);
        if (!edge->wanted)
            continue;
        floats_put(others, grad, n, false);
        for (uint32_t j = 0; j < op->edge_count; j++)
            if (j != i)
                floats_multiply(others, workspace_row(workspace, op_input(workspace, op, j)->value), n);
        floats_put(workspace_row(workspace, op_input(workspace, op, i)->grad), others, n, edge->add);
    }
}

void gather_forward(struct workspace *workspace, const struct plan_op *op)
{
    const size_t stride = workspace->stride;
    const float *x = workspace_row(workspace, op_input(workspace, op, 0)->value);
    float *y = workspace_row(workspace, op->value);
    for (uint32_t r = 0; r < op->width; r++)
        floats_put(y + r * stride, x + op->indices[r] * stride, stride, false);
}

void gather_backward(struct workspace *workspace, const struct plan_op *op, bool add)
{
    (void)add;
    const struct plan_edge *edge = op_edge(workspace, op, 0);
    if (!edge->wanted)
        return;
    const size_t stride = workspace->stride;
    const float *dy = workspace_row(workspace, op->grad);
    float *dx = workspace_row(workspace, op_input(workspace, op, 0)->grad);
    if (!edge->add)
        memset(dx, 0, op->depth * stride * sizeof *dx);
    for (uint32_t r = 0; r < op->width; r++)
        floats_add(dx + op->indices[r] * stride, dy + r * stride, stride);
}

void scatter_forward(struct workspace *workspace, const struct plan_op *op)
{
    const size_t stride = workspace->stride;
    const float *x = workspace_row(workspace, op_input(workspace, op, 0)->value);
    float *y = workspace_row(workspace, op->value);
    memset(y, 0, op->width * stride * sizeof *y);
    for (uint32_t r = 0; r < op->depth; r++)
        floats_add(y + op->indices[r] * stride, x + r * stride, stride);
}

void scatter_backward(struct workspace *workspace, const struct plan_op *op, bool add)
{
    (void)add;
    const struct plan_edge *edge = op_edge(workspace, op, 0);
    if (!edge->wanted)
        return;
    const size_t stride = workspace->stride;
    const float *dy = workspace_row(workspace, op->grad);
    float *dx = workspace_row(workspace, op_input(workspace, op, 0)->grad);
    for (uint32_t r = 0; r < op->depth; r++)
        floats_put(dx + r * stride, dy + op->indices[r] * stride, stride, edge->add);
}
