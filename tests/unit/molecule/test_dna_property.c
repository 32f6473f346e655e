/* DNA over molecules of every form: what is encoded reads back as the same molecule, however a molecule is made it has one DNA and
   one hash, and different molecules have different ones. With a number of molecules as argument it looks deeper. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "any_molecule.h"

enum { USUAL = 100000 };

static uint32_t molecules = USUAL;

struct entry {
    uint64_t hash;
    char *dna;
};

static int by_hash(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    return x->hash != y->hash ? (x->hash > y->hash) - (x->hash < y->hash) : strcmp(x->dna, y->dna);
}

/* `other` is the same molecule as `molecule`, whose DNA is `dna`. Consumes it. */
static void assert_same(const struct molecule *molecule, const char *dna, struct molecule *other, const char *how)
{
    struct text text = {0};
    dna_encode(other, &text);
    if (strcmp(text_chars(&text), dna) != 0)
        fail_msg("%s: `%s` and `%s`", how, dna, text_chars(&text));
    if (!molecule_equal(molecule, other) || molecule->hash != other->hash)
        fail_msg("%s: `%s` is another molecule", how, dna);
    text_release(&text);
    molecule_release(other);
}

/* What the sample held, so that a generator that forgets a form is noticed. */
struct coverage {
    uint32_t kinds, heads, inits; /* bits */
    uint32_t labels, deep, respelled, traits[8];
};

static void cover(struct coverage *coverage, const struct molecule *molecule, bool respelled)
{
    coverage->labels += molecule->labels > 1;
    coverage->respelled += respelled;
    coverage->deep += molecule->count > 20;
    for (uint32_t i = 0; i < molecule->count; i++) {
        const struct gene *gene = &molecule->genes[i];
        coverage->kinds |= 1u << gene->kind;
        coverage->heads |= gene->kind == GENE_OUTPUT || gene->kind == GENE_HEAD ? 1u << gene->head : 0;
        coverage->inits |= gene->kind == GENE_LAYER ? 1u << gene->traits.init : 0;
        for (size_t k = 0; gene->kind == GENE_LAYER && k < trait_count; k++)
            coverage->traits[k] += trait_get(&gene->traits, &trait_table[k]) != trait_table[k].initial;
    }
}

static void assert_covered(const struct coverage *coverage)
{
    assert_int_equal(coverage->kinds, (1u << (GENE_HEAD + 1)) - 1);
    assert_int_equal(coverage->heads, (1u << (HEAD_STEP + 1)) - 1);
    assert_int_equal(coverage->inits, (1u << (INIT_ORTHOGONAL + 1)) - 1);
    assert_true(coverage->labels > molecules / 50 && coverage->deep > molecules / 50 && coverage->respelled > molecules / 2);
    for (size_t i = 0; i < trait_count; i++)
        assert_true(coverage->traits[i] > molecules / 50);
}

static void every_way_gives_the_same(void **state)
{
    (void)state;
    static struct drawer drawer;
    struct entry *entries = mem_array(molecules, sizeof *entries);
    struct text dna = {0}, spelling = {0};
    struct coverage coverage = {0};
    size_t different = 0;
    drawer.random = random_stream(11, RANDOM_TEST, 0);
    add_user_element();
    assert_non_null(entries);
    for (uint32_t i = 0; i < molecules; i++) {
        uint32_t shape = draw_any(&drawer, 1 + i % 3);
        struct molecule *molecule = build_any(&drawer, shape);
        text_clear(&dna);
        dna_encode(molecule, &dna);
        assert_same(molecule, text_chars(&dna), decoded(text_chars(&dna)), "decoded again");
        spell_any(&drawer, shape, &spelling);
        cover(&coverage, molecule, !str_equal(text_str(&dna), text_str(&spelling)));
        assert_same(molecule, text_chars(&dna), decoded(text_chars(&spelling)), text_chars(&spelling));
        assert_same(molecule, text_chars(&dna), operate_any(&drawer, shape), "by the operators");
        entries[i] = (struct entry){molecule->hash, mem_copy_text(text_chars(&dna), dna.len)};
        molecule_release(molecule);
    }
    assert_covered(&coverage);
    qsort(entries, molecules, sizeof *entries, by_hash);
    for (uint32_t i = 0; i < molecules; i++) {
        bool same = i > 0 && strcmp(entries[i - 1].dna, entries[i].dna) == 0;
        if (i > 0 && entries[i - 1].hash == entries[i].hash && !same)
            fail_msg("`%s` and `%s` have one hash", entries[i - 1].dna, entries[i].dna);
        different += !same;
    }
    print_message("%u molecules, %zu different\n", molecules, different);
    assert_true(different > molecules / 2);
    for (uint32_t i = 0; i < molecules; i++)
        mem_free(entries[i].dna);
    mem_free(entries);
    text_release(&dna);
    text_release(&spelling);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        molecules = (uint32_t)strtoul(argv[1], NULL, 10);
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_way_gives_the_same)};
    return cmocka_run_group_tests(tests, bench_setup, bench_teardown);
}
