#include "engine/model.h"

#include <string.h>

#include "support/references.h"
#include "engine/blas.h"
#include "engine/denormals.h"
#include "engine/losses.h"
#include "engine/plan.h"
#include "support/memory.h"

struct molecule *molecule_private(const struct molecule *molecule, struct diags *diags)
{
    struct molecule_builder builder = {0};
    builder_copy(&builder, molecule, 0);
    return builder_finish(&builder, molecule->genes[0].span, diags);
}

struct model *model_of_plan(const struct molecule *molecule, struct plan *plan, struct recipe *recipe, const float *params,
                            struct diags *diags)
{
    struct model *model = mem_alloc(sizeof *model);
    float *copy = mem_floats(plan->param_count + 1);
    if (!model || !copy) {
        mem_free(model);
        mem_free_floats(copy);
        diag_out_of_memory(diags, molecule->genes[0].span);
        return NULL;
    }
    if (params)
        memcpy(copy, params, plan->param_count * sizeof *params);
    *model = (struct model){.references = 1, .molecule = molecule_retain(molecule), .plan = plan_retain(plan), .params = copy};
    model->recipe = recipe_retain(recipe);
    return model;
}

struct model *model_create(const struct molecule *molecule, uint32_t input_width, struct recipe *recipe, uint64_t seed,
                           struct diags *diags)
{
    struct graph *graph = graph_build(molecule, input_width, diags);
    struct plan *plan = graph ? plan_compile(graph, seed, diags) : NULL;
    graph_release(graph);
    if (!plan)
        return NULL;
    blas_single_thread();
    struct model *model = model_of_plan(molecule, plan, recipe, NULL, diags);
    if (model)
        plan_initialise(plan, seed, model->params);
    plan_release(plan);
    return model;
}

struct model *model_with(const struct model *model, const struct molecule *molecule, struct recipe *recipe, const float *params,
                         struct diags *diags)
{
    struct molecule *copy = molecule_private(molecule, diags);
    struct model *made = copy ? model_of_plan(copy, model->plan, recipe, params, diags) : NULL;
    molecule_release(copy);
    return made;
}

struct model *model_retain(struct model *model)
{
    if (model)
        references_add(&model->references);
    return model;
}

void model_release(struct model *model)
{
    if (!model || !references_drop(&model->references))
        return;
    molecule_release(model->molecule);
    plan_release(model->plan);
    mem_free_floats(model->params);
    recipe_release(model->recipe);
    mem_free(model);
}

uint32_t model_input_width(const struct model *model)
{
    return model->plan->input_width;
}

uint32_t model_output_width(const struct model *model)
{
    return model->plan->output_width;
}

/* The chunk's outputs as rows of `out`, values in their original units. */
static void put_outputs(const struct model *model, const struct workspace *workspace, float *out)
{
    const uint32_t width = model->plan->output_width, stride = workspace->stride;
    const float *value = workspace_row(workspace, plan_output(model->plan)->value);
    const struct recipe *recipe = model->recipe;
    const bool scaled = recipe && recipe->target_scale;
    for (uint32_t r = 0; r < width; r++) {
        const float mean = scaled ? recipe->target_mean[r] : 0.0F, scale = scaled ? recipe->target_scale[r] : 1.0F;
        for (uint32_t s = 0; s < workspace->count; s++)
            out[(size_t)s * width + r] = value[(size_t)r * stride + s] / scale + mean;
    }
}

bool model_predict(const struct model *model, const float *inputs, uint32_t count, float *out)
{
    const struct plan *plan = model->plan;
    struct workspace workspace;
    const bool ok = workspace_init(&workspace, plan, count, false);
    const unsigned denormals = denormals_flush();
    workspace.params = model->params;
    for (uint32_t start = 0; ok && start < count; start += workspace.capacity) {
        const uint32_t n = count - start < workspace.capacity ? count - start : workspace.capacity;
        workspace_load(&workspace, inputs + (size_t)start * plan->input_width, NULL, n);
        workspace_forward(&workspace);
        head_apply(plan->head, workspace_row(&workspace, plan_output(plan)->value), plan->output_width, workspace.stride);
        put_outputs(model, &workspace, out + (size_t)start * plan->output_width);
    }
    denormals_restore(denormals);
    workspace_release(&workspace);
    return ok;
}
