/* Atoms of DNA: symbol, width, percentage, traits or indices, each as dna_form.h allows it. The grammar stands in grammar/dna.md. */
#include <string.h>

#include "molecule/dna_form.h"
#include "molecule/dna_read.h"
#include "molecule/trait.h"
#include "support/memory.h"
#include "support/number.h"
#include "support/suggest.h"

static bool read_index(struct reader *reader, uint32_t *indices, size_t *count)
{
    uint32_t from, to;
    const char *start = reader->at;
    if (!reader_natural(reader, 0, LIMIT_WIDTH - 1, "an index", &from))
        return false;
    to = from;
    if (reader->end - reader->at >= 2 && reader->at[0] == '.' && reader->at[1] == '.') {
        reader->at += 2;
        if (!reader_natural(reader, 0, LIMIT_WIDTH - 1, "an index", &to))
            return false;
        if (to < from)
            return FAIL(reader, start, reader->at, "a range of indices ascends");
    }
    for (uint32_t i = from; indices && i <= to; i++)
        indices[*count + i - from] = i;
    *count += to - from + 1;
    return true;
}

/* The `]` of the bracket that was opened at `start`. */
static bool close_bracket(struct reader *reader, const char *start, const char *what)
{
    if (reader_at(reader, ']')) {
        reader->at++;
        return true;
    }
    if (reader->at < reader->end) {
        diag_label(reader_expected(reader, what), reader_span(reader, start, start + 1), "for this bracket");
        return false;
    }
    struct diag *diag = diag_error(reader->diags, reader_span(reader, start, start + 1), "this `[` is not closed");
    diag_label(diag, reader_span(reader, reader->at, reader->at), "expected %s here", what);
    return false;
}

/* Walks `[3,7..9]`; with `indices` NULL it only counts. */
static bool walk_indices(struct reader *reader, uint32_t *indices, size_t *count)
{
    *count = 0;
    const char *start = reader->at;
    do {
        reader->at++;
        if (!read_index(reader, indices, count))
            return false;
        if (*count > LIMIT_GENE_INDICES)
            return FAIL(reader, start, reader->at, "these are more than %d indices", LIMIT_GENE_INDICES);
    } while (reader_at(reader, ','));
    return close_bracket(reader, start, "`,`, `..` or `]`");
}

static bool read_indices(struct reader *reader, struct gene *gene, uint32_t **indices)
{
    const char *start = reader->at;
    size_t count;
    if (!walk_indices(reader, NULL, &count))
        return false;
    *indices = mem_array(count, sizeof **indices);
    if (!*indices)
        return reader_out_of_memory(reader);
    reader->at = start;
    walk_indices(reader, *indices, &count);
    gene->index_count = (uint32_t)count;
    return true;
}

static bool read_head(struct reader *reader, struct gene *gene, struct str word, const char *from)
{
    struct suggestion near;
    suggest_start(&near, word);
    for (size_t i = 0; head_names[i]; i++) {
        if (str_is(word, head_names[i])) {
            gene->head = (uint8_t)i;
            return true;
        }
        suggest_offer(&near, str_of(head_names[i]));
    }
    struct diag *diag =
        diag_error(reader->diags, reader_span(reader, from, reader->at), "unknown head `%.*s`", (int)(reader->at - from), from);
    if (near.best.len > 0)
        diag_help(diag, "did you mean `%.*s`?", STR_ARG(near.best));
    else
        diag_help(diag, "one of `auto`, `linear`, `sigmoid`, `softmax`, `step`");
    return false;
}

/* `key=value`; keys seen before in this bracket are in `seen`. */
static bool read_trait(struct reader *reader, struct gene *gene)
{
    const char *start = reader->at;
    struct str key = reader_word(reader, true);
    if (key.len == 0) {
        reader_expected(reader, "a trait such as `bias=0`");
        return false;
    }
    if (!reader_at(reader, '=')) {
        reader_expected(reader, "`=` and the trait's value");
        return false;
    }
    const char *value = ++reader->at;
    struct str word = reader_word(reader, true);
    double number = 0;
    if (word.len == 0) {
        bool negative = reader_at(reader, '-');
        reader->at += negative;
        struct str decimal = reader_decimal(reader);
        if (decimal.len == 0) {
            reader_expected(reader, "a number or a word");
            return false;
        }
        if (!number_read(decimal, &number))
            return FAIL(reader, value, reader->at, "this number is too large");
        number = negative ? -number : number;
    }
    if ((gene->kind == GENE_OUTPUT || gene->kind == GENE_HEAD) && str_is(key, "head"))
        return read_head(reader, gene, word, value);
    return trait_set(&gene->traits, gene->element, key, number, word, reader_span(reader, start, reader->at), reader->diags);
}

static struct str key_at(const char *at, const char *end)
{
    const char *stop = at;
    while (stop < end && *stop != '=')
        stop++;
    return (struct str){at, (size_t)(stop - at)};
}

/* `[bias=0,l2=1e-4]`. */
static bool read_traits(struct reader *reader, struct gene *gene)
{
    const char *starts[16]; /* more than there are keys; each key may come once */
    const char *open = reader->at;
    size_t count = 0;
    do {
        const char *start = ++reader->at;
        if (!read_trait(reader, gene))
            return false;
        struct str key = key_at(start, reader->at);
        for (size_t i = 0; i < count; i++)
            if (str_equal(key_at(starts[i], start), key)) {
                diag_label(diag_error(reader->diags, reader_span(reader, start, reader->at), "`%.*s` is given twice", STR_ARG(key)),
                           reader_span(reader, starts[i], starts[i] + key.len), "first here");
                return false;
            }
        starts[count++] = start;
    } while (reader_at(reader, ','));
    return close_bracket(reader, open, "`,` or `]`");
}

/* The share behind `%`: "7" is read as the text 7e-2 (number_read), since 7 * 0.01 is not 0.07. */
static bool read_percent(struct reader *reader, double *share)
{
    const char *start = reader->at++;
    struct str decimal = reader_decimal(reader);
    if (decimal.len == 0) {
        reader_expected(reader, "a percentage such as `10`");
        return false;
    }
    char text[64];
    if (decimal.len + 1 > sizeof text)
        return FAIL(reader, start, reader->at, "a percentage has at most %zu digits", sizeof text - 1);
    memcpy(text, decimal.at, decimal.len);
    text[decimal.len] = '%';
    if (!number_read((struct str){text, decimal.len + 1}, share))
        return FAIL(reader, start, reader->at, "this number is too large");
    return true;
}

/* The element that a wrong symbol stands for: one whose name begins so (`Re` is relu), else one with a near symbol. */
static const struct element *near_element(const struct elements *elements, struct str symbol)
{
    struct suggestion near;
    suggest_start(&near, symbol);
    for (size_t i = 0; i < elements->count; i++) {
        const char *name = elements->at[i]->name;
        if (symbol.len == 2 && name[0] == symbol.at[0] - 'A' + 'a' && name[1] == symbol.at[1])
            return elements->at[i];
    }
    for (size_t i = 0; i < elements->count; i++)
        suggest_offer(&near, str_of(elements->at[i]->symbol));
    return near.best.len > 0 ? elements_by_symbol(elements, near.best) : NULL;
}

static bool unknown_symbol(struct reader *reader, struct str symbol)
{
    const struct elements *elements = reader->elements;
    const struct element *near = near_element(elements, symbol);
    struct diag *diag = diag_error(reader->diags, reader_span(reader, symbol.at, symbol.at + symbol.len),
                                   "no element has the symbol `%.*s`", STR_ARG(symbol));
    if (near) {
        diag_help(diag, "did you mean `%s`, %s?", near->symbol, near->name);
        return false;
    }
    struct text all = {0};
    for (size_t i = 0; i < elements->count; i++)
        text_addf(&all, "%s%s %s", i > 0 ? ", " : "", elements->at[i]->symbol, elements->at[i]->name);
    for (const struct dna_form *form = dna_forms; form->symbol; form++)
        text_addf(&all, ", %s %s", form->symbol, gene_kind_name(form->kind));
    diag_help(diag, "the symbols are %s", text_chars(&all));
    text_release(&all);
    return false;
}

/* Reads the symbol and sets the gene's kind (and element) by it; NULL with an error. */
static const struct dna_form *read_symbol(struct reader *reader, struct gene *gene)
{
    struct str symbol = {reader->at, reader->end - reader->at > 1 && reader_is_lower(reader->at[1]) ? 2 : 1};
    const struct element *element = elements_by_symbol(reader->elements, symbol);
    const struct dna_form *form = &dna_form_element;
    reader->at += symbol.len;
    if (element) {
        bool layer = reader->at < reader->end && reader_is_digit(*reader->at);
        *gene = layer ? gene_layer(element, 0, SPAN_NONE) : gene_activation(element, SPAN_NONE);
        return form;
    }
    for (form = dna_forms; form->symbol; form++)
        if (str_is(symbol, form->symbol)) {
            *gene = gene_of(form->kind, SPAN_NONE);
            return form;
        }
    unknown_symbol(reader, symbol);
    return NULL;
}

/* What may not follow this symbol, or must and does not. */
static bool misplaced(struct reader *reader, const struct dna_form *form, const char *start, const char *what)
{
    const char *end = reader->at + (reader->at < reader->end);
    struct str symbol = {start, (size_t)(reader->at - start)};
    diag_help(diag_error(reader->diags, reader_span(reader, reader->at, end), "`%.*s` %s", STR_ARG(symbol), what),
              "write it as in `%s`", form->example);
    return false;
}

static bool read_width(struct reader *reader, const struct dna_form *form, struct gene *gene, const char *start)
{
    bool given = reader->at < reader->end && reader_is_digit(*reader->at);
    if (given && form->width == DNA_WIDTH_NONE)
        return misplaced(reader, form, start, "has no width");
    if (!given && form->width == DNA_WIDTH_MUST)
        return misplaced(reader, form, start, "needs a width");
    return !given || reader_natural(reader, 1, LIMIT_WIDTH, "a width", &gene->width);
}

static bool read_share(struct reader *reader, const struct dna_form *form, struct gene *gene, const char *start)
{
    if (!reader_at(reader, '%'))
        return form->percent != DNA_PERCENT_RATE || misplaced(reader, form, start, "needs a rate");
    if (form->percent == DNA_PERCENT_NONE)
        return misplaced(reader, form, start, "has no percentage");
    if (gene->kind == GENE_ACTIVATION)
        return misplaced(reader, form, start, "is sparse only with a width");
    return read_percent(reader, form->percent == DNA_PERCENT_RATE ? &gene->rate : &gene->traits.density);
}

static bool read_bracket(struct reader *reader, const struct dna_form *form, struct gene *gene, uint32_t **indices,
                         const char *start)
{
    if (!reader_at(reader, '['))
        return form->bracket != DNA_BRACKET_INDICES || misplaced(reader, form, start, "needs indices");
    bool numbered = reader_at_count(reader, '[');
    if (form->bracket == DNA_BRACKET_NONE)
        return misplaced(reader, form, start, numbered ? "has no indices" : "has no traits");
    if (form->bracket == DNA_BRACKET_TRAITS)
        return numbered ? misplaced(reader, form, start, "has no indices") : read_traits(reader, gene);
    bool lettered = reader->end - reader->at > 1 && reader_is_lower(reader->at[1]);
    return lettered ? misplaced(reader, form, start, "has no traits") : read_indices(reader, gene, indices);
}

bool dna_atom(struct reader *reader)
{
    const char *start = reader->at;
    struct gene gene;
    uint32_t *indices = NULL;
    const struct dna_form *form = read_symbol(reader, &gene);
    bool well = form && read_width(reader, form, &gene, start) && read_share(reader, form, &gene, start) &&
                read_bracket(reader, form, &gene, &indices, start);
    if (well) {
        gene.span = reader_span(reader, start, reader->at);
        builder_atom(&reader->builder, gene, indices);
    }
    mem_free(indices);
    if (well || reader->builder.failed)
        return well;
    reader->at = start;
    return reader_step_over(reader);
}
