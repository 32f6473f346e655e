/* Dropout and the two norms.

   Both norms are y = scale * (x - mean) / sqrt(variance + epsilon) + shift. Batchnorm (Ioffe and Szegedy 2015, arXiv:1502.03167) takes
   mean and variance of a neuron over the samples of the batch, and in inference running averages of them; layernorm (Ba, Kiros and
   Hinton 2016, arXiv:1607.06450) those of a sample over the neurons. With n values to a mean, h the normalised values and g = scale *
   dy, the gradient is dx = (g - mean(g) - h * mean(g h)) / sqrt(variance + epsilon). The slope rows hold h. */
#include <math.h>
#include <string.h>

#include "engine/loops.h"
#include "engine/ops.h"
#include "engine/simd.h"
#include "support/random.h"

void dropout_mask(float *mask, float rate, uint32_t rows, uint32_t stride, uint32_t count, uint64_t seed, uint64_t step,
                  uint32_t op, uint32_t op_count)
{
    struct random random = random_stream(seed, RANDOM_DROPOUT, step * op_count + op);
    const uint32_t threshold = (uint32_t)((double)rate * 4294967295.0);
    const float kept = 1.0F / (1.0F - rate);
    for (uint32_t r = 0; r < rows; r++) {
        float *row = mask + (size_t)r * stride;
        for (uint32_t s = 0; s < count; s++)
            row[s] = random_u32(&random) < threshold ? 0.0F : kept;
        for (uint32_t s = count; s < stride; s++)
            row[s] = row[0];
    }
}

void dropout_forward(struct workspace *workspace, const struct plan_op *op)
{
    const size_t n = op->width * (size_t)workspace->stride;
    const float *x = workspace_row(workspace, op_input(workspace, op, 0)->value);
    float *y = workspace_row(workspace, op->value);
    if (!workspace->running) {
        floats_put(y, x, n, false);
        return;
    }
    float *mask = workspace_row(workspace, op->slope);
    dropout_mask(mask, op->rate, op->width, workspace->stride, workspace->count, workspace->seed, workspace->step,
                 (uint32_t)(op - workspace->plan->ops), workspace->plan->op_count);
    floats_put_product(y, x, mask, n, false);
}

void dropout_backward(struct workspace *workspace, const struct plan_op *op, bool add)
{
    (void)add;
    const struct plan_edge *edge = op_edge(workspace, op, 0);
    if (edge->wanted)
        floats_put_product(workspace_row(workspace, op_input(workspace, op, 0)->grad), workspace_row(workspace, op->grad),
                           workspace_row(workspace, op->slope), op->width * (size_t)workspace->stride, edge->add);
}

/* Mean and variance of the first `count` of a row, in double since they run over one row only. */
static void row_moments(const float *x, uint32_t count, float *mean, float *variance)
{
    double sum = 0, squares = 0;
    for (uint32_t s = 0; s < count; s++)
        sum += (double)x[s];
    const double centre = sum / count;
    for (uint32_t s = 0; s < count; s++) {
        const double d = (double)x[s] - centre;
        squares += d * d;
    }
    *mean = (float)centre;
    *variance = (float)(squares / count);
}

/* y = scale * h + shift with h = (x - mean) * inverse; keeps h where asked. */
KERNEL static void normalise_row(const float *x, float *h, float *y, size_t n, float mean, float inverse, float scale, float shift)
{
    for (size_t s = 0; s < n; s += LANES) {
        const lanes normal = (*(const lanes *)(x + s) - mean) * inverse;
        if (h)
            *(lanes *)(h + s) = normal;
        *(lanes *)(y + s) = scale * normal + shift;
    }
}

void batchnorm_forward(struct workspace *workspace, const struct plan_op *op)
{
    const size_t stride = workspace->stride;
    const float *x = workspace_row(workspace, op_input(workspace, op, 0)->value);
    float *y = workspace_row(workspace, op->value);
    const float *scale = workspace->params + op->weights, *shift = workspace->params + op->bias;
    const bool training = workspace->running && !op->frozen; /* a frozen one stays what it was trained to be */
    for (uint32_t r = 0; r < op->width; r++) {
        float mean, variance, *h = NULL;
        if (training) {
            float *running = workspace->running + op->running + r;
            const float n = (float)workspace->count;
            row_moments(x + r * stride, workspace->count, &mean, &variance);
            running[0] += NORM_MOMENTUM * (mean - running[0]);
            running[op->width] += NORM_MOMENTUM * (variance * (n > 1 ? n / (n - 1) : 1) - running[op->width]);
            h = workspace_row(workspace, op->slope) + r * stride;
        } else {
            mean = workspace->params[op->running + r];
            variance = workspace->params[op->running + op->width + r];
        }
        const float inverse = 1.0F / sqrtf(variance + NORM_EPSILON);
        if (workspace->running)
            workspace->stats[op->stat + r] = inverse;
        normalise_row(x + r * stride, h, y + r * stride, stride, mean, inverse, scale[r], shift[r]);
    }
}

/* dx = factor * (dy - mean_dy - h * mean_dyh), the lanes behind the samples set to zero. */
static void batchnorm_row(const float *dy, const float *h, float *dx, uint32_t count, uint32_t stride, float factor, float mean_dy,
                          float mean_dyh, bool add)
{
    for (uint32_t s = 0; s < count; s++) {
        const float d = factor * (dy[s] - mean_dy - h[s] * mean_dyh);
        dx[s] = add ? dx[s] + d : d;
    }
    for (uint32_t s = count; s < stride; s++)
        dx[s] = 0;
}

/* With fixed figures it is a scale and a shift of each row. */
static void batchnorm_backward_frozen(struct workspace *workspace, const struct plan_op *op)
{
    const struct plan_edge *edge = op_edge(workspace, op, 0);
    const size_t stride = workspace->stride;
    float *dx = workspace_row(workspace, op_input(workspace, op, 0)->grad);
    for (size_t r = 0; edge->wanted && r < op->width; r++)
        batchnorm_row(workspace_row(workspace, op->grad) + r * stride, workspace_row(workspace, op->grad) + r * stride,
                      dx + r * stride, workspace->count, (uint32_t)stride,
                      workspace->params[op->weights + r] * workspace->stats[op->stat + r], 0, 0, edge->add);
}

void batchnorm_backward(struct workspace *workspace, const struct plan_op *op, bool add)
{
    if (op->frozen) {
        batchnorm_backward_frozen(workspace, op);
        return;
    }
    const struct plan_edge *edge = op_edge(workspace, op, 0);
    const uint32_t stride = workspace->stride;
    const float n = (float)workspace->count;
    for (uint32_t r = 0; r < op->width; r++) {
        const float *dy = workspace_row(workspace, op->grad) + (size_t)r * stride;
        const float *h = workspace_row(workspace, op->slope) + (size_t)r * stride;
        const float sum = floats_sum(dy, stride), dot = floats_dot(dy, h, stride);
        float *dscale = workspace->gradient + op->weights + r, *dshift = workspace->gradient + op->bias + r;
        *dscale = add ? *dscale + dot : dot;
        *dshift = add ? *dshift + sum : sum;
        if (edge->wanted)
            batchnorm_row(dy, h, workspace_row(workspace, op_input(workspace, op, 0)->grad) + (size_t)r * stride, workspace->count,
                          stride, workspace->params[op->weights + r] * workspace->stats[op->stat + r], sum / n, dot / n, edge->add);
    }
}

/* All neurons of LANES samples at once. `h` has one row more than the neurons: 1 / sqrt(variance + epsilon) of each sample. */
KERNEL static void layernorm_lanes(const float *x, float *h, float *y, size_t width, size_t stride, const float *scale,
                                   const float *shift)
{
    const float share = 1.0F / (float)width;
    lanes mean = {0}, variance = {0}, inverse;
    for (size_t r = 0; r < width; r++)
        mean += *(const lanes *)(x + r * stride);
    mean *= share;
    for (size_t r = 0; r < width; r++) {
        const lanes d = *(const lanes *)(x + r * stride) - mean;
        variance += d * d;
    }
    for (int i = 0; i < LANES; i++)
        inverse[i] = 1.0F / sqrtf(variance[i] * share + NORM_EPSILON);
    for (size_t r = 0; r < width; r++) {
        const lanes normal = (*(const lanes *)(x + r * stride) - mean) * inverse;
        if (h)
            *(lanes *)(h + r * stride) = normal;
        *(lanes *)(y + r * stride) = scale[r] * normal + shift[r];
    }
    if (h)
        *(lanes *)(h + width * stride) = inverse;
}

void layernorm_forward(struct workspace *workspace, const struct plan_op *op)
{
    const float *x = workspace_row(workspace, op_input(workspace, op, 0)->value);
    float *y = workspace_row(workspace, op->value), *h = workspace->running ? workspace_row(workspace, op->slope) : NULL;
    for (size_t s = 0; s < workspace->stride; s += LANES)
        layernorm_lanes(x + s, h ? h + s : NULL, y + s, op->width, workspace->stride, workspace->params + op->weights,
                        workspace->params + op->bias);
}

KERNEL static void layernorm_back_lanes(const float *dy, const float *h, float *dx, size_t width, size_t stride, const float *scale,
                                        bool add)
{
    const float share = 1.0F / (float)width;
    const lanes inverse = *(const lanes *)(h + width * stride);
    lanes mean = {0}, mean_h = {0};
    for (size_t r = 0; r < width; r++) {
        const lanes g = scale[r] * *(const lanes *)(dy + r * stride);
        mean += g;
        mean_h += g * *(const lanes *)(h + r * stride);
    }
    mean *= share;
    mean_h *= share;
    for (size_t r = 0; r < width; r++) {
        const lanes g = scale[r] * *(const lanes *)(dy + r * stride);
        const lanes d = (g - mean - *(const lanes *)(h + r * stride) * mean_h) * inverse;
        lanes *to = (lanes *)(dx + r * stride);
        if (add)
            *to += d;
        else
            *to = d;
    }
}

void layernorm_backward(struct workspace *workspace, const struct plan_op *op, bool add)
{
    const struct plan_edge *edge = op_edge(workspace, op, 0);
    const size_t stride = workspace->stride;
    const float *dy = workspace_row(workspace, op->grad), *h = workspace_row(workspace, op->slope);
    for (uint32_t r = 0; !op->frozen && r < op->width; r++) {
        const float dot = floats_dot(dy + r * stride, h + r * stride, stride), sum = floats_sum(dy + r * stride, stride);
        float *dscale = workspace->gradient + op->weights + r, *dshift = workspace->gradient + op->bias + r;
        *dscale = add ? *dscale + dot : dot;
        *dshift = add ? *dshift + sum : sum;
    }
    if (edge->wanted)
        for (size_t s = 0; s < stride; s += LANES)
            layernorm_back_lanes(dy + s, h + s, workspace_row(workspace, op_input(workspace, op, 0)->grad) + s, op->width, stride,
                                 workspace->params + op->weights, edge->add);
}
