/* Comparisons: is a difference more than chance? What the built-in `compare` does with two samples and with a table. */
#ifndef NEL_STUDY_COMPARE_H
#define NEL_STUDY_COMPARE_H

#include "interp/objects.h"

/* Arguments as of `compare(a, b, figure, by, test, adjust)`; where `a` is a table, `b` is the figure. */
struct value compare_pair(struct eval *eval, const struct args *args);
struct value compare_table(struct eval *eval, const struct args *args);

#endif
