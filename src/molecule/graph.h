/* Graphs: a molecule met by an input width, flattened into nodes in topological order (a node reads only earlier ones), with
   every width known. A layer becomes an affine node and an activation; a skip becomes an addition, with a projection where widths
   differ. */
#ifndef NEL_MOLECULE_GRAPH_H
#define NEL_MOLECULE_GRAPH_H

#include "molecule/molecule.h"

enum graph_op {
    GRAPH_INPUT,
    GRAPH_AFFINE,     /* W x + b; a skip's projection is one without bias */
    GRAPH_ACTIVATION, /* element */
    GRAPH_HEAD,       /* softmax, sigmoid, step or linear of what the network ends in */
    GRAPH_CONCAT,
    GRAPH_SUM,
    GRAPH_PRODUCT,
    GRAPH_DROPOUT,
    GRAPH_BATCHNORM,
    GRAPH_LAYERNORM,
    GRAPH_GATHER,
    GRAPH_SCATTER
};

struct graph_node {
    uint8_t op;                     /* enum graph_op */
    bool projection;                /* GRAPH_AFFINE made for a skip */
    uint32_t gene;                  /* index of the gene it comes from */
    uint32_t width;                 /* values a sample */
    uint32_t input_at, input_count; /* slice of `inputs`: numbers of earlier nodes */
    uint64_t weights;               /* GRAPH_AFFINE: stored weights (live connections) */
    uint64_t params;                /* trainable parameters in all */
    double flops;                   /* floating-point operations of one sample forward, a multiply-add counted as two */
};

struct graph {
    const struct molecule *molecule; /* retained */
    struct graph_node *nodes;
    uint32_t *inputs;
    uint32_t count, input_count;
    uint32_t input_width, output_width;
    uint32_t output; /* the node that is the whole's */
    uint64_t params;
    double flops;
};

/* Builds the graph of `molecule` for `input_width` features; 0: what its input(n) says, else an error. NULL with diagnostics,
   several where there are, that name both places of a clash. */
struct graph *graph_build(const struct molecule *molecule, uint32_t input_width, struct diags *diags);
void graph_release(struct graph *graph);

/* By gene of the molecule [count], how many values it reads for so many features (0: as graph_build); 0 where it is no layer, gather or
   scatter, and all 0 where the molecule is no network. To be freed by the caller; NULL where memory is exhausted. */
uint32_t *graph_reads(const struct molecule *molecule, uint32_t input_width);

/* The molecule with a density of its own for each layer that says `share: erk`: those of them that a training on `input_width`
   features begins with. The same molecule where none does; NULL with a diagnostic. */
struct molecule *molecule_settle_densities(const struct molecule *molecule, uint32_t input_width, struct diags *diags);

const char *graph_op_name(enum graph_op op);
/* What a person calls a node: its element, its head, "projection", "sparse", or its operation. */
const char *graph_node_name(const struct graph *graph, const struct graph_node *node);

/* The graph as a table, one node a line: number, name, what it reads, shape, parameters, FLOPs; and a line for the whole. */
void graph_print(const struct graph *graph, struct text *out);

#endif
