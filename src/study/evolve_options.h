/* The options of `evolve` that are no plain figures, read into lab/evolve.h. Each: false with a diagnostic. */
#ifndef NEL_STUDY_EVOLVE_OPTIONS_H
#define NEL_STUDY_EVOLVE_OPTIONS_H

#include "study/fitness.h"
#include "study/tune.h"

/* Weights by rule name; the names are looked up where the expression stands. Of `mutations` the caller frees the first one's context and
   the block, also on failure. *retrain: the weight of drawing a gene of the training. */
bool evolve_read_mutations(struct eval *eval, const struct options *options, const struct tuning *tuning,
                           struct mutation **mutations, size_t *count, double *retrain);
/* The caller frees limits->elements, also on failure. */
bool evolve_read_limits(struct eval *eval, const struct options *options, struct evolve_limits *limits);
bool evolve_read_selection(struct eval *eval, const struct options *options, const struct fitness *fitness,
                           struct evolve_options *made);

#endif
