/* Any bytes as a molecule, and as rewrites of it, one on top of the other, bare or with weights: rules of the standard library and some
   more at any place. What comes out is a valid molecule, or it is refused for a reason: its DNA reads as the same molecule, it is a
   network wherever the one before was one, and what weights it carries fit it. */
/* links: nel_library */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/plan.h"
#include "engine/transplant.h"
#include "interp/evaluate.h"
#include "library/session.h"
#include "molecule/dna.h"
#include "molecule/graph.h"
#include "support/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* Rules that do what those of the library do not: nest, sum, tap, take apart, leave things out. */
static const char more_rules[] = "rule graft: ?a(?n) => ?a(?n) -> ~(relu(3) -> linear(?n, init: zero))\n"
                                 "rule doubled: ?A => ?A + ?A\n"
                                 "rule gated: ?A => ?A * ?A\n"
                                 "rule tapped: ?A -> ?B => (?A as h -> ?B | h)\n"
                                 "rule swapped: ?A | ?B => ?B | ?A\n"
                                 "rule picked: ?A => ?A -> gather([0, 1])\n"
                                 "rule spread: ?a(2) => ?a(2) -> scatter([3, 0], of: 5)\n"
                                 "rule around: ?A -> ?B -> ?C => ?A -> ~?B -> ?C\n"
                                 "rule outer: ~?A => ?A -> ~?A\n"
                                 "rule first: ?A | ?B => ?A\n"
                                 "rule summed: ?A + ?B => ?B\n"
                                 "rule unbiased: ?a(?n) => ?a(?n, bias: false)\n"
                                 "rule led: ?A => linear(5) -> ?A\n"
                                 "rule learned: ?a(?n) => prelu(?n + 1) -> ?a(?n)\n";

static void must(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "it does not hold that %s\n", what);
    abort();
}

/* Some rules, made once and kept. */
static struct nel_state *session(void)
{
    static struct nel_state state;
    static bool open;
    struct diags diags = {0};
    if (open)
        return &state;
    open = true;
    must(state_open(&state, &diags) && state_evaluate(&state, "more", (struct str){more_rules, sizeof more_rules - 1}, &diags),
         "the rules are read");
    return &state;
}

static size_t rules_of(const struct nel_state *state, const struct rule **rules, size_t most)
{
    const struct frame *frames[] = {state->builtins, state->globals};
    size_t count = 0;
    for (size_t f = 0; f < 2; f++)
        for (size_t i = 0; i < frames[f]->count; i++)
            if (frames[f]->bindings[i].value.kind == VALUE_RULE && count < most)
                rules[count++] = frames[f]->bindings[i].value.rule;
    return count;
}

/* ---- molecules out of bytes ---- */

struct reader {
    const uint8_t *at;
    size_t left;
    const struct elements *elements;
    uint32_t genes;
};

static uint32_t draw(struct reader *reader, uint32_t n)
{
    if (reader->left == 0)
        return 0;
    reader->left--;
    return *reader->at++ % n;
}

static void add_stage(struct reader *reader, struct molecule_builder *builder, int depth);

static void add_atom(struct reader *reader, struct molecule_builder *builder, uint32_t what)
{
    uint32_t indices[4];
    struct gene gene;
    switch (what) {
    case 0:
        gene = gene_activation(reader->elements->at[draw(reader, (uint32_t)reader->elements->count)], SPAN_NONE);
        break;
    case 1:
        gene = gene_of(draw(reader, 2) ? GENE_BATCHNORM : GENE_LAYERNORM, SPAN_NONE);
        break;
    case 2:
        gene = gene_of(GENE_DROPOUT, SPAN_NONE);
        gene.rate = 0.25;
        break;
    case 3:
        gene = gene_of(draw(reader, 2) ? GENE_GATHER : GENE_SCATTER, SPAN_NONE);
        gene.index_count = 1 + draw(reader, 4);
        gene.width = gene.kind == GENE_SCATTER ? gene.index_count + draw(reader, 4) : 0;
        for (uint32_t i = 0; i < gene.index_count; i++)
            indices[i] = i;
        break;
    default:
        gene = gene_layer(reader->elements->at[draw(reader, (uint32_t)reader->elements->count)], 1 + draw(reader, 6), SPAN_NONE);
        gene.traits.density = draw(reader, 4) ? 1 : 0.5;
        gene.traits.bias = draw(reader, 4);
        break;
    }
    builder_atom(builder, gene, indices);
}

static void add_stages(struct reader *reader, struct molecule_builder *builder, int depth)
{
    builder_open(builder, GENE_CHAIN, SPAN_NONE);
    for (uint32_t n = 1 + draw(reader, 3); n > 0; n--)
        add_stage(reader, builder, depth);
    builder_close(builder);
}

static void add_stage(struct reader *reader, struct molecule_builder *builder, int depth)
{
    static const enum gene_kind kinds[] = {GENE_BRANCH, GENE_SUM, GENE_PRODUCT, GENE_SKIP};
    const uint32_t what = draw(reader, 12);
    if (what < 7 || depth == 0 || ++reader->genes > 30) {
        add_atom(reader, builder, what);
        return;
    }
    if (what == 7) { /* a stage, and behind it one that taps it */
        struct gene tap = gene_of(GENE_TAP, SPAN_NONE);
        tap.label = builder_new_label(builder);
        add_stage(reader, builder, depth - 1);
        builder_label(builder, tap.label);
        builder_open(builder, draw(reader, 2) ? GENE_BRANCH : GENE_SUM, SPAN_NONE);
        add_stages(reader, builder, depth - 1);
        builder_atom(builder, tap, NULL);
        builder_close(builder);
        return;
    }
    const enum gene_kind kind = kinds[what - 8];
    builder_open(builder, kind, SPAN_NONE);
    for (uint32_t n = kind == GENE_SKIP ? 1 : 2 + draw(reader, 2); n > 0; n--)
        add_stages(reader, builder, depth - 1);
    builder_close(builder);
}

static struct molecule *read_molecule(struct reader *reader, uint32_t input)
{
    struct molecule_builder builder = {0};
    struct diags diags = {0};
    struct gene first = gene_of(GENE_INPUT, SPAN_NONE), last = gene_of(GENE_OUTPUT, SPAN_NONE);
    const uint32_t ends = draw(reader, 4);
    first.width = input;
    last.width = 2;
    last.head = HEAD_LINEAR;
    builder_open(&builder, GENE_CHAIN, SPAN_NONE);
    if (ends & 1)
        builder_atom(&builder, first, NULL);
    for (uint32_t n = 1 + draw(reader, 4); n > 0; n--)
        add_stage(reader, &builder, 3);
    if (ends & 2)
        builder_atom(&builder, last, NULL);
    builder_close(&builder);
    struct molecule *molecule = builder_finish(&builder, SPAN_NONE, &diags);
    diags_release(&diags);
    return molecule;
}

/* ---- what must hold ---- */

static bool is_network(const struct molecule *molecule, uint32_t input)
{
    struct diags diags = {0};
    struct graph *graph = graph_build(molecule, input, &diags);
    const bool well = graph;
    graph_release(graph);
    diags_release(&diags);
    return well;
}

static void check_dna(const struct molecule *molecule, const struct elements *elements)
{
    struct text text = {0};
    struct diags diags = {0};
    struct molecule *bare = molecule_bare(molecule, &diags);
    dna_encode(molecule, &text);
    struct molecule *back = dna_decode(text_str(&text), elements, SPAN_NONE, &diags);
    must(back && bare && molecule_equal(back, bare), "its DNA reads as the same molecule");
    molecule_release(bare);
    molecule_release(back);
    text_release(&text);
    diags_release(&diags);
}

/* The same molecule with all weights that it needs; itself where it is no network. */
static const struct molecule *weighted(const struct molecule *molecule, uint32_t input)
{
    struct diags diags = {0};
    if (!molecule_output(molecule) || !is_network(molecule, input))
        return molecule;
    struct model *model = model_create(molecule, input, NULL, 1, &diags);
    must(model, "a network is a model");
    transplant(model->plan, molecule, model->params);
    struct molecule *whole = model_molecule(model, SPAN_NONE, NULL, &diags);
    must(whole && is_network(whole, input), "a model's molecule is a network");
    model_release(model);
    molecule_release(molecule);
    diags_release(&diags);
    return whole;
}

static const struct molecule *rewrite_once(struct eval *eval, const struct molecule *molecule, uint32_t input,
                                           struct reader *reader)
{
    const struct rule *rules[64];
    const size_t count = rules_of(eval->state, rules, 64);
    const struct rule *rule = rules[draw(reader, (uint32_t)count)];
    struct place_list places;
    const uint32_t which = draw(reader, 250) | draw(reader, 250) << 8;
    struct random random = random_stream(which, RANDOM_TEST, 0);
    struct application application = {.random = &random, .input_width = which & 1 ? input : 0};
    must(rule_places(eval, rule, molecule, application.input_width, &places), "a rule matches or does not");
    if (places.count == 0)
        return molecule;
    const size_t errors = eval->diags->errors;
    struct molecule *after = rule_apply(eval, rule, molecule, places.at[which % places.count].place, &application);
    vec_release(&places);
    must(!after == (eval->diags->errors > errors), "what is refused has a reason");
    must(application.refused == !after, "these rules can be evaluated anywhere");
    if (!after)
        return molecule;
    const bool was = is_network(molecule, input), is = is_network(after, input);
    must(after->free_labels == molecule->free_labels, "no tap is left undefined");
    must(!was || is || !(application.input_width || molecule_reads(molecule)), "a network stays one");
    check_dna(after, &eval->state->elements);
    molecule_release(molecule);
    return after;
}

/* Small enough to go on with: far from the limits of molecules, which have tests of their own. */
static bool is_small(const struct molecule *molecule)
{
    for (uint32_t i = 0; i < molecule->count; i++)
        if (molecule->genes[i].width > 300)
            return false;
    return molecule->count < 300;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct nel_state *state = session();
    struct diags diags = {0};
    struct eval eval;
    struct reader reader = {bytes, len, &state->elements, 0};
    eval_start(&eval, state, state->globals, &diags, (size_t)8 << 20);
    const uint32_t input = 1 + draw(&reader, 5);
    const struct molecule *molecule = read_molecule(&reader, input);
    while (molecule && reader.left > 0 && is_small(molecule)) {
        if (draw(&reader, 3) == 0)
            molecule = weighted(molecule, input);
        molecule = rewrite_once(&eval, molecule, input, &reader);
        for (uint32_t i = 0; i < molecule->count; i++)
            ((struct molecule *)molecule)->genes[i].origin = 0;
    }
    molecule_release(molecule);
    eval_end(&eval);
    diags_release(&diags);
    return 0;
}
