/* Plans: the compile boundary. A graph of nodes becomes a flat array of ops over

   - one vector of parameters (and one of gradients, of equal length): the trainable ones of every op in a row, behind them what
     is kept but not trained (batchnorm's running statistics);
   - one arena of rows. A row is one neuron's values for all samples of a chunk, contiguous and padded to whole vector
     registers: activations are matrices [neurons x samples]. Which rows an op writes is fixed here; how long a row is, by the
     workspace (workspace.h).

   A plan says everything that does not depend on the data, so that running it neither allocates nor looks at the molecule. It
   is immutable and shared by any number of threads, each with a workspace of its own.

   Rows. Every op has `width` rows of value, from `value` on. An op whose backward pass needs more than its inputs' values keeps
   that in rows from `slope` on: the slope f'(z) of an element (behind it the slopes by its learned parameters), dropout's mask,
   the normalised values of a norm. `grad` are the rows of the derivative of the loss by its value. Value rows come first in the
   arena, since inference needs no others.

   A concatenation whose parts nobody else reads costs nothing: the parts' rows are the concatenation's own. */
#ifndef NEL_ENGINE_PLAN_H
#define NEL_ENGINE_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/elementwise.h"
#include "molecule/graph.h"

enum plan_op_kind {
    PLAN_INPUT,
    PLAN_DENSE,      /* W x + b, then the element if any */
    PLAN_SPARSE,     /* the same with stored connections only */
    PLAN_ACTIVATION, /* an element alone */
    PLAN_CONCAT,
    PLAN_SUM,
    PLAN_PRODUCT,
    PLAN_DROPOUT,
    PLAN_BATCHNORM,
    PLAN_LAYERNORM,
    PLAN_GATHER,
    PLAN_SCATTER,
    PLAN_OP_KINDS
};

/* How a layer is multiplied. A sparse one with more than the share SPARSE_MOST (sparse.h) of its connections is multiplied by the
   kernels of dense layers: its stored weights are spread over a matrix of the workspace's, whose other places are zero, and of
   the gradient by that matrix those of its connections are taken. So parameters, gradients and what an optimiser keeps are of
   connections that exist, however they are multiplied. */
enum plan_kernel {
    PLAN_KERNEL_OWN,   /* small: our own loops (dense.h), nothing to pack and nothing to call */
    PLAN_KERNEL_BLAS,  /* large: OpenBLAS (blas.h) */
    PLAN_KERNEL_STORED /* few connections: each by itself (sparse.h) */
};

#define PLAN_NONE SIZE_MAX

/* A chunk never has more samples: its rows stay in the caches, and a batch of any size runs in bounded memory. Only batches that a
   batchnorm looks at as a whole do. */
#define PLAN_MOST_CHUNK 256

/* The connections of a sparse layer, by output neuron: those of neuron o are [start[o], start[o + 1]), in ascending order of
   their input. Weight k of the layer belongs to connection k. */
struct plan_sparse {
    uint32_t *start; /* [width + 1] */
    uint32_t *input; /* [start[width]] */
};

/* One reading of an earlier op's value. */
struct plan_edge {
    uint32_t op;
    bool placed; /* the value lies in the reader's rows already (a concatenation's part) */
    bool wanted; /* the backward pass must give the op its gradient */
    bool add;    /* … and adds to what later readers gave; false: it is the first to write */
};

struct plan_op {
    uint8_t kind;          /* enum plan_op_kind */
    uint8_t kernel;        /* enum plan_kernel; layers */
    uint8_t init;          /* enum initial, resolved; layers */
    double init_scale;     /* factor on the weights that `init` draws */
    bool projection;       /* a skip's learned projection */
    bool frozen;           /* its own parameters are kept as they are */
    bool trained;          /* it or something before it has parameters to train: its gradient is wanted */
    uint32_t gene;         /* of the molecule */
    uint32_t learned_gene; /* … that the element comes from, where a layer took one from behind it */
    uint32_t width;        /* values a sample */
    uint32_t depth;        /* values a sample of its (first) input */
    uint32_t edge_at, edge_count;
    size_t value, slope, grad;     /* first rows in the arena; PLAN_NONE: it has none */
    size_t weights, bias, learned; /* first parameters; PLAN_NONE: it has none. Norms: scale, shift. Weights of a dense layer
                                             are [width x depth], a row contiguous; learned: [parameters x width] */
    size_t running;                /* batchnorm: means [width], then variances [width] */
    size_t stat;                   /* norms: first of their figures in the workspace */
    uint64_t weight_count;
    size_t spread; /* PLAN_SPARSE multiplied as dense: first float of its matrix [width x depth] in the workspace's `spread` */
    const struct element_kernel *element; /* of the plan's own; NULL: none, or linear */
    const struct plan_sparse *sparse;
    const uint32_t *indices; /* [width] PLAN_GATHER, [depth] PLAN_SCATTER */
    float rate;              /* dropout */
};

/* Neighbouring parameters that the optimiser treats alike. */
struct plan_span {
    size_t start, count;
    float lr_scale; /* 0: frozen */
    float l1, l2;   /* of the layer; the training's own come on top where `weights` */
    bool weights;   /* connections; not biases, norms or learned element parameters */
};

struct plan {
    int references; /* counted atomically: models of one network on several threads share it */
    struct plan_op *ops;
    uint32_t op_count;
    struct plan_edge *edges;
    uint32_t edge_count;
    struct plan_span *spans;
    uint32_t span_count;
    struct element_kernel *elements; /* one an op that has one */
    uint32_t element_count;
    struct plan_sparse *sparses;
    uint32_t sparse_count;
    uint32_t *indices;
    uint32_t input_width, output_width;
    uint8_t head;          /* enum head, never HEAD_AUTO */
    bool small;            /* runs as small.h does it */
    bool batch_statistics; /* has a batchnorm: a batch is trained on as one chunk, however long (workspace.h) */
    size_t trained_count;  /* parameters that are trained */
    size_t param_count;    /* … and kept ones */
    size_t value_rows;     /* rows an inference needs */
    size_t rows;           /* rows a training needs */
    size_t stat_count;     /* figures of norms in the workspace */
    size_t scratch;        /* floats of scratch memory that elements and layers need */
    size_t spread_count;   /* floats of the matrices over which sparse layers are spread */
    size_t turned;         /* most inputs of a layer that a training has by sample too (dense_step.h) */
    uint32_t chunk;        /* most samples run at once */
    double flops;
};

/* Compiles `graph`, whose molecule ends in an output with its head fixed. The connections of sparse layers are drawn by `seed`.
   One reference; NULL with a diagnostic where a limit or memory is exhausted. */
struct plan *plan_compile(const struct graph *graph, uint64_t seed, struct diags *diags);
struct plan *plan_retain(struct plan *plan);
void plan_release(struct plan *plan);

/* Fresh parameters: params [param_count], each tensor from a random stream of its own. */
void plan_initialise(const struct plan *plan, uint64_t seed, float *params);

/* The plan as text: ops, rows, parameters, kernels, bytes. */
void plan_print(const struct plan *plan, struct text *out);

const char *plan_op_name(enum plan_op_kind kind);

/* A layer's multiply-adds of a sample, those by a spread layer's zeros included. */
static inline double plan_layer_work(const struct plan_op *op)
{
    const bool whole = op->kind == PLAN_SPARSE && op->kernel != PLAN_KERNEL_STORED;
    return whole ? (double)op->width * op->depth : (double)op->weight_count;
}

static inline const struct plan_op *plan_output(const struct plan *plan)
{
    return &plan->ops[plan->op_count - 1];
}

#endif
