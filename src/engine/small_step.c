/* The order of additions is that of small.c. Everything is made for one and for two registers of samples, and for each number of inputs
   up to INPUTS, so that rows lie at known distances and have names of registers. */
#include "engine/small_step.h"

#include "engine/fused.h"
#include "engine/fused_functions.h"
#include "engine/loss_blocks.h"
#include "engine/optimizer_steps.h"
#include "engine/simd.h"
#include "engine/sums.h"

/* Inputs of a layer at a time. */
enum { INPUTS = 4 };

INLINE lanes *row_at(float *rows, size_t row, int columns)
{
    return (lanes *)rows + row * (size_t)columns;
}

INLINE const lanes *values_at(const float *rows, size_t row, int columns)
{
    return (const lanes *)rows + row * (size_t)columns;
}

INLINE void forward_inputs(const struct step_layer *layer, size_t from, int inputs, int columns)
{
    lanes x[INPUTS][STEP_COLUMNS];
#pragma GCC unroll 4
    for (int k = 0; k < inputs; k++)
#pragma GCC unroll 2
        for (int c = 0; c < columns; c++)
            x[k][c] = values_at(layer->x, from + (size_t)k, columns)[c];
    const float *weights = layer->weights + from, *biases = layer->bias;
    const size_t width = layer->width, depth = layer->depth;
    lanes *y = (lanes *)layer->y;
    for (size_t o = 0; o < width; o++, weights += depth, y += columns) {
        const float bias = biases ? biases[o] : 0.0F;
        const lanes start = SPLAT(bias);
        lanes sum[STEP_COLUMNS];
#pragma GCC unroll 2
        for (int c = 0; c < columns; c++)
            sum[c] = from > 0 ? y[c] : start;
#pragma GCC unroll 4
        for (int k = 0; k < inputs; k++)
#pragma GCC unroll 2
            for (int c = 0; c < columns; c++)
                sum[c] += weights[k] * x[k][c];
#pragma GCC unroll 2
        for (int c = 0; c < columns; c++)
            y[c] = sum[c];
    }
}

#define ELEMENT_CASE(name)                                                                                                         \
    case FUSED_##name:                                                                                                             \
        for (size_t r = 0; r < rows; r++) {                                                                                        \
            lanes f = y[r], d;                                                                                                     \
            EACH_LANE                                                                                                              \
            {                                                                                                                      \
                float value, by;                                                                                                   \
                name(f[i], a, &value, &by);                                                                                        \
                f[i] = value;                                                                                                      \
                d[i] = by;                                                                                                         \
            }                                                                                                                      \
            y[r] = f;                                                                                                              \
            slope[r] = d;                                                                                                          \
        }                                                                                                                          \
        break;

INLINE void element_rows(const struct step_layer *layer, int columns)
{
    lanes *y = (lanes *)layer->y, *slope = (lanes *)layer->slope;
    const size_t rows = layer->width * (size_t)columns;
    const float a = layer->param;
    switch ((enum fused_function)layer->function) {
        FUSED_FUNCTIONS(ELEMENT_CASE)
    }
}

/* Gradients of the weights and, where they are wanted, of the arguments of the inputs' elements. */
INLINE void backward_inputs(const struct step_layer *layer, size_t from, int inputs, int columns, bool down)
{
    lanes x[INPUTS][STEP_COLUMNS], dx[INPUTS][STEP_COLUMNS];
#pragma GCC unroll 4
    for (int k = 0; k < inputs; k++)
#pragma GCC unroll 2
        for (int c = 0; c < columns; c++) {
            x[k][c] = values_at(layer->x, from + (size_t)k, columns)[c];
            dx[k][c] = (lanes){0};
        }
    const float *weights = layer->weights + from;
    const lanes *dy = (const lanes *)layer->dy;
    const size_t width = layer->width, depth = layer->depth;
    lanes *sums = (lanes *)layer->dweights + from;
    for (size_t o = 0; o < width; o++, weights += depth, sums += depth, dy += columns) {
#pragma GCC unroll 4
        for (int k = 0; k < inputs; k++) {
            lanes sum = {0};
#pragma GCC unroll 2
            for (int c = 0; c < columns; c++)
                sum += dy[c] * x[k][c];
            sums[k] = sum;
#pragma GCC unroll 2
            for (int c = 0; down && c < columns; c++)
                dx[k][c] += weights[k] * dy[c];
        }
    }
    const float *below = layer->below;
    float *to = layer->dx;
#pragma GCC unroll 4
    for (int k = 0; k < inputs; k++)
#pragma GCC unroll 2
        for (int c = 0; down && c < columns; c++) {
            if (below)
                dx[k][c] *= values_at(below, from + (size_t)k, columns)[c];
            row_at(to, from + (size_t)k, columns)[c] = dx[k][c];
        }
}

/* The sums of the gradient are the biases'. What comes from the loss, by the last layer's outputs, first becomes that by the arguments
   of its element. */
INLINE void backward_outputs(const struct step_layer *layer, bool last, int columns)
{
    lanes *dy = (lanes *)layer->dy, *sums = (lanes *)layer->dbias;
    const lanes *slope = (const lanes *)layer->slope;
    const size_t width = layer->width, rows = width * (size_t)columns;
    for (size_t r = 0; last && slope && r < rows; r++)
        dy[r] *= slope[r];
    for (size_t o = 0; sums && o < width; o++, dy += columns) {
        lanes sum = {0};
#pragma GCC unroll 2
        for (int c = 0; c < columns; c++)
            sum += dy[c];
        sums[o] = sum;
    }
}

/* CALL with the number of inputs as a constant. */
#define BY_INPUTS(CALL, ...)                                                                                                       \
    for (size_t from = 0, depth = layer->depth; from < depth; from += INPUTS)                                                      \
        switch (depth - from) {                                                                                                    \
        case 1:                                                                                                                    \
            CALL(layer, from, 1, __VA_ARGS__);                                                                                     \
            break;                                                                                                                 \
        case 2:                                                                                                                    \
            CALL(layer, from, 2, __VA_ARGS__);                                                                                     \
            break;                                                                                                                 \
        case 3:                                                                                                                    \
            CALL(layer, from, 3, __VA_ARGS__);                                                                                     \
            break;                                                                                                                 \
        default:                                                                                                                   \
            CALL(layer, from, 4, __VA_ARGS__);                                                                                     \
            break;                                                                                                                 \
        }

INLINE void forward(const struct step_layer *layer, int columns)
{
    BY_INPUTS(forward_inputs, columns)
    if (layer->slope)
        element_rows(layer, columns);
}

INLINE void backward(const struct step_layer *layer, bool last, int columns)
{
    backward_outputs(layer, last, columns);
    if (layer->dx)
        BY_INPUTS(backward_inputs, columns, true)
    else
        BY_INPUTS(backward_inputs, columns, false)
}

#define LOSS_COLUMNS(LOSS)                                                                                                         \
    for (size_t s = 0; s < (size_t)columns * LANES; s += LANES)                                                                    \
    LOSS_BLOCK(chunk, s, &sums, LOSS)

/* The sums of the first `left` of sixteen registers; what is behind them is 0. */
INLINE void add_up(const lanes *partial, size_t left, lanes *sums)
{
    lanes v[LANES];
#pragma GCC unroll 16
    for (int k = 0; k < LANES; k++)
        v[k] = partial[k];
    if (left == 1)
        sum_some(v, 1, sums);
    else
        sum_sixteen(v, sums);
}

#define STEP_SIXTEEN(STEP, FIRST, SECOND)                                                                                          \
    for (size_t at = 0; at < parameters; at += LANES) {                                                                            \
        struct sixteen s = {.p = *(const lanes *)(params + at)};                                                                   \
        add_up(partial + at, parameters - at, &s.g);                                                                               \
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
INLINE bool step_parameters(const struct small_step *step)
{
    const struct optimizer *optimizer = step->optimizer;
    const struct treatment *treatment = &step->treatment;
    const lanes *partial = (const lanes *)step->workspace->partial;
    const size_t parameters = step->parameters;
    const bool penalised = treatment->l1 != 0 || treatment->l2 != 0;
    float *params = step->params;
    lanes odd = {0};
    BY_OPTIMIZER(optimizer->options, STEP_SIXTEEN)
    return sum_one(&odd) == 0.0F;
}

INLINE bool run(const struct small_step *step, struct tally *tally, int columns)
{
    const uint32_t count = step->count, trained = step->trained;
    const struct step_layer *layers = step->layers[columns - 1];
    const struct loss_chunk *chunk = &step->chunks[columns - 1];
    struct loss_sums sums = {.loss = {0}};
    for (uint32_t l = 0; l < count; l++)
        forward(&layers[l], columns);
    BY_LOSS(step->objective, LOSS_COLUMNS)
    for (uint32_t l = count; l-- > trained;)
        backward(&layers[l], l + 1 == count, columns);
    const bool finite = step_parameters(step);
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

static void layer_fill(const struct workspace *workspace, const struct plan_op *op, size_t stride, struct step_layer *layer)
{
    const struct plan_op *input = op - 1;
    float *arena = workspace->arena;
    *layer = (struct step_layer){.weights = workspace->params + op->weights,
                                 .dweights = workspace->partial + op->weights * LANES,
                                 .x = arena + input->value * stride,
                                 .y = arena + op->value * stride,
                                 .width = op->width,
                                 .depth = op->depth};
    if (op->bias != PLAN_NONE) {
        layer->bias = workspace->params + op->bias;
        layer->dbias = workspace->partial + op->bias * LANES;
    }
    if (op->element) {
        layer->slope = arena + op->slope * stride;
        layer->function = op->element->fused->function;
        layer->param = op->element->params[0];
    }
    if (op->trained)
        layer->dy = arena + op->grad * stride;
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
    }
    for (uint32_t l = 0; l < step->count; l++) {
        const struct plan_op *op = &plan->ops[l + 1];
        if (op->element && (!op->element->fused || op->slope == PLAN_NONE))
            return false;
        step->trained += op->trained ? 0 : 1;
        for (size_t columns = 1; columns <= STEP_COLUMNS; columns++)
            layer_fill(workspace, op, columns * LANES, &step->layers[columns - 1][l]);
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
