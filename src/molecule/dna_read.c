#include "molecule/dna_read.h"

#include <ctype.h>
#include <string.h>

#include "support/number.h"

struct span reader_span(const struct reader *reader, const char *from, const char *to)
{
    return (struct span){reader->place.source, reader->place.start + (uint32_t)(from - reader->begin),
                         reader->place.start + (uint32_t)(to - reader->begin)};
}

bool reader_out_of_memory(struct reader *reader)
{
    reader->builder.failed = true; /* told by builder_finish */
    return false;
}

/* Whether the `-` here belongs to an exponent, as in `%1e-3`: no unit begins with a digit. */
static bool at_exponent(const struct reader *reader, const char *at)
{
    return *at == '-' && at > reader->at && at[-1] == 'e' && reader->end - at > 1 && reader_is_digit(at[1]);
}

/* Past what an atom is made of; a `[` is stepped over with its `]`. */
static const char *atom_end(const struct reader *reader)
{
    const char *at = reader->at;
    while (at < reader->end && (!strchr("-|+*():~", *at) || at_exponent(reader, at))) {
        if (*at == '[')
            at = memchr(at, ']', (size_t)(reader->end - at));
        if (!at || (unsigned char)*at <= ' ')
            return NULL;
        at++;
    }
    return at;
}

bool reader_step_over(struct reader *reader)
{
    const char *end = atom_end(reader);
    if (!end || (end < reader->end && (*end == '(' || *end == '~')))
        return false;
    reader->at = end;
    builder_atom(&reader->builder, gene_of(GENE_BATCHNORM, SPAN_NONE), NULL);
    return true;
}

bool reader_at(const struct reader *reader, char c)
{
    return reader->at < reader->end && *reader->at == c;
}

bool reader_at_count(const struct reader *reader, char c)
{
    return reader->end - reader->at > 1 && reader->at[0] == c && reader_is_digit(reader->at[1]);
}

struct diag *reader_expected(struct reader *reader, const char *what)
{
    if (reader->at == reader->end)
        return diag_error(reader->diags, reader_span(reader, reader->at, reader->at), "expected %s, found the end", what);
    size_t length = utf8_length(reader->at, (size_t)(reader->end - reader->at));
    bool printable = length > 1 || (length == 1 && isprint((unsigned char)*reader->at));
    struct span span = reader_span(reader, reader->at, reader->at + (length > 0 ? length : 1));
    if (!printable)
        return diag_error(reader->diags, span, "expected %s, found byte %d", what, (unsigned char)*reader->at);
    return diag_error(reader->diags, span, "expected %s, found `%.*s`", what, (int)length, reader->at);
}

struct str reader_word(struct reader *reader, bool underscore)
{
    const char *start = reader->at, *at = start;
    if (at < reader->end && reader_is_lower(*at))
        while (at < reader->end && (reader_is_lower(*at) || reader_is_digit(*at) || (underscore && *at == '_')))
            at++;
    reader->at = at;
    return (struct str){start, (size_t)(at - start)};
}

bool reader_natural(struct reader *reader, uint32_t low, uint32_t limit, const char *what, uint32_t *number)
{
    const char *start = reader->at;
    uint64_t value = 0;
    if (start == reader->end || !reader_is_digit(*start)) {
        reader_expected(reader, what);
        return false;
    }
    while (reader->at < reader->end && reader_is_digit(*reader->at)) {
        value = value > limit ? value : value * 10 + (uint64_t)(*reader->at - '0');
        reader->at++;
    }
    if (*start == '0' && reader->at - start > 1)
        return FAIL(reader, start, reader->at, "%s has no leading zeros", what);
    if (value < low)
        return FAIL(reader, start, reader->at, "%s is at least %u", what, low);
    if (value > limit) {
        struct text most = {0};
        number_write_count(&most, limit);
        diag_error(reader->diags, reader_span(reader, start, reader->at), "%s is at most %s", what, text_chars(&most));
        text_release(&most);
        return false;
    }
    *number = (uint32_t)value;
    return true;
}

struct str reader_decimal(struct reader *reader)
{
    const char *start = reader->at, *at = start, *end = reader->end;
    while (at < end && reader_is_digit(*at))
        at++;
    if (at > start && end - at > 1 && *at == '.' && reader_is_digit(at[1]))
        for (at++; at < end && reader_is_digit(*at);)
            at++;
    if (at > start && end - at > 1 && *at == 'e') {
        const char *exponent = at + (at[1] == '-' ? 2 : 1);
        if (exponent < end && reader_is_digit(*exponent))
            for (at = exponent; at < end && reader_is_digit(*at);)
                at++;
    }
    reader->at = at;
    return (struct str){start, (size_t)(at - start)};
}
