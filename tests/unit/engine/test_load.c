/* Samples on their way into rows: what is loaded in the course of ops is what would have been loaded at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "table.h"

#include "engine/load.h"
#include "engine/simd.h"
#include "engine/workspace.h"
#include "molecule/dna.h"
#include "support/random.h"

enum { SAMPLES = 240, MOST_WIDTH = 70, MOST_COUNT = 80 };

static float *some_data(size_t width)
{
    struct random random = random_stream(3, RANDOM_TEST, 0);
    float *x = mem_floats(SAMPLES * width);
    assert_non_null(x);
    for (size_t i = 0; i < SAMPLES * width; i++)
        x[i] = (float)random_unit(&random);
    return x;
}

static void check(const float *to, const float *x, const uint32_t *rows, size_t width, size_t count)
{
    const size_t stride = lanes_round(count);
    for (size_t f = 0; f < width; f++)
        for (size_t s = 0; s < stride; s++) {
            const size_t sample = s < count ? s : 0;
            assert_true(to[f * stride + s] == x[(rows ? rows[sample] : sample) * width + f]);
        }
}

/* Widths and counts with and without a rest, in one go and in parts of every size that a crew might make of an op. */
static void test_tiles(void **state)
{
    (void)state;
    const uint32_t widths[] = {1, 15, 16, 17, 64, MOST_WIDTH}, counts[] = {1, 16, 33, 64, MOST_COUNT};
    const float *samples[MOST_COUNT];
    uint32_t rows[MOST_COUNT];
    for (uint32_t i = 0; i < MOST_COUNT; i++)
        rows[i] = (37 * i + 5) % SAMPLES;
    for (size_t w = 0; w < sizeof widths / sizeof *widths; w++)
        for (size_t c = 0; c < sizeof counts / sizeof *counts; c++)
            for (size_t parts = 0; parts < 12; parts++) {
                const uint32_t width = widths[w], count = counts[c], *which = parts % 2 ? rows : NULL;
                float *x = some_data(width), *to = mem_floats(width * lanes_round(count));
                const struct load load = load_of(x, which, width, count, samples, to);
                const size_t tiles = load_tiles(&load), half = tiles / 2;
                load_run(&load, 0, parts ? half : tiles);
                const struct load_share share = {&load, half, tiles};
                for (size_t first = 0; first < parts; first += 3) {
                    struct load_cursor cursor = load_begin(&share, first, parts);
                    for (size_t part = first; part < parts && part < first + 3; part++)
                        load_part(&cursor);
                }
                check(to, x, which, width, count);
                mem_free_floats(x);
                mem_free_floats(to);
            }
}

/* Layers that read the data load what comes next: beside each other, of every kernel, and of batches with a rest. */
static void test_loaded_ahead(void **state)
{
    (void)state;
    const char *const molecules[] = {"R100%5-O4[head=softmax]", "R64-O4[head=softmax]", "(R40%10+R40%20)-O4[head=softmax]",
                                     "D%50-R100%5-O4[head=softmax]"};
    const uint32_t counts[] = {64, 64, 40, 64, 7};
    for (size_t m = 0; m < sizeof molecules / sizeof *molecules; m++) {
        struct diags diags = {0};
        struct molecule *molecule = dna_decode(str_of(molecules[m]), &elements, SPAN_NONE, &diags);
        assert_non_null(molecule);
        struct model *model = model_create(molecule, MOST_WIDTH, NULL, 7, &diags);
        assert_non_null(model);
        struct workspace workspace;
        assert_true(workspace_init(&workspace, model->plan, 64, true));
        workspace.params = workspace.running = model->params;
        float *x = some_data(MOST_WIDTH);
        uint32_t rows[SAMPLES], at = 0;
        for (uint32_t i = 0; i < SAMPLES; i++)
            rows[i] = (37 * i + 5) % SAMPLES;
        for (size_t k = 0; k < sizeof counts / sizeof *counts; k++) {
            workspace_load(&workspace, x, rows + at, counts[k]);
            if (k + 1 < sizeof counts / sizeof *counts)
                workspace_load_ahead(&workspace, x, rows + at + counts[k], counts[k + 1]);
            check(workspace_row(&workspace, model->plan->ops[0].value), x, rows + at, MOST_WIDTH, counts[k]);
            workspace_forward(&workspace);
            if (k != 1) /* what an op did not load is loaded when its turn comes */
                workspace_backward(&workspace, false);
            check(workspace_row(&workspace, model->plan->ops[0].value), x, rows + at, MOST_WIDTH, counts[k]);
            at += counts[k];
        }
        workspace_load(&workspace, x, NULL, 9); /* other samples than were announced */
        workspace_load_ahead(&workspace, x, rows, 64);
        workspace_load(&workspace, x, rows + 1, 64);
        check(workspace_row(&workspace, model->plan->ops[0].value), x, rows + 1, MOST_WIDTH, 64);
        mem_free_floats(x);
        workspace_release(&workspace);
        model_release(model);
        molecule_release(molecule);
        diags_release(&diags);
    }
}

/* Whichever block of a workspace that loads ahead there is no memory for. */
static void test_memory_may_end(void **state)
{
    (void)state;
    struct diags diags = {0};
    struct molecule *molecule = dna_decode(str_of("R100%5-O4[head=softmax]"), &elements, SPAN_NONE, &diags);
    assert_non_null(molecule);
    struct model *model = model_create(molecule, MOST_WIDTH, NULL, 7, &diags);
    assert_non_null(model);
    long blocks = 0;
    for (bool whole = false; !whole; blocks++) {
        struct workspace workspace;
        mem_fail_after(blocks);
        whole = workspace_init(&workspace, model->plan, 64, true);
        mem_fail_after(-1);
        assert_true(!whole || (workspace.inputs && workspace.spare && workspace.samples));
        workspace_release(&workspace);
    }
    assert_in_range(blocks, 8, 20);
    model_release(model);
    molecule_release(molecule);
    diags_release(&diags);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_tiles), cmocka_unit_test(test_loaded_ahead),
                                       cmocka_unit_test(test_memory_may_end)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
