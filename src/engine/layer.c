/* Dense and sparse layers, and elements alone. A sparse layer with many connections is multiplied as a dense one (enum plan_kernel): its
   part of the weights is spread before it is multiplied, its part of the gradient collected behind.

   A crew shares a layer by its neurons: every thread computes some rows of the values, of the weights' gradient, after which it
   steps these weights, and of the inputs' gradient. No sum is split, so that the bits are those of one thread; and a core's
   part of the weights and of what the optimiser keeps of them stays in its cache. */
#include "engine/blas.h"
#include "engine/dense.h"
#include "engine/dense_step.h"
#include "engine/loops.h"
#include "engine/ops.h"
#include "engine/simd.h"
#include "engine/sparse.h"

/* Rows of a part begin at multiples of this: whole blocks of the kernels. */
enum { PART_ROWS = 16 };

/* Rows that the matrix library is given at a time, whatever the number of threads: how it sums may depend on a matrix's size. */
enum { BLAS_ROWS = 128 };

/* Rows of a weight gradient at a time, stepped while they are in the first-level cache. */
enum { STEP_ROWS = 4 };

/* Inputs that are brought into another order at a time, and what moving a value costs in multiply-adds. */
enum { TURN_ROWS = 64, TURN_WORK = 4 };

struct layer_job {
    struct workspace *workspace;
    const struct plan_op *op;
    bool add;
    struct load_share ahead;
};

static const float *param_at(const struct workspace *workspace, size_t offset)
{
    return offset == PLAN_NONE ? NULL : workspace->params + offset;
}

static float *gradient_at(const struct workspace *workspace, size_t offset)
{
    return offset == PLAN_NONE ? NULL : workspace->gradient + offset;
}

static const float *input_value(const struct workspace *workspace, const struct plan_op *op)
{
    return workspace_row(workspace, op_input(workspace, op, 0)->value);
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t most(size_t a, size_t b)
{
    return a > b ? a : b;
}

bool layer_loads(const struct plan *plan, const struct plan_op *op)
{
    const bool layer = op->kind == PLAN_SPARSE || op->kind == PLAN_DENSE;
    const bool reads_tiles = plan->edges[op->edge_at].op == 0 && plan->input_width >= LANES;
    return layer && reads_tiles && (op->kernel == PLAN_KERNEL_STORED || layer_turns(op));
}

/* Of the samples that come next, the tiles that the op is to load in its course: in the forward pass half of them, in the backward
   pass the others. */
static struct load_share take_ahead(struct workspace *workspace, const struct plan_op *op, bool half)
{
    struct load *ahead = &workspace->ahead;
    if (ahead->count == 0 || !layer_loads(workspace->plan, op))
        return (struct load_share){.load = NULL};
    const struct load_share share = {ahead, ahead->done, most(ahead->done, load_tiles(ahead) / (half ? 2 : 1))};
    ahead->done = share.to;
    return share;
}

/* Of the rows of `part`, where the element has no learned parameters: those of each row lie apart. */
static void element_rows(struct workspace *workspace, const struct plan_op *op, struct crew_part part)
{
    float *value = workspace_row(workspace, op->value + part.from);
    float *scratch = workspace->scratch + part.worker * workspace->plan->scratch;
    const float *learned = param_at(workspace, op->learned);
    if (workspace->running && op->slope != PLAN_NONE)
        element_slope(op->element, learned, value, workspace_row(workspace, op->slope + part.from), part.to - part.from,
                      workspace->stride, scratch);
    else
        element_value(op->element, learned, value, part.to - part.from, workspace->stride, scratch);
}

/* The element of a part of the rows; a learning one's of all of them, behind the last part. */
static bool element_in_parts(const struct plan_op *op)
{
    return op->element && op->element->learned_count == 0;
}

static void element_at_end(struct workspace *workspace, const struct plan_op *op)
{
    if (op->element && !element_in_parts(op))
        element_rows(workspace, op, (struct crew_part){.to = op->width});
}

static void multiply_slope(void *context, struct crew_part part)
{
    const struct layer_job *job = context;
    floats_multiply(workspace_row(job->workspace, job->op->grad + part.from),
                    workspace_row(job->workspace, job->op->slope + part.from), (part.to - part.from) * job->workspace->stride);
}

/* Turns the gradient by the element's value into the one by its argument, in place, after the learned parameters took theirs. */
static void element_backward(struct layer_job *job)
{
    struct workspace *workspace = job->workspace;
    const struct plan_op *op = job->op;
    const size_t stride = workspace->stride, block = op->width * stride;
    const float *grad = workspace_row(workspace, op->grad), *slope = workspace_row(workspace, op->slope);
    for (unsigned p = 0; !op->frozen && p < op->element->learned_count; p++) {
        float *to = workspace->gradient + op->learned + (size_t)p * op->width;
        for (uint32_t r = 0; r < op->width; r++) {
            const float sum = floats_dot(grad + r * stride, slope + (p + 1) * block + r * stride, stride);
            to[r] = job->add ? to[r] + sum : sum;
        }
    }
    workspace_share(workspace, (double)block, op->width, PART_ROWS, multiply_slope, job);
}

/* Multiply-adds of a layer for the present chunk. */
static double layer_work(const struct workspace *workspace, const struct plan_op *op)
{
    return plan_layer_work(op) * workspace->stride;
}

static size_t part_unit(const struct plan_op *op)
{
    return op->kernel == PLAN_KERNEL_BLAS ? BLAS_ROWS : PART_ROWS;
}

static bool is_spread(const struct plan_op *op)
{
    return op->kind == PLAN_SPARSE && op->kernel != PLAN_KERNEL_STORED;
}

/* The weights [width x depth] of a layer that is multiplied as a dense one. */
static const float *matrix_of(const struct workspace *workspace, const struct plan_op *op)
{
    return is_spread(op) ? workspace->spread + op->spread : workspace->params + op->weights;
}

/* Rows of a weight gradient that are computed at once. */
static size_t step_rows(const struct plan_op *op)
{
    return op->kernel == PLAN_KERNEL_OWN ? STEP_ROWS : BLAS_ROWS;
}

size_t layer_scratch(const struct plan_op *op)
{
    return is_spread(op) ? lanes_round(least(step_rows(op), op->width) * op->depth) : 0;
}

static void forward_rows(void *context, struct crew_part part)
{
    const struct layer_job *job = context;
    struct workspace *workspace = job->workspace;
    const struct plan_op *op = job->op;
    const size_t stride = workspace->stride, depth = op->depth;
    const float *x = input_value(workspace, op), *stored = workspace->params + op->weights, *bias = param_at(workspace, op->bias);
    const float *weights = matrix_of(workspace, op);
    float *y = workspace_row(workspace, op->value);
    if (is_spread(op))
        sparse_spread(op->sparse, stored, workspace->spread + op->spread, depth, part.from, part.to);
    if (op->kernel == PLAN_KERNEL_STORED)
        sparse_forward(op->sparse, stored, bias, x, y, op->width, stride, part.from, part.to, job->ahead);
    else if (op->kernel == PLAN_KERNEL_OWN)
        dense_forward(weights + part.from * depth, bias ? bias + part.from : NULL, x, y + part.from * stride, part.to - part.from,
                      depth, stride);
    else
        for (size_t r = part.from; r < part.to; r += BLAS_ROWS)
            blas_forward(weights + r * depth, bias ? bias + r : NULL, x, y + r * stride, least(part.to - r, BLAS_ROWS), depth,
                         stride);
    if (element_in_parts(op))
        element_rows(workspace, op, part);
}

void layer_forward(struct workspace *workspace, const struct plan_op *op)
{
    struct layer_job job = {.workspace = workspace, .op = op};
    if (op->kernel == PLAN_KERNEL_STORED)
        job.ahead = take_ahead(workspace, op, true);
    workspace_share(workspace, layer_work(workspace, op), op->width, part_unit(op), forward_rows, &job);
    element_at_end(workspace, op);
}

bool layer_turns(const struct plan_op *op)
{
    return op->kind == PLAN_DENSE && op->kernel == PLAN_KERNEL_OWN && !op->frozen && dense_step_serves(op->width, op->depth);
}

static void turn_rows(void *context, struct crew_part part)
{
    const struct layer_job *job = context;
    const struct workspace *workspace = job->workspace;
    dense_turn(input_value(workspace, job->op), workspace->turned, workspace->stride, part.from, part.to);
}

static void turned_gradient(const struct layer_job *job, struct crew_part part)
{
    const struct workspace *workspace = job->workspace;
    const struct plan_op *op = job->op;
    const size_t stride = workspace->stride;
    const float *dy = workspace_row(workspace, op->grad);
    float *db = gradient_at(workspace, op->bias);
    struct dense_step step = {.dy = dy,
                              .turned = workspace->turned,
                              .width = op->width,
                              .depth = op->depth,
                              .stride = stride,
                              .dw = workspace->gradient + op->weights,
                              .add = job->add,
                              .ahead = job->ahead};
    const struct optimizer *optimizer = workspace->optimizer;
    const struct plan_span *span = optimizer ? optimizer_span(optimizer, op->weights) : NULL;
    if (span) {
        step.optimizer = optimizer;
        step.treatment = optimizer_treatment(optimizer, span);
        step.weights = workspace->running + op->weights;
        step.first = optimizer->first ? optimizer->first + op->weights : NULL;
        step.second = optimizer->second ? optimizer->second + op->weights : NULL;
    }
    dense_step_run(&step, part.from, part.to);
    if (db)
        floats_sum_rows(db + part.from, dy + part.from * stride, part.to - part.from, stride, job->add);
}

/* Steps the stored weights of the neurons [from, to) of a sparse layer. */
static void step_stored(const struct workspace *workspace, const struct plan_op *op, size_t from, size_t to)
{
    const uint32_t *start = op->sparse->start;
    workspace_step(workspace, op->weights + start[from], start[to] - start[from]);
}

/* The gradient of a spread layer's whole matrix goes to `whole`, `rows` neurons of it. */
static void spread_gradient(const struct layer_job *job, float *whole, size_t row, size_t rows)
{
    const struct workspace *workspace = job->workspace;
    const struct plan_op *op = job->op;
    const size_t stride = workspace->stride;
    const float *dy = workspace_row(workspace, op->grad + row);
    (op->kernel == PLAN_KERNEL_OWN ? dense_gradient : blas_gradient)(dy, input_value(workspace, op), whole, NULL, rows, op->depth,
                                                                     stride, false);
    sparse_collect(op->sparse, whole, workspace->gradient + op->weights, op->depth, row, row + rows, job->add);
    if (op->bias != PLAN_NONE)
        floats_sum_rows(workspace->gradient + op->bias + row, dy, rows, stride, job->add);
    step_stored(workspace, op, row, row + rows);
}

static void gradient_rows(void *context, struct crew_part part)
{
    const struct layer_job *job = context;
    struct workspace *workspace = job->workspace;
    const struct plan_op *op = job->op;
    const size_t stride = workspace->stride, depth = op->depth;
    const float *x = input_value(workspace, op), *dy = workspace_row(workspace, op->grad);
    float *dw = workspace->gradient + op->weights, *db = gradient_at(workspace, op->bias);
    if (op->kernel == PLAN_KERNEL_STORED) {
        sparse_gradient(op->sparse, dy, x, dw, db, op->width, stride, part.from, part.to, job->add, job->ahead);
        step_stored(workspace, op, part.from, part.to);
        return;
    }
    if (layer_turns(op)) {
        turned_gradient(job, part);
        return;
    }
    for (size_t r = part.from, rows; r < part.to; r += rows) {
        rows = least(part.to - r, step_rows(op));
        if (is_spread(op)) {
            spread_gradient(job, workspace->scratch + part.worker * workspace->plan->scratch, r, rows);
            continue;
        }
        (op->kernel == PLAN_KERNEL_OWN ? dense_gradient : blas_gradient)(dy + r * stride, x, dw + r * depth, db ? db + r : NULL,
                                                                         rows, depth, stride, job->add);
        workspace_step(workspace, op->weights + r * depth, rows * depth);
    }
}

/* Of a layer's inputs, or, where each connection is multiplied by itself, of its samples. */
static void backward_rows(void *context, struct crew_part part)
{
    const struct layer_job *job = context;
    struct workspace *workspace = job->workspace;
    const struct plan_op *op = job->op;
    const size_t stride = workspace->stride, depth = op->depth;
    const float *dy = workspace_row(workspace, op->grad), *weights = matrix_of(workspace, op);
    float *dx = workspace_row(workspace, op_input(workspace, op, 0)->grad);
    const bool add = op_edge(workspace, op, 0)->add;
    if (op->kernel == PLAN_KERNEL_STORED)
        sparse_backward(op->sparse, weights, dy, dx, op->width, depth, stride, part.from, part.to, add);
    else if (op->kernel == PLAN_KERNEL_OWN)
        dense_backward(weights + part.from, dy, dx + part.from * stride, op->width, depth, part.to - part.from, stride, add);
    else
        for (size_t r = part.from; r < part.to; r += BLAS_ROWS)
            blas_backward(weights + r, dy, dx + r * stride, op->width, depth, least(part.to - r, BLAS_ROWS), stride, add);
}

/* The inputs' gradient comes first: it is that of the weights before their step. */
void layer_backward(struct workspace *workspace, const struct plan_op *op, bool add)
{
    struct layer_job job = {.workspace = workspace, .op = op, .add = add};
    const bool by_samples = op->kernel == PLAN_KERNEL_STORED;
    if (op->element)
        element_backward(&job);
    if (op_edge(workspace, op, 0)->wanted)
        workspace_share(workspace, layer_work(workspace, op), by_samples ? workspace->stride : op->depth,
                        by_samples ? 4 * LANES : part_unit(op), backward_rows, &job);
    if (op->frozen)
        return;
    if (layer_turns(op))
        workspace_share(workspace, (double)op->depth * workspace->stride * TURN_WORK, op->depth, TURN_ROWS, turn_rows, &job);
    job.ahead = take_ahead(workspace, op, false);
    workspace_share(workspace, layer_work(workspace, op), op->width, part_unit(op), gradient_rows, &job);
}

static void activation_rows(void *context, struct crew_part part)
{
    const struct layer_job *job = context;
    struct workspace *workspace = job->workspace;
    const size_t stride = workspace->stride;
    floats_put(workspace_row(workspace, job->op->value + part.from), input_value(workspace, job->op) + part.from * stride,
               (part.to - part.from) * stride, false);
    if (element_in_parts(job->op))
        element_rows(workspace, job->op, part);
}

void activation_forward(struct workspace *workspace, const struct plan_op *op)
{
    struct layer_job job = {.workspace = workspace, .op = op};
    workspace_share(workspace, (double)op->width * workspace->stride, op->width, PART_ROWS, activation_rows, &job);
    element_at_end(workspace, op);
}

void activation_backward(struct workspace *workspace, const struct plan_op *op, bool add)
{
    struct layer_job job = {.workspace = workspace, .op = op, .add = add};
    const struct plan_edge *edge = op_edge(workspace, op, 0);
    if (op->element)
        element_backward(&job);
    if (edge->wanted)
        floats_put(workspace_row(workspace, op_input(workspace, op, 0)->grad), workspace_row(workspace, op->grad),
                   op->width * (size_t)workspace->stride, edge->add);
}
