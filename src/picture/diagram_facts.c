/* What a diagram knows of its molecule whatever is drawn of it: widths and parameters by gene, names of taps. */
#include "molecule/dna.h"
#include "picture/diagram_part.h"
#include "support/memory.h"

static void note_nodes(struct part_facts *facts)
{
    const struct graph *graph = facts->graph;
    for (uint32_t i = 0; i < graph->count; i++) {
        const struct graph_node *node = &graph->nodes[i];
        facts->params[node->gene + 1] += (double)node->params;
        if (node->projection)
            facts->projections[node->gene] += (double)node->params;
        else if (node->op != GRAPH_INPUT)
            facts->widths[node->gene] = node->width;
    }
    for (uint32_t i = 0; i < facts->molecule->count; i++)
        facts->params[i + 1] += facts->params[i];
}

/* Gives the genes that have no node of their own (chains, taps, inputs) the width of what they pass on. */
static uint32_t fill_widths(struct part_facts *facts, uint32_t gene, uint32_t input)
{
    const struct gene *at = &facts->molecule->genes[gene];
    uint32_t width = input;
    if (at->kind == GENE_TAP && at->label < FREE_LABEL)
        width = facts->widths[facts->roll.defined_at[at->label]];
    for (uint32_t child = gene + 1; child < gene + at->size; child += facts->molecule->genes[child].size) {
        uint32_t given = fill_widths(facts, child, at->kind == GENE_CHAIN ? width : input);
        width = at->kind == GENE_CHAIN ? given : width;
    }
    if (facts->widths[gene] == 0)
        facts->widths[gene] = width;
    return facts->widths[gene];
}

bool part_facts_init(struct part_facts *facts, const struct molecule *molecule, const struct graph *graph)
{
    *facts = (struct part_facts){.molecule = molecule, .graph = graph};
    if (!roll_init(&facts->roll, molecule, 0))
        return false;
    if (molecule->labels > 0 && !(facts->names = dna_label_numbers(molecule)))
        return false;
    if (!graph)
        return true;
    facts->widths = mem_array(molecule->count, sizeof *facts->widths);
    facts->params = mem_array((size_t)molecule->count + 1, sizeof *facts->params);
    facts->projections = mem_array(molecule->count, sizeof *facts->projections);
    if (!facts->widths || !facts->params || !facts->projections)
        return false;
    note_nodes(facts);
    fill_widths(facts, 0, graph->input_width);
    return true;
}

void part_facts_release(struct part_facts *facts)
{
    roll_release(&facts->roll);
    mem_free(facts->names);
    mem_free(facts->widths);
    mem_free(facts->params);
    mem_free(facts->projections);
    *facts = (struct part_facts){0};
}
