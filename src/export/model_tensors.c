/* See model_tensors.h. */
#include "export/model_tensors.h"

#include <stdio.h>

struct walk {
    bool (*visit)(void *context, const struct model_tensor *tensor);
    void *context;
    float *params;
    unsigned layer;
};

static bool floats(const struct walk *walk, const char *what, size_t at, uint64_t rows, uint64_t columns)
{
    struct model_tensor tensor = {.type = TENSOR_F32, .rows = rows, .columns = columns, .values = walk->params + at};
    snprintf(tensor.name, sizeof tensor.name, "%u.%s", walk->layer, what);
    return walk->visit(walk->context, &tensor);
}

static bool connections(const struct walk *walk, const char *what, uint32_t *at, uint64_t count)
{
    struct model_tensor tensor = {.type = TENSOR_U32, .columns = count, .connections = at};
    snprintf(tensor.name, sizeof tensor.name, "%u.weight.%s", walk->layer, what);
    return walk->visit(walk->context, &tensor);
}

static bool weights(const struct walk *walk, const struct plan_op *op)
{
    if (op->sparse)
        return floats(walk, "weight", op->weights, 0, op->weight_count) &&
               connections(walk, "start", op->sparse->start, op->width + (uint64_t)1) &&
               connections(walk, "input", op->sparse->input, op->weight_count);
    return op->kind == PLAN_DENSE ? floats(walk, "weight", op->weights, op->width, op->depth)
                                  : floats(walk, "weight", op->weights, 0, op->width);
}

static bool layer(const struct walk *walk, const struct plan_op *op)
{
    return (op->weights == PLAN_NONE || weights(walk, op)) &&
           (op->bias == PLAN_NONE || floats(walk, "bias", op->bias, 0, op->width)) &&
           (op->running == PLAN_NONE || (floats(walk, "running_mean", op->running, 0, op->width) &&
                                         floats(walk, "running_var", op->running + op->width, 0, op->width))) &&
           (op->learned == PLAN_NONE || floats(walk, "learned", op->learned, op->element->learned_count, op->width));
}

bool model_tensors_each(const struct plan *plan, float *params, bool (*visit)(void *context, const struct model_tensor *tensor),
                        void *context)
{
    struct walk walk = {visit, context, params, 0};
    for (uint32_t i = 0; i < plan->op_count; i++) {
        const struct plan_op *op = &plan->ops[i];
        if (op->weights == PLAN_NONE && op->bias == PLAN_NONE && op->learned == PLAN_NONE)
            continue;
        if (!layer(&walk, op))
            return false;
        walk.layer++;
    }
    return true;
}
