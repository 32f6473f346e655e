/* Syntax errors in the reader's words. The parser knows what was found and the exact set of tokens that would fit. First come the
   slips worth a message of their own, each recognised by what was found and what would fit; then the general message, which
   tells a long set by its classes: an expression, an operator, the end of the line. */
#include "syntax/complain.h"

#include <string.h>

#include "support/suggest.h"
#include "syntax/nel.tab.h"
#include "syntax/words.h"

static struct str token_text(const struct parser *parser, const struct token *token)
{
    return (struct str){parser->scanner.text.at + token->span.start, token->span.end - token->span.start};
}

/* ---- classes of tokens ---- */

static bool is_soft_word(int kind)
{
    return kind >= TOKEN_MOLECULE && kind <= TOKEN_UNDO;
}

static bool is_hard_word(int kind)
{
    return kind >= TOKEN_LET && kind <= TOKEN_SWEEP;
}

static bool is_name(int kind)
{
    return kind == TOKEN_NAME || is_soft_word(kind);
}

static bool is_comparison(int kind)
{
    return kind == TOKEN_EQ || kind == TOKEN_NE || kind == TOKEN_LE || kind == TOKEN_GE || kind == '<' || kind == '>';
}

static bool is_infix(int kind)
{
    static const int words[] = {TOKEN_ARROW, TOKEN_PIPE, TOKEN_RANGE, TOKEN_AND, TOKEN_OR, TOKEN_MOD, TOKEN_AS};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (kind == words[i])
            return true;
    return is_comparison(kind) || (kind > 0 && kind < 128 && strchr("|+-*/^", kind));
}

static bool begins_expression(int kind)
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
        return is_name(kind) || (kind > 0 && kind < 128 && strchr("([{-~.", kind));
    }
}

static bool begins_statement(int kind)
{
    return begins_expression(kind) || kind == TOKEN_LET || kind == TOKEN_SHOW || kind == TOKEN_PRINT || kind == TOKEN_FOR ||
           kind == TOKEN_ASSERT;
}

static bool wants_expression(const bool *expected)
{
    return expected[TOKEN_NUMBER];
}

static bool wants_field(const bool *expected)
{
    return expected[TOKEN_SPREAD] && expected[TOKEN_NAME] && !wants_expression(expected);
}

static bool wants_operator(const bool *expected)
{
    return expected[TOKEN_OR] || expected['*'];
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
    if (wants_expression(expected) && (expected[TOKEN_LET] ? begins_statement(kind) : begins_expression(kind)))
        return true;
    if (wants_operator(expected) && (is_infix(kind) || (kind > 0 && kind < 128 && strchr("([.=:", kind))))
        return true; /* `:` stands behind a word alone, so it is a rare thing to want */
    if (expected[TOKEN_NAME] && (is_name(kind) || kind == TOKEN_LABEL))
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

/* ---- slips with a message of their own; each returns whether it spoke ---- */

static bool reserved_name(struct parser *parser, const bool *expected)
{
    if (!is_hard_word(parser->token.kind) || !expected[TOKEN_NAME] || wants_expression(expected) || wants_operator(expected))
        return false;
    struct diag *diag = diag_error(parser->scanner.diags, parser->token.span, "`%s` is a word of the language and cannot be a name",
                                   token_spelling(parser->token.kind));
    diag_help(diag, "choose another name; as a label or a member the word may stand: `%s: 3`", token_spelling(parser->token.kind));
    return true;
}

static bool assignment_inside(struct parser *parser, const bool *expected)
{
    if (parser->token.kind != '=' || !(expected[TOKEN_EQ] || expected[':']))
        return false;
    const struct bracket *innermost = scanner_innermost(&parser->scanner);
    struct str name = token_text(parser, &parser->before);
    struct diag *diag;
    if (is_name(parser->before.kind) && innermost && (innermost->open == '(' || expected[':'])) {
        bool field = innermost->open == '{';
        diag = diag_error(parser->scanner.diags, parser->token.span, "a %s is given with `:`, not with `=`",
                          field ? "field" : "named argument");
        diag_help(diag, "write `%.*s: …`%s", STR_ARG(name), field ? "" : "; to compare, write `==`");
    } else {
        diag = diag_error(parser->scanner.diags, parser->token.span, "`=` cannot stand in an expression");
        diag_help(diag, "to compare, write `==`");
    }
    return true;
}

static bool value_after_colon(struct parser *parser, const bool *expected)
{
    if (parser->token.kind != ':')
        return false;
    struct str name = token_text(parser, &parser->before);
    struct diag *diag;
    if (expected['{'] && !expected[TOKEN_NUMBER]) {
        diag = diag_error(parser->scanner.diags, parser->token.span, "a block stands in braces");
        diag_help(diag, "write `{ … }` instead of `:`");
    } else if (expected['='] && is_name(parser->before.kind)) {
        diag = diag_error(parser->scanner.diags, parser->token.span, "a value is given with `=` here, not with `:`");
        bool statement = parser->before.span.start == parser->first.span.start;
        bool let = statement || parser->first.kind == TOKEN_LET;
        diag_help(diag, let ? "write `let %.*s = …`" : "write `%.*s = …`", STR_ARG(name));
    } else {
        return false;
    }
    return true;
}

static bool maps_elsewhere(struct parser *parser, const bool *expected)
{
    if (parser->token.kind != TOKEN_MAPS || !wants_operator(expected))
        return false;
    struct diag *diag = diag_error(parser->scanner.diags, parser->token.span, "`=>` stands only in rules and in growth");
    diag_help(diag, "stages are joined by `->`, a function is `fn(x) = …`, at least is `>=`");
    return true;
}

static bool lonely_else(struct parser *parser, const bool *expected)
{
    (void)expected;
    if (parser->token.kind != TOKEN_ELSE)
        return false;
    struct diag *diag = diag_error(parser->scanner.diags, parser->token.span, "this `else` follows no `if`");
    diag_help(diag, "`else` stands right behind the block of its `if`: `if a { b } else { c }`");
    return true;
}

static bool split_arrow(struct parser *parser, const bool *expected)
{
    if (parser->token.kind != '>' || parser->before.kind != '-' || !wants_expression(expected))
        return false;
    struct span both = span_join(parser->before.span, parser->token.span);
    diag_help(diag_error(parser->scanner.diags, both, "an arrow is written in one piece"), "write `->`");
    return true;
}

static bool operator_misplaced(struct parser *parser, const bool *expected)
{
    int kind = parser->token.kind;
    bool chained = is_comparison(kind) && expected[TOKEN_AND];
    if (!is_infix(kind) || !wants_operator(expected))
        return false;
    const char *spelling = token_spelling(kind);
    struct diag *diag;
    if (chained && !expected[TOKEN_EQ]) {
        diag = diag_error(parser->scanner.diags, parser->token.span, "comparisons do not chain");
        diag_help(diag, "compare twice: `a < b and b < c`");
    } else if (expected[TOKEN_ON]) {
        diag = diag_error(parser->scanner.diags, parser->token.span, "`%s` cannot follow here without brackets", spelling);
        diag_help(diag, "what stands before `on` may be a molecule; put anything else in brackets");
    } else {
        diag = diag_error(parser->scanner.diags, parser->token.span, "`%s` cannot follow here without brackets", spelling);
        diag_help(diag, "put what belongs to it in brackets: `( … ) %s …`", spelling);
    }
    return true;
}

static bool command_inside(struct parser *parser, const bool *expected)
{
    int kind = parser->token.kind;
    bool loose = kind == TOKEN_TRAIN || kind == TOKEN_GROW || kind == TOKEN_EVOLVE || kind == TOKEN_SWEEP || kind == TOKEN_FN;
    if (!loose || !wants_expression(expected) || (kind == TOKEN_NOT && expected[TOKEN_FN]))
        return false;
    struct diag *diag = diag_error(parser->scanner.diags, parser->token.span, "`%s` cannot stand inside another expression bare",
                                   token_spelling(kind));
    diag_help(diag, "put it in brackets: `(%s …)`", token_spelling(kind));
    return true;
}

/* Words that other languages begin a statement with. */
static const char *native_word(struct str word)
{
    static const struct {
        const char *foreign, *native;
    } words[] = {
        {"var", "let"},        {"const", "let"},      {"val", "let"},       {"def", "fn"},       {"func", "fn"},
        {"function", "fn"},    {"import", "use"},     {"include", "use"},   {"require", "use"},  {"foreach", "for"},
        {"echo", "print"},     {"puts", "print"},     {"println", "print"}, {"elif", "else if"}, {"elsif", "else if"},
        {"elseif", "else if"}, {"model", "molecule"}, {"layer", "element"},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_is(word, words[i].foreign))
            return words[i].native;
    return NULL;
}

/* `lett x = 3`: the first word of a statement is none of the language's, and something follows that makes no sense. */
static bool misspelt_statement(struct parser *parser, const bool *expected)
{
    static const char *const words[] = {"let",     "fn",     "show",   "print", "for",   "if",     "molecule",
                                        "element", "rule",   "growth", "use",   "param", "assert", "train",
                                        "grow",    "evolve", "sweep",  "every", "when",  "accept", "stop"};
    bool second = parser->before.kind == TOKEN_NAME && parser->before.span.start == parser->first.span.start;
    if (!second || !(begins_statement(parser->token.kind) || parser->token.kind == '{') ||
        !(wants_operator(expected) || expected[TOKEN_EVERY]))
        return false;
    struct str word = token_text(parser, &parser->before);
    const char *native = native_word(word);
    struct suggestion near;
    suggest_start(&near, word);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        suggest_offer(&near, str_of(words[i]));
    if (str_is(word, "return")) {
        diag_help(diag_error(parser->scanner.diags, parser->before.span, "there is no `return`"),
                  "the last value of a block is its result");
        return true;
    }
    if (str_is(word, "while")) {
        diag_help(diag_error(parser->scanner.diags, parser->before.span, "there is no `while`"),
                  "loops are written `for x in xs { … }`");
        return true;
    }
    struct str meant = native ? str_of(native) : near.best;
    if (!meant.len)
        return false;
    struct diag *diag = diag_error(parser->scanner.diags, parser->before.span, "`%.*s` does not begin a statement", STR_ARG(word));
    diag_help(diag, "did you mean `%.*s`?", STR_ARG(meant));
    return true;
}

static bool definition_by_let(struct parser *parser, const bool *expected)
{
    if (parser->token.kind != '(' || parser->first.kind != TOKEN_LET || !expected['='] || wants_operator(expected))
        return false;
    struct diag *diag = diag_error(parser->scanner.diags, parser->first.span, "a function is defined by `fn`");
    diag_help(diag, "write `fn %.*s(…) = …`", STR_ARG(token_text(parser, &parser->before)));
    return true;
}

/* ---- the general message ---- */

/* A word that would fit and is near the one that was found. */
static struct str near_word(const struct parser *parser, const bool *expected)
{
    struct suggestion near;
    suggest_start(&near, token_text(parser, &parser->token));
    for (int kind = TOKEN_LET; is_name(parser->token.kind) && kind < TOKEN_CODES; kind++)
        if (expected[kind] && (is_hard_word(kind) || is_soft_word(kind)))
            suggest_offer(&near, str_of(token_spelling(kind)));
    return near.best;
}

/* What to do, where the tokens suggest it. */
static void advise(const struct parser *parser, const bool *expected, struct diag *diag)
{
    int kind = parser->token.kind, before = parser->before.kind;
    struct str left = token_text(parser, &parser->before);
    struct str word = near_word(parser, expected);
    if (word.len)
        diag_help(diag, "did you mean `%.*s`?", STR_ARG(word));
    else if (before == TOKEN_NUMBER && left.len && left.at[left.len - 1] == '%' && wants_operator(expected) &&
             begins_expression(kind))
        diag_help(diag, "`%%` makes a percentage; the remainder is `mod`");
    else if (expected[TOKEN_STRING] && parser->first.kind == TOKEN_ELEMENT)
        diag_help(diag, "the symbol in DNA comes behind the name: `element %.*s \"X\" (x) = …`", STR_ARG(left));
    else if (kind == TOKEN_SPREAD && wants_operator(expected))
        diag_help(diag, "a range is written `1..5`");
    else if (kind == '{' && expected[TOKEN_PIPE] && parser->commanded)
        diag_help(diag, "options follow the data at once; a pipe in the data stands in brackets: `on (d |> f) { … }`");
    else if (kind == TOKEN_NEWLINE && expected['{'])
        diag_help(diag, "what comes next begins on the same line");
    else if (expected[','] && begins_expression(kind) && !expected[TOKEN_NEWLINE])
        diag_help(diag, "put a `,` between the two");
    else if (expected[','] && begins_expression(kind))
        diag_help(diag, "put a `,` or a line break between the two");
}

static void general(struct parser *parser, const bool *expected)
{
    struct text found = {0}, wanted = {0};
    describe_found(parser, &found);
    describe_expected(expected, &wanted);
    struct diag *diag =
        diag_error(parser->scanner.diags, parser->token.span, "expected %s, found %s", text_chars(&wanted), text_chars(&found));
    advise(parser, expected, diag);
    const struct bracket *innermost = scanner_innermost(&parser->scanner);
    bool own = innermost && innermost->at == parser->token.span.start;
    if (innermost && !own && innermost->open != '{' && parser->scanner.line_start > innermost->at)
        diag_label(diag, (struct span){parser->scanner.source, innermost->at, innermost->at + 1}, "opened here");
    text_release(&found);
    text_release(&wanted);
}

void complain_unexpected(struct parser *parser, const bool *expected)
{
    static bool (*const slips[])(struct parser *, const bool *) = {
        reserved_name, assignment_inside,  value_after_colon, maps_elsewhere,     lonely_else,
        split_arrow,   operator_misplaced, command_inside,    misspelt_statement, definition_by_let,
    };
    if (parser->token.mended || parser->before.mended)
        return; /* told by the scanner */
    for (size_t i = 0; i < sizeof slips / sizeof *slips; i++)
        if (slips[i](parser, expected))
            return;
    general(parser, expected);
}
