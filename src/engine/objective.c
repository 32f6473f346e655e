#include "engine/objective.h"

#include <string.h>

#include "engine/loops.h"
#include "engine/simd.h"
#include "engine/vecmath.h"
#include "support/memory.h"

/* What each loss means with each head, AUTO: nothing. */
static const enum loss_kind loss_table[HEAD_STEP + 1][LOSS_KINDS] = {
    [HEAD_LINEAR] = {[LOSS_AUTO] = LOSS_MSE,
                     [LOSS_MSE] = LOSS_MSE,
                     [LOSS_MAE] = LOSS_MAE,
                     [LOSS_HUBER] = LOSS_HUBER,
                     [LOSS_HINGE] = LOSS_HINGE},
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

bool targets_init(struct targets *targets, const struct workspace *workspace, const struct objective *objective, bool classes)
{
    const bool weighted = classes && objective->class_weights;
    *targets = (struct targets){.classes = classes, .weight = weighted ? mem_floats(workspace->capacity) : NULL};
    targets->value = mem_floats((size_t)workspace->plan->output_width * workspace->capacity);
    targets->labels = mem_array(workspace->capacity, sizeof *targets->labels);
    return targets->value && targets->labels && (targets->weight || !weighted);
}

void targets_release(struct targets *targets)
{
    mem_free_floats(targets->value);
    mem_free_floats(targets->weight);
    mem_free(targets->labels);
    *targets = (struct targets){0};
}

/* Of the lanes behind the last sample: nobody's answer. */
enum { NO_LABEL = -1 };

/* One-hot rows, smoothed; a single output stands for the second class. */
KERNEL static void one_hot(const int32_t *labels, float *to, uint32_t width, uint32_t stride, float smoothing)
{
    const float off = smoothing / (float)(width == 1 ? 2 : width), on = 1.0F - smoothing + off;
    for (uint32_t r = 0; r < width; r++)
        for (uint32_t s = 0; s < stride; s++)
            to[(size_t)r * stride + s] = labels[s] == (int32_t)(width == 1 ? 1 : r) ? on : off;
}

void targets_load(struct targets *targets, const struct workspace *workspace, const struct objective *objective,
                  const struct samples *samples, const uint32_t *rows)
{
    const uint32_t stride = workspace->stride, count = workspace->count, width = workspace->plan->output_width;
    for (uint32_t s = 0; s < stride; s++) {
        const uint32_t sample = s < count ? s : 0, row = rows ? rows[sample] : sample;
        if (targets->classes)
            targets->labels[s] = s < count ? samples->labels[row] : NO_LABEL;
        else
            for (uint32_t r = 0; r < width; r++)
                targets->value[(size_t)r * stride + s] = samples->y[(size_t)row * width + r];
    }
    if (targets->classes)
        one_hot(targets->labels, targets->value, width, stride, objective->smoothing);
    for (uint32_t s = 0; targets->weight && s < stride; s++)
        targets->weight[s] = s < count ? objective->class_weights[targets->labels[s]] : 0.0F;
}

/* One chunk as the loops below see it. Each loop runs over one row, all samples side by side. */
struct block {
    float *value, *grad; /* [width x stride] */
    bool graded;         /* training: grad is wanted, and there */
    const float *target; /* [width x stride] */
    size_t width, stride;
    float scale;
    _Alignas(64) float loss[PLAN_MOST_CHUNK]; /* of each sample */
};

/* z becomes softmax z; log_sum [stride] = log sum exp z. */
INLINE void softmax_rows(float *value, size_t width, size_t stride, float *log_sum)
{
    float most[PLAN_MOST_CHUNK], sum[PLAN_MOST_CHUNK];
    for (size_t s = 0; s < stride; s++) {
        most[s] = value[s];
        sum[s] = 0;
    }
    for (size_t r = 1; r < width; r++)
        for (size_t s = 0; s < stride; s++)
            most[s] = value[r * stride + s] > most[s] ? value[r * stride + s] : most[s];
    for (size_t r = 0; r < width; r++)
        for (size_t s = 0; s < stride; s++) {
            const float e = vec_exp(value[r * stride + s] - most[s]);
            value[r * stride + s] = e;
            sum[s] += e;
        }
    for (size_t s = 0; s < stride; s++) {
        log_sum[s] = vec_log(sum[s]) + most[s];
        sum[s] = 1.0F / sum[s];
    }
    for (size_t r = 0; r < width; r++)
        for (size_t s = 0; s < stride; s++)
            value[r * stride + s] *= sum[s];
}

KERNEL static void cross_entropy(struct block *block)
{
    const size_t width = block->width, stride = block->stride;
    float *restrict value = block->value, *restrict grad = block->grad;
    const float *restrict target = block->target;
    float log_sum[PLAN_MOST_CHUNK], total[PLAN_MOST_CHUNK], matched[PLAN_MOST_CHUNK];
    for (size_t s = 0; s < stride; s++)
        total[s] = matched[s] = 0;
    for (size_t r = 0; r < width; r++)
        for (size_t s = 0; s < stride; s++) {
            total[s] += target[r * stride + s];
            matched[s] += target[r * stride + s] * value[r * stride + s];
        }
    softmax_rows(value, width, stride, log_sum);
    for (size_t s = 0; s < stride; s++)
        block->loss[s] = total[s] * log_sum[s] - matched[s];
    for (size_t r = 0; block->graded && r < width; r++)
        for (size_t s = 0; s < stride; s++)
            grad[r * stride + s] = block->scale * (total[s] * value[r * stride + s] - target[r * stride + s]);
}

KERNEL static void binary_cross_entropy(struct block *block)
{
    const size_t stride = block->stride;
    const float share = 1.0F / (float)block->width;
    for (size_t r = 0; r < block->width; r++) {
        float *restrict value = block->value + r * stride, *restrict grad = block->graded ? block->grad + r * stride : NULL;
        const float *restrict target = block->target + r * stride;
        for (size_t s = 0; s < stride; s++) {
            const float z = value[s], t = target[s], e = vec_exp(-vec_abs(z)), above = 1.0F / (1.0F + e);
            block->loss[s] += share * ((z > 0.0F ? z : 0.0F) - t * z + vec_log1p(e));
            value[s] = z < 0.0F ? e * above : above;
        }
        for (size_t s = 0; block->graded && s < stride; s++)
            grad[s] = block->scale * share * (value[s] - target[s]);
    }
}

INLINE void head_rows(enum head head, float *value, size_t width, size_t stride)
{
    float log_sum[PLAN_MOST_CHUNK];
    if (head == HEAD_SOFTMAX)
        softmax_rows(value, width, stride, log_sum);
    else if (head == HEAD_SIGMOID)
        for (size_t i = 0; i < width * stride; i++)
            value[i] = vec_sigmoid(value[i]);
    else if (head == HEAD_STEP)
        for (size_t i = 0; i < width * stride; i++)
            value[i] = value[i] > 0.0F ? 1.0F : value[i] == value[i] ? 0.0F : value[i];
}

KERNEL void head_apply(enum head head, float *value, uint32_t width, uint32_t stride)
{
    head_rows(head, value, width, stride);
}

/* From the gradient by the outputs of a sigmoid or softmax to that by its arguments. */
INLINE void head_backward(enum head head, const struct block *block)
{
    const size_t stride = block->stride;
    const float *restrict value = block->value;
    float *restrict grad = block->grad, mean[PLAN_MOST_CHUNK];
    for (size_t s = 0; s < stride; s++)
        mean[s] = 0;
    for (size_t r = 0; head == HEAD_SOFTMAX && r < block->width; r++)
        for (size_t s = 0; s < stride; s++)
            mean[s] += value[r * stride + s] * grad[r * stride + s];
    for (size_t r = 0; r < block->width; r++)
        for (size_t s = 0; s < stride; s++) {
            const float o = value[r * stride + s];
            grad[r * stride + s] = (grad[r * stride + s] - mean[s]) * o * (head == HEAD_SIGMOID ? 1.0F - o : 1.0F);
        }
}

/* Losses that look at each output's error on its own: loss and derivative. */
INLINE float error_loss(enum loss_kind kind, float delta, float error, float *slope)
{
    const float size = vec_abs(error), sign = error > 0.0F ? 1.0F : error < 0.0F ? -1.0F : 0.0F;
    switch (kind) {
    case LOSS_MSE:
        *slope = 2.0F * error;
        return error * error;
    case LOSS_HUBER:
        *slope = size > delta ? delta * sign : error;
        return size > delta ? delta * (size - 0.5F * delta) : 0.5F * error * error;
    case LOSS_PERCEPTRON:
        *slope = error;
        return size;
    default:
        *slope = sign;
        return size;
    }
}

INLINE void error_rows(enum loss_kind kind, float delta, struct block *block)
{
    const size_t stride = block->stride;
    const float share = 1.0F / (float)block->width, scale = kind == LOSS_PERCEPTRON ? block->scale : block->scale * share;
    float slope;
    for (size_t r = 0; r < block->width; r++) {
        const float *restrict value = block->value + r * stride, *restrict target = block->target + r * stride;
        float *restrict grad = block->graded ? block->grad + r * stride : NULL;
        for (size_t s = 0; s < stride; s++)
            block->loss[s] += share * error_loss(kind, delta, value[s] - target[s], &slope);
        for (size_t s = 0; block->graded && s < stride; s++) {
            error_loss(kind, delta, value[s] - target[s], &slope);
            grad[s] = scale * slope;
        }
    }
}

KERNEL static void error_block(const struct objective *objective, struct block *block)
{
    head_rows(objective->head, block->value, block->width, block->stride);
    switch (objective->loss) {
    case LOSS_MSE:
        error_rows(LOSS_MSE, 0, block);
        break;
    case LOSS_HUBER:
        error_rows(LOSS_HUBER, objective->huber_delta, block);
        break;
    case LOSS_PERCEPTRON:
        error_rows(LOSS_PERCEPTRON, 0, block);
        break;
    default:
        error_rows(LOSS_MAE, 0, block);
        break;
    }
    if (block->graded && objective->head == HEAD_SIGMOID)
        head_backward(HEAD_SIGMOID, block);
    else if (block->graded && objective->head == HEAD_SOFTMAX)
        head_backward(HEAD_SOFTMAX, block);
}

/* The margin by which the label's output must be ahead of each other one. A one-hot target tells the label. */
KERNEL static void hinge(struct block *block)
{
    const size_t width = block->width, stride = block->stride;
    const float *restrict value = block->value, *restrict target = block->target;
    const float share = 1.0F / (float)width;
    float right[PLAN_MOST_CHUNK], missed[PLAN_MOST_CHUNK];
    for (size_t s = 0; s < stride; s++)
        right[s] = missed[s] = 0;
    for (size_t r = 0; r < width; r++)
        for (size_t s = 0; s < stride; s++)
            right[s] += target[r * stride + s] * value[r * stride + s];
    for (size_t r = 0; r < width; r++)
        for (size_t s = 0; s < stride; s++) {
            const float margin = 1.0F - right[s] + value[r * stride + s], other = 1.0F - target[r * stride + s];
            const float over = margin < 0.0F ? 0.0F : other; /* also where it is not a number */
            block->loss[s] += over * margin * share;
            missed[s] += over;
            if (block->graded)
                block->grad[r * stride + s] = block->scale * share * over;
        }
    for (size_t r = 0; block->graded && r < width; r++)
        for (size_t s = 0; s < stride; s++)
            block->grad[r * stride + s] -= block->scale * share * target[r * stride + s] * missed[s];
}

KERNEL static void weigh(struct block *block, const float *restrict weight)
{
    const size_t stride = block->stride;
    for (size_t s = 0; s < stride; s++)
        block->loss[s] *= weight[s];
    for (size_t r = 0; block->graded && r < block->width; r++)
        for (size_t s = 0; s < stride; s++)
            block->grad[r * stride + s] *= weight[s];
}

/* Right answers: the class of the greatest output (the first of equal ones), or whether a single output is past one half. */
KERNEL static uint32_t count_hits(const struct block *block, const int32_t *restrict labels)
{
    const size_t stride = block->stride;
    const float *restrict value = block->value;
    int32_t best[PLAN_MOST_CHUNK];
    float most[PLAN_MOST_CHUNK];
    for (size_t s = 0; s < stride; s++) {
        most[s] = value[s];
        best[s] = block->width == 1 && value[s] > 0.5F ? 1 : 0;
    }
    for (size_t r = 1; r < block->width; r++)
        for (size_t s = 0; s < stride; s++) {
            const float here = value[r * stride + s];
            best[s] = here > most[s] ? (int32_t)r : best[s];
            most[s] = here > most[s] ? here : most[s];
        }
    uint32_t hits = 0;
    for (size_t s = 0; s < stride; s++)
        hits += best[s] == labels[s] ? 1U : 0U;
    return hits;
}

/* The lanes behind the last sample have no loss and no gradient. */
static void clear_padding(struct block *block, uint32_t count)
{
    for (size_t s = count; s < block->stride; s++)
        block->loss[s] = 0;
    for (size_t r = 0; block->graded && r < block->width; r++)
        for (size_t s = count; s < block->stride; s++)
            block->grad[r * block->stride + s] = 0;
}

void objective_run(const struct objective *objective, struct workspace *workspace, const struct targets *targets, float scale,
                   struct tally *tally)
{
    const struct plan_op *output = plan_output(workspace->plan);
    struct block block;
    block.value = workspace_row(workspace, output->value);
    block.graded = scale != 0;
    block.grad = block.graded ? workspace_row(workspace, output->grad) : NULL;
    block.target = targets->value;
    block.width = output->width;
    block.stride = workspace->stride;
    block.scale = scale;
    memset(block.loss, 0, block.stride * sizeof *block.loss);
    if (objective->loss == LOSS_CROSS_ENTROPY)
        cross_entropy(&block);
    else if (objective->loss == LOSS_BINARY_CROSS_ENTROPY)
        binary_cross_entropy(&block);
    else if (objective->loss == LOSS_HINGE)
        hinge(&block);
    else
        error_block(objective, &block);
    if (targets->weight)
        weigh(&block, targets->weight);
    if (targets->classes)
        tally->hits += count_hits(&block, targets->labels);
    if (workspace->count < workspace->stride)
        clear_padding(&block, workspace->count);
    tally->loss += (double)floats_sum(block.loss, block.stride);
}
