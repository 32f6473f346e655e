/* Marks of a search: what tells one evolution from another, so that a checkpoint goes on with its own alone. */
#ifndef NEL_STUDY_MARKS_H
#define NEL_STUDY_MARKS_H

#include "study/fitness.h"
#include "study/learn.h"

#define MARKS_MOST 16

struct marks {
    struct evolve_mark at[MARKS_MOST];
    size_t count;
};

/* Marks of the options that decide about the course of a search, of its founders and its data. Functions and rules count with all that
   they refer to, a loss and elements by their formulas. False with a diagnostic. */
bool marks_make(struct eval *eval, const struct options *options, const struct evolve_options *made,
                const struct molecule *const *founders, size_t founder_count, struct marks *marks);

#endif
