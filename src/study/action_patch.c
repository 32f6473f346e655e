/* Patches on neurons: molecule/patch.h in the words of policies. */
#include "interp/evaluate.h"
#include "molecule/patch.h"
#include "molecule/rewrite.h"
#include "study/action.h"
#include "support/memory.h"

/* The first `most` of each layer and side; NULL without memory. */
static struct patch_neuron *choose(const struct acting *acting, size_t *chosen)
{
    const uint32_t most = action_bound(acting, "most");
    struct patch_neuron *neurons = mem_array(acting->neuron_count + 1, sizeof *neurons);
    *chosen = 0;
    for (size_t i = 0; neurons && i < acting->neuron_count; i++) {
        uint32_t alike = 0;
        for (size_t k = 0; k < *chosen; k++)
            alike += neurons[k].gene == acting->neurons[i].gene && neurons[k].low == acting->neurons[i].low;
        if (alike < most)
            neurons[(*chosen)++] = acting->neurons[i];
    }
    return neurons;
}

/* The molecule with all replacements; NULL with a diagnostic. */
static struct molecule *put_in(const struct acting *acting, const struct patching *patches, uint32_t count)
{
    const struct molecule *molecule = acting->molecule;
    struct molecule *own = NULL;
    for (uint32_t i = 0; i < count; i++) {
        struct molecule *next = action_rewrite(acting, molecule, (struct place){patches[i].gene, 1}, patches[i].replacement);
        if (next && own)
            molecule_compose_origins(next, own);
        molecule_release(own);
        if (!next)
            return NULL;
        molecule = own = next;
    }
    return own;
}

struct molecule *act_patch(const struct acting *acting)
{
    struct eval *eval = acting->eval;
    struct patch_shape shape = {
        .element = elements_by_name(&eval->state->elements, STR("relu")),
        .linear = elements_by_name(&eval->state->elements, STR("linear")),
        .targets = action_bound(acting, "targets"),
        .inputs = action_bound(acting, "inputs"),
        .scale = spec_number(acting->action, "scale"),
        .lr_scale = spec_number(acting->action, "lr_scale"),
    };
    if (!action_width(acting, "hidden", &shape.hidden))
        return NULL;
    struct graph *graph = graph_build(acting->molecule, acting->input_width, eval->diags);
    size_t chosen = 0;
    uint32_t count = 0;
    struct patch_neuron *neurons = graph ? choose(acting, &chosen) : NULL;
    if (graph && !neurons)
        eval_out_of_memory(eval, acting->span);
    struct patching *patches =
        neurons ? patches_plan(graph, neurons, chosen, &shape, acting->random, acting->span, &count, eval->diags) : NULL;
    struct molecule *result = patches ? put_in(acting, patches, count) : NULL;
    patches_release(patches, count);
    mem_free(neurons);
    graph_release(graph);
    return result;
}
