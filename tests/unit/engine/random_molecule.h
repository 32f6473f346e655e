/* Molecules drawn at random, every operator and element among them, widths known while they grow so that sums and products agree. */
#ifndef NEL_TESTS_ENGINE_RANDOM_MOLECULE_H
#define NEL_TESTS_ENGINE_RANDOM_MOLECULE_H

#include "fixture.h"

struct generator {
    struct molecule_builder builder;
    struct random random;
    const struct elements *elements;
    bool smooth; /* no step: its jumps have no finite differences */
};

static inline uint32_t draw_below(struct generator *g, uint32_t n)
{
    return random_below(&g->random, n);
}

static inline const struct element *draw_element(struct generator *g)
{
    for (;;) {
        const struct element *element = g->elements->at[draw_below(g, (uint32_t)g->elements->count)];
        if (!g->smooth || !element->flat)
            return element;
    }
}

static inline struct gene draw_layer(struct generator *g, uint32_t width)
{
    struct gene gene = gene_layer(draw_element(g), width, SPAN_NONE);
    gene.traits.bias = draw_below(g, 4) > 0;
    static const double densities[8] = {0.3, 0.5, 1, 1, 1, 1, 1, 1}; /* on either side of SPARSE_MOST, and dense */
    gene.traits.density = densities[draw_below(g, 8)];
    gene.traits.init = (uint8_t)(draw_below(g, 3) == 0 ? draw_below(g, INIT_ORTHOGONAL + 1) : INIT_AUTO);
    if (gene.traits.init == INIT_ZERO || gene.traits.init == INIT_SIREN)
        gene.traits.init = INIT_AUTO;
    return gene;
}

/* A layer of `target` neurons, of any small number where it is 0. Returns its width. */
static inline uint32_t add_layer_gene(struct generator *g, uint32_t target)
{
    const uint32_t width = target ? target : 1 + draw_below(g, 9);
    builder_atom(&g->builder, draw_layer(g, width), NULL);
    return width;
}

/* An atom that keeps or picks values. */
static inline uint32_t add_keeper(struct generator *g, uint32_t in)
{
    struct gene gene;
    uint32_t indices[16], width = in;
    switch (draw_below(g, 6)) {
    case 0:
        gene = gene_of(GENE_BATCHNORM, SPAN_NONE);
        break;
    case 1:
        gene = gene_of(GENE_LAYERNORM, SPAN_NONE);
        break;
    case 2:
        gene = gene_of(GENE_DROPOUT, SPAN_NONE);
        gene.rate = 0.3;
        break;
    case 3:
        gene = gene_of(GENE_GATHER, SPAN_NONE);
        width = gene.index_count = 1 + draw_below(g, in < 6 ? in : 6);
        for (uint32_t i = 0; i < width; i++)
            indices[i] = (uint32_t)((uint64_t)i * in / width);
        break;
    case 4:
        if (in <= 12) {
            gene = gene_of(GENE_SCATTER, SPAN_NONE);
            width = gene.width = in + draw_below(g, 4);
            gene.index_count = in;
            for (uint32_t i = 0; i < in; i++)
                indices[i] = (i + 1) % width;
            if (width == in)
                for (uint32_t i = 0; i < in; i++)
                    indices[i] = i;
            break;
        }
        /* fall through */
    default:
        gene = gene_activation(draw_element(g), SPAN_NONE);
        break;
    }
    builder_atom(&g->builder, gene, indices);
    return width;
}

static inline uint32_t add_stage(struct generator *g, uint32_t in, uint32_t target, int depth);

/* One child of a composite: a chain, so that it may hold several stages. */
static inline uint32_t add_child(struct generator *g, uint32_t in, uint32_t target, int depth)
{
    builder_open(&g->builder, GENE_CHAIN, SPAN_NONE);
    uint32_t width = in;
    for (uint32_t n = 1 + draw_below(g, 2); n > 0; n--)
        width = add_stage(g, width, 0, depth - 1);
    if (target && width != target)
        width = add_layer_gene(g, target);
    builder_close(&g->builder);
    return width;
}

/* A labelled stage, a layer behind it, then a branch or a sum that takes the label up. */
static inline uint32_t add_tap(struct generator *g, uint32_t in, int depth)
{
    const uint32_t label = label_fresh();
    builder_open(&g->builder, GENE_CHAIN, SPAN_NONE);
    const uint32_t tapped = add_child(g, in, 0, depth - 1);
    builder_label(&g->builder, label);
    const uint32_t between = add_layer_gene(g, 0);
    const bool sum = draw_below(g, 2) == 0;
    builder_open(&g->builder, sum ? GENE_SUM : GENE_BRANCH, SPAN_NONE);
    const uint32_t other = add_child(g, between, sum ? tapped : 0, depth - 1);
    struct gene tap = gene_of(GENE_TAP, SPAN_NONE);
    tap.label = label;
    builder_atom(&g->builder, tap, NULL);
    builder_close(&g->builder);
    builder_close(&g->builder);
    return sum ? tapped : tapped + other;
}

static inline uint32_t add_composite(struct generator *g, uint32_t in, int depth)
{
    static const enum gene_kind kinds[] = {GENE_BRANCH, GENE_SUM, GENE_PRODUCT, GENE_SKIP};
    const enum gene_kind kind = kinds[draw_below(g, 4)];
    builder_open(&g->builder, kind, SPAN_NONE);
    uint32_t width = add_child(g, in, 0, depth);
    if (kind != GENE_SKIP)
        for (uint32_t n = 1 + draw_below(g, 2); n > 0; n--) {
            const uint32_t more = add_child(g, in, kind == GENE_BRANCH ? 0 : width, depth);
            width += kind == GENE_BRANCH ? more : 0;
        }
    builder_close(&g->builder);
    return width;
}

static inline uint32_t add_stage(struct generator *g, uint32_t in, uint32_t target, int depth)
{
    if (target || depth <= 0 || in > 40)
        return add_layer_gene(g, target);
    switch (draw_below(g, 7)) {
    case 0:
    case 1:
        return add_layer_gene(g, 0);
    case 2:
    case 3:
        return add_keeper(g, in);
    case 4:
        return add_tap(g, in, depth);
    default:
        return add_composite(g, in, depth);
    }
}

/* A molecule for `in` inputs that ends in `output`, or in any part that gives as many values and the same head alone. */
static inline struct molecule *draw_molecule(struct generator *g, uint32_t in, struct gene output)
{
    struct diags diags = {0};
    builder_open(&g->builder, GENE_CHAIN, SPAN_NONE);
    uint32_t width = in;
    for (uint32_t n = 1 + draw_below(g, 4); n > 0; n--)
        width = add_stage(g, width, 0, 2);
    if (draw_below(g, 4) == 0) {
        width = draw_below(g, 2) == 0 ? add_tap(g, width, 1) : add_composite(g, width, 1);
        if (width != output.width)
            add_child(g, width, output.width, 1);
        output.kind = GENE_HEAD;
        output.width = 0;
    }
    builder_atom(&g->builder, output, NULL);
    builder_close(&g->builder);
    struct molecule *molecule = builder_finish(&g->builder, SPAN_NONE, &diags);
    if (!molecule)
        fail_msg("no molecule: %s", diags.count ? diags.at[0].message : "");
    diags_release(&diags);
    return molecule;
}

#endif
