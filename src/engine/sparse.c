#include "engine/sparse.h"

#include <stdlib.h>
#include <string.h>

#include "engine/loops.h"
#include "engine/simd.h"
#include "engine/sums.h"
#include "support/memory.h"
#include "support/random.h"

/* `columns` registers of samples of one neuron stay in accumulators while its connections run by. */
INLINE void forward_block(const uint32_t *input, const float *weights, uint32_t count, float bias, const float *x, float *y,
                          size_t stride, int columns)
{
    lanes sum[4];
#pragma GCC unroll 4
    for (int c = 0; c < columns; c++)
        sum[c] = (lanes){0} + bias;
    for (uint32_t k = 0; k < count; k++) {
        const lanes *in = (const lanes *)(x + input[k] * stride);
        const float weight = weights[k];
#pragma GCC unroll 4
        for (int c = 0; c < columns; c++)
            sum[c] += weight * in[c];
    }
#pragma GCC unroll 4
    for (int c = 0; c < columns; c++)
        ((lanes *)y)[c] = sum[c];
}

KERNEL void sparse_forward(const struct plan_sparse *sparse, const float *weights, const float *bias, const float *x, float *y,
                           size_t width, size_t stride, size_t from, size_t to, struct load_share ahead)
{
    struct load_cursor cursor = load_begin(&ahead, from, width);
    for (size_t o = from; o < to; o++) {
        load_part(&cursor);
        const uint32_t first = sparse->start[o], count = sparse->start[o + 1] - first;
        const float b = bias ? bias[o] : 0.0F;
        size_t s = 0;
        for (; s + 4 * LANES <= stride; s += 4 * LANES)
            forward_block(sparse->input + first, weights + first, count, b, x + s, y + o * stride + s, stride, 4);
        for (; s < stride; s += LANES)
            forward_block(sparse->input + first, weights + first, count, b, x + s, y + o * stride + s, stride, 1);
    }
}

KERNEL void sparse_backward(const struct plan_sparse *sparse, const float *weights, const float *dy, float *dx, size_t width,
                            size_t depth, size_t stride, size_t from, size_t to, bool add)
{
    for (size_t i = 0; !add && i < depth; i++)
        memset(dx + i * stride + from, 0, (to - from) * sizeof *dx);
    for (size_t o = 0; o < width; o++)
        for (uint32_t k = sparse->start[o]; k < sparse->start[o + 1]; k++) {
            float *left = dx + sparse->input[k] * stride;
            const float *right = dy + o * stride;
            for (size_t s = from; s < to; s += LANES)
                *(lanes *)(left + s) += weights[k] * *(const lanes *)(right + s);
        }
}

/* Products of rows whose lanes are still to be added up, for neighbouring weights: sixteen of them are added up at once, and that is done
   for some sixteens together, since products wait for the second-level cache and sums for each other. */
enum { WAITING = 4 * LANES };

struct waiting {
    lanes sum[WAITING];
    unsigned count;
    float *to;
    bool add;
};

INLINE void store_sixteen(struct waiting *waiting, const lanes *sum)
{
    lanes sixteen[LANES], sums;
#pragma GCC unroll 16
    for (int i = 0; i < LANES; i++)
        sixteen[i] = sum[i];
    sum_sixteen(sixteen, &sums);
    for (int i = 0; i < LANES; i++)
        waiting->to[i] = waiting->add ? waiting->to[i] + sums[i] : sums[i];
    waiting->to += LANES;
}

INLINE void store_waiting(struct waiting *waiting)
{
    unsigned i = 0;
    for (; i + LANES <= waiting->count; i += LANES)
        store_sixteen(waiting, waiting->sum + i);
    for (; i < waiting->count; i++, waiting->to++) {
        const float sum = sum_one(&waiting->sum[i]);
        *waiting->to = waiting->add ? *waiting->to + sum : sum;
    }
    waiting->count = 0;
}

/* Products of a row of dy with `count` rows of x go to `to`: `columns` registers of samples, or, where that is 0, as many as `length` has. */
INLINE void multiply_rows(const float *row, const uint32_t *input, uint32_t count, const float *x, lanes *to, size_t length,
                          int columns)
{
    lanes left[4];
#pragma GCC unroll 4
    for (int c = 0; c < columns; c++)
        left[c] = ((const lanes *)row)[c];
    for (uint32_t k = 0; k < count; k++) {
        const lanes *in = (const lanes *)(x + input[k] * length);
        lanes sum = {0};
#pragma GCC unroll 4
        for (int c = 0; c < columns; c++)
            sum += left[c] * in[c];
        for (size_t c = columns; c < length / LANES; c++)
            sum += ((const lanes *)row)[c] * in[c];
        to[k] = sum;
    }
}

INLINE void gradient_rows(const struct plan_sparse *sparse, const float *dy, const float *x, struct waiting *waiting, size_t width,
                          size_t stride, size_t from, size_t to, struct load_share ahead, int columns)
{
    const size_t length = columns > 0 ? (size_t)columns * LANES : stride;
    struct load_cursor cursor = load_begin(&ahead, from, width);
    for (size_t o = from; o < to; o++) {
        load_part(&cursor);
        const uint32_t last = sparse->start[o + 1];
        for (uint32_t k = sparse->start[o], count; k < last; k += count) {
            count = last - k < WAITING - waiting->count ? last - k : WAITING - waiting->count;
            multiply_rows(dy + o * length, sparse->input + k, count, x, waiting->sum + waiting->count, length, columns);
            waiting->count += count;
            if (waiting->count == WAITING)
                store_waiting(waiting);
        }
    }
}

/* Batches of 64 are what most trainings take. */
KERNEL void sparse_gradient(const struct plan_sparse *sparse, const float *dy, const float *x, float *dw, float *db, size_t width,
                            size_t stride, size_t from, size_t to, bool add, struct load_share ahead)
{
    struct waiting waiting;
    waiting.count = 0;
    waiting.to = dw + sparse->start[from];
    waiting.add = add;
    if (stride == 4 * LANES)
        gradient_rows(sparse, dy, x, &waiting, width, stride, from, to, ahead, 4);
    else
        gradient_rows(sparse, dy, x, &waiting, width, stride, from, to, ahead, 0);
    store_waiting(&waiting);
    if (db)
        floats_sum_rows(db + from, dy + from * stride, to - from, stride, add);
}

void sparse_spread(const struct plan_sparse *sparse, const float *weights, float *full, size_t depth, size_t from, size_t to)
{
    for (size_t o = from; o < to; o++)
        for (uint32_t k = sparse->start[o]; k < sparse->start[o + 1]; k++)
            full[o * depth + sparse->input[k]] = weights[k];
}

void sparse_collect(const struct plan_sparse *sparse, const float *rows, float *stored, size_t depth, size_t from, size_t to,
                    bool add)
{
    for (size_t o = from; o < to; o++)
        for (uint32_t k = sparse->start[o]; k < sparse->start[o + 1]; k++) {
            const float value = rows[(o - from) * depth + sparse->input[k]];
            stored[k] = add ? stored[k] + value : value;
        }
}

static int ascending(const void *a, const void *b)
{
    const uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

/* `count` of 0..depth-1 without repetition, ascending: Floyd's algorithm (Bentley and Floyd, "A sample of brilliance", CACM 1987).
   `drawn_for` [depth] remembers for which neuron (from 1) each input was last drawn. */
static void draw_inputs(uint32_t *input, uint32_t count, uint32_t depth, uint32_t *drawn_for, uint32_t neuron,
                        struct random *random)
{
    for (uint32_t k = 0, j = depth - count; j < depth; j++, k++) {
        uint32_t pick = random_below(random, j + 1);
        if (drawn_for[pick] == neuron)
            pick = j;
        drawn_for[pick] = neuron;
        input[k] = pick;
    }
    qsort(input, count, sizeof *input, ascending);
}

bool sparse_draw(struct plan_sparse *sparse, size_t width, size_t depth, size_t count, uint64_t seed, uint32_t tensor)
{
    sparse->start = mem_array(width + 1, sizeof *sparse->start);
    sparse->input = mem_array(count ? count : 1, sizeof *sparse->input);
    uint32_t *drawn_for = mem_array(depth, sizeof *drawn_for);
    const bool ok = sparse->start && sparse->input && drawn_for;
    if (ok) {
        struct random random = random_stream(seed, RANDOM_MASK, tensor);
        for (size_t o = 0; o < width; o++) {
            const uint32_t inputs = (uint32_t)(count / width + (o < count % width ? 1 : 0));
            draw_inputs(sparse->input + sparse->start[o], inputs, (uint32_t)depth, drawn_for, (uint32_t)o + 1, &random);
            sparse->start[o + 1] = sparse->start[o] + inputs;
        }
    }
    mem_free(drawn_for);
    return ok;
}

void sparse_release(struct plan_sparse *sparse)
{
    mem_free(sparse->start);
    mem_free(sparse->input);
    *sparse = (struct plan_sparse){0};
}
