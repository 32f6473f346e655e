/* Slips that deserve a message of their own, each recognised by what was found and what would fit. The first that applies speaks. */
#include "syntax/slips.h"

#include <stdarg.h>
#include <string.h>

#include "support/suggest.h"
#include "syntax/classes.h"
#include "syntax/foreign.h"
#include "syntax/nel.tab.h"
#include "syntax/words.h"

static struct str token_text(const struct parser *parser, const struct token *token)
{
    return (struct str){parser->scanner.text.at + token->span.start, token->span.end - token->span.start};
}

struct span parser_place(const struct parser *parser)
{
    struct span span = parser->token.span;
    int kind = parser->token.kind;
    if ((kind == TOKEN_END || (kind == TOKEN_NEWLINE && parser->scanner.text.at[span.start] != ';')) &&
        parser->before.kind != TOKEN_NEWLINE)
        span.start = span.end = parser->before.span.end;
    else if (kind == TOKEN_STRING_TAIL || kind == TOKEN_STRING_MIDDLE)
        span.end = span.start + 1;
    return span;
}

__attribute__((format(printf, 2, 3))) static struct diag *slip(struct parser *parser, const char *format, ...)
{
    va_list args;
    struct text message = {0};
    va_start(args, format);
    text_addv(&message, format, args);
    va_end(args);
    struct diag *diag = diag_error(parser->scanner.diags, parser_place(parser), "%s", text_chars(&message));
    text_release(&message);
    return diag;
}

static bool first_is_before(const struct parser *parser)
{
    return parser->before.span.start == parser->first.span.start;
}

/* The bracket that is open where the token stands, the token's own left out. */
static char inside(const struct parser *parser)
{
    const struct scanner *scanner = &parser->scanner;
    size_t count = scanner->brackets.count;
    if (count && scanner->brackets.at[count - 1].at == parser->token.span.start)
        count--;
    return count ? scanner->brackets.at[count - 1].open : '\0';
}

/* ---- the slips; each returns whether it spoke ---- */

static bool reserved_name(struct parser *parser, const bool *expected)
{
    if (!token_is_hard_word(parser->token.kind) || !expected[TOKEN_NAME] || wants_expression(expected) || wants_operator(expected))
        return false;
    const char *word = token_spelling(parser->token.kind);
    diag_help(slip(parser, "`%s` is a word of the language and cannot be a name", word),
              "choose another name; as a label or a member the word may stand: `%s: 3`", word);
    return true;
}

/* `let x == 3`, `let x 3`, `let x, y = 1, 2`, `let x(a) = 3`: behind the name that a statement makes. */
static bool name_then_other(struct parser *parser, const bool *expected)
{
    int first = parser->first.kind, kind = parser->token.kind;
    struct str name = token_text(parser, &parser->before);
    if ((first != TOKEN_LET && first != TOKEN_PARAM) || !token_is_name(parser->before.kind) || !expected['='] ||
        wants_operator(expected) || inside(parser) == '(' || kind == ':')
        return false;
    const char *word = token_spelling(first);
    if (kind == TOKEN_EQ)
        diag_help(slip(parser, "a name is made with `=`; `==` compares"), "write `%s %.*s = …`", word, STR_ARG(name));
    else if (kind == '(')
        diag_help(diag_error(parser->scanner.diags, parser->first.span, "a function is defined by `fn`"), "write `fn %.*s(…) = …`",
                  STR_ARG(name));
    else if (kind == ',')
        diag_help(slip(parser, "a `%s` makes one name", word), "write one `%s` for each name", word);
    else if (token_is_name(kind) && (str_is(name, "mut") || str_is(name, "const") || str_is(name, "var")))
        diag_help(slip(parser, "expected `=`, found a second name"), "leave `%.*s` out: every name can be changed", STR_ARG(name));
    else if (kind == '-' && parser->before.span.end == parser->token.span.start)
        diag_help(slip(parser, "a name has no `-`"), "letters, digits and `_` make a name: `%.*s_…`", STR_ARG(name));
    else if (kind == TOKEN_NEWLINE || kind == TOKEN_END)
        diag_help(slip(parser, "the value of `%.*s` is missing", STR_ARG(name)), "write `%s %.*s = …`", word, STR_ARG(name));
    else
        diag_help(slip(parser, "a `=` is missing behind `%.*s`", STR_ARG(name)), "write `%s %.*s = …`", word, STR_ARG(name));
    return true;
}

static bool several_names(struct parser *parser, const bool *expected)
{
    int kind = parser->token.kind;
    if (parser->before.kind != TOKEN_LET || (kind != '(' && kind != '[' && kind != '{') || !expected[TOKEN_NAME])
        return false;
    diag_help(slip(parser, "a `let` makes one name"), "keep the whole, and take its parts: `let pair = …`, then `pair[0]`");
    return true;
}

static bool assignment_inside(struct parser *parser, const bool *expected)
{
    if (parser->token.kind != '=' || !(expected[TOKEN_EQ] || expected[':']))
        return false;
    struct str name = token_text(parser, &parser->before);
    char open = inside(parser);
    if (parser->first.kind == TOKEN_RULE && expected[':'])
        diag_help(slip(parser, "a rule is given with `:`, not with `=`"), "write `rule %.*s: pattern => replacement`",
                  STR_ARG(name));
    else if (token_is_name(parser->before.kind) && (open == '(' || expected[':']))
        diag_help(slip(parser, "a %s is given with `:`, not with `=`", open == '{' ? "field" : "named argument"),
                  "write `%.*s: …`%s", STR_ARG(name), open == '{' ? "" : "; to compare, write `==`");
    else
        diag_help(slip(parser, "`=` cannot stand in an expression"), "to compare, write `==`");
    return true;
}

static bool value_after_colon(struct parser *parser, const bool *expected)
{
    if (parser->token.kind != ':')
        return false;
    struct str name = token_text(parser, &parser->before);
    const char *text = parser->scanner.text.at;
    bool range = parser->before.kind == TOKEN_NUMBER && !strchr(" \t\r\n", text[parser->token.span.end]);
    const struct bracket *innermost = scanner_innermost(&parser->scanner);
    bool index = innermost && innermost->open == '[' && innermost->at > 0 && !strchr(" \t(,[=", text[innermost->at - 1]);
    if (range && !index && wants_operator(expected)) {
        diag_help(slip(parser, "a range is written with `..`"), "as in `%.*s..5`", STR_ARG(name));
    } else if (expected['{'] && !wants_expression(expected)) {
        diag_help(slip(parser, "a block stands in braces"), "write `{ … }` instead of `:`");
    } else if (expected['='] && token_is_name(parser->before.kind)) {
        struct diag *diag = slip(parser, "a value is given with `=` here, not with `:`");
        int first = parser->first.kind;
        if (inside(parser) == '(')
            diag_help(diag, "a parameter is `%.*s`, or `%.*s = …` with a default; types are not written", STR_ARG(name),
                      STR_ARG(name));
        else
            diag_help(diag, "write `%s %.*s = …`", first == TOKEN_PARAM ? "param" : "let", STR_ARG(name));
    } else if (index && wants_operator(expected)) {
        diag_help(slip(parser, "an index is one value"),
                  "several items are `[xs[i] for i in 1..3]`; `take(xs, 3)` is the first three");
    } else {
        return false;
    }
    return true;
}

static bool maps_elsewhere(struct parser *parser, const bool *expected)
{
    if (parser->token.kind != TOKEN_MAPS || !wants_operator(expected))
        return false;
    diag_help(slip(parser, "`=>` stands only in rules and in growth"),
              "stages are joined by `->`, a function is `fn(x) = …`, at least is `>=`");
    return true;
}

static bool lonely_else(struct parser *parser, const bool *expected)
{
    (void)expected;
    if (parser->token.kind != TOKEN_ELSE)
        return false;
    diag_help(slip(parser, "this `else` follows no `if`"),
              "`else` stands right behind the block of its `if`: `if a { b } else { c }`");
    return true;
}

static bool loop_as_value(struct parser *parser, const bool *expected)
{
    if (parser->token.kind != TOKEN_FOR || !wants_expression(expected))
        return false;
    const bool in_list = inside(parser) == '[' && parser->before.kind == '[';
    diag_help(slip(parser, in_list ? "the value comes before its `for`" : "a loop has no value"),
              "a list of values is `[x ^ 2 for x in xs]`");
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
    if (!token_is_infix(kind) || !wants_operator(expected))
        return false;
    const char *spelling = token_spelling(kind);
    if (token_is_comparison(kind) && expected[TOKEN_AND] && !expected[TOKEN_EQ])
        diag_help(slip(parser, "comparisons do not chain"), "compare twice: `a < b and b < c`");
    else if (kind == TOKEN_RANGE)
        diag_help(slip(parser, "a range has two ends"), "`range(from, to, step)` goes in other steps than 1");
    else if (expected[TOKEN_ON])
        diag_help(slip(parser, "`%s` cannot follow here without brackets", spelling),
                  "what stands before `on` may be a molecule; put anything else in brackets");
    else
        diag_help(slip(parser, "`%s` cannot follow here without brackets", spelling),
                  "put what belongs to it in brackets: `( … ) %s …`", spelling);
    return true;
}

static bool command_inside(struct parser *parser, const bool *expected)
{
    int kind = parser->token.kind;
    bool loose = kind == TOKEN_TRAIN || kind == TOKEN_GROW || kind == TOKEN_EVOLVE || kind == TOKEN_SWEEP || kind == TOKEN_FN;
    if (!loose || !wants_expression(expected))
        return false;
    diag_help(slip(parser, "`%s` cannot stand inside another expression bare", token_spelling(kind)),
              "put it in brackets: `(%s …)`", token_spelling(kind));
    return true;
}

/* `train M { … }`, `train M data`, `grow M on data`, `train on data`: a part is missing. */
static bool command_incomplete(struct parser *parser, const bool *expected)
{
    int command = parser->command.kind;
    const char *word = parser->commanded ? token_spelling(command) : NULL;
    if (!word || token_is_infix(parser->token.kind))
        return false;
    const char *first = command == TOKEN_EVOLVE ? "[A, B]" : "M";
    if (parser->before.kind == command && parser->token.kind == TOKEN_ON)
        diag_help(slip(parser, "`%s` is given nothing to %s", word, word), "write `%s %s on data%s { … }`", word, first,
                  command == TOKEN_GROW ? " by Policy" : "");
    else if (expected[TOKEN_ON] && inside(parser) != '(')
        diag_help(slip(parser, "`%s` needs data, behind `on`", word), "write `%s %s on data%s { … }`", word, first,
                  command == TOKEN_GROW ? " by Policy" : "");
    else if (expected[TOKEN_BY] && inside(parser) != '(')
        diag_help(slip(parser, "`grow` needs a policy, behind `by`"), "write `grow M on data by Policy { … }`");
    else if (parser->token.kind == ',' && inside(parser) == '(' &&
             scanner_innermost(&parser->scanner)->at <= parser->command.span.end + 1 && expected[')'])
        diag_help(diag_error(parser->scanner.diags, parser->command.span, "`%s` is no function", word),
                  "write `%s %s on data%s { … }`", word, first, command == TOKEN_GROW ? " by Policy" : "");
    else if (token_is_name(parser->token.kind) && expected['{'] && expected[TOKEN_NEWLINE])
        diag_help(slip(parser, "the options of `%s` stand in braces", word), "write `{ epochs: 5 }`");
    else
        return false;
    return true;
}

/* `} elif b {`. */
static bool foreign_else(struct parser *parser, const bool *expected)
{
    if (parser->token.kind != TOKEN_NAME || !expected[TOKEN_ELSE] || parser->before.kind != '}')
        return false;
    struct str word = token_text(parser, &parser->token);
    const char *help = foreign_statement(word);
    if (help)
        diag_help(slip(parser, "`%.*s` is not a word of the language", STR_ARG(word)), "%s", help);
    return help;
}

/* `for k, v in r`, `for (k, v) in pairs`, `sweep a in relu, tanh { … }`: where one name, and one value to go over, is expected. */
static bool several_turns(struct parser *parser, const bool *expected)
{
    int kind = parser->token.kind;
    const char *after = parser->scanner.text.at + parser->token.span.end;
    bool pair = kind == '(' && expected[TOKEN_NAME] && after[strcspn(after, ", \t\r\n)")] == ',';
    bool names = parser->first.kind == TOKEN_FOR && ((kind == ',' && expected[TOKEN_IN]) || pair);
    if (names)
        diag_help(slip(parser, "a `for` makes one name"),
                  "keep the pair, and take its parts: `for pair in enumerate(xs) { print pair[0], pair[1] }`");
    else if (kind == '{' && expected[TOKEN_IN] && parser->first.kind != TOKEN_FOR && inside(parser) != '[')
        diag_help(slip(parser, "the last axis of this `sweep` has no values"),
                  "several values are a list: `sweep act in [relu, tanh] { … }`");
    else
        return false;
    return true;
}

/* `every 5 when …`: the next clause's word stood where the unit would. */
static bool unit_missing(struct parser *parser, const bool *expected)
{
    struct str word = token_text(parser, &parser->before);
    bool clause = str_is(word, "when") || str_is(word, "stop") || str_is(word, "accept");
    if (!clause || !expected['}'] || !expected[TOKEN_NEWLINE] || wants_operator(expected))
        return false;
    diag_help(diag_error(parser->scanner.diags, parser->before.span, "`%.*s` stands where `epochs` should", STR_ARG(word)),
              "write `every 5 epochs`; each clause has a line of its own");
    return true;
}

/* `"{x:.2f}"`. */
static bool format_in_string(struct parser *parser, const bool *expected)
{
    if (parser->token.kind != ':' || inside(parser) != '"' || !expected[TOKEN_STRING_TAIL])
        return false;
    diag_help(slip(parser, "a string's braces hold a value and no format"), "round the value: `{round(x, 2)}`");
    struct scanner *scanner = &parser->scanner; /* what the format says is not to be told as well */
    while (scanner->at < scanner->text.len && !strchr("}\"\r\n", scanner->text.at[scanner->at]))
        scanner->at++;
    return true;
}

/* `lett x = 3`, `def f(x)`: the first word of a statement is none of the language's, and something follows that makes no sense. */
static bool misspelt_statement(struct parser *parser, const bool *expected)
{
    static const char *const words[] = {"let",    "fn",    "show",   "print", "for",    "if",     "molecule", "element",
                                        "loss",   "rule",  "growth", "use",   "param",  "assert", "train",    "grow",
                                        "evolve", "sweep", "every",  "when",  "accept", "stop"};
    if (parser->before.kind != TOKEN_NAME || !first_is_before(parser) ||
        !(token_begins_statement(parser->token.kind) || parser->token.kind == '{') ||
        !(wants_operator(expected) || expected[TOKEN_EVERY]))
        return false;
    struct str word = token_text(parser, &parser->before);
    const char *help = foreign_statement(word);
    struct suggestion near;
    suggest_start(&near, word);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        suggest_offer(&near, str_of(words[i]));
    if (help)
        diag_help(diag_error(parser->scanner.diags, parser->before.span, "`%.*s` is not a word of the language", STR_ARG(word)),
                  "%s", help);
    else if (near.best.len)
        diag_help(diag_error(parser->scanner.diags, parser->before.span, "`%.*s` does not begin a statement", STR_ARG(word)),
                  "did you mean `%.*s`?", STR_ARG(near.best));
    return help || near.best.len;
}

/* Where the statement has the word in front of the current token. */
static bool statement_has(const struct parser *parser, const char *word, struct span *place)
{
    const char *text = parser->scanner.text.at;
    size_t length = strlen(word);
    for (uint32_t at = parser->first.span.start; at + length <= parser->token.span.start; at++) {
        bool begins = at == 0 || strchr(" \t([=,:", text[at - 1]);
        if (!begins || memcmp(text + at, word, length) != 0 || !strchr(" \t(:", text[at + length]))
            continue;
        *place = (struct span){parser->scanner.source, at, at + (uint32_t)length};
        return true;
    }
    return false;
}

/* `lambda x: x + 1`, `function(x) x + 1`, `|x| x + 1` in an expression. */
static bool foreign_function(struct parser *parser, const bool *expected)
{
    struct span place;
    bool bars = parser->token.kind == '|' && wants_expression(expected) && strchr("=(,", parser->before.kind);
    if (bars)
        place = parser->token.span;
    else if (!statement_has(parser, "lambda", &place) && !statement_has(parser, "function", &place))
        return false;
    diag_help(diag_error(parser->scanner.diags, place, "this does not begin a function"),
              "a function without a name is written `fn(x) = …`");
    return true;
}

/* `fn f(x) = { let y = 2 … }`: statements where a record stands. Told once for each such record. */
static bool record_for_block(struct parser *parser, const bool *expected)
{
    struct bracket *innermost = scanner_innermost(&parser->scanner);
    int kind = parser->token.kind;
    const char *text = parser->scanner.text.at;
    if (!innermost || innermost->open != '{' || innermost->statements || innermost->at == parser->token.span.start)
        return false;
    uint32_t before = innermost->at;
    while (before > 0 && strchr(" \t", text[before - 1]))
        before--;
    bool statement = kind == TOKEN_LET || kind == TOKEN_FOR || kind == TOKEN_IF || kind == TOKEN_PRINT || kind == TOKEN_SHOW;
    if (before == 0 || text[before - 1] != '=' || !(expected[':'] || expected[TOKEN_SPREAD]) ||
        !(statement || token_is_infix(kind) || kind == '(' || kind == '.'))
        return false;
    if (!innermost->told)
        diag_help(diag_error(parser->scanner.diags, scan_span(&parser->scanner, innermost->at, innermost->at + 1),
                             "behind `=` this begins a record, and no block"),
                  "a body of statements stands without `=`: `fn f(x) { … }`");
    innermost->told = true;
    return true;
}

/* `if a then b`, `for x in xs do`, `if a b`, and a line that ends where a block should begin. */
static bool block_missing(struct parser *parser, const bool *expected)
{
    int kind = parser->token.kind, first = parser->first.kind;
    if (parser->before.kind == TOKEN_ELSE && expected['{']) {
        diag_help(slip(parser, "a block stands in braces"), "write `else { … }`");
        return true;
    }
    if (expected[TOKEN_WHERE] && expected[','] && (kind == TOKEN_FOR || token_is_name(kind)) && wants_operator(expected)) {
        diag_help(slip(parser, "expected `,`, a condition or the block of the sweep"),
                  "axes are separated by commas: `sweep a in xs, b in ys { … }`");
        return true;
    }
    if (!expected['{'] || !wants_operator(expected) || expected[TOKEN_NEWLINE] || parser->commanded)
        return false;
    struct str found = token_text(parser, &parser->token);
    if (str_is(found, "then") || str_is(found, "do"))
        diag_help(slip(parser, "a block stands in braces"), "write `{ … }` instead of `%.*s`", STR_ARG(found));
    else if (kind == TOKEN_NEWLINE || kind == TOKEN_END || token_begins_statement(kind))
        diag_help(slip(parser, "a block stands in braces"), "write `%s { … }`",
                  first == TOKEN_FOR      ? "for x in xs"
                  : expected[TOKEN_WHERE] ? "sweep x in xs"
                                          : "if a");
    else
        return false;
    return true;
}

/* The parameters or the body of a definition is missing. */
static bool body_missing(struct parser *parser, const bool *expected)
{
    int kind = parser->token.kind;
    if (!expected['='] || !expected['{'] || wants_operator(expected))
        return false;
    const char *text = parser->scanner.text.at;
    uint32_t start = parser->first.span.start, end = parser->before.span.end;
    bool defines = parser->first.kind == TOKEN_FN || parser->first.kind == TOKEN_MOLECULE || parser->first.kind == TOKEN_ELEMENT ||
                   parser->first.kind == TOKEN_LOSS;
    struct str head = defines ? (struct str){text + start, end - start} : STR("fn(…)");
    if (head.len > 60 || memchr(head.at, '\n', head.len))
        head = STR("fn f(…)");
    struct diag *diag = kind == TOKEN_ARROW || kind == TOKEN_MAPS
                            ? slip(parser, "a body is given with `=`, not with `%s`", token_spelling(kind))
                            : slip(parser, "the body is missing");
    diag_help(diag, parser->first.kind == TOKEN_ELEMENT ? "write `%.*s = …`" : "write `%.*s = …`, or `{ … }` on the same line",
              STR_ARG(head));
    return true;
}

static bool element_without_symbol(struct parser *parser, const bool *expected)
{
    if (parser->first.kind != TOKEN_ELEMENT || !expected[TOKEN_STRING])
        return false;
    struct str name = token_text(parser, &parser->before);
    diag_help(slip(parser, "the symbol of `%.*s` in DNA is missing", STR_ARG(name)), "write `element %.*s \"X\" (x) = …`",
              STR_ARG(name));
    return true;
}

/* A comma behind the last value of a statement. */
static bool comma_after_statement(struct parser *parser, const bool *expected)
{
    if (parser->token.kind != ',' || inside(parser) == '(' || inside(parser) == '[' || !expected[TOKEN_NEWLINE])
        return false;
    const char *after = parser->scanner.text.at + parser->token.span.end;
    after += strspn(after, " \t");
    diag_help(slip(parser, "a statement does not go on behind `,`"),
              strchr("\r\n#", *after) ? "leave it out" : "each statement has a line of its own");
    return true;
}

/* ---- */

bool slip_told(struct parser *parser, const bool *expected)
{
    static bool (*const slips[])(struct parser *, const bool *) = {
        unit_missing,     format_in_string, foreign_else,       several_turns,         record_for_block,       reserved_name,
        name_then_other,  several_names,    assignment_inside,  value_after_colon,     maps_elsewhere,         lonely_else,
        loop_as_value,    split_arrow,      operator_misplaced, command_incomplete,    command_inside,         misspelt_statement,
        foreign_function, block_missing,    body_missing,       comma_after_statement, element_without_symbol,
    };
    for (size_t i = 0; i < sizeof slips / sizeof *slips; i++)
        if (slips[i](parser, expected))
            return true;
    return false;
}
