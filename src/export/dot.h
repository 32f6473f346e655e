/* Graphs as DOT, the text format of Graphviz, for people who want to see or lay out a network elsewhere. */
#ifndef NEL_EXPORT_DOT_H
#define NEL_EXPORT_DOT_H

#include "molecule/graph.h"
#include "support/text.h"

/* Appends the graph as a `digraph`: one box a node with its name, width and parameters, an arrow for each reading. */
void dot_write(const struct graph *graph, struct text *out);

#endif
