/* What to do about a value that is of the wrong kind for where it stands: the help lines of messages that tell kinds only. */
#ifndef NEL_INTERP_ADVICE_H
#define NEL_INTERP_ADVICE_H

#include "interp/value.h"
#include "syntax/ast.h"

/* NULL where nothing in particular can be told. `expected` is what the message says: "a molecule". */
const char *advice_kind(const char *expected, struct value found);
/* `found` is called, and nothing that can be. */
const char *advice_call(struct value found);
/* `op` joins values that it has no meaning for. */
const char *advice_operator(enum op op, struct value left, struct value right);

#endif
