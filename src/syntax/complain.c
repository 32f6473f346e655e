/* Syntax errors in the reader's words. The parser knows what was found and the exact set of tokens that would fit. First come the
   slips worth a message of their own (slips.c); then the general message, which tells a long set by its classes: an expression,
   an operator, the end of the line.

   One slip, one message: what an error inside brackets leaves behind outside of them is not told. */
#include "syntax/complain.h"

#include <string.h>

#include "support/suggest.h"
#include "syntax/classes.h"
#include "syntax/nel.tab.h"
#include "syntax/slips.h"
#include "syntax/words.h"

static struct str token_text(const struct parser *parser, const struct token *token)
{
    return (struct str){parser->scanner.text.at + token->span.start, token->span.end - token->span.start};
}

/* ---- what was found, what would fit ---- */

static void describe_found(const struct parser *parser, struct text *out)
{
    enum { SHOWN = 40 };
    struct str text = token_text(parser, &parser->token);
    const char *spelling = token_spelling(parser->token.kind);
    switch (parser->token.kind) {
    case TOKEN_END:
        text_add(out, "the end of the file");
        break;
    case TOKEN_NEWLINE:
        text_add(out, text.len && text.at[0] == ';' ? "`;`" : "the end of the line");
        break;
    case TOKEN_STRING:
    case TOKEN_STRING_HEAD:
        text_add(out, "a string");
        break;
    case TOKEN_STRING_MIDDLE:
    case TOKEN_STRING_TAIL:
        text_add(out, "the `}` of the string");
        break;
    case TOKEN_DNA:
        text_add(out, "DNA");
        break;
    default:
        if (spelling)
            text_addf(out, "`%s`", spelling);
        else
            text_addf(out, "`%.*s`%s", (int)(text.len < SHOWN ? text.len : SHOWN), text.at, text.len < SHOWN ? "" : "…");
    }
}

/* What would fit, told by classes. */
struct wishes {
    const char *at[TOKEN_CODES];
    bool spelt[TOKEN_CODES]; /* a token as it is written, to be quoted */
    size_t count;
};

static void wish(struct wishes *wishes, const char *text, bool spelt)
{
    wishes->at[wishes->count] = text;
    wishes->spelt[wishes->count++] = spelt;
}

/* Whether a class that is told as a whole has the token. */
static bool in_class(int kind, const bool *expected)
{
    if (wants_expression(expected) && (expected[TOKEN_LET] ? token_begins_statement(kind) : token_begins_expression(kind)))
        return true;
    if (wants_operator(expected) && (token_is_infix(kind) || (kind > 0 && kind < 128 && strchr("([.=:", kind))))
        return true; /* `:` stands behind a word alone, so it is a rare thing to want */
    if (expected[TOKEN_NAME] && (token_is_name(kind) || kind == TOKEN_LABEL))
        return true;
    if (wants_field(expected) && kind == TOKEN_SPREAD)
        return true;
    return kind == TOKEN_NEWLINE || (kind == TOKEN_END && expected[TOKEN_NEWLINE]);
}

static void collect_wishes(const bool *expected, struct wishes *wishes)
{
    if (wants_expression(expected))
        wish(wishes, expected[TOKEN_LET] ? "a statement" : "an expression", false);
    else if (expected[TOKEN_NAME])
        wish(wishes, wants_field(expected) ? "a field" : "a name", false);
    for (int kind = 1; kind < TOKEN_CODES; kind++) {
        const char *spelling = expected[kind] && !in_class(kind, expected) ? token_spelling(kind) : NULL;
        if (spelling)
            wish(wishes, spelling, true);
    }
    if (!wants_expression(expected) && !wants_field(expected) && expected[TOKEN_STRING])
        wish(wishes, "a string", false);
    if (expected[TOKEN_STRING_TAIL])
        wish(wishes, "the `}` of the string", false);
    if (wants_operator(expected))
        wish(wishes, "an operator", false);
    if (expected[TOKEN_NEWLINE])
        wish(wishes, "the end of the line", false);
    else if (expected[TOKEN_END])
        wish(wishes, "the end of the file", false);
}

static void describe_expected(const bool *expected, struct text *out)
{
    struct wishes wishes = {.count = 0};
    collect_wishes(expected, &wishes);
    for (size_t i = 0; i < wishes.count; i++) {
        const char *between = i == 0 ? "" : i + 1 == wishes.count ? " or " : ", ";
        text_addf(out, wishes.spelt[i] ? "%s`%s`" : "%s%s", between, wishes.at[i]);
    }
}

/* ---- the general message ---- */

/* A word that would fit and is near the one that was found. */
static struct str near_word(const struct parser *parser, const bool *expected)
{
    struct suggestion near;
    suggest_start(&near, token_text(parser, &parser->token));
    for (int kind = TOKEN_LET; parser->token.kind == TOKEN_NAME && kind < TOKEN_CODES; kind++)
        if (expected[kind] && (token_is_hard_word(kind) || token_is_soft_word(kind)))
            suggest_offer(&near, str_of(token_spelling(kind)));
    return near.best;
}

/* How the statement, or the clause, that begins with such a token is written. */
static const char *form_of(int first)
{
    switch (first) {
    case TOKEN_FOR:
        return "for x in xs { … }";
    case TOKEN_SWEEP:
        return "sweep x in xs { … }";
    case TOKEN_RULE:
        return "rule name: pattern => replacement";
    case TOKEN_LOSS:
        return "loss name(q = 0.5) (y, t) = …";
    case TOKEN_ASSERT:
        return "assert condition, \"message\"";
    case TOKEN_EVERY:
        return "every 5 epochs";
    case TOKEN_WHEN:
        return "when condition => action";
    case TOKEN_ACCEPT:
        return "accept after 2 epochs when condition else undo";
    case TOKEN_STOP:
        return "stop when condition";
    default:
        return NULL;
    }
}

/* A form helps where one of its own words is missing. */
static bool lacks_word(const bool *expected)
{
    return expected[TOKEN_IN] || expected[TOKEN_MAPS] || expected[TOKEN_UNDO] || (expected[TOKEN_WHEN] && !expected[TOKEN_EVERY]) ||
           expected[TOKEN_AFTER];
}

/* Help by the two tokens that meet; false where they suggest nothing. */
static bool advise_by_tokens(const struct parser *parser, const bool *expected, struct diag *diag)
{
    int kind = parser->token.kind, before = parser->before.kind;
    struct str left = token_text(parser, &parser->before), right = token_text(parser, &parser->token);
    bool value = token_begins_expression(kind);
    if (before == TOKEN_NUMBER && left.at[left.len - 1] == '%' && wants_operator(expected) && value)
        diag_help(diag, "`%%` makes a percentage; the remainder is `mod`");
    else if (before == TOKEN_NUMBER && str_is(right, "percent"))
        diag_help(diag, "write `%.*s%%`", STR_ARG(left));
    else if (str_is(right, "is") && wants_operator(expected))
        diag_help(diag, "to compare, write `==`");
    else if (expected[TOKEN_IF] && wants_operator(expected) && (kind == TOKEN_WHERE || kind == TOKEN_WHEN || kind == ','))
        diag_help(diag, "a condition comes behind the values: `[f(x) for x in xs if c]`");
    else if (kind == TOKEN_IF && wants_operator(expected))
        diag_help(diag, "a choice is written `if a { b } else { c }`");
    else if (kind == ',' && expected[')'] && !expected[','] && wants_operator(expected) && parser->first.kind != TOKEN_ASSERT)
        diag_help(diag, "a list stands in square brackets: `[1, 2]`");
    else if (kind == TOKEN_IN && wants_operator(expected))
        diag_help(diag, "`in` stands in loops, sweeps and comprehensions; to look into a list, write `any(xs, fn(x) = x == a)`");
    else if (kind == TOKEN_FOR && expected[')'])
        diag_help(diag, "a comprehension stands in square brackets: `[f(x) for x in xs]`");
    else if (kind == TOKEN_SPREAD && wants_operator(expected))
        diag_help(diag, "a range is written `1..5`");
    else if (kind == ',' && (before == ',' || before == '(' || before == '[' || before == '{'))
        diag_help(diag, "one `,` too many");
    else if (wants_expression(expected) && kind == before && token_spelling(kind))
        diag_help(diag, "one `%s` too many, or a value is missing between the two", token_spelling(kind));
    else if (wants_expression(expected) && (token_is_infix(before) || before == '=' || before == ':'))
        diag_help(diag, "a value is missing behind `%s`", token_spelling(before));
    else if (wants_expression(expected) && token_is_infix(kind))
        diag_help(diag, "a value is missing in front of `%s`", token_spelling(kind));
    else if (wants_field(expected) && value)
        diag_help(diag, "a field is `name: value`, or a name alone for `name: name`");
    else if (kind == ';' && expected[','] && parser->first.kind != TOKEN_LOSS)
        diag_help(diag, "arguments are separated by `,`");
    else if (kind == TOKEN_DRAW || kind == TOKEN_WHERE)
        diag_help(diag, "`%.*s` belongs to a sweep, in front of its block", STR_ARG(right));
    else if ((kind == TOKEN_STRING_TAIL || kind == TOKEN_STRING_MIDDLE) && before == TOKEN_STRING_HEAD)
        diag_help(diag, "braces in a string hold a value; a brace as such is written `\\{`");
    else if (expected[':'] && token_is_name(before) && kind == '(')
        diag_help(diag, "a key is a name alone; calls stand in a list, `[%.*s(…), …]`", STR_ARG(left));
    else if (expected[':'] && token_is_name(before) && !wants_operator(expected) && value && parser->first.kind != TOKEN_RULE)
        diag_help(diag, "write `%.*s: …`", STR_ARG(left));
    else if (kind == '{' && expected[TOKEN_PIPE] && parser->commanded)
        diag_help(diag, "options follow the data at once; a pipe in the data stands in brackets: `on (d |> f) { … }`");
    else if (kind == TOKEN_NUMBER && token_is_name(before) && wants_operator(expected))
        diag_help(diag, "a call has brackets: `%.*s(%.*s)`", STR_ARG(left), STR_ARG(right));
    else
        return false;
    return true;
}

/* Help by the statement that the token stands in. */
static bool advise_by_statement(const struct parser *parser, const bool *expected, struct diag *diag)
{
    int first = parser->first.kind;
    struct str left = token_text(parser, &parser->before), found = token_text(parser, &parser->token);
    bool sweep = parser->before.kind == TOKEN_SWEEP || expected[TOKEN_IN];
    const char *form = form_of(first == TOKEN_FOR                               ? TOKEN_FOR
                               : sweep && !expected[','] && first != TOKEN_RULE ? TOKEN_SWEEP
                                                                                : first);
    if (parser->token.kind == TOKEN_IF && expected[TOKEN_EVERY])
        diag_help(diag, "did you mean `when`?");
    else if (first == TOKEN_FN && expected['('] && token_is_name(parser->before.kind) && !wants_operator(expected))
        diag_help(diag, "write `fn %.*s(…) = …`", STR_ARG(left));
    else if (parser->before.kind == TOKEN_FN && expected['('] && token_is_name(parser->token.kind))
        diag_help(diag, "write `fn(%.*s) = …`", STR_ARG(found));
    else if (first == TOKEN_ELEMENT && expected['('])
        diag_help(diag, "the formula's argument comes behind the symbol: `element name %.*s (x) = …`", STR_ARG(left));
    else if (first == TOKEN_LOSS && parser->token.kind == ';')
        diag_help(diag, "a loss's own parameters stand in the first brackets: `%s`", form);
    else if (first == TOKEN_USE && parser->token.kind == '.')
        diag_help(diag, "a file is used by its path: `use \"my/%.*s.nel\"`", STR_ARG(left));
    else if (first == TOKEN_USE && token_is_name(parser->token.kind))
        diag_help(diag, "write `use … as %.*s`", STR_ARG(found));
    else if (first == TOKEN_ASSERT && parser->token.kind == ',')
        diag_help(diag, "write `%s`, without brackets", form);
    else if (form &&
             (lacks_word(expected) || (first == TOKEN_LOSS && expected['(']) || (first == TOKEN_EVERY && expected[TOKEN_NAME]) ||
              (first == TOKEN_RULE && expected[':']) || parser->before.kind == first || parser->before.kind == TOKEN_SWEEP))
        diag_help(diag, "write `%s`", form);
    else
        return false;
    return true;
}

static bool inside_record(const struct parser *parser)
{
    const struct bracket *innermost = scanner_innermost(&parser->scanner);
    return innermost && innermost->open == '{';
}

/* What to do, where that can be told. */
static void advise(const struct parser *parser, const bool *expected, struct diag *diag)
{
    bool value = token_begins_expression(parser->token.kind);
    struct str word = near_word(parser, expected);
    if (advise_by_tokens(parser, expected, diag))
        return;
    if (word.len)
        diag_help(diag, "did you mean `%.*s`?", STR_ARG(word));
    else if (advise_by_statement(parser, expected, diag))
        return;
    else if (parser->token.kind == TOKEN_NEWLINE && parser->before.kind == ',')
        diag_help(diag, "leave the `,` out, or write what follows it");
    else if (parser->token.kind == TOKEN_NEWLINE && expected['{'] && !wants_expression(expected))
        diag_help(diag, "what comes next begins on the same line");
    else if (expected[','] && value)
        diag_help(diag, expected[TOKEN_NEWLINE] && inside_record(parser) ? "put a `,` or a line break between the two"
                                                                         : "put a `,` between the two");
    else if (expected[TOKEN_NEWLINE] && token_begins_statement(parser->token.kind) && !value)
        diag_help(diag, "each statement has a line of its own");
    else if (expected[TOKEN_NEWLINE] && expected['}'] && token_is_soft_word(parser->token.kind))
        diag_help(diag, "each clause has a line of its own");
    else if (expected[TOKEN_ARROW] && value && parser->before.span.start != parser->first.span.start &&
             (parser->before.kind == ')' || token_is_name(parser->token.kind)))
        diag_help(diag, "put an operator between the two: `->` joins stages");
}

static void general(struct parser *parser, const bool *expected)
{
    struct text found = {0}, wanted = {0};
    describe_found(parser, &found);
    describe_expected(expected, &wanted);
    struct diag *diag =
        diag_error(parser->scanner.diags, parser_place(parser), "expected %s, found %s", text_chars(&wanted), text_chars(&found));
    advise(parser, expected, diag);
    const struct bracket *innermost = scanner_innermost(&parser->scanner);
    bool own = innermost && innermost->at == parser->token.span.start;
    if (innermost && !own && innermost->open != '{' && parser->scanner.line_start > innermost->at)
        diag_label(diag, (struct span){parser->scanner.source, innermost->at, innermost->at + 1}, "opened here");
    text_release(&found);
    text_release(&wanted);
}

/* Whether the statement has an error already, inside brackets that this one stands outside of. */
static bool follows_another(struct parser *parser)
{
    size_t depth = parser->scanner.brackets.count;
    bool same = parser->complained && parser->complained_first == parser->first.span.start;
    if (same && depth < parser->complained_depth)
        return true;
    parser->complained = true;
    parser->complained_first = parser->first.span.start;
    parser->complained_depth = depth;
    return false;
}

void complain_unexpected(struct parser *parser, const bool *expected)
{
    bool told = parser->token.mended || parser->before.mended; /* by the scanner */
    if (!follows_another(parser) && !told && !slip_told(parser, expected))
        general(parser, expected);
}
