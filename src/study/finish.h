/* The end of a search: its best, or its front, as the search trained it or, with the option `finish`, trained anew. */
#ifndef NEL_STUDY_FINISH_H
#define NEL_STUDY_FINISH_H

#include "lab/evolve.h"
#include "study/learn.h"
#include "study/tune.h"

struct finish {
    struct value given; /* the option: a record in which it differs from `train`, or none */
    struct span span;   /* its */
    const struct tuning *tuning;
    struct value data; /* what is trained on, with its test part */
    struct span data_span;
    const struct evolve_options *options; /* of the search */
    bool over;                            /* a training of these did not come about: the rest stays as it is */
};

/* Reads the option, in every combination with what evolves of the training; false with a diagnostic. */
bool finish_read(struct eval *eval, const struct finish *finish);

/* Whether these trainings would begin, a founder standing for the best: a search of hours is not to end with what could have been told
   before. False with a diagnostic. */
bool finish_ready(struct eval *eval, const struct finish *finish, const struct molecule *founder);

/* The wish for a training of what `finish` says, of a molecule with this variant of the training; `options` failed with a diagnostic. */
struct training_wish finish_wish(struct eval *eval, const struct finish *finish, struct value molecule, uint32_t variant);

/* Of an individual of the front, whose training is taken over: its run, judged on the test part, which the search did not see; or what
   training it anew gives, a run or several trials. Where that training cannot be had, since Ctrl-C ended the search before or for any
   other reason, a warning says so and the former is given. */
struct value finish_run(struct eval *eval, struct finish *finish, const struct evolution *evolution, size_t index,
                        struct prepared *prepared);

#endif
