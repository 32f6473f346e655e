/* A molecule as a diagram of character cells: stages down the page, branches side by side, skips as rails beside what they skip,
   repeats in a dashed frame with ×n, taps by their names; with a graph also widths on the wires and parameters in a margin. What is
   too wide or too long for a page is drawn in part, with a count of what is left out. */
#ifndef NEL_PICTURE_DIAGRAM_H
#define NEL_PICTURE_DIAGRAM_H

#include "molecule/graph.h"
#include "picture/plot.h"

/* `graph` may be NULL: where the number of inputs is not known. `style.rows` is the most rows (0: a page that a person scrolls
   through). */
void plot_molecule(struct text *out, const struct molecule *molecule, const struct graph *graph, struct plot_style style);

#endif
