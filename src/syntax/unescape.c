/* Escapes of strings. The result is never longer than the spelling, so one allocation of its length serves. */
#include "syntax/unescape.h"

#include <string.h>

static size_t encode(uint32_t code, char *out)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    size_t length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = length; i-- > 1; code >>= 6)
        out[i] = (char)(0x80 | (code & 0x3F));
    out[0] = (char)(lead[length] | code);
    return length;
}

/* Reads the `{…}` of \u{…} at `text`; returns its length, 0 where it is no scalar value of Unicode. */
static size_t code_point_read(const char *text, size_t len, uint32_t *code)
{
    size_t at = 1;
    if (len == 0 || text[0] != '{')
        return 0;
    for (*code = 0; at < len && at <= 6 && text[at] != '}'; at++) {
        const char *digits = "0123456789abcdef";
        const char *digit = text[at] ? strchr(digits, text[at] | 0x20) : NULL;
        if (!digit)
            return 0;
        *code = *code * 16 + (uint32_t)(digit - digits);
    }
    bool closed = at < len && text[at] == '}' && at > 1;
    return closed && *code > 0 && *code <= 0x10FFFF && (*code < 0xD800 || *code > 0xDFFF) ? at + 1 : 0;
}

/* Reads the escape behind a backslash at `text`, writes what it means, and returns its length; 0 where it means nothing. */
static size_t escape_read(const char *text, size_t len, char *out, size_t *written)
{
    static const char letters[] = "nrt\"\\{}";
    static const char meanings[] = "\n\r\t\"\\{}";
    const char *letter = text[0] ? strchr(letters, text[0]) : NULL;
    *written = 1;
    if (letter) {
        *out = meanings[letter - letters];
        return 1;
    }
    uint32_t code;
    size_t length = text[0] == 'u' ? code_point_read(text + 1, len - 1, &code) : 0;
    if (length == 0)
        return 0;
    *written = encode(code, out);
    return length + 1;
}

static void report(struct diags *diags, uint32_t source, size_t at, const char *text, size_t len)
{
    size_t letter = utf8_length(text + 1, len - 1);
    struct span span = {source, (uint32_t)at, (uint32_t)(at + 1 + (letter ? letter : 1))};
    struct diag *diag;
    if (text[1] == 'u') {
        diag = diag_error(diags, span, "this is not a character");
        diag_help(diag, "a character by its number is written `\\u{e9}`");
        return;
    }
    diag = diag_error(diags, span, "`%.*s` is not an escape", (int)(1 + letter), text);
    diag_help(diag, "the escapes are \\n \\t \\r \\\" \\\\ \\{ \\} and \\u{…}; a backslash is written `\\\\`");
}

bool string_unescape(struct str source, struct span piece, struct arena *arena, struct diags *diags, struct str *content)
{
    /* Pieces made up by the scanner are empty; other quotes than `"` are reported, and what they hold plays no role. */
    char opener = piece.end > piece.start ? source.at[piece.start] : 0;
    if (opener != '"' && opener != '}')
        return *content = STR(""), true;
    size_t start = (size_t)piece.start + 1;
    char closer = piece.end > start ? source.at[piece.end - 1] : 0;
    size_t len = piece.end - start - (closer == '"' || closer == '{' ? 1 : 0);
    *content = (struct str){source.at + start, len};
    if (!memchr(content->at, '\\', len))
        return true;
    char *out = arena_copy_text(arena, content->at, len);
    if (!out)
        return false;
    size_t to = 0;
    for (size_t from = 0; from < len;) {
        const char *text = source.at + start + from;
        size_t written = 0, used = 0;
        if (*text == '\\' && from + 1 < len) {
            used = escape_read(text + 1, len - from - 1, out + to, &written);
            if (used == 0)
                report(diags, piece.source, start + from, text, len - from);
            from += used ? used + 1 : 1;
            to += written * (used > 0);
            continue;
        }
        out[to++] = *text;
        from++;
    }
    out[to] = '\0';
    *content = (struct str){out, to};
    return true;
}
