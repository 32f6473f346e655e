/* Names, before anything runs: every name that is used must be known where it stands. A script that trains for hours does not end
   with a misspelt variable in its last line. */
#ifndef NEL_INTERP_RESOLVE_H
#define NEL_INTERP_RESOLVE_H

#include "interp/eval.h"

/* Checks `program` against the names of `frame` and outwards, and loads what it uses; false where it told errors, or where statements
   could not be read. What is odd and no error goes to the evaluation's warnings. Nothing at the top level of a `module` is unused, and
   no value is shown. */
bool resolve_program(struct eval *eval, const struct node *program, struct frame *frame, bool module);

/* resolve_use.c. Each is false where it told an error. */
/* A `use` in `scope`, the program's top level. `blind`: names that are unknown from here on may be the module's. */
bool resolve_use(struct eval *eval, const struct node *program, const struct node *use, struct frame *scope, bool *blind);
/* A declaration at the top level, before its name is bound in `scope`. */
bool resolve_declared(struct eval *eval, const struct node *program, const struct node *statement, struct frame *scope);
/* `object.member`, where `object` is a name; `target = …`, where its name is bound so. */
bool resolve_member(struct eval *eval, const struct node *member, const struct binding *object);
bool resolve_assigned(struct eval *eval, const struct node *target, const struct binding *binding);

#endif
