#include "engine/workspace.h"

#include <string.h>

#include "engine/ops.h"
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

/* Batchnorm's statistics in training are those of the whole batch, so that all of it must be there at once. */
static uint32_t workspace_capacity(const struct plan *plan, uint32_t samples, bool training)
{
    const bool whole = training && plan->batch_statistics;
    return (uint32_t)lanes_round(samples == 0 ? 1 : samples < plan->chunk || whole ? samples : plan->chunk);
}

double workspace_bytes(const struct plan *plan, uint32_t samples, bool training)
{
    const double rows = (double)(training ? plan->rows : plan->value_rows);
    const double floats = rows * workspace_capacity(plan, samples, training) + (double)plan->stat_count + (double)plan->scratch;
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
    if (!workspace->arena || !workspace->scratch)
        return false;
    if (!training)
        return true;
    workspace->stats = mem_floats(plan->stat_count + 1);
    workspace->gradient = mem_floats(plan->trained_count + 1);
    if (plan->small)
        workspace->partial = mem_floats(lanes_round(plan->trained_count) * LANES);
    return workspace->stats && workspace->gradient && (workspace->partial || !plan->small);
}

void workspace_release(struct workspace *workspace)
{
    mem_free_floats(workspace->arena);
    mem_free_floats(workspace->scratch);
    mem_free_floats(workspace->stats);
    mem_free_floats(workspace->gradient);
    mem_free_floats(workspace->partial);
    *workspace = (struct workspace){0};
}

/* A row of samples may begin anywhere. */
typedef float loose_lanes __attribute__((vector_size(4 * LANES), aligned(4), may_alias));

/* One stage of Eklundh's transposition ("A fast computer method for matrix transposing", 1972): blocks of `distance` values change
   places between rows `distance` apart. */
#define EXCHANGE(distance, LOW, HIGH)                                                                                              \
    _Pragma("GCC unroll 16") for (int i = 0; i < LANES; i++) if (!(i & distance))                                                  \
    {                                                                                                                              \
        const lanes a = row[i], b = row[i + distance];                                                                             \
        row[i] = __builtin_shufflevector(a, b, LOW);                                                                               \
        row[i + distance] = __builtin_shufflevector(a, b, HIGH);                                                                   \
    }

#define LOW8  0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23
#define HIGH8 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31
#define LOW4  0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27
#define HIGH4 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31
#define LOW2  0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29
#define HIGH2 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31
#define LOW1  0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30
#define HIGH1 1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31

/* `width` values of LANES samples, transposed: sixteen by sixteen in registers, the rest one by one. */
KERNEL static void load_tile(const float *const from[LANES], float *to, uint32_t width, size_t stride)
{
    uint32_t f = 0;
    for (; f + LANES <= width; f += LANES) {
        lanes row[LANES];
#pragma GCC unroll 16
        for (int i = 0; i < LANES; i++)
            row[i] = *(const loose_lanes *)(from[i] + f);
        EXCHANGE(8, LOW8, HIGH8)
        EXCHANGE(4, LOW4, HIGH4)
        EXCHANGE(2, LOW2, HIGH2)
        EXCHANGE(1, LOW1, HIGH1)
#pragma GCC unroll 16
        for (int i = 0; i < LANES; i++)
            *(lanes *)(to + (f + i) * stride) = row[i];
    }
    for (; f < width; f++)
        for (int s = 0; s < LANES; s++)
            to[f * stride + s] = from[s][f];
}

void workspace_load(struct workspace *workspace, const float *x, const uint32_t *rows, uint32_t count)
{
    const uint32_t width = workspace->plan->input_width;
    workspace->count = count;
    workspace->stride = (uint32_t)lanes_round(count);
    float *to = workspace_row(workspace, workspace->plan->ops[0].value);
    for (uint32_t s = 0; s < count; s += LANES) {
        const float *from[LANES];
        for (uint32_t i = 0; i < LANES; i++) {
            const uint32_t sample = s + i < count ? s + i : 0;
            from[i] = x + (size_t)(rows ? rows[sample] : sample) * width;
        }
        load_tile(from, to + s, width, workspace->stride);
    }
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

void workspace_backward(struct workspace *workspace, bool add)
{
    const struct plan *plan = workspace->plan;
    if (plan->small) {
        small_backward(workspace, add);
        return;
    }
    for (uint32_t i = plan->op_count; i-- > 1;)
        if (plan->ops[i].trained)
            op_codes[plan->ops[i].kind].backward(workspace, &plan->ops[i], add);
}
