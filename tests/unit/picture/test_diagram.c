/* Diagrams of molecules: each sign in its place, what is too large elided with a count, and any allocation may fail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "molecule/any_molecule.h"
#include "picture/diagram.h"

static const struct plot_style usual = {.unicode = true};

/* The diagram of `dna` for so many inputs (0: without a graph); the caller releases it. */
static struct text diagram(const char *dna, uint32_t inputs, struct plot_style style)
{
    struct text out = {0};
    struct diags diags = {0};
    struct molecule *molecule = decoded(dna);
    struct graph *graph = inputs ? graph_build(molecule, inputs, &diags) : NULL;
    assert_int_equal(diags.count, 0);
    plot_molecule(&out, molecule, graph, style);
    graph_release(graph);
    molecule_release(molecule);
    return out;
}

static void assert_diagram(const char *dna, uint32_t inputs, struct plot_style style, const char *expected)
{
    struct text out = diagram(dna, inputs, style);
    assert_false(out.failed);
    assert_string_equal(text_chars(&out), expected);
    text_release(&out);
}

static void stages_branches_and_skips(void **state)
{
    (void)state;
    assert_diagram("T16-~Si16*2-(R16|G16)", 2, usual,
                   "     2 inputs                  parameters\n"
                   "        │\n"
                   "     tanh 16                           48\n"
                   "        │ 16\n"
                   "   ┌┄┄┄┄│┄┄ ×2 ┐\n"
                   "   ┆    ├────┐ ┆\n"
                   "   ┆ sine 16 │ ┆                  2 × 272\n"
                   "   ┆   (+)───┘ ┆\n"
                   "   └┄┄┄┄│┄┄┄┄┄┄┘\n"
                   "        │ 16\n"
                   "   ┌────┴────┐\n"
                   "relu 16   gelu 16               272 + 272\n"
                   "   └───(|)───┘\n"
                   "        │ 32\n");
    assert_diagram("I4-R8*3-~T4-D%10-O3", 4, usual,
                   "  4 inputs                       parameters\n"
                   "     │\n"
                   " relu 8 ×3                      40 + 2 × 72\n"
                   "     │ 8\n"
                   "     ├─────────┐\n"
                   "   tanh 4 projection                36 + 32\n"
                   "    (+)────────┘\n"
                   "     │ 4\n"
                   "dropout 10%\n"
                   "     │ 4\n"
                   "   out 3                                 15\n"
                   "     │ 3\n");
}

static void taps_by_name(void **state)
{
    (void)state;
    assert_diagram("(R8:h-T8-(G8+:h))*2-R8:k-:k", 8, usual,
                   " 8 inputs                      parameters\n"
                   "    │\n"
                   "┌┄┄┄│┄┄┄┄┄┄┄┄ ×2 ┐\n"
                   "┆ relu 8         ┆                 2 × 72\n"
                   "┆   │ 8          ┆\n"
                   "┆   ├─▸ a        ┆\n"
                   "┆ tanh 8         ┆                 2 × 72\n"
                   "┆   │ 8          ┆\n"
                   "┆   │            ┆\n"
                   "┆ gelu 8   tap a ┆                 2 × 72\n"
                   "┆  (+)───────┘   ┆\n"
                   "└┄┄┄│┄┄┄┄┄┄┄┄┄┄┄┄┘\n"
                   "    │ 8\n"
                   "  relu 8                               72\n"
                   "    │ 8\n"
                   "    └─▸ b\n"
                   "  tap b\n"
                   "    │ 8\n");
}

static void without_a_graph_or_unicode(void **state)
{
    (void)state;
    assert_diagram("R8-(T8*S)", 0, usual,
                   "     inputs\n"
                   "       │\n"
                   "     relu 8\n"
                   "       │\n"
                   "  ┌────┴────┐\n"
                   "tanh 8   sigmoid\n"
                   "  └───(*)───┘\n"
                   "       │\n");
    assert_diagram("~(R8-T8)*2", 8, (struct plot_style){0},
                   " 8 inputs                  parameters\n"
                   "    |\n"
                   "+...|.. x2 +\n"
                   ":   +----+ :\n"
                   ": relu 8 | :                   2 x 72\n"
                   ":   | 8  | :\n"
                   ": tanh 8 | :                   2 x 72\n"
                   ":  (+)---+ :\n"
                   "+...|......+\n"
                   "    | 8\n");
}

static size_t widest(const struct text *out, size_t *rows)
{
    size_t most = 0, start = 0;
    *rows = 0;
    for (size_t i = 0; i < out->len; i++)
        if (out->at[i] == '\n') {
            size_t columns = text_columns((struct str){out->at + start, i - start});
            most = columns > most ? columns : most;
            start = i + 1;
            ++*rows;
        }
    return most;
}

/* Whatever the molecule, the page is not wider than asked nor longer than a page, and says what is left out. */
static void large_ones_fit(void **state)
{
    (void)state;
    struct text dna = {0};
    static struct drawer drawer;
    drawer.random = random_stream(5, RANDOM_TEST, 0);
    for (int kind = 0; kind < 400; kind++) {
        text_clear(&dna);
        if (kind == 0)
            for (unsigned i = 0; i < 300; i++)
                text_addf(&dna, "%s(R%u-T%u)%s", i ? "|" : "(", i + 1, i + 2, i < 299 ? "" : ")");
        else if (kind == 1)
            for (unsigned i = 0; i < 3000; i++)
                text_addf(&dna, "%sR%u", i ? "-" : "", 1 + (i * 7919u + i / 90) % 197u);
        else if (kind == 2)
            text_add(&dna, "~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~R8");
        else
            spell_any(&drawer, draw_any(&drawer, 2 + (unsigned)kind % 3), &dna);
        struct text out = diagram(text_chars(&dna), kind < 3 ? 4 : 0, usual);
        size_t rows, columns = widest(&out, &rows);
        if (columns > 80 || rows > 103)
            fail_msg("`%s` takes %zu columns and %zu rows", text_chars(&dna), columns, rows);
        if (kind == 0)
            assert_non_null(strstr(text_chars(&out), " more …"));
        if (kind == 1)
            assert_non_null(strstr(text_chars(&out), "⋮ 2976 more stages"));
        if (kind == 2)
            assert_non_null(strstr(text_chars(&out), "(1 layer)"));
        text_release(&out);
    }
    text_release(&dna);
}

static void memory_may_fail_anywhere(void **state)
{
    (void)state;
    struct diags diags = {0};
    struct molecule *molecule = decoded("T16:h-~Si16*2-(R16|G16|:h)-(R8-T8)*3");
    struct graph *graph = graph_build(molecule, 2, &diags);
    bool well = false;
    for (long n = 0; n < 1000 && !well; n++) {
        struct text out = {0};
        mem_fail_after(n);
        plot_molecule(&out, molecule, graph, usual);
        mem_fail_after(-1);
        well = !out.failed;
        text_release(&out);
    }
    assert_true(well);
    graph_release(graph);
    molecule_release(molecule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stages_branches_and_skips),  cmocka_unit_test(taps_by_name),
        cmocka_unit_test(without_a_graph_or_unicode), cmocka_unit_test(large_ones_fit),
        cmocka_unit_test(memory_may_fail_anywhere),
    };
    return cmocka_run_group_tests(tests, bench_setup, bench_teardown);
}
