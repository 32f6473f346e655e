/* Every fast kernel against a naive loop in double precision, over odd sizes, adding and writing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "engine/blas.h"
#include "engine/dense.h"
#include "engine/dense_step.h"
#include "engine/loops.h"
#include "engine/sparse.h"
#include "support/memory.h"
#include "support/random.h"

enum { MOST = 70, MOST_STRIDE = 144 };

struct matrices {
    float *w, *b, *x, *dy;
    float *y, *dx, *dw, *db; /* results, and what they started with */
    float *y0, *dx0, *dw0, *db0;
    size_t width, depth, stride;
};

static float *filled(size_t count, struct random *random)
{
    float *at = mem_floats(count + 1);
    assert_non_null(at);
    for (size_t i = 0; i < count; i++)
        at[i] = (float)random_normal(random);
    return at;
}

static float *copy_of(const float *from, size_t count)
{
    float *at = mem_floats(count + 1);
    assert_non_null(at);
    memcpy(at, from, count * sizeof *at);
    return at;
}

static struct matrices matrices_new(size_t width, size_t depth, size_t stride, struct random *random)
{
    struct matrices m = {.width = width, .depth = depth, .stride = stride};
    m.w = filled(width * depth, random);
    m.b = filled(width, random);
    m.x = filled(depth * stride, random);
    m.dy = filled(width * stride, random);
    m.y0 = filled(width * stride, random);
    m.dx0 = filled(depth * stride, random);
    m.dw0 = filled(width * depth, random);
    m.db0 = filled(width, random);
    m.y = copy_of(m.y0, width * stride);
    m.dx = copy_of(m.dx0, depth * stride);
    m.dw = copy_of(m.dw0, width * depth);
    m.db = copy_of(m.db0, width);
    return m;
}

static void matrices_release(struct matrices *m)
{
    float *all[] = {m->w, m->b, m->x, m->dy, m->y, m->dx, m->dw, m->db, m->y0, m->dx0, m->dw0, m->db0};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        mem_free_floats(all[i]);
}

static void near(float got, double exact, double terms)
{
    if (!(fabs((double)got - exact) <= 4e-6 * (sqrt(terms) + 1) * (fabs(exact) + 1)))
        fail_msg("%.9g, should be %.9g", (double)got, exact);
}

/* Weights as a matrix, zeros where a sparse layer has none. */
static void check(const struct matrices *m, const float *w, const float *dw, bool bias, bool add)
{
    const size_t s_count = m->stride;
    for (size_t o = 0; o < m->width; o++)
        for (size_t s = 0; s < s_count; s++) {
            double sum = bias ? (double)m->b[o] : 0;
            for (size_t i = 0; i < m->depth; i++)
                sum += (double)w[o * m->depth + i] * (double)m->x[i * s_count + s];
            near(m->y[o * s_count + s], sum, (double)m->depth);
        }
    for (size_t i = 0; i < m->depth; i++)
        for (size_t s = 0; s < s_count; s++) {
            double sum = add ? (double)m->dx0[i * s_count + s] : 0;
            for (size_t o = 0; o < m->width; o++)
                sum += (double)w[o * m->depth + i] * (double)m->dy[o * s_count + s];
            near(m->dx[i * s_count + s], sum, (double)m->width);
        }
    for (size_t o = 0; o < m->width; o++) {
        double sum_b = add ? (double)m->db0[o] : 0;
        for (size_t s = 0; s < s_count; s++)
            sum_b += (double)m->dy[o * s_count + s];
        near(bias ? m->db[o] : (float)sum_b, sum_b, (double)s_count);
        for (size_t i = 0; i < m->depth && dw; i++) {
            double sum = add ? (double)m->dw0[o * m->depth + i] : 0;
            for (size_t s = 0; s < s_count; s++)
                sum += (double)m->dy[o * s_count + s] * (double)m->x[i * s_count + s];
            near(dw[o * m->depth + i], sum, (double)s_count);
        }
    }
}

static const size_t sizes[][3] = {{1, 1, 16},  {2, 3, 16},  {3, 2, 32},    {4, 4, 48},   {5, 7, 64},  {7, 5, 80},   {8, 8, 96},
                                  {9, 1, 112}, {1, 9, 128}, {16, 17, 144}, {17, 33, 16}, {33, 6, 48}, {70, 66, 64}, {13, 64, 80}};

static void test_dense(void **state)
{
    (void)state;
    struct random random = random_stream(2, RANDOM_TEST, 0);
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++)
        for (int mode = 0; mode < 4; mode++) {
            const bool bias = mode & 1, add = mode & 2;
            struct matrices m = matrices_new(sizes[k][0], sizes[k][1], sizes[k][2], &random);
            dense_forward(m.w, bias ? m.b : NULL, m.x, m.y, m.width, m.depth, m.stride);
            dense_backward(m.w, m.dy, m.dx, m.width, m.depth, m.depth, m.stride, add);
            dense_gradient(m.dy, m.x, m.dw, bias ? m.db : NULL, m.width, m.depth, m.stride, add);
            check(&m, m.w, m.dw, bias, add);
            matrices_release(&m);
        }
}

/* In parts, as threads take them: the same bits as in one. */
static void test_turned_gradient(void **state)
{
    (void)state;
    static const size_t shapes[][3] = {{32, 64, 16}, {36, 80, 64}, {64, 96, 128}, {48, 112, 144}, {32, 784, 32}};
    struct random random = random_stream(12, RANDOM_TEST, 0);
    for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++)
        for (int add = 0; add < 2; add++) {
            struct matrices m = matrices_new(shapes[k][0], shapes[k][1], shapes[k][2], &random);
            assert_true(dense_step_serves(m.width, m.depth));
            float *turned = mem_floats(m.depth * m.stride), *parts = copy_of(m.dw0, m.width * m.depth);
            assert_non_null(turned);
            dense_turn(m.x, turned, m.stride, 0, m.depth);
            struct dense_step step = {
                .dy = m.dy, .turned = turned, .width = m.width, .depth = m.depth, .stride = m.stride, .dw = m.dw, .add = add};
            dense_step_run(&step, 0, m.width);
            dense_forward(m.w, NULL, m.x, m.y, m.width, m.depth, m.stride);
            dense_backward(m.w, m.dy, m.dx, m.width, m.depth, m.depth, m.stride, add);
            check(&m, m.w, m.dw, false, add);
            memset(turned, 0, m.depth * m.stride * sizeof *turned);
            dense_turn(m.x, turned, m.stride, 64, m.depth);
            dense_turn(m.x, turned, m.stride, 0, 64);
            step.dw = parts;
            dense_step_run(&step, 16, m.width);
            dense_step_run(&step, 0, 16);
            assert_memory_equal(parts, m.dw, m.width * m.depth * sizeof *parts);
            mem_free_floats(turned);
            mem_free_floats(parts);
            matrices_release(&m);
        }
    assert_false(dense_step_serves(16, 64) || dense_step_serves(32, 48) || dense_step_serves(34, 64) || dense_step_serves(32, 72));
}

/* What the optimiser makes of weights within the product and behind it. */
static void test_step_in_the_product(void **state)
{
    (void)state;
    enum { WIDTH = 36, DEPTH = 112, STRIDE = 32, WEIGHTS = WIDTH * DEPTH };
    struct random random = random_stream(13, RANDOM_TEST, 0);
    for (int kind = OPTIMIZER_SGD; kind <= OPTIMIZER_RPROP; kind++)
        for (int mode = 0; mode < 4; mode++) {
            struct train_options options = train_options_default();
            options.optimizer = (enum optimizer_kind)kind;
            options.nesterov = mode & 1;
            options.weight_decay = mode & 1 ? 0.1 : 0;
            struct plan_span span = {.count = WEIGHTS, .lr_scale = 0.5F, .l1 = mode & 2 ? 0.01F : 0, .l2 = 0.02F, .weights = true};
            struct plan plan = {.trained_count = WEIGHTS, .param_count = WEIGHTS, .spans = &span, .span_count = 1};
            struct optimizer within = {0}, behind = {0};
            assert_true(optimizer_init(&within, &plan, &options) && optimizer_init(&behind, &plan, &options));
            struct matrices m = matrices_new(WIDTH, DEPTH, STRIDE, &random);
            float *w = copy_of(m.w, WEIGHTS), *turned = mem_floats(DEPTH * STRIDE);
            assert_non_null(turned);
            dense_turn(m.x, turned, STRIDE, 0, DEPTH);
            for (int round = 0; round < 3; round++) {
                struct dense_step step = {
                    .dy = m.dy, .turned = turned, .width = WIDTH, .depth = DEPTH, .stride = STRIDE, .dw = m.dw};
                dense_step_run(&step, 0, WIDTH);
                optimizer_step(&behind, w, m.dw, 1);
                optimizer_begin(&within, 1);
                assert_ptr_equal(optimizer_span(&within, WEIGHTS - 1), within.spans);
                assert_null(optimizer_span(&within, WEIGHTS));
                step.optimizer = &within;
                step.treatment = optimizer_treatment(&within, within.spans);
                step.weights = m.w;
                step.first = within.first;
                step.second = within.second;
                dense_step_run(&step, 0, 16);
                dense_step_run(&step, 16, WIDTH);
            }
            for (size_t i = 0; i < WEIGHTS; i++)
                near(m.w[i], (double)w[i], 1);
            optimizer_release(&within);
            optimizer_release(&behind);
            mem_free_floats(w);
            mem_free_floats(turned);
            matrices_release(&m);
        }
}

static void test_blas(void **state)
{
    (void)state;
    struct random random = random_stream(3, RANDOM_TEST, 0);
    blas_single_thread();
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++)
        for (int mode = 0; mode < 4; mode++) {
            const bool bias = mode & 1, add = mode & 2;
            struct matrices m = matrices_new(sizes[k][0], sizes[k][1], sizes[k][2], &random);
            blas_forward(m.w, bias ? m.b : NULL, m.x, m.y, m.width, m.depth, m.stride);
            blas_backward(m.w, m.dy, m.dx, m.width, m.depth, m.depth, m.stride, add);
            blas_gradient(m.dy, m.x, m.dw, bias ? m.db : NULL, m.width, m.depth, m.stride, add);
            check(&m, m.w, m.dw, bias, add);
            matrices_release(&m);
        }
}

static void test_sparse(void **state)
{
    (void)state;
    struct random random = random_stream(4, RANDOM_TEST, 0);
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++)
        for (int mode = 0; mode < 8; mode++) {
            const bool bias = mode & 1, add = mode & 2;
            struct matrices m = matrices_new(sizes[k][0], sizes[k][1], sizes[k][2], &random);
            const size_t count = mode & 4 ? m.width * m.depth / 3 + 1 : m.width;
            struct plan_sparse sparse = {0};
            assert_true(sparse_draw(&sparse, m.width, m.depth, count, 5, 0));
            assert_int_equal(sparse.start[m.width], count);
            float *w = filled(0, &random), *full = mem_floats(m.width * m.depth);
            float *dw = copy_of(m.dw0, m.width * m.depth), *full_dw = copy_of(m.dw0, m.width * m.depth);
            mem_free_floats(w);
            w = filled(count, &random);
            for (size_t o = 0; o < m.width; o++)
                for (uint32_t e = sparse.start[o]; e < sparse.start[o + 1]; e++) {
                    assert_true(sparse.input[e] < m.depth && (e == sparse.start[o] || sparse.input[e - 1] < sparse.input[e]));
                    full[o * m.depth + sparse.input[e]] = w[e];
                    dw[e] = m.dw0[o * m.depth + sparse.input[e]];
                }
            sparse_forward(&sparse, w, bias ? m.b : NULL, m.x, m.y, m.width, m.stride, 0, m.width, (struct load_share){0});
            sparse_backward(&sparse, w, m.dy, m.dx, m.width, m.depth, m.stride, 0, m.stride, add);
            sparse_gradient(&sparse, m.dy, m.x, dw, bias ? m.db : NULL, m.width, m.stride, 0, m.width, add, (struct load_share){0});
            check(&m, full, NULL, bias, add);
            for (size_t o = 0; o < m.width; o++)
                for (uint32_t e = sparse.start[o]; e < sparse.start[o + 1]; e++) {
                    double sum = add ? (double)m.dw0[o * m.depth + sparse.input[e]] : 0;
                    for (size_t s = 0; s < m.stride; s++)
                        sum += (double)m.dy[o * m.stride + s] * (double)m.x[sparse.input[e] * m.stride + s];
                    near(dw[e], sum, (double)m.stride);
                }
            mem_free_floats(w);
            mem_free_floats(full);
            mem_free_floats(dw);
            mem_free_floats(full_dw);
            sparse_release(&sparse);
            matrices_release(&m);
        }
}

static void test_sparse_draw_is_by_seed(void **state)
{
    (void)state;
    struct plan_sparse a = {0}, b = {0}, c = {0};
    assert_true(sparse_draw(&a, 10, 100, 57, 1, 0) && sparse_draw(&b, 10, 100, 57, 1, 0) && sparse_draw(&c, 10, 100, 57, 2, 0));
    assert_memory_equal(a.input, b.input, 57 * sizeof *a.input);
    assert_memory_not_equal(a.input, c.input, 57 * sizeof *a.input);
    for (int o = 0; o < 10; o++)
        assert_true(a.start[o + 1] - a.start[o] == (o < 7 ? 6U : 5U));
    sparse_release(&a);
    sparse_release(&b);
    sparse_release(&c);
    for (long n = 0; n < 3; n++) {
        mem_fail_after(n);
        assert_false(sparse_draw(&a, 10, 100, 57, 1, 0));
        mem_fail_after(-1);
        sparse_release(&a);
    }
}

static void test_finite(void **state)
{
    (void)state;
    float at[37] = {0};
    assert_true(floats_finite(at, 37));
    for (int i = 0; i < 37; i++) {
        at[i] = i % 3 == 0 ? NAN : i % 3 == 1 ? INFINITY : -INFINITY;
        assert_false(floats_finite(at, 37));
        at[i] = 3e38F;
        assert_true(floats_finite(at, 37));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dense), cmocka_unit_test(test_turned_gradient), cmocka_unit_test(test_step_in_the_product),
        cmocka_unit_test(test_blas),  cmocka_unit_test(test_sparse),          cmocka_unit_test(test_sparse_draw_is_by_seed),
        cmocka_unit_test(test_finite)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
