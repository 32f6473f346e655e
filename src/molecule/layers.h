/* The layers of a network as people speak of them: what is measured, where growth finds its places.

   A patch is a part of a sum that picks neurons, computes something and spreads it over the sum's: it begins with a gather and ends in
   a scatter. A layer may have several beside it, and then its element stands alone behind the sum:

       R256                            one layer of 256 neurons
       (L256+(Gt[7]-R8-L2-Sc256[3,4]))-R   the same one, patched: its neurons' arguments are the sums

   What is inside a patch is a part of that layer and no layer of its own. Projections of skips are none either. */
#ifndef NEL_MOLECULE_LAYERS_H
#define NEL_MOLECULE_LAYERS_H

#include "molecule/graph.h"

struct network_layer {
    uint32_t gene; /* of its connections: GENE_LAYER or GENE_OUTPUT */
    uint32_t sum;  /* of the sum with its patches; `gene` itself where it has none */
    uint32_t end;  /* of what gives its values: the element behind the sum, the sum, or `gene` itself */
    uint32_t node; /* of the graph: GRAPH_AFFINE */
    uint32_t last; /* node that gives its values */
    bool output;   /* the network ends in it */
};

/* All of them in graph order, to be freed by the caller; NULL where memory is exhausted. */
struct network_layer *layers_find(const struct graph *graph, uint32_t *count);

#endif
