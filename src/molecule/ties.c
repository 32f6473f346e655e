#include "molecule/ties.h"

#include "molecule/wiring.h"
#include "support/memory.h"

#define NOBODY UINT32_MAX

struct tying {
    struct ties *ties;
    struct wiring wiring;
    uint32_t *here; /* [widest] who is at each position of the sum at work */
};

/* ---- classes ---- */

static uint32_t root_of(const struct ties *ties, uint32_t number)
{
    while (ties->parent[number] != number) {
        ties->parent[number] = ties->parent[ties->parent[number]]; /* path halving */
        number = ties->parent[number];
    }
    return number;
}

static void tie(struct ties *ties, uint32_t a, uint32_t b, bool multiplied)
{
    const uint32_t x = root_of(ties, a), y = root_of(ties, b), low = x < y ? x : y, high = x < y ? y : x;
    ties->parent[high] = low; /* so that what is tied to 0 is 0 */
    ties->multiplied[low] = ties->multiplied[low] || ties->multiplied[high] || multiplied;
}

uint32_t ties_of(const struct ties *ties, uint32_t gene, uint32_t row)
{
    return ties->base[gene] ? root_of(ties, ties->base[gene] + row) : 0;
}

/* The number of a run's neuron. */
static uint32_t number_of(const struct ties *ties, const struct wire_run *run, uint32_t at)
{
    if (run->gene == WIRE_NOTHING)
        return NOBODY;
    return run->gene < WIRE_DATA && ties->base[run->gene] ? ties->base[run->gene] + run->row + at : 0;
}

/* ---- sums, products, skips ---- */

/* Ties the values of a part to what is at their positions. */
static void tie_part(struct tying *tying, struct wires wires, uint32_t width, bool multiplied)
{
    uint32_t position = 0;
    for (uint32_t i = 0; i < wires.count; i++) {
        const struct wire_run *run = &tying->wiring.runs.at[wires.at + i];
        for (uint32_t k = 0; k < run->count && position < width; k++, position++) {
            const uint32_t number = number_of(tying->ties, run, k);
            uint32_t *here = &tying->here[position];
            if (number != NOBODY && *here != NOBODY)
                tie(tying->ties, *here, number, multiplied);
            *here = *here == NOBODY ? number : *here;
        }
    }
}

static void clear_here(const struct tying *tying, uint32_t width)
{
    for (uint32_t i = 0; i < width; i++)
        tying->here[i] = NOBODY;
}

static void tie_node(struct tying *tying, const struct graph *graph, const struct graph_node *node)
{
    const struct gene *genes = graph->molecule->genes, *gene = &genes[node->gene];
    const uint32_t at = node->gene, base = tying->ties->base[at];
    if (node->op != GRAPH_SUM && node->op != GRAPH_PRODUCT)
        return;
    clear_here(tying, node->width);
    if (gene->kind == GENE_SKIP) {
        for (uint32_t i = 0; base && i < node->width; i++)
            tying->here[i] = base + i;
        if (!base)
            tie_part(tying, tying->wiring.input[at], node->width, false);
        tie_part(tying, tying->wiring.output[at + 1], node->width, false);
        return;
    }
    for (uint32_t child = at + 1; child < at + gene->size; child += genes[child].size)
        tie_part(tying, tying->wiring.output[child], node->width, node->op == GRAPH_PRODUCT);
}

/* What comes out is fixed. */
static void fix_outputs(struct tying *tying, uint32_t width)
{
    for (uint32_t i = 0; i < width; i++)
        tying->here[i] = 0;
    tie_part(tying, tying->wiring.output[0], width, false);
}

/* ---- the whole ---- */

/* Gives numbers to the neurons of layers and projections; the greatest width of a node. */
static uint32_t number_neurons(struct ties *ties, const struct graph *graph)
{
    uint32_t widest = 1;
    ties->count = 1;
    for (uint32_t i = 0; i < graph->count; i++) {
        const struct graph_node *node = &graph->nodes[i];
        widest = node->width > widest ? node->width : widest;
        if (node->op != GRAPH_AFFINE || graph->molecule->genes[node->gene].kind == GENE_OUTPUT)
            continue;
        ties->base[node->gene] = ties->count;
        ties->width[node->gene] = node->width;
        ties->count += node->width;
    }
    return widest;
}

static bool ties_room(struct ties *ties)
{
    ties->gene_of = mem_array(ties->count, sizeof *ties->gene_of);
    ties->parent = mem_array(ties->count, sizeof *ties->parent);
    ties->first = mem_array(ties->count, sizeof *ties->first);
    ties->next = mem_array(ties->count, sizeof *ties->next);
    ties->multiplied = mem_array(ties->count, sizeof *ties->multiplied);
    if (!ties->gene_of || !ties->parent || !ties->first || !ties->next || !ties->multiplied)
        return false;
    for (uint32_t i = 0; i < ties->count; i++)
        ties->parent[i] = i;
    for (uint32_t gene = 0; gene < ties->molecule->count; gene++)
        for (uint32_t i = 0; i < ties->width[gene]; i++)
            ties->gene_of[ties->base[gene] + i] = gene;
    return true;
}

static void list_members(struct ties *ties)
{
    for (uint32_t i = ties->count; i-- > 1;) {
        const uint32_t root = root_of(ties, i);
        ties->next[i] = ties->first[root];
        ties->first[root] = i;
    }
}

struct ties *ties_find(const struct graph *graph)
{
    const struct molecule *molecule = graph->molecule;
    struct ties *ties = mem_alloc(sizeof *ties);
    struct tying tying = {.ties = ties};
    if (!ties)
        return NULL;
    ties->molecule = molecule;
    ties->base = mem_array(molecule->count, sizeof *ties->base);
    ties->width = mem_array(molecule->count, sizeof *ties->width);
    const uint32_t widest = ties->base && ties->width ? number_neurons(ties, graph) : 0;
    const bool room = widest && ties_room(ties);
    tying.here = mem_array(widest + (size_t)1, sizeof *tying.here);
    bool well = room && tying.here && wiring_build(&tying.wiring, molecule, NULL, NULL, graph->input_width);
    well = well && !tying.wiring.crowded;
    for (uint32_t i = 0; well && i < graph->count; i++)
        tie_node(&tying, graph, &graph->nodes[i]);
    if (well) {
        fix_outputs(&tying, graph->output_width);
        list_members(ties);
    }
    if (tying.wiring.molecule)
        wiring_release(&tying.wiring);
    mem_free(tying.here);
    if (well)
        return ties;
    ties_release(ties);
    return NULL;
}

void ties_release(struct ties *ties)
{
    if (!ties)
        return;
    mem_free(ties->base);
    mem_free(ties->width);
    mem_free(ties->gene_of);
    mem_free(ties->parent);
    mem_free(ties->first);
    mem_free(ties->next);
    mem_free(ties->multiplied);
    mem_free(ties);
}
