/* Heads and losses as inline functions over sixteen samples, with loops over the rows (outputs) inside. A loop over the sixteen lanes
   of a variable is one instruction where registers are as wide. */
#ifndef NEL_ENGINE_LOSS_BLOCKS_H
#define NEL_ENGINE_LOSS_BLOCKS_H

#include "engine/losses.h"
#include "engine/simd.h"
#include "engine/sums.h"
#include "engine/vecmath.h"

/* Sixteen samples of a chunk. */
struct block {
    float *value, *grad;
    const float *target;
    size_t width, stride;
    lanes scale; /* of the gradients, with the samples' weights */
    lanes loss;  /* of each sample, so far, without them */
};

INLINE lanes *row_of(float *rows, const struct block *block, size_t r)
{
    return (lanes *)(rows + r * block->stride);
}

INLINE const lanes *target_of(const struct block *block, size_t r)
{
    return (const lanes *)(block->target + r * block->stride);
}

/* Differences of outputs are not taken for greater than a float holds: 0 times infinity is not a number. */
#define MOST_APART 3e38F

/* z becomes e^(z - most), with `most` the greatest of the outputs; `sum` is theirs over the rows, and matched (where wanted) =
   sum t (z - most): both are small where the outputs are large. */
INLINE void exponentials(const struct block *block, lanes *sum, lanes *matched)
{
    lanes most = *row_of(block->value, block, 0);
    for (size_t r = 1; r < block->width; r++) {
        const lanes z = *row_of(block->value, block, r);
        EACH_LANE most[i] = z[i] > most[i] ? z[i] : most[i];
    }
    *sum = (lanes){0};
    for (size_t r = 0; r < block->width; r++) {
        lanes e = *row_of(block->value, block, r) - most;
        EACH_LANE e[i] = e[i] < -MOST_APART ? -MOST_APART : e[i];
        if (matched)
            *matched += *target_of(block, r) * e;
        EACH_LANE e[i] = vec_exp_below(e[i]);
        *row_of(block->value, block, r) = e;
        *sum += e;
    }
}

INLINE void cross_entropy(struct block *block)
{
    lanes total = {0}, matched = {0}, sum, log_sum;
    for (size_t r = 0; r < block->width; r++)
        total += *target_of(block, r);
    exponentials(block, &sum, &matched);
    const lanes share = 1.0F / sum;
    for (size_t r = 0; r < block->width; r++) {
        const lanes o = *row_of(block->value, block, r) * share;
        *row_of(block->value, block, r) = o;
        if (block->grad)
            *row_of(block->grad, block, r) = block->scale * (total * o - *target_of(block, r));
    }
    EACH_LANE log_sum[i] = vec_log_normal(sum[i]);
    block->loss = total * log_sum - matched;
}

INLINE void binary_cross_entropy(struct block *block)
{
    const float share = 1.0F / (float)block->width;
    for (size_t r = 0; r < block->width; r++) {
        lanes z = *row_of(block->value, block, r), loss;
        const lanes t = *target_of(block, r);
        EACH_LANE
        {
            const float e = vec_exp_below(-vec_abs(z[i])), above = 1.0F / (1.0F + e);
            loss[i] = (z[i] > 0.0F ? z[i] : 0.0F) - t[i] * z[i] + vec_log1p(e);
            z[i] = z[i] < 0.0F ? e * above : above;
        }
        block->loss += share * loss;
        *row_of(block->value, block, r) = z;
        if (block->grad)
            *row_of(block->grad, block, r) = block->scale * share * (z - t);
    }
}

INLINE void softmax(const struct block *block)
{
    lanes sum;
    exponentials(block, &sum, NULL);
    const lanes share = 1.0F / sum;
    for (size_t r = 0; r < block->width; r++)
        *row_of(block->value, block, r) *= share;
}

/* Heads that look at each argument on its own. */
INLINE void head_row(enum head head, lanes *z)
{
    if (head == HEAD_SIGMOID)
        EACH_LANE(*z)[i] = vec_sigmoid((*z)[i]);
    else if (head == HEAD_STEP)
        EACH_LANE(*z)[i] = (*z)[i] > 0.0F ? 1.0F : (*z)[i] == (*z)[i] ? 0.0F : (*z)[i];
}

/* From the gradient by the outputs of a softmax to that by its arguments. */
INLINE void softmax_backward(const struct block *block)
{
    lanes mean = {0};
    for (size_t r = 0; r < block->width; r++)
        mean += *row_of(block->value, block, r) * *row_of(block->grad, block, r);
    for (size_t r = 0; r < block->width; r++)
        *row_of(block->grad, block, r) = (*row_of(block->grad, block, r) - mean) * *row_of(block->value, block, r);
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

INLINE void error_rows(enum loss_kind kind, enum head head, float delta, struct block *block)
{
    const float share = 1.0F / (float)block->width;
    const lanes scale = block->scale * (kind == LOSS_PERCEPTRON ? 1.0F : share);
    if (head == HEAD_SOFTMAX)
        softmax(block);
    for (size_t r = 0; r < block->width; r++) {
        lanes o = *row_of(block->value, block, r), loss, grad;
        head_row(head, &o);
        *row_of(block->value, block, r) = o;
        const lanes error = o - *target_of(block, r);
        EACH_LANE
        {
            float by_error;
            loss[i] = error_loss(kind, delta, error[i], &by_error);
            grad[i] = by_error;
        }
        block->loss += share * loss;
        grad *= scale;
        if (head == HEAD_SIGMOID)
            grad = grad * o * (1.0F - o);
        if (block->grad)
            *row_of(block->grad, block, r) = grad;
    }
    if (block->grad && head == HEAD_SOFTMAX)
        softmax_backward(block);
}

/* Of a formula that has run over the chunk: losses, and the gradient by the outputs, which goes on through the head. What it gives
   for samples that do not count may be infinite, so it is left out rather than multiplied by 0. */
INLINE void formula_rows(enum head head, const float *loss, const lanes *weight, struct block *block)
{
    EACH_LANE block->loss[i] = (*weight)[i] != 0.0F ? loss[i] : 0.0F;
    for (size_t r = 0; block->grad && r < block->width; r++) {
        const lanes o = *row_of(block->value, block, r);
        lanes grad = *row_of(block->grad, block, r);
        EACH_LANE grad[i] = (*weight)[i] != 0.0F ? grad[i] * (*weight)[i] : 0.0F;
        if (head == HEAD_SIGMOID)
            grad = grad * o * (1.0F - o);
        *row_of(block->grad, block, r) = grad;
    }
    if (block->grad && head == HEAD_SOFTMAX)
        softmax_backward(block);
}

/* The margin by which the label's output must be ahead of each other one. A one-hot target tells the label. */
INLINE void hinge(struct block *block)
{
    const float share = 1.0F / (float)block->width;
    const lanes scale = block->scale * share;
    lanes right = {0}, missed = {0};
    for (size_t r = 0; r < block->width; r++)
        right += *target_of(block, r) * *row_of(block->value, block, r);
    for (size_t r = 0; r < block->width; r++) {
        lanes margin = 1.0F - right + *row_of(block->value, block, r);
        lanes over = 1.0F - *target_of(block, r);
        EACH_LANE over[i] = margin[i] < 0.0F ? 0.0F : over[i]; /* also where it is not a number */
        EACH_LANE margin[i] = margin[i] < 0.0F ? 0.0F : margin[i] > MOST_APART ? MOST_APART : margin[i];
        block->loss += over * margin * share;
        missed += over;
        if (block->grad)
            *row_of(block->grad, block, r) = scale * over;
    }
    for (size_t r = 0; block->grad && r < block->width; r++)
        *row_of(block->grad, block, r) -= scale * *target_of(block, r) * missed;
}

/* Right answers: the class of the greatest output (the first of equal ones), or whether a single output is past one half. */
INLINE void add_hits(const struct block *block, const int32_t *label, lane_counts *hits)
{
    lanes most = *row_of(block->value, block, 0);
    lane_counts best = {0};
    if (block->width == 1)
        EACH_LANE best[i] = most[i] > 0.5F ? 1 : 0;
    for (size_t r = 1; r < block->width; r++) {
        const lanes here = *row_of(block->value, block, r);
        EACH_LANE best[i] = here[i] > most[i] ? (int32_t)r : best[i];
        EACH_LANE most[i] = here[i] > most[i] ? here[i] : most[i];
    }
    const lane_counts wanted = *(const lane_counts *)label;
    EACH_LANE(*hits)[i] += best[i] == wanted[i] ? 1 : 0;
}

/* Weights of sixteen samples, of which `count` are real: the others count for nothing. */
INLINE void weights_of(const float *weight, size_t count, lanes *factor)
{
    *factor = (lanes){0} + 1.0F;
    if (weight)
        *factor = *(const lanes *)weight;
    if (count < LANES)
        EACH_LANE(*factor)[i] = (size_t)i < count ? (*factor)[i] : 0.0F;
}

/* What a chunk's blocks come to. */
struct loss_sums {
    lanes loss;
    lane_counts hits;
};

INLINE void loss_sums_tell(const struct loss_sums *sums, struct tally *tally)
{
    tally->loss += (double)sum_one(&sums->loss);
    int32_t right = 0;
    EACH_LANE right += sums->hits[i];
    tally->hits += (uint64_t)right;
}

/* Runs LOSS over `block`, which it makes of the sixteen samples of `chunk` from s on. */
#define LOSS_BLOCK(chunk, s, sums, LOSS)                                                                                           \
    {                                                                                                                              \
        lanes weight;                                                                                                              \
        weights_of((chunk)->weight ? (chunk)->weight + (s) : NULL, (chunk)->count - (s), &weight);                                 \
        struct block block = {.value = (chunk)->value + (s),                                                                       \
                              .grad = (chunk)->grad ? (chunk)->grad + (s) : NULL,                                                  \
                              .target = (chunk)->target + (s),                                                                     \
                              .width = (chunk)->width,                                                                             \
                              .stride = (chunk)->stride,                                                                           \
                              .scale = weight * (chunk)->scale};                                                                   \
        LOSS;                                                                                                                      \
        if ((chunk)->label)                                                                                                        \
            add_hits(&block, (chunk)->label + (s), &(sums)->hits);                                                                 \
        (sums)->loss += weight * block.loss;                                                                                       \
    }

/* Runs CALL(loss), with the loss of `objective` as code over a block; not for formulas. */
#define BY_LOSS(objective, CALL)                                                                                                   \
    switch ((objective)->loss) {                                                                                                   \
    case LOSS_CROSS_ENTROPY:                                                                                                       \
        CALL(cross_entropy(&block))                                                                                                \
        break;                                                                                                                     \
    case LOSS_BINARY_CROSS_ENTROPY:                                                                                                \
        CALL(binary_cross_entropy(&block))                                                                                         \
        break;                                                                                                                     \
    case LOSS_HINGE:                                                                                                               \
        CALL(hinge(&block))                                                                                                        \
        break;                                                                                                                     \
    case LOSS_MSE:                                                                                                                 \
        CALL(error_rows(LOSS_MSE, (objective)->head, 0, &block))                                                                   \
        break;                                                                                                                     \
    case LOSS_HUBER:                                                                                                               \
        CALL(error_rows(LOSS_HUBER, (objective)->head, (objective)->huber_delta, &block))                                          \
        break;                                                                                                                     \
    case LOSS_PERCEPTRON:                                                                                                          \
        CALL(error_rows(LOSS_PERCEPTRON, (objective)->head, 0, &block))                                                            \
        break;                                                                                                                     \
    default:                                                                                                                       \
        CALL(error_rows(LOSS_MAE, (objective)->head, 0, &block))                                                                   \
        break;                                                                                                                     \
    }

#endif
