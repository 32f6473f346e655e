/* Several runs, or an ensemble, in one file (export/model_bundle.h). */
#ifndef NEL_STUDY_SEVERAL_H
#define NEL_STUDY_SEVERAL_H

#include "interp/objects.h"

/* Appends the bytes of runs or of an ensemble; false with a diagnostic. */
bool several_save(struct eval *eval, struct value value, struct text *out, struct span span);
/* What the bytes of a file hold, which messages call `path`: a run, runs or an ensemble; VALUE_FAILED with a diagnostic. */
struct value saved_of_bytes(struct eval *eval, struct str bytes, const char *path, struct span span);

/* ensemble.c: what the two recipes differ in so that no row fits both; NULL: nothing. */
const char *recipes_difference(const struct recipe *a, const struct recipe *b);
/* ensemble.c: an ensemble of runs, a weight for each, whose sum is 1; VALUE_FAILED with a diagnostic where they do not go together. */
struct value ensemble_make(struct eval *eval, struct value runs, enum ensemble_rule rule, const double *weights, struct span span);

#endif
