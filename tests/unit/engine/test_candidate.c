/* Candidates of cascade correlation: the gradient of their score, and what training them finds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "engine/candidate.h"
#include "fixture.h"
#include "support/memory.h"
#include "support/random.h"
#include "table.h"

static float *normals(size_t count, uint64_t index)
{
    struct random random = random_stream(7, RANDOM_TEST, index);
    float *floats = mem_floats(count);
    assert_non_null(floats);
    for (size_t i = 0; i < count; i++)
        floats[i] = (float)random_normal(&random);
    return floats;
}

/* A pool of three; `count` samples of `width` inputs, errors of `outputs`. */
struct pool_setup {
    struct candidate_options options;
    struct samples inputs;
    float *errors;
    struct candidate_pool *pool;
};

static struct pool_setup setup_of(const char *element, uint32_t count, uint32_t width, uint32_t outputs)
{
    struct pool_setup made = {
        .options = {.element = elements_by_name(&elements, str_of(element)), .pool = 3, .epochs = 50, .patience = 10, .seed = 3}};
    made.inputs = (struct samples){.count = count, .width = width, .x = normals((size_t)count * width, 1)};
    made.errors = normals((size_t)count * outputs, 2);
    return made;
}

static void begin(struct pool_setup *setup, uint32_t outputs)
{
    struct diags diags = {0};
    setup->pool = candidate_pool_new(&setup->options, setup->inputs, setup->errors, outputs, &diags);
    assert_non_null(setup->pool);
}

static void tear(struct pool_setup *setup)
{
    candidate_pool_release(setup->pool);
    mem_free_floats(setup->inputs.x);
    mem_free_floats(setup->errors);
}

static double total(struct candidate_pool *pool)
{
    candidate_pool_climb(pool);
    double sum = 0;
    for (uint32_t c = 0; c < 3; c++)
        sum += candidate_pool_score(pool, c);
    return sum;
}

/* Against central differences, with one chunk of samples and with several, one output and several. */
static void test_gradient(void **state)
{
    (void)state;
    const struct {
        const char *element;
        uint32_t count, width, outputs;
    } cases[] = {{"tanh", 40, 3, 1}, {"sigmoid", 40, 3, 4}, {"sine", 600, 5, 2}, {"prelu", 300, 2, 3}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pool_setup made = setup_of(cases[i].element, cases[i].count, cases[i].width, cases[i].outputs);
        begin(&made, cases[i].outputs);
        size_t count;
        float *params = candidate_pool_params(made.pool, &count);
        assert_true(count >= 3 * (size_t)(cases[i].width + 1));
        for (size_t k = 0; k < count; k++) {
            const float here = params[k], step = 1e-2F;
            const double score = total(made.pool), gradient = (double)candidate_pool_gradient(made.pool)[k];
            params[k] = here + step;
            const double above = total(made.pool);
            params[k] = here - step;
            const double below = total(made.pool);
            params[k] = here;
            const double slope = (above - below) / (2 * (double)step);
            assert_true(fabs(slope + gradient) <= 0.02 * fabs(slope) + 2e-3 * score);
        }
        tear(&made);
    }
}

/* The score is what the paper's sum gives, written out. */
static void test_score(void **state)
{
    (void)state;
    struct pool_setup made = setup_of("linear", 30, 1, 2);
    float *errors = normals(60, 2);
    begin(&made, 2);
    size_t count;
    float *params = candidate_pool_params(made.pool, &count);
    for (size_t k = 0; k < count; k++)
        params[k] = k < 3 ? (float)k + 1 : 5; /* V = (c + 1) x + 5 */
    candidate_pool_climb(made.pool);
    for (uint32_t c = 0; c < 3; c++) {
        double score = 0, mean_v = 0;
        for (uint32_t p = 0; p < 30; p++)
            mean_v += ((c + 1) * (double)made.inputs.x[p] + 5) / 30;
        for (uint32_t o = 0; o < 2; o++) {
            double mean_e = 0, sum = 0;
            for (uint32_t p = 0; p < 30; p++)
                mean_e += (double)errors[o * 30 + p] / 30;
            for (uint32_t p = 0; p < 30; p++)
                sum += ((c + 1) * (double)made.inputs.x[p] + 5 - mean_v) * ((double)errors[o * 30 + p] - mean_e);
            score += fabs(sum);
        }
        assert_true(fabs(candidate_pool_score(made.pool, c) - score) < 1e-4 * score);
    }
    mem_free_floats(errors);
    tear(&made);
}

/* Training pays: more epochs find a better unit, and a larger pool no worse one. Where memory runs out it says so. */
static void test_training(void **state)
{
    (void)state;
    struct diags diags = {0};
    struct prepared *data = fixture_moons(80, 0.1);
    struct train_options options = train_options_default();
    options.epochs = 30;
    struct molecule *out = molecule_atom(fixture_out(1, HEAD_SIGMOID), NULL, SPAN_NONE, &diags);
    struct training *training = train(out, data, &options, NULL, &diags);
    assert_non_null(training);
    struct candidate_options candidates = {
        .element = elements_by_name(&elements, STR("tanh")), .pool = 4, .epochs = 1, .patience = 20, .seed = 5};
    struct candidate first = {0}, best = {0}, again = {0};
    assert_true(candidate_train(training->model, &data->train, &options, NULL, &candidates, NULL, &first, &diags));
    candidates.epochs = 200;
    assert_true(candidate_train(training->model, &data->train, &options, NULL, &candidates, NULL, &best, &diags));
    assert_int_equal(first.epochs, 1);
    assert_in_range(best.epochs, 20, 200);
    assert_true(best.score > 2 * first.score);
    assert_int_equal(best.weights->shape.width, 1);
    assert_int_equal(best.weights->shape.depth, 2);
    bool done = false;
    for (long n = 0; !done; n++) {
        struct diags told = {0};
        mem_fail_after(n);
        done = candidate_train(training->model, &data->train, &options, NULL, &candidates, NULL, &again, &told);
        mem_fail_after(-1);
        assert_true(done || told.out_of_memory);
        diags_release(&told);
    }
    assert_true(weights_equal(best.weights, again.weights));
    weights_release(first.weights);
    weights_release(best.weights);
    weights_release(again.weights);
    training_release(training);
    molecule_release(out);
    prepared_release(data);
    diags_release(&diags);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gradient),
        cmocka_unit_test(test_score),
        cmocka_unit_test(test_training),
    };
    return cmocka_run_group_tests_name("engine: candidates", tests, setup, teardown);
}
