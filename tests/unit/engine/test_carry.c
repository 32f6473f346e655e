/* Weights through rewrites: whenever a rewrite is said to keep the function, the network predicts the same after it as before, and what
   cannot keep it is not said to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/carry.h"
#include "engine/plan.h"
#include "engine/transplant.h"
#include "fixture.h"
#include "molecule/dna.h"
#include "molecule/layers.h"
#include "molecule/patch.h"
#include "molecule/rewrite.h"
#include "random_molecule.h"
#include "table.h"

/* ---- rewrites, as rules do them ---- */

enum rewrite {
    WIDEN,
    NARROW,
    DEEPEN,
    FORK,
    SHORTCUT,
    UNSKIP,
    GRAFT,
    DROPOUT,
    NORM,
    RETYPE,
    THIN,
    DENSIFY,
    MERGE,
    ADD_UNIT,
    SUM_TWICE,
    ADD_RELU,
    LEAD_IN,
    REWRITES
};

static const char *const rewrite_names[] = {"widen", "narrow",   "deepen",    "fork",     "shortcut", "unskip",
                                            "graft", "dropout",  "norm",      "retype",   "thin",     "densify",
                                            "merge", "add unit", "sum twice", "add relu", "lead in"};

/* A layer as a rule's `?a(?n, …)` gives it. */
static struct gene same_layer(const struct molecule *molecule, uint32_t gene)
{
    struct gene layer = molecule->genes[gene];
    layer.origin = gene + 1;
    layer.label = 0;
    return layer;
}

/* The right side of a rewrite at `gene`; NULL where it does not match there. */
static struct molecule *right_side(const struct molecule *molecule, uint32_t gene, enum rewrite rewrite, uint32_t draw)
{
    const struct gene *at = &molecule->genes[gene];
    const bool layer = at->kind == GENE_LAYER;
    struct molecule_builder b = {0};
    struct diags diags = {0};
    struct gene changed = same_layer(molecule, gene);
    struct molecule *part = molecule_slice(molecule, (struct place){gene, 1}, &diags);
    static const bool of_layers[REWRITES] = {
        [WIDEN] = true, [NARROW] = true, [DEEPEN] = true, [GRAFT] = true, [RETYPE] = true, [THIN] = true, [DENSIFY] = true};
    if (!part || at->kind == GENE_TAP || at->kind == GENE_OUTPUT || at->kind == GENE_INPUT || (of_layers[rewrite] && !layer)) {
        molecule_release(part);
        return NULL;
    }
    bool matches = true;
    builder_open(&b, GENE_CHAIN, SPAN_NONE);
    switch (rewrite) {
    case WIDEN:
        changed.width *= 2 + draw % 2;
        builder_atom(&b, changed, NULL);
        break;
    case NARROW:
        matches = at->width > 1;
        changed.width = at->width / 2;
        builder_atom(&b, changed, NULL);
        break;
    case DEEPEN:
        builder_atom(&b, changed, NULL);
        builder_atom(&b, changed, NULL);
        break;
    case FORK:
    case SUM_TWICE:
        builder_open(&b, rewrite == FORK ? GENE_BRANCH : GENE_SUM, SPAN_NONE);
        builder_copy(&b, part, 0);
        builder_copy(&b, part, 0);
        builder_close(&b);
        break;
    case SHORTCUT:
        builder_open(&b, GENE_SKIP, SPAN_NONE);
        builder_copy(&b, part, 0);
        builder_close(&b);
        break;
    case UNSKIP:
        matches = at->kind == GENE_SKIP;
        if (matches) {
            molecule_release(part);
            part = molecule_slice(molecule, (struct place){gene + 1, 1}, &diags);
            builder_copy(&b, part, 0);
        }
        break;
    case GRAFT: {
        struct gene zero = gene_layer(fixture_element(&elements, "linear"), at->width, SPAN_NONE);
        zero.traits.init = INIT_ZERO;
        builder_atom(&b, changed, NULL);
        builder_open(&b, GENE_SKIP, SPAN_NONE);
        builder_open(&b, GENE_CHAIN, SPAN_NONE);
        builder_atom(&b, gene_layer(elements.at[draw % elements.count], 1 + draw % 7, SPAN_NONE), NULL);
        builder_atom(&b, zero, NULL);
        builder_close(&b);
        builder_close(&b);
        break;
    }
    case DROPOUT:
    case NORM: {
        struct gene behind = gene_of(rewrite == DROPOUT ? GENE_DROPOUT : draw % 2 ? GENE_BATCHNORM : GENE_LAYERNORM, SPAN_NONE);
        behind.rate = 0.2;
        builder_copy(&b, part, 0);
        builder_atom(&b, behind, NULL);
        break;
    }
    case RETYPE:
        builder_atom(&b, gene_layer(elements.at[draw % elements.count], at->width, SPAN_NONE), NULL);
        break;
    case THIN:
    case DENSIFY:
        matches = rewrite == THIN || at->traits.density < 1;
        changed.traits.density = rewrite == THIN ? at->traits.density / 2 : 0.8 + 0.2 * (draw % 2);
        builder_atom(&b, changed, NULL);
        break;
    case MERGE: {
        const struct gene *first = &at[1], *second = &at[2];
        matches = at->kind == GENE_BRANCH && at->count == 2 && at->size == 3 && first->kind == GENE_LAYER &&
                  second->kind == GENE_LAYER && first->element == second->element;
        if (matches) {
            changed = same_layer(molecule, gene + 1);
            changed.width += second->width;
            builder_atom(&b, changed, NULL);
        }
        break;
    }
    case ADD_UNIT:
        builder_open(&b, GENE_BRANCH, SPAN_NONE);
        builder_copy(&b, part, 0);
        builder_atom(&b, gene_layer(elements.at[draw % elements.count], 1, SPAN_NONE), NULL);
        builder_close(&b);
        break;
    case ADD_RELU:
        builder_copy(&b, part, 0);
        builder_atom(&b, gene_activation(fixture_element(&elements, draw % 2 ? "relu" : "prelu"), SPAN_NONE), NULL);
        break;
    case LEAD_IN:
        builder_atom(&b, gene_layer(fixture_element(&elements, "linear"), 1 + draw % 9, SPAN_NONE), NULL);
        builder_copy(&b, part, 0);
        break;
    case REWRITES:
        break;
    }
    builder_close(&b);
    struct molecule *right = matches ? builder_finish(&b, SPAN_NONE, &diags) : NULL;
    builder_release(&b);
    molecule_release(part);
    diags_release(&diags);
    return right;
}

static struct molecule *rewritten(const struct molecule *molecule, uint32_t gene, enum rewrite rewrite, uint32_t draw)
{
    struct diags diags = {0};
    struct molecule *right = right_side(molecule, gene, rewrite, draw);
    struct molecule *raw = right ? molecule_replace(molecule, (struct place){gene, 1}, right, &diags) : NULL;
    struct molecule *result = raw ? molecule_mend(raw, molecule, NULL, 0, &elements, &diags) : NULL;
    molecule_release(right);
    molecule_release(raw);
    diags_release(&diags);
    return result;
}

/* ---- networks ---- */

enum { ROWS = 32 };

/* A network with weights of no particular kind: as training would leave them. */
static struct model *any_model(const struct molecule *molecule, uint32_t inputs, uint64_t seed)
{
    struct diags diags = {0};
    struct model *model = model_create(molecule, inputs, NULL, seed, &diags);
    diags_release(&diags);
    if (!model)
        return NULL;
    struct random random = random_stream(seed, RANDOM_TEST, 1);
    const struct plan *plan = model->plan;
    for (size_t i = 0; i < plan->trained_count; i++)
        model->params[i] += (float)(0.1 * random_normal(&random));
    for (size_t i = plan->trained_count; i < plan->param_count; i++)
        model->params[i] = (float)random_between(&random, 0.5, 1.5);
    return model;
}

static struct molecule *with_weights(const struct model *model)
{
    struct diags diags = {0};
    struct molecule *molecule = model_molecule(model, SPAN_NONE, NULL, &diags);
    assert_non_null(molecule);
    return molecule;
}

/* Outputs of what a training of no epochs would be: fresh weights where the molecule carries none. NULL where it is no network. */
static float *outputs_of(const struct molecule *molecule, uint32_t inputs, const float *x, uint32_t *width)
{
    struct diags diags = {0};
    struct model *model = model_create(molecule, inputs, NULL, 77, &diags);
    diags_release(&diags);
    if (!model)
        return NULL;
    transplant(model->plan, molecule, model->params);
    *width = model_output_width(model);
    float *out = mem_floats((size_t)ROWS * *width);
    assert_true(model_predict(model, x, ROWS, out));
    model_release(model);
    return out;
}

/* The greatest difference of two networks' outputs, as a share of the greatest output where that is above 1. */
static double difference_of(const float *a, const float *b, size_t count)
{
    double most = 1, difference = 0;
    for (size_t i = 0; i < count; i++) {
        const double size = fabs((double)a[i]), apart = fabs((double)a[i] - (double)b[i]);
        most = size > most ? size : most; /* with fmax GCC 12 fails for ARM */
        difference = apart > difference ? apart : difference;
    }
    return difference / most;
}

static bool all_finite(const float *x, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!isfinite(x[i]) || fabsf(x[i]) > 1e6F)
            return false;
    return true;
}

static void print_case(const char *what, const struct molecule *before, const struct molecule *after, enum rewrite rewrite,
                       double difference)
{
    struct text a = {0}, b = {0};
    dna_encode(before, &a);
    dna_encode(after, &b);
    print_message("%s: %s: %s => %s: %g\n", what, rewrite_names[rewrite], text_chars(&a), text_chars(&b), difference);
    text_release(&a);
    text_release(&b);
}

struct outcome {
    unsigned tried, kept, lost; /* lost: not said to keep, and it does not */
    double worst;
};

/* One rewrite of one network. */
static void try_rewrite(const struct molecule *before, uint32_t inputs, const float *x, enum rewrite rewrite, struct random *random,
                        struct outcome *outcomes)
{
    const uint32_t gene = random_below(random, before->count), draw = random_u32(random) >> 8;
    struct molecule *raw = rewritten(before, gene, rewrite, draw);
    if (!raw)
        return;
    struct outcome *outcome = &outcomes[rewrite];
    struct diags diags = {0};
    bool preserving = false;
    struct molecule *after =
        molecule_carry(raw, before, (struct carry_options){.input_width = inputs, .seed = draw}, &preserving, &diags);
    assert_non_null(after);
    uint32_t width = 0, other = 0;
    float *old = outputs_of(before, inputs, x, &width), *new = outputs_of(after, inputs, x, &other);
    assert_non_null(old);
    if (new &&all_finite(old, (size_t)ROWS * width)) {
        const double difference = width == other ? difference_of(old, new, (size_t)ROWS * width) : INFINITY;
        outcome->tried++;
        outcome->kept += preserving;
        outcome->lost += !preserving && difference > 1e-3;
        if (preserving)
            outcome->worst = fmax(outcome->worst, difference);
        if (preserving && !(difference < 1e-5)) {
            print_case("not kept", before, after, rewrite, difference);
            fail();
        }
    } else {
        assert_true(new || !preserving);
    }
    mem_free_floats(old);
    mem_free_floats(new);
    molecule_release(raw);
    molecule_release(after);
    diags_release(&diags);
}

/* Thousands of rewrites of networks of every form. */
static void test_any(void **state)
{
    (void)state;
    struct outcome outcomes[REWRITES] = {0};
    unsigned kept = 0, tried = 0;
    for (uint64_t seed = 0; seed < 700; seed++) {
        struct generator g = {.elements = &elements, .random = random_stream(seed, RANDOM_TEST, 0)};
        const uint32_t inputs = 1 + random_below(&g.random, 4);
        struct molecule *molecule = draw_molecule(&g, inputs, fixture_out(1 + random_below(&g.random, 3), HEAD_LINEAR));
        struct model *model = any_model(molecule, inputs, seed);
        assert_non_null(model);
        struct molecule *before = with_weights(model);
        float *x = mem_floats(ROWS * (size_t)inputs);
        for (size_t i = 0; i < ROWS * (size_t)inputs; i++)
            x[i] = (float)random_normal(&g.random);
        for (int i = 0; i < 2 * REWRITES; i++)
            try_rewrite(before, inputs, x, (enum rewrite)(i % REWRITES), &g.random, outcomes);
        mem_free_floats(x);
        molecule_release(before);
        molecule_release(molecule);
        model_release(model);
    }
    for (int i = 0; i < REWRITES; i++) {
        print_message("%-10s %5u tried, %5u keep the function (worst %.1e), %5u do not\n", rewrite_names[i], outcomes[i].tried,
                      outcomes[i].kept, outcomes[i].worst, outcomes[i].lost);
        tried += outcomes[i].tried;
        kept += outcomes[i].kept;
    }
    assert_true(tried > 8000 && kept > 2000);
    /* What can keep it does, somewhere; what cannot has a counterexample. */
    static const enum rewrite keep[] = {WIDEN, DEEPEN, FORK, GRAFT, DROPOUT, DENSIFY, ADD_UNIT, LEAD_IN};
    static const enum rewrite lose[] = {NARROW, DEEPEN, SHORTCUT, UNSKIP, NORM, RETYPE, THIN, SUM_TWICE, ADD_RELU};
    for (size_t i = 0; i < sizeof keep / sizeof *keep; i++)
        assert_true(outcomes[keep[i]].kept > 0);
    for (size_t i = 0; i < sizeof lose / sizeof *lose; i++)
        assert_true(outcomes[lose[i]].lost > 0);
}

/* ---- patched networks, grown on and on ---- */

/* Two to four stages, each a dense layer or some side by side, with or without a batchnorm, and an output: nothing is lost for want of connections. */
static struct molecule *draw_tower(struct random *random)
{
    static const char *const names[] = {"relu", "tanh", "prelu", "linear"};
    struct molecule_builder b = {0};
    struct diags diags = {0};
    builder_open(&b, GENE_CHAIN, SPAN_NONE);
    for (uint32_t stages = 2 + random_below(random, 3); stages > 0; stages--) {
        builder_open(&b, GENE_BRANCH, SPAN_NONE);
        for (uint32_t parts = 1 + random_below(random, 3); parts > 0; parts--) {
            struct gene layer =
                gene_layer(fixture_element(&elements, names[random_below(random, 4)]), 2 + random_below(random, 6), SPAN_NONE);
            builder_atom(&b, layer, NULL);
        }
        builder_close(&b);
        if (random_below(random, 3) == 0)
            builder_atom(&b, gene_of(GENE_BATCHNORM, SPAN_NONE), NULL);
    }
    builder_atom(&b, fixture_out(2, HEAD_LINEAR), NULL);
    builder_close(&b);
    struct molecule *molecule = builder_finish(&b, SPAN_NONE, &diags);
    assert_non_null(molecule);
    return molecule;
}

/* The network layer at `number`, which counts round; where it may end the network only if `output`. */
static uint32_t layer_gene(const struct molecule *molecule, uint32_t inputs, uint32_t number, bool output)
{
    struct diags diags = {0};
    struct graph *graph = graph_build(molecule, inputs, &diags);
    uint32_t count;
    struct network_layer *layers = layers_find(graph, &count);
    assert_non_null(layers);
    number %= count;
    while (layers[number].output && !output)
        number = (number + 1) % count;
    const uint32_t gene = layers[number].gene;
    mem_free(layers);
    graph_release(graph);
    return gene;
}

/* A patch out of or into some neuron, as growth puts it in; NULL where there is none. */
static struct molecule *with_patch(const struct molecule *before, uint32_t inputs, uint64_t seed, struct random *random)
{
    const uint32_t gene = layer_gene(before, inputs, random_below(random, 16), true);
    const struct patch_neuron neuron = {gene, random_below(random, before->genes[gene].width), random_below(random, 2) == 0};
    const struct patch_shape shape = {.element = fixture_element(&elements, "relu"),
                                      .linear = fixture_element(&elements, "linear"),
                                      .hidden = 3,
                                      .targets = 3,
                                      .inputs = 4,
                                      .lr_scale = 1};
    struct diags diags = {0};
    struct graph *graph = graph_build(before, inputs, &diags);
    uint32_t count;
    struct patching *patches = patches_plan(graph, &neuron, 1, &shape, random, SPAN_NONE, &count, &diags);
    struct molecule *result = NULL;
    if (count > 0) {
        struct molecule *raw = molecule_replace(before, (struct place){patches[0].gene, 1}, patches[0].replacement, &diags);
        bool keeps = false;
        result = molecule_carry(raw, before, (struct carry_options){.input_width = inputs, .seed = seed}, &keeps, &diags);
        assert_true(keeps);
        molecule_release(raw);
    }
    patches_release(patches, count);
    graph_release(graph);
    return result;
}

/* One more rewrite that keeps the function, wherever a layer is: wider, another beside it, a patch. */
static struct molecule *grown_on(const struct molecule *before, uint32_t inputs, const float *x, uint64_t seed,
                                 struct random *random)
{
    static const enum rewrite kinds[] = {WIDEN, ADD_UNIT, REWRITES};
    const enum rewrite kind = kinds[random_below(random, 3)];
    struct diags diags = {0};
    bool keeps = true;
    struct molecule *after;
    if (kind == REWRITES) {
        after = with_patch(before, inputs, seed, random);
    } else {
        struct molecule *raw =
            rewritten(before, layer_gene(before, inputs, random_below(random, 16), false), kind, random_u32(random) >> 8);
        assert_non_null(raw);
        after = molecule_carry(raw, before, (struct carry_options){.input_width = inputs, .seed = seed}, &keeps, &diags);
        molecule_release(raw);
    }
    if (!after)
        return molecule_retain(before);
    uint32_t width = 0;
    float *old = outputs_of(before, inputs, x, &width), *new = outputs_of(after, inputs, x, &width);
    const double difference = new ? difference_of(old, new, (size_t)ROWS * width) : INFINITY;
    if (!keeps || !(difference < 1e-5)) {
        print_case(keeps ? "not kept" : "not said to keep", before, after, kind == REWRITES ? ADD_UNIT : kind, difference);
        fail();
    }
    mem_free_floats(old);
    mem_free_floats(new);
    return after;
}

/* Networks that grow eight times over: whatever comes before them, gathers and scatters name the neurons that they named. */
static void test_places(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 150; seed++) {
        struct random random = random_stream(seed, RANDOM_TEST, 4);
        const uint32_t inputs = 3;
        struct molecule *molecule = draw_tower(&random);
        float x[ROWS * 3];
        for (size_t i = 0; i < sizeof x / sizeof *x; i++)
            x[i] = (float)random_normal(&random);
        for (int step = 0; step < 8; step++) {
            struct model *model = any_model(molecule, inputs, seed); /* no weight is 0, those of patches neither */
            assert_non_null(model);
            struct molecule *before = with_weights(model), *after = grown_on(before, inputs, x, seed, &random);
            molecule_release(molecule);
            molecule_release(before);
            model_release(model);
            molecule = after;
        }
        molecule_release(molecule);
    }
}

/* Rewrites by name: the DNA before, the gene, and whether the function is kept. */
static void test_some(void **state)
{
    (void)state;
    static const struct {
        const char *dna;
        uint32_t gene;
        enum rewrite rewrite;
        bool keeps;
    } cases[] = {
        {"R4-T3-O2[head=linear]", 1, WIDEN, true},
        {"R4-T3-O2[head=linear]", 2, WIDEN, true},
        {"R4-Bn-Ln-T3-O2[head=linear]", 1, WIDEN, true},
        {"Pr4-T3-O2[head=linear]", 1, WIDEN, true},
        {"R4-Pr-D%20-T3-O2[head=linear]", 1, WIDEN, true},
        {"R4:a-T3-(S2|:a)-O2[head=linear]", 1, WIDEN, true},
        {"R4:a-T4-(S4+:a)-O2[head=linear]", 4, WIDEN, true},
        {"(R4+T4)-L2-O2[head=linear]", 2, WIDEN, true},
        {"(R4*T4)-L2-O2[head=linear]", 3, WIDEN, true},
        {"~(T4-R3)-O2[head=linear]", 3, WIDEN, true},
        {"T5-~(T4-R5)-S3-O2[head=linear]", 4, WIDEN, true},
        {"T5-~(T4-R5)-S3-O2[head=linear]", 5, WIDEN, true}, /* the skip gets a projection */
        {"T5-~(T4-R5)-S3-O2[head=linear]", 1, WIDEN, true},
        {"T5-~(T4-R8)-S3-O2[head=linear]", 5, WIDEN, true},
        {"T4-~R2-S3-O2[head=linear]", 3, WIDEN, false}, /* … or loses the one that it had */
        {"R16%20-T12%30-O2[head=linear]", 1, WIDEN, true},
        {"R4-Gt[0,3]-T3-O2[head=linear]", 1, WIDEN, true},
        {"R4-Sc9[1,3,5,7]-T3-O2[head=linear]", 1, WIDEN, true},
        /* Who is before, beside or among the neurons that a patch names: it names the same ones. */
        {"(R4|R3)-(L3+(Gt[5]-R2-L1-Sc3[1]))-T2-O2[head=linear]", 2, WIDEN, true},
        {"(R4|R3)-(L3+(Gt[5]-R2-L1-Sc3[1]))-T2-O2[head=linear]", 2, ADD_UNIT, true},
        {"(R4|R3)-(L3+(Gt[5]-R2-L1-Sc3[1]))-T2-O2[head=linear]", 5, WIDEN, true},
        {"(R4|R3)-(L3+(Gt[5]-R2-L1-Sc3[1]))-T2-O2[head=linear]", 5, ADD_UNIT, true},
        {"R5-(L2+(Gt[3]-R2-L1-Sc2[1]))-H[head=linear]", 3, WIDEN, false}, /* as many outputs as before */
        {"R4-T3-O2[head=linear]", 1, NARROW, false},
        {"R4-T3-O2[head=linear]", 1, DEEPEN, true},
        {"L4-T3-O2[head=linear]", 1, DEEPEN, true},
        {"Pr4-T3-O2[head=linear]", 1, DEEPEN, true},
        {"R4[bias=0]-T3-O2[head=linear]", 1, DEEPEN, true},
        {"R16%20-T3-O2[head=linear]", 1, DEEPEN, true},
        {"T4-T3-O2[head=linear]", 1, DEEPEN, false},
        {"Lr4-T3-O2[head=linear]", 1, DEEPEN, false},
        {"Lr4[a=1]-T3-O2[head=linear]", 1, DEEPEN, true},
        {"(R4|R3)-T3-O2[head=linear]", 1, MERGE, true},
        {"(Pr4|Pr3)-T3-O2[head=linear]", 2, MERGE, false},
        {"(Pr4|Pr3)-T3-O2[head=linear]", 1, MERGE, true},
        {"(R4%50|R3)-T3-O2[head=linear]", 1, MERGE, false},
        {"R4-T3-O2[head=linear]", 1, GRAFT, true},
        {"R4-T3-O2[head=linear]", 1, RETYPE, false},
        {"R4-T3-O2[head=linear]", 1, SHORTCUT, true}, /* its projection begins at zero */
        {"T3-R3-O2[head=linear]", 2, SHORTCUT, false},
        {"R4%50-T8%30-O2[head=linear]", 2, DENSIFY, true},
        {"R4%50-T8%30-O2[head=linear]", 2, THIN, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct diags diags = {0};
        const uint32_t inputs = 3;
        struct molecule *molecule = dna_decode(str_of(cases[i].dna), &elements, SPAN_NONE, &diags);
        assert_non_null(molecule);
        struct molecule *bare = rewritten(molecule, cases[i].gene, cases[i].rewrite, 0);
        struct model *model = any_model(molecule, inputs, i);
        struct molecule *before = with_weights(model), *raw = rewritten(before, cases[i].gene, cases[i].rewrite, 0);
        bool keeps = false, keeps_bare = false;
        if (cases[i].gene == 2 && cases[i].rewrite == MERGE) {
            assert_null(raw);
        } else {
            const struct carry_options options = {.input_width = inputs, .seed = i};
            struct molecule *after = molecule_carry(raw, before, options, &keeps, &diags);
            struct molecule *same = molecule_carry(bare, molecule, options, &keeps_bare, &diags);
            float x[ROWS * 3];
            struct random random = random_stream(i, RANDOM_TEST, 2);
            for (size_t k = 0; k < sizeof x / sizeof *x; k++)
                x[k] = (float)random_normal(&random);
            uint32_t width = 0;
            float *old = outputs_of(before, inputs, x, &width), *new = outputs_of(after, inputs, x, &width);
            const double difference = difference_of(old, new, (size_t)ROWS * width);
            if (keeps != cases[i].keeps || keeps_bare != keeps || (difference < 1e-5) != keeps) {
                print_case(keeps ? "kept" : "not kept", before, after, cases[i].rewrite, difference);
                fail();
            }
            assert_true(same == bare); /* there is nothing to carry */
            mem_free_floats(old);
            mem_free_floats(new);
            molecule_release(after);
            molecule_release(same);
        }
        molecule_release(bare);
        molecule_release(raw);
        molecule_release(before);
        molecule_release(molecule);
        model_release(model);
        diags_release(&diags);
    }
}

/* ---- the optimiser's state ---- */

static struct prepared *some_data(void)
{
    struct table *table = table_new(40, 3, TARGET_VALUE, 2);
    struct random random = random_stream(1, RANDOM_TEST, 3);
    assert_non_null(table);
    for (uint32_t i = 0; i < 40; i++) {
        float *x = table->x + 3 * (size_t)i, *y = table->y + 2 * (size_t)i;
        for (int k = 0; k < 3; k++)
            x[k] = (float)random_normal(&random);
        y[0] = x[0] * x[1];
        y[1] = sinf(x[2]);
    }
    struct diags diags = {0};
    struct split split = {.references = 1, .train = dataset_of(table, "test")};
    struct prepared *prepared = prepare(&split, 0, 0, SPAN_NONE, &diags);
    assert_non_null(prepared);
    dataset_release(split.train);
    return prepared;
}

static struct training *train_some(const struct molecule *molecule, struct prepared *data, enum optimizer_kind kind,
                                   uint32_t epochs)
{
    struct diags diags = {0};
    struct train_options options = train_options_default();
    options.optimizer = kind;
    options.batch = 0;
    options.epochs = epochs;
    options.lr = 1e-2;
    struct training *training = train(molecule, data, &options, NULL, &diags);
    assert_non_null(training);
    diags_release(&diags);
    return training;
}

/* A training whose state goes through its molecule, once or twice, is the training that was never broken off, to the bit. */
static void test_state(void **state)
{
    (void)state;
    struct prepared *data = some_data();
    struct diags diags = {0};
    struct molecule *molecule =
        dna_decode(STR("Pr6-(T4%50|R3)-Ln-~L9-R8%30[lr_scale=0.5]-O2[head=linear]"), &elements, SPAN_NONE, &diags);
    assert_non_null(molecule);
    for (unsigned kind = OPTIMIZER_SGD; kind <= OPTIMIZER_RPROP; kind++) {
        const enum optimizer_kind optimizer = (enum optimizer_kind)kind;
        struct training *whole = train_some(molecule, data, optimizer, 12), *first = train_some(molecule, data, optimizer, 5);
        struct molecule *there = training_molecule(first, optimizer, SPAN_NONE, NULL, &diags);
        struct training *nothing = train_some(there, data, optimizer, 0), *second = train_some(there, data, optimizer, 3);
        struct molecule *still = training_molecule(nothing, optimizer, SPAN_NONE, NULL, &diags);
        struct molecule *farther = training_molecule(second, optimizer, SPAN_NONE, NULL, &diags);
        assert_true(molecule_equal(there, still)); /* no epochs: nothing moves */
        struct training *third = train_some(farther, data, optimizer, 4);
        assert_memory_equal(third->model->params, whole->model->params, whole->model->plan->param_count * sizeof(float));
        /* Another optimiser begins anew. */
        struct training *other = train_some(there, data, optimizer == OPTIMIZER_ADAM ? OPTIMIZER_RMSPROP : OPTIMIZER_ADAM, 2);
        struct molecule *bare = model_molecule(first->model, SPAN_NONE, NULL, &diags);
        struct training *anew = train_some(bare, data, optimizer == OPTIMIZER_ADAM ? OPTIMIZER_RMSPROP : OPTIMIZER_ADAM, 2);
        assert_memory_equal(other->model->params, anew->model->params, anew->model->plan->param_count * sizeof(float));
        training_release(other);
        training_release(anew);
        molecule_release(bare);
        training_release(whole);
        training_release(first);
        training_release(nothing);
        training_release(second);
        training_release(third);
        molecule_release(there);
        molecule_release(still);
        molecule_release(farther);
    }
    molecule_release(molecule);
    prepared_release(data);
    diags_release(&diags);
}

/* A rewrite leaves the state of layers of which nothing changed, with their very weights, and new ones have none. */
static void test_state_through_rewrites(void **state)
{
    (void)state;
    struct prepared *data = some_data();
    struct diags diags = {0};
    struct molecule *molecule = dna_decode(STR("R4-T3-S5-O2[head=linear]"), &elements, SPAN_NONE, &diags);
    struct training *first = train_some(molecule, data, OPTIMIZER_ADAM, 5);
    struct molecule *there = training_molecule(first, OPTIMIZER_ADAM, SPAN_NONE, NULL, &diags);
    struct molecule *raw = rewritten(there, 2, WIDEN, 0);
    bool keeps = false;
    struct molecule *wide = molecule_carry(raw, there, (struct carry_options){0}, &keeps, &diags);
    assert_true(keeps);
    assert_ptr_equal(wide->genes[1].weights, there->genes[1].weights);
    assert_ptr_equal(wide->genes[4].weights, there->genes[4].weights);
    assert_non_null(wide->genes[1].weights->state);
    assert_null(wide->genes[2].weights->state);
    assert_null(wide->genes[3].weights->state);

    /* The first step of what is new is a first step, that of the rest goes on. */
    struct training *second = train_some(wide, data, OPTIMIZER_ADAM, 1);
    const double *starts = second->state.starts;
    assert_non_null(starts);
    assert_true(fabs(starts[0] - pow(0.9, 5)) < 1e-12 && fabs(starts[1] - pow(0.999, 5)) < 1e-12);
    const struct plan_op *widened = &second->model->plan->ops[2];
    for (uint32_t i = 0; i < second->model->plan->span_count; i++)
        if (second->model->plan->spans[i].start == widened->weights)
            assert_true(starts[2 * i] == 1 && starts[2 * i + 1] == 1);
    struct train_options options = train_options_default();
    options.batch = 0;
    options.lr = 1e-2;
    options.epochs = 9;
    struct training *on = train_further(second, NULL, data, &options, NULL, &diags),
                    *at_once = train_some(wide, data, OPTIMIZER_ADAM, 9);
    assert_memory_equal(on->model->params, at_once->model->params, on->model->plan->param_count * sizeof(float));

    /* Without memory there is a diagnostic and no leak. */
    unsigned failures = 0;
    for (long n = 0;; n++) {
        struct diags told = {0};
        mem_fail_after(n);
        struct molecule *stands = training_molecule(first, OPTIMIZER_ADAM, SPAN_NONE, NULL, &told);
        struct molecule *carried = stands ? molecule_carry(raw, there, (struct carry_options){0}, NULL, &told) : NULL;
        struct training *third = carried ? train(carried, data, &options, NULL, &told) : NULL;
        mem_fail_after(-1);
        assert_true(third || told.out_of_memory);
        molecule_release(stands);
        molecule_release(carried);
        diags_release(&told);
        const bool done = third;
        training_release(third);
        if (done)
            break;
        failures++;
    }
    assert_true(failures > 40);
    training_release(first);
    training_release(second);
    training_release(on);
    training_release(at_once);
    molecule_release(molecule);
    molecule_release(there);
    molecule_release(raw);
    molecule_release(wide);
    prepared_release(data);
    diags_release(&diags);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_some),
        cmocka_unit_test(test_any),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_state),
        cmocka_unit_test(test_state_through_rewrites),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
