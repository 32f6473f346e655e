/* Classes of tokens, and what a set of tokens that would fit amounts to. For messages. */
#ifndef NEL_SYNTAX_CLASSES_H
#define NEL_SYNTAX_CLASSES_H

#include <stdbool.h>

bool token_is_soft_word(int kind);
bool token_is_hard_word(int kind);
bool token_is_name(int kind); /* a name or a word that may be one */
bool token_is_comparison(int kind);
bool token_is_infix(int kind);
bool token_begins_expression(int kind);
bool token_begins_statement(int kind);

/* Of the tokens that would fit, by code. */
bool wants_expression(const bool *expected);
bool wants_field(const bool *expected);
bool wants_operator(const bool *expected);

#endif
