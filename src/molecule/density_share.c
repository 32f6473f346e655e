/* One density for several layers, as Erdos-Renyi-kernel shares it out. With a fixed total, a layer of n inputs and m outputs keeps

       epsilon (n + m)

   of its n m connections, at most all of them (Mocanu and others, "Scalable training of artificial neural networks with adaptive
   sparse connectivity", Nature Communications 2018, equation 3; that layers which are full give the rest to the others is of Evci
   and others, "Rigging the lottery", ICML 2020, section 3). So small layers, such as the last one, stay connected.

   The outcome is written into the layers: from then on each has a density of its own, whatever grows beside it. */
#include <math.h>

#include "molecule/density.h"
#include "molecule/graph.h"
#include "support/memory.h"

/* A layer that takes part. */
struct part {
    uint32_t gene;
    double connections; /* n m */
    double reach;       /* n + m */
    bool full;
};

static bool takes_part(const struct gene *gene)
{
    return (gene->kind == GENE_LAYER || gene->kind == GENE_OUTPUT) && gene->traits.share == SHARE_ERK;
}

static size_t collect(const struct graph *graph, struct part *parts, double *total)
{
    size_t count = 0;
    for (uint32_t i = 0; i < graph->count; i++) {
        const struct graph_node *node = &graph->nodes[i];
        const struct gene *gene = &graph->molecule->genes[node->gene];
        if (node->op != GRAPH_AFFINE || node->projection || !takes_part(gene))
            continue;
        double inputs = graph->nodes[graph->inputs[node->input_at]].width;
        parts[count] = (struct part){node->gene, inputs * node->width, inputs + node->width, false};
        *total += gene->traits.density * parts[count++].connections;
    }
    return count;
}

/* Epsilon: layers that would get more than they have room for are full, and the others share what is left. */
static double settle(struct part *parts, size_t count, double total)
{
    for (;;) {
        double left = total, reach = 0, epsilon;
        bool again = false;
        for (size_t i = 0; i < count; i++) {
            left -= parts[i].full ? parts[i].connections : 0;
            reach += parts[i].full ? 0 : parts[i].reach;
        }
        epsilon = reach > 0 ? left / reach : 0;
        for (size_t i = 0; i < count; i++)
            if (!parts[i].full && epsilon * parts[i].reach > parts[i].connections)
                again = parts[i].full = true;
        if (!again)
            return epsilon;
    }
}

static struct molecule *with_densities(const struct molecule *molecule, const struct part *parts, size_t count, double epsilon,
                                       struct diags *diags)
{
    struct molecule_builder builder = {0};
    builder_copy(&builder, molecule, 0);
    for (size_t i = 0; !builder.failed && !builder.too_large && i < count; i++) {
        struct traits *traits = &builder.genes[parts[i].gene].traits;
        traits->density = parts[i].full ? 1 : density_scaled(fmin(1, epsilon * parts[i].reach / parts[i].connections), 1);
        traits->share = SHARE_UNIFORM;
    }
    return builder_finish(&builder, molecule->genes[0].span, diags);
}

struct molecule *molecule_settle_densities(const struct molecule *molecule, uint32_t input_width, struct diags *diags)
{
    bool any = false;
    for (uint32_t i = 0; i < molecule->count; i++)
        any |= takes_part(&molecule->genes[i]);
    if (!any)
        return molecule_retain(molecule);
    struct graph *graph = graph_build(molecule, input_width, diags);
    struct part *parts = graph ? mem_array(molecule->count, sizeof *parts) : NULL;
    struct molecule *settled = NULL;
    if (parts) {
        double total = 0;
        size_t count = collect(graph, parts, &total);
        settled = with_densities(molecule, parts, count, settle(parts, count, total), diags);
    } else if (graph) {
        diag_out_of_memory(diags, molecule->genes[0].span);
    }
    mem_free(parts);
    graph_release(graph);
    return settled;
}
