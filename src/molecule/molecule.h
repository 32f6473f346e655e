/* Molecules: immutable, reference-counted values. A molecule is one flat array of genes in prefix order: a gene is followed by
   the subtrees of its children, and `size` steps over a whole subtree. So a molecule has no pointers inside, is compared and
   hashed in one loop, is a slice wherever a part of it is wanted, and can be read from any thread.

   Canonical by construction. `builder_finish` flattens chain in chain, branch in branch, sum in sum and product in product,
   drops brackets of one item and labels nobody uses, and numbers the remaining labels 1, 2, 3 … in order of their definition.
   So equal molecules have equal arrays, whatever way they were written. Repeats are unrolled; printing rolls them again (dna.h).

   Taps. A stage of a chain may define a label; GENE_TAP uses one. A label is visible in later stages of its own chain, nested
   ones included. While a script builds a chain, its taps are free labels (FREE_LABEL and up, unique in the process); the builder
   binds them when the stage that defines them is added. `free_labels` tells a molecule that must not be trained yet. A stage that
   is itself a tap defines no label: another name for it is another name for what it taps.

   Weights. A gene may carry the parameters that a training begins with (weights.h): those of a model that it is a part of. They belong
   to what a molecule is. A finished molecule holds them; a builder only borrows them from the molecules that it copies, which must
   live until it has finished.

   Spans and origins ride along and are no part of equality: a span says where a gene was written, an origin (1 + index in another
   molecule) says which gene a rewrite made it from, 0: none. */
#ifndef NEL_MOLECULE_MOLECULE_H
#define NEL_MOLECULE_MOLECULE_H

#include <stdbool.h>
#include <stdint.h>

#include "molecule/element.h"
#include "molecule/weights.h"
#include "support/diag.h"
#include "support/source.h"

enum gene_kind {
    GENE_LAYER,      /* dense or sparse layer of `width` neurons, then `element` */
    GENE_ACTIVATION, /* `element` alone, width kept */
    GENE_INPUT,      /* checks the width; first stage only */
    GENE_OUTPUT,     /* layer of `width` (0: as many as the data asks for), then `head`; last stage only */
    GENE_DROPOUT,    /* `rate` */
    GENE_BATCHNORM,
    GENE_LAYERNORM,
    GENE_GATHER,  /* indices */
    GENE_SCATTER, /* indices, `width` of the result */
    GENE_TAP,     /* the output that `label` names */
    GENE_CHAIN,   /* children in a row, at least two */
    GENE_BRANCH,  /* children side by side, concatenated */
    GENE_SUM,
    GENE_PRODUCT,
    GENE_SKIP, /* one child: x + child(x) */
    GENE_HEAD  /* `head` alone, width kept; last stage only. Behind the others: numbers of kinds are in hashes that are stored */
};

/* How a density that is meant for the whole molecule falls to its layers; settled when data is met. */
enum share { SHARE_UNIFORM, SHARE_ERK };

enum initial { INIT_AUTO, INIT_HE, INIT_XAVIER, INIT_LECUN, INIT_ZERO, INIT_NORMAL, INIT_UNIFORM, INIT_SIREN, INIT_ORTHOGONAL };

/* HEAD_AUTO is fixed when data is met: softmax for classes, sigmoid for two, linear for values. */
enum head { HEAD_AUTO, HEAD_LINEAR, HEAD_SIGMOID, HEAD_SOFTMAX, HEAD_STEP };

/* Everything about one layer that has a default. Every trait is a row of `trait_table`. */
struct traits {
    double density;                          /* share of the connections that exist; default 1 */
    double lr_scale;                         /* default 1; 0 freezes */
    double l1, l2;                           /* default 0 */
    double init_scale;                       /* default 1: factor on the weights as `init` draws them */
    double params[LIMIT_ELEMENT_PARAMETERS]; /* of the element; its own defaults */
    uint8_t init;                            /* enum initial */
    uint8_t share;                           /* enum share */
    bool bias;                               /* default true */
};

struct gene {
    uint8_t kind;                   /* enum gene_kind */
    uint8_t head;                   /* GENE_OUTPUT, GENE_HEAD: enum head */
    uint32_t size;                  /* genes of this subtree, itself included */
    uint32_t count;                 /* children */
    uint32_t width;                 /* GENE_LAYER, GENE_INPUT, GENE_OUTPUT, GENE_SCATTER */
    uint32_t label;                 /* the tap this stage defines, 0 none; GENE_TAP: the one it uses */
    uint32_t index_at, index_count; /* GENE_GATHER, GENE_SCATTER: slice of the molecule's indices */
    bool partial;                   /* a rewrite changed something: of its weights it takes what fits its new shape */
    double rate;                    /* GENE_DROPOUT */
    const struct element *element;  /* GENE_LAYER, GENE_ACTIVATION */
    struct traits traits;           /* GENE_LAYER; GENE_OUTPUT: all but params; GENE_ACTIVATION: params, and lr_scale where one of
                                       them is learned; norms: lr_scale */
    const struct weights *weights;  /* trained ones, or NULL */
    struct span span;
    uint32_t origin;
};

struct molecule {
    int references; /* counted under the state's lock */
    uint32_t count; /* genes, at least 1 */
    uint32_t index_count;
    uint32_t labels; /* bound labels: 1..labels */
    bool free_labels;
    bool trained; /* some gene carries weights */
    uint64_t hash;
    uint32_t *indices;
    struct gene genes[];
};

/* Labels from here on are free; those from SLICE_LABEL(0) on stand for a bound label of the molecule a part was cut from. */
#define FREE_LABEL         0x80000000u
#define SLICE_LABEL(label) (0xC0000000u | (label))

struct molecule *molecule_retain(const struct molecule *molecule);
void molecule_release(const struct molecule *molecule); /* NULL is fine */
bool molecule_equal(const struct molecule *a, const struct molecule *b);

/* Whether two genes are the same but for their labels and weights; and a hash to go with it. `indices`: of the molecule each is in. */
bool gene_equal(const struct gene *a, const uint32_t *a_indices, const struct gene *b, const uint32_t *b_indices);
uint64_t gene_hash(const struct gene *gene, const uint32_t *indices);

/* A gene of a kind with every default in place. */
struct gene gene_of(enum gene_kind kind, struct span span);
struct gene gene_layer(const struct element *element, uint32_t width, struct span span);
struct gene gene_activation(const struct element *element, struct span span);

/* Builds one molecule. Zero-initialise; open and close composites around atoms and copies of finished molecules; finish once.
   Errors (limits, memory, an input that is not first …) are remembered and told by builder_finish.

   Inside one builder a label is a free one or a number from builder_new_label. A tap means the stage before it that was labelled
   so last, of those in its own chain and the chains around it. */
struct molecule_builder {
    struct gene *genes;
    size_t count, cap;
    uint32_t *indices;
    size_t index_count, index_cap;
    uint32_t *open; /* indices of the composites not closed yet */
    size_t open_count, open_cap;
    uint32_t last;       /* index of the child added last */
    uint32_t next_label; /* labels given out so far */
    bool failed;         /* memory */
    bool too_large;      /* LIMIT_GENES, LIMIT_GENE_INDICES */
    bool too_deep;       /* LIMIT_MOLECULE_DEPTH */
};

void builder_open(struct molecule_builder *builder, enum gene_kind kind, struct span span);
/* The same for a copy of the composite `like`, whose span, origin and weights it takes over. */
void builder_open_like(struct molecule_builder *builder, const struct gene *like);
/* Makes the innermost open composite another kind: a reader of text learns it behind the first child. */
void builder_turn(struct molecule_builder *builder, enum gene_kind kind);
void builder_close(struct molecule_builder *builder); /* composites of one child are dissolved at finish */
void builder_atom(struct molecule_builder *builder, struct gene gene, const uint32_t *indices);
/* A copy of a whole molecule, or of the subtree at `gene`; bound labels are renamed apart, free ones stay, and a tap of a subtree
   that is bound outside it becomes a SLICE_LABEL. */
void builder_copy(struct molecule_builder *builder, const struct molecule *molecule, uint32_t gene);
/* The same for `count` neighbours from `gene` on, each a child of its own. */
void builder_copy_run(struct molecule_builder *builder, const struct molecule *molecule, uint32_t gene, uint32_t count);
/* Puts the child added last `times` (at least 1) times in a row. */
void builder_repeat(struct molecule_builder *builder, uint32_t times);
uint32_t builder_new_label(struct molecule_builder *builder);
/* Names the child added last (atom, copy or closed composite) with a free or builder label; it may have several (16). */
void builder_label(struct molecule_builder *builder, uint32_t label);
/* The finished molecule with one reference, NULL and a diagnostic on failure. Releases the builder either way. */
struct molecule *builder_finish(struct molecule_builder *builder, struct span span, struct diags *diags);
void builder_release(struct molecule_builder *builder); /* for one that is not to be finished */

/* A new free label. */
uint32_t label_fresh(void);

/* Whether `kind` holds children, and whether one of it inside another of it means the same flat (all composites but a skip). */
bool gene_kind_composite(enum gene_kind kind);
bool gene_kind_flattens(enum gene_kind kind);

/* Common shapes, each made by the builder: n copies in a row (0: the identity, a linear activation), two or more side by side. */
struct molecule *molecule_repeat(const struct molecule *molecule, double times, const struct elements *elements, struct span span,
                                 struct diags *diags);
struct molecule *molecule_combine(enum gene_kind kind, const struct molecule *const *parts, size_t count, struct span span,
                                  struct diags *diags);
struct molecule *molecule_atom(struct gene gene, const uint32_t *indices, struct span span, struct diags *diags);

/* Last stage, first stage: NULL where it is not there. A molecule of one atom is its own first and last stage. The last one is an output
   layer or a bare head, which has no width of its own. */
const struct gene *molecule_output(const struct molecule *molecule);
const struct gene *molecule_input(const struct molecule *molecule);
/* The molecule with `output` appended or, where it ends in one, put in its place. */
struct molecule *molecule_with_output(const struct molecule *molecule, struct gene output, struct diags *diags);
/* How many values a molecule with an output stage gives for so many inputs; 0 where it is no network for them. */
uint32_t molecule_output_width(const struct molecule *molecule, uint32_t input_width);
/* The molecule without its output stage; itself (retained) where it has none. */
struct molecule *molecule_body(const struct molecule *molecule, const struct elements *elements, struct diags *diags);

/* The molecule without the weights that its genes carry; itself (retained) where there are none. */
struct molecule *molecule_bare(const struct molecule *molecule, struct diags *diags);
/* A trained molecule as a part of a larger one. Where something follows it (not `last`) its output becomes the layer that it is, of a
   softmax the layer below it, and a bare head the element that it is; where something comes before (not `first`) its `input` goes, since the weights say what they read.
   Itself (retained) where it carries no weights. */
struct molecule *molecule_part(const struct molecule *molecule, bool first, bool last, const struct elements *elements,
                               struct span span, struct diags *diags);
/* The learning-rate factor of the projection that the skip at gene `skip` may have: that of its fastest layer; 1 where it has none. */
double molecule_projection_rate(const struct molecule *molecule, uint32_t skip);
/* The molecule with everything in it that could be trained frozen: lr_scale 0. NULL with a diagnostic. */
struct molecule *molecule_freeze(const struct molecule *molecule, struct diags *diags);
/* The molecule with the learning-rate factors in the subtree at `gene` multiplied by `factor`. Weights and the state of their optimiser
   stay; each gene's origin is itself. NULL with a diagnostic, at `span` where a factor would be larger than the trait can be. */
struct molecule *molecule_scale_rates(const struct molecule *molecule, uint32_t gene, double factor, struct span span,
                                      struct diags *diags);

const char *gene_kind_name(enum gene_kind kind); /* "layer", "branch" */

#endif
