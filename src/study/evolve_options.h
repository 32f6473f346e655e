/* The options of `evolve` that are no plain figures, read into lab/evolve.h. Each: false with a diagnostic. */
#ifndef NEL_STUDY_EVOLVE_OPTIONS_H
#define NEL_STUDY_EVOLVE_OPTIONS_H

#include "study/fitness.h"

/* The caller frees limits->elements, also on failure. */
bool evolve_read_limits(struct eval *eval, const struct options *options, struct evolve_limits *limits);
bool evolve_read_selection(struct eval *eval, const struct options *options, const struct fitness *fitness,
                           struct evolve_options *made);

#endif
