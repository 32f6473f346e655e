#include "molecule/layers.h"

#include "support/memory.h"

struct search {
    const struct graph *graph;
    uint32_t *reader, *readers; /* by node: one that reads it, and how many do */
    bool *patch;                /* by node: it is a part of one */
};

static const struct gene *gene_at(const struct search *search, uint32_t node)
{
    return &search->graph->molecule->genes[search->graph->nodes[node].gene];
}

static uint32_t input_of(const struct graph *graph, uint32_t node, uint32_t number)
{
    return graph->inputs[graph->nodes[node].input_at + number];
}

static void find_readers(struct search *search)
{
    const struct graph *graph = search->graph;
    for (uint32_t i = 0; i < graph->count; i++)
        for (uint32_t k = 0; k < graph->nodes[i].input_count; k++) {
            search->reader[input_of(graph, i, k)] = i;
            search->readers[input_of(graph, i, k)]++;
        }
}

/* Marks the nodes from a gather to the scatter `end`, where nobody else reads them. */
static void mark_patch(struct search *search, uint32_t end)
{
    const struct graph *graph = search->graph;
    uint32_t first = end;
    while (graph->nodes[first].op != GRAPH_GATHER) {
        if (graph->nodes[first].input_count != 1 || search->readers[first] != 1)
            return;
        first = input_of(graph, first, 0);
    }
    for (uint32_t node = end;; node = input_of(graph, node, 0)) {
        search->patch[node] = true;
        if (node == first)
            return;
    }
}

/* Only a sum of the molecule's own counts: a skip adds its input as it is. */
static bool is_sum(const struct search *search, uint32_t node)
{
    return search->graph->nodes[node].op == GRAPH_SUM && gene_at(search, node)->kind == GENE_SUM;
}

static void mark_patches(struct search *search)
{
    const struct graph *graph = search->graph;
    for (uint32_t i = 0; i < graph->count; i++)
        for (uint32_t k = 0; is_sum(search, i) && k < graph->nodes[i].input_count; k++) {
            const uint32_t part = input_of(graph, i, k);
            if (graph->nodes[part].op == GRAPH_SCATTER && search->readers[part] == 1)
                mark_patch(search, part);
        }
}

/* Whether all parts of a sum but `node` are patches. */
static bool sum_of_patches(const struct search *search, uint32_t sum, uint32_t node)
{
    const struct graph *graph = search->graph;
    bool well = is_sum(search, sum);
    for (uint32_t k = 0; well && k < graph->nodes[sum].input_count; k++)
        well = input_of(graph, sum, k) == node || search->patch[input_of(graph, sum, k)];
    return well;
}

/* The one node that reads `node`; `node` itself where there is none, or more than one. */
static uint32_t only_reader(const struct search *search, uint32_t node)
{
    return search->readers[node] == 1 ? search->reader[node] : node;
}

/* The layer whose connections are at `node`. */
static struct network_layer layer_at(const struct search *search, uint32_t node)
{
    const struct graph *graph = search->graph;
    const uint32_t gene = graph->nodes[node].gene;
    const bool linear = gene_at(search, node)->kind == GENE_LAYER && element_is_linear(gene_at(search, node)->element);
    struct network_layer layer = {.gene = gene, .sum = gene, .end = gene, .node = node, .last = node};
    uint32_t next = only_reader(search, node);
    if (gene_at(search, node)->kind == GENE_LAYER) { /* its own element */
        layer.last = next;
        next = only_reader(search, next);
    }
    if (linear && next != layer.last && sum_of_patches(search, next, layer.last)) {
        layer.sum = layer.end = graph->nodes[next].gene;
        layer.last = next;
        next = only_reader(search, next);
        if (next != layer.last && graph->nodes[next].op == GRAPH_ACTIVATION) {
            layer.end = graph->nodes[next].gene;
            layer.last = next;
            next = only_reader(search, next);
        }
    }
    layer.output = next != layer.last && graph->nodes[next].op == GRAPH_HEAD;
    return layer;
}

struct network_layer *layers_find(const struct graph *graph, uint32_t *count)
{
    struct network_layer *layers = mem_array(graph->count, sizeof *layers);
    struct search search = {.graph = graph,
                            .reader = mem_array(graph->count, sizeof *search.reader),
                            .readers = mem_array(graph->count, sizeof *search.readers),
                            .patch = mem_array(graph->count, sizeof *search.patch)};
    const bool room = layers && search.reader && search.readers && search.patch;
    *count = 0;
    if (room) {
        find_readers(&search);
        mark_patches(&search);
    }
    for (uint32_t i = 0; room && i < graph->count; i++)
        if (graph->nodes[i].op == GRAPH_AFFINE && !graph->nodes[i].projection && !search.patch[i])
            layers[(*count)++] = layer_at(&search, i);
    mem_free(search.reader);
    mem_free(search.readers);
    mem_free(search.patch);
    if (room)
        return layers;
    mem_free(layers);
    return NULL;
}
