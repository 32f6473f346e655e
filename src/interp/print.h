/* Printing on one line: what print.c shares with the rich views. */
#ifndef NEL_INTERP_PRINT_H
#define NEL_INTERP_PRINT_H

#include "interp/objects.h"

/* `0.967 ± 0.012`: the mean and half the width of its 95 % interval, both to the second significant digit of that half. One value
   prints as itself. */
void print_estimate(const struct estimate_object *estimate, struct text *out);

/* A figure for people: four significant digits, counts in full with `_` between thousands. */
void print_figure(double figure, struct text *out);

/* A text with quotes and escapes, as the language reads it. */
void print_quoted(struct str text, struct text *out);

/* `fn area(w, h = 2)`, `molecule Coil(w = 16)`; defaults as they were written. */
void print_signature(struct eval *eval, const struct function *function, struct text *out);

/* The source text of a span; empty where it lies nowhere. */
struct str source_slice(const struct sources *sources, struct span span);

/* "3 rows", "1 row". */
void print_count(struct text *out, double count, const char *one, const char *many);

/* The DNA of a molecule, or "an unfinished molecule" while its taps are not bound. */
/* " with weights of T8-O1 on circles, seed 1": where the weights that a molecule carries come from; nothing where it has none. */
void print_sources(const struct molecule *molecule, struct text *out);
void print_dna(const struct molecule *molecule, struct text *out);

#endif
