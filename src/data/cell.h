/* Cells of text files (CSV, FANN): numbers as files write them, gaps, and how to show a cell in a message. */
#ifndef NEL_DATA_CELL_H
#define NEL_DATA_CELL_H

#include <stdbool.h>

#include "support/text.h"

/* A decimal number: sign, digits with at most one point, exponent. True where the whole text is one; the value is infinite where
   it is too large. Independent of the locale. */
bool cell_number(struct str text, double *value);

/* Whether a number can be stored: finite as a float. */
bool cell_fits(double value);

/* Whether the cell says that there is no value: nothing, "?", "NA" or "NaN" in any case. */
bool cell_missing(struct str text);

/* Whether the text is UTF-8 without control characters, so that it may stand in names and messages. */
bool cell_plain(struct str text);

/* Appends the cell for a message: in backticks, cut where it is long, with ? for what is not plain. */
void cell_show(struct text *out, struct str text);

#endif
