/* The options of `evolve` that say who has children, read into lab/evolve.h; false with a diagnostic. */
#ifndef NEL_STUDY_EVOLVE_OPTIONS_H
#define NEL_STUDY_EVOLVE_OPTIONS_H

#include "study/fitness.h"

bool evolve_read_selection(struct eval *eval, const struct options *options, const struct fitness *fitness,
                           struct evolve_options *made);

#endif
