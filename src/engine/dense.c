/* Two register-blocked micro kernels do all the work.

   multiply: R rows of the result over C registers of samples stay in R x C accumulators while the inner dimension runs by; each
   step loads C registers and broadcasts R weights for R x C multiply-adds. Forward and backward pass differ only in how the
   weights are walked, so one kernel with two strides serves both.

   dots: R x C dot products of rows of dy with rows of x, each in an accumulator of sixteen partial sums; a tree of shuffles then
   sums sixteen accumulators at once (three instructions a sum instead of eight). */
#include "engine/dense.h"

#include "engine/simd.h"
#include "engine/sums.h"

enum { ROWS = 4, COLUMNS = 4 };

/* Floats of the right matrix at a time: 32 KB, which the first-level cache holds beside the rest. */
enum { PIECE = 8192, LEAST_PIECE = 32 };

/* Measured (tests/bench): with thirty-two registers of sixteen floats the kernels reach 200 to 280 GFLOP/s where OpenBLAS 0.3.21
   has 50 to 130 on the same processor, until the weights outgrow the second-level cache. With sixteen registers of eight the
   accumulators do not fit, and only what costs less than a call pays. */
#define MOST_WEIGHTS_WIDE   ((size_t)1 << 20)
#define MOST_WEIGHTS_NARROW ((size_t)1 << 12)

size_t dense_most_weights(void)
{
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") ? MOST_WEIGHTS_WIDE : MOST_WEIGHTS_NARROW;
#else
    return MOST_WEIGHTS_NARROW;
#endif
}

/* y[r][·] = start + sum over k of weights[r * row_step + k * inner_step] x[k][·]. */
struct multiply {
    const float *weights;
    size_t row_step, inner_step, inner;
    const float *x;
    float *y;
    size_t stride;
    const float *bias; /* NULL: start at 0, or at y where `add` */
    bool add;
};

INLINE void multiply_step(const struct multiply *m, const float *weights, const float *x, lanes sum[ROWS][COLUMNS], int rows,
                          int columns)
{
    const lanes *in = (const lanes *)x;
#pragma GCC unroll 4
    for (int r = 0; r < rows; r++) {
        const float weight = weights[(size_t)r * m->row_step];
#pragma GCC unroll 4
        for (int c = 0; c < columns; c++)
            sum[r][c] += weight * in[c];
    }
}

INLINE void multiply_block(const struct multiply *m, size_t row, size_t sample, int rows, int columns)
{
    lanes sum[ROWS][COLUMNS];
    const float *weights = m->weights + row * m->row_step;
    const float *x = m->x + sample;
    float *y = m->y + row * m->stride + sample;
#pragma GCC unroll 4
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 4
        for (int c = 0; c < columns; c++)
            if (m->add)
                sum[r][c] = ((lanes *)(y + r * m->stride))[c];
            else
                sum[r][c] = (lanes){0} + (m->bias ? m->bias[row + r] : 0.0F);
    size_t k = 0;
    for (; k + 4 <= m->inner; k += 4) {
        __builtin_prefetch(
            weights + (m->inner_step == 1 ? (4 + k / 4 % 4) * m->row_step + k / 16 * 16 : (k + row / 4 % 4) * m->inner_step + 16));
#pragma GCC unroll 4
        for (size_t i = 0; i < 4; i++)
            multiply_step(m, weights + (k + i) * m->inner_step, x + (k + i) * m->stride, sum, rows, columns);
    }
    for (; k < m->inner; k++)
        multiply_step(m, weights + k * m->inner_step, x + k * m->stride, sum, rows, columns);
#pragma GCC unroll 4
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 4
        for (int c = 0; c < columns; c++)
            ((lanes *)(y + r * m->stride))[c] = sum[r][c];
}

/* `rows` rows of the result, over all samples. */
INLINE void multiply_rows(const struct multiply *m, size_t row, int rows)
{
    size_t sample = 0;
    for (; sample + 4 * LANES <= m->stride; sample += 4 * LANES)
        multiply_block(m, row, sample, rows, 4);
    for (; sample + 2 * LANES <= m->stride; sample += 2 * LANES)
        multiply_block(m, row, sample, rows, 2);
    if (sample < m->stride)
        multiply_block(m, row, sample, rows, 1);
}

/* The inner dimension in pieces, so that what is read again for every four rows stays in the first-level cache. */
KERNEL static void multiply(const struct multiply *whole, size_t rows)
{
    struct multiply m = *whole;
    const size_t piece = PIECE / m.stride > LEAST_PIECE ? PIECE / m.stride : LEAST_PIECE;
    for (size_t left = whole->inner; left > 0; left -= m.inner) {
        m.inner = left < piece ? left : piece;
        size_t row = 0;
        for (; row + 4 <= rows; row += 4)
            multiply_rows(&m, row, 4);
        for (; row + 2 <= rows; row += 2)
            multiply_rows(&m, row, 2);
        if (row < rows)
            multiply_rows(&m, row, 1);
        m.weights += m.inner * m.inner_step;
        m.x += m.inner * m.stride;
        m.add = true;
    }
}

void dense_forward(const float *weights, const float *bias, const float *x, float *y, size_t width, size_t depth, size_t stride)
{
    multiply(&(struct multiply){weights, depth, 1, depth, x, y, stride, bias, false}, width);
}

void dense_backward(const float *weights, const float *dy, float *dx, size_t width, size_t depth, size_t inputs, size_t stride,
                    bool add)
{
    multiply(&(struct multiply){weights, 1, depth, width, dy, dx, stride, NULL, add}, inputs);
}

struct dots {
    const float *dy, *x;
    float *dw, *db;
    size_t width, depth, stride;
    bool add;
};

INLINE void put(float *at, float value, bool add)
{
    *at = add ? *at + value : value;
}

/* dw[row .. row + rows)[column .. column + columns), and db[row .. row + rows) where `bias`: the sum of a row of dy takes the place
   of one more column, so that columns + bias <= COLUMNS. */
INLINE void dots_block(const struct dots *d, size_t row, size_t column, int rows, int columns, bool bias)
{
    lanes sum[ROWS * COLUMNS] = {{0}};
    const float *dy = d->dy + row * d->stride;
    const float *x = d->x + column * d->stride;
    for (size_t s = 0; s < d->stride; s += LANES) {
#pragma GCC unroll 4
        for (int r = 0; r < rows; r++) {
            const lanes left = *(const lanes *)(dy + r * d->stride + s);
#pragma GCC unroll 4
            for (int c = 0; c < columns; c++)
                sum[COLUMNS * r + c] += left * *(const lanes *)(x + c * d->stride + s);
            if (bias)
                sum[COLUMNS * r + columns] += left;
        }
    }
    lanes sums;
    sum_sixteen(sum, &sums);
#pragma GCC unroll 4
    for (int r = 0; r < rows; r++) {
#pragma GCC unroll 4
        for (int c = 0; c < columns; c++)
            put(d->dw + (row + r) * d->depth + column + c, sums[COLUMNS * r + c], d->add);
        if (bias && d->db)
            put(d->db + row + r, sums[COLUMNS * r + columns], d->add);
    }
}

INLINE void dots_strip(const struct dots *d, size_t row, int rows)
{
    size_t column = 0;
    for (; column + COLUMNS <= d->depth; column += COLUMNS)
        dots_block(d, row, column, rows, COLUMNS, false);
    switch (2 * (d->depth - column) + (d->db ? 1 : 0)) {
    case 7:
        dots_block(d, row, column, rows, 3, true);
        break;
    case 6:
        dots_block(d, row, column, rows, 3, false);
        break;
    case 5:
        dots_block(d, row, column, rows, 2, true);
        break;
    case 4:
        dots_block(d, row, column, rows, 2, false);
        break;
    case 3:
        dots_block(d, row, column, rows, 1, true);
        break;
    case 2:
        dots_block(d, row, column, rows, 1, false);
        break;
    case 1:
        dots_block(d, row, column, rows, 0, true);
        break;
    default:
        break;
    }
}

KERNEL static void dots(const struct dots *d)
{
    size_t row = 0;
    for (; row + 4 <= d->width; row += 4)
        dots_strip(d, row, 4);
    for (; row + 2 <= d->width; row += 2)
        dots_strip(d, row, 2);
    if (row < d->width)
        dots_strip(d, row, 1);
}

void dense_gradient(const float *dy, const float *x, float *dw, float *db, size_t width, size_t depth, size_t stride, bool add)
{
    dots(&(struct dots){dy, x, dw, db, width, depth, stride, add});
}
