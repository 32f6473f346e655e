/* Layers as people speak of them, and patches on their neurons. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bench.h"
#include "molecule/patch.h"

/* Here it matters that relu is not linear. */
static int setup(void **state)
{
    struct element element = {.symbol = "X"};
    struct diags diags = {0};
    bench_setup(state);
    element.name = mem_copy_text("positive", 8);
    element.doc = mem_copy_text("", 0);
    element.value =
        formula_apply(&element.formula, FORMULA_MAX, formula_number(&element.formula, 0), formula_x(&element.formula), 0);
    assert_non_null(elements_add(&table, &element, &diags));
    return 0;
}

static struct graph *graph_of(const char *dna, uint32_t inputs)
{
    struct diags diags = {0};
    struct molecule *molecule = decoded(dna);
    struct graph *graph = graph_build(molecule, inputs, &diags);
    assert_non_null(graph);
    molecule_release(molecule);
    return graph;
}

/* `told`: each layer as the symbols of its connections, its sum where it has one, and its end; `!` for the output. */
static void assert_layers(const char *dna, const char *told)
{
    struct graph *graph = graph_of(dna, 4);
    uint32_t count;
    struct network_layer *layers = layers_find(graph, &count);
    struct text out = {0};
    assert_non_null(layers);
    for (uint32_t i = 0; i < count; i++) {
        const struct network_layer *layer = &layers[i];
        text_add(&out, i ? " " : "");
        dna_encode_atom(graph->molecule, layer->gene, &out);
        text_add(&out, layer->sum != layer->gene ? "+" : "");
        if (layer->end != layer->sum)
            dna_encode_atom(graph->molecule, layer->end, &out);
        text_add(&out, layer->output ? "!" : "");
    }
    assert_string_equal(text_chars(&out), told);
    text_release(&out);
    mem_free(layers);
    graph_release(graph);
}

static void layers(void **state)
{
    (void)state;
    assert_layers("X8-X6-O2", "X8 X6 O2!");
    assert_layers("X8-(L6+(Gt[1]-X3-L2-Sc6[0,4]))-X-O2", "X8 L6+X O2!");
    assert_layers("X8-((Gt[1]-X3-L2-Sc6[0,4])+L6+(Gt[0,1]-X3-L1-Sc6[0]))-X-(L2+(Gt[1]-X3-L2-Sc2[0,1]))-H", "X8 L6+X L2+!");
    assert_layers("X8-(L6+(Gt[1]-X3-L2-Sc6[0,4]))-O2", "X8 L6+ O2!");
    /* Not a patch: it reads everything; two layers in a sum; a layer with an element of its own; what a tap reads too. */
    assert_layers("X8-(L6+(X3-L2-Sc6[0,4]))-X-O2", "X8 L6 X3 L2 O2!");
    assert_layers("X8-(L6+L6)-X-O2", "X8 L6 L6 O2!");
    assert_layers("X8-(X6+(Gt[1]-X3-L2-Sc6[0,4]))-X-O2", "X8 X6 O2!");
    assert_layers("~X8-H", "X8");
}

static struct patch_shape shape(double scale)
{
    return (struct patch_shape){.element = elements_by_name(&table, STR("positive")),
                                .linear = elements_by_name(&table, STR("linear")),
                                .hidden = 3,
                                .targets = 2,
                                .inputs = 3,
                                .scale = scale,
                                .lr_scale = 5};
}

/* What stands in the place of each layer, the last one first; the caller releases it. */
static struct text patched(const struct graph *graph, const struct patch_neuron *neurons, size_t count, double scale)
{
    struct random random = random_stream(1, RANDOM_TEST, 0);
    const struct patch_shape wanted = shape(scale);
    struct diags diags = {0};
    struct text out = {0};
    uint32_t layer_count;
    struct patching *patches = patches_plan(graph, neurons, count, &wanted, &random, SPAN_NONE, &layer_count, &diags);
    assert_non_null(patches);
    for (uint32_t i = 0; i < layer_count; i++) {
        text_add(&out, i ? " " : "");
        dna_encode(patches[i].replacement, &out);
        assert_true(i == 0 || patches[i].gene < patches[i - 1].gene);
    }
    patches_release(patches, layer_count);
    return out;
}

static void assert_patched(const char *dna, struct patch_neuron neuron, double scale, const char *expected)
{
    struct graph *graph = graph_of(dna, 4);
    struct text told = patched(graph, &neuron, 1, scale), again = patched(graph, &neuron, 1, scale);
    assert_string_equal(text_chars(&told), expected);
    assert_string_equal(text_chars(&again), expected); /* the same stream draws the same neurons */
    text_release(&told);
    text_release(&again);
    graph_release(graph);
}

static void patches(void **state)
{
    (void)state;
    /* Out of a neuron into the next layer, whatever keeps the width between them. */
    assert_patched("X8-D%10-X2-O1", (struct patch_neuron){1, 7, false}, 0,
                   "(L2+(Gt[7]-X3[lr_scale=5]-L2[init=zero,lr_scale=5]-Sc2[0,1]))-X");
    assert_patched("(T3|X8)-X2-O1", (struct patch_neuron){3, 2, false}, 0.3,
                   "(L2+(Gt[5]-X3[lr_scale=5]-L2[init_scale=0.3,lr_scale=5]-Sc2[0,1]))-X");
    assert_patched("X8-O1%50[head=sigmoid,l2=0.1]", (struct patch_neuron){1, 0, false}, 0,
                   "(L1%50[l2=0.1]+(Gt[0]-X3[lr_scale=5]-L1[init=zero,lr_scale=5]-Sc1[0]))-H[head=sigmoid]");
    /* Into a neuron, of all that there is where that is less than wanted; a linear layer needs no element behind the sum. */
    assert_patched("X2-L5-O1", (struct patch_neuron){2, 4, true}, 0,
                   "(L5+(Gt[0,1]-X3[lr_scale=5]-L1[init=zero,lr_scale=5]-Sc5[4]))");
    /* A layer that reads the data, a neuron or a layer that is not there, an output: nothing. */
    assert_patched("X8-X2-O1", (struct patch_neuron){1, 0, true}, 0, "");
    assert_patched("X8-X2-O1", (struct patch_neuron){1, 8, false}, 0, "");
    assert_patched("X8-X2-O1", (struct patch_neuron){0, 0, false}, 0, "");
    assert_patched("X8-X2-O1", (struct patch_neuron){3, 0, false}, 0, "");
}

static void without_memory(void **state)
{
    (void)state;
    struct graph *graph = graph_of("X8-(L6+(Gt[1]-X3-L2-Sc6[0,4]))-X-O2", 4);
    const struct patch_neuron neurons[] = {{1, 3, false}, {3, 2, true}, {3, 2, false}};
    const struct patch_shape wanted = shape(0);
    bool done = false;
    for (long n = 0; !done; n++) {
        struct random random = random_stream(1, RANDOM_TEST, 0);
        struct diags diags = {0};
        uint32_t count = 0;
        mem_fail_after(n);
        struct patching *made = patches_plan(graph, neurons, 3, &wanted, &random, SPAN_NONE, &count, &diags);
        mem_fail_after(-1);
        done = made;
        assert_true(made || diags.out_of_memory);
        patches_release(made, count);
        diags_release(&diags);
    }
    graph_release(graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(layers), cmocka_unit_test(patches), cmocka_unit_test(without_memory)};
    return cmocka_run_group_tests(tests, setup, bench_teardown);
}
