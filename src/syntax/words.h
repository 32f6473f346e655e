/* The words of the language, and tokens in the reader's words. */
#ifndef NEL_SYNTAX_WORDS_H
#define NEL_SYNTAX_WORDS_H

#include <stdbool.h>

#include "support/text.h"

bool word_is_hard(struct str word);

/* A token as it is written, or NULL where it has no fixed spelling (a name, a number). */
const char *token_spelling(int kind);

#endif
