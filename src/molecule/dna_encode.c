/* Molecule to DNA, in canonical form: repeats rolled (dna_roll.c), taps named a, b, … z, z1, z2, … in printed order, traits in
   alphabetical order and defaults left out, numbers in the shortest form that reads back. The grammar stands in grammar/dna.md. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "molecule/dna.h"
#include "molecule/dna_form.h"
#include "molecule/dna_roll.h"
#include "molecule/trait.h"
#include "support/memory.h"
#include "support/number.h"

struct encoder {
    const struct molecule *molecule;
    struct roll roll;
    uint32_t *names; /* by label: its number in printed order, 0 not printed yet; NULL where there are no labels */
    uint32_t named;
    struct text *out;
};

static void encode_unit(struct encoder *encoder, uint32_t gene);

/* ---- atoms ---- */

static void encode_count(struct text *out, uint32_t number)
{
    char digits[10];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    text_add_str(out, (struct str){digits + at, sizeof digits - at});
}

/* A decimal: 0.DIGITS times ten to the power of `point`, without zeros in front. */
struct decimal {
    char digits[40];
    size_t count;
    int point;
};

/* The shortest decimal that reads back as `value`; false without memory. */
static bool decimal_of(double value, struct decimal *decimal)
{
    struct text written = {0};
    bool fraction = false;
    *decimal = (struct decimal){0};
    number_write(&written, value);
    for (const char *at = text_chars(&written); *at && decimal->count < sizeof decimal->digits; at++) {
        bool leading = decimal->count == 0 && *at == '0';
        if (*at == 'e') {
            decimal->point += (int)strtol(at + 1, NULL, 10);
            break;
        }
        if (*at == '.') {
            fraction = true;
            continue;
        }
        if (fraction && leading)
            decimal->point--;
        else if (!fraction && !leading)
            decimal->point++;
        if (!leading)
            decimal->digits[decimal->count++] = *at;
    }
    bool well = !written.failed;
    text_release(&written);
    return well;
}

static void encode_decimal(struct text *out, const struct decimal *decimal)
{
    struct str all = {decimal->digits, decimal->count};
    size_t whole = decimal->point > 0 ? (size_t)decimal->point : 0;
    if (decimal->point <= -3) { /* below 0.001: with an exponent */
        text_add_char(out, all.at[0]);
        if (all.len > 1)
            text_add_char(out, '.');
        text_add_str(out, (struct str){all.at + 1, all.len - 1});
        text_addf(out, "e%d", decimal->point - 1);
    } else if (decimal->point <= 0) {
        text_add(out, "0.");
        text_add_repeat(out, "0", (size_t)-decimal->point);
        text_add_str(out, all);
    } else if (whole >= all.len) {
        text_add_str(out, all);
        text_add_repeat(out, "0", whole - all.len);
    } else {
        text_add_str(out, (struct str){all.at, whole});
        text_add_char(out, '.');
        text_add_str(out, (struct str){all.at + whole, all.len - whole});
    }
}

/* A share as the decimal of its percentage: the digits of the share itself, the point two places on, so that it reads back exactly. */
static void encode_percent(struct text *out, double share)
{
    double percent = round(share * 100);
    if (percent / 100 == share) {
        encode_count(out, (uint32_t)percent);
        return;
    }
    struct decimal decimal;
    out->failed |= !decimal_of(share, &decimal);
    decimal.point += 2;
    if (!out->failed)
        encode_decimal(out, &decimal);
}

/* Runs of at least three ascending neighbours as a range. */
static void encode_indices(struct text *out, const uint32_t *indices, uint32_t count)
{
    text_add_char(out, '[');
    for (uint32_t i = 0, run; i < count; i += run) {
        for (run = 1; i + run < count && indices[i + run] == indices[i] + run;)
            run++;
        run = run < 3 ? 1 : run;
        if (i > 0)
            text_add_char(out, ',');
        encode_count(out, indices[i]);
        if (run > 1) {
            text_add(out, "..");
            encode_count(out, indices[i] + run - 1);
        }
    }
    text_add_char(out, ']');
}

/* One trait to print: a number or a word. */
struct shown {
    const char *key, *word;
    double number;
};

/* Adds to a list that is kept in alphabetical order. */
static void show_trait(struct shown *shown, size_t *count, struct shown next)
{
    size_t at = (*count)++;
    for (; at > 0 && strcmp(shown[at - 1].key, next.key) > 0; at--)
        shown[at] = shown[at - 1];
    shown[at] = next;
}

static void encode_traits(struct text *out, const struct gene *gene)
{
    struct shown shown[16]; /* more than there are traits, parameters and a head */
    size_t count = 0;
    if (gene->head == HEAD_AUTO && traits_usual(&gene->traits, gene->element))
        return;
    for (size_t i = 0; i < trait_count; i++) {
        const struct trait_row *row = &trait_table[i];
        double value = trait_get(&gene->traits, row);
        if (value != row->initial && row->offset != offsetof(struct traits, density))
            show_trait(shown, &count, (struct shown){row->key, row->words ? row->words[(int)value] : NULL, value});
    }
    for (unsigned i = 0; gene->element && i < gene->element->param_count; i++)
        if (gene->traits.params[i] != gene->element->params[i].initial)
            show_trait(shown, &count, (struct shown){gene->element->params[i].name, NULL, gene->traits.params[i]});
    if (gene->head != HEAD_AUTO)
        show_trait(shown, &count, (struct shown){"head", head_names[gene->head], 0});
    for (size_t i = 0; i < count; i++) {
        text_add_char(out, i == 0 ? '[' : ',');
        text_add(out, shown[i].key);
        text_add_char(out, '=');
        if (shown[i].word)
            text_add(out, shown[i].word);
        else
            number_write(out, shown[i].number);
    }
    if (count > 0)
        text_add_char(out, ']');
}

void dna_encode_atom(const struct molecule *molecule, uint32_t at, struct text *out)
{
    const struct gene *gene = &molecule->genes[at];
    const struct dna_form *form = dna_form_of(gene->kind);
    text_add(out, gene->element ? gene->element->symbol : form->symbol);
    if (gene->width > 0)
        encode_count(out, gene->width);
    bool sparse = form->percent == DNA_PERCENT_DENSITY && gene->traits.density != 1;
    if (sparse || form->percent == DNA_PERCENT_RATE) {
        text_add_char(out, '%');
        encode_percent(out, sparse ? gene->traits.density : gene->rate);
    }
    if (form->bracket == DNA_BRACKET_INDICES)
        encode_indices(out, molecule->indices + gene->index_at, gene->index_count);
    else if (form->bracket == DNA_BRACKET_TRAITS)
        encode_traits(out, gene);
}

/* ---- structure ---- */

void dna_encode_label(uint32_t number, struct text *out)
{
    if (number == 0) {
        text_add(out, "open");
        return;
    }
    text_add_char(out, (char)('a' + (number <= 26 ? number - 1 : 25)));
    if (number > 26)
        encode_count(out, number - 26);
}

/* `:a`. A free label has no name that could be read again. */
static void encode_label(struct encoder *encoder, uint32_t label)
{
    bool bound = label < FREE_LABEL && encoder->names;
    if (bound && encoder->names[label] == 0)
        encoder->names[label] = ++encoder->named;
    text_add_char(encoder->out, ':');
    dna_encode_label(bound ? encoder->names[label] : 0, encoder->out);
}

static void encode_tokens(struct encoder *encoder, const struct token *tokens, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct token *token = &tokens[i];
        if (i > 0)
            text_add_char(encoder->out, '-');
        if (token->body_count > 0) {
            text_add_char(encoder->out, '(');
            encode_tokens(encoder, token->body, token->body_count);
            text_add_char(encoder->out, ')');
        } else {
            encode_unit(encoder, token->gene);
        }
        if (token->times > 1) {
            text_add_char(encoder->out, '*');
            encode_count(encoder->out, token->times);
        }
        if (token->label)
            encode_label(encoder, token->label);
    }
}

/* A chain; in brackets unless it is all there is (`outermost`), or where a stage may stand (`stage`) and it is one, such as `R8*3`. */
static void encode_chain(struct encoder *encoder, uint32_t gene, bool outermost, bool stage)
{
    size_t mark = encoder->roll.token_count, count;
    const struct token *tokens = roll_chain(&encoder->roll, gene, &count);
    bool bare = outermost || (stage && count == 1);
    if (!bare)
        text_add_char(encoder->out, '(');
    encode_tokens(encoder, tokens, count);
    if (!bare)
        text_add_char(encoder->out, ')');
    encoder->roll.token_count = mark;
}

static void encode_members(struct encoder *encoder, uint32_t gene)
{
    const struct gene *genes = encoder->molecule->genes;
    char sign = genes[gene].kind == GENE_BRANCH ? '|' : genes[gene].kind == GENE_SUM ? '+' : '*';
    char before = '(';
    for (uint32_t at = gene + 1; at < gene + genes[gene].size; at += genes[at].size) {
        text_add_char(encoder->out, before);
        before = sign;
        if (genes[at].kind == GENE_CHAIN)
            encode_chain(encoder, at, false, true);
        else
            encode_unit(encoder, at);
    }
    text_add_char(encoder->out, ')');
}

static void encode_unit(struct encoder *encoder, uint32_t gene)
{
    const struct gene *at = &encoder->molecule->genes[gene];
    switch ((enum gene_kind)at->kind) {
    case GENE_TAP:
        encode_label(encoder, at->label);
        break;
    case GENE_SKIP:
        text_add_char(encoder->out, '~');
        encode_unit(encoder, gene + 1);
        break;
    case GENE_CHAIN:
        encode_chain(encoder, gene, false, false);
        break;
    case GENE_BRANCH:
    case GENE_SUM:
    case GENE_PRODUCT:
        encode_members(encoder, gene);
        break;
    default:
        dna_encode_atom(encoder->molecule, gene, encoder->out);
        break;
    }
}

/* Encodes the subtree at `gene`, the whole for 0; the names given to labels, which the caller frees. */
static uint32_t *encode(const struct molecule *molecule, uint32_t gene, struct text *out)
{
    struct encoder encoder = {.molecule = molecule, .out = out};
    if (molecule->labels > 0)
        encoder.names = mem_array((size_t)molecule->labels + 1, sizeof *encoder.names);
    if (!roll_init(&encoder.roll, molecule, gene) || (molecule->labels > 0 && !encoder.names))
        out->failed = true;
    else if (molecule->genes[gene].kind == GENE_CHAIN)
        encode_chain(&encoder, gene, true, true);
    else
        encode_unit(&encoder, gene);
    roll_release(&encoder.roll);
    return encoder.names;
}

void dna_encode_part(const struct molecule *molecule, uint32_t gene, struct text *out)
{
    mem_free(encode(molecule, gene, out));
}

void dna_encode(const struct molecule *molecule, struct text *out)
{
    dna_encode_part(molecule, 0, out);
}

uint32_t *dna_label_numbers(const struct molecule *molecule)
{
    struct text out = {0};
    uint32_t *numbers = encode(molecule, 0, &out);
    if (out.failed) {
        mem_free(numbers);
        numbers = NULL;
    }
    text_release(&out);
    return numbers;
}
