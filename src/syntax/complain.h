/* Syntax errors in the reader's words. */
#ifndef NEL_SYNTAX_COMPLAIN_H
#define NEL_SYNTAX_COMPLAIN_H

#include "syntax/build.h"

/* parser->token does not fit; `expected` says, by token code, what would. */
void complain_unexpected(struct parser *parser, const bool *expected);

#endif
