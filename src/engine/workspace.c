#include "engine/workspace.h"

#include <string.h>

#include "engine/ops.h"
#include "engine/simd.h"
#include "support/memory.h"

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

static uint32_t workspace_capacity(const struct plan *plan, uint32_t samples)
{
    return (uint32_t)lanes_round(samples == 0 ? 1 : samples < plan->chunk ? samples : plan->chunk);
}

double workspace_bytes(const struct plan *plan, uint32_t samples, bool training)
{
    const double rows = (double)(training ? plan->rows : plan->value_rows);
    const double floats = rows * workspace_capacity(plan, samples) + (double)plan->stat_count + (double)plan->scratch;
    return 4 * (floats + (training ? (double)plan->trained_count : 0));
}

bool workspace_init(struct workspace *workspace, const struct plan *plan, uint32_t samples, bool training)
{
    *workspace = (struct workspace){.plan = plan, .capacity = workspace_capacity(plan, samples)};
    workspace->arena = mem_floats((training ? plan->rows : plan->value_rows) * workspace->capacity);
    workspace->scratch = mem_floats(plan->scratch + 1);
    if (!workspace->arena || !workspace->scratch)
        return false;
    if (!training)
        return true;
    workspace->stats = mem_floats(plan->stat_count + 1);
    workspace->gradient = mem_floats(plan->trained_count + 1);
    return workspace->stats && workspace->gradient;
}

void workspace_release(struct workspace *workspace)
{
    mem_free_floats(workspace->arena);
    mem_free_floats(workspace->scratch);
    mem_free_floats(workspace->stats);
    mem_free_floats(workspace->gradient);
    *workspace = (struct workspace){0};
}

/* One transposed tile: `width` values of up to LANES samples. */
static void load_tile(const float *const from[LANES], float *to, uint32_t width, size_t stride)
{
    for (uint32_t f = 0; f < width; f++)
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

void workspace_forward(struct workspace *workspace)
{
    const struct plan *plan = workspace->plan;
    for (uint32_t i = 1; i < plan->op_count; i++)
        op_codes[plan->ops[i].kind].forward(workspace, &plan->ops[i]);
}

void workspace_backward(struct workspace *workspace, bool add)
{
    const struct plan *plan = workspace->plan;
    for (uint32_t i = plan->op_count; i-- > 1;)
        if (plan->ops[i].trained)
            op_codes[plan->ops[i].kind].backward(workspace, &plan->ops[i], add);
}
