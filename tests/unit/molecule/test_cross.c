/* Crossing: children of two molecules, and distances between molecules. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "bench.h"
#include "molecule/cross.h"

static bool stage_of(const struct molecule *molecule, const struct molecule *child, uint32_t gene)
{
    const uint32_t size = child->genes[gene].size;
    for (uint32_t i = 0; i + size <= molecule->count; i++) {
        bool same = molecule->genes[i].size == size;
        for (uint32_t k = 0; same && k < size; k++)
            same = gene_equal(&molecule->genes[i + k], molecule->indices, &child->genes[gene + k], child->indices);
        if (same)
            return true;
    }
    return false;
}

/* The child of stages drawn one way or the other. */
static struct molecule *crossed(bool (*draw)(const struct couple *couple, struct random *random, cross_parts *parts),
                                const struct couple *couple, struct random *random, struct diags *diags)
{
    cross_parts parts = {0};
    struct molecule *child = draw(couple, random, &parts) ? molecule_of_parts(couple, &parts, diags) : NULL;
    vec_release(&parts);
    return child;
}

/* Every gene comes from where its origin says. */
static void check_child(const struct couple *couple, const struct molecule *child)
{
    struct text text = {0};
    for (uint32_t i = 0; i < child->count; i++) {
        const uint32_t origin = child->genes[i].origin;
        if (origin == 0) {
            assert_int_equal(i, 0); /* the chain around all */
            continue;
        }
        const bool first = origin <= couple->a->count;
        const struct molecule *parent = first ? couple->a : couple->b;
        assert_true(origin <= couple->a->count + couple->b->count);
        assert_true(gene_equal(&child->genes[i], child->indices, &parent->genes[origin - 1 - (first ? 0 : couple->a->count)],
                               parent->indices));
    }
    dna_encode(child, &text);
    struct molecule *back = decoded(text_chars(&text));
    assert_true(molecule_equal(child, back));
    molecule_release(back);
    text_release(&text);
}

static void children_are_molecules(void **state)
{
    (void)state;
    static struct writer writer;
    size_t made = 0, none = 0;
    writer.random = random_stream(8, RANDOM_TEST, 0);
    for (int i = 0; i < 20000; i++) {
        struct diags diags = {0};
        struct couple couple = {.a = decoded(random_dna(&writer, 3))};
        couple.b = decoded(random_dna(&writer, 3));
        struct molecule *child = crossed(cross_splice, &couple, &writer.random, &diags);
        if (child)
            check_child(&couple, child);
        made += child != NULL;
        none += child == NULL;
        assert_int_equal(diags.count, 0);
        molecule_release(child);
        molecule_release(couple.a);
        molecule_release(couple.b);
    }
    assert_true(made > 15000 && none > 10);
}

/* Descent tells which stages may be exchanged: numbers by hand. */
static void uniform_crossing_exchanges_what_is_aligned(void **state)
{
    (void)state;
    const uint64_t a_ancestry[] = {0, 1, 2, 3, 4}, b_ancestry[] = {0, 9, 2, 8, 4};
    struct couple couple = {decoded("R2-R3-R4-R5"), decoded("T2-T3-T4-T5"), a_ancestry, b_ancestry};
    struct random random = random_stream(1, RANDOM_TEST, 2);
    static const char *const possible[] = {"R2-R3-R4-R5", "R2-T3-R4-R5", "R2-R3-R4-T5", "R2-T3-R4-T5"};
    int seen[4] = {0};
    struct diags diags = {0};
    for (int i = 0; i < 400; i++) {
        struct molecule *child = crossed(cross_uniformly, &couple, &random, &diags);
        struct text text = {0};
        assert_non_null(child);
        dna_encode(child, &text);
        int which = 0;
        while (which < 4 && strcmp(text_chars(&text), possible[which]) != 0)
            which++;
        assert_true(which < 4);
        seen[which]++;
        text_release(&text);
        molecule_release(child);
    }
    for (int i = 0; i < 4; i++)
        assert_true(seen[i] > 50);
    couple.a_ancestry = NULL; /* nothing is known to be aligned */
    struct molecule *child = crossed(cross_uniformly, &couple, &random, &diags);
    assert_true(molecule_equal(child, couple.a));
    assert_true(stage_of(couple.a, child, 1));
    molecule_release(child);
    molecule_release(couple.a);
    molecule_release(couple.b);
}

static void taps_stay_bound_or_the_child_is_none(void **state)
{
    (void)state;
    struct couple couple = {.a = decoded("R8:h-T8-(G8+:h)"), .b = decoded("S4:k-L4-(:k+S4)")};
    struct random random = random_stream(2, RANDOM_TEST, 3);
    struct diags diags = {0};
    size_t none = 0, tapped = 0;
    for (int i = 0; i < 300; i++) {
        struct molecule *child = crossed(cross_splice, &couple, &random, &diags);
        none += child == NULL;
        if (child) {
            assert_false(child->free_labels);
            tapped += child->labels > 0;
            check_child(&couple, child);
        }
        molecule_release(child);
    }
    assert_int_equal(diags.count, 0);
    assert_true(none > 20 && tapped > 20);
    molecule_release(couple.a);
    molecule_release(couple.b);
}

static void assert_distance(const char *a, const char *b, double expected)
{
    struct molecule *left = decoded(a), *right = decoded(b);
    const double distance = molecule_distance(left, right);
    if (fabs(distance - expected) > 1e-12)
        fail_msg("`%s` and `%s` are %g apart, not %g", a, b, distance, expected);
    assert_true(molecule_distance(right, left) == distance);
    molecule_release(left);
    molecule_release(right);
}

static void distances(void **state)
{
    (void)state;
    assert_distance("R4", "R4", 0);
    assert_distance("R4", "T4", 1);
    assert_distance("R4", "R8", 0.5);
    assert_distance("R4-T4", "T4-R4", 0);
    assert_distance("R4-T4", "R4-T4-S2", 1 - 2 * 2.5 / 7); /* chains of two and of three are half equal */
    assert_distance("R4%50", "R4", 0.5);
    static struct writer writer;
    writer.random = random_stream(9, RANDOM_TEST, 0);
    for (int i = 0; i < 3000; i++) {
        struct molecule *a = decoded(random_dna(&writer, 3)), *b = decoded(random_dna(&writer, 3));
        const double distance = molecule_distance(a, b);
        assert_true(distance >= 0 && distance <= 1);
        assert_true(fabs(distance - molecule_distance(b, a)) < 1e-12);
        assert_true(fabs(molecule_distance(a, a)) < 1e-12);
        molecule_release(a);
        molecule_release(b);
    }
}

static void memory_may_fail_anywhere(void **state)
{
    (void)state;
    struct couple couple = {.a = decoded("R8-T8-(G8|L2)"), .b = decoded("S4-L4-(L3+S3)")};
    for (long n = 0; n < 60; n++) {
        struct random random = random_stream(5, RANDOM_TEST, (uint64_t)n);
        struct diags diags = {0};
        mem_fail_after(n);
        struct molecule *child = crossed(cross_splice, &couple, &random, &diags);
        const double distance = molecule_distance(couple.a, couple.b);
        mem_fail_after(-1);
        assert_true(distance >= 0 && distance <= 1);
        diags_release(&diags);
        molecule_release(child);
    }
    molecule_release(couple.a);
    molecule_release(couple.b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(children_are_molecules),
        cmocka_unit_test(uniform_crossing_exchanges_what_is_aligned),
        cmocka_unit_test(taps_stay_bound_or_the_child_is_none),
        cmocka_unit_test(distances),
        cmocka_unit_test(memory_may_fail_anywhere),
    };
    return cmocka_run_group_tests(tests, bench_setup, bench_teardown);
}
