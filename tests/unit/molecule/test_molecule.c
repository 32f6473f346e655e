/* Molecules: canonical form by construction, labels, limits, equality and hash, and the common shapes. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>

#include "bench.h"
#include "support/progress.h"

static struct gene layer(const char *symbol, uint32_t width)
{
    return gene_layer(elements_by_symbol(&table, str_of(symbol)), width, SPAN_NONE);
}

static struct gene tap(uint32_t label)
{
    struct gene gene = gene_of(GENE_TAP, SPAN_NONE);
    gene.label = label;
    return gene;
}

static struct molecule *finished(struct molecule_builder *builder)
{
    struct diags diags = {0};
    struct molecule *molecule = builder_finish(builder, SPAN_NONE, &diags);
    if (!molecule)
        print_error("%s\n", diags.count > 0 ? diags.at[0].message : "no error");
    assert_non_null(molecule);
    assert_int_equal(diags.count, 0);
    return molecule;
}

/* ---- shape ---- */

static void brackets_dissolve(void **state)
{
    (void)state;
    struct molecule_builder builder = {0};
    builder_open(&builder, GENE_BRANCH, SPAN_NONE); /* of one item */
    builder_open(&builder, GENE_CHAIN, SPAN_NONE);
    builder_atom(&builder, layer("R", 8), NULL);
    builder_open(&builder, GENE_CHAIN, SPAN_NONE);
    builder_open(&builder, GENE_SUM, SPAN_NONE);
    builder_atom(&builder, layer("T", 4), NULL);
    builder_close(&builder);
    builder_atom(&builder, layer("G", 2), NULL);
    builder_close(&builder);
    builder_close(&builder);
    builder_close(&builder);
    struct molecule *molecule = finished(&builder);
    assert_int_equal(molecule->count, 4);
    assert_int_equal(molecule->genes[0].kind, GENE_CHAIN);
    assert_int_equal(molecule->genes[0].count, 3);
    assert_int_equal(molecule->genes[0].size, 4);
    assert_dna(molecule, "R8-T4-G2");
}

static void a_skip_of_one_stays(void **state)
{
    (void)state;
    struct molecule_builder builder = {0};
    builder_open(&builder, GENE_SKIP, SPAN_NONE);
    builder_open(&builder, GENE_SKIP, SPAN_NONE);
    builder_atom(&builder, layer("R", 8), NULL);
    builder_close(&builder);
    builder_close(&builder);
    assert_dna(finished(&builder), "~~R8");
}

static void composites_flatten_in_their_own_kind(void **state)
{
    (void)state;
    static const enum gene_kind kinds[] = {GENE_CHAIN, GENE_BRANCH, GENE_SUM, GENE_PRODUCT};
    static const char *const expected[] = {"R8*3", "(R8|R8|R8)", "(R8+R8+R8)", "(R8*R8*R8)"};
    for (size_t i = 0; i < 4; i++) {
        struct molecule_builder builder = {0};
        builder_open(&builder, kinds[i], SPAN_NONE);
        builder_open(&builder, kinds[i], SPAN_NONE);
        builder_atom(&builder, layer("R", 8), NULL);
        builder_atom(&builder, layer("R", 8), NULL);
        builder_close(&builder);
        builder_atom(&builder, layer("R", 8), NULL);
        builder_close(&builder);
        assert_dna(finished(&builder), expected[i]);
    }
}

/* ---- labels ---- */

/* relu(8) as h -> tanh(8) -> gelu(8) + h, as the evaluator builds it: the sum first, with a free label. */
static void free_labels_are_bound(void **state)
{
    (void)state;
    uint32_t h = label_fresh();
    struct molecule_builder builder = {0};
    builder_open(&builder, GENE_SUM, SPAN_NONE);
    builder_atom(&builder, layer("G", 8), NULL);
    builder_atom(&builder, tap(h), NULL);
    builder_close(&builder);
    struct molecule *sum = finished(&builder);
    assert_true(sum->free_labels);
    assert_int_equal(sum->labels, 0);
    assert_int_equal(sum->genes[2].label, h);
    builder_open(&builder, GENE_CHAIN, SPAN_NONE);
    builder_atom(&builder, layer("R", 8), NULL);
    builder_label(&builder, h);
    builder_atom(&builder, layer("T", 8), NULL);
    builder_copy(&builder, sum, 0);
    builder_close(&builder);
    struct molecule *molecule = finished(&builder);
    assert_false(molecule->free_labels);
    assert_int_equal(molecule->labels, 1);
    assert_int_equal(molecule->genes[1].label, 1);
    struct molecule *same = decoded("R8:x-T8-(G8+:x)");
    assert_true(molecule_equal(molecule, same));
    molecule_release(same);
    molecule_release(sum);
    assert_dna(molecule, "R8:a-T8-(G8+:a)");
}

/* (A as g -> B as k) as h: three names, two stages. */
static void names_of_one_stage_merge(void **state)
{
    (void)state;
    uint32_t g = label_fresh(), k = label_fresh(), h = label_fresh();
    struct molecule_builder builder = {0};
    builder_open(&builder, GENE_CHAIN, SPAN_NONE);
    builder_open(&builder, GENE_CHAIN, SPAN_NONE);
    builder_atom(&builder, layer("R", 8), NULL);
    builder_label(&builder, g);
    builder_atom(&builder, layer("T", 8), NULL);
    builder_label(&builder, k);
    builder_label(&builder, label_fresh());
    builder_close(&builder);
    builder_label(&builder, h);
    builder_open(&builder, GENE_SUM, SPAN_NONE);
    builder_atom(&builder, tap(k), NULL);
    builder_atom(&builder, tap(h), NULL);
    builder_atom(&builder, tap(g), NULL);
    builder_close(&builder);
    builder_close(&builder);
    assert_dna(finished(&builder), "R8:a-T8:b-(:b+:b+:a)");
}

/* A label of a stage that is a tap names what the tap names; a free one stays free. */
static void a_tap_passes_its_name_on(void **state)
{
    (void)state;
    uint32_t h = label_fresh(), k = label_fresh();
    for (int bound = 0; bound < 2; bound++) {
        struct molecule_builder builder = {0};
        builder_open(&builder, GENE_CHAIN, SPAN_NONE);
        builder_atom(&builder, layer("R", 8), NULL);
        if (bound)
            builder_label(&builder, h);
        builder_atom(&builder, tap(h), NULL);
        builder_label(&builder, k);
        builder_atom(&builder, layer("T", 8), NULL);
        builder_atom(&builder, tap(k), NULL);
        builder_close(&builder);
        struct molecule *molecule = finished(&builder);
        assert_int_equal(molecule->free_labels, !bound);
        assert_int_equal(molecule->genes[4].label, bound ? 1 : h);
        assert_dna(molecule, bound ? "R8:a-:a-T8-:a" : "R8-:open-T8-:open");
    }
}

static void labels_end_with_their_bracket(void **state)
{
    (void)state;
    uint32_t h = label_fresh();
    for (int own = 0; own < 2; own++) {
        struct molecule_builder builder = {0};
        struct diags diags = {0};
        uint32_t label = own ? builder_new_label(&builder) : h;
        builder_open(&builder, GENE_CHAIN, SPAN_NONE);
        builder_open(&builder, GENE_SKIP, SPAN_NONE);
        builder_open(&builder, GENE_CHAIN, SPAN_NONE);
        builder_atom(&builder, layer("R", 8), NULL);
        builder_label(&builder, label);
        builder_atom(&builder, layer("R", 8), NULL);
        builder_close(&builder);
        builder_close(&builder);
        builder_atom(&builder, tap(label), NULL);
        builder_close(&builder);
        struct molecule *molecule = builder_finish(&builder, SPAN_NONE, &diags);
        if (own) {
            assert_null(molecule);
            assert_diag(&diags, "would leave a tap undefined");
        } else {
            assert_true(molecule->free_labels);
            assert_dna(molecule, "~(R8*2)-:open");
        }
    }
}

static void copies_rename_labels_apart(void **state)
{
    (void)state;
    struct molecule *part = decoded("R8:a-T8-(G8+:a)");
    struct molecule_builder builder = {0};
    builder_open(&builder, GENE_BRANCH, SPAN_NONE);
    builder_copy(&builder, part, 0);
    builder_open(&builder, GENE_CHAIN, SPAN_NONE);
    builder_copy(&builder, part, 0);
    builder_copy(&builder, part, 0);
    builder_close(&builder);
    builder_close(&builder);
    struct molecule *molecule = finished(&builder);
    assert_int_equal(molecule->labels, 3);
    assert_dna(molecule, "((R8:a-T8-(G8+:a))|(R8:b-T8-(G8+:b))*2)");
    builder_copy(&builder, part, 3);
    molecule = finished(&builder);
    assert_int_equal(molecule->genes[2].label, SLICE_LABEL(1));
    molecule_release(molecule);
    molecule_release(part);
}

static void spans_and_origins_are_not_compared(void **state)
{
    (void)state;
    struct gene gene = layer("R", 8);
    struct diags diags = {0};
    struct molecule *a = molecule_atom(gene, NULL, SPAN_NONE, &diags);
    gene.span = (struct span){3, 4, 5};
    gene.origin = 9;
    struct molecule *b = molecule_atom(gene, NULL, SPAN_NONE, &diags);
    assert_true(molecule_equal(a, b));
    assert_int_equal(a->hash, b->hash);
    assert_int_equal(b->genes[0].origin, 9);
    assert_ptr_equal(molecule_retain(a), a);
    molecule_release(a);
    molecule_release(a);
    molecule_release(b);
    molecule_release(NULL);
}

/* The hash names stored results: it is the same on every machine and in every version. */
static void the_hash_is_fixed(void **state)
{
    (void)state;
    struct molecule *molecule = decoded("I2-Bn:a-D%10-(Ln+:a)-Gt[0..2]-O3[bias=0,head=step]");
    assert_int_equal(molecule->hash, UINT64_C(0x7c0153e0fd44f54a));
    molecule_release(molecule);
}

/* ---- limits and misuse ---- */

static void limits_are_told(void **state)
{
    (void)state;
    struct diags diags = {0};
    struct molecule_builder builder = {0};
    builder_open(&builder, GENE_CHAIN, SPAN_NONE);
    for (int i = 0; i < LIMIT_GENES; i++)
        builder_atom(&builder, layer("R", 8), NULL);
    builder_close(&builder);
    assert_null(builder_finish(&builder, SPAN_NONE, &diags));
    assert_diag(&diags, "this molecule is too large");
    for (int i = 0; i <= LIMIT_MOLECULE_DEPTH; i++)
        builder_open(&builder, GENE_SKIP, SPAN_NONE);
    builder_atom(&builder, layer("R", 8), NULL);
    for (int i = 0; i <= LIMIT_MOLECULE_DEPTH; i++)
        builder_close(&builder);
    assert_null(builder_finish(&builder, SPAN_NONE, &diags));
    assert_diag(&diags, "this molecule is nested too deeply");
    for (int i = 0; i < 100000; i++)
        builder_open(&builder, GENE_CHAIN, SPAN_NONE);
    builder_atom(&builder, layer("R", 8), NULL);
    for (int i = 0; i < 100000; i++)
        builder_close(&builder);
    assert_null(builder_finish(&builder, SPAN_NONE, &diags));
    assert_diag(&diags, "this molecule is nested too deeply");
    builder_atom(&builder, layer("R", 8), NULL);
    for (int i = 0; i < 100000; i++)
        builder_label(&builder, label_fresh());
    assert_null(builder_finish(&builder, SPAN_NONE, &diags));
    assert_diag(&diags, "this molecule is nested too deeply");
}

/* One error, whatever else is wrong too. */
static void a_molecule_has_one_error(void **state)
{
    (void)state;
    struct diags diags = {0};
    const char *dna = "(O3-R8)*40000-T8*40000";
    assert_null(decode_len(dna, strlen(dna), &diags));
    assert_diag(&diags, "this molecule is too large");
}

static void misuse_is_told(void **state)
{
    (void)state;
    struct diags diags = {0};
    struct molecule_builder builder = {0};
    assert_null(builder_finish(&builder, SPAN_NONE, &diags));
    assert_diag(&diags, "one gene or one bracket");
    builder_open(&builder, GENE_CHAIN, SPAN_NONE);
    builder_close(&builder);
    assert_null(builder_finish(&builder, SPAN_NONE, &diags));
    assert_diag(&diags, "a bracket needs at least one gene");
    builder_open(&builder, GENE_CHAIN, SPAN_NONE);
    builder_atom(&builder, layer("R", 8), NULL);
    assert_null(builder_finish(&builder, SPAN_NONE, &diags));
    assert_diag(&diags, "one gene or one bracket");
    builder_atom(&builder, layer("R", 8), NULL);
    builder_atom(&builder, layer("R", 8), NULL);
    assert_null(builder_finish(&builder, SPAN_NONE, &diags));
    assert_diag(&diags, "one gene or one bracket");
    assert_null(molecule_atom(layer("R", 0), NULL, SPAN_NONE, &diags));
    assert_diag(&diags, "a width is from 1 to 1_000_000");
    struct gene gene = layer("R", 8);
    gene.traits.density = 2;
    assert_null(molecule_atom(gene, NULL, SPAN_NONE, &diags));
    assert_diag(&diags, "`density` is from");
    gene = gene_of(GENE_DROPOUT, SPAN_NONE);
    gene.rate = NAN;
    assert_null(molecule_atom(gene, NULL, SPAN_NONE, &diags));
    assert_diag(&diags, "dropout drops");
    assert_null(molecule_atom(gene_of(GENE_GATHER, SPAN_NONE), NULL, SPAN_NONE, &diags));
    assert_diag(&diags, "at least one index");
}

static void large_molecules_are_quick(void **state)
{
    (void)state;
    struct molecule_builder builder = {0};
    double before = clock_seconds();
    uint32_t first = label_fresh(), last = first;
    builder_open(&builder, GENE_CHAIN, SPAN_NONE);
    for (int i = 0; i < LIMIT_GENES / 5; i++) {
        builder_open(&builder, GENE_CHAIN, SPAN_NONE);
        builder_atom(&builder, layer("R", 8), NULL);
        builder_label(&builder, last = i == 0 ? first : label_fresh());
        builder_open(&builder, GENE_SUM, SPAN_NONE);
        builder_atom(&builder, tap(last), NULL);
        builder_atom(&builder, tap(first), NULL);
        builder_close(&builder);
        builder_close(&builder);
    }
    builder_close(&builder);
    struct molecule *molecule = finished(&builder);
    assert_int_equal(molecule->labels, LIMIT_GENES / 5);
    assert_true(clock_seconds() - before < 2); /* some hundredths; quadratic would be minutes */
    molecule_release(molecule);
}

/* ---- common shapes ---- */

static void repeats(void **state)
{
    (void)state;
    struct diags diags = {0};
    struct molecule *molecule = decoded("R8:a-T8-(G8+:a)");
    assert_dna(molecule_repeat(molecule, 3, &table, SPAN_NONE, &diags), "(R8:a-T8-(G8+:a))*3");
    struct molecule *once = molecule_repeat(molecule, 1, &table, SPAN_NONE, &diags);
    assert_ptr_equal(once, molecule);
    molecule_release(once);
    assert_dna(molecule_repeat(molecule, 0, &table, SPAN_NONE, &diags), "L");
    static const double bad[] = {-1, 2.5, NAN, INFINITY, 1e12, 20000};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_null(molecule_repeat(molecule, bad[i], &table, SPAN_NONE, &diags));
        assert_int_equal(diags.count, 1);
        diags_release(&diags);
    }
    struct elements none = {0};
    assert_null(molecule_repeat(molecule, 0, &none, SPAN_NONE, &diags));
    assert_diag(&diags, "`linear`");
    molecule_release(molecule);
    molecule = decoded("I2-R8");
    assert_null(molecule_repeat(molecule, 2, &table, SPAN_NONE, &diags));
    assert_diag(&diags, "an input can only be the first stage");
    molecule_release(molecule);
    molecule = decoded("R8");
    assert_dna(molecule_repeat(molecule, LIMIT_GENES - 1, &table, SPAN_NONE, &diags), "R8*99999");
    molecule_release(molecule);
}

static void combinations(void **state)
{
    (void)state;
    struct diags diags = {0};
    const struct molecule *parts[] = {decoded("R8-T8"), decoded("(G8|S8)")};
    assert_dna(molecule_combine(GENE_BRANCH, parts, 2, SPAN_NONE, &diags), "((R8-T8)|G8|S8)");
    assert_dna(molecule_combine(GENE_CHAIN, parts, 2, SPAN_NONE, &diags), "R8-T8-(G8|S8)");
    assert_dna(molecule_combine(GENE_SUM, parts, 2, SPAN_NONE, &diags), "((R8-T8)+(G8|S8))");
    assert_dna(molecule_combine(GENE_PRODUCT, parts, 2, SPAN_NONE, &diags), "((R8-T8)*(G8|S8))");
    assert_dna(molecule_combine(GENE_SKIP, parts, 1, SPAN_NONE, &diags), "~(R8-T8)");
    molecule_release(parts[0]);
    molecule_release(parts[1]);
}

static void assert_ends(const char *dna, bool input, bool output, const char *body, const char *with_output)
{
    struct diags diags = {0};
    struct molecule *molecule = decoded(dna);
    struct gene out = gene_of(GENE_OUTPUT, SPAN_NONE);
    out.width = 5;
    assert_int_equal(molecule_input(molecule) != NULL, input);
    assert_int_equal(molecule_output(molecule) != NULL, output);
    assert_dna(molecule_body(molecule, &table, &diags), body);
    assert_dna(molecule_with_output(molecule, out, &diags), with_output);
    assert_int_equal(diags.count, 0);
    molecule_release(molecule);
}

static void ends(void **state)
{
    (void)state;
    assert_ends("R8", false, false, "R8", "R8-O5");
    assert_ends("O3", false, true, "L", "O5");
    assert_ends("I2", true, false, "I2", "I2-O5");
    assert_ends("I2-O3", true, true, "I2", "I2-O5");
    assert_ends("I2-R8:a-T8-(G8+:a)-O3", true, true, "I2-R8:a-T8-(G8+:a)", "I2-R8:a-T8-(G8+:a)-O5");
    assert_ends("(R8|T8)-O3[head=step]", false, true, "(R8|T8)", "(R8|T8)-O5");
    assert_ends("~R8", false, false, "~R8", "~R8-O5");
    assert_ends("R8-(L3+(Gt[1]-L3))-H[head=softmax]", false, true, "R8-(L3+(Gt[1]-L3))", "R8-(L3+(Gt[1]-L3))-O5");
    assert_ends("H", false, true, "L", "O5");
}

/* ---- properties ---- */

struct growing {
    struct random random;
    struct molecule_builder builder;
    uint32_t labels[64];
    size_t label_count;
};

static void add_random(struct growing *growing, unsigned depth)
{
    struct random *random = &growing->random;
    double draw = random_unit(random);
    if (draw < 0.15 && growing->label_count > 0) {
        builder_atom(&growing->builder, tap(growing->labels[random_below(random, (uint32_t)growing->label_count)]), NULL);
    } else if (depth == 0 || draw < 0.5) {
        builder_atom(&growing->builder, layer(draw < 0.3 ? "R" : "T", 8), NULL);
    } else {
        enum gene_kind kind = (enum gene_kind)(GENE_CHAIN + random_below(random, 5));
        kind = draw < 0.7 ? GENE_CHAIN : kind;
        uint32_t count = kind == GENE_SKIP ? 1 : 1 + random_below(random, 4);
        builder_open(&growing->builder, kind, SPAN_NONE);
        while (count-- > 0)
            add_random(growing, depth - 1);
        builder_close(&growing->builder);
    }
    if (random_below(random, 8) == 0)
        builder_repeat(&growing->builder, 1 + random_below(random, 3));
    for (int i = 0; i < 2 && random_below(random, 4) == 0 && growing->label_count < 64; i++) {
        growing->labels[growing->label_count] = label_fresh();
        builder_label(&growing->builder, growing->labels[growing->label_count++]);
    }
}

/* Every array is canonical: sizes add up, nothing could be flatter, labels are numbered as their stages end, each in use. */
static void check_canonical(const struct molecule *molecule, uint32_t at, uint32_t *labels)
{
    const struct gene *gene = &molecule->genes[at];
    uint32_t children = 0, child = at + 1;
    for (; gene_kind_composite(gene->kind) && child < at + gene->size; child += molecule->genes[child].size, children++) {
        assert_false(gene_kind_flattens(gene->kind) && molecule->genes[child].kind == gene->kind);
        check_canonical(molecule, child, labels);
        if (molecule->genes[child].kind != GENE_TAP && molecule->genes[child].label != 0) {
            assert_int_equal(gene->kind, GENE_CHAIN);
            assert_int_equal(molecule->genes[child].label, ++*labels);
        }
    }
    assert_int_equal(children, gene->count);
    assert_int_equal(child, at + gene->size);
    assert_true(!gene_kind_flattens(gene->kind) || children > 1);
    if (gene->kind == GENE_TAP && gene->label < FREE_LABEL)
        assert_in_range(gene->label, 1, *labels);
}

static void random_building_is_canonical(void **state)
{
    (void)state;
    static struct growing growing;
    size_t closed = 0, tapped = 0;
    growing.random = random_stream(6, RANDOM_TEST, 0);
    for (int i = 0; i < 100000; i++) {
        growing.label_count = 0;
        add_random(&growing, 4);
        struct molecule *molecule = finished(&growing.builder);
        uint32_t labels = 0;
        check_canonical(molecule, 0, &labels);
        assert_int_equal(labels, molecule->labels);
        struct molecule_builder builder = {0};
        builder_copy(&builder, molecule, 0);
        struct molecule *copy = finished(&builder);
        assert_true(molecule_equal(copy, molecule));
        assert_int_equal(copy->hash, molecule->hash);
        molecule_release(copy);
        if (!molecule->free_labels) {
            struct text text = {0};
            dna_encode(molecule, &text);
            struct molecule *back = decoded(text_chars(&text));
            if (!molecule_equal(back, molecule))
                fail_msg("`%s` reads as another molecule than the one it was printed from", text_chars(&text));
            molecule_release(back);
            text_release(&text);
            closed++;
            tapped += molecule->labels > 0;
        }
        molecule_release(molecule);
    }
    assert_true(closed > 50000);
    assert_true(tapped > 3000);
}

static void memory_may_fail_anywhere(void **state)
{
    (void)state;
    struct molecule *part = decoded("R8:a-T8-(Gt[1,2]+:a)");
    struct molecule *result = NULL;
    for (long n = 0; n < 100 && !result; n++) {
        struct diags diags = {0};
        mem_fail_after(n);
        result = molecule_repeat(part, 5, &table, SPAN_NONE, &diags);
        mem_fail_after(-1);
        assert_true(result || diags.count > 0 || diags.overflowed);
        diags_release(&diags);
    }
    assert_dna(result, "(R8:a-T8-(Gt[1,2]+:a))*5");
    molecule_release(part);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(brackets_dissolve),
        cmocka_unit_test(a_skip_of_one_stays),
        cmocka_unit_test(composites_flatten_in_their_own_kind),
        cmocka_unit_test(free_labels_are_bound),
        cmocka_unit_test(names_of_one_stage_merge),
        cmocka_unit_test(a_tap_passes_its_name_on),
        cmocka_unit_test(labels_end_with_their_bracket),
        cmocka_unit_test(copies_rename_labels_apart),
        cmocka_unit_test(spans_and_origins_are_not_compared),
        cmocka_unit_test(the_hash_is_fixed),
        cmocka_unit_test(limits_are_told),
        cmocka_unit_test(a_molecule_has_one_error),
        cmocka_unit_test(misuse_is_told),
        cmocka_unit_test(large_molecules_are_quick),
        cmocka_unit_test(repeats),
        cmocka_unit_test(combinations),
        cmocka_unit_test(ends),
        cmocka_unit_test(random_building_is_canonical),
        cmocka_unit_test(memory_may_fail_anywhere),
    };
    return cmocka_run_group_tests(tests, bench_setup, bench_teardown);
}
