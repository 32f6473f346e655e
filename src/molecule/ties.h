/* Neurons that stand and fall together: where values are added or multiplied neuron by neuron, none can go, or come, without those that
   it is added to or multiplied with. So a layer in front of a residual sum is tied to the layers inside the skips behind it, and a patch to
   the neurons that it writes to. Neurons that are tied to values of the data, or to outputs, are fixed. */
#ifndef NEL_MOLECULE_TIES_H
#define NEL_MOLECULE_TIES_H

#include "molecule/graph.h"

/* Each neuron of a layer has a number, and so has each value that a skip's projection gives (its gene is the skip). 0: everything that is
   fixed. */
struct ties {
    const struct molecule *molecule;
    uint32_t *base;    /* by gene: number of its first neuron; 0: it has none */
    uint32_t *width;   /* by gene: how many it has */
    uint32_t *gene_of; /* by number */
    uint32_t *parent;  /* by number: the way to the one that stands for all that are tied together; 0 is its own */
    uint32_t *first;   /* by the one that stands for all: the first of them … */
    uint32_t *next;    /* … and so on, 0 ends */
    bool *multiplied;  /* by the one that stands for all: it is multiplied with others */
    uint32_t count;    /* numbers, 0 included */
};

/* NULL where memory is exhausted. `graph` must outlive it. */
struct ties *ties_find(const struct graph *graph);
void ties_release(struct ties *ties); /* NULL is fine */

/* The number that stands for a neuron and all that are tied to it; 0: they are fixed. */
uint32_t ties_of(const struct ties *ties, uint32_t gene, uint32_t row);

#endif
