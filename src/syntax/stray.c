/* Reports about text that is no token. The rule of the house: say what was found, in the reader's words; say what to write
   instead; go on with the token that was meant, so that one slip makes one report. */
#include "syntax/stray.h"

#include <stdlib.h>
#include <string.h>

#include "support/limits.h"
#include "syntax/nel.tab.h"

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

/* How many bytes from `at` on are plain ASCII, zero left out, seen eight at a time. */
static size_t plain_bytes(struct str text, size_t at)
{
    const uint64_t lows = UINT64_C(0x0101010101010101), highs = UINT64_C(0x8080808080808080);
    size_t start = at;
    for (uint64_t eight; at + sizeof eight <= text.len; at += sizeof eight) {
        memcpy(&eight, text.at + at, sizeof eight);
        if ((eight | (eight - lows)) & highs)
            break;
    }
    return at - start;
}

static bool is_utf16(struct str text)
{
    return text.len >= 2 && (memcmp(text.at, "\xFF\xFE", 2) == 0 || memcmp(text.at, "\xFE\xFF", 2) == 0);
}

bool stray_bytes(struct str text, uint32_t source, struct diags *diags)
{
    struct diag *diag;
    for (size_t at = plain_bytes(text, 0); at < text.len;) {
        unsigned char byte = (unsigned char)text.at[at];
        size_t length = byte - 1u < 0x7Fu ? 1 : byte == 0 ? 0 : utf8_length(text.at + at, text.len - at);
        if (length > 0) {
            at += length;
            at += plain_bytes(text, at);
            continue;
        }
        struct span span = {source, (uint32_t)at, (uint32_t)at + 1};
        if (at == 0 && is_utf16(text)) {
            diag = diag_error(diags, (struct span){source, 0, 2}, "this file is UTF-16 text");
            diag_help(diag, "save it as UTF-8");
            return false;
        }
        if (byte == 0) {
            diag = diag_error(diags, span, "a zero byte is not text");
            diag_help(diag, "a script is a file of UTF-8 text; this may be another kind of file");
            return false;
        }
        diag = diag_error(diags, span, "byte 0x%02X is not UTF-8 text", byte);
        diag_help(diag, "save the file as UTF-8; further bytes of this kind are not reported");
        break;
    }
    return true;
}

struct token stray_meant(struct scanner *scanner, int kind, uint32_t start, uint32_t end, const char *help)
{
    struct diag *diag = diag_error(scanner->diags, scan_span(scanner, start, end), "`%.*s` is not an operator of the language",
                                   extent(start, end), scanner->text.at + start);
    diag_help(diag, "%s", help);
    return scan_mended(scanner, kind, start, end);
}

/* A number in place of one that is none: the well-formed text [start, end), and everything up to `after` is passed over. */
static struct token number_like(struct scanner *scanner, uint32_t start, uint32_t end, uint32_t after)
{
    struct token token = scan_mended(scanner, TOKEN_NUMBER, start, end);
    scanner->at = after;
    return token;
}

static bool ends_value(char c)
{
    return c == '\0' || strchr("\r\n)]},;#", c);
}

struct token stray_percent(struct scanner *scanner, uint32_t start)
{
    const char *text = scanner->text.at, *after = text + start + 1;
    after += strspn(after, " \t");
    struct diag *diag = diag_error(scanner->diags, scan_span(scanner, start, start + 1), "`%%` stands right behind a number");
    uint32_t number = start;
    while (number > 0 && strchr(" \t", text[number - 1]))
        number--;
    uint32_t end = number;
    while (number > 0 && strchr("0123456789._", text[number - 1]))
        number--;
    size_t digits = strspn(text + start + 1, "0123456789.");
    if (number < end && ends_value(*after)) { /* 5 % */
        diag_help(diag, "write `%.*s%%`", extent(number, end), text + number);
        scanner->at = start + 1;
        return scan_token(scanner);
    }
    if (digits > 0 && number == end && scanner->previous != ')' && scanner->previous != TOKEN_NAME) { /* %5 */
        diag_help(diag, "write `%.*s%%`", (int)digits, text + start + 1);
        return number_like(scanner, start + 1, start + 1 + (uint32_t)digits, start + 1 + (uint32_t)digits);
    }
    diag_help(diag, "`5%%` is a share; the remainder of a division is `a mod b`");
    return scan_mended(scanner, TOKEN_MOD, start, start + 1);
}

/* Whether nothing but one word stands on the line in front of `at`. */
static bool behind_first_word(const struct scanner *scanner, uint32_t at)
{
    struct str word = {scanner->text.at + scanner->line_start, at - scanner->line_start};
    while (word.len && strchr(" \t", word.at[word.len - 1]))
        word.len--;
    while (word.len && strchr(" \t", word.at[0]))
        word = (struct str){word.at + 1, word.len - 1};
    for (size_t i = 0; i < word.len; i++)
        if (strchr(" \t()[]{}.,;:", word.at[i]))
            return false;
    return word.len > 0;
}

struct token stray_assign(struct scanner *scanner, uint32_t start, uint32_t end)
{
    struct diag *diag = diag_error(scanner->diags, scan_span(scanner, start, end), "`%.*s` is not an operator of the language",
                                   extent(start, end), scanner->text.at + start);
    diag_help(diag, "a name is made by `let x = …` and changed by `x = …`");
    /* Which of the two was meant where no `let` stands nobody knows: the name is not to be called unknown. */
    return scan_mended(scanner, behind_first_word(scanner, start) ? TOKEN_STRAY : '=', start, end);
}

struct token stray_update(struct scanner *scanner, uint32_t start, uint32_t end)
{
    char operator= scanner->text.at[start];
    struct diag *diag = diag_error(scanner->diags, scan_span(scanner, start, end), "there is no `%.*s`", extent(start, end),
                                   scanner->text.at + start);
    diag_help(diag, scanner->text.at[end - 1] == '=' ? "write `x = x %c …`" : "write `x = x %c 1`", operator);
    return scan_mended(scanner, TOKEN_STRAY, start, end);
}

/* What `0x1F` and the like stand for; false where they are no such number or a large one. */
static bool other_base(struct str text, unsigned long *value)
{
    char prefix = text.len > 2 && text.at[0] == '0' ? (char)(text.at[1] | 0x20) : '\0';
    int base = prefix == 'x' ? 16 : prefix == 'b' ? 2 : prefix == 'o' ? 8 : 0;
    char *end;
    if (!base || text.len > 10)
        return false;
    *value = strtoul(text.at + 2, &end, base);
    return end == text.at + text.len;
}

/* What to write instead of a number that is none: `digits` of its bytes are well begun. */
static void advise_number(struct diag *diag, struct str text, size_t digits)
{
    unsigned long value;
    struct str rest = {text.at + digits, text.len - digits};
    if (memchr(text.at, '_', text.len))
        diag_help(diag, "a `_` stands between two digits, as in `60_000`");
    else if (other_base(text, &value))
        diag_help(diag, "numbers are written in decimal: `%lu`", value);
    else if (text.len > 1 && text.at[0] == '0' && strchr("xXbBoO", text.at[1]))
        diag_help(diag, "numbers are written in decimal");
    else if (rest.len == 0)
        diag_help(diag, "write `%.*s` or `%.*s.0`", (int)digits - 1, text.at, (int)digits - 1, text.at);
    else if (strchr("eE", rest.at[0]))
        diag_help(diag, "an exponent is written `1e-3`");
    else if (str_is(rest, "k") || str_is(rest, "K") || str_is(rest, "M"))
        diag_help(diag, "write `%.*se%d`", (int)digits, text.at, rest.at[0] == 'M' ? 6 : 3);
    else
        diag_help(diag, "to multiply, write `%.*s * %.*s`; a name does not begin with a digit", (int)digits, text.at,
                  (int)(rest.len < 40 ? rest.len : 40), rest.at);
}

struct token stray_number(struct scanner *scanner, uint32_t start, uint32_t end)
{
    struct str text = {scanner->text.at + start, end - start};
    struct diag *diag =
        diag_error(scanner->diags, scan_span(scanner, start, end), "`%.*s` is not a number", extent(start, end), text.at);
    advise_number(diag, text, strspn(text.at, "0123456789._%"));
    return number_like(scanner, start, start + 1, end);
}

struct token stray_zeros(struct scanner *scanner, uint32_t start, uint32_t end)
{
    struct str text = {scanner->text.at + start, end - start};
    size_t zeros = strspn(text.at, "0");
    struct diag *diag = diag_error(scanner->diags, scan_span(scanner, start, end), "`%.*s` begins with a zero that means nothing",
                                   extent(start, end), text.at);
    if (scanner->previous == ',' && start > 0 && scanner->text.at[start - 1] == ',')
        diag_help(diag, "thousands are set apart by `_`, as in `60_000`");
    else
        diag_help(diag, "write `%.*s`", zeros < text.len ? extent(start + (uint32_t)zeros, end) : 1,
                  zeros < text.len ? text.at + zeros : "0");
    return scan_mended(scanner, TOKEN_NUMBER, start, end);
}

struct token stray_point(struct scanner *scanner, uint32_t start, uint32_t end)
{
    int before = scanner->previous;
    struct str digits = {scanner->text.at + start + 1, end - start - 1};
    struct diag *diag;
    if (before == TOKEN_NAME || before == ')' || before == ']') {
        diag = diag_error(scanner->diags, scan_span(scanner, start, end), "an item is taken by its number in brackets");
        diag_help(diag, "write `[%.*s]`", extent(start + 1, end), digits.at);
    } else {
        diag = diag_error(scanner->diags, scan_span(scanner, start, end), "a number begins with a digit");
        diag_help(diag, "write `0.%.*s`", extent(start + 1, end), digits.at);
    }
    return number_like(scanner, start + 1, end, end);
}

void stray_return(struct scanner *scanner, uint32_t start)
{
    if (scanner->returned)
        return;
    scanner->returned = true;
    struct diag *diag =
        diag_error(scanner->diags, scan_span(scanner, start, start + 1), "a carriage return alone does not end a line");
    diag_help(diag, "save the file with line ends of Unix (LF) or Windows (CR LF)");
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
    struct diag *diag = diag_error(scanner->diags, scan_span(scanner, start, end),
                                   straight ? "a string stands in double quotes" : "a string stands in straight quotes");
    diag_help(diag, "write `\"…\"`");
    return scan_mended(scanner, alone ? TOKEN_STRAY : TOKEN_STRING, start, end);
}

bool stray_prefix(struct scanner *scanner, uint32_t start)
{
    if (scanner->open_string && scanner->open_string == scanner->line_start)
        return false; /* the quote closes the string of the line before */
    struct diag *diag =
        diag_error(scanner->diags, scan_span(scanner, start, start + 1), "a string has no `%c` in front", scanner->text.at[start]);
    bool format = (scanner->text.at[start] | 0x20) == 'f';
    diag_help(diag, format ? "values stand in braces in any string: `\"epoch {n}\"`" : "leave it out");
    return true;
}

/* Where the next `mark` ends, or the line, where there is none; lines passed over are noted. */
static uint32_t pass_to(struct scanner *scanner, uint32_t start, const char *mark)
{
    const char *found = strstr(scanner->text.at + start, mark);
    uint32_t end = found ? (uint32_t)(found - scanner->text.at) + (uint32_t)strlen(mark) : line_end(scanner, start);
    for (uint32_t at = start; at < end; at++)
        if (scanner->text.at[at] == '\n')
            scanner->line_start = at + 1;
    return end;
}

struct token stray_block_string(struct scanner *scanner, uint32_t start)
{
    uint32_t end = pass_to(scanner, start + 3, "\"\"\"");
    struct diag *diag = diag_error(scanner->diags, scan_span(scanner, start, start + 3), "a string stands in single `\"`");
    diag_help(diag, "a line break in a string is written `\\n`; a comment begins with `#`, on each line");
    struct token token = scan_mended(scanner, TOKEN_STRING, start, start + 1);
    scanner->at = end;
    return token;
}

struct token stray_open_dna(struct scanner *scanner, uint32_t start)
{
    uint32_t end = start + 1;
    while (end < scanner->text.len && scanner->text.at[end] > ' ')
        end++;
    struct diag *diag = diag_error(scanner->diags, scan_span(scanner, start, end), "this DNA is never closed");
    diag_help(diag, "end it with a backtick on the same line");
    return scan_mended(scanner, TOKEN_DNA, start, end);
}

static uint32_t code_point(const unsigned char *at, size_t length)
{
    static const unsigned char first[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    uint32_t code = at[0] & first[length];
    for (size_t i = 1; i < length; i++)
        code = code << 6 | (at[i] & 0x3F);
    return code;
}

static bool name_begins(const unsigned char *at)
{
    return (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || *at == '_';
}

struct token stray_character(struct scanner *scanner, uint32_t start, uint32_t end)
{
    const unsigned char *at = (const unsigned char *)scanner->text.at + start;
    uint32_t code = code_point(at, end - start);
    struct span span = scan_span(scanner, start, end);
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
    else if (code == '\\' && name_begins(at + 1))
        diag_help(diag, "a function without a name is written `fn(x) = …`");
    else if (code == '\\')
        diag_help(diag, "a line goes on where it ends with an operator; nothing else is needed");
    else if (code == '$')
        diag_help(diag, "a name is written without `$`; in a text it stands in braces: `\"{x}\"`");
    else if (code == '@')
        diag_help(diag, "leave it out: functions are called by name, and layers are joined by `->`");
    return scan_mended(scanner, TOKEN_STRAY, start, end);
}

uint32_t stray_comment(struct scanner *scanner, uint32_t start, uint32_t end)
{
    const char *mark = scanner->text.at + start;
    struct diag *diag =
        diag_error(scanner->diags, scan_span(scanner, start, end), "`%.*s` does not begin a comment", extent(start, end), mark);
    diag_help(diag, mark[1] == '*'   ? "comments begin with `#`, on each line"
                    : mark[0] == '/' ? "comments begin with `#`; a division is written `a / b`"
                                     : "comments begin with `#`");
    return mark[1] == '*' ? pass_to(scanner, end, "*/") : line_end(scanner, end);
}

void stray_blank(struct scanner *scanner, uint32_t start, uint32_t end)
{
    uint32_t code = code_point((const unsigned char *)scanner->text.at + start, end - start);
    struct diag *diag =
        diag_error(scanner->diags, scan_span(scanner, start, end), "an unusual blank (U+%04X) stands here", (unsigned)code);
    diag_help(diag, "write a plain space");
}
