#include "engine/optimizer.h"

#include <math.h>

#include "engine/simd.h"
#include "support/memory.h"

/* The spans as this training sees them, neighbours of equal treatment joined. */
static void merge_spans(struct optimizer *optimizer, const struct plan *plan)
{
    const struct train_options *options = optimizer->options;
    for (uint32_t i = 0; i < plan->span_count; i++) {
        struct plan_span span = plan->spans[i];
        span.l1 += span.weights ? (float)options->l1 : 0.0F;
        span.l2 += span.weights ? (float)options->l2 : 0.0F;
        struct plan_span *last = optimizer->span_count > 0 ? &optimizer->spans[optimizer->span_count - 1] : NULL;
        if (span.lr_scale == 0 || span.count == 0)
            continue;
        if (last && last->start + last->count == span.start && last->lr_scale == span.lr_scale && last->l1 == span.l1 &&
            last->l2 == span.l2)
            last->count += span.count;
        else
            optimizer->spans[optimizer->span_count++] = span;
    }
}

bool optimizer_init(struct optimizer *optimizer, const struct plan *plan, const struct train_options *options)
{
    *optimizer = (struct optimizer){.options = options, .power1 = 1, .power2 = 1};
    optimizer->spans = mem_array(plan->span_count + (size_t)1, sizeof *optimizer->spans);
    if (options->optimizer != OPTIMIZER_SGD)
        optimizer->first = mem_floats(plan->trained_count + 1);
    if (options->optimizer == OPTIMIZER_ADAM)
        optimizer->second = mem_floats(plan->trained_count + 1);
    if (!optimizer->spans || (options->optimizer != OPTIMIZER_SGD && !optimizer->first) ||
        (options->optimizer == OPTIMIZER_ADAM && !optimizer->second))
        return false;
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

KERNEL static void penalise(const float *restrict p, float *restrict g, size_t n, float l1, float l2)
{
    for (size_t i = 0; i < n; i++)
        g[i] += 2.0F * l2 * p[i] + (p[i] > 0.0F ? l1 : p[i] < 0.0F ? -l1 : 0.0F);
}

KERNEL static void sgd(float *restrict p, const float *restrict g, size_t n, float lr)
{
    for (size_t i = 0; i < n; i++)
        p[i] -= lr * g[i];
}

KERNEL static void momentum(float *restrict p, const float *restrict g, float *restrict v, size_t n, float lr, float keep)
{
    for (size_t i = 0; i < n; i++) {
        const float velocity = keep * v[i] + g[i];
        v[i] = velocity;
        p[i] -= lr * velocity;
    }
}

struct adam_figures {
    float keep1, keep2; /* beta1, beta2 */
    float rate;         /* lr / (1 - beta1^t) */
    float correct;      /* 1 / (1 - beta2^t) */
    float epsilon;
};

KERNEL static void adam(float *restrict p, const float *restrict g, float *restrict m, float *restrict v, size_t n,
                        const struct adam_figures *figures)
{
    const struct adam_figures f = *figures;
    const float new1 = 1.0F - f.keep1, new2 = 1.0F - f.keep2;
    for (size_t i = 0; i < n; i++) {
        const float first = f.keep1 * m[i] + new1 * g[i], second = f.keep2 * v[i] + new2 * g[i] * g[i];
        m[i] = first;
        v[i] = second;
        p[i] -= f.rate * first / (sqrtf(second * f.correct) + f.epsilon);
    }
}

static void step_span(struct optimizer *optimizer, const struct plan_span *span, float *params, float *gradient,
                      struct adam_figures figures)
{
    const struct train_options *options = optimizer->options;
    const size_t at = span->start, n = span->count;
    const float lr = (float)options->lr * span->lr_scale;
    if (span->l1 != 0 || span->l2 != 0)
        penalise(params + at, gradient + at, n, span->l1, span->l2);
    switch (options->optimizer) {
    case OPTIMIZER_SGD:
        sgd(params + at, gradient + at, n, lr);
        break;
    case OPTIMIZER_MOMENTUM:
        momentum(params + at, gradient + at, optimizer->first + at, n, lr, (float)options->momentum);
        break;
    case OPTIMIZER_ADAM:
        figures.rate *= span->lr_scale;
        adam(params + at, gradient + at, optimizer->first + at, optimizer->second + at, n, &figures);
        break;
    }
}

void optimizer_step(struct optimizer *optimizer, float *params, float *gradient)
{
    const struct train_options *options = optimizer->options;
    struct adam_figures figures = {0};
    if (options->optimizer == OPTIMIZER_ADAM) {
        optimizer->power1 *= options->beta1;
        optimizer->power2 *= options->beta2;
        figures = (struct adam_figures){.keep1 = (float)options->beta1,
                                        .keep2 = (float)options->beta2,
                                        .rate = (float)(options->lr / (1 - optimizer->power1)),
                                        .correct = (float)(1 / (1 - optimizer->power2)),
                                        .epsilon = (float)options->epsilon};
    }
    for (uint32_t i = 0; i < optimizer->span_count; i++)
        step_span(optimizer, &optimizer->spans[i], params, gradient, figures);
}
