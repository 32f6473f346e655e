/* Crossing: a molecule made of stages of two. A molecule that is no chain is one stage. */
#ifndef NEL_MOLECULE_CROSS_H
#define NEL_MOLECULE_CROSS_H

#include "molecule/molecule.h"
#include "support/random.h"
#include "support/vec.h"

/* Two parents. `a_ancestry`, `b_ancestry` (may be NULL): by gene, a number that genes of one descent share. */
struct couple {
    const struct molecule *a, *b;
    const uint64_t *a_ancestry, *b_ancestry;
};

/* A stage of a child: that of `a` which begins at `gene`, or of `b`. */
struct cross_part {
    uint32_t gene;
    bool second;
};
typedef VEC(struct cross_part) cross_parts;

/* Two ways to draw the stages of a child, both put in the place of what was in `parts`; false where memory is exhausted. The first stages of `a`,
   then the last of `b`, cut at places drawn by chance; or `a`, of whose stages each that has the descent of one of `b` is taken from
   either, evenly: uniform crossover, aligned as in NEAT (Stanley and Miikkulainen 2002). */
bool cross_splice(const struct couple *couple, struct random *random, cross_parts *parts);
bool cross_uniformly(const struct couple *couple, struct random *random, cross_parts *parts);

/* The child. Origins: 1 + index of the gene in `a`, and behind those of `a`, 1 + a->count + index, in `b`. NULL without a diagnostic where
   what was drawn is no molecule: a tap whose stage stayed behind, an input in the middle. NULL with one where memory is exhausted. */
struct molecule *molecule_of_parts(const struct couple *couple, const cross_parts *parts, struct diags *diags);

/* How far two molecules are apart, from 0 (equal) to 1: the share of their genes that have no partner in the other, where genes are
   partners that are equal but for width and traits, each counted half where these differ. Order does not count. */
double molecule_distance(const struct molecule *a, const struct molecule *b);

/* The same of molecules that are compared often: what is compared of them, sorted; released with mem_free. */
struct traces;
struct traces *traces_of(const struct molecule *molecule); /* NULL where memory is exhausted */
double traces_distance(const struct traces *a, const struct traces *b);

#endif
