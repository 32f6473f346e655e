/* Names, before anything runs: every name that is used must be known where it stands. A script that trains for hours does not end
   with a misspelt variable in its last line. */
#ifndef NEL_INTERP_RESOLVE_H
#define NEL_INTERP_RESOLVE_H

#include "interp/eval.h"

/* Checks `program` against the names of `frame` and outwards; false where it told errors, or where statements could not be read.
   What is odd and no error goes to `warnings`, which may be NULL. */
bool resolve_program(struct eval *eval, const struct node *program, struct frame *frame, struct diags *warnings);

/* The names that a growth policy's conditions and actions may use: signals and actions; NULL ends. */
extern const char *const growth_names[];

#endif
