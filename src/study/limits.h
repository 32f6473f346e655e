/* The option `limits` of `grow` and `evolve`. */
#ifndef NEL_STUDY_LIMITS_H
#define NEL_STUDY_LIMITS_H

#include "lab/evolve.h"
#include "study/learn.h"

/* Reads the limits that `names` (NULL at its end) lists, and refuses any other; false with a diagnostic. The caller frees
   limits->elements, also on failure. */
bool limits_read(struct eval *eval, const struct options *options, const char *const *names, struct evolve_limits *limits);

#endif
