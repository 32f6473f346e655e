/* What the scanner's rules share: making tokens of pieces of text. */
#include "syntax/scan.h"

#include <string.h>

#include "syntax/nel.tab.h"

void scanner_init(struct scanner *scanner, struct str text, uint32_t source, struct diags *diags)
{
    *scanner = (struct scanner){.text = text,
                                .source = source,
                                .diags = diags,
                                .line_seen = UINT32_MAX,
                                .mismatch = UINT32_MAX,
                                .previous = TOKEN_NEWLINE,
                                .delivered = TOKEN_NEWLINE};
    if (text.len >= 3 && memcmp(text.at, "\xEF\xBB\xBF", 3) == 0)
        scanner->at = scanner->line_start = 3; /* a byte order mark */
}

void scanner_release(struct scanner *scanner)
{
    vec_release(&scanner->brackets);
}

void scanner_enter_block(struct scanner *scanner)
{
    struct bracket *innermost = scanner_innermost(scanner);
    if (innermost && innermost->open == '{')
        innermost->statements = true;
}

struct token scan_as(struct scanner *scanner, int kind, uint32_t start, uint32_t end)
{
    struct token token = {.kind = kind, .span = {scanner->source, start, end}};
    if (kind != TOKEN_NEWLINE && scanner->line_seen != scanner->line_start) {
        scanner->line_seen = scanner->line_start;
        scanner->indent = start - scanner->line_start;
        token.starts_line = true;
    }
    scanner->at = end;
    if (kind != TOKEN_NEWLINE || scanner->previous != '.') /* a member's name may stand on the next line */
        scanner->previous = kind;
    return token;
}

struct token scan_mended(struct scanner *scanner, int kind, uint32_t start, uint32_t end)
{
    struct token token = scan_as(scanner, kind, start, end);
    token.mended = true;
    return token;
}

struct span scan_span(const struct scanner *scanner, uint32_t start, uint32_t end)
{
    return (struct span){scanner->source, start, end};
}

struct token scan_word(struct scanner *scanner, int kind, uint32_t start, uint32_t end)
{
    /* After a dot at the end of a line `train` is a member; `print` begins a statement, and the member is missing. */
    bool begins = scanner->line_seen != scanner->line_start && (kind == TOKEN_LET || kind == TOKEN_SHOW || kind == TOKEN_PRINT);
    if (scanner->previous == '.' && !begins)
        return scan_as(scanner, TOKEN_NAME, start, end);
    const char *after = scanner->text.at + end;
    after += strspn(after, " \t");
    /* `if true:` is Python, and no label. */
    bool label = *after == ':' && (scanner->previous == TOKEN_NEWLINE || strchr("({,;", scanner->previous));
    return scan_as(scanner, label ? TOKEN_LABEL : kind, start, end);
}

bool scan_at_statement(const struct scanner *scanner)
{
    const struct bracket *innermost = scanner_innermost(scanner);
    int previous = scanner->previous;
    return (previous == TOKEN_NEWLINE || previous == '{' || previous == ';') && (!innermost || innermost->open == '{');
}
