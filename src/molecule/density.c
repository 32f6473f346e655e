/* One density for several layers, as Erdos-Renyi-kernel shares it out. With a fixed total, a layer of n inputs and m outputs keeps

       epsilon (n + m)

   of its n m connections, at most all of them (Mocanu and others, "Scalable training of artificial neural networks with adaptive
   sparse connectivity", Nature Communications 2018, equation 3; that layers which are full give the rest to the others is of Evci
   and others, "Rigging the lottery", ICML 2020, section 3). So small layers, such as the last one, stay connected.

   The outcome is written into the layers: from then on each has a density of its own, whatever grows beside it. */
#include "molecule/density.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "molecule/graph.h"
#include "molecule/trait.h"
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

static double least_density(void)
{
    return trait_find(STR("density"))->low;
}

/* Densities are told to people: four digits are more than enough to tell a layer's count of connections. The least that a layer can
   have leaves it one. */
static double rounded(double density)
{
    if (!(density > least_density()))
        return least_density();
    double unit = pow(10, ceil(log10(density)) - 4);
    double whole = round(density / unit);
    return unit < 1 ? whole / round(1 / unit) : whole * unit;
}

uint64_t density_count(double density, uint64_t all)
{
    return density < 1 ? (uint64_t)fmax(1, round(density * (double)all)) : all;
}

double density_of_count(uint64_t count, uint64_t all)
{
    if (count >= all)
        return 1;
    const double share = (double)count / (double)all;
    if (share <= least_density())
        return least_density();
    char text[32];
    for (int digits = 1; digits < 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, share);
        const double density = strtod(text, NULL);
        if (density < 1 && density_count(density, all) == count)
            return density;
    }
    return share;
}

uint64_t density_least_count(uint64_t all)
{
    return density_count(least_density(), all);
}

double density_scaled(double density, double factor)
{
    return rounded(density * factor);
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
        traits->density = parts[i].full ? 1 : rounded(fmin(1, epsilon * parts[i].reach / parts[i].connections));
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
