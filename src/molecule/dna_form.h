/* The forms of atoms in DNA: which symbols the grammar reserves, and what may follow each. Read by the decoder and the encoder. */
#ifndef NEL_MOLECULE_DNA_FORM_H
#define NEL_MOLECULE_DNA_FORM_H

#include "molecule/molecule.h"

enum dna_width { DNA_WIDTH_NONE, DNA_WIDTH_MAY, DNA_WIDTH_MUST };
enum dna_percent { DNA_PERCENT_NONE, DNA_PERCENT_DENSITY, DNA_PERCENT_RATE };
enum dna_bracket { DNA_BRACKET_NONE, DNA_BRACKET_TRAITS, DNA_BRACKET_INDICES };

struct dna_form {
    const char *symbol;
    enum gene_kind kind;
    enum dna_width width;
    enum dna_percent percent;
    enum dna_bracket bracket;
    const char *example;
};

/* The reserved ones; a NULL symbol ends. */
extern const struct dna_form dna_forms[];
/* An element with a width is a layer, without one an activation. */
extern const struct dna_form dna_form_element;

const struct dna_form *dna_form_of(enum gene_kind kind);

#endif
