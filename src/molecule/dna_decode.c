/* DNA to molecule: recursive descent over the bytes, straight into a molecule_builder.

       dna     = stage { "-" stage } ;
       stage   = unit [ "*" count ] [ ":" label ] ;
       unit    = "~" unit | ":" label | atom | "(" stage [ rest ] ")" ;
       rest    = "-" stage { "-" stage } | "|" stage { "|" stage } | "+" stage { "+" stage } | "*" stage { "*" stage } ;
       atom    = symbol [ width ] [ "%" decimal ] [ "[" ( indices | traits ) "]" ] ;
       indices = index { "," index } ;      index = nat [ ".." nat ] ;
       traits  = trait { "," trait } ;      trait = key "=" ( number | word ) ;
       symbol  = [A-Z][a-z]? ;              label = [a-z][a-z0-9]* ;        key, word = [a-z][a-z0-9_]* ;
       width, count = [1-9][0-9]* ;         nat   = 0 | [1-9][0-9]* ;
       decimal = digits [ "." digits ] [ "e" [ "-" ] digits ] ;             number = [ "-" ] decimal ;

   One operator a bracket, so there is no precedence. `*` before a digit repeats, else it multiplies. A label behind a unit names
   the stage, in a unit's place it uses the name: in later stages of its own bracket, nested ones included; a later one of the same
   name hides it. `-` builds a chain, `|` a branch, `+` a sum, `*` a product. The decimal behind `%` is a density (layers) or a rate
   (D), in percent. What may follow each symbol says dna_form.h.

   The first error ends the reading: behind it a short string has little more to say. */
#include <ctype.h>
#include <string.h>

#include "molecule/dna.h"
#include "molecule/dna_form.h"
#include "molecule/trait.h"
#include "support/hash.h"
#include "support/number.h"
#include "support/suggest.h"
#include "support/vec.h"

/* A label's name and what it means at this point: a builder label, 0 nothing (its scope has ended). */
struct name {
    struct str text;
    uint32_t label;
};

struct hidden {
    uint32_t name, label;
};

/* Names of labels: a list with a hash table over it, and what to restore when a scope ends. */
struct names {
    VEC(struct name) list;
    VEC(struct hidden) hidden;
    uint32_t *table; /* 1 + index in `list`, 0 free; a power of two of slots, at most half of them used */
    size_t slots;
};

struct decoder {
    const char *begin, *at, *end;
    const struct elements *elements;
    struct span place;
    struct diags *diags;
    unsigned depth;
    struct molecule_builder builder;
    struct names names;
};

/* ---- errors ---- */

static struct span span_between(const struct decoder *decoder, const char *from, const char *to)
{
    return (struct span){decoder->place.source, decoder->place.start + (uint32_t)(from - decoder->begin),
                         decoder->place.start + (uint32_t)(to - decoder->begin)};
}

/* Reports an error about the bytes from `from` to `to`; false, so that callers can return it. */
#define FAIL(decoder, from, to, ...) (diag_error((decoder)->diags, span_between(decoder, from, to), __VA_ARGS__), false)

static bool out_of_memory(struct decoder *decoder)
{
    decoder->builder.failed = true; /* told by builder_finish */
    return false;
}

static bool at_char(const struct decoder *decoder, char c)
{
    return decoder->at < decoder->end && *decoder->at == c;
}

/* Reports what stands here in place of what was expected. */
static struct diag *expected(struct decoder *decoder, const char *what)
{
    if (decoder->at == decoder->end)
        return diag_error(decoder->diags, span_between(decoder, decoder->at, decoder->at), "expected %s, found the end", what);
    size_t length = utf8_length(decoder->at, (size_t)(decoder->end - decoder->at));
    bool printable = length > 1 || (length == 1 && isprint((unsigned char)*decoder->at));
    struct span span = span_between(decoder, decoder->at, decoder->at + (length > 0 ? length : 1));
    if (!printable)
        return diag_error(decoder->diags, span, "expected %s, found byte %d", what, (unsigned char)*decoder->at);
    return diag_error(decoder->diags, span, "expected %s, found `%.*s`", what, (int)length, decoder->at);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

/* The run of [a-z][a-z0-9]* here, with `_` where `underscore`; empty where it does not begin with a letter. */
static struct str read_word(struct decoder *decoder, bool underscore)
{
    const char *start = decoder->at, *at = start;
    if (at < decoder->end && is_lower(*at))
        while (at < decoder->end && (is_lower(*at) || is_digit(*at) || (underscore && *at == '_')))
            at++;
    decoder->at = at;
    return (struct str){start, (size_t)(at - start)};
}

/* A whole number up to `limit` without leading zeros; `what` is for the error. */
static bool read_natural(struct decoder *decoder, uint32_t low, uint32_t limit, const char *what, uint32_t *number)
{
    const char *start = decoder->at;
    uint64_t value = 0;
    if (start == decoder->end || !is_digit(*start)) {
        expected(decoder, what);
        return false;
    }
    while (decoder->at < decoder->end && is_digit(*decoder->at)) {
        value = value > limit ? value : value * 10 + (uint64_t)(*decoder->at - '0');
        decoder->at++;
    }
    if (*start == '0' && decoder->at - start > 1)
        return FAIL(decoder, start, decoder->at, "%s has no leading zeros", what);
    if (value < low)
        return FAIL(decoder, start, decoder->at, "%s is at least %u", what, low);
    if (value > limit) {
        struct text most = {0};
        number_write_count(&most, limit);
        diag_error(decoder->diags, span_between(decoder, start, decoder->at), "%s is at most %s", what, text_chars(&most));
        text_release(&most);
        return false;
    }
    *number = (uint32_t)value;
    return true;
}

/* The bytes of a decimal here: digits, a fraction, an exponent. Empty where there is none. */
static struct str read_decimal(struct decoder *decoder)
{
    const char *start = decoder->at, *at = start, *end = decoder->end;
    while (at < end && is_digit(*at))
        at++;
    if (at > start && end - at > 1 && *at == '.' && is_digit(at[1]))
        for (at++; at < end && is_digit(*at);)
            at++;
    if (at > start && end - at > 1 && *at == 'e') {
        const char *exponent = at + (at[1] == '-' ? 2 : 1);
        if (exponent < end && is_digit(*exponent))
            for (at = exponent; at < end && is_digit(*at);)
                at++;
    }
    decoder->at = at;
    return (struct str){start, (size_t)(at - start)};
}

/* ---- labels ---- */

static bool names_grow(struct names *names)
{
    size_t slots = names->slots ? names->slots * 2 : 16;
    uint32_t *table = mem_array(slots, sizeof *table);
    if (!table)
        return false;
    for (size_t i = 0; i < names->list.count; i++) {
        struct str text = names->list.at[i].text;
        size_t slot = hash_bytes(HASH_START, text.at, text.len) & (slots - 1);
        while (table[slot])
            slot = (slot + 1) & (slots - 1);
        table[slot] = (uint32_t)i + 1;
    }
    mem_free(names->table);
    names->table = table;
    names->slots = slots;
    return true;
}

/* The slot of a name: where it is, or where it would be. */
static uint32_t *names_slot(const struct names *names, struct str text)
{
    size_t slot = hash_bytes(HASH_START, text.at, text.len) & (names->slots - 1);
    while (names->table[slot] && !str_equal(names->list.at[names->table[slot] - 1].text, text))
        slot = (slot + 1) & (names->slots - 1);
    return &names->table[slot];
}

/* The builder label that a name means here, 0 none. */
static uint32_t names_find(const struct names *names, struct str text)
{
    uint32_t found = names->slots ? *names_slot(names, text) : 0;
    return found ? names->list.at[found - 1].label : 0;
}

static bool names_define(struct names *names, struct str text, uint32_t label)
{
    if (names->list.count * 2 >= names->slots && !names_grow(names))
        return false;
    uint32_t *slot = names_slot(names, text);
    if (!*slot) {
        if (!vec_push(&names->list, ((struct name){text, 0})))
            return false;
        *slot = (uint32_t)names->list.count;
    }
    struct name *name = &names->list.at[*slot - 1];
    if (!vec_push(&names->hidden, ((struct hidden){*slot - 1, name->label})))
        return false;
    name->label = label;
    return true;
}

/* Ends a scope that began when `mark` definitions were visible. */
static void names_leave(struct names *names, size_t mark)
{
    while (names->hidden.count > mark) {
        struct hidden hidden = names->hidden.at[--names->hidden.count];
        names->list.at[hidden.name].label = hidden.label;
    }
}

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
    struct diag *diag = diag_error(decoder->diags, span, "unknown tap `:%.*s`", STR_ARG(name));
    if (near.best.len > 0)
        diag_help(diag, "did you mean `:%.*s`?", STR_ARG(near.best));
    else if (visible.len > 0)
        diag_help(diag, "taps that are visible here: %s", text_chars(&visible));
    else
        diag_help(diag, "name an earlier stage of this bracket or of one around it, as in `R8:%.*s-T8-(G8+:%.*s)`", STR_ARG(name),
                  STR_ARG(name));
    text_release(&visible);
    return false;
}

static bool decode_tap(struct decoder *decoder)
{
    const char *start = decoder->at++;
    struct str name = read_word(decoder, false);
    if (name.len == 0) {
        expected(decoder, "the name of a tap, such as `a`");
        return false;
    }
    struct gene tap = gene_of(GENE_TAP, span_between(decoder, start, decoder->at));
    tap.label = names_find(&decoder->names, name);
    if (tap.label) {
        builder_atom(&decoder->builder, tap, NULL);
        return true;
    }
    return unknown_tap(decoder, tap.span, name);
}

static bool decode_label(struct decoder *decoder)
{
    decoder->at++;
    struct str name = read_word(decoder, false);
    if (name.len == 0) {
        expected(decoder, "a name for this stage, such as `a`");
        return false;
    }
    uint32_t label = builder_new_label(&decoder->builder);
    builder_label(&decoder->builder, label);
    return names_define(&decoder->names, name, label) || out_of_memory(decoder);
}

/* ---- atoms ---- */

static bool decode_index(struct decoder *decoder, uint32_t *indices, size_t *count)
{
    uint32_t from, to;
    const char *start = decoder->at;
    if (!read_natural(decoder, 0, LIMIT_WIDTH - 1, "an index", &from))
        return false;
    to = from;
    if (decoder->end - decoder->at >= 2 && decoder->at[0] == '.' && decoder->at[1] == '.') {
        decoder->at += 2;
        if (!read_natural(decoder, 0, LIMIT_WIDTH - 1, "an index", &to))
            return false;
        if (to < from)
            return FAIL(decoder, start, decoder->at, "a range of indices ascends");
    }
    for (uint32_t i = from; indices && i <= to; i++)
        indices[*count + i - from] = i;
    *count += to - from + 1;
    return true;
}

/* Walks `[3,7..9]`; with `indices` NULL it only counts. */
static bool walk_indices(struct decoder *decoder, uint32_t *indices, size_t *count)
{
    *count = 0;
    const char *start = decoder->at;
    do {
        decoder->at++;
        if (!decode_index(decoder, indices, count))
            return false;
        if (*count > LIMIT_GENE_INDICES)
            return FAIL(decoder, start, decoder->at, "these are more than %d indices", LIMIT_GENE_INDICES);
    } while (at_char(decoder, ','));
    if (!at_char(decoder, ']')) {
        expected(decoder, "`,`, `..` or `]`");
        return false;
    }
    decoder->at++;
    return true;
}

static bool decode_indices(struct decoder *decoder, struct gene *gene, uint32_t **indices)
{
    const char *start = decoder->at;
    size_t count;
    if (!walk_indices(decoder, NULL, &count))
        return false;
    *indices = mem_array(count, sizeof **indices);
    if (!*indices)
        return out_of_memory(decoder);
    decoder->at = start;
    walk_indices(decoder, *indices, &count);
    gene->index_count = (uint32_t)count;
    return true;
}

static bool decode_head(struct decoder *decoder, struct gene *gene, struct str word, const char *from)
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
    struct diag *diag = diag_error(decoder->diags, span_between(decoder, from, decoder->at), "unknown head `%.*s`",
                                   (int)(decoder->at - from), from);
    if (near.best.len > 0)
        diag_help(diag, "did you mean `%.*s`?", STR_ARG(near.best));
    else
        diag_help(diag, "one of `auto`, `linear`, `sigmoid`, `softmax`, `step`");
    return false;
}

/* `key=value`; keys seen before in this bracket are in `seen`. */
static bool decode_trait(struct decoder *decoder, struct gene *gene)
{
    const char *start = decoder->at;
    struct str key = read_word(decoder, true);
    if (key.len == 0) {
        expected(decoder, "a trait such as `bias=0`");
        return false;
    }
    if (!at_char(decoder, '=')) {
        expected(decoder, "`=` and the trait's value");
        return false;
    }
    const char *value = ++decoder->at;
    struct str word = read_word(decoder, true);
    double number = 0;
    if (word.len == 0) {
        bool negative = at_char(decoder, '-');
        decoder->at += negative;
        struct str decimal = read_decimal(decoder);
        if (decimal.len == 0) {
            expected(decoder, "a number or a word");
            return false;
        }
        if (!number_read(decimal, &number))
            return FAIL(decoder, value, decoder->at, "this number is too large");
        number = negative ? -number : number;
    }
    if (gene->kind == GENE_OUTPUT && str_is(key, "head"))
        return decode_head(decoder, gene, word, value);
    return trait_set(&gene->traits, gene->element, key, number, word, span_between(decoder, start, decoder->at), decoder->diags);
}

static struct str key_at(const char *at, const char *end)
{
    const char *stop = at;
    while (stop < end && *stop != '=')
        stop++;
    return (struct str){at, (size_t)(stop - at)};
}

/* `[bias=0,l2=1e-4]`. */
static bool decode_traits(struct decoder *decoder, struct gene *gene)
{
    const char *starts[16]; /* more than there are keys; each key may come once */
    size_t count = 0;
    do {
        const char *start = ++decoder->at;
        if (!decode_trait(decoder, gene))
            return false;
        struct str key = key_at(start, decoder->at);
        for (size_t i = 0; i < count; i++)
            if (str_equal(key_at(starts[i], start), key))
                return FAIL(decoder, start, decoder->at, "`%.*s` is given twice", STR_ARG(key));
        starts[count++] = start;
    } while (at_char(decoder, ','));
    if (!at_char(decoder, ']')) {
        expected(decoder, "`,` or `]`");
        return false;
    }
    decoder->at++;
    return true;
}

/* The share behind `%`: "7" is read as the text 7e-2 (number_read), since 7 * 0.01 is not 0.07. */
static bool decode_percent(struct decoder *decoder, double *share)
{
    const char *start = decoder->at++;
    struct str decimal = read_decimal(decoder);
    if (decimal.len == 0) {
        expected(decoder, "a percentage such as `10`");
        return false;
    }
    char text[64];
    if (decimal.len + 1 > sizeof text)
        return FAIL(decoder, start, decoder->at, "a percentage has at most %zu digits", sizeof text - 1);
    memcpy(text, decimal.at, decimal.len);
    text[decimal.len] = '%';
    if (!number_read((struct str){text, decimal.len + 1}, share))
        return FAIL(decoder, start, decoder->at, "this number is too large");
    return true;
}

/* The symbol here is none: names a near one, else lists them. */
static bool unknown_symbol(struct decoder *decoder, struct str symbol)
{
    struct suggestion near;
    struct text all = {0};
    suggest_start(&near, symbol);
    for (size_t i = 0; i < decoder->elements->count; i++) {
        suggest_offer(&near, str_of(decoder->elements->at[i]->symbol));
        text_addf(&all, "%s%s", i > 0 ? " " : "", decoder->elements->at[i]->symbol);
    }
    for (const struct dna_form *form = dna_forms; form->symbol; form++) {
        suggest_offer(&near, str_of(form->symbol));
        text_addf(&all, " %s", form->symbol);
    }
    struct diag *diag = diag_error(decoder->diags, span_between(decoder, symbol.at, symbol.at + symbol.len),
                                   "no element has the symbol `%.*s`", STR_ARG(symbol));
    if (near.best.len > 0)
        diag_note(diag, "did you mean `%.*s`?", STR_ARG(near.best));
    diag_help(diag, "the symbols are %s", text_chars(&all));
    text_release(&all);
    return false;
}

/* Reads the symbol and sets the gene's kind (and element) by it; NULL with an error. */
static const struct dna_form *decode_symbol(struct decoder *decoder, struct gene *gene)
{
    struct str symbol = {decoder->at, decoder->end - decoder->at > 1 && is_lower(decoder->at[1]) ? 2 : 1};
    const struct element *element = elements_by_symbol(decoder->elements, symbol);
    const struct dna_form *form = &dna_form_element;
    decoder->at += symbol.len;
    if (element) {
        bool layer = decoder->at < decoder->end && is_digit(*decoder->at);
        *gene = layer ? gene_layer(element, 0, SPAN_NONE) : gene_activation(element, SPAN_NONE);
        return form;
    }
    for (form = dna_forms; form->symbol; form++)
        if (str_is(symbol, form->symbol)) {
            *gene = gene_of(form->kind, SPAN_NONE);
            return form;
        }
    unknown_symbol(decoder, symbol);
    return NULL;
}

/* What may not follow this symbol, or must and does not. */
static bool misplaced(struct decoder *decoder, const struct dna_form *form, const char *start, const char *what)
{
    const char *end = decoder->at + (decoder->at < decoder->end);
    struct str symbol = {start, (size_t)(decoder->at - start)};
    diag_help(diag_error(decoder->diags, span_between(decoder, decoder->at, end), "`%.*s` %s", STR_ARG(symbol), what),
              "write it as in `%s`", form->example);
    return false;
}

static bool decode_width(struct decoder *decoder, const struct dna_form *form, struct gene *gene, const char *start)
{
    bool given = decoder->at < decoder->end && is_digit(*decoder->at);
    if (given && form->width == DNA_WIDTH_NONE)
        return misplaced(decoder, form, start, "has no width");
    if (!given && form->width == DNA_WIDTH_MUST)
        return misplaced(decoder, form, start, "needs a width");
    return !given || read_natural(decoder, 1, LIMIT_WIDTH, "a width", &gene->width);
}

static bool decode_share(struct decoder *decoder, const struct dna_form *form, struct gene *gene, const char *start)
{
    if (!at_char(decoder, '%'))
        return form->percent != DNA_PERCENT_RATE || misplaced(decoder, form, start, "needs a rate");
    if (form->percent == DNA_PERCENT_NONE)
        return misplaced(decoder, form, start, "has no percentage");
    if (gene->kind == GENE_ACTIVATION)
        return misplaced(decoder, form, start, "is sparse only with a width");
    return decode_percent(decoder, form->percent == DNA_PERCENT_RATE ? &gene->rate : &gene->traits.density);
}

static bool decode_bracket(struct decoder *decoder, const struct dna_form *form, struct gene *gene, uint32_t **indices,
                           const char *start)
{
    if (!at_char(decoder, '['))
        return form->bracket != DNA_BRACKET_INDICES || misplaced(decoder, form, start, "needs indices");
    if (form->bracket == DNA_BRACKET_NONE)
        return misplaced(decoder, form, start, "has no traits");
    return form->bracket == DNA_BRACKET_INDICES ? decode_indices(decoder, gene, indices) : decode_traits(decoder, gene);
}

static bool decode_atom(struct decoder *decoder)
{
    const char *start = decoder->at;
    struct gene gene;
    uint32_t *indices = NULL;
    const struct dna_form *form = decode_symbol(decoder, &gene);
    bool well = form && decode_width(decoder, form, &gene, start) && decode_share(decoder, form, &gene, start) &&
                decode_bracket(decoder, form, &gene, &indices, start);
    if (well) {
        gene.span = span_between(decoder, start, decoder->at);
        builder_atom(&decoder->builder, gene, indices);
    }
    mem_free(indices);
    return well;
}

/* ---- structure ---- */

static bool decode_unit(struct decoder *decoder);

/* `*3`: checked against the limit before anything is copied. */
static bool decode_repeat(struct decoder *decoder)
{
    const char *start = decoder->at++;
    uint32_t times;
    if (!read_natural(decoder, 1, LIMIT_GENES, "a repeat count", &times))
        return false;
    builder_repeat(&decoder->builder, times);
    if (!decoder->builder.too_large)
        return true;
    struct text most = {0};
    number_write_count(&most, LIMIT_GENES);
    diag_error(decoder->diags, span_between(decoder, start, decoder->at), "this makes more than %s genes", text_chars(&most));
    text_release(&most);
    return false;
}

static bool decode_stage(struct decoder *decoder)
{
    if (!decode_unit(decoder))
        return false;
    bool repeat = decoder->end - decoder->at > 1 && decoder->at[0] == '*' && is_digit(decoder->at[1]);
    if (repeat && !decode_repeat(decoder))
        return false;
    return !at_char(decoder, ':') || decode_label(decoder);
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
static bool report_bracket(struct decoder *decoder, const char *start, char operator)
{
    char other = decoder->at < decoder->end ? *decoder->at : '\0';
    if (other == '*' && decoder->end - decoder->at > 1 && is_digit(decoder->at[1])) {
        diag_help(expected(decoder, "a single repeat count a stage"), "bracket the repeated part first: `(R8*2)*3`");
    } else if (operator&& operator_kind(other) != GENE_SKIP) {
        int length = decoder->at - start < 60 ? (int)(decoder->at - start) : 0;
        struct diag *diag = diag_error(decoder->diags, span_between(decoder, decoder->at, decoder->at + 1),
                                       "`%c` and `%c` stand in one bracket", operator, other);
        diag_label(diag, span_between(decoder, start, decoder->at), "this part is joined by `%c`", operator);
        if (length)
            diag_help(diag, "one operator a bracket: `(%.*s)%c…)`", length, start, other);
        else
            diag_help(diag, "one operator a bracket: put another one around a part");
    } else if (operator) {
        char what[] = "`-` or `)`";
        what[1] = operator;
        diag_label(expected(decoder, what), span_between(decoder, start, start + 1), "for this bracket");
    } else {
        diag_label(expected(decoder, "`-`, `|`, `+`, `*` or `)`"), span_between(decoder, start, start + 1), "for this bracket");
    }
    return false;
}

/* `( stage [ rest ] )`. Until the first operator the bracket is a chain of one. */
static bool decode_brackets(struct decoder *decoder)
{
    const char *start = decoder->at;
    size_t mark = decoder->names.hidden.count;
    char operator= '\0';
    builder_open(&decoder->builder, GENE_CHAIN, span_between(decoder, start, start + 1));
    do {
        decoder->at++;
        if (!decode_stage(decoder))
            return false;
        if (!operator&& decoder->at<decoder->end && operator_kind(*decoder->at) != GENE_SKIP &&
            !(decoder->end - decoder->at > 1 && *decoder->at == '*' && is_digit(decoder->at[1]))) {
            operator= * decoder->at;
            builder_turn(&decoder->builder, operator_kind(operator));
        }
        if (operator!= '-')
            names_leave(&decoder->names, mark);
    } while (operator&& at_char(decoder, operator) &&
             !(operator== '*' && decoder->end - decoder->at> 1 && is_digit(decoder->at[1])));
    if (!at_char(decoder, ')'))
        return report_bracket(decoder, start, operator);
    decoder->at++;
    names_leave(&decoder->names, mark);
    builder_close(&decoder->builder);
    return true;
}

static bool decode_skip(struct decoder *decoder)
{
    builder_open(&decoder->builder, GENE_SKIP, span_between(decoder, decoder->at, decoder->at + 1));
    decoder->at++;
    if (!decode_unit(decoder))
        return false;
    builder_close(&decoder->builder);
    return true;
}

/* No gene begins here; a written-out element name is a likely slip. */
static bool report_unit(struct decoder *decoder)
{
    const char *start = decoder->at;
    struct str word = read_word(decoder, true);
    const struct element *element = NULL;
    for (size_t len = word.len; len > 0 && !element; len--)
        element = elements_by_name(decoder->elements, (struct str){word.at, len});
    decoder->at = start;
    struct diag *diag = expected(decoder, "a gene such as `R8`, `~`, `(` or `:tap`");
    if (element)
        diag_help(diag, "in DNA `%s` is `%s`", element->name, element->symbol);
    return false;
}

static bool decode_unit(struct decoder *decoder)
{
    if (decoder->depth >= LIMIT_NESTING)
        return FAIL(decoder, decoder->at, decoder->at + (decoder->at < decoder->end),
                    "brackets and `~` are nested more than %d deep", LIMIT_NESTING);
    char c = decoder->at < decoder->end ? *decoder->at : '\0';
    decoder->depth++;
    bool well = c >= 'A' && c <= 'Z' ? decode_atom(decoder)
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
    char c = *decoder->at;
    if (c == ')')
        return FAIL(decoder, decoder->at, decoder->at + 1, "this `)` closes nothing");
    if (c == '*' && decoder->end - decoder->at > 1 && is_digit(decoder->at[1]))
        return report_bracket(decoder, decoder->begin, '\0');
    if (operator_kind(c) != GENE_SKIP) {
        diag_help(
            diag_error(decoder->diags, span_between(decoder, decoder->at, decoder->at + 1), "`%c` needs brackets around it", c),
            "write `(R8%cT8)`", c);
        return false;
    }
    expected(decoder, "`-`, `*`, `:` or the end");
    return false;
}

static bool decode_all(struct decoder *decoder)
{
    builder_open(&decoder->builder, GENE_CHAIN, span_between(decoder, decoder->begin, decoder->end));
    bool more = true;
    while (more) {
        if (!decode_stage(decoder))
            return false;
        more = at_char(decoder, '-');
        decoder->at += more;
    }
    if (decoder->at < decoder->end)
        return report_rest(decoder);
    builder_close(&decoder->builder);
    return true;
}

struct molecule *dna_decode(struct str dna, const struct elements *elements, struct span place, struct diags *diags)
{
    struct decoder decoder = {
        .begin = dna.at, .at = dna.at, .end = dna.at + dna.len, .elements = elements, .place = place, .diags = diags};
    bool well = decode_all(&decoder);
    struct span whole = span_between(&decoder, decoder.begin, decoder.end);
    struct molecule *molecule = NULL;
    if (well || decoder.builder.failed)
        molecule = builder_finish(&decoder.builder, whole, diags);
    else
        builder_release(&decoder.builder);
    vec_release(&decoder.names.list);
    vec_release(&decoder.names.hidden);
    mem_free(decoder.names.table);
    return molecule;
}
