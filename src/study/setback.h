/* What a script's own code did wrong in the middle of a search: counted, the first reason kept, and told at its end. */
#ifndef NEL_STUDY_SETBACK_H
#define NEL_STUDY_SETBACK_H

#include "interp/eval.h"

struct setback {
    size_t count;
    struct diags first; /* the first reason */
};

/* Takes over what was told and counts it. False, and all stays, where it is not the script's: memory is exhausted, or Ctrl-C ended it. */
bool setback_take(struct setback *setback, struct eval *eval, struct diags *told);
/* Warns at `span` of `what`, with the first reason where it stands. */
void setback_tell(struct setback *setback, struct eval *eval, struct span span, const char *what, const char *help);
void setback_release(struct setback *setback);

#endif
