/* See classes.h. */
#include "syntax/classes.h"

#include <string.h>

#include "syntax/nel.tab.h"

bool token_is_soft_word(int kind)
{
    return kind >= TOKEN_MOLECULE && kind <= TOKEN_UNDO;
}

bool token_is_hard_word(int kind)
{
    return kind >= TOKEN_LET && kind <= TOKEN_SWEEP;
}

bool token_is_name(int kind)
{
    return kind == TOKEN_NAME || token_is_soft_word(kind);
}

bool token_is_comparison(int kind)
{
    return kind == TOKEN_EQ || kind == TOKEN_NE || kind == TOKEN_LE || kind == TOKEN_GE || kind == '<' || kind == '>';
}

bool token_is_infix(int kind)
{
    static const int words[] = {TOKEN_ARROW, TOKEN_PIPE, TOKEN_RANGE, TOKEN_AND, TOKEN_OR, TOKEN_MOD, TOKEN_AS};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (kind == words[i])
            return true;
    return token_is_comparison(kind) || (kind > 0 && kind < 128 && strchr("|+-*/^", kind));
}

bool token_begins_expression(int kind)
{
    switch (kind) {
    case TOKEN_NUMBER:
    case TOKEN_STRING:
    case TOKEN_STRING_HEAD:
    case TOKEN_DNA:
    case TOKEN_VARIABLE:
    case TOKEN_TRUE:
    case TOKEN_FALSE:
    case TOKEN_NONE:
    case TOKEN_IF:
    case TOKEN_NOT:
    case TOKEN_FN:
    case TOKEN_TRAIN:
    case TOKEN_GROW:
    case TOKEN_EVOLVE:
    case TOKEN_SWEEP:
        return true;
    default:
        return token_is_name(kind) || (kind > 0 && kind < 128 && strchr("([{-~.", kind));
    }
}

bool token_begins_statement(int kind)
{
    return token_begins_expression(kind) || kind == TOKEN_LET || kind == TOKEN_SHOW || kind == TOKEN_PRINT || kind == TOKEN_FOR ||
           kind == TOKEN_ASSERT;
}

bool wants_expression(const bool *expected)
{
    return expected[TOKEN_NUMBER];
}

bool wants_field(const bool *expected)
{
    return expected[TOKEN_SPREAD] && expected[TOKEN_NAME] && !wants_expression(expected);
}

bool wants_operator(const bool *expected)
{
    return expected[TOKEN_OR] || expected['*'];
}
