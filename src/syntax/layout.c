/* Which line ends count. A newline separates statements, fields and clauses; it means nothing inside ( ) and [ ], behind a token
   that expects more (an operator, a comma, an opening bracket), and in front of one that can only go on (an infix operator, `.`,
   `else`, a closing bracket). `- ~ ( [` may begin a statement, so a newline in front of them counts. `;` separates like a newline
   that is never overlooked; inside ( ) it is a token of its own and stands before an element's traits. So does a newline in front
   of a word that can only begin a statement: what the line before still expects is missing.

   This takes one token of lookahead and the scanner's stack of brackets. A bracket left open would swallow every line after it;
   so a word that only begins statements (`let`, `fn f`, `rule r`) at a line's start closes it: inside ( ) and [ ] at once, inside
   a record or a growth where the line is indented no deeper than the one that opened it. The missing brackets are made up. */
#include <string.h>

#include "syntax/nel.tab.h"
#include "syntax/scan.h"
#include "syntax/stray.h"
#include "syntax/words.h"

bool layout_expects_more(int kind)
{
    switch (kind) {
    case TOKEN_ARROW:
    case TOKEN_PIPE:
    case TOKEN_MAPS:
    case TOKEN_RANGE:
    case TOKEN_SPREAD:
    case TOKEN_EQ:
    case TOKEN_NE:
    case TOKEN_LE:
    case TOKEN_GE:
    case TOKEN_AND:
    case TOKEN_OR:
    case TOKEN_NOT:
    case TOKEN_MOD:
    case TOKEN_AS:
    case TOKEN_IN:
    case TOKEN_ON:
    case TOKEN_BY:
    case TOKEN_ELSE:
    case TOKEN_STRING_HEAD:
    case TOKEN_STRING_MIDDLE:
        return true;
    default:
        return kind > 0 && kind < 128 && strchr("|+-~*/^=<>.,:;({[", kind);
    }
}

bool layout_continues(int kind)
{
    switch (kind) {
    case TOKEN_ARROW:
    case TOKEN_PIPE:
    case TOKEN_MAPS:
    case TOKEN_RANGE:
    case TOKEN_EQ:
    case TOKEN_NE:
    case TOKEN_LE:
    case TOKEN_GE:
    case TOKEN_AND:
    case TOKEN_OR:
    case TOKEN_MOD:
    case TOKEN_AS:
    case TOKEN_IN:
    case TOKEN_ON:
    case TOKEN_BY:
    case TOKEN_ELSE:
        return true;
    default:
        return kind > 0 && kind < 128 && strchr("|+*/^=<>.,)]", kind);
    }
}

/* ---- brackets left open ---- */

/* Whether a name that is no reserved word follows `token` on its line. */
static bool name_follows(const struct scanner *scanner, const struct token *token)
{
    const char *at = scanner->text.at + token->span.end;
    const char *word = at + strspn(at, " \t");
    size_t len = strcspn(word, " \t\r\n()[]{}<>=:;,.+-*/|~^\"`#?!&%");
    return word > at && len > 0 && !(*word >= '0' && *word <= '9') && !word_is_hard((struct str){word, len});
}

/* Whether the token can only begin a statement, standing at a line's start as it does. */
static bool begins_statement(const struct scanner *scanner, const struct token *token)
{
    switch (token->kind) {
    case TOKEN_LET:
        return true;
    case TOKEN_SHOW:
    case TOKEN_PRINT:
        return scanner->delivered != TOKEN_PIPE;
    case TOKEN_FN:
    case TOKEN_MOLECULE:
    case TOKEN_ELEMENT:
    case TOKEN_LOSS:
    case TOKEN_RULE:
    case TOKEN_GROWTH:
    case TOKEN_PARAM:
        return name_follows(scanner, token);
    default:
        return false;
    }
}

static bool left_open(const struct scanner *scanner, const struct bracket *bracket)
{
    return bracket->open != '{' || (!bracket->statements && scanner->indent <= bracket->indent);
}

/* Before a statement that begins a line: reports the innermost bracket where it was left open. */
static bool closes_brackets(struct scanner *scanner, const struct token *token)
{
    const struct bracket *innermost = scanner_innermost(scanner);
    if (!innermost || scanner->skipping || !begins_statement(scanner, token) || !left_open(scanner, innermost))
        return false;
    if (!scanner->too_deep)
        stray_open_bracket(scanner, innermost, token->span, "this begins a statement");
    return true;
}

/* At the end of the text. */
static bool closes_all_brackets(struct scanner *scanner, const struct token *token)
{
    const struct bracket *innermost = scanner_innermost(scanner);
    if (!innermost)
        return false;
    if (!scanner->skipping && !scanner->too_deep)
        stray_open_bracket(scanner, innermost, token->span, "the file ends here");
    return true;
}

/* The next made-up closing bracket in front of the token held; false where all that were left open are closed. */
static bool make_up_close(struct scanner *scanner, struct token *token)
{
    const struct bracket *innermost = scanner_innermost(scanner);
    bool at_end = scanner->held.kind == TOKEN_END;
    if (!innermost || (!at_end && !left_open(scanner, innermost)))
        return false;
    uint32_t at = scanner->at;
    *token = scan_made_up_close(scanner, scanner->held.span.start);
    scanner->at = at;
    return true;
}

/* Lines of a block that are indented as if it had ended tell, at the end of the file, where its `}` is missing. */
static void watch_indent(struct scanner *scanner, const struct token *token)
{
    struct bracket *innermost = scanner_innermost(scanner);
    if (token->starts_line && innermost && innermost->statements && !innermost->dedented && scanner->indent <= innermost->indent)
        innermost->dedented = token->span.start + 1;
}

/* ---- the filter ---- */

/* The next token that is no separator, after `token`, which is one; `separator` becomes the `;`, or else the first newline, passed
   over on the way. */
static void pass_separators(struct scanner *scanner, struct token *token, struct token *separator)
{
    *separator = *token;
    for (;;) {
        const struct bracket *innermost = scanner_innermost(scanner);
        bool inside = innermost && innermost->open != '{';
        if (token->kind != TOKEN_NEWLINE && (token->kind != ';' || inside))
            return;
        if (token->kind == ';' && separator->kind != ';')
            *separator = *token;
        *token = scan_token(scanner);
    }
}

static bool separates(const struct scanner *scanner, const struct token *separator, const struct token *next)
{
    int before = scanner->delivered;
    if (before == TOKEN_NEWLINE || before == '{' || next->kind == '}' || next->kind == TOKEN_END)
        return false;
    if (separator->kind == ';' || !(layout_expects_more(before) || layout_continues(next->kind)))
        return true;
    return next->starts_line && begins_statement(scanner, next); /* what was expected is missing */
}

static void hold(struct scanner *scanner, const struct token *token)
{
    scanner->held = *token;
    scanner->holds = true;
}

/* The next token of those that were put back, or that brackets left open need; false where there is none. */
static bool pending(struct scanner *scanner, struct token *token)
{
    if (scanner->closing) {
        if (make_up_close(scanner, token))
            return true;
        scanner->closing = false;
        *token = (struct token){.kind = TOKEN_NEWLINE, .span = scanner->held.span, .mended = true};
        token->span.end = token->span.start;
        if (scanner->held.kind != TOKEN_END)
            return true;
    }
    if (!scanner->holds)
        return false;
    scanner->holds = false;
    *token = scanner->held;
    return true;
}

/* A separator, the first token of a line, or the end: what it becomes. */
static void weigh(struct scanner *scanner, struct token *token)
{
    const struct bracket *innermost = scanner_innermost(scanner);
    bool inside = innermost && innermost->open != '{';
    struct token separator;
    pass_separators(scanner, token, &separator);
    bool separated = separator.kind == TOKEN_NEWLINE || (separator.kind == ';' && !inside);
    if (token->kind == TOKEN_END ? closes_all_brackets(scanner, token) : token->starts_line && closes_brackets(scanner, token)) {
        hold(scanner, token);
        scanner->closing = true;
        pending(scanner, token);
        return;
    }
    watch_indent(scanner, token);
    if (separated && !inside && separates(scanner, &separator, token)) {
        hold(scanner, token);
        *token = separator;
        token->kind = TOKEN_NEWLINE;
    }
}

void layout_next(struct scanner *scanner, struct token *token)
{
    if (!pending(scanner, token)) {
        *token = scan_token(scanner);
        if (token->kind == TOKEN_NEWLINE || token->kind == ';' || token->kind == TOKEN_END || token->starts_line)
            weigh(scanner, token);
    }
    scanner->delivered = token->kind;
}
