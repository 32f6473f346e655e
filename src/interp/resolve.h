/* Names, before anything runs: every name that is used must be known where it stands. A script that trains for hours does not end
   with a misspelt variable in its last line. */
#ifndef NEL_INTERP_RESOLVE_H
#define NEL_INTERP_RESOLVE_H

#include "interp/eval.h"

/* Checks `program` against the names of `frame` and outwards, and loads what it uses; false where it told errors, or where statements
   could not be read. What is odd and no error goes to the evaluation's warnings. Nothing at the top level of a `module` is unused, and
   no value is shown. */
bool resolve_program(struct eval *eval, const struct node *program, struct frame *frame, bool module);

#endif
