/* Numbers as people write them. */
#ifndef NEL_SUPPORT_NUMBER_H
#define NEL_SUPPORT_NUMBER_H

#include <stdbool.h>

#include "support/text.h"

/* Reads a literal of the language: digits with single `_` between them, an optional fraction, exponent and `%`.
   "7%" is read as the text 7e-2, since 0.07 * 100 is not 7. False where it is no number or not finite. */
bool number_read(struct str literal, double *value);

/* Appends the shortest decimal that reads back as `value`: 24, 0.003, 1e-4 (exponent below 1e-3 and from 1e15), inf, nan. */
void number_write(struct text *out, double value);

/* Appends at most `digits` significant digits, trailing zeros dropped, for people: 0.967, 12.3, 1.2e-05 as 1.2e-5. */
void number_write_short(struct text *out, double value, int digits);

/* Appends a figure for people: a whole number as a count, 2_000, any other in 4 digits. */
void number_write_figure(struct text *out, double value);

/* A count with its noun, for messages: counted(1, "row", "rows").text is "1 row", of 60000 "60_000 rows"; no noun where both are "". */
struct counted {
    char text[96];
};
struct counted counted(double count, const char *one, const char *many);

/* Appends a count with thousands separated by `_`, as the language writes it: 60_000. */
void number_write_count(struct text *out, double count);

#endif
