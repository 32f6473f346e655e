/* The one rewrite engine. A pattern is matched against places of a molecule; the replacement is computed by whoever owns the rule
   (the interpreter evaluates its right side with the bindings) and put in the place. Mutation draws a rule and a place by chance;
   growth fires a rule at a place that a measurement names; people call `rewrite` themselves. */
#ifndef NEL_MOLECULE_REWRITE_H
#define NEL_MOLECULE_REWRITE_H

#include "molecule/molecule.h"
#include "molecule/trait.h"

enum pattern_kind {
    PATTERN_LAYER,  /* ?a(?n), relu(?n, density: ?d), ?a(8, bias: false): element, width and traits, each given or a variable */
    PATTERN_PICK,   /* gather(?i), gather(?i, of: ?n), scatter(?i, of: ?n): neurons by number */
    PATTERN_ANY,    /* ?A: any molecule */
    PATTERN_EXACT,  /* a ground molecule */
    PATTERN_CHAIN,  /* p -> q …: matches each run of consecutive stages */
    PATTERN_BRANCH, /* p | q: all children, in order; the last ?A takes the rest */
    PATTERN_SUM,
    PATTERN_PRODUCT,
    PATTERN_SKIP
};

/* A trait that a layer must have, or whose value a variable takes. */
struct pattern_trait {
    const struct trait_row *row;
    double value;
    int variable; /* -1: must be `value` */
};

struct pattern {
    uint8_t kind;                                            /* enum pattern_kind */
    uint8_t picks;                                           /* PATTERN_PICK: GENE_GATHER or GENE_SCATTER */
    const struct element *element;                           /* PATTERN_LAYER: the one it must be, NULL any */
    uint32_t width;                                          /* PATTERN_LAYER, of a scatter: the one it must have, 0 any */
    uint32_t reads;                                          /* layers, gathers: so many values, 0 any */
    int element_variable, width_variable, molecule_variable; /* numbers of variables bound here, -1 none */
    int reads_variable, index_variable;
    struct pattern_trait *traits; /* PATTERN_LAYER */
    size_t trait_count;
    const struct molecule *exact; /* PATTERN_EXACT, retained */
    struct pattern **parts;
    size_t part_count;
    struct span span;
};
void pattern_release(struct pattern *pattern);
/* Whether it asks how many values a gene reads. */
bool pattern_counts(const struct pattern *pattern);

/* A place: `count` neighbouring children of one composite from gene `gene` on, most often stages of a chain (count 1: the subtree at
   `gene`). */
struct place {
    uint32_t gene;
    uint32_t count;
};

#define LIMIT_PATTERN_VARIABLES 16

/* What the variables stand for at a place. */
struct bindings {
    struct {
        bool bound;
        uint32_t gene;  /* element, number and index variables: the gene; molecule variables: the first gene */
        uint32_t count; /* molecule variables: stages, or the rest of a branch, sum or product */
        double number;  /* of a width, of values that are read, of a trait */
    } at[LIMIT_PATTERN_VARIABLES];
};

/* Matches `pattern` at `place`; a variable met twice must stand for equal things. `reads` [count]: by gene, how many values it reads, 0
   where that is not known; NULL: of none. Where a pattern asks for it, it matches no gene of which it is not known. */
bool pattern_match(const struct pattern *pattern, const struct molecule *molecule, const uint32_t *reads, struct place place,
                   struct bindings *bindings);

/* Calls `found` for every match, in printed order (outermost first, then left to right; ?A -> ?B matches each cut of a chain into
   neighbouring stages); stops where it returns false. Inputs and outputs of a molecule are never part of a place: where it has such
   ends, its outermost place is the run of stages between them. */
void pattern_places(const struct pattern *pattern, const struct molecule *molecule, const uint32_t *reads,
                    bool (*found)(void *context, struct place place, const struct bindings *bindings), void *context);

/* The stages that a binding or a place names, as a molecule of their own, each gene's origin set to 1 + its index in `molecule`.
   A tap it uses but does not define becomes the free label SLICE_LABEL(label), by which molecule_replace knows it again. NULL with
   a diagnostic. */
struct molecule *molecule_slice(const struct molecule *molecule, struct place place, struct diags *diags);

/* `molecule` with `replacement` in `place`; genes outside keep their spans and get their origin (1 + old index); genes of
   `replacement` keep theirs; its SLICE_LABELs are bound again, to the genes that come from where the label was defined. A label
   that the place's last stage defines moves to the replacement's end; one of an earlier stage stays with that stage where the
   replacement has it as a stage of its own, and else moves to the end too. NULL with a diagnostic where the result would not be
   valid: where it would leave a tap undefined, for one. */
struct molecule *molecule_replace(const struct molecule *molecule, struct place place, const struct molecule *replacement,
                                  struct diags *diags);

/* Where origins of `after` point into `before`, which was itself made from another molecule, makes them point into that one. */
void molecule_compose_origins(struct molecule *after, const struct molecule *before);

/* Where the neurons of layers were chosen: neuron i of layer `gene` of the molecule before is afterwards its neuron rows[i] of then, or a
   new one. */
#define NEURON_NEW UINT32_MAX
struct neuron_choice {
    uint32_t gene;
    const uint32_t *rows;
    uint32_t count;
};
struct neuron_choices {
    const struct neuron_choice *at;
    size_t count;
};
/* Of a gene of the molecule before; NULL: nobody chose. `choices` may be NULL. */
const struct neuron_choice *choice_find(const struct neuron_choices *choices, uint32_t gene);

/* follow.c: `molecule`, made from `before` by a rewrite, with gathers and scatters that name the neurons that they named: by other numbers
   where some came or went before them, and without those that are gone. A part of a sum that has none left goes with them. A scatter is
   as wide as what it is added to. Itself where all is in its place. `choices` may be NULL. One reference, NULL with a diagnostic. */
struct molecule *molecule_follow(const struct molecule *molecule, const struct molecule *before,
                                 const struct neuron_choices *choices, uint32_t input_width, struct diags *diags);

/* mend.c: `molecule`, made from `before` by a rewrite, its gathers and scatters following their neurons, with a projection
   (`linear(n)`) behind each part of a sum or product whose width no longer agrees with the others', before each gather and scatter that
   does not get what it names, and before a head alone that would give another number of values; itself where all agrees.
   `input_width`: values that it reads; 0: not known, and only what does not depend on them is mended. One reference; NULL with a
   diagnostic. */
struct molecule *molecule_mend(const struct molecule *molecule, const struct molecule *before, const struct neuron_choices *choices,
                               uint32_t input_width, const struct elements *elements, struct diags *diags);

/* The width of the input that a molecule says it reads: by its input stage, or by weights that were trained on so many values. 0 where
   it says nothing. */
uint32_t molecule_reads(const struct molecule *molecule);

#endif
