/* A block is ROWS neurons by up to COLUMNS registers of inputs. The inputs of a column of blocks, 32 KB for 128 samples, stay in the
   first-level cache while all neurons run by; their weights and moments come and go. */
#include "engine/dense_step.h"

#include "engine/optimizer_steps.h"
#include "engine/simd.h"
#include "engine/turn.h"

enum { ROWS = 4, COLUMNS = 4, BLOCK = ROWS * COLUMNS };

/* From here on: fewer inputs leave registers empty, fewer neurons do not pay for turning the inputs. */
enum { LEAST_DEPTH = 64, LEAST_WIDTH = 32 };

typedef float loose_lanes __attribute__((vector_size(4 * LANES), aligned(4), may_alias));

bool dense_step_serves(size_t width, size_t depth)
{
    return width >= LEAST_WIDTH && depth >= LEAST_DEPTH && width % ROWS == 0 && depth % LANES == 0;
}

/* Registers of inputs that stand side by side at input `column`: 4, 2 or 1. */
INLINE size_t columns_at(size_t column, size_t depth)
{
    const size_t left = (depth - column) / LANES;
    return left >= 4 ? 4 : left >= 2 ? 2 : 1;
}

KERNEL void dense_turn(const float *x, float *turned, size_t stride, size_t from, size_t to)
{
    for (size_t columns, column = from; column < to; column += columns * LANES) {
        columns = columns_at(column, to);
        for (size_t c = 0; c < columns; c++)
            for (size_t s = 0; s < stride; s += LANES) {
                lanes row[LANES];
                lanes *out = (lanes *)(turned + column * stride) + s * columns + c;
#pragma GCC unroll 16
                for (size_t i = 0; i < LANES; i++)
                    row[i] = *(const lanes *)(x + (column + c * LANES + i) * stride + s);
                turn_sixteen(row);
#pragma GCC unroll 16
                for (size_t i = 0; i < LANES; i++)
                    out[i * columns] = row[i];
            }
    }
}

/* A block whose gradient is known and whose step is not taken. */
struct waiting {
    lanes gradient[BLOCK];
    size_t at;      /* its first weight */
    size_t columns; /* 4, 2, 1; 0: there is none */
};

INLINE size_t weight_at(const struct dense_step *d, size_t at, size_t columns, size_t i)
{
    return at + i / columns * d->depth + i % columns * LANES;
}

INLINE void fetch(const float *from, size_t at)
{
    if (from)
        __builtin_prefetch(from + at, 1);
}

#define AT(rows) (*(loose_lanes *)((rows) + at))

typedef void step_function(struct sixteen *, const struct optimizer_figures *, const struct treatment *);

/* Register i of the block. */
INLINE void step_one(const struct dense_step *d, const struct waiting *waiting, size_t i, step_function *step, bool first,
                     bool second)
{
    const size_t at = weight_at(d, waiting->at, waiting->columns, i);
    const struct treatment *treatment = &d->treatment;
    struct sixteen s = {.p = AT(d->weights), .g = waiting->gradient[i]};
    if (first)
        s.first = AT(d->first);
    if (second)
        s.second = AT(d->second);
    if (treatment->l1 != 0 || treatment->l2 != 0)
        penalise(&s, treatment->l1, treatment->l2);
    step(&s, &d->optimizer->figures, treatment);
    AT(d->weights) = s.p;
    if (first)
        AT(d->first) = s.first;
    if (second)
        AT(d->second) = s.second;
}

INLINE void block(const struct dense_step *d, size_t row, size_t column, size_t columns, struct waiting *waiting,
                  step_function *step, bool first, bool second)
{
    const size_t stride = d->stride, at = row * d->depth + column;
    const float *dy = d->dy + row * stride;
    const lanes *in = (const lanes *)(d->turned + column * stride);
    lanes sum[ROWS][COLUMNS];
#pragma GCC unroll 4
    for (size_t r = 0; r < ROWS; r++)
#pragma GCC unroll 4
        for (size_t c = 0; c < columns; c++)
            if (d->add)
                sum[r][c] = *(const loose_lanes *)(d->dw + at + r * d->depth + c * LANES);
            else
                sum[r][c] = (lanes){0};
    for (size_t i = 0; i < BLOCK; i++) {
        for (size_t s = 0; s < stride / BLOCK; s++, dy++, in += columns)
#pragma GCC unroll 4
            for (size_t r = 0; r < ROWS; r++)
#pragma GCC unroll 4
                for (size_t c = 0; c < columns; c++)
                    sum[r][c] += dy[r * stride] * in[c];
        if (!step)
            continue;
        if (i < ROWS * columns) {
            const size_t next = weight_at(d, at, columns, i);
            fetch(d->weights, next);
            fetch(d->first, next);
            fetch(d->second, next);
        }
        if (i < ROWS * waiting->columns)
            step_one(d, waiting, i, step, first, second);
    }
#pragma GCC unroll 4
    for (size_t r = 0; r < ROWS; r++)
#pragma GCC unroll 4
        for (size_t c = 0; c < columns; c++)
            if (step)
                waiting->gradient[r * columns + c] = sum[r][c];
            else
                *(loose_lanes *)(d->dw + at + r * d->depth + c * LANES) = sum[r][c];
    waiting->at = at;
    waiting->columns = columns;
}

INLINE void column_of_blocks(const struct dense_step *d, size_t from, size_t to, size_t column, size_t columns,
                             struct load_cursor *cursor, struct waiting *waiting, step_function *step, bool first, bool second)
{
    for (size_t row = from; row < to; row += ROWS) {
        load_part(cursor);
        block(d, row, column, columns, waiting, step, first, second);
    }
}

INLINE void run(const struct dense_step *d, size_t from, size_t to, step_function *step, bool first, bool second)
{
    const size_t blocks = (d->depth + COLUMNS * LANES - 1) / (COLUMNS * LANES);
    struct load_cursor cursor = load_begin(&d->ahead, from / ROWS * blocks, d->width / ROWS * blocks);
    struct waiting waiting = {.columns = 0};
    size_t column = 0;
    for (; column + 4 * LANES <= d->depth; column += 4 * LANES)
        column_of_blocks(d, from, to, column, 4, &cursor, &waiting, step, first, second);
    for (; column + 2 * LANES <= d->depth; column += 2 * LANES)
        column_of_blocks(d, from, to, column, 2, &cursor, &waiting, step, first, second);
    if (column < d->depth)
        column_of_blocks(d, from, to, column, 1, &cursor, &waiting, step, first, second);
    for (size_t i = 0; step && i < ROWS * waiting.columns; i++)
        step_one(d, &waiting, i, step, first, second);
}

#define RUN_STEP(STEP, FIRST, SECOND) run(d, from, to, STEP, FIRST, SECOND);

KERNEL static void run_stepping(const struct dense_step *d, size_t from, size_t to){BY_OPTIMIZER(d->optimizer->options, RUN_STEP)}

KERNEL static void run_gradient(const struct dense_step *d, size_t from, size_t to)
{
    run(d, from, to, NULL, false, false);
}

void dense_step_run(const struct dense_step *step, size_t from, size_t to)
{
    (step->optimizer ? run_stepping : run_gradient)(step, from, to);
}
