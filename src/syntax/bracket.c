/* The stack of open brackets: what opens and closes it, what is said about brackets and strings that are open or closed where they
   should not be, and the tokens that mend them. */
#include <string.h>

#include "support/limits.h"
#include "syntax/nel.tab.h"
#include "syntax/stray.h"

static const char *bracket_name(char open)
{
    return open == '(' ? "`(`" : open == '[' ? "`[`" : "`{`";
}

static bool closes(char open, char close)
{
    return (open == '(' && close == ')') || (open == '[' && close == ']') || ((open == '{' || open == '"') && close == '}');
}

/* ---- closing ---- */

int scan_closer(char open)
{
    return open == '(' ? ')' : open == '[' ? ']' : open == '{' ? '}' : TOKEN_STRING_TAIL;
}

struct token scan_made_up_close(struct scanner *scanner, uint32_t at)
{
    char open = scanner->brackets.at[--scanner->brackets.count].open;
    scanner->deep = 0;
    return scan_mended(scanner, scan_closer(open), at, at);
}

void stray_open_bracket(struct scanner *scanner, const struct bracket *bracket, struct span found, const char *note)
{
    struct span opener = scan_span(scanner, bracket->at, bracket->at + 1);
    struct diag *diag;
    if (bracket->open == '"') {
        diag = diag_error(scanner->diags, opener, "this `{` opens an expression in a string and is never closed");
        diag_help(diag, "close it with `}`; a brace as such is written `\\{`");
        return;
    }
    diag = diag_error(scanner->diags, opener, "this %s is never closed", bracket_name(bracket->open));
    diag_label(diag, found, "%s", note);
    if (scanner->suspect > bracket->at + 1)
        diag_label(diag, scan_span(scanner, scanner->suspect - 1, scanner->suspect),
                   "or this one: its `}` is indented less than its line");
    if (bracket->dedented)
        diag_label(diag, scan_span(scanner, bracket->dedented - 1, bracket->dedented),
                   "the indentation suggests that it ends before this");
}

/* Whether the bracket that `close` would close is open, further out but not outside the string whose hole this is. */
static bool closes_outer(const struct scanner *scanner, char close)
{
    for (size_t i = scanner->brackets.count; i-- > 0;) {
        char open = scanner->brackets.at[i].open;
        if (closes(open, close))
            return true;
        if (open == '"')
            return false;
    }
    return false;
}

struct token scan_close(struct scanner *scanner, uint32_t start, uint32_t end)
{
    char close = scanner->text.at[start];
    struct bracket *innermost = scanner_innermost(scanner);
    if (scanner->deep > 0) {
        scanner->deep--;
        return scan_mended(scanner, TOKEN_STRAY, start, end);
    }
    if (innermost && closes(innermost->open, close)) {
        struct bracket closed = *innermost;
        scanner->brackets.count--;
        struct token token = scan_as(scanner, close, start, end);
        if (token.starts_line && scanner->indent < closed.indent)
            scanner->suspect = closed.at + 1;
        return token;
    }
    bool told = scanner->skipping || scanner->mismatch == end;
    scanner->mismatch = end;
    if (innermost && closes_outer(scanner, close)) {
        if (!told)
            stray_open_bracket(scanner, innermost, scan_span(scanner, start, end), "this closes a bracket further out");
        return scan_made_up_close(scanner, start);
    }
    struct diag *diag = NULL;
    if (!innermost || innermost->open == '"') {
        if (!told)
            diag_error(scanner->diags, scan_span(scanner, start, end), "this `%c` closes nothing", close);
        return scan_mended(scanner, TOKEN_STRAY, start, end);
    }
    if (!told)
        diag = diag_error(scanner->diags, scan_span(scanner, start, end), "this `%c` does not close %s", close,
                          bracket_name(innermost->open));
    diag_label(diag, scan_span(scanner, innermost->at, innermost->at + 1), "%s opened here", bracket_name(innermost->open));
    struct token token = scan_made_up_close(scanner, start);
    token.span.end = scanner->at = end;
    return token;
}

/* ---- opening ---- */

static struct token open_too_deep(struct scanner *scanner, uint32_t start, uint32_t end)
{
    if (scanner->deep++ == 0 && !scanner->skipping && !scanner->too_deep)
        diag_help(
            diag_error(scanner->diags, scan_span(scanner, start, end), "brackets are nested more than %d deep", LIMIT_NESTING),
            "give parts of it names with `let`");
    scanner->too_deep = true;
    return scan_mended(scanner, TOKEN_STRAY, start, end);
}

struct token scan_open(struct scanner *scanner, int kind, char open, uint32_t start, uint32_t end)
{
    if (scanner->brackets.count >= LIMIT_NESTING)
        return open_too_deep(scanner, start, end);
    struct token token = scan_as(scanner, kind, start, end);
    struct bracket bracket = {.at = end - 1, .indent = scanner->indent, .open = open};
    if (!vec_push(&scanner->brackets, bracket))
        scanner->out_of_memory = true;
    return token;
}

/* ---- strings ---- */

bool stray_hole_at_line_end(struct scanner *scanner, uint32_t at)
{
    const struct bracket *innermost = scanner_innermost(scanner);
    if (!innermost || innermost->open != '"')
        return false;
    stray_open_bracket(scanner, innermost, scan_span(scanner, at, at), "");
    return true;
}

/* Whether [start, end) holds nothing that a string would be written for. */
static bool ends_line(const struct scanner *scanner, uint32_t start, uint32_t end)
{
    while (start < end && strchr(" \t)]},;", scanner->text.at[start]))
        start++;
    return start == end || scanner->text.at[start] == '#';
}

struct token stray_open_string(struct scanner *scanner, bool head, uint32_t start, uint32_t end)
{
    /* In "acc {x" the second quote opens a string that never ends: the hole is what was left open. */
    if (head && stray_hole_at_line_end(scanner, end)) {
        struct token token = scan_made_up_close(scanner, start);
        token.span.end = scanner->at = end;
        return token;
    }
    /* The closing quote of a string that began on the line before opens another: one report does for both. */
    bool closing = scanner->open_string && scanner->open_string == scanner->line_start && ends_line(scanner, start + 1, end);
    struct diag *diag = closing ? NULL : diag_error(scanner->diags, scan_span(scanner, start, end), "this string is never closed");
    diag_help(diag, "end it with `\"` on the same line; a line break in a string is written `\\n`");
    const char *after = scanner->text.at + end;
    scanner->open_string = closing ? 0 : end + (uint32_t)(*after == '\r' ? 2 : 1);
    bool path = scanner->previous == TOKEN_USE; /* no file is looked for by half a name */
    return scan_mended(scanner, closing || path ? TOKEN_STRAY : head ? TOKEN_STRING : TOKEN_STRING_TAIL, start, end);
}
