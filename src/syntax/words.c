/* The words of the language, for the scanner's neighbours, completion and editors. tests/unit/syntax holds them against the scanner. */
#include "syntax/words.h"

#include <stddef.h>

#include "syntax/nel.tab.h"
#include "syntax/parse.h"

const char *const parse_hard_words[] = {"let",   "fn", "show", "print", "if",     "else",  "for",   "in",
                                        "and",   "or", "not",  "mod",   "as",     "true",  "false", "none",
                                        "train", "on", "grow", "by",    "evolve", "sweep", NULL};

const char *const parse_soft_words[] = {"molecule", "element", "loss",  "rule", "growth", "use",  "param",
                                        "assert",   "learned", "every", "when", "accept", "stop", "at",
                                        "after",    "before",  "where", "draw", "undo",   NULL};

bool word_is_hard(struct str word)
{
    for (size_t i = 0; parse_hard_words[i]; i++)
        if (str_is(word, parse_hard_words[i]))
            return true;
    return false;
}

/* Tokens of more than one character that are always spelt alike. */
static const struct {
    int kind;
    const char *text;
} spellings[] = {
    {TOKEN_LET, "let"},
    {TOKEN_FN, "fn"},
    {TOKEN_SHOW, "show"},
    {TOKEN_PRINT, "print"},
    {TOKEN_IF, "if"},
    {TOKEN_ELSE, "else"},
    {TOKEN_FOR, "for"},
    {TOKEN_IN, "in"},
    {TOKEN_AND, "and"},
    {TOKEN_OR, "or"},
    {TOKEN_NOT, "not"},
    {TOKEN_MOD, "mod"},
    {TOKEN_AS, "as"},
    {TOKEN_TRUE, "true"},
    {TOKEN_FALSE, "false"},
    {TOKEN_NONE, "none"},
    {TOKEN_TRAIN, "train"},
    {TOKEN_ON, "on"},
    {TOKEN_GROW, "grow"},
    {TOKEN_BY, "by"},
    {TOKEN_EVOLVE, "evolve"},
    {TOKEN_SWEEP, "sweep"},
    {TOKEN_MOLECULE, "molecule"},
    {TOKEN_ELEMENT, "element"},
    {TOKEN_LOSS, "loss"},
    {TOKEN_RULE, "rule"},
    {TOKEN_GROWTH, "growth"},
    {TOKEN_USE, "use"},
    {TOKEN_PARAM, "param"},
    {TOKEN_LEARNED, "learned"},
    {TOKEN_EVERY, "every"},
    {TOKEN_WHEN, "when"},
    {TOKEN_ACCEPT, "accept"},
    {TOKEN_STOP, "stop"},
    {TOKEN_AT, "at"},
    {TOKEN_AFTER, "after"},
    {TOKEN_BEFORE, "before"},
    {TOKEN_WHERE, "where"},
    {TOKEN_DRAW, "draw"},
    {TOKEN_UNDO, "undo"},
    {TOKEN_ASSERT, "assert"},
    {TOKEN_ARROW, "->"},
    {TOKEN_PIPE, "|>"},
    {TOKEN_MAPS, "=>"},
    {TOKEN_RANGE, ".."},
    {TOKEN_SPREAD, "..."},
    {TOKEN_EQ, "=="},
    {TOKEN_NE, "!="},
    {TOKEN_LE, "<="},
    {TOKEN_GE, ">="},
};

const char *token_spelling(int kind)
{
    static const char single[128][2] = {['('] = "(", [')'] = ")", ['['] = "[", [']'] = "]", ['{'] = "{", ['}'] = "}", ['+'] = "+",
                                        ['-'] = "-", ['*'] = "*", ['/'] = "/", ['^'] = "^", ['|'] = "|", ['~'] = "~", ['='] = "=",
                                        ['<'] = "<", ['>'] = ">", ['.'] = ".", [','] = ",", [':'] = ":", [';'] = ";"};
    if (kind > 0 && kind < 128)
        return single[kind][0] ? single[kind] : NULL;
    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++)
        if (spellings[i].kind == kind)
            return spellings[i].text;
    return NULL;
}
