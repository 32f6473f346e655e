#include "engine/watch.h"

#include "engine/transplant.h"
#include "support/memory.h"

bool watch_open(struct watch *watch, const struct molecule *molecule, const struct neuron_data *data, struct diags *diags)
{
    const uint32_t samples = data->samples->count;
    *watch = (struct watch){.model = model_create(molecule, data->input_width, NULL, 0, diags),
                            .count = samples < GRADIENT_SAMPLES ? samples : GRADIENT_SAMPLES};
    if (!watch->model)
        return false;
    transplant(watch->model->plan, molecule, watch->model->params);
    watch->rows = draw_rows(samples, watch->count, data->random);
    if (watch->rows &&
        gradient_pass_init(&watch->pass, watch->model, data->samples, data->options, data->class_weights, watch->count, true))
        return true;
    diag_out_of_memory(diags, molecule->genes[0].span);
    return false;
}

void watch_close(struct watch *watch)
{
    gradient_pass_release(&watch->pass);
    mem_free(watch->rows);
    model_release(watch->model);
}

const struct plan_op *layer_op(const struct plan *plan, uint32_t gene)
{
    for (uint32_t i = 0; i < plan->op_count; i++)
        if (plan->ops[i].gene == gene && plan->ops[i].weights != PLAN_NONE && !plan->ops[i].projection)
            return &plan->ops[i];
    return NULL;
}
