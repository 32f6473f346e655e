/* Graphs: the nodes, widths, parameters and operations of every kind of gene; taps; every clash with the places it names; the
   table; random molecules against widths reckoned another way. Molecules are written as DNA, so that spans are bytes of the
   string. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>

#include "bench.h"
#include "formula_text.h"
#include "molecule/graph.h"

/* Two elements whose formula and parameters count, beside those of the bench. */
static int setup(void **state)
{
    struct diags diags = {0};
    struct element ramp = {.name = mem_copy_text("ramp", 4), .symbol = "Ra", .doc = mem_copy_text("", 0)};
    ramp.value = formula_read(&ramp.formula, "max(0, 2 * x)", NULL);
    struct element prelu = {.name = mem_copy_text("prelu", 5), .symbol = "Pr", .doc = mem_copy_text("", 0), .param_count = 1};
    prelu.params[0] = (struct element_param){mem_copy_text("slope", 5), 0.25, true, SPAN_NONE};
    prelu.value = formula_read(&prelu.formula, "if x > 0 { x } else { slope * x }", (const char *const[]){"slope", NULL});
    bench_setup(state);
    assert_non_null(elements_add(&table, &ramp, &diags));
    assert_non_null(elements_add(&table, &prelu, &diags));
    return 0;
}

/* Consumes the molecule. */
static struct graph *graph_of(struct molecule *molecule, uint32_t inputs)
{
    struct diags diags = {0};
    struct graph *graph = graph_build(molecule, inputs, &diags);
    if (!graph)
        print_error("%s\n", diags.count ? diags.at[0].message : "no error");
    assert_non_null(graph);
    assert_int_equal(diags.count, 0);
    molecule_release(molecule);
    return graph;
}

/* ---- nodes ---- */

/* A node as a test expects it: its name and what it reads. */
static void assert_node(const struct graph *graph, uint32_t number, const char *name, const char *reads, uint32_t width,
                        double params, double flops)
{
    const struct graph_node *node = &graph->nodes[number];
    struct text found = {0};
    assert_in_range(number, 0, graph->count - 1);
    assert_string_equal(graph_node_name(graph, node), name);
    for (uint32_t i = 0; i < node->input_count; i++) {
        assert_true(graph->inputs[node->input_at + i] < number);
        text_addf(&found, "%s%u", i ? " " : "", graph->inputs[node->input_at + i]);
    }
    assert_string_equal(text_chars(&found), reads);
    assert_int_equal(node->width, width);
    assert_true((double)node->params == params);
    assert_true(node->flops == flops);
    text_release(&found);
}

static void test_layers(void **state)
{
    (void)state;
    struct graph *graph = graph_of(decoded("I2-Ra8-R4[bias=0]-O3"), 0);
    assert_int_equal(graph->count, 7);
    assert_node(graph, 0, "input", "", 2, 0, 0);
    assert_node(graph, 1, "affine", "0", 8, 24, 40);
    assert_node(graph, 2, "ramp", "1", 8, 0, 16);
    assert_node(graph, 3, "affine", "2", 4, 32, 64);
    assert_node(graph, 4, "relu", "3", 4, 0, 0);
    assert_node(graph, 5, "affine", "4", 3, 15, 27);
    assert_node(graph, 6, "auto", "5", 3, 0, 12);
    assert_int_equal(graph->input_width, 2);
    assert_int_equal(graph->output_width, 3);
    assert_true(graph->params == 71);
    assert_true(graph->flops == 40 + 16 + 64 + 27 + 12);
    assert_int_equal(graph->nodes[3].gene, 3);
    graph_release(graph);
}

static void test_sparse_layers(void **state)
{
    (void)state;
    static const struct {
        const char *dna;
        double weights;
    } rows[] = {{"R8%25", 6}, {"R8%50", 12}, {"R8%17", 4}, {"R8%0.01", 1}, {"R8", 24}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct graph *graph = graph_of(decoded(rows[i].dna), 3);
        double weights = rows[i].weights;
        assert_node(graph, 1, weights < 24 ? "sparse" : "affine", "0", 8, weights + 8, 2 * weights + 8);
        assert_true((double)graph->nodes[1].weights == weights);
        graph_release(graph);
    }
}

static void test_atoms_that_keep_and_pick(void **state)
{
    (void)state;
    struct graph *graph = graph_of(decoded("D%10-Bn-Ln-Ra-Pr-Gt[3,0,3]-Sc9[8,1,0]"), 4);
    assert_int_equal(graph->count, 8);
    assert_node(graph, 1, "dropout", "0", 4, 0, 4);
    assert_node(graph, 2, "batchnorm", "1", 4, 8, 16);
    assert_node(graph, 3, "layernorm", "2", 4, 8, 32);
    assert_node(graph, 4, "ramp", "3", 4, 0, 8);
    assert_node(graph, 5, "prelu", "4", 4, 4, 12);
    assert_node(graph, 6, "gather", "5", 3, 0, 0);
    assert_node(graph, 7, "scatter", "6", 9, 0, 0);
    graph_release(graph);
    graph = graph_of(decoded("Sc9[0,1]-Gt[3,4]-Sc8[1,0]"), 2); /* one scatter's places are free for the next */
    assert_int_equal(graph->output_width, 8);
    graph_release(graph);
}

static void test_side_by_side(void **state)
{
    (void)state;
    struct graph *graph = graph_of(decoded("(R2|T3|L)-(R4+T4+G4)-(S4*T4)"), 5);
    assert_node(graph, 5, "linear", "0", 5, 0, 0);
    assert_node(graph, 6, "concat", "2 4 5", 10, 0, 0);
    assert_node(graph, 13, "sum", "8 10 12", 4, 0, 8);
    assert_node(graph, 18, "product", "15 17", 4, 0, 4);
    assert_int_equal(graph->count, 19);
    graph_release(graph);
}

static void test_skips(void **state)
{
    (void)state;
    struct graph *graph = graph_of(decoded("~R5-~(T8-G8)"), 5);
    assert_int_equal(graph->count, 10);
    assert_node(graph, 3, "sum", "0 2", 5, 0, 5);
    assert_node(graph, 8, "projection", "3", 8, 40, 80);
    assert_true(graph->nodes[8].projection);
    assert_node(graph, 9, "sum", "8 7", 8, 0, 8);
    assert_int_equal(graph->nodes[8].gene, graph->nodes[9].gene);
    graph_release(graph);
}

/* ---- taps ---- */

static void test_taps(void **state)
{
    (void)state;
    struct graph *graph = graph_of(decoded("R8:a-T4-(G8+:a)"), 2);
    assert_node(graph, 7, "sum", "6 2", 8, 0, 8);
    graph_release(graph);
    /* Of a whole bracket, in brackets three deep, and twice. */
    graph = graph_of(decoded("(R2|T3):a-G4-(L|(S3-~(T4-(:a|L)))|:a)"), 6);
    assert_node(graph, 5, "concat", "2 4", 5, 0, 0);
    assert_node(graph, 12, "tanh", "11", 4, 0, 0);
    assert_node(graph, 13, "linear", "12", 4, 0, 0);
    assert_node(graph, 14, "concat", "5 13", 9, 0, 0);
    assert_node(graph, 17, "concat", "8 16 5", 18, 0, 0);
    graph_release(graph);
    /* A stage that ends in a composite: the tap is the stage's output. Each copy of a repeat taps its own. */
    graph = graph_of(decoded("(~R8:a-T8-(L+:a))*2"), 8);
    assert_node(graph, 7, "sum", "6 3", 8, 0, 8);
    assert_node(graph, 10, "sum", "7 9", 8, 0, 8);
    assert_node(graph, 14, "sum", "13 10", 8, 0, 8);
    graph_release(graph);
    /* The input itself, and a tap as the last stage. */
    graph = graph_of(decoded("I3:a-R8-(:a|L)"), 0);
    assert_node(graph, 4, "concat", "0 3", 11, 0, 0);
    graph_release(graph);
    graph = graph_of(decoded("R8:a-T4-:a"), 2);
    assert_int_equal(graph->output_width, 8);
    graph_release(graph);
}

/* ---- clashes ---- */

struct place {
    uint32_t start, end;
};

struct clash {
    const char *dna;
    uint32_t inputs;
    const char *message;
    struct place at;
    struct place labels[2]; /* 0, 0: none */
};

static void assert_place(struct span span, struct place place)
{
    assert_int_equal(span.source, 1);
    assert_int_equal(span.start, place.start);
    assert_int_equal(span.end, place.end);
}

static void assert_clash(const struct diag *diag, const struct clash *clash)
{
    assert_string_equal(diag->message, clash->message);
    assert_place(diag->span, clash->at);
    size_t labels = 0;
    while (labels < 2 && clash->labels[labels].end > 0)
        labels++;
    assert_int_equal(diag->label_count, labels);
    for (size_t i = 0; i < labels; i++)
        assert_place(diag->labels[i].span, clash->labels[i]);
    assert_non_null(diag->help);
}

/* The span of a bracket in DNA is where it opens. */
static void test_clashes(void **state)
{
    (void)state;
    static const struct clash rows[] = {
        {"R8-(T8+G16)",
         2,
         "these two branches are summed, but the left one gives 8 values and the right one 16",
         {3, 4},
         {{4, 6}, {7, 10}}},
        {"(R1*T8)-L",
         2,
         "these two branches are multiplied, but the left one gives 1 value and the right one 8",
         {0, 1},
         {{1, 3}, {4, 6}}},
        {"(R8+T8+(G8-S9))",
         2,
         "these branches are summed, but number 1 gives 8 values and number 3 gives 9",
         {0, 1},
         {{1, 3}, {7, 8}}},
        {"R4:a-T8-(L+:a)",
         2,
         "these two branches are summed, but the left one gives 8 values and the right one 4",
         {8, 9},
         {{9, 10}, {11, 13}}},
        {"R4-Gt[3,4]", 2, "`gather` picks neuron 4 of only 4", {3, 10}, {{0, 2}}},
        {"Gt[2]", 2, "`gather` picks neuron 2 of only 2", {0, 5}, {{0, 0}}},
        {"R4-Sc9[0,1]", 2, "`scatter` has places for 2 values, but gets 4", {3, 11}, {{0, 2}}},
        {"R2-Sc9[4,4]", 2, "`scatter` writes neuron 4 twice", {3, 11}, {{0, 0}}},
        {"I3-R8", 2, "the molecule starts with `input(3)`, but the data has 2 features", {0, 2}, {{0, 0}}},
        {"I3", 1, "the molecule starts with `input(3)`, but the data has 1 feature", {0, 2}, {{0, 0}}},
        {"R8-T4", 0, "the number of inputs is not known", {0, 5}, {{0, 0}}},
        {"(R600000|T400001)-L2", 2, "these branches together give 1_000_001 values; the most is 1_000_000", {0, 1}, {{0, 0}}},
        {"R2000-T1000000", 2, "this molecule needs 2e9 parameters, 8 GB; the most is 500_000_000", {0, 14}, {{6, 14}}},
        {"R1000000-T1000000", 1000000, "this molecule needs 2e12 parameters, 8 TB; the most is 500_000_000", {0, 17}, {{0, 8}}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct diags diags = {0};
        struct molecule *molecule = decoded(rows[i].dna);
        assert_null(graph_build(molecule, rows[i].inputs, &diags));
        if (diags.count != 1 || strcmp(diags.at[0].message, rows[i].message) != 0)
            print_error("`%s`: %s\n", rows[i].dna, diags.count ? diags.at[0].message : "no error");
        assert_int_equal(diags.count, 1);
        assert_clash(&diags.at[0], &rows[i]);
        diags_release(&diags);
        molecule_release(molecule);
    }
}

/* Several are told at once. What hangs on a width that nobody knows is not complained of; a layer makes it known again. */
static void test_several_clashes(void **state)
{
    (void)state;
    static const char *const messages[] = {
        "these two branches are summed, but the left one gives 8 values and the right one 16",
        "`scatter` writes neuron 0 twice",
        "`gather` picks neuron 7 of only 4",
        "these two branches are multiplied, but the left one gives 3 values and the right one 5",
        "these two branches are summed, but the left one gives 3 values and the right one 4",
    };
    enum { COUNT = sizeof messages / sizeof *messages };
    struct diags diags = {0};
    /* The sum's width is unknown: no word on Gt[20,21] behind it, nor on what is added to its tap. */
    struct molecule *molecule = decoded("(R8+T16):a-Bn-Gt[20,21]-Sc9[0,0]-((:a+L9)|L1)-L4-(Gt[7]|(R3*T5))-(R3+T4)");
    assert_null(graph_build(molecule, 2, &diags));
    for (size_t i = 0; i < diags.count; i++)
        if (i >= COUNT || strcmp(diags.at[i].message, messages[i]) != 0)
            fail_msg("diagnostic %zu is `%s`", i, diags.at[i].message);
    assert_int_equal(diags.count, COUNT);
    diags_release(&diags);
    molecule_release(molecule);
}

/* A chain that was cut off from the stage that names its tap. */
static void test_free_tap(void **state)
{
    (void)state;
    struct diags diags = {0};
    struct gene tap = gene_of(GENE_TAP, (struct span){1, 5, 6});
    tap.label = label_fresh();
    struct molecule_builder builder = {0};
    builder_open(&builder, GENE_SUM, (struct span){1, 0, 6});
    builder_atom(&builder, gene_layer(elements_by_name(&table, STR("relu")), 8, (struct span){1, 0, 2}), NULL);
    builder_atom(&builder, tap, NULL);
    builder_close(&builder);
    struct molecule *molecule = builder_finish(&builder, (struct span){1, 0, 6}, &diags);
    assert_non_null(molecule);
    assert_null(graph_build(molecule, 2, &diags));
    assert_int_equal(diags.count, 1);
    const struct clash expected = {"", 2, "this tap is used outside the chain that names it", {5, 6}, {{0, 0}}};
    assert_clash(&diags.at[0], &expected);
    diags_release(&diags);
    molecule_release(molecule);
}

/* ---- size ---- */

static void test_long_and_deep(void **state)
{
    (void)state;
    struct graph *graph = graph_of(decoded("R8*50000"), 8);
    assert_int_equal(graph->count, 100001);
    assert_true(graph->params == 50000 * 72);
    graph_release(graph);

    char deep[LIMIT_MOLECULE_DEPTH + 3];
    memset(deep, '~', LIMIT_MOLECULE_DEPTH - 1);
    strcpy(deep + LIMIT_MOLECULE_DEPTH - 1, "R3");
    graph = graph_of(decoded(deep), 3);
    assert_int_equal(graph->count, 3 + LIMIT_MOLECULE_DEPTH - 1);
    assert_true(graph->params == 12);
    graph_release(graph);
}

/* ---- the table ---- */

static void test_print(void **state)
{
    (void)state;
    struct graph *graph = graph_of(decoded("I2-Ra8:a-~T12-(R1000%50|:a)-O3[head=softmax]"), 0);
    struct text text = {0};
    graph_print(graph, &text);
    assert_string_equal(text_chars(&text), "node  op          reads      shape  parameters  flops a sample\n"
                                           "%0    input                      2\n"
                                           "%1    affine      %0         2 → 8          24              40\n"
                                           "%2    ramp        %1             8                          16\n"
                                           "%3    affine      %2        8 → 12         108             204\n"
                                           "%4    tanh        %3            12\n"
                                           "%5    projection  %2        8 → 12          96             192\n"
                                           "%6    sum         %5 %4         12                          12\n"
                                           "%7    sparse      %6     12 → 1000       7_000          13_000\n"
                                           "%8    relu        %7          1000\n"
                                           "%9    concat      %8 %2       1008\n"
                                           "%10   affine      %9      1008 → 3       3_027           6_051\n"
                                           "%11   softmax     %10            3                          12\n"
                                           "      in all                 2 → 3      10_255          19_527\n");
    graph_release(graph);
    text_clear(&text);

    struct text none = {0};
    graph = graph_of(decoded("R2"), 2);
    mem_fail_after(1);
    graph_print(graph, &none);
    mem_fail_after(-1);
    assert_true(none.failed);
    text_release(&none);
    text_release(&text);
    graph_release(graph);
}

/* ---- random molecules ---- */

/* Widths and parameters by recursion over the genes, without nodes: the output's width, 0 where something clashes. */
struct reckoning {
    const struct molecule *molecule;
    uint32_t widths[1000]; /* by label */
    double params;
};

static uint32_t reckon(struct reckoning *reckoning, uint32_t gene, uint32_t input);

static uint32_t reckon_indices(const struct molecule *molecule, const struct gene *at, uint32_t input)
{
    if (at->kind == GENE_SCATTER && at->index_count != input)
        return 0;
    for (uint32_t i = 0; i < at->index_count; i++)
        if (at->kind == GENE_GATHER && molecule->indices[at->index_at + i] >= input)
            return 0;
    return at->kind == GENE_GATHER ? at->index_count : at->width;
}

static uint32_t reckon_parts(struct reckoning *reckoning, uint32_t gene, uint32_t input)
{
    const struct gene *genes = reckoning->molecule->genes, *at = &genes[gene];
    uint32_t total = 0, first = 0;
    bool clash = false;
    for (uint32_t i = 0, part = gene + 1; i < at->count; part += genes[part].size, i++) {
        uint32_t width = reckon(reckoning, part, input);
        first = i == 0 ? width : first;
        total += width;
        clash = clash || width == 0 || (at->kind != GENE_BRANCH && width != first);
    }
    return clash ? 0 : at->kind == GENE_BRANCH ? total : first;
}

static uint32_t reckon_gene(struct reckoning *reckoning, uint32_t gene, uint32_t input)
{
    const struct gene *genes = reckoning->molecule->genes, *at = &genes[gene];
    switch ((enum gene_kind)at->kind) {
    case GENE_LAYER:
    case GENE_OUTPUT:
        reckoning->params += fmax(1, round(at->traits.density * input * at->width)) + (at->traits.bias ? at->width : 0);
        return at->width;
    case GENE_INPUT:
        return at->width == input ? input : 0;
    case GENE_BATCHNORM:
    case GENE_LAYERNORM:
        reckoning->params += 2.0 * input;
        return input;
    case GENE_ACTIVATION:
    case GENE_DROPOUT:
    case GENE_HEAD:
        return input;
    case GENE_GATHER:
    case GENE_SCATTER:
        return reckon_indices(reckoning->molecule, at, input);
    case GENE_TAP:
        return reckoning->widths[at->label];
    case GENE_CHAIN:
        for (uint32_t i = 0, stage = gene + 1; input > 0 && i < at->count; stage += genes[stage].size, i++)
            input = reckon(reckoning, stage, input);
        return input;
    case GENE_SKIP: {
        uint32_t width = reckon(reckoning, gene + 1, input);
        reckoning->params += width == input ? 0 : (double)input * width;
        return width;
    }
    case GENE_BRANCH:
    case GENE_SUM:
    case GENE_PRODUCT:
        return reckon_parts(reckoning, gene, input);
    }
    return 0;
}

static uint32_t reckon(struct reckoning *reckoning, uint32_t gene, uint32_t input)
{
    const struct gene *at = &reckoning->molecule->genes[gene];
    uint32_t width = reckon_gene(reckoning, gene, input);
    if (at->kind != GENE_TAP && at->label > 0)
        reckoning->widths[at->label] = width;
    return width;
}

static void assert_agrees(const struct graph *graph, const struct reckoning *reckoning, uint32_t width)
{
    assert_int_equal(graph->output_width, width);
    assert_true((double)graph->params == reckoning->params);
    for (uint32_t i = 0; i < graph->count; i++) {
        const struct graph_node *node = &graph->nodes[i];
        assert_true(node->width > 0);
        for (uint32_t k = 0; k < node->input_count; k++)
            assert_true(graph->inputs[node->input_at + k] < i);
    }
}

static void test_random_molecules(void **state)
{
    (void)state;
    unsigned built = 0, refused = 0;
    struct writer writer = {.random = random_stream(5, RANDOM_TEST, 0)};
    for (int round = 0; round < 30000; round++) {
        struct diags diags = {0};
        const char *dna = random_dna(&writer, 3);
        struct molecule *molecule = decode_len(dna, strlen(dna), &diags);
        if (!molecule || molecule->labels >= 1000) {
            diags_release(&diags);
            molecule_release(molecule);
            continue;
        }
        struct reckoning reckoning = {.molecule = molecule};
        uint32_t width = reckon(&reckoning, 0, 8);
        struct graph *graph = graph_build(molecule, 8, &diags);
        if ((graph != NULL) != (width > 0))
            fail_msg("`%s`: %s, but the other way gives width %u", dna, graph ? "built" : diags.at[0].message, width);
        if (graph)
            assert_agrees(graph, &reckoning, width);
        assert_true(graph ? diags.count == 0 : diags.count > 0);
        built += graph != NULL;
        refused += graph == NULL;
        graph_release(graph);
        diags_release(&diags);
        molecule_release(molecule);
    }
    assert_true(built > 3000);
    assert_true(refused > 3000);
}

/* ---- memory ---- */

static void test_out_of_memory(void **state)
{
    (void)state;
    static const char *const sources[] = {"I2-R8:a-~T4-(G8|:a)-Sc20[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15]-O3",
                                          "I2-(R8+T9)-Gt[10]"};
    for (size_t i = 0; i < 2; i++) {
        struct molecule *molecule = decoded(sources[i]);
        bool enough = false;
        for (long n = 0; !enough; n++) {
            struct diags diags = {0};
            mem_fail_after(n);
            struct graph *graph = graph_build(molecule, 0, &diags);
            mem_fail_after(-1);
            assert_true(graph || diags.errors > 0);
            enough = !diags.overflowed && (graph || strcmp(diags.at[0].message, "out of memory") != 0);
            assert_true(n < 100);
            graph_release(graph);
            diags_release(&diags);
        }
        molecule_release(molecule);
    }
}

/* One block each for the graph, its nodes, its inputs and the walk. */
static void test_allocations(void **state)
{
    (void)state;
    struct diags diags = {0};
    struct molecule *molecule = decoded("(R8|T8|~G8)*100-O3");
    unsigned long before = mem_count();
    struct graph *graph = graph_build(molecule, 2, &diags);
    assert_int_equal(mem_count() - before, 4);
    graph_release(graph);
    molecule_release(molecule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layers),
        cmocka_unit_test(test_sparse_layers),
        cmocka_unit_test(test_atoms_that_keep_and_pick),
        cmocka_unit_test(test_side_by_side),
        cmocka_unit_test(test_skips),
        cmocka_unit_test(test_taps),
        cmocka_unit_test(test_clashes),
        cmocka_unit_test(test_several_clashes),
        cmocka_unit_test(test_free_tap),
        cmocka_unit_test(test_long_and_deep),
        cmocka_unit_test(test_print),
        cmocka_unit_test(test_random_molecules),
        cmocka_unit_test(test_out_of_memory),
        cmocka_unit_test(test_allocations),
    };
    return cmocka_run_group_tests(tests, setup, bench_teardown);
}
