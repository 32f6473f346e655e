/* One density for a whole network: totals, proportions, layers that are full, and the ends that only the data knows. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>

#include "bench.h"
#include "molecule/graph.h"

/* The molecule of `dna` with its densities settled for so many inputs; released by the caller. */
static struct molecule *settled(const char *dna, uint32_t inputs)
{
    struct diags diags = {0};
    struct molecule *molecule = decoded(dna);
    struct molecule *after = molecule_settle_densities(molecule, inputs, &diags);
    assert_non_null(after);
    assert_int_equal(diags.count, 0);
    molecule_release(molecule);
    return after;
}

static double connections(const struct molecule *molecule, uint32_t inputs)
{
    struct diags diags = {0};
    struct graph *graph = graph_build(molecule, inputs, &diags);
    assert_non_null(graph);
    double all = 0;
    for (uint32_t i = 0; i < graph->count; i++)
        all += (double)graph->nodes[i].weights;
    graph_release(graph);
    return all;
}

/* LeNet-300-100 and the scaffold of structure_net. */
static void the_total_stays(void **state)
{
    (void)state;
    static const struct {
        const char *dna;
        double total;
    } nets[] = {{"R256%2[share=erk]-R128%2[share=erk]-O10%2[share=erk]", 0.02 * (784 * 256 + 256 * 128 + 128 * 10)},
                {"R300%10[share=erk]-R100%10[share=erk]-O10%10[share=erk]", 0.1 * (784 * 300 + 300 * 100 + 100 * 10)},
                {"R300%90[share=erk]-R100%90[share=erk]-O10%90[share=erk]", 0.9 * (784 * 300 + 300 * 100 + 100 * 10)}};
    for (size_t i = 0; i < sizeof nets / sizeof *nets; i++) {
        struct molecule *molecule = settled(nets[i].dna, 784);
        assert_true(fabs(connections(molecule, 784) / nets[i].total - 1) < 1e-3);
        for (uint32_t k = 0; k < molecule->count; k++)
            assert_int_equal(molecule->genes[k].traits.share, SHARE_UNIFORM);
        molecule_release(molecule);
    }
}

/* Densities are in proportion to (n + m) / (n m); the layer that says nothing keeps its own. */
static void small_layers_get_more(void **state)
{
    (void)state;
    struct molecule *molecule = settled("R256%2[share=erk]-R128%3-R64%2[share=erk]-O10%2[share=erk]", 784);
    const struct gene *first = &molecule->genes[1], *own = &molecule->genes[2], *third = &molecule->genes[3],
                      *last = &molecule->genes[4];
    double epsilon = first->traits.density * 784 * 256 / (784 + 256);
    assert_true(fabs(third->traits.density - epsilon * (128 + 64) / (128 * 64)) < 1e-4);
    assert_true(fabs(last->traits.density - epsilon * (64 + 10) / (64 * 10)) < 1e-4);
    assert_true(own->traits.density == 0.03);
    molecule_release(molecule);
}

/* What a full layer has no room for goes to the others. */
static void layers_fill_up(void **state)
{
    (void)state;
    struct molecule *molecule = settled("R100%30[share=erk]-O2%30[share=erk]", 100);
    assert_true(molecule->genes[2].traits.density == 1);
    assert_true(fabs(connections(molecule, 100) - 0.3 * (100 * 100 + 100 * 2)) <= 1);
    molecule_release(molecule);
    molecule = settled("R100%100[share=erk]-O2%100[share=erk]", 100);
    assert_true(connections(molecule, 100) == 100 * 100 + 100 * 2);
    molecule_release(molecule);
}

/* A wide layer's share can be less than a density may be. */
static void the_least_density_is_kept(void **state)
{
    (void)state;
    struct molecule *molecule = settled("R1000%1e-4[share=erk]-R1000%1e-4[share=erk]-O1%1e-4[share=erk]", 2);
    for (uint32_t i = 1; i < molecule->count; i++)
        assert_true(molecule->genes[i].traits.density >= 1e-6);
    molecule_release(molecule);
}

static void others_stay_as_they_are(void **state)
{
    (void)state;
    struct diags diags = {0};
    struct molecule *molecule = decoded("R8%50-O2");
    struct molecule *after = molecule_settle_densities(molecule, 3, &diags);
    assert_ptr_equal(molecule, after);
    molecule_release(after);
    molecule_release(molecule);
}

/* An output without a width is how a molecule ends, not what it is made of. */
static void loose_ends_are_dropped(void **state)
{
    (void)state;
    struct diags diags = {0};
    struct molecule *molecule = decoded("R8%50-O%50");
    struct molecule *part = molecule_part(molecule, true, false, &table, SPAN_NONE, &diags);
    assert_dna(part, "R8%50");
    struct molecule *whole = molecule_part(molecule, false, true, &table, SPAN_NONE, &diags);
    assert_dna(whole, "R8%50-O%50");
    molecule_release(molecule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_total_stays),         cmocka_unit_test(small_layers_get_more),
        cmocka_unit_test(layers_fill_up),          cmocka_unit_test(the_least_density_is_kept),
        cmocka_unit_test(others_stay_as_they_are), cmocka_unit_test(loose_ends_are_dropped),
    };
    return cmocka_run_group_tests(tests, bench_setup, bench_teardown);
}
