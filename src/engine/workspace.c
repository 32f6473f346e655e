#include "engine/workspace.h"

#include <string.h>

#include "engine/gather.h"
#include "engine/ops.h"
#include "engine/optimizer.h"
#include "engine/simd.h"
#include "engine/small.h"
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

/* Whether ops of a training load what comes next (layer_loads). */
static bool loads_ahead(const struct plan *plan, bool training)
{
    bool loads = false;
    for (uint32_t i = 1; i < plan->op_count && training && !plan->small; i++)
        loads |= layer_loads(plan, &plan->ops[i]);
    return loads;
}

double workspace_bytes(const struct plan *plan, uint32_t samples, bool training)
{
    const double rows = (double)(training ? plan->rows : plan->value_rows);
    const double inputs = loads_ahead(plan, training) ? 2.0 * plan->input_width : 0;
    const double floats = (rows + inputs + (training ? (double)plan->turned : 0)) * workspace_capacity(plan, samples, training) +
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
    workspace->samples = mem_array(workspace->capacity, sizeof *workspace->samples);
    workspace->scratch = mem_floats(plan->scratch + 1);
    if (plan->spread_count > 0)
        workspace->spread = mem_floats(plan->spread_count);
    if (!workspace->arena || !workspace->samples || !workspace->scratch || (plan->spread_count > 0 && !workspace->spread))
        return false;
    if (!training)
        return true;
    workspace->stats = mem_floats(plan->stat_count + 1);
    workspace->gradient = mem_floats(plan->trained_count + 1);
    workspace->turned = mem_floats(plan->turned * workspace->capacity + 1);
    const bool loads = loads_ahead(plan, training);
    if (loads) {
        workspace->inputs = mem_floats((size_t)plan->input_width * workspace->capacity);
        workspace->spare = mem_floats((size_t)plan->input_width * workspace->capacity);
    }
    if (plan->small)
        workspace->partial = mem_floats(lanes_round(plan->trained_count) * LANES);
    return workspace->stats && workspace->gradient && workspace->turned && (workspace->partial || !plan->small) &&
           ((workspace->inputs && workspace->spare) || !loads);
}

void workspace_release(struct workspace *workspace)
{
    mem_free_floats(workspace->arena);
    mem_free(workspace->samples);
    mem_free_floats(workspace->inputs);
    mem_free_floats(workspace->spare);
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

struct load_job {
    const struct load *load;
    size_t from; /* tiles before it are loaded */
};

static void load_rest(void *context, struct crew_part part)
{
    const struct load_job *job = context;
    load_run(job->load, job->from + part.from, job->from + part.to);
}

void workspace_load(struct workspace *workspace, const float *x, const uint32_t *rows, uint32_t count)
{
    const uint32_t width = workspace->plan->input_width;
    struct load load = workspace->ahead;
    const bool begun = load.count > 0 && load.count == count && workspace->ahead_rows == rows;
    workspace->ahead.count = 0;
    workspace->count = count;
    workspace->stride = (uint32_t)lanes_round(count);
    float *to = workspace_row(workspace, workspace->plan->ops[0].value);
    if (begun) {
        workspace->spare = workspace->inputs;
        workspace->inputs = load.to;
    } else if (width < LANES) { /* too narrow for tiles */
        gather_features(x, width, rows, count, to, workspace->stride);
        return;
    } else {
        load = load_of(x, rows, width, count, workspace->samples, to);
    }
    struct load_job job = {&load, load.done};
    const size_t tiles = load_tiles(&load) - load.done;
    if (workspace->crew)
        workspace_share(workspace, LOAD_WORK * LANES * LANES * (double)tiles, tiles, 1, load_rest, &job);
    else
        load_run(&load, load.done, load.done + tiles);
}

void workspace_load_ahead(struct workspace *workspace, const float *x, const uint32_t *rows, uint32_t count)
{
    if (!workspace->spare || count == 0)
        return;
    workspace->ahead = load_of(x, rows, workspace->plan->input_width, count, workspace->samples, workspace->spare);
    workspace->ahead_rows = rows;
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
