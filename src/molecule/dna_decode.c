/* DNA to molecule: recursive descent over the bytes, straight into a molecule_builder. Here: structure and taps; atoms: dna_atom.c.
   The grammar stands in grammar/dna.md, and a test holds this file to it; a function here reads one rule of it. What may follow each
   symbol says dna_form.h.

   An atom or a tap that is wrong in itself (an unknown symbol, a trait out of its range) is told, stepped over, and the reading goes
   on with something in its place, so that several are told at once. Where the structure is broken the reading ends: what follows
   would be guesses. */
#include "molecule/dna.h"
#include "molecule/dna_names.h"
#include "molecule/dna_read.h"
#include "support/number.h"
#include "support/suggest.h"

#define GENE_EXPECTED "a gene such as `R8`, a tap such as `:a`, `~` or `(`"

struct decoder {
    struct reader reader;
    struct names names;
    unsigned depth;
};

/* ---- taps ---- */

/* Names a near one, else the ones that are visible here (a few), else how to make one. */
static bool unknown_tap(struct decoder *decoder, struct span span, struct str name)
{
    struct suggestion near;
    struct text visible = {0};
    suggest_start(&near, name);
    for (size_t i = 0; i < decoder->names.list.count; i++) {
        if (!decoder->names.list.at[i].label)
            continue;
        suggest_offer(&near, decoder->names.list.at[i].text);
        if (visible.len < 60)
            text_addf(&visible, "%s`:%.*s`", visible.len > 0 ? ", " : "", STR_ARG(decoder->names.list.at[i].text));
    }
    struct diag *diag = diag_error(decoder->reader.diags, span, "unknown tap `:%.*s`", STR_ARG(name));
    if (near.best.len > 0)
        diag_help(diag, "did you mean `:%.*s`?", STR_ARG(near.best));
    else if (visible.len > 0)
        diag_help(diag, "taps that are visible here: %s", text_chars(&visible));
    else
        diag_help(diag, "name an earlier stage of this bracket or of one around it, as in `R8:%.*s-T8-(G8+:%.*s)`", STR_ARG(name),
                  STR_ARG(name));
    text_release(&visible);
    return reader_step_over(&decoder->reader);
}

static bool decode_tap(struct decoder *decoder)
{
    struct reader *reader = &decoder->reader;
    const char *start = reader->at++;
    struct str name = reader_word(reader, false);
    if (name.len == 0) {
        reader_expected(reader, "the name of a tap, such as `a`");
        return false;
    }
    struct gene tap = gene_of(GENE_TAP, reader_span(reader, start, reader->at));
    tap.label = names_find(&decoder->names, name);
    if (tap.label) {
        builder_atom(&reader->builder, tap, NULL);
        return true;
    }
    return unknown_tap(decoder, tap.span, name);
}

static bool decode_label(struct decoder *decoder)
{
    struct reader *reader = &decoder->reader;
    reader->at++;
    struct str name = reader_word(reader, false);
    if (name.len == 0) {
        reader_expected(reader, "a name for this stage, such as `a`");
        return false;
    }
    uint32_t label = builder_new_label(&reader->builder);
    builder_label(&reader->builder, label);
    return names_define(&decoder->names, name, label) || reader_out_of_memory(reader);
}

/* ---- structure ---- */

static bool decode_unit(struct decoder *decoder);

/* `*3`: checked against the limit before anything is copied. */
static bool decode_repeat(struct decoder *decoder)
{
    struct reader *reader = &decoder->reader;
    const char *start = reader->at++;
    uint32_t times;
    if (!reader_natural(reader, 1, LIMIT_GENES, "a repeat count", &times))
        return false;
    builder_repeat(&reader->builder, times);
    if (!reader->builder.too_large)
        return true;
    struct text most = {0};
    number_write_count(&most, LIMIT_GENES);
    diag_error(reader->diags, reader_span(reader, start, reader->at), "this makes more than %s genes", text_chars(&most));
    text_release(&most);
    return false;
}

static bool decode_stage(struct decoder *decoder)
{
    struct reader *reader = &decoder->reader;
    if (!decode_unit(decoder))
        return false;
    if (reader_at_count(reader, '*') && !decode_repeat(decoder))
        return false;
    return !reader_at(reader, ':') || decode_label(decoder);
}

static enum gene_kind operator_kind(char c)
{
    switch (c) {
    case '-':
        return GENE_CHAIN;
    case '|':
        return GENE_BRANCH;
    case '+':
        return GENE_SUM;
    case '*':
        return GENE_PRODUCT;
    default:
        return GENE_SKIP; /* no operator */
    }
}

/* Behind a stage in a bracket there is something else than its operator or `)`. */
static bool report_bracket(struct decoder *decoder, const char *start, char sign)
{
    struct reader *reader = &decoder->reader;
    char other = reader->at < reader->end ? *reader->at : '\0';
    if (start < reader->at && reader->at == reader->end && *start == '(') {
        struct diag *diag = diag_error(reader->diags, reader_span(reader, start, start + 1), "this `(` is not closed");
        char what[] = "expected `-` or `)` here";
        what[10] = sign;
        diag_label(diag, reader_span(reader, reader->at, reader->at), "%s", sign ? what : "expected an operator or `)` here");
    } else if (reader_at_count(reader, '*')) {
        diag_help(reader_expected(reader, "a single repeat count a stage"), "bracket the repeated part first: `(R8*2)*3`");
    } else if (sign && operator_kind(other) != GENE_SKIP) {
        int length = reader->at - start < 60 ? (int)(reader->at - start) : 0;
        struct diag *diag = diag_error(reader->diags, reader_span(reader, reader->at, reader->at + 1),
                                       "`%c` and `%c` stand in one bracket", sign, other);
        diag_label(diag, reader_span(reader, start, reader->at), "this part is joined by `%c`", sign);
        if (length)
            diag_help(diag, "one operator a bracket: `(%.*s)%c…)`", length, start, other);
        else
            diag_help(diag, "one operator a bracket: put another one around a part");
    } else if (sign) {
        char what[] = "`-` or `)`";
        what[1] = sign;
        diag_label(reader_expected(reader, what), reader_span(reader, start, start + 1), "for this bracket");
    } else {
        diag_label(reader_expected(reader, "`-`, `|`, `+`, `*` or `)`"), reader_span(reader, start, start + 1), "for this bracket");
    }
    return false;
}

/* `( stage [ rest ] )`. Until the first operator the bracket is a chain of one. */
static bool decode_brackets(struct decoder *decoder)
{
    struct reader *reader = &decoder->reader;
    const char *start = reader->at;
    size_t mark = decoder->names.hidden.count;
    char sign = '\0';
    builder_open(&reader->builder, GENE_CHAIN, reader_span(reader, start, start + 1));
    do {
        reader->at++;
        if (!decode_stage(decoder))
            return false;
        if (!sign && reader->at < reader->end && operator_kind(*reader->at) != GENE_SKIP && !reader_at_count(reader, '*')) {
            sign = *reader->at;
            builder_turn(&reader->builder, operator_kind(sign));
        }
        if (sign != '-')
            names_leave(&decoder->names, mark);
    } while (sign && reader_at(reader, sign) && !reader_at_count(reader, '*'));
    if (!reader_at(reader, ')'))
        return report_bracket(decoder, start, sign);
    reader->at++;
    names_leave(&decoder->names, mark);
    builder_close(&reader->builder);
    return true;
}

static bool decode_skip(struct decoder *decoder)
{
    struct reader *reader = &decoder->reader;
    builder_open(&reader->builder, GENE_SKIP, reader_span(reader, reader->at, reader->at + 1));
    reader->at++;
    if (!decode_unit(decoder))
        return false;
    builder_close(&reader->builder);
    return true;
}

/* The element whose name the word begins with, such as `relu` in `relu8`, the longest; NULL where there is none. */
static const struct element *element_written_out(const struct reader *reader, struct str word)
{
    for (size_t len = word.len < 40 ? word.len : 40; len > 0; len--) {
        const struct element *element = elements_by_name(reader->elements, (struct str){word.at, len});
        if (element)
            return element;
    }
    return NULL;
}

/* No gene begins here. */
static bool report_unit(struct decoder *decoder)
{
    struct reader *reader = &decoder->reader;
    const char *start = reader->at;
    struct str word = reader_word(reader, true);
    const struct element *element = element_written_out(reader, word);
    reader->at = start;
    if (!element) {
        struct diag *diag = reader_expected(reader, GENE_EXPECTED);
        if (start < reader->end && *start == '>')
            diag_help(diag, "in DNA stages are joined by `-` alone");
        return false;
    }
    size_t name = str_of(element->name).len;
    struct diag *diag = diag_error(reader->diags, reader_span(reader, start, start + name), "expected %s, found `%s`",
                                   GENE_EXPECTED, element->name);
    struct str behind = {start + name, word.len - name};
    diag_help(diag, "in DNA `%s%.*s` is `%s%.*s`", element->name, STR_ARG(behind), element->symbol, STR_ARG(behind));
    return false;
}

static bool decode_unit(struct decoder *decoder)
{
    struct reader *reader = &decoder->reader;
    if (decoder->depth >= LIMIT_NESTING)
        return FAIL(reader, reader->at, reader->at + (reader->at < reader->end), "brackets and `~` are nested more than %d deep",
                    LIMIT_NESTING);
    char c = reader->at < reader->end ? *reader->at : '\0';
    decoder->depth++;
    bool well = c >= 'A' && c <= 'Z' ? dna_atom(reader)
                : c == '('           ? decode_brackets(decoder)
                : c == '~'           ? decode_skip(decoder)
                : c == ':'           ? decode_tap(decoder)
                                     : report_unit(decoder);
    decoder->depth--;
    return well;
}

/* Behind the whole chain there is more. */
static bool report_rest(struct decoder *decoder)
{
    struct reader *reader = &decoder->reader;
    char c = *reader->at;
    if (c == ')')
        return FAIL(reader, reader->at, reader->at + 1, "this `)` closes nothing");
    if (reader_at_count(reader, '*'))
        return report_bracket(decoder, reader->begin, '\0');
    if (operator_kind(c) != GENE_SKIP) {
        diag_help(diag_error(reader->diags, reader_span(reader, reader->at, reader->at + 1), "`%c` needs brackets around it", c),
                  "write `(R8%cT8)`", c);
        return false;
    }
    struct diag *diag = reader_expected(reader, "`-`, `*`, `:` or the end");
    if (c == ' ' || c == '\t' || c == '\n')
        diag_help(diag, "DNA has no blanks");
    return false;
}

static bool decode_all(struct decoder *decoder)
{
    struct reader *reader = &decoder->reader;
    builder_open(&reader->builder, GENE_CHAIN, reader_span(reader, reader->begin, reader->end));
    bool more = true;
    while (more) {
        if (!decode_stage(decoder))
            return false;
        more = reader_at(reader, '-');
        reader->at += more;
    }
    if (reader->at < reader->end)
        return report_rest(decoder);
    builder_close(&reader->builder);
    return true;
}

struct molecule *dna_decode(struct str dna, const struct elements *elements, struct span place, struct diags *diags)
{
    struct decoder decoder = {
        .reader = {.begin = dna.at, .at = dna.at, .end = dna.at + dna.len, .elements = elements, .place = place, .diags = diags}};
    size_t errors = diags->errors;
    bool well = decode_all(&decoder) && diags->errors == errors;
    struct span whole = reader_span(&decoder.reader, decoder.reader.begin, decoder.reader.end);
    struct molecule *molecule = NULL;
    if (well || decoder.reader.builder.failed)
        molecule = builder_finish(&decoder.reader.builder, whole, diags);
    else
        builder_release(&decoder.reader.builder);
    names_release(&decoder.names);
    return molecule;
}
