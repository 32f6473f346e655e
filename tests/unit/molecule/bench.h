/* What the tests of this floor share: a small table of elements, and molecules made of and printed as DNA. */
#ifndef TEST_MOLECULE_BENCH_H
#define TEST_MOLECULE_BENCH_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "molecule/dna.h"
#include "molecule/trait.h"
#include "support/memory.h"
#include "support/random.h"

static struct elements table;

static const struct element *add_element(const char *name, const char *symbol, const char *param, double initial)
{
    struct element element = {0};
    struct diags diags = {0};
    element.name = mem_copy_text(name, strlen(name));
    memcpy(element.symbol, symbol, strlen(symbol) + 1);
    element.doc = mem_copy_text("", 0);
    element.value = formula_x(&element.formula);
    if (param) {
        element.params[0] = (struct element_param){mem_copy_text(param, strlen(param)), initial, false, SPAN_NONE};
        element.param_count = 1;
    }
    const struct element *added = elements_add(&table, &element, &diags);
    assert_non_null(added);
    assert_int_equal(diags.count, 0);
    return added;
}

static int bench_setup(void **state)
{
    (void)state;
    add_element("linear", "L", NULL, 0);
    add_element("relu", "R", NULL, 0);
    add_element("tanh", "T", NULL, 0);
    add_element("gelu", "G", NULL, 0);
    add_element("sine", "Si", NULL, 0);
    add_element("sigmoid", "S", NULL, 0);
    add_element("leaky_relu", "Lr", "slope", 0.01);
    return 0;
}

static int bench_teardown(void **state)
{
    (void)state;
    elements_release(&table);
    return 0;
}

static inline struct molecule *decode_len(const char *dna, size_t len, struct diags *diags)
{
    return dna_decode((struct str){dna, len}, &table, (struct span){1, 0, 0}, diags);
}

/* The molecule that `dna` describes; the test fails where it is none. */
static inline struct molecule *decoded(const char *dna)
{
    struct diags diags = {0};
    struct molecule *molecule = decode_len(dna, strlen(dna), &diags);
    if (!molecule)
        print_error("`%s` at %u: %s\n", dna, diags.count ? diags.at[0].span.start : 0,
                    diags.count ? diags.at[0].message : "no error");
    assert_non_null(molecule);
    assert_int_equal(diags.count, 0);
    diags_release(&diags);
    return molecule;
}

/* Consumes the molecule. */
static inline void assert_dna(struct molecule *molecule, const char *expected)
{
    struct text text = {0};
    assert_non_null(molecule);
    dna_encode(molecule, &text);
    assert_string_equal(text_chars(&text), expected);
    text_release(&text);
    molecule_release(molecule);
}

/* The canonical form of `dna` is `expected`. */
static inline void assert_canonical(const char *dna, const char *expected)
{
    assert_dna(decoded(dna), expected);
}

static inline void assert_diag(struct diags *diags, const char *part)
{
    assert_int_equal(diags->count, 1);
    if (!strstr(diags->at[0].message, part))
        print_error("`%s` is not in `%s`\n", part, diags->at[0].message);
    assert_non_null(strstr(diags->at[0].message, part));
    diags_release(diags);
    *diags = (struct diags){0};
}

/* ---- random DNA, taps included ---- */

struct writer {
    struct random random;
    char text[4000];
    size_t len;
    char scope[64]; /* names of labels that are visible */
    size_t scoped;
};

static void write_stages(struct writer *writer, unsigned depth);

static void write_text(struct writer *writer, const char *more)
{
    size_t len = strlen(more);
    assert_true(writer->len + len < sizeof writer->text);
    memcpy(writer->text + writer->len, more, len + 1);
    writer->len += len;
}

static void write_atom(struct writer *writer)
{
    static const char *const atoms[] = {
        "R8",       "T8",       "R8", "G8", "Si8%25", "L", "Bn", "D%10", "R", "Ln", "Lr8", "Lr8[slope=0.5]", "T8[bias=0,l2=1e-4]",
        "Gt[0..4]", "Sc9[1,3]", "S8"};
    write_text(writer, atoms[random_below(&writer->random, sizeof atoms / sizeof atoms[0])]);
}

static void write_stage(struct writer *writer, unsigned depth);

static void write_unit(struct writer *writer, unsigned depth)
{
    static const char operators[] = "-|+*-";
    double draw = random_unit(&writer->random);
    if (depth > 0 && draw < 0.1 && writer->scoped > 0) {
        char tap[3] = {':', writer->scope[random_below(&writer->random, (uint32_t)writer->scoped)], '\0'};
        write_text(writer, tap);
    } else if (depth == 0 || draw < 0.5) {
        write_atom(writer);
    } else if (draw < 0.62) {
        write_text(writer, "~");
        write_unit(writer, depth - 1);
    } else {
        size_t mark = writer->scoped;
        char operator= operators[random_below(&writer->random, 5)];
        write_text(writer, "(");
        if (operator== '-') {
            write_stages(writer, depth - 1);
        } else {
            uint32_t members = 2 + random_below(&writer->random, 2);
            for (uint32_t i = 0; i < members; i++) {
                if (i > 0)
                    write_text(writer, (char[]){operator, '\0'});
                write_stage(writer, depth - 1);
                writer->scoped = mark;
            }
        }
        writer->scoped = mark;
        write_text(writer, ")");
    }
}

static void write_stage(struct writer *writer, unsigned depth)
{
    write_unit(writer, depth);
    if (random_unit(&writer->random) < 0.25)
        write_text(writer, (char[]){'*', (char)('1' + random_below(&writer->random, 3)), '\0'});
    if (random_unit(&writer->random) < 0.25 && writer->scoped < sizeof writer->scope) {
        char name = "abch"[random_below(&writer->random, 4)];
        write_text(writer, (char[]){':', name, '\0'});
        writer->scope[writer->scoped++] = name;
    }
}

static void write_stages(struct writer *writer, unsigned depth)
{
    uint32_t stages = 1 + random_below(&writer->random, 4);
    for (uint32_t i = 0; i < stages; i++) {
        if (i > 0)
            write_text(writer, "-");
        write_stage(writer, depth);
    }
}

/* A random string of the grammar; it stands in `writer->text`. */
static inline const char *random_dna(struct writer *writer, unsigned depth)
{
    writer->len = writer->scoped = 0;
    write_stages(writer, depth);
    return writer->text;
}

#endif
