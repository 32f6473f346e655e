/* Optimisers against their definitions written one parameter at a time in double; clipping; schedules. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/optimizer.h"
#include "fixture.h"

enum { PARAMS = 37, WEIGHTS = 30, STEPS = 50 };

/* A plan of nothing but parameters: weights, then biases that learn at half the rate. */
static struct plan_span spans[] = {{0, WEIGHTS, 1, 0, 0, true}, {WEIGHTS, PARAMS - WEIGHTS, 0.5F, 0, 0, false}};
static const struct plan plan = {.spans = spans, .span_count = 2, .trained_count = PARAMS, .param_count = PARAMS};

/* One parameter under the definition. */
struct twin {
    double p, m, s, step, last;
};

static void twin_step(struct twin *twin, const struct train_options *o, double g, double rate, bool weight, int t)
{
    const double lr = o->lr * rate, decay = weight ? o->weight_decay : 0;
    switch (o->optimizer) {
    case OPTIMIZER_SGD:
        twin->p -= lr * g;
        break;
    case OPTIMIZER_MOMENTUM:
        twin->m = o->momentum * twin->m + g;
        twin->p -= lr * (o->nesterov ? g + o->momentum * twin->m : twin->m);
        break;
    case OPTIMIZER_RMSPROP:
        twin->s = o->beta2 * twin->s + (1 - o->beta2) * g * g;
        twin->p -= lr * g / (sqrt(twin->s) + o->epsilon);
        break;
    case OPTIMIZER_ADAMW:
    case OPTIMIZER_ADAM:
        if (o->optimizer == OPTIMIZER_ADAMW)
            twin->p *= 1 - lr * decay;
        twin->m = o->beta1 * twin->m + (1 - o->beta1) * g;
        twin->s = o->beta2 * twin->s + (1 - o->beta2) * g * g;
        twin->p -= lr * (twin->m / (1 - pow(o->beta1, t))) / (sqrt(twin->s / (1 - pow(o->beta2, t))) + o->epsilon);
        break;
    case OPTIMIZER_LION: {
        const double c = o->beta1 * twin->m + (1 - o->beta1) * g;
        twin->p = twin->p * (1 - lr * decay) - lr * ((c > 0) - (c < 0));
        twin->m = o->beta2 * twin->m + (1 - o->beta2) * g;
        break;
    }
    case OPTIMIZER_RPROP:
        if (t == 1)
            twin->step = o->lr;
        if (g * twin->last > 0)
            twin->step = fmin(twin->step * o->grow, o->most);
        else if (g * twin->last < 0)
            twin->step = fmax(twin->step * o->shrink, o->least);
        twin->last = g * twin->last < 0 ? 0 : g;
        twin->p -= rate * ((twin->last > 0) - (twin->last < 0)) * twin->step;
        break;
    }
}

/* A bowl that is steeper in some directions than in others, and not quite still. */
static double slope(double p, int i, int t)
{
    return (p - 0.3 * i / PARAMS) * (1 + i % 5) + 0.1 * sin(i + 3.0 * t);
}

static void follows(struct train_options options)
{
    struct optimizer optimizer;
    struct twin twins[PARAMS] = {{0}};
    _Alignas(64) float params[PARAMS + 16] = {0}, gradient[PARAMS + 16] = {0};
    assert_true(optimizer_init(&optimizer, &plan, &options));
    for (int i = 0; i < PARAMS; i++)
        twins[i].p = params[i] = (float)cos(i);
    for (int t = 1; t <= STEPS; t++) {
        const double factor = 1 - 0.5 * t / STEPS;
        double squares = 0, g[PARAMS];
        for (int i = 0; i < PARAMS; i++) {
            gradient[i] = (float)slope((double)params[i], i, t);
            g[i] = (double)gradient[i];
            squares += g[i] * g[i];
        }
        const double length = sqrt(squares), shorter = options.clip > 0 && length > options.clip ? options.clip / length : 1;
        for (int i = 0; i < PARAMS; i++) {
            const bool weight = i < WEIGHTS;
            g[i] = g[i] * shorter;
            if (weight)
                g[i] += 2 * options.l2 * twins[i].p + options.l1 * ((twins[i].p > 0) - (twins[i].p < 0));
            twin_step(&twins[i], &options, g[i], weight ? factor : 0.5 * factor, weight, t);
        }
        optimizer_step(&optimizer, params, gradient, factor);
        for (int i = 0; i < PARAMS; i++)
            assert_true(fabs((double)params[i] - twins[i].p) < 1e-4 * (1 + fabs(twins[i].p)));
        for (int i = 0; i < PARAMS; i++)
            twins[i].p = (double)params[i]; /* so that a sign that rounding decides is no matter for later steps */
    }
    optimizer_release(&optimizer);
}

static void test_definitions(void **state)
{
    (void)state;
    for (int kind = OPTIMIZER_SGD; kind <= OPTIMIZER_RPROP; kind++) {
        struct train_options options = train_options_default();
        options.optimizer = (enum optimizer_kind)kind;
        options.lr = 0.01;
        follows(options);
        options.nesterov = true;
        options.weight_decay = 0.1;
        follows(options);
        options.clip = 2;
        follows(options);
        options.l1 = 0.01;
        options.l2 = 0.02;
        follows(options);
    }
}

/* What is learnt at rate 0 stays, and does not count in the length of the gradient. */
static void test_frozen(void **state)
{
    (void)state;
    struct plan_span parts[] = {{0, 2, 0, 0, 0, true}, {2, 2, 1, 0, 0, true}};
    const struct plan frozen = {.spans = parts, .span_count = 2, .trained_count = 4, .param_count = 4};
    struct train_options options = train_options_default();
    options.optimizer = OPTIMIZER_SGD;
    options.lr = 1;
    options.clip = 5;
    struct optimizer optimizer;
    assert_true(optimizer_init(&optimizer, &frozen, &options));
    _Alignas(64) float params[16] = {1, 1, 1, 1}, gradient[16] = {1000, 1000, 3, 4};
    optimizer_step(&optimizer, params, gradient, 1);
    const float expected[16] = {1, 1, -2, -3};
    assert_memory_equal(params, expected, sizeof expected);
    optimizer_release(&optimizer);
}

static double factor_at(struct schedule schedule, uint64_t step)
{
    const struct schedule_state state = schedule_begin();
    return schedule_factor(&schedule, &state, step, 10, 1000); /* 100 epochs of 10 steps */
}

#define CLOSE(a, b) assert_true(fabs((a) - (b)) < 1e-9)

static void test_schedules(void **state)
{
    (void)state;
    CLOSE(factor_at((struct schedule){.kind = SCHEDULE_CONSTANT}, 999), 1);
    const struct schedule stepwise = {.kind = SCHEDULE_STEPWISE, .factor = 0.1, .every = 30};
    CLOSE(factor_at(stepwise, 299), 1);
    CLOSE(factor_at(stepwise, 300), 0.1);
    CLOSE(factor_at(stepwise, 900), 0.001);
    CLOSE(factor_at((struct schedule){.kind = SCHEDULE_EXPONENTIAL, .factor = 0.9}, 20), 0.81);
    const struct schedule cosine = {.kind = SCHEDULE_COSINE, .floor = 0.2};
    CLOSE(factor_at(cosine, 0), 1);
    CLOSE(factor_at(cosine, 500), 0.6);
    CLOSE(factor_at(cosine, 1000), 0.2);
    const struct schedule warm = {.kind = SCHEDULE_COSINE, .warmup = 10};
    CLOSE(factor_at(warm, 0), 1.0 / 101);
    CLOSE(factor_at(warm, 99), 100.0 / 101);
    CLOSE(factor_at(warm, 100), 1);
    CLOSE(factor_at(warm, 550), 0.5);
    const struct schedule cycle = {.kind = SCHEDULE_ONE_CYCLE};
    CLOSE(factor_at(cycle, 0), 1.0 / 25);
    CLOSE(factor_at(cycle, 299), 1);
    CLOSE(factor_at(cycle, 999), 1.0 / 250000);
    assert_true(factor_at(cycle, 100) < factor_at(cycle, 200) && factor_at(cycle, 400) > factor_at(cycle, 700));
}

static void test_plateau(void **state)
{
    (void)state;
    const struct schedule plateau = {.kind = SCHEDULE_PLATEAU, .factor = 0.5, .patience = 2};
    struct schedule_state memory = schedule_begin();
    const double losses[] = {1, 0.9, 0.9, 0.95, 0.91, 0.5, 0.5, 0.5, 0.5};
    const double factors[] = {1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25};
    for (size_t i = 0; i < sizeof losses / sizeof *losses; i++) {
        schedule_look(&plateau, &memory, losses[i]);
        CLOSE(schedule_factor(&plateau, &memory, i, 1, 9), factors[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_definitions),
        cmocka_unit_test(test_frozen),
        cmocka_unit_test(test_schedules),
        cmocka_unit_test(test_plateau),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
