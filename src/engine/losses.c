/* Which loss runs is asked once a chunk. */
#include "engine/losses.h"

#include "engine/loss_blocks.h"
#include "engine/loss_kernel.h"

#define RUN(LOSS)                                                                                                                  \
    for (size_t s = 0; s < chunk->stride; s += LANES)                                                                              \
    LOSS_BLOCK(chunk, s, &sums, LOSS)

INLINE void run(const struct objective *objective, const struct loss_chunk *chunk, struct loss_sums *to)
{
    struct loss_sums sums = {.loss = {0}};
    if (objective->loss == LOSS_FORMULA) {
        head_apply(objective->head, chunk->value, (uint32_t)chunk->width, (uint32_t)chunk->stride);
        loss_kernel_run(objective->formula, chunk);
        RUN(formula_rows(objective->head, chunk->scratch + s, &weight, &block))
    } else {
        BY_LOSS(objective, RUN)
    }
    *to = sums;
}

KERNEL void losses_run(const struct objective *objective, const struct loss_chunk *chunk, struct tally *tally)
{
    struct loss_sums sums;
    run(objective, chunk, &sums);
    loss_sums_tell(&sums, tally);
}

KERNEL void losses_run_lanes(const struct objective *objective, const struct loss_chunk *chunk, float losses[LANES],
                             int32_t hits[LANES])
{
    struct loss_sums sums;
    run(objective, chunk, &sums);
    EACH_LANE losses[i] = sums.loss[i];
    EACH_LANE hits[i] = sums.hits[i];
}

KERNEL void head_apply(enum head head, float *value, uint32_t width, uint32_t stride)
{
    for (size_t s = 0; s < stride; s += LANES) {
        const struct block block = {.value = value + s, .width = width, .stride = stride};
        if (head == HEAD_SOFTMAX)
            softmax(&block);
        for (size_t r = 0; head != HEAD_SOFTMAX && r < width; r++)
            head_row(head, row_of(block.value, &block, r));
    }
}
