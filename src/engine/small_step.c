/* The order of additions is that of small.c. Everything is made for one and for two registers of samples, and the backward pass for each
   number of inputs up to INPUTS, so that rows lie at known distances and have names of registers. */
#include "engine/small_step.h"

#include "engine/fused.h"
#include "engine/fused_functions.h"
#include "engine/loss_blocks.h"
#include "engine/optimizer_steps.h"
#include "engine/simd.h"
#include "engine/sums.h"

/* Inputs of a layer at a time, in the backward pass. */
enum { INPUTS = 4 };

#define ONES 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1

/* One output's sums over its inputs, from its bias on. */
INLINE void sum_inputs(const float *weights, float bias, const lanes *x, size_t depth, int columns, lanes sum[STEP_COLUMNS])
{
#pragma GCC unroll 2
    for (int c = 0; c < columns; c++)
        sum[c] = bias + weights[0] * x[c];
#pragma GCC unroll 4
    for (size_t k = 1; k < depth; k++)
#pragma GCC unroll 2
        for (int c = 0; c < columns; c++)
            sum[c] += weights[k] * x[k * (size_t)columns + (size_t)c];
}

#define EACH_OUTPUT for (size_t o = 0; o < width; o++, weights += depth, y += columns)

#define ELEMENT_CASE(name)                                                                                                         \
    case FUSED_##name:                                                                                                             \
        EACH_OUTPUT                                                                                                                \
        {                                                                                                                          \
            lanes sum[STEP_COLUMNS];                                                                                               \
            sum_inputs(weights, biases[o], x, depth, columns, sum);                                                                \
            _Pragma("GCC unroll 2") for (int c = 0; c < columns; c++)                                                              \
            {                                                                                                                      \
                lanes f = sum[c], d;                                                                                               \
                EACH_LANE                                                                                                          \
                {                                                                                                                  \
                    float value, by;                                                                                               \
                    name(f[i], a, &value, &by);                                                                                    \
                    f[i] = value;                                                                                                  \
                    d[i] = by;                                                                                                     \
                }                                                                                                                  \
                y[c] = f;                                                                                                          \
                slope[o * (size_t)columns + c] = d;                                                                                \
            }                                                                                                                      \
        }                                                                                                                          \
        break;

INLINE void forward(const struct step_layer *layer, int columns)
{
    const float *weights = layer->weights, *biases = layer->biases, a = layer->param;
    const lanes *x = (const lanes *)layer->x;
    const size_t width = layer->width, depth = layer->depth;
    lanes *y = (lanes *)layer->y, *slope = (lanes *)layer->slope;
    if (!slope) {
        EACH_OUTPUT
        {
            lanes sum[STEP_COLUMNS];
            sum_inputs(weights, biases[o], x, depth, columns, sum);
#pragma GCC unroll 2
            for (int c = 0; c < columns; c++)
                y[c] = sum[c];
        }
        return;
    }
    switch ((enum fused_function)layer->function) {
        FUSED_FUNCTIONS(ELEMENT_CASE)
    }
}

/* Gradients of the arguments of the inputs' elements. */
INLINE void backward_inputs(const struct step_layer *layer, size_t from, int inputs, int columns)
{
    lanes dx[INPUTS][STEP_COLUMNS];
#pragma GCC unroll 4
    for (int k = 0; k < inputs; k++)
#pragma GCC unroll 2
        for (int c = 0; c < columns; c++)
            dx[k][c] = (lanes){0};
    const lanes *dy = (const lanes *)layer->dy;
    const float *weights = layer->weights + from;
    const size_t width = layer->width, depth = layer->depth;
    for (size_t o = 0; o < width; o++, weights += depth, dy += columns)
#pragma GCC unroll 4
        for (int k = 0; k < inputs; k++)
#pragma GCC unroll 2
            for (int c = 0; c < columns; c++)
                dx[k][c] += weights[k] * dy[c];
    const lanes *below = layer->below ? (const lanes *)layer->below + from * (size_t)columns : NULL;
    lanes *to = (lanes *)layer->dx + from * (size_t)columns;
#pragma GCC unroll 4
    for (int k = 0; k < inputs; k++)
#pragma GCC unroll 2
        for (int c = 0; c < columns; c++) {
            if (below)
                dx[k][c] *= below[k * columns + c];
            to[k * columns + c] = dx[k][c];
        }
}

/* What comes from the loss, by the last layer's outputs, first becomes that by the arguments of its element. */
INLINE void backward(const struct step_layer *layer, bool last, int columns)
{
    lanes *dy = (lanes *)layer->dy;
    const lanes *slope = (const lanes *)layer->slope;
    const size_t rows = layer->width * (size_t)columns;
    for (size_t r = 0; last && slope && r < rows; r++)
        dy[r] *= slope[r];
    for (size_t from = 0, depth = layer->dx ? layer->depth : 0; from < depth; from += INPUTS)
        switch (depth - from) {
        case 1:
            backward_inputs(layer, from, 1, columns);
            break;
        case 2:
            backward_inputs(layer, from, 2, columns);
            break;
        case 3:
            backward_inputs(layer, from, 3, columns);
            break;
        default:
            backward_inputs(layer, from, INPUTS, columns);
            break;
        }
}

#define LOSS_COLUMNS(LOSS)                                                                                                         \
    for (size_t s = 0; s < (size_t)columns * LANES; s += LANES)                                                                    \
    LOSS_BLOCK(chunk, s, &sums, LOSS)

/* Products of the first `count` (a constant) of sixteen pairs of rows, sample by sample, added up over samples. */
INLINE void sum_products(const struct step_pair *pairs, int count, int columns, lanes *sums)
{
    lanes v[LANES];
#pragma GCC unroll 16
    for (int k = 0; k < count; k++) {
        const lanes *dy = (const lanes *)pairs[k].dy, *x = (const lanes *)pairs[k].x;
        v[k] = (lanes){0};
#pragma GCC unroll 2
        for (int c = 0; c < columns; c++)
            v[k] += dy[c] * x[c];
    }
    sum_some(v, count, sums);
}

#define STEP_SIXTEEN(STEP, FIRST, SECOND)                                                                                          \
    for (size_t at = 0; at < parameters; at += LANES) {                                                                            \
        struct sixteen s = {.p = *(const lanes *)(params + at)};                                                                   \
        if (parameters - at == 1)                                                                                                  \
            sum_products(pairs + at, 1, columns, &s.g);                                                                            \
        else                                                                                                                       \
            sum_products(pairs + at, LANES, columns, &s.g);                                                                        \
        if (FIRST)                                                                                                                 \
            s.first = *(const lanes *)(optimizer->first + at);                                                                     \
        if (SECOND)                                                                                                                \
            s.second = *(const lanes *)(optimizer->second + at);                                                                   \
        if (penalised)                                                                                                             \
            penalise(&s, treatment->l1, treatment->l2);                                                                            \
        STEP(&s, &optimizer->figures, treatment);                                                                                  \
        odd += 0.0F * s.p;                                                                                                         \
        *(lanes *)(params + at) = s.p;                                                                                             \
        if (FIRST)                                                                                                                 \
            *(lanes *)(optimizer->first + at) = s.first;                                                                           \
        if (SECOND)                                                                                                                \
            *(lanes *)(optimizer->second + at) = s.second;                                                                         \
    }

/* Sums up the gradient and steps sixteen parameters at a time. Whether all are finite: the others' product with 0 is none. */
INLINE bool step_parameters(const struct small_step *step, int columns)
{
    const struct optimizer *optimizer = step->optimizer;
    const struct treatment *treatment = &step->treatment;
    const struct step_pair *pairs = step->pairs[columns - 1];
    const size_t parameters = step->parameters;
    const bool penalised = treatment->l1 != 0 || treatment->l2 != 0;
    float *params = step->params;
    lanes odd = {0};
    BY_OPTIMIZER(optimizer->options, STEP_SIXTEEN)
    return sum_one(&odd) == 0.0F;
}

INLINE bool run(const struct small_step *step, struct tally *tally, int columns)
{
    const uint32_t count = step->count;
    const struct step_layer *layers = step->layers[columns - 1];
    const struct loss_chunk *chunk = &step->chunks[columns - 1];
    struct loss_sums sums = {.loss = {0}};
    for (uint32_t l = 0; l < count; l++)
        forward(&layers[l], columns);
    BY_LOSS(step->objective, LOSS_COLUMNS)
    for (uint32_t l = count; l-- > 0;)
        backward(&layers[l], l + 1 == count, columns);
    const bool finite = step_parameters(step, columns);
    loss_sums_tell(&sums, tally);
    return finite;
}

KERNEL static bool run_one(const struct small_step *step, struct tally *tally)
{
    return run(step, tally, 1);
}

KERNEL static bool run_two(const struct small_step *step, struct tally *tally)
{
    return run(step, tally, 2);
}

/* What the gradient of a bias is the product with; and biases that there are none of, and what fills the last register of parameters. */
static const _Alignas(4 * LANES) float ones[STEP_COLUMNS * LANES] = {ONES, ONES}, zeros[SMALL_PARAMETERS];

static void pairs_fill(const struct plan_op *op, const struct step_layer *layer, size_t stride, struct step_pair *pairs)
{
    for (size_t o = 0; o < layer->width; o++) {
        const float *dy = layer->dy + o * stride;
        for (size_t k = 0; k < layer->depth; k++)
            pairs[op->weights + o * layer->depth + k] = (struct step_pair){dy, layer->x + k * stride};
        if (op->bias != PLAN_NONE)
            pairs[op->bias + o] = (struct step_pair){dy, ones};
    }
}

static void layer_fill(const struct workspace *workspace, const struct plan_op *op, size_t stride, struct step_layer *layer)
{
    const struct plan_op *input = op - 1;
    float *arena = workspace->arena;
    *layer = (struct step_layer){.weights = workspace->params + op->weights,
                                 .biases = op->bias == PLAN_NONE ? zeros : workspace->params + op->bias,
                                 .x = arena + input->value * stride,
                                 .y = arena + op->value * stride,
                                 .dy = arena + op->grad * stride,
                                 .width = op->width,
                                 .depth = op->depth};
    if (op->element) {
        layer->slope = arena + op->slope * stride;
        layer->function = op->element->fused->function;
        layer->param = op->element->params[0];
    }
    if (workspace->plan->edges[op->edge_at].wanted) {
        layer->dx = arena + input->grad * stride;
        layer->below = input->element ? arena + input->slope * stride : NULL;
    }
}

bool small_step_init(struct small_step *step, const struct workspace *workspace, const struct objective *objective,
                     const struct targets *targets, const struct optimizer *optimizer, float *params)
{
    const struct plan *plan = workspace->plan;
    *step = (struct small_step){.workspace = workspace,
                                .objective = objective,
                                .optimizer = optimizer,
                                .count = plan->op_count - 1,
                                .params = params,
                                .parameters = plan->trained_count};
    if (!plan->small || step->count > STEP_LAYERS || objective->loss == LOSS_FORMULA ||
        workspace->capacity > STEP_COLUMNS * LANES || !optimizer_is_even(optimizer, plan))
        return false;
    for (uint32_t columns = 1; columns <= STEP_COLUMNS; columns++) {
        struct workspace loaded = *workspace;
        loaded.stride = columns * LANES;
        step->chunks[columns - 1] = objective_chunk(&loaded, targets, 1);
        for (size_t i = step->parameters; i < lanes_round(step->parameters); i++)
            step->pairs[columns - 1][i] = (struct step_pair){zeros, zeros};
    }
    for (uint32_t l = 0; l < step->count; l++) {
        const struct plan_op *op = &plan->ops[l + 1];
        if (op->element && (!op->element->fused || op->slope == PLAN_NONE))
            return false;
        for (size_t columns = 1; columns <= STEP_COLUMNS; columns++) {
            struct step_layer *layer = &step->layers[columns - 1][l];
            layer_fill(workspace, op, columns * LANES, layer);
            pairs_fill(op, layer, columns * LANES, step->pairs[columns - 1]);
        }
    }
    return true;
}

void small_step_treat(struct small_step *step)
{
    step->treatment = optimizer_treatment(step->optimizer, &step->optimizer->spans[0]);
}

bool small_step_run(struct small_step *step, float scale, struct tally *tally)
{
    const struct workspace *workspace = step->workspace;
    struct loss_chunk *chunk = &step->chunks[workspace->stride / LANES - 1];
    chunk->scale = scale;
    chunk->count = workspace->count;
    return (workspace->stride == LANES ? run_one : run_two)(step, tally);
}
