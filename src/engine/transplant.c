#include "engine/transplant.h"

#include <string.h>

/* A parameter tensor's connections, dense or sparse, seen alike: neuron o has `count` inputs, in ascending order. */
struct fan {
    const uint32_t *input; /* NULL: all of them */
    uint32_t count;
    size_t at; /* of its first weight */
};

static struct fan fan_of(const struct plan_op *op, uint32_t neuron)
{
    if (!op->sparse)
        return (struct fan){NULL, op->depth, op->weights + (size_t)neuron * op->depth};
    const uint32_t start = op->sparse->start[neuron];
    return (struct fan){op->sparse->input + start, op->sparse->start[neuron + 1] - start, op->weights + start};
}

static uint32_t fan_input(const struct fan *fan, uint32_t i)
{
    return fan->input ? fan->input[i] : i;
}

static size_t copy_fan(struct fan to, float *params, struct fan from, const float *old)
{
    size_t copied = 0;
    for (uint32_t i = 0, k = 0; i < to.count && k < from.count;) {
        const uint32_t left = fan_input(&to, i), right = fan_input(&from, k);
        if (left == right) {
            params[to.at + i] = old[from.at + k];
            copied++;
        }
        i += left <= right ? 1U : 0U;
        k += right <= left ? 1U : 0U;
    }
    return copied;
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static size_t copy_floats(float *to, const float *from, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        to[i] = from[i];
    return count;
}

static bool has_fans(const struct plan_op *op)
{
    return op->kind == PLAN_DENSE || op->kind == PLAN_SPARSE;
}

static size_t copy_op(const struct plan_op *to, float *params, const struct plan_op *from, const float *old)
{
    const uint32_t both = least(to->width, from->width);
    size_t copied = 0;
    if (has_fans(to) && has_fans(from))
        for (uint32_t o = 0; o < both; o++)
            copied += copy_fan(fan_of(to, o), params, fan_of(from, o), old);
    else if (to->kind == from->kind && to->weights != PLAN_NONE)
        copied += copy_floats(params + to->weights, old + from->weights, both);
    if (to->bias != PLAN_NONE && from->bias != PLAN_NONE)
        copied += copy_floats(params + to->bias, old + from->bias, both);
    if (to->running != PLAN_NONE && from->running != PLAN_NONE)
        for (uint32_t half = 0; half < 2; half++)
            copied += copy_floats(params + to->running + (size_t)half * to->width, old + from->running + (size_t)half * from->width,
                                  both);
    return copied;
}

/* Two sparse layers of one shape are the same layer drawn twice: the new one takes over which connections there are. */
static void copy_connections(struct plan *plan, const struct plan_op *to, const struct plan_op *from)
{
    if (!to->sparse || !from->sparse || to->width != from->width || to->depth != from->depth ||
        to->weight_count != from->weight_count)
        return;
    const struct plan_sparse *sparse = &plan->sparses[to->sparse - plan->sparses];
    memcpy(sparse->start, from->sparse->start, (to->width + (size_t)1) * sizeof *sparse->start);
    memcpy(sparse->input, from->sparse->input, to->weight_count * sizeof *sparse->input);
}

static size_t copy_learned(const struct plan_op *to, float *params, const struct plan_op *from, const float *old)
{
    if (!to->element || !from->element || to->element->element != from->element->element)
        return 0;
    size_t copied = 0;
    for (unsigned p = 0; p < to->element->learned_count; p++)
        copied += copy_floats(params + to->learned + (size_t)p * to->width, old + from->learned + (size_t)p * from->width,
                              least(to->width, from->width));
    return copied;
}

size_t transplant(struct plan *plan, const struct molecule *molecule, float *params, const struct model *from)
{
    size_t copied = 0;
    for (uint32_t i = 0; i < plan->op_count; i++) {
        const struct plan_op *to = &plan->ops[i];
        const uint32_t origin = molecule->genes[to->gene].origin, learned_origin = molecule->genes[to->learned_gene].origin;
        for (uint32_t k = 0; k < from->plan->op_count; k++) {
            const struct plan_op *old = &from->plan->ops[k];
            if (to->weights != PLAN_NONE && origin == old->gene + 1 && to->projection == old->projection) {
                copy_connections(plan, to, old);
                copied += copy_op(to, params, old, from->params);
            }
            if (to->learned != PLAN_NONE && learned_origin == old->learned_gene + 1 && old->learned != PLAN_NONE)
                copied += copy_learned(to, params, old, from->params);
        }
    }
    return copied;
}
