/* DNA: a molecule as a short string, lossless both ways. The grammar stands in grammar/dna.md. */
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
/* The same for one atom that is no tap. */
void dna_encode_atom(const struct molecule *molecule, uint32_t gene, struct text *out);

/* What the string calls the labels of a molecule that has some: by label the number of its name, from 1 on in printed order, 0 for
   labels that only later copies of a repeat define. The caller frees it; NULL where memory is exhausted. */
uint32_t *dna_label_numbers(const struct molecule *molecule);
/* The name of a number: a, b, … z, z1, z2, …; "open" for 0. */
void dna_encode_label(uint32_t number, struct text *out);

#endif
