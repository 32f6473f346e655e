/* Reports about text that is no token. The rule of the house: say what was found, in the reader's words; say what to write
   instead; go on with the token that was meant, so that one slip makes one report. */
#include "syntax/stray.h"

#include <string.h>

#include "support/limits.h"
#include "syntax/nel.tab.h"

static struct span span_at(const struct scanner *scanner, uint32_t start, uint32_t end)
{
    return (struct span){scanner->source, start, end};
}

static struct token mended(struct scanner *scanner, int kind, uint32_t start, uint32_t end)
{
    struct token token = scan_as(scanner, kind, start, end);
    token.mended = true;
    return token;
}

static int extent(uint32_t start, uint32_t end)
{
    enum { SHOWN = 40 }; /* characters of a long piece that a message quotes */
    return (int)(end - start < SHOWN ? end - start : SHOWN);
}

static uint32_t line_end(const struct scanner *scanner, uint32_t from)
{
    const char *text = scanner->text.at;
    uint32_t at = from;
    while (at < scanner->text.len && text[at] != '\n')
        at++;
    return at > from && text[at - 1] == '\r' ? at - 1 : at;
}

void stray_bytes(struct str text, uint32_t source, struct diags *diags)
{
    for (size_t at = 0; at < text.len;) {
        unsigned char byte = (unsigned char)text.at[at];
        size_t length = byte - 1u < 0x7Fu ? 1 : byte == 0 ? 0 : utf8_length(text.at + at, text.len - at);
        if (length == 0) {
            struct span span = {source, (uint32_t)at, (uint32_t)at + 1};
            struct diag *diag = byte ? diag_error(diags, span, "byte 0x%02X is not UTF-8 text", byte)
                                     : diag_error(diags, span, "a zero byte is not text");
            diag_help(diag, "save the file as UTF-8; further bytes of this kind are not reported");
            return;
        }
        at += length;
    }
}

struct token stray_meant(struct scanner *scanner, int kind, uint32_t start, uint32_t end, const char *help)
{
    struct diag *diag = diag_error(scanner->diags, span_at(scanner, start, end), "`%.*s` is not an operator of the language",
                                   extent(start, end), scanner->text.at + start);
    diag_help(diag, "%s", help);
    return mended(scanner, kind, start, end);
}

/* A number in place of one that is none: the well-formed text [start, end), and everything up to `after` is passed over. */
static struct token number_like(struct scanner *scanner, uint32_t start, uint32_t end, uint32_t after)
{
    struct token token = mended(scanner, TOKEN_NUMBER, start, end);
    scanner->at = after;
    return token;
}

struct token stray_number(struct scanner *scanner, uint32_t start, uint32_t end)
{
    struct str text = {scanner->text.at + start, end - start};
    size_t digits = strspn(text.at, "0123456789._%");
    struct diag *diag =
        diag_error(scanner->diags, span_at(scanner, start, end), "`%.*s` is not a number", extent(start, end), text.at);
    if (memchr(text.at, '_', text.len))
        diag_help(diag, "a `_` stands between two digits, as in `60_000`");
    else if (text.len > 1 && text.at[0] == '0' && strchr("xXbBoO", text.at[1]))
        diag_help(diag, "numbers are written in decimal");
    else if (digits < text.len && strchr("eE", text.at[digits]))
        diag_help(diag, "an exponent is written `1e-3`");
    else
        diag_help(diag, "put a space or an operator between the number and the name: `%.*s * %.*s`", (int)digits, text.at,
                  extent(start + (uint32_t)digits, end), text.at + digits);
    return number_like(scanner, start, start + 1, end);
}

struct token stray_point(struct scanner *scanner, uint32_t start, uint32_t end)
{
    int before = scanner->previous;
    struct str digits = {scanner->text.at + start + 1, end - start - 1};
    struct diag *diag;
    if (before == TOKEN_NAME || before == ')' || before == ']') {
        diag = diag_error(scanner->diags, span_at(scanner, start, end), "an item is taken by its number in brackets");
        diag_help(diag, "write `[%.*s]`", extent(start + 1, end), digits.at);
    } else {
        diag = diag_error(scanner->diags, span_at(scanner, start, end), "a number begins with a digit");
        diag_help(diag, "write `0.%.*s`", extent(start + 1, end), digits.at);
    }
    return number_like(scanner, start + 1, end, end);
}

struct token stray_quote(struct scanner *scanner, uint32_t start)
{
    const char *text = scanner->text.at;
    uint32_t limit = line_end(scanner, start), at = start;
    bool straight = text[start] == '\'';
    static const char *const closing[] = {"“", "”", "„", "‟", "‘", "’", "‚", "«", "»", "\""};
    uint32_t end = 0;
    while (!end && (at += (uint32_t)utf8_length(text + at, limit - at)) < limit) {
        if (utf8_length(text + at, limit - at) == 0)
            break;
        if (straight && text[at] == '\'')
            end = at + 1;
        for (size_t i = 0; !straight && i < sizeof closing / sizeof *closing; i++)
            if (limit - at >= strlen(closing[i]) && memcmp(text + at, closing[i], strlen(closing[i])) == 0)
                end = at + (uint32_t)strlen(closing[i]);
    }
    bool alone = end == 0;
    if (alone)
        end = start + (uint32_t)utf8_length(text + start, limit - start);
    struct diag *diag = diag_error(scanner->diags, span_at(scanner, start, end),
                                   straight ? "a string stands in double quotes" : "a string stands in straight quotes");
    diag_help(diag, "write `\"…\"`");
    return mended(scanner, alone ? TOKEN_STRAY : TOKEN_STRING, start, end);
}

struct token stray_open_dna(struct scanner *scanner, uint32_t start)
{
    uint32_t end = start + 1;
    while (end < scanner->text.len && scanner->text.at[end] > ' ')
        end++;
    struct diag *diag = diag_error(scanner->diags, span_at(scanner, start, end), "this DNA is never closed");
    diag_help(diag, "end it with a backtick on the same line");
    return mended(scanner, TOKEN_DNA, start, end);
}

static uint32_t code_point(const unsigned char *at, size_t length)
{
    static const unsigned char first[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    uint32_t code = at[0] & first[length];
    for (size_t i = 1; i < length; i++)
        code = code << 6 | (at[i] & 0x3F);
    return code;
}

struct token stray_character(struct scanner *scanner, uint32_t start, uint32_t end)
{
    const unsigned char *at = (const unsigned char *)scanner->text.at + start;
    uint32_t code = code_point(at, end - start);
    struct span span = span_at(scanner, start, end);
    struct diag *diag;
    if (code < 0x20 || (code >= 0x7F && code < 0xA0))
        diag = diag_error(scanner->diags, span, "unexpected control character U+%04X", (unsigned)code);
    else if (code < 0x80)
        diag = diag_error(scanner->diags, span, "unexpected character `%c`", (char)code);
    else
        diag = diag_error(scanner->diags, span, "unexpected character `%.*s` (U+%04X)", (int)(end - start), (const char *)at,
                          (unsigned)code);
    if (code == '?')
        diag_help(diag, "a choice is written `if a { b } else { c }`; a pattern variable is `?name`");
    else if (code == '\\')
        diag_help(diag, "a line goes on where it ends with an operator; nothing else is needed");
    return mended(scanner, TOKEN_STRAY, start, end);
}

void stray_comment(struct scanner *scanner, uint32_t start, uint32_t end)
{
    struct diag *diag = diag_error(scanner->diags, span_at(scanner, start, start + 2), "`//` does not begin a comment");
    diag_help(diag, "comments begin with `#`; a division is written `a / b`");
    scanner->at = end;
}

void stray_blank(struct scanner *scanner, uint32_t start, uint32_t end)
{
    uint32_t code = code_point((const unsigned char *)scanner->text.at + start, end - start);
    struct diag *diag =
        diag_error(scanner->diags, span_at(scanner, start, end), "an unusual blank (U+%04X) stands here", (unsigned)code);
    diag_help(diag, "write a plain space");
}

/* ---- brackets ---- */

static const char *bracket_name(char open)
{
    return open == '(' ? "`(`" : open == '[' ? "`[`" : "`{`";
}

static bool closes(char open, char close)
{
    return (open == '(' && close == ')') || (open == '[' && close == ']') || ((open == '{' || open == '"') && close == '}');
}

void stray_open_bracket(struct scanner *scanner, const struct bracket *bracket, struct span found, const char *note)
{
    struct span opener = span_at(scanner, bracket->at, bracket->at + 1);
    struct diag *diag;
    if (bracket->open == '"') {
        diag = diag_error(scanner->diags, opener, "this `{` opens an expression in a string and is never closed");
        diag_help(diag, "close it with `}`; a brace as such is written `\\{`");
        return;
    }
    diag = diag_error(scanner->diags, opener, "this %s is never closed", bracket_name(bracket->open));
    diag_label(diag, found, "%s", note);
    if (bracket->dedented)
        diag_label(diag, span_at(scanner, bracket->dedented - 1, bracket->dedented),
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

struct token stray_close(struct scanner *scanner, uint32_t start, uint32_t end)
{
    char close = scanner->text.at[start];
    struct bracket *innermost = scanner_innermost(scanner);
    if (innermost && closes(innermost->open, close)) {
        scanner->brackets.count--;
        return scan_as(scanner, close, start, end);
    }
    bool told = scanner->skipping || scanner->mismatch == end;
    scanner->mismatch = end;
    if (innermost && closes_outer(scanner, close)) {
        if (!told)
            stray_open_bracket(scanner, innermost, span_at(scanner, start, end), "this closes a bracket further out");
        return scan_made_up_close(scanner, start);
    }
    struct diag *diag = NULL;
    if (!innermost || innermost->open == '"') {
        if (!told)
            diag_error(scanner->diags, span_at(scanner, start, end), "this `%c` closes nothing", close);
        return mended(scanner, TOKEN_STRAY, start, end);
    }
    if (!told)
        diag = diag_error(scanner->diags, span_at(scanner, start, end), "this `%c` does not close %s", close,
                          bracket_name(innermost->open));
    diag_label(diag, span_at(scanner, innermost->at, innermost->at + 1), "%s opened here", bracket_name(innermost->open));
    struct token token = scan_made_up_close(scanner, start);
    token.span.end = scanner->at = end;
    return token;
}

struct token stray_nesting(struct scanner *scanner, uint32_t start, uint32_t end)
{
    diag_error(scanner->diags, span_at(scanner, start, end), "brackets are nested more than %d deep", LIMIT_NESTING);
    scanner->brackets.count = 0;
    return mended(scanner, TOKEN_END, (uint32_t)scanner->text.len, (uint32_t)scanner->text.len);
}

/* ---- strings ---- */

bool stray_hole_at_line_end(struct scanner *scanner, uint32_t at)
{
    const struct bracket *innermost = scanner_innermost(scanner);
    if (!innermost || innermost->open != '"')
        return false;
    stray_open_bracket(scanner, innermost, span_at(scanner, at, at), "");
    return true;
}

struct token stray_open_string(struct scanner *scanner, bool head, uint32_t start, uint32_t end)
{
    /* In "acc {x" the second quote opens a string that never ends: the hole is what was left open. */
    if (head && stray_hole_at_line_end(scanner, end)) {
        struct token token = scan_made_up_close(scanner, start);
        token.span.end = scanner->at = end;
        return token;
    }
    struct diag *diag = diag_error(scanner->diags, span_at(scanner, start, end), "this string is never closed");
    diag_help(diag, "end it with `\"` on the same line; a line break in a string is written `\\n`");
    return mended(scanner, head ? TOKEN_STRING : TOKEN_STRING_TAIL, start, end);
}
