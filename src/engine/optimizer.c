#include "engine/optimizer.h"

#include <math.h>
#include <string.h>

#include "engine/loops.h"
#include "engine/optimizer_steps.h"
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

static bool same_start(const struct optimizer *optimizer, uint32_t a, uint32_t b)
{
    const double *starts = optimizer->starts;
    return !starts || (starts[2 * a] == starts[2 * b] && starts[2 * a + 1] == starts[2 * b + 1]);
}

/* The spans as this training sees them, neighbours of equal treatment joined. What fills the last register behind the last parameter
   belongs to the last span, where it is nobody's: it has no gradient, so it stays 0, and small networks have whole registers only. */
static void merge_spans(struct optimizer *optimizer, const struct plan *plan)
{
    const struct train_options *options = optimizer->options;
    optimizer->span_count = 0;
    for (uint32_t i = 0; i < plan->span_count; i++) {
        struct plan_span span = plan->spans[i];
        span.l1 += span.weights ? (float)options->l1 : 0.0F;
        span.l2 += span.weights ? (float)options->l2 : 0.0F;
        span.weights = span.weights && decays(options);
        if (span.start + span.count == plan->trained_count && plan->param_count == plan->trained_count)
            span.count = lanes_round(plan->trained_count) - span.start;
        struct plan_span *last = optimizer->span_count > 0 ? &optimizer->spans[optimizer->span_count - 1] : NULL;
        if (span.lr_scale == 0 || span.count == 0)
            continue;
        if (last && last->start + last->count == span.start && last->lr_scale == span.lr_scale && last->l1 == span.l1 &&
            last->l2 == span.l2 && last->weights == span.weights &&
            same_start(optimizer, optimizer->firsts[optimizer->span_count - 1], i)) {
            last->count += span.count;
            continue;
        }
        optimizer->firsts[optimizer->span_count] = i;
        optimizer->spans[optimizer->span_count++] = span;
    }
}

/* Those that no step changes. */
static struct optimizer_figures first_figures(const struct train_options *options)
{
    return (struct optimizer_figures){.lr = NAN,
                                      .keep1 =
                                          (float)(options->optimizer == OPTIMIZER_MOMENTUM ? options->momentum : options->beta1),
                                      .keep2 = (float)options->beta2,
                                      .epsilon = (float)options->epsilon,
                                      .grow = (float)options->grow,
                                      .shrink = (float)options->shrink,
                                      .least = (float)options->least,
                                      .most = (float)options->most};
}

bool optimizer_init(struct optimizer *optimizer, const struct plan *plan, const struct train_options *options)
{
    const size_t count = plan->trained_count;
    *optimizer = (struct optimizer){.options = options, .power1 = 1, .power2 = 1, .figures = first_figures(options)};
    optimizer->spans = mem_array(plan->span_count + (size_t)1, sizeof *optimizer->spans);
    optimizer->firsts = mem_array(plan->span_count + (size_t)1, sizeof *optimizer->firsts);
    if (memory[options->optimizer].first)
        optimizer->first = mem_floats(count + 1);
    if (memory[options->optimizer].second)
        optimizer->second = mem_floats(count + 1);
    if (!optimizer->spans || !optimizer->firsts || (memory[options->optimizer].first && !optimizer->first) ||
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
    mem_free(optimizer->firsts);
    mem_free(optimizer->starts);
    mem_free_floats(optimizer->first);
    mem_free_floats(optimizer->second);
    *optimizer = (struct optimizer){0};
}

void optimizer_start(struct optimizer *optimizer, const struct plan *plan, double *starts)
{
    optimizer->starts = starts;
    merge_spans(optimizer, plan);
}

/* ---- one span ---- */

typedef float loose_lanes __attribute__((vector_size(4 * LANES), aligned(4), may_alias));

#define AT(rows) (*(loose_lanes *)((rows) + at))

/* Where the last few parameters of a part are stepped. */
struct rest {
    float p[LANES], g[LANES], first[LANES], second[LANES];
};

INLINE void copy(float *to, const float *from, size_t n)
{
    if (to && from)
        memcpy(to, from, n * sizeof *to);
}

/* The loop over neighbouring parameters, made anew for each optimiser; what it does not keep is neither loaded nor stored. Its second
   round is over the rest. */
#define RUN(STEP, FIRST, SECOND)                                                                                                   \
    KERNEL static void run_##STEP(float *p, const float *g, float *first, float *second, size_t n,                                 \
                                  const struct optimizer_figures *figures, const struct treatment *treatment)                      \
    {                                                                                                                              \
        const size_t whole = n - n % LANES;                                                                                        \
        const bool penalised = treatment->l1 != 0 || treatment->l2 != 0;                                                           \
        struct rest rest;                                                                                                          \
        struct sixteen s = {.first = {0}};                                                                                         \
        float *to = p, *to_first = first, *to_second = second;                                                                     \
        const float *from = g;                                                                                                     \
        size_t end = whole;                                                                                                        \
        _Pragma("GCC unroll 1") for (int round = 0; round < 2; round++)                                                            \
        {                                                                                                                          \
            for (size_t at = 0; at < end; at += LANES) {                                                                           \
                s.p = AT(to);                                                                                                      \
                s.g = *(const loose_lanes *)(from + at);                                                                           \
                if (FIRST)                                                                                                         \
                    s.first = AT(to_first);                                                                                        \
                if (SECOND)                                                                                                        \
                    s.second = AT(to_second);                                                                                      \
                if (penalised)                                                                                                     \
                    penalise(&s, treatment->l1, treatment->l2);                                                                    \
                STEP(&s, figures, treatment);                                                                                      \
                AT(to) = s.p;                                                                                                      \
                if (FIRST)                                                                                                         \
                    AT(to_first) = s.first;                                                                                        \
                if (SECOND)                                                                                                        \
                    AT(to_second) = s.second;                                                                                      \
            }                                                                                                                      \
            if (whole == n)                                                                                                        \
                return;                                                                                                            \
            if (round == 0) {                                                                                                      \
                memset(&rest, 0, sizeof rest);                                                                                     \
                copy(rest.p, p + whole, n - whole);                                                                                \
                copy(rest.g, g + whole, n - whole);                                                                                \
                copy(rest.first, FIRST ? first + whole : NULL, n - whole);                                                         \
                copy(rest.second, SECOND ? second + whole : NULL, n - whole);                                                      \
                to = rest.p, from = rest.g, to_first = rest.first, to_second = rest.second;                                        \
                end = LANES;                                                                                                       \
            }                                                                                                                      \
        }                                                                                                                          \
        copy(p + whole, rest.p, n - whole);                                                                                        \
        copy(FIRST ? first + whole : NULL, rest.first, n - whole);                                                                 \
        copy(SECOND ? second + whole : NULL, rest.second, n - whole);                                                              \
    }

RUN(sgd, false, false)
RUN(momentum, true, false)
RUN(nesterov, true, false)
RUN(rmsprop, false, true)
RUN(adam, true, true)
RUN(lion, true, false)
RUN(rprop, true, true)

const struct plan_span *optimizer_span(const struct optimizer *optimizer, size_t at)
{
    for (uint32_t i = 0; i < optimizer->span_count; i++)
        if (at >= optimizer->spans[i].start && at < optimizer->spans[i].start + optimizer->spans[i].count)
            return &optimizer->spans[i];
    return NULL;
}

/* Adam's figures hang on the steps that the span took, also before this training. */
struct treatment optimizer_treatment(const struct optimizer *optimizer, const struct plan_span *span)
{
    const struct optimizer_figures *figures = &optimizer->figures;
    struct treatment treatment = {.rate = figures->rate * span->lr_scale,
                                  .correct = figures->correct,
                                  .left = span->weights ? 1.0F - figures->decay * span->lr_scale : 1.0F,
                                  .l1 = span->l1,
                                  .l2 = span->l2};
    if (figures->correct == 0 || !optimizer->starts)
        return treatment;
    const double *start = &optimizer->starts[2 * optimizer->firsts[span - optimizer->spans]];
    treatment.rate = (float)(figures->lr / (1 - optimizer->power1 * start[0])) * span->lr_scale;
    treatment.correct = (float)(1 / (1 - optimizer->power2 * start[1]));
    return treatment;
}

#define CALL_RUN(STEP, FIRST, SECOND) run_##STEP(p, g, first, second, n, &optimizer->figures, &treatment);

/* Of `n` parameters of the span from `at` on; g points to the gradient of the first. */
static void step_span(const struct optimizer *optimizer, const struct plan_span *span, float *params, const float *g, size_t at,
                      size_t n)
{
    const struct treatment treatment = optimizer_treatment(optimizer, span);
    float *p = params + at;
    float *first = optimizer->first ? optimizer->first + at : NULL, *second = optimizer->second ? optimizer->second + at : NULL;
    BY_OPTIMIZER(optimizer->options, CALL_RUN)
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

bool optimizer_wants_all(const struct optimizer *optimizer)
{
    return optimizer->options->clip > 0;
}

bool optimizer_is_even(const struct optimizer *optimizer, const struct plan *plan)
{
    return !optimizer_wants_all(optimizer) && optimizer->span_count == 1 && optimizer->spans[0].start == 0 &&
           plan->param_count == plan->trained_count && optimizer->spans[0].count == lanes_round(plan->trained_count);
}

bool optimizer_begin(struct optimizer *optimizer, double factor)
{
    const struct train_options *options = optimizer->options;
    const bool adaptive = options->optimizer == OPTIMIZER_ADAM || options->optimizer == OPTIMIZER_ADAMW;
    const double lr = options->lr * factor;
    struct optimizer_figures *figures = &optimizer->figures;
    if (lr == figures->lr && !adaptive)
        return false;
    figures->lr = lr;
    figures->rate = (float)(options->optimizer == OPTIMIZER_RPROP ? factor : lr);
    figures->decay = (float)(lr * options->weight_decay);
    if (adaptive) {
        optimizer->power1 *= options->beta1;
        optimizer->power2 *= options->beta2;
        figures->rate = (float)(lr / (1 - optimizer->power1));
        figures->correct = (float)(1 / (1 - optimizer->power2));
    }
    return true;
}

void optimizer_apply(const struct optimizer *optimizer, float *params, const float *gradient, size_t at, size_t count)
{
    for (uint32_t i = 0; i < optimizer->span_count; i++) {
        const struct plan_span *span = &optimizer->spans[i];
        const size_t from = span->start > at ? span->start : at;
        const size_t to = span->start + span->count < at + count ? span->start + span->count : at + count;
        if (from < to)
            step_span(optimizer, span, params, gradient + (from - at), from, to - from);
    }
}

void optimizer_step(struct optimizer *optimizer, float *params, float *gradient, double factor)
{
    optimizer_begin(optimizer, factor);
    if (optimizer_wants_all(optimizer))
        clip(optimizer, gradient);
    for (uint32_t i = 0; i < optimizer->span_count; i++)
        step_span(optimizer, &optimizer->spans[i], params, gradient + optimizer->spans[i].start, optimizer->spans[i].start,
                  optimizer->spans[i].count);
}
