/* What a training costs, told before it. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "engine/cost.h"
#include "molecule/molecule.h"
#include "support/memory.h"

enum { WIDTH = 20, OUTPUTS = 5, MOST = 4096 };
static float x[MOST * WIDTH], y[MOST * OUTPUTS];

static struct prepared data_of(uint32_t count)
{
    struct samples samples = {.count = count, .width = WIDTH, .outputs = OUTPUTS, .x = x, .y = y};
    return (struct prepared){.train = samples};
}

/* A linear layer, which is an output as well. */
static struct molecule *network(void)
{
    struct diags diags = {0};
    struct gene output = gene_of(GENE_OUTPUT, SPAN_NONE);
    output.width = OUTPUTS;
    output.head = HEAD_LINEAR;
    struct molecule *molecule = molecule_atom(output, NULL, SPAN_NONE, &diags);
    assert_non_null(molecule);
    return molecule;
}

static void test_figures(void **unused)
{
    (void)unused;
    struct molecule *molecule = network();
    struct train_options options = train_options_default();
    struct prepared data = data_of(1000);
    struct diags diags = {0};
    struct cost cost, longer;
    data.validation = data.train;
    data.validation.count = 200;
    assert_true(cost_of(molecule, &data, &options, &cost, &diags));
    assert_true(cost.params == (WIDTH + 1) * OUTPUTS);
    const double forward = 2.0 * WIDTH * OUTPUTS; /* at the least: a multiply-add counts as two */
    assert_true(cost.epoch_flops >= forward * 3200 && cost.epoch_flops < 1.2 * forward * 3200);
    assert_true(cost.data_bytes == 1200.0 * (WIDTH + OUTPUTS) * sizeof(float));
    assert_true(cost.bytes > 4 * cost.params * sizeof(float));
    options.batch = 256; /* activations of more samples at once */
    assert_true(cost_of(molecule, &data, &options, &longer, &diags));
    assert_true(longer.bytes > cost.bytes);
    molecule_release(molecule);
}

/* Ten times as many samples take about ten times as long; how exactly, on a busy machine, is nobody's promise. */
static void test_measure(void **unused)
{
    (void)unused;
    struct molecule *molecule = network();
    struct train_options options = train_options_default();
    struct diags diags = {0};
    struct cost cost;
    struct prepared few = data_of(400), many = data_of(4000), none = data_of(0);
    assert_true(cost_of(molecule, &few, &options, &cost, &diags));
    const double first = cost_measure(molecule, &few, &options, &cost);
    assert_true(cost_of(molecule, &many, &options, &cost, &diags));
    const double second = cost_measure(molecule, &many, &options, &cost);
    assert_true(first > 0 && second > first && second < 200 * first);
    assert_true(cost_measure(molecule, &none, &options, &cost) == 0);
    /* what is too large to be tried goes by the throughput of a large layer */
    cost.epoch_flops = 1e18;
    const double ages = cost_measure(molecule, &many, &options, &cost);
    assert_true(ages > 1e4 && isfinite(ages));
    molecule_release(molecule);
}

static void test_out_of_memory(void **unused)
{
    (void)unused;
    struct molecule *molecule = network();
    struct train_options options = train_options_default();
    struct prepared data = data_of(64);
    bool well = false;
    for (long allocation = 0; !well; allocation++) {
        struct diags diags = {0};
        struct cost cost;
        mem_fail_after(allocation);
        well = cost_of(molecule, &data, &options, &cost, &diags);
        mem_fail_after(-1);
        assert_true(well || diags.errors > 0);
        diags_release(&diags);
    }
    struct diags diags = {0};
    struct cost cost;
    assert_true(cost_of(molecule, &data, &options, &cost, &diags));
    for (long allocation = 0; allocation < 40; allocation++) {
        mem_fail_after(allocation);
        const double seconds = cost_measure(molecule, &data, &options, &cost);
        mem_fail_after(-1);
        assert_true(isnan(seconds) || seconds > 0);
    }
    molecule_release(molecule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_figures),
        cmocka_unit_test(test_measure),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
