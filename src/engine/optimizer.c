#include "engine/optimizer.h"

#include <math.h>

#include "engine/loops.h"
#include "engine/simd.h"
#include "support/memory.h"

/* What each kind keeps of every parameter. */
static const struct {
    bool first, second;
} memory[] = {
    [OPTIMIZER_SGD] = {false, false}, [OPTIMIZER_MOMENTUM] = {true, false}, [OPTIMIZER_RMSPROP] = {false, true},
    [OPTIMIZER_ADAM] = {true, true},  [OPTIMIZER_ADAMW] = {true, true},     [OPTIMIZER_LION] = {true, false},
    [OPTIMIZER_RPROP] = {true, true},
};

unsigned optimizer_floats(enum optimizer_kind kind)
{
    return (memory[kind].first ? 1U : 0U) + (memory[kind].second ? 1U : 0U);
}

/* Kinds that shrink the weights themselves, so that weights and biases are not treated alike. */
static bool decays(const struct train_options *options)
{
    return options->weight_decay != 0 && (options->optimizer == OPTIMIZER_ADAMW || options->optimizer == OPTIMIZER_LION);
}

/* The spans as this training sees them, neighbours of equal treatment joined. */
static void merge_spans(struct optimizer *optimizer, const struct plan *plan)
{
    const struct train_options *options = optimizer->options;
    for (uint32_t i = 0; i < plan->span_count; i++) {
        struct plan_span span = plan->spans[i];
        span.l1 += span.weights ? (float)options->l1 : 0.0F;
        span.l2 += span.weights ? (float)options->l2 : 0.0F;
        span.weights = span.weights && decays(options);
        struct plan_span *last = optimizer->span_count > 0 ? &optimizer->spans[optimizer->span_count - 1] : NULL;
        if (span.lr_scale == 0 || span.count == 0)
            continue;
        if (last && last->start + last->count == span.start && last->lr_scale == span.lr_scale && last->l1 == span.l1 &&
            last->l2 == span.l2 && last->weights == span.weights)
            last->count += span.count;
        else
            optimizer->spans[optimizer->span_count++] = span;
    }
}

bool optimizer_init(struct optimizer *optimizer, const struct plan *plan, const struct train_options *options)
{
    const size_t count = plan->trained_count;
    *optimizer = (struct optimizer){.options = options, .power1 = 1, .power2 = 1};
    optimizer->spans = mem_array(plan->span_count + (size_t)1, sizeof *optimizer->spans);
    if (memory[options->optimizer].first)
        optimizer->first = mem_floats(count + 1);
    if (memory[options->optimizer].second)
        optimizer->second = mem_floats(count + 1);
    if (!optimizer->spans || (memory[options->optimizer].first && !optimizer->first) ||
        (memory[options->optimizer].second && !optimizer->second))
        return false;
    for (size_t i = 0; options->optimizer == OPTIMIZER_RPROP && i < count; i++)
        optimizer->second[i] = (float)options->lr;
    merge_spans(optimizer, plan);
    return true;
}

void optimizer_release(struct optimizer *optimizer)
{
    mem_free(optimizer->spans);
    mem_free_floats(optimizer->first);
    mem_free_floats(optimizer->second);
    *optimizer = (struct optimizer){0};
}

/* ---- one span ---- */

/* What the loops below need to know, as floats. */
struct figures {
    float rate;         /* of this step and span; adam: lr / (1 - beta1^t) */
    float keep1, keep2; /* beta1 or momentum, beta2 */
    float correct;      /* adam: 1 / (1 - beta2^t) */
    float epsilon;
    float left;                      /* of a weight after its decay; lion: the decay */
    float grow, shrink, least, most; /* rprop */
};

KERNEL static void penalise(const float *restrict p, float *restrict g, size_t n, float l1, float l2)
{
    for (size_t i = 0; i < n; i++)
        g[i] += 2.0F * l2 * p[i] + (p[i] > 0.0F ? l1 : p[i] < 0.0F ? -l1 : 0.0F);
}

KERNEL static void sgd(float *restrict p, const float *restrict g, size_t n, float rate)
{
    for (size_t i = 0; i < n; i++)
        p[i] -= rate * g[i];
}

KERNEL static void momentum(float *restrict p, const float *restrict g, float *restrict v, size_t n, const struct figures *figures)
{
    const struct figures f = *figures;
    for (size_t i = 0; i < n; i++) {
        const float velocity = f.keep1 * v[i] + g[i];
        v[i] = velocity;
        p[i] -= f.rate * velocity;
    }
}

KERNEL static void nesterov(float *restrict p, const float *restrict g, float *restrict v, size_t n, const struct figures *figures)
{
    const struct figures f = *figures;
    for (size_t i = 0; i < n; i++) {
        const float velocity = f.keep1 * v[i] + g[i];
        v[i] = velocity;
        p[i] -= f.rate * (g[i] + f.keep1 * velocity);
    }
}

KERNEL static void rmsprop(float *restrict p, const float *restrict g, float *restrict s, size_t n, const struct figures *figures)
{
    const struct figures f = *figures;
    const float new2 = 1.0F - f.keep2;
    for (size_t i = 0; i < n; i++) {
        const float mean = f.keep2 * s[i] + new2 * g[i] * g[i];
        s[i] = mean;
        p[i] -= f.rate * g[i] / (sqrtf(mean) + f.epsilon);
    }
}

/* adam, and adamw where `left` is not 1. */
KERNEL static void adam(float *restrict p, const float *restrict g, float *restrict m, float *restrict v, size_t n,
                        const struct figures *figures)
{
    const struct figures f = *figures;
    const float new1 = 1.0F - f.keep1, new2 = 1.0F - f.keep2;
    for (size_t i = 0; i < n; i++) {
        const float first = f.keep1 * m[i] + new1 * g[i], second = f.keep2 * v[i] + new2 * g[i] * g[i];
        m[i] = first;
        v[i] = second;
        p[i] = f.left * p[i] - f.rate * first / (sqrtf(second * f.correct) + f.epsilon);
    }
}

INLINE float sign(float x)
{
    return x > 0.0F ? 1.0F : x < 0.0F ? -1.0F : 0.0F;
}

KERNEL static void lion(float *restrict p, const float *restrict g, float *restrict m, size_t n, const struct figures *figures)
{
    const struct figures f = *figures;
    const float new1 = 1.0F - f.keep1, new2 = 1.0F - f.keep2;
    for (size_t i = 0; i < n; i++) {
        p[i] = f.left * p[i] - f.rate * sign(f.keep1 * m[i] + new1 * g[i]);
        m[i] = f.keep2 * m[i] + new2 * g[i];
    }
}

KERNEL static void rprop(float *restrict p, const float *restrict g, float *restrict last, float *restrict steps, size_t n,
                         const struct figures *figures)
{
    const struct figures f = *figures;
    for (size_t i = 0; i < n; i++) {
        const float turn = g[i] * last[i];
        float step = steps[i] * (turn > 0.0F ? f.grow : turn < 0.0F ? f.shrink : 1.0F);
        step = step < f.least ? f.least : step > f.most ? f.most : step;
        const float gradient = turn < 0.0F ? 0.0F : g[i];
        steps[i] = step;
        last[i] = gradient;
        p[i] -= f.rate * sign(gradient) * step;
    }
}

static void step_span(struct optimizer *optimizer, const struct plan_span *span, float *params, float *gradient,
                      struct figures figures)
{
    const struct train_options *options = optimizer->options;
    const size_t at = span->start, n = span->count;
    float *p = params + at, *g = gradient + at;
    float *first = optimizer->first ? optimizer->first + at : NULL, *second = optimizer->second ? optimizer->second + at : NULL;
    if (span->l1 != 0 || span->l2 != 0)
        penalise(p, g, n, span->l1, span->l2);
    figures.left = span->weights ? 1.0F - figures.left * span->lr_scale : 1.0F;
    figures.rate *= span->lr_scale;
    switch (options->optimizer) {
    case OPTIMIZER_SGD:
        sgd(p, g, n, figures.rate);
        break;
    case OPTIMIZER_MOMENTUM:
        (options->nesterov ? nesterov : momentum)(p, g, first, n, &figures);
        break;
    case OPTIMIZER_RMSPROP:
        rmsprop(p, g, second, n, &figures);
        break;
    case OPTIMIZER_ADAM:
    case OPTIMIZER_ADAMW:
        adam(p, g, first, second, n, &figures);
        break;
    case OPTIMIZER_LION:
        lion(p, g, first, n, &figures);
        break;
    case OPTIMIZER_RPROP:
        rprop(p, g, first, second, n, &figures);
        break;
    }
}

/* ---- all of them ---- */

/* Scales the gradient down where it is longer than it may be. */
static void clip(const struct optimizer *optimizer, float *gradient)
{
    double squares = 0;
    for (uint32_t i = 0; i < optimizer->span_count; i++) {
        const struct plan_span *span = &optimizer->spans[i];
        squares += floats_squares(gradient + span->start, span->count);
    }
    const double length = sqrt(squares);
    if (length <= optimizer->options->clip || !isfinite(length)) /* what is not finite is told as a divergence */
        return;
    const float scale = (float)(optimizer->options->clip / length);
    for (uint32_t i = 0; i < optimizer->span_count; i++)
        floats_scale(gradient + optimizer->spans[i].start, scale, optimizer->spans[i].count);
}

void optimizer_step(struct optimizer *optimizer, float *params, float *gradient, double factor)
{
    const struct train_options *options = optimizer->options;
    const bool adaptive = options->optimizer == OPTIMIZER_ADAM || options->optimizer == OPTIMIZER_ADAMW;
    const double lr = options->lr * factor;
    struct figures figures = {.rate = (float)lr,
                              .keep1 = (float)(options->optimizer == OPTIMIZER_MOMENTUM ? options->momentum : options->beta1),
                              .keep2 = (float)options->beta2,
                              .epsilon = (float)options->epsilon,
                              .left = (float)(lr * options->weight_decay),
                              .grow = (float)options->grow,
                              .shrink = (float)options->shrink,
                              .least = (float)options->least,
                              .most = (float)options->most};
    if (adaptive) {
        optimizer->power1 *= options->beta1;
        optimizer->power2 *= options->beta2;
        figures.rate = (float)(lr / (1 - optimizer->power1));
        figures.correct = (float)(1 / (1 - optimizer->power2));
    }
    if (options->optimizer == OPTIMIZER_RPROP)
        figures.rate = (float)factor; /* the steps have the rate in them */
    if (options->clip > 0)
        clip(optimizer, gradient);
    for (uint32_t i = 0; i < optimizer->span_count; i++)
        step_span(optimizer, &optimizer->spans[i], params, gradient, figures);
}
