/* Cutting parts out of a molecule and putting others in their place.

   A replacement is made of slices, and a slice knows from each gene's origin where it was cut. So a tap that lost its definition in
   the cutting (SLICE_LABEL) finds it again: every gene of the replacement that comes from the defining one defines the label anew,
   and the builder takes the nearest before the tap. Labels of the old molecule keep their numbers in the builder; those of the
   replacement's own come behind them. */
#include "molecule/place.h"
#include "support/memory.h"

static bool no_such_place(const struct molecule *molecule, struct diags *diags)
{
    diag_error(diags, molecule->genes[0].span, "the molecule has no such place");
    return false;
}

struct molecule *molecule_slice(const struct molecule *molecule, struct place place, struct diags *diags)
{
    struct surroundings around;
    struct molecule_builder builder = {0};
    if (!place_find(molecule, place, &around)) {
        no_such_place(molecule, diags);
        return NULL;
    }
    struct span span = molecule->genes[place.gene].span;
    if (place.count > 1)
        builder_open(&builder, molecule->genes[around.parent].kind, span);
    size_t start = builder.count;
    builder_copy_run(&builder, molecule, place.gene, place.count);
    for (size_t i = start; i < builder.count; i++)
        builder.genes[i].origin = place.gene + (uint32_t)(i - start) + 1;
    if (place.count > 1)
        builder_close(&builder);
    return builder_finish(&builder, span, diags);
}

struct graft {
    const struct molecule *molecule, *replacement;
    struct place place;
    uint32_t place_end;
    struct molecule_builder builder;
    uint32_t end_label; /* of the replacement's last stage */
    uint32_t own_label; /* the replacement's label n is own_label + n */
    uint32_t *labels;   /* by label of `molecule`: the one that taps outside the place use now; NULL where there are none */
};

/* ---- labels of the place ---- */

/* The label that a gene of the old molecule defines, 0 none. */
static uint32_t defined_by(const struct molecule *molecule, uint32_t gene)
{
    return molecule->genes[gene].kind == GENE_TAP ? 0 : molecule->genes[gene].label;
}

/* The gene of the place that a gene of the replacement comes from; false where it is new, or comes from elsewhere. */
static bool comes_from(const struct graft *graft, const struct gene *gene, uint32_t *from)
{
    *from = gene->origin - 1;
    return gene->origin > graft->place.gene && gene->origin <= graft->place_end;
}

/* Labels of stages that the replacement has as its own stages stay with them. */
static void keep_label(struct graft *graft, const struct gene *stage)
{
    uint32_t from;
    if (comes_from(graft, stage, &from))
        graft->labels[defined_by(graft->molecule, from)] = defined_by(graft->molecule, from);
}

/* Decides for each label that a stage of the place defines, where it is to be defined now. */
static bool move_labels(struct graft *graft)
{
    const struct gene *genes = graft->molecule->genes, *parts = graft->replacement->genes;
    graft->builder.next_label = graft->molecule->labels;
    graft->end_label = builder_new_label(&graft->builder);
    graft->own_label = graft->builder.next_label;
    graft->builder.next_label += graft->replacement->labels;
    if (graft->molecule->labels == 0)
        return true;
    graft->labels = mem_array((size_t)graft->molecule->labels + 1, sizeof *graft->labels);
    if (!graft->labels)
        return false;
    uint32_t part = parts[0].kind == GENE_CHAIN ? 1 : 0;
    for (; part < graft->replacement->count; part += parts[part].size)
        keep_label(graft, &parts[part]);
    for (uint32_t stage = graft->place.gene; stage < graft->place_end; stage += genes[stage].size) {
        uint32_t label = defined_by(graft->molecule, stage);
        bool last = stage + genes[stage].size == graft->place_end;
        if (last || graft->labels[label] == 0)
            graft->labels[label] = graft->end_label;
    }
    for (uint32_t label = 1; label <= graft->molecule->labels; label++)
        if (graft->labels[label] == 0)
            graft->labels[label] = label; /* defined outside the place, or deep inside it */
    return true;
}

/* ---- building ---- */

/* A tap of the replacement: its own label, an old one that was cut off, or one that was free before. */
static uint32_t tap_inside(struct graft *graft, uint32_t label)
{
    if (label < FREE_LABEL)
        return graft->own_label + label;
    if (label < SLICE_LABEL(0))
        return label;
    uint32_t old = label - SLICE_LABEL(0);
    return old >= 1 && old <= graft->molecule->labels ? old : builder_new_label(&graft->builder);
}

static void graft_inside(struct graft *graft, uint32_t at)
{
    const struct molecule *replacement = graft->replacement;
    struct gene gene = replacement->genes[at];
    uint32_t own = gene.kind == GENE_TAP ? 0 : gene.label, from;
    gene.origin = gene.origin <= graft->molecule->count ? gene.origin : 0;
    gene.partial = gene.weights;
    gene.label = gene.kind == GENE_TAP ? tap_inside(graft, gene.label) : 0;
    if (gene_kind_composite(gene.kind)) {
        builder_open_like(&graft->builder, &gene);
        for (uint32_t child = at + 1; child < at + gene.size; child += replacement->genes[child].size)
            graft_inside(graft, child);
        builder_close(&graft->builder);
    } else {
        builder_atom(&graft->builder, gene, replacement->indices ? replacement->indices + gene.index_at : NULL);
    }
    if (own)
        builder_label(&graft->builder, graft->own_label + own);
    if (comes_from(graft, &gene, &from) && gene.kind != GENE_TAP && defined_by(graft->molecule, from))
        builder_label(&graft->builder, defined_by(graft->molecule, from));
}

static void graft_replacement(struct graft *graft)
{
    graft_inside(graft, 0);
    if (graft->labels)
        builder_label(&graft->builder, graft->end_label);
}

static void graft_outside(struct graft *graft, uint32_t at)
{
    const struct molecule *molecule = graft->molecule;
    struct gene gene = molecule->genes[at];
    if (at == graft->place.gene) {
        graft_replacement(graft);
        return;
    }
    uint32_t label = defined_by(molecule, at);
    gene.origin = at + 1;
    gene.partial = gene.weights;
    gene.label = gene.kind != GENE_TAP ? 0 : gene.label < FREE_LABEL ? graft->labels[gene.label] : gene.label;
    if (gene_kind_composite(gene.kind)) {
        builder_open_like(&graft->builder, &gene);
        for (uint32_t child = at + 1, next; child < at + gene.size; child = next) {
            next = child == graft->place.gene ? graft->place_end : child + molecule->genes[child].size;
            graft_outside(graft, child);
        }
        builder_close(&graft->builder);
    } else {
        builder_atom(&graft->builder, gene, molecule->indices ? molecule->indices + gene.index_at : NULL);
    }
    if (label)
        builder_label(&graft->builder, label);
}

/* A molecule that is itself a slice has taps into the one it was cut from: labels of the two would be mixed up. */
static bool is_cut(const struct molecule *molecule)
{
    for (uint32_t i = 0; molecule->free_labels && i < molecule->count; i++)
        if (molecule->genes[i].kind == GENE_TAP && molecule->genes[i].label >= SLICE_LABEL(0))
            return true;
    return false;
}

struct molecule *molecule_replace(const struct molecule *molecule, struct place place, const struct molecule *replacement,
                                  struct diags *diags)
{
    struct surroundings around;
    struct span span = replacement->genes[0].span;
    if (!place_find(molecule, place, &around)) {
        no_such_place(molecule, diags);
        return NULL;
    }
    if (is_cut(molecule)) {
        diag_help(diag_error(diags, span, "this part of a molecule taps a stage outside it and cannot be rewritten by itself"),
                  "rewrite the whole molecule");
        return NULL;
    }
    struct graft graft = {.molecule = molecule, .replacement = replacement, .place = place, .place_end = around.end};
    struct molecule *result = NULL;
    if (move_labels(&graft)) {
        graft_outside(&graft, 0);
        result = builder_finish(&graft.builder, span, diags);
    } else {
        diag_out_of_memory(diags, span);
    }
    mem_free(graft.labels);
    return result;
}

void molecule_compose_origins(struct molecule *after, const struct molecule *before)
{
    for (uint32_t i = 0; i < after->count; i++)
        if (after->genes[i].origin)
            after->genes[i].origin = before->genes[after->genes[i].origin - 1].origin;
}
