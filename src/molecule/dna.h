/* DNA: a molecule as a short string, lossless both ways. The grammar stands in dna_decode.c and in the manual. */
#ifndef NEL_MOLECULE_DNA_H
#define NEL_MOLECULE_DNA_H

#include "molecule/molecule.h"

/* Decodes `dna`. Each gene's span is its own bytes, counted from `place` (source and start of the string's first byte). NULL with
   diagnostics at the column of each error, naming the expected genes. */
struct molecule *dna_decode(struct str dna, const struct elements *elements, struct span place, struct diags *diags);

/* Appends the canonical string: repeats rolled (innermost first; smallest period, leftmost, longest run), taps a, b, … in printed
   order, traits in alphabetical order, defaults omitted, numbers in the shortest form that reads back. */
void dna_encode(const struct molecule *molecule, struct text *out);
/* The same for the subtree at `gene`. */
void dna_encode_part(const struct molecule *molecule, uint32_t gene, struct text *out);

#endif
