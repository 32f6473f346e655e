#include "engine/objective.h"

#include <string.h>

#include "engine/simd.h"
#include "engine/vecmath.h"
#include "support/memory.h"

/* What each loss means with each head, AUTO: nothing. */
static const enum loss_kind loss_table[HEAD_STEP + 1][LOSS_PERCEPTRON + 1] = {
    [HEAD_LINEAR] = {[LOSS_AUTO] = LOSS_MSE, [LOSS_MSE] = LOSS_MSE, [LOSS_MAE] = LOSS_MAE, [LOSS_HUBER] = LOSS_HUBER},
    [HEAD_SIGMOID] = {[LOSS_AUTO] = LOSS_BINARY_CROSS_ENTROPY,
                      [LOSS_CROSS_ENTROPY] = LOSS_BINARY_CROSS_ENTROPY,
                      [LOSS_BINARY_CROSS_ENTROPY] = LOSS_BINARY_CROSS_ENTROPY,
                      [LOSS_MSE] = LOSS_MSE,
                      [LOSS_MAE] = LOSS_MAE,
                      [LOSS_HUBER] = LOSS_HUBER},
    [HEAD_SOFTMAX] = {[LOSS_AUTO] = LOSS_CROSS_ENTROPY,
                      [LOSS_CROSS_ENTROPY] = LOSS_CROSS_ENTROPY,
                      [LOSS_MSE] = LOSS_MSE,
                      [LOSS_MAE] = LOSS_MAE,
                      [LOSS_HUBER] = LOSS_HUBER},
    [HEAD_STEP] = {[LOSS_AUTO] = LOSS_PERCEPTRON, [LOSS_PERCEPTRON] = LOSS_PERCEPTRON},
};

enum loss_kind loss_for_head(enum head head, enum loss_kind loss)
{
    return loss_table[head][loss];
}

bool targets_init(struct targets *targets, const struct workspace *workspace, bool classes)
{
    targets->classes = classes;
    targets->value = mem_floats((size_t)workspace->plan->output_width * workspace->capacity);
    targets->labels = mem_array(workspace->capacity, sizeof *targets->labels);
    return targets->value && targets->labels;
}

void targets_release(struct targets *targets)
{
    mem_free_floats(targets->value);
    mem_free(targets->labels);
    *targets = (struct targets){0};
}

/* One-hot rows; a single output stands for the second class. */
KERNEL static void one_hot(const int32_t *labels, float *to, uint32_t width, uint32_t stride)
{
    for (uint32_t r = 0; r < width; r++)
        for (uint32_t s = 0; s < stride; s++)
            to[(size_t)r * stride + s] = labels[s] == (int32_t)(width == 1 ? 1 : r) ? 1.0F : 0.0F;
}

void targets_load(struct targets *targets, const struct workspace *workspace, const struct samples *samples, const uint32_t *rows)
{
    const uint32_t stride = workspace->stride, count = workspace->count, width = workspace->plan->output_width;
    for (uint32_t s = 0; s < stride; s++) {
        const uint32_t sample = s < count ? s : 0, row = rows ? rows[sample] : sample;
        if (targets->classes)
            targets->labels[s] = samples->labels[row];
        else
            for (uint32_t r = 0; r < width; r++)
                targets->value[(size_t)r * stride + s] = samples->y[(size_t)row * width + r];
    }
    if (targets->classes)
        one_hot(targets->labels, targets->value, width, stride);
}

/* LANES samples of one chunk: rows are `stride` apart. */
struct strip {
    float *value, *grad; /* grad NULL: evaluation */
    const float *target;
    size_t width, stride;
    float scale;
};

/* z becomes softmax z; log_sum [LANES] = log sum exp z. */
INLINE void softmax_lanes(float *value, size_t width, size_t stride, float *log_sum)
{
    float most[LANES], sum[LANES] = {0};
    memcpy(most, value, sizeof most);
    for (size_t r = 1; r < width; r++)
        for (int i = 0; i < LANES; i++)
            most[i] = value[r * stride + i] > most[i] ? value[r * stride + i] : most[i];
    for (size_t r = 0; r < width; r++)
        for (int i = 0; i < LANES; i++) {
            const float e = vec_exp(value[r * stride + i] - most[i]);
            value[r * stride + i] = e;
            sum[i] += e;
        }
    float share[LANES];
    for (int i = 0; i < LANES; i++) {
        share[i] = 1.0F / sum[i];
        log_sum[i] = vec_log(sum[i]) + most[i];
    }
    for (size_t r = 0; r < width; r++)
        for (int i = 0; i < LANES; i++)
            value[r * stride + i] *= share[i];
}

KERNEL static void cross_entropy_strip(const struct strip *strip, float *loss)
{
    const size_t width = strip->width, stride = strip->stride;
    float *value = strip->value, log_sum[LANES], total[LANES] = {0}, matched[LANES] = {0};
    for (size_t r = 0; r < width; r++)
        for (int i = 0; i < LANES; i++) {
            total[i] += strip->target[r * stride + i];
            matched[i] += strip->target[r * stride + i] * value[r * stride + i];
        }
    softmax_lanes(value, width, stride, log_sum);
    for (int i = 0; i < LANES; i++)
        loss[i] = total[i] * log_sum[i] - matched[i];
    for (size_t r = 0; strip->grad && r < width; r++)
        for (int i = 0; i < LANES; i++)
            strip->grad[r * stride + i] = strip->scale * (total[i] * value[r * stride + i] - strip->target[r * stride + i]);
}

KERNEL static void binary_cross_entropy_strip(const struct strip *strip, float *loss)
{
    const size_t stride = strip->stride;
    const float share = 1.0F / (float)strip->width;
    float sum[LANES] = {0};
    for (size_t r = 0; r < strip->width; r++)
        for (int i = 0; i < LANES; i++) {
            const float z = strip->value[r * stride + i], t = strip->target[r * stride + i];
            const float e = vec_exp(-vec_abs(z)), above = 1.0F / (1.0F + e);
            const float o = z < 0.0F ? e * above : above;
            sum[i] += (z > 0.0F ? z : 0.0F) - t * z + vec_log1p(e);
            strip->value[r * stride + i] = o;
            if (strip->grad)
                strip->grad[r * stride + i] = strip->scale * share * (o - t);
        }
    for (int i = 0; i < LANES; i++)
        loss[i] = sum[i] * share;
}

INLINE void head_lanes(enum head head, float *value, size_t width, size_t stride)
{
    float log_sum[LANES];
    if (head == HEAD_SOFTMAX) {
        softmax_lanes(value, width, stride, log_sum);
        return;
    }
    for (size_t r = 0; r < width; r++) {
        float *row = value + r * stride;
        if (head == HEAD_SIGMOID)
            for (int i = 0; i < LANES; i++)
                row[i] = vec_sigmoid(row[i]);
        else if (head == HEAD_STEP)
            for (int i = 0; i < LANES; i++)
                row[i] = row[i] > 0.0F ? 1.0F : row[i] == row[i] ? 0.0F : row[i];
    }
}

/* From the gradient by a head's outputs to that by its arguments. */
INLINE void head_backward_lanes(enum head head, const float *value, float *grad, size_t width, size_t stride)
{
    float mean[LANES] = {0};
    if (head == HEAD_SOFTMAX)
        for (size_t r = 0; r < width; r++)
            for (int i = 0; i < LANES; i++)
                mean[i] += value[r * stride + i] * grad[r * stride + i];
    for (size_t r = 0; r < width; r++)
        for (int i = 0; i < LANES; i++) {
            const float o = value[r * stride + i];
            const float slope = head == HEAD_SIGMOID ? o * (1.0F - o) : head == HEAD_SOFTMAX ? o : 1.0F;
            grad[r * stride + i] = (grad[r * stride + i] - mean[i]) * slope;
        }
}

/* Losses that look at each output's error on its own. */
INLINE void error_lanes(enum loss_kind kind, float delta, float error, float *loss, float *slope)
{
    const float size = vec_abs(error), sign = error > 0.0F ? 1.0F : error < 0.0F ? -1.0F : 0.0F;
    switch (kind) {
    case LOSS_MSE:
        *loss = error * error;
        *slope = 2.0F * error;
        break;
    case LOSS_HUBER:
        *loss = size > delta ? delta * (size - 0.5F * delta) : 0.5F * error * error;
        *slope = size > delta ? delta * sign : error;
        break;
    case LOSS_PERCEPTRON:
        *loss = size;
        *slope = error;
        break;
    default:
        *loss = size;
        *slope = sign;
        break;
    }
}

INLINE void error_loops(enum loss_kind kind, float delta, const struct strip *strip, float share, float *loss)
{
    for (size_t r = 0; r < strip->width; r++)
        for (int i = 0; i < LANES; i++) {
            const size_t at = r * strip->stride + i;
            float one, slope;
            error_lanes(kind, delta, strip->value[at] - strip->target[at], &one, &slope);
            loss[i] += share * one;
            if (strip->grad)
                strip->grad[at] = strip->scale * slope * (kind == LOSS_PERCEPTRON ? 1.0F : share);
        }
}

KERNEL static void error_strip(const struct objective *objective, const struct strip *strip, float *loss)
{
    const float share = 1.0F / (float)strip->width;
    memset(loss, 0, LANES * sizeof *loss);
    head_lanes(objective->head, strip->value, strip->width, strip->stride);
    switch (objective->loss) {
    case LOSS_MSE:
        error_loops(LOSS_MSE, 0, strip, share, loss);
        break;
    case LOSS_MAE:
        error_loops(LOSS_MAE, 0, strip, share, loss);
        break;
    case LOSS_HUBER:
        error_loops(LOSS_HUBER, objective->huber_delta, strip, share, loss);
        break;
    default:
        error_loops(LOSS_PERCEPTRON, 0, strip, share, loss);
        break;
    }
    if (strip->grad && (objective->head == HEAD_SIGMOID || objective->head == HEAD_SOFTMAX))
        head_backward_lanes(objective->head, strip->value, strip->grad, strip->width, strip->stride);
}

KERNEL void head_apply(enum head head, float *value, uint32_t width, uint32_t stride)
{
    for (uint32_t s = 0; s < stride; s += LANES)
        head_lanes(head, value + s, width, stride);
}

/* Right answers among the first `count` of LANES samples: the class of the greatest output (the first of equal ones), or whether a
   single output is past one half. */
KERNEL static unsigned strip_hits(const struct strip *strip, const int32_t *labels, unsigned count)
{
    float most[LANES];
    int32_t best[LANES];
    for (int i = 0; i < LANES; i++) {
        most[i] = strip->value[i];
        best[i] = strip->width == 1 && most[i] > 0.5F ? 1 : 0;
    }
    for (size_t r = 1; r < strip->width; r++)
        for (int i = 0; i < LANES; i++) {
            const float value = strip->value[r * strip->stride + i];
            best[i] = value > most[i] ? (int32_t)r : best[i];
            most[i] = value > most[i] ? value : most[i];
        }
    unsigned hits = 0;
    for (unsigned i = 0; i < count; i++)
        hits += best[i] == labels[i] ? 1U : 0U;
    return hits;
}

void objective_run(const struct objective *objective, struct workspace *workspace, const struct targets *targets, float scale,
                   struct tally *tally)
{
    const struct plan_op *output = plan_output(workspace->plan);
    float *value = workspace_row(workspace, output->value);
    float *grad = scale != 0 ? workspace_row(workspace, output->grad) : NULL;
    for (uint32_t s = 0; s < workspace->stride; s += LANES) {
        const unsigned count = workspace->count - s < LANES ? workspace->count - s : LANES;
        const struct strip strip = {value + s, grad ? grad + s : NULL, targets->value + s, output->width, workspace->stride, scale};
        float loss[LANES];
        if (objective->loss == LOSS_CROSS_ENTROPY)
            cross_entropy_strip(&strip, loss);
        else if (objective->loss == LOSS_BINARY_CROSS_ENTROPY)
            binary_cross_entropy_strip(&strip, loss);
        else
            error_strip(objective, &strip, loss);
        for (unsigned i = 0; i < count; i++)
            tally->loss += (double)loss[i];
        if (targets->classes)
            tally->hits += strip_hits(&strip, targets->labels + s, count);
        for (uint32_t r = 0; strip.grad && count < LANES && r < output->width; r++)
            memset(strip.grad + (size_t)r * strip.stride + count, 0, (LANES - count) * sizeof *grad);
    }
}
