/* What people bring along from other languages, and what it is here. */
#ifndef NEL_SYNTAX_FOREIGN_H
#define NEL_SYNTAX_FOREIGN_H

#include "support/text.h"

/* Each is a help line, or NULL where the word is not known to be anybody's. */
const char *foreign_statement(struct str word); /* the first word of a statement */
const char *foreign_name(struct str word);      /* a name that nothing has here */

/* The name of an argument or option, where what is called has a parameter `beside` it. */
const char *foreign_argument(struct str word, struct str beside);
const char *foreign_member(struct str word); /* what is asked of a value */

#endif
