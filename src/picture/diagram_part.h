/* Parts of a diagram: what is drawn of a molecule, as a tree, within limits. Built by diagram_part.c from what diagram_facts.c
   knows, drawn by diagram.c. */
#ifndef NEL_PICTURE_DIAGRAM_PART_H
#define NEL_PICTURE_DIAGRAM_PART_H

#include "molecule/dna_roll.h"
#include "molecule/graph.h"
#include "support/text.h"
#include "support/vec.h"

enum part_kind {
    PART_TEXT,  /* an atom, or what stands for parts that are left out */
    PART_TAP,   /* a text that reads nothing from above */
    PART_CHAIN, /* children one under the other */
    PART_FORK,  /* children side by side, joined by `sign` */
    PART_SKIP,  /* one child, a rail beside it; `text`: the rail's projection, if any */
    PART_FRAME  /* one child, repeated; `text`: ×n */
};

/* A slice of the tree's texts. */
struct part_text {
    size_t at, len;
    unsigned columns;
};

struct part {
    enum part_kind kind;
    char sign;
    bool reads; /* takes what comes from above */
    struct part_text text, wire, tap, params;
    double total;           /* parameters; stands in for `params` where there is no room */
    uint32_t first, next;   /* first child, next sibling; 0: none (the root is part 0) */
    unsigned width, height; /* in cells */
    unsigned axis;          /* column, in the part, of the wire that leads in and out */
};

/* How much is drawn: members of a fork, stages of a chain, forks, skips and frames inside each other (at most PART_DEPTH). */
#define PART_DEPTH 24
struct part_limits {
    bool symbols; /* `R8` in place of `relu 8` */
    unsigned members, stages, depth;
};

/* What is known of the molecule, whatever is drawn of it. */
struct part_facts {
    const struct molecule *molecule;
    const struct graph *graph; /* NULL: widths and parameters are not known */
    struct roll roll;
    uint32_t *names;     /* of labels, dna_label_numbers */
    uint32_t *widths;    /* by gene: values that its subtree gives */
    double *params;      /* [genes + 1] by gene: parameters of all genes before it */
    double *projections; /* by gene: parameters of a skip's projection */
};

struct part_tree {
    VEC(struct part) parts;
    struct text text;
    bool crowded; /* more parts than any page holds: building was broken off */
    bool failed;  /* memory */
};

bool part_facts_init(struct part_facts *facts, const struct molecule *molecule, const struct graph *graph);
void part_facts_release(struct part_facts *facts);

void part_tree_build(struct part_tree *tree, struct part_facts *facts, struct part_limits limits);
void part_tree_release(struct part_tree *tree);

struct str part_str(const struct part_tree *tree, struct part_text text);

#endif
