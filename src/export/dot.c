/* See dot.h. */
#include "export/dot.h"

void dot_write(const struct graph *graph, struct text *out)
{
    text_add(out, "digraph molecule {\n  rankdir=TB\n  node [shape=box, style=rounded, fontname=\"sans-serif\"]\n");
    for (uint32_t i = 0; i < graph->count; i++) {
        const struct graph_node *node = &graph->nodes[i];
        text_addf(out, "  n%u [label=\"%s %u", i, graph_node_name(graph, node), node->width);
        if (node->params)
            text_addf(out, "\\n%llu parameters", (unsigned long long)node->params);
        text_add(out, "\"]\n");
        for (uint32_t k = 0; k < node->input_count; k++)
            text_addf(out, "  n%u -> n%u\n", graph->inputs[node->input_at + k], i);
    }
    text_add(out, "}\n");
}
