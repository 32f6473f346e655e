/* A row is [samples x networks], the networks of one sample side by side. */
#include "engine/cohort.h"

#include <math.h>
#include <string.h>

#include "engine/denormals.h"
#include "engine/losses.h"
#include "engine/ops.h"
#include "engine/simd.h"
#include "support/memory.h"

/* Samples at a time: their sums are in registers while a network's weights pass. */
enum { SAMPLES = 4 };

bool cohort_fits(const struct plan *plan)
{
    for (uint32_t i = 0; i < plan->op_count; i++) {
        const struct plan_op *op = &plan->ops[i];
        if (op->kind == PLAN_BATCHNORM || op->kind == PLAN_LAYERNORM || op->learned != PLAN_NONE)
            return false;
    }
    return true;
}

/* ---- layers ---- */

/* One layer: `weights` of sixteen networks each, rows `stride` floats apart. */
struct cohort_layer {
    const lanes *weights, *bias; /* bias NULL: none */
    const struct plan_sparse *sparse;
    const float *x;
    float *y;
    size_t width, depth, stride;
};

/* One neuron of `samples` samples from `at` on. The order of additions is that of dense.c: the bias, then input by input. */
INLINE void neuron(const struct cohort_layer *layer, const lanes *weights, const uint32_t *inputs, size_t count, const lanes *bias,
                   float *y, size_t at, int samples)
{
    lanes sum[SAMPLES];
#pragma GCC unroll 4
    for (int s = 0; s < samples; s++) {
        sum[s] = (lanes){0};
        if (bias)
            sum[s] = *bias;
    }
    for (size_t k = 0; k < count; k++) {
        const lanes *x = (const lanes *)(layer->x + (inputs ? inputs[k] : k) * layer->stride + at);
#pragma GCC unroll 4
        for (int s = 0; s < samples; s++)
            sum[s] += weights[k] * x[s];
    }
#pragma GCC unroll 4
    for (int s = 0; s < samples; s++)
        ((lanes *)(y + at))[s] = sum[s];
}

INLINE void layer_rows(const struct cohort_layer *layer, size_t at, int samples)
{
    size_t from = 0;
    for (size_t o = 0; o < layer->width; o++) {
        const struct plan_sparse *sparse = layer->sparse;
        const size_t count = sparse ? sparse->start[o + 1] - sparse->start[o] : layer->depth;
        neuron(layer, layer->weights + from, sparse ? sparse->input + from : NULL, count, layer->bias ? layer->bias + o : NULL,
               layer->y + o * layer->stride, at, samples);
        from += count;
    }
}

KERNEL static void layer_run(const struct cohort_layer *layer)
{
    size_t at = 0;
    for (; at + SAMPLES * LANES <= layer->stride; at += SAMPLES * LANES)
        layer_rows(layer, at, SAMPLES);
    for (; at < layer->stride; at += LANES)
        layer_rows(layer, at, 1);
}

static void forward_layer(struct workspace *workspace, const float *params, const struct plan_op *op)
{
    const struct plan_op *input = op_input(workspace, op, 0);
    float *y = workspace_row(workspace, op->value);
    const struct cohort_layer layer = {.weights = (const lanes *)(params + op->weights * LANES),
                                       .bias = op->bias == PLAN_NONE ? NULL : (const lanes *)(params + op->bias * LANES),
                                       .sparse = op->sparse,
                                       .x = workspace_row(workspace, input->value),
                                       .y = y,
                                       .width = op->width,
                                       .depth = op->depth,
                                       .stride = workspace->stride};
    layer_run(&layer);
    if (op->element)
        element_value(op->element, NULL, y, op->width, workspace->stride, workspace->scratch);
}

static void forward(struct cohort *cohort)
{
    struct workspace *workspace = &cohort->workspace;
    const struct plan *plan = workspace->plan;
    for (uint32_t i = 1; i < plan->op_count; i++) {
        const struct plan_op *op = &plan->ops[i];
        if (op->kind == PLAN_DENSE || op->kind == PLAN_SPARSE)
            forward_layer(workspace, cohort->params, op);
        else
            op_codes[op->kind].forward(workspace, op);
    }
}

/* ---- loading ---- */

static bool room(float **block, size_t *has, size_t wanted)
{
    if (wanted <= *has)
        return true;
    mem_free_floats(*block);
    *has = 0;
    *block = mem_floats(wanted);
    if (*block)
        *has = wanted;
    return *block;
}

/* Memory for networks of `plan`: of a sample at a time where rows are many. */
static bool make_room(struct cohort *cohort, const struct plan *plan, const struct objective *objective, bool classes)
{
    struct workspace *workspace = &cohort->workspace;
    if (!cohort->repeat) {
        cohort->repeat = mem_array(PLAN_MOST_CHUNK, sizeof *cohort->repeat);
        for (uint32_t i = 0; cohort->repeat && i < PLAN_MOST_CHUNK; i++)
            cohort->repeat[i] = i / LANES;
    }
    if (!cohort->places)
        cohort->places = mem_array(PLAN_MOST_CHUNK, sizeof *cohort->places);
    *workspace = (struct workspace){.plan = plan, .capacity = plan->chunk / LANES * LANES};
    if (!cohort->repeat || !cohort->places || !room(&cohort->arena, &cohort->arena_count, plan->value_rows * workspace->capacity) ||
        !room(&cohort->scratch, &cohort->scratch_count, plan->scratch + 1) ||
        !room(&cohort->params, &cohort->params_count, (plan->param_count + 1) * LANES))
        return false;
    workspace->arena = cohort->arena;
    workspace->samples = cohort->places;
    workspace->scratch = cohort->scratch;
    cohort->loaded = NULL;
    if (cohort->target_width >= plan->output_width && cohort->targets.classes == classes)
        return true;
    targets_release(&cohort->targets);
    cohort->target_width = 0;
    struct workspace most = *workspace;
    most.capacity = PLAN_MOST_CHUNK;
    if (!targets_init(&cohort->targets, &most, objective, classes))
        return false;
    cohort->target_width = plan->output_width;
    return true;
}

/* The parameters of up to sixteen networks, side by side; lanes without a network repeat the first one. */
KERNEL static void load_params(float *to, const float *const *params, size_t networks, size_t count)
{
    const float *from[LANES];
    for (size_t i = 0; i < LANES; i++)
        from[i] = params[i < networks ? i : 0];
    for (size_t p = 0; p < count; p++)
#pragma GCC unroll 16
        for (size_t i = 0; i < LANES; i++)
            to[p * LANES + i] = from[i][p];
}

/* `count` samples from `start` on, each sixteen times. */
static void load_samples(struct cohort *cohort, const struct objective *objective, const struct samples *samples, uint32_t start,
                         uint32_t count)
{
    struct samples rest = *samples;
    rest.x += (size_t)start * samples->width;
    rest.labels = samples->labels ? samples->labels + start : NULL;
    rest.y = samples->y ? samples->y + (size_t)start * samples->outputs : NULL;
    workspace_load(&cohort->workspace, rest.x, cohort->repeat, count * LANES);
    targets_load(&cohort->targets, &cohort->workspace, objective, &rest, cohort->repeat);
}

/* ---- judging ---- */

/* Runs the networks that are loaded over all samples. */
static void judge(struct cohort *cohort, const struct objective *objective, const struct samples *samples, double loss[LANES],
                  uint64_t right[LANES])
{
    struct workspace *workspace = &cohort->workspace;
    const struct plan_op *output = plan_output(workspace->plan);
    const uint32_t most = workspace->capacity / LANES;
    for (uint32_t start = 0; start < samples->count; start += most) {
        const uint32_t left = samples->count - start, n = left < most ? left : most;
        float losses[LANES];
        int32_t hits[LANES];
        if (cohort->loaded != samples)
            load_samples(cohort, objective, samples, start, n);
        cohort->loaded = samples->count <= most ? samples : NULL;
        forward(cohort);
        const struct loss_chunk chunk = {.value = workspace_row(workspace, output->value),
                                         .target = cohort->targets.value,
                                         .label = cohort->targets.classes ? cohort->targets.labels : NULL,
                                         .weight = cohort->targets.weight,
                                         .scratch = cohort->targets.scratch,
                                         .width = output->width,
                                         .stride = workspace->stride,
                                         .count = workspace->count};
        losses_run_lanes(objective, &chunk, losses, hits);
        for (int i = 0; i < LANES; i++) {
            loss[i] += (double)losses[i];
            right[i] += (uint64_t)hits[i];
        }
    }
}

bool cohort_run(struct cohort *cohort, const struct plan *plan, const struct objective *objective, const struct samples *samples,
                const float *const *params, size_t count, struct cohort_figures *figures)
{
    const bool classes = samples->labels != NULL;
    if (!make_room(cohort, plan, objective, classes))
        return false;
    const unsigned denormals = denormals_flush();
    for (size_t from = 0; from < count; from += LANES) {
        const size_t networks = count - from < LANES ? count - from : LANES;
        double loss[LANES] = {0};
        uint64_t right[LANES] = {0};
        load_params(cohort->params, params + from, networks, plan->param_count);
        judge(cohort, objective, samples, loss, right);
        for (size_t i = 0; i < networks; i++)
            figures[from + i] =
                (struct cohort_figures){loss[i] / samples->count, classes ? (double)right[i] / samples->count : NAN};
    }
    denormals_restore(denormals);
    return true;
}

void cohort_release(struct cohort *cohort)
{
    mem_free_floats(cohort->arena);
    mem_free_floats(cohort->scratch);
    mem_free_floats(cohort->params);
    mem_free(cohort->repeat);
    mem_free(cohort->places);
    targets_release(&cohort->targets);
    *cohort = (struct cohort){0};
}
