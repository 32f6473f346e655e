/* Elements: the atoms. A table of them belongs to one state, grows only, and its entries stay where they are, so that molecules
   point at them. */
#ifndef NEL_MOLECULE_ELEMENT_H
#define NEL_MOLECULE_ELEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "molecule/formula.h"
#include "support/diag.h"
#include "support/limits.h"

struct element_param {
    char *name;
    double initial; /* its default */
    bool learned;   /* trained, one value a neuron (PReLU) */
    struct span span;
};

struct element {
    char *name;     /* "relu" */
    char symbol[3]; /* "R" */
    struct formula formula;
    formula_id value, slope;                          /* f(x) and f'(x) */
    formula_id param_slope[LIMIT_ELEMENT_PARAMETERS]; /* d f / d param, where learned */
    struct element_param params[LIMIT_ELEMENT_PARAMETERS];
    unsigned param_count;
    uint64_t hash;    /* of name, symbol, formula and parameters: part of the key of stored results */
    bool rectified;   /* He initialisation: f'(x) -> 1 for large x and |f(x)| small against it for very negative x */
    bool flat;        /* f' is 0 everywhere (step): trains with the perceptron rule only */
    char *doc;        /* its doc comment, "" where it has none */
    struct span span; /* where it was defined */
    struct span symbol_span;
};

struct elements {
    struct element **at;
    size_t count, cap;
    const struct element *by_symbol[26 * 27]; /* elements_by_symbol; NULL: nobody's */
};

/* Adds an element; takes over `element`'s contents (name, formula with `value` set, params, doc) also on failure. Derives the
   slopes and the flags; nodes of the formula that none of them needs are dropped. An element of the same name shadows the earlier
   one; a symbol that another name holds, is reserved (H I O D Bn Ln Gt Sc) or is no `[A-Z][a-z]?` is an error at the symbol,
   and so is a parameter that cannot be a trait in DNA or is one of every layer. NULL on error. */
const struct element *elements_add(struct elements *elements, struct element *element, struct diags *diags);

bool element_learns(const struct element *element);    /* whether one of its parameters is learned */
bool element_is_linear(const struct element *element); /* f(x) = x: nothing to run */

const struct element *elements_by_name(const struct elements *elements, struct str name);
const struct element *elements_by_symbol(const struct elements *elements, struct str symbol);
/* Makes the element's symbol mean it in a table that owns none of its elements, for dna_decode. */
void elements_borrow(struct elements *elements, const struct element *element);
void elements_release(struct elements *elements);
void element_clear(struct element *element); /* releases what one that was not added holds */

#endif
