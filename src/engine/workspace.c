#include "engine/workspace.h"

#include <string.h>

#include "engine/gather.h"
#include "engine/ops.h"
#include "engine/optimizer.h"
#include "engine/simd.h"
#include "engine/small.h"
#include "engine/turn.h"
#include "support/limits.h"
#include "support/memory.h"
#include "support/random.h"

const struct op_code op_codes[PLAN_OP_KINDS] = {
    [PLAN_INPUT] = {"input", NULL, NULL},
    [PLAN_DENSE] = {"dense", layer_forward, layer_backward},
    [PLAN_SPARSE] = {"sparse", layer_forward, layer_backward},
    [PLAN_ACTIVATION] = {"activation", activation_forward, activation_backward},
    [PLAN_CONCAT] = {"concat", concat_forward, concat_backward},
    [PLAN_SUM] = {"sum", sum_forward, sum_backward},
    [PLAN_PRODUCT] = {"product", product_forward, product_backward},
    [PLAN_DROPOUT] = {"dropout", dropout_forward, dropout_backward},
    [PLAN_BATCHNORM] = {"batchnorm", batchnorm_forward, batchnorm_backward},
    [PLAN_LAYERNORM] = {"layernorm", layernorm_forward, layernorm_backward},
    [PLAN_GATHER] = {"gather", gather_forward, gather_backward},
    [PLAN_SCATTER] = {"scatter", scatter_forward, scatter_backward},
};

const char *plan_op_name(enum plan_op_kind kind)
{
    return op_codes[kind].name;
}

/* Work that takes a core several microseconds, many times what handing over a part of it does. */
#define SHARED_WORK 5e5
/* Moving a value costs as much as so many multiply-adds. */
#define LOAD_WORK 16.0

/* Batchnorm's statistics in training are those of the whole batch, so that all of it must be there at once. */
static uint32_t workspace_capacity(const struct plan *plan, uint32_t samples, bool training)
{
    const bool whole = training && plan->batch_statistics;
    return (uint32_t)lanes_round(samples == 0 ? 1 : samples < plan->chunk || whole ? samples : plan->chunk);
}

double workspace_bytes(const struct plan *plan, uint32_t samples, bool training)
{
    const double rows = (double)(training ? plan->rows : plan->value_rows);
    const double floats = (rows + (training ? (double)plan->turned : 0)) * workspace_capacity(plan, samples, training) +
                          (double)plan->stat_count + (double)plan->scratch + (double)plan->spread_count;
    return 4 * (floats + (training ? (double)plan->trained_count * (plan->small ? 1 + LANES : 1) : 0));
}

bool workspace_fits(const struct plan *plan, uint32_t batch, struct span span, struct diags *diags)
{
    const double bytes = workspace_bytes(plan, batch, true);
    if (bytes <= (double)LIMIT_ARENA_BYTES)
        return true;
    struct diag *diag = diag_error(diags, span, "a batch of %u samples needs %.0f GB of memory to train, the limit is %.0f GB",
                                   batch, bytes / 1e9, (double)LIMIT_ARENA_BYTES / 1e9);
    diag_note(diag, "batchnorm looks at a batch as a whole");
    diag_help(diag, "take smaller batches: `batch: %u`", 256);
    return false;
}

bool workspace_init(struct workspace *workspace, const struct plan *plan, uint32_t samples, bool training)
{
    *workspace = (struct workspace){.plan = plan, .capacity = workspace_capacity(plan, samples, training)};
    workspace->arena = mem_floats((training ? plan->rows : plan->value_rows) * workspace->capacity);
    workspace->scratch = mem_floats(plan->scratch + 1);
    if (plan->spread_count > 0)
        workspace->spread = mem_floats(plan->spread_count);
    if (!workspace->arena || !workspace->scratch || (plan->spread_count > 0 && !workspace->spread))
        return false;
    if (!training)
        return true;
    workspace->stats = mem_floats(plan->stat_count + 1);
    workspace->gradient = mem_floats(plan->trained_count + 1);
    workspace->turned = mem_floats(plan->turned * workspace->capacity + 1);
    if (plan->small)
        workspace->partial = mem_floats(lanes_round(plan->trained_count) * LANES);
    return workspace->stats && workspace->gradient && workspace->turned && (workspace->partial || !plan->small);
}

void workspace_release(struct workspace *workspace)
{
    mem_free_floats(workspace->arena);
    mem_free_floats(workspace->scratch);
    mem_free_floats(workspace->spread);
    mem_free_floats(workspace->stats);
    mem_free_floats(workspace->gradient);
    mem_free_floats(workspace->partial);
    mem_free_floats(workspace->turned);
    *workspace = (struct workspace){0};
}

bool workspace_shares(const struct plan *plan, uint32_t samples)
{
    bool shares = false;
    for (uint32_t i = 0; i < plan->op_count && !plan->small; i++)
        shares |= plan_layer_work(&plan->ops[i]) * (samples < plan->chunk ? samples : plan->chunk) >= SHARED_WORK;
    return shares;
}

bool workspace_crew(struct workspace *workspace, struct crew *crew)
{
    float *scratch = mem_floats(crew_size(crew) * workspace->plan->scratch + 1);
    if (!scratch)
        return false;
    mem_free_floats(workspace->scratch);
    workspace->scratch = scratch;
    workspace->crew = crew;
    return true;
}

void workspace_share(const struct workspace *workspace, double work, size_t count, size_t unit,
                     void (*task)(void *context, struct crew_part part), void *context)
{
    if (!workspace->crew || work < SHARED_WORK)
        task(context, (struct crew_part){.to = count});
    else
        crew_share(workspace->crew, count, unit, task, context);
}

void workspace_step(const struct workspace *workspace, size_t at, size_t count)
{
    if (workspace->optimizer)
        optimizer_apply(workspace->optimizer, workspace->running, workspace->gradient + at, at, count);
}

/* A row of samples may begin anywhere. */
typedef float loose_lanes __attribute__((vector_size(4 * LANES), aligned(4), may_alias));

/* `width` values of LANES samples, transposed: sixteen by sixteen in registers, the rest one by one. */
KERNEL static void load_tile(const float *const from[LANES], float *to, uint32_t width, size_t stride)
{
    uint32_t f = 0;
    for (; f + LANES <= width; f += LANES) {
        lanes row[LANES];
#pragma GCC unroll 16
        for (int i = 0; i < LANES; i++)
            row[i] = *(const loose_lanes *)(from[i] + f);
        turn_sixteen(row);
#pragma GCC unroll 16
        for (int i = 0; i < LANES; i++)
            *(lanes *)(to + (f + i) * stride) = row[i];
    }
    for (; f < width; f++)
        for (int s = 0; s < LANES; s++)
            to[f * stride + s] = from[s][f];
}

struct load_job {
    const struct workspace *workspace;
    const float *x;
    const uint32_t *rows;
};

static inline void load_samples(void *context, struct crew_part part)
{
    const struct load_job *job = context;
    const struct workspace *workspace = job->workspace;
    const uint32_t width = workspace->plan->input_width;
    float *to = workspace_row(workspace, workspace->plan->ops[0].value);
    for (size_t s = part.from; s < part.to; s += LANES) {
        const float *from[LANES];
        for (size_t i = 0; i < LANES; i++) {
            const size_t sample = s + i < workspace->count ? s + i : 0;
            from[i] = job->x + (job->rows ? job->rows[sample] : sample) * width;
        }
        load_tile(from, to + s, width, workspace->stride);
    }
}

void workspace_load(struct workspace *workspace, const float *x, const uint32_t *rows, uint32_t count)
{
    workspace->count = count;
    workspace->stride = (uint32_t)lanes_round(count);
    const uint32_t width = workspace->plan->input_width;
    struct load_job job = {workspace, x, rows};
    if (width < LANES) /* too narrow for tiles */
        gather_features(x, width, rows, count, workspace_row(workspace, workspace->plan->ops[0].value), workspace->stride);
    else if (!workspace->crew)
        load_samples(&job, (struct crew_part){.to = workspace->stride});
    else
        workspace_share(workspace, LOAD_WORK * width * workspace->stride, workspace->stride, LANES, load_samples, &job);
}

void workspace_noise(struct workspace *workspace, double deviation)
{
    struct random random = random_stream(workspace->seed, RANDOM_NOISE, workspace->step);
    for (uint32_t r = 0; r < workspace->plan->input_width; r++) {
        float *row = workspace_row(workspace, workspace->plan->ops[0].value + r);
        for (uint32_t s = 0; s < workspace->count; s++)
            row[s] += (float)(deviation * random_normal(&random));
        for (uint32_t s = workspace->count; s < workspace->stride; s++)
            row[s] = row[0];
    }
}

void workspace_forward(struct workspace *workspace)
{
    const struct plan *plan = workspace->plan;
    if (plan->small) {
        small_forward(workspace);
        return;
    }
    for (uint32_t i = 1; i < plan->op_count; i++)
        op_codes[plan->ops[i].kind].forward(workspace, &plan->ops[i]);
}

/* Steps what an op has beside a layer's weights, which are stepped part by part as their gradients come. */
static void step_rest(const struct workspace *workspace, const struct plan_op *op)
{
    if (op->weights != PLAN_NONE && op->kind != PLAN_DENSE && op->kind != PLAN_SPARSE)
        workspace_step(workspace, op->weights, op->width);
    if (op->bias != PLAN_NONE)
        workspace_step(workspace, op->bias, op->width);
    if (op->learned != PLAN_NONE)
        workspace_step(workspace, op->learned, (size_t)op->element->learned_count * op->width);
}

void workspace_backward(struct workspace *workspace, bool add)
{
    const struct plan *plan = workspace->plan;
    if (plan->small) {
        small_backward(workspace, add);
        return;
    }
    for (uint32_t i = plan->op_count; i-- > 1;)
        if (plan->ops[i].trained) {
            op_codes[plan->ops[i].kind].backward(workspace, &plan->ops[i], add);
            step_rest(workspace, &plan->ops[i]);
        }
}
