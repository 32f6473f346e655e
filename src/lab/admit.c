/* Admission to a search, judged on the graph: parameters and depth are those of the network that would be trained. */
#include "lab/admit.h"

#include "support/limits.h"
#include "support/memory.h"
#include "support/number.h"

/* Says that `what` is `has` while `most` are allowed. */
static bool too_much(struct diags *diags, struct span span, const char *what, double has, double most)
{
    struct text text = {0};
    number_write_count(&text, has);
    text_addf(&text, " %s, more than the limit of ", what);
    number_write_count(&text, most);
    if (text.failed)
        diag_out_of_memory(diags, span);
    else
        diag_error(diags, span, "this molecule has %s", text_chars(&text));
    text_release(&text);
    return false;
}

static bool element_allowed(const struct evolve_limits *limits, const struct element *element)
{
    for (size_t i = 0; i < limits->element_count; i++)
        if (limits->elements[i] == element)
            return true;
    return limits->elements == NULL;
}

static bool genes_allowed(const struct molecule *molecule, const struct evolve_limits *limits, struct diags *diags)
{
    for (uint32_t i = 0; i < molecule->count; i++) {
        const struct gene *gene = &molecule->genes[i];
        bool layer = gene->kind == GENE_LAYER;
        if (layer && limits->width > 0 && gene->width > limits->width)
            return too_much(diags, gene->span, "neurons in one layer", gene->width, limits->width);
        if ((layer || gene->kind == GENE_ACTIVATION) && !element_allowed(limits, gene->element)) {
            diag_error(diags, gene->span, "the element `%s` is not among those that the limits allow", gene->element->name);
            return false;
        }
    }
    return true;
}

/* Most layers on any way from the input to the output; the head and projections of skips do not count. */
static bool depth_allowed(const struct graph *graph, uint32_t most, struct diags *diags)
{
    const struct gene *genes = graph->molecule->genes;
    uint32_t *depth = mem_array(graph->count, sizeof *depth);
    if (depth == NULL)
        return diag_out_of_memory(diags, genes[0].span);
    uint32_t deepest = 0;
    for (uint32_t i = 0; i < graph->count; i++) {
        const struct graph_node *node = &graph->nodes[i];
        for (uint32_t k = 0; k < node->input_count; k++) {
            uint32_t before = depth[graph->inputs[node->input_at + k]];
            depth[i] = before > depth[i] ? before : depth[i];
        }
        depth[i] += node->op == GRAPH_AFFINE && !node->projection && genes[node->gene].kind == GENE_LAYER;
        deepest = depth[i] > deepest ? depth[i] : deepest;
    }
    mem_free(depth);
    return deepest <= most || too_much(diags, genes[0].span, "layers in a row", deepest, most);
}

struct molecule *admit_whole(const struct molecule *molecule, const struct prepared *data, enum loss_kind loss,
                             const struct evolve_limits *limits, struct graph **graph, struct diags *diags)
{
    if (!genes_allowed(molecule, limits, diags))
        return NULL;
    struct molecule *whole = molecule_for_data(molecule, data, loss, SPAN_NONE, diags);
    *graph = whole != NULL ? graph_build(whole, data->train.width, diags) : NULL;
    bool allowed = *graph != NULL;
    if (allowed) {
        double most = limits->params > 0 ? limits->params : LIMIT_PARAMETERS;
        double params = (double)(*graph)->params;
        allowed = params <= most || too_much(diags, molecule->genes[0].span, "parameters", params, most);
    }
    if (allowed && limits->depth > 0)
        allowed = depth_allowed(*graph, limits->depth, diags);
    if (allowed)
        return whole;
    graph_release(*graph);
    *graph = NULL;
    molecule_release(whole);
    return NULL;
}

bool admit(const struct molecule *molecule, const struct prepared *data, enum loss_kind loss, const struct evolve_limits *limits,
           struct diags *diags)
{
    struct graph *graph;
    struct molecule *whole = admit_whole(molecule, data, loss, limits, &graph, diags);
    if (whole)
        graph_release(graph);
    molecule_release(whole);
    return whole;
}
