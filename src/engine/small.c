/* Every inner loop is made for each number of inputs from 1 to INPUTS and of registers of samples (columns), so that they have names
   of registers; a layer with more inputs takes them in turns. The order of additions is that of dense.c. */
#include "engine/small.h"

#include "engine/simd.h"
#include "engine/sums.h"

/* Inputs of a layer at a time, and columns of them: what thirty-two registers hold. */
enum { INPUTS = 4, COLUMNS = 4 };

bool small_fits(const struct plan *plan)
{
    for (uint32_t i = 1; i < plan->op_count; i++) {
        const struct plan_op *op = &plan->ops[i];
        if (op->kind != PLAN_DENSE || plan->edges[op->edge_at].op != i - 1 || op->learned != PLAN_NONE)
            return false;
    }
    return plan->trained_count <= SMALL_PARAMETERS;
}

/* One layer, beginning at a register of samples. Rows are `stride` floats apart. */
struct layer {
    const float *weights, *bias; /* bias NULL: none */
    float *dweights, *dbias;     /* partial sums, sixteen a parameter */
    const float *x;              /* values of the inputs */
    float *y;                    /* values of the outputs */
    float *dy, *dx;              /* gradients; dx NULL: not wanted */
    const float *slope;          /* of the last layer's element; NULL: none, or not the last layer */
    const float *below;          /* slopes of the inputs' elements; NULL: none */
    size_t width, depth, stride;
};

INLINE void forward_inputs(const struct layer *layer, size_t from, int inputs, int columns)
{
    lanes x[INPUTS][COLUMNS];
#pragma GCC unroll 4
    for (int k = 0; k < inputs; k++)
#pragma GCC unroll 4
        for (int c = 0; c < columns; c++)
            x[k][c] = ((const lanes *)(layer->x + (from + k) * layer->stride))[c];
    const float *weights = layer->weights + from;
    lanes *y = (lanes *)layer->y;
    for (size_t o = 0; o < layer->width; o++) {
        const float bias = from == 0 && layer->bias ? layer->bias[o] : 0.0F;
        lanes sum[COLUMNS];
#pragma GCC unroll 4
        for (int c = 0; c < columns; c++)
            if (from > 0)
                sum[c] = y[c];
            else
                sum[c] = (lanes){0} + bias;
#pragma GCC unroll 4
        for (int k = 0; k < inputs; k++)
#pragma GCC unroll 4
            for (int c = 0; c < columns; c++)
                sum[c] += weights[k] * x[k][c];
#pragma GCC unroll 4
        for (int c = 0; c < columns; c++)
            y[c] = sum[c];
        weights += layer->depth;
        y += layer->stride / LANES;
    }
}

/* Gradients of the weights, written or added, and of the arguments of the inputs' elements. */
INLINE void backward_inputs(const struct layer *layer, size_t from, int inputs, int columns, bool add)
{
    lanes x[INPUTS][COLUMNS], dx[INPUTS][COLUMNS];
#pragma GCC unroll 4
    for (int k = 0; k < inputs; k++)
#pragma GCC unroll 4
        for (int c = 0; c < columns; c++) {
            x[k][c] = ((const lanes *)(layer->x + (from + k) * layer->stride))[c];
            dx[k][c] = (lanes){0};
        }
    const float *weights = layer->weights + from;
    const lanes *dy = (const lanes *)layer->dy;
    lanes *sums = (lanes *)layer->dweights + from;
    for (size_t o = 0; o < layer->width; o++) {
#pragma GCC unroll 4
        for (int k = 0; k < inputs; k++) {
            lanes sum = {0};
            if (add)
                sum = sums[k];
#pragma GCC unroll 4
            for (int c = 0; c < columns; c++)
                sum += dy[c] * x[k][c];
            sums[k] = sum;
#pragma GCC unroll 4
            for (int c = 0; c < columns; c++)
                dx[k][c] += weights[k] * dy[c];
        }
        weights += layer->depth;
        sums += layer->depth;
        dy += layer->stride / LANES;
    }
    if (!layer->dx)
        return;
#pragma GCC unroll 4
    for (int k = 0; k < inputs; k++)
#pragma GCC unroll 4
        for (int c = 0; c < columns; c++) {
            const size_t row = (from + k) * layer->stride;
            if (layer->below)
                dx[k][c] *= ((const lanes *)(layer->below + row))[c];
            ((lanes *)(layer->dx + row))[c] = dx[k][c];
        }
}

/* The sums of the gradient are the biases'. What comes from the loss, by the last layer's outputs, first becomes that by the
   arguments of its element. */
INLINE void backward_outputs(const struct layer *layer, int columns, bool add)
{
    lanes *dy = (lanes *)layer->dy, *sums = (lanes *)layer->dbias;
    const lanes *slope = (const lanes *)layer->slope;
    for (size_t o = 0; o < layer->width; o++) {
        if (slope)
#pragma GCC unroll 4
            for (int c = 0; c < columns; c++)
                dy[c] *= slope[c];
        if (sums) {
            lanes sum = {0};
            if (add)
                sum = sums[o];
#pragma GCC unroll 4
            for (int c = 0; c < columns; c++)
                sum += dy[c];
            sums[o] = sum;
        }
        dy += layer->stride / LANES;
        if (slope)
            slope += layer->stride / LANES;
    }
}

/* CALL with the number of inputs as a constant. */
#define BY_INPUTS(left, CALL, ...)                                                                                                 \
    switch (left) {                                                                                                                \
    case 1:                                                                                                                        \
        CALL(layer, k, 1, __VA_ARGS__);                                                                                            \
        break;                                                                                                                     \
    case 2:                                                                                                                        \
        CALL(layer, k, 2, __VA_ARGS__);                                                                                            \
        break;                                                                                                                     \
    case 3:                                                                                                                        \
        CALL(layer, k, 3, __VA_ARGS__);                                                                                            \
        break;                                                                                                                     \
    default:                                                                                                                       \
        CALL(layer, k, 4, __VA_ARGS__);                                                                                            \
        break;                                                                                                                     \
    }

/* The layer's pointers go on to the next columns. */
INLINE void advance(struct layer *layer, int columns)
{
    layer->x += columns * LANES;
    layer->y += columns * LANES;
    if (layer->dy)
        layer->dy += columns * LANES;
    if (layer->dx)
        layer->dx += columns * LANES;
    if (layer->slope)
        layer->slope += columns * LANES;
    if (layer->below)
        layer->below += columns * LANES;
}

INLINE void forward_columns(struct layer *layer, int columns)
{
    for (size_t k = 0; k < layer->depth; k += INPUTS)
        BY_INPUTS(layer->depth - k, forward_inputs, columns)
    advance(layer, columns);
}

INLINE void backward_columns(struct layer *layer, int columns, bool add)
{
    backward_outputs(layer, columns, add);
    for (size_t k = 0; k < layer->depth; k += INPUTS)
        BY_INPUTS(layer->depth - k, backward_inputs, columns, add)
    advance(layer, columns);
}

INLINE void forward(struct layer layer)
{
    size_t left = layer.stride / LANES;
    for (; left >= 4; left -= 4)
        forward_columns(&layer, 4);
    for (; left >= 2; left -= 2)
        forward_columns(&layer, 2);
    if (left > 0)
        forward_columns(&layer, 1);
}

INLINE void backward(struct layer layer)
{
    size_t left = layer.stride / LANES;
    bool add = false;
    for (; left >= 2; left -= 2, add = true)
        if (add)
            backward_columns(&layer, 2, true);
        else
            backward_columns(&layer, 2, false);
    if (left > 0 && add)
        backward_columns(&layer, 1, true);
    else if (left > 0)
        backward_columns(&layer, 1, false);
}

INLINE void add_up(const float *partial, float *sums, size_t n, bool add)
{
    for (size_t i = 0; i < n; i += LANES) {
        lanes v[LANES], all;
#pragma GCC unroll 16
        for (int k = 0; k < LANES; k++)
            v[k] = ((const lanes *)partial)[i + k];
        sum_sixteen(v, &all);
        if (add)
            all += *(const lanes *)(sums + i);
        *(lanes *)(sums + i) = all;
    }
}

INLINE struct layer layer_of(const struct workspace *workspace, const struct plan_op *op)
{
    const struct plan_op *input = op - 1;
    const bool biased = op->bias != PLAN_NONE;
    return (struct layer){.weights = workspace->params + op->weights,
                          .bias = biased ? workspace->params + op->bias : NULL,
                          .x = workspace_row(workspace, input->value),
                          .y = workspace_row(workspace, op->value),
                          .width = op->width,
                          .depth = op->depth,
                          .stride = workspace->stride};
}

KERNEL void small_forward(struct workspace *workspace)
{
    const struct plan *plan = workspace->plan;
    for (const struct plan_op *op = plan->ops + 1; op < plan->ops + plan->op_count; op++) {
        const struct layer layer = layer_of(workspace, op);
        forward(layer);
        if (op->element && workspace->running && op->slope != PLAN_NONE)
            element_slope(op->element, NULL, layer.y, workspace_row(workspace, op->slope), op->width, layer.stride,
                          workspace->scratch);
        else if (op->element)
            element_value(op->element, NULL, layer.y, op->width, layer.stride, workspace->scratch);
    }
}

KERNEL void small_backward(struct workspace *workspace, bool add)
{
    const struct plan *plan = workspace->plan;
    for (const struct plan_op *op = plan_output(plan); op > plan->ops && op->trained; op--) {
        struct layer layer = layer_of(workspace, op);
        layer.dweights = workspace->partial + op->weights * LANES;
        layer.dbias = layer.bias ? workspace->partial + op->bias * LANES : NULL;
        layer.dy = workspace_row(workspace, op->grad);
        layer.dx = plan->edges[op->edge_at].wanted ? workspace_row(workspace, op[-1].grad) : NULL;
        layer.slope = op->element && op == plan_output(plan) ? workspace_row(workspace, op->slope) : NULL;
        layer.below = layer.dx && op[-1].element ? workspace_row(workspace, op[-1].slope) : NULL;
        backward(layer);
    }
    add_up(workspace->partial, workspace->gradient, plan->trained_count, add);
}
