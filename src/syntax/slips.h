/* Slips that deserve a message of their own. */
#ifndef NEL_SYNTAX_SLIPS_H
#define NEL_SYNTAX_SLIPS_H

#include "syntax/build.h"

/* Tells what is wrong with parser->token, if that is a known slip; `expected` says, by token code, what would fit. */
bool slip_told(struct parser *parser, const bool *expected);

/* Where an error at the current token is to be shown: an end of a line or of the file right behind what stands before it, the end
   of a hole in a string at its brace. */
struct span parser_place(const struct parser *parser);

#endif
