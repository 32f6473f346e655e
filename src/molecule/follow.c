/* Gathers and scatters behind a rewrite (rewrite.h, molecule_follow). Who they named is read off the molecule before, where those neurons
   are now off the one after; both are wired (wiring.h), the one after in neurons of the one before. What a rewrite put in itself means
   what it says and is left alone. */
#include <string.h>

#include "molecule/wiring.h"
#include "support/memory.h"

const struct neuron_choice *choice_find(const struct neuron_choices *choices, uint32_t gene)
{
    for (size_t i = 0; choices && i < choices->count; i++)
        if (choices->at[i].gene == gene)
            return &choices->at[i];
    return NULL;
}

/* What becomes of a gather or a scatter. */
struct place_change {
    uint32_t count; /* indices that stay: the first ones of its slice of `indices` */
    uint32_t width; /* of a scatter */
    bool changed;
    bool picks; /* of the scatter's inputs only some, those in its slice of `picked`, are written */
    bool empty; /* nothing is left */
};

struct following {
    const struct molecule *molecule, *before;
    struct wiring old, now;
    struct place_change *changes; /* by gene */
    uint32_t *indices, *picked;   /* as long as the molecule's */
    bool any;
    struct molecule_builder builder;
};

/* The gather or scatter of before that this one is; NULL: it is new, or not what it was. */
static const struct gene *was(const struct following *following, const struct gene *gene)
{
    const struct molecule *before = following->before;
    if (gene->origin == 0 || gene->origin > before->count)
        return NULL;
    const struct gene *old = &before->genes[gene->origin - 1];
    return gene_equal(old, before->indices, gene, following->molecule->indices) ? old : NULL;
}

/* Where the value that was at `index` of a list is in the list of now; false: it is gone. One that nobody knows stays where it was. */
static bool follow_index(struct following *following, struct wires then, struct wires now, uint32_t index, uint32_t *place)
{
    struct wire wire;
    uint64_t position;
    *place = index;
    if (!wires_at(&following->old, then, index, &wire))
        return true;
    switch (wires_find(&following->now, now, wire, index, &position)) {
    case WIRE_THERE:
        *place = (uint32_t)position;
        return true;
    case WIRE_GONE:
        return false;
    case WIRE_AWAY:
        return true;
    }
    return true;
}

static void follow_gather(struct following *following, uint32_t at)
{
    const struct gene *gene = &following->molecule->genes[at];
    struct place_change *change = &following->changes[at];
    const struct wires then = following->old.input[gene->origin - 1], now = following->now.input[at];
    for (uint32_t i = 0; i < gene->index_count; i++) {
        uint32_t *to = &following->indices[gene->index_at + change->count];
        const uint32_t index = following->molecule->indices[gene->index_at + i];
        const bool stays = follow_index(following, then, now, index, to);
        change->count += stays;
        change->changed = change->changed || !stays || *to != index;
    }
    change->empty = change->count == 0;
}

/* Which input of the scatter of before input `at` of now is; false: nobody can say. */
static bool input_before(struct following *following, struct wires then, struct wires now, uint32_t at, uint32_t *input)
{
    struct wire wire;
    uint64_t position;
    if (!wires_at(&following->now, now, at, &wire) || wires_find(&following->old, then, wire, at, &position) != WIRE_THERE)
        return false;
    *input = (uint32_t)position;
    return true;
}

/* How wide a scatter is to be; false where nobody can say. */
static bool target_width(const struct following *following, uint32_t at, uint64_t *width)
{
    return following->now.target[at].count > 0 && wires_width(&following->now, following->now.target[at], width) && *width > 0 &&
           *width <= LIMIT_WIDTH;
}

static void follow_scatter(struct following *following, uint32_t at)
{
    const struct gene *gene = &following->molecule->genes[at];
    struct place_change *change = &following->changes[at];
    const struct wires then = following->old.input[gene->origin - 1], now = following->now.input[at];
    const uint32_t *indices = following->molecule->indices + gene->index_at;
    uint32_t *to = following->indices + gene->index_at, *picked = following->picked + gene->index_at;
    uint64_t wide, inputs;
    if (following->old.target[gene->origin - 1].count == 0 || !target_width(following, at, &wide) ||
        !wires_width(&following->now, now, &inputs))
        return;
    bool told = inputs <= gene->index_count;
    for (uint32_t i = 0; told && i < inputs; i++)
        told = input_before(following, then, now, i, &picked[i]);
    if (!told) /* as many as they were, in their order; what else there is, mend.c brings to that */
        for (uint32_t i = 0; i < gene->index_count; i++)
            picked[i] = i;
    const uint32_t count = told ? (uint32_t)inputs : gene->index_count;
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t index = indices[picked[i]];
        const bool stays = follow_index(following, following->old.target[gene->origin - 1], following->now.target[at], index,
                                        &to[change->count]) &&
                           to[change->count] < wide;
        change->picks = change->picks || !stays;
        if (stays)
            picked[change->count++] = i;
    }
    change->width = (uint32_t)wide;
    change->empty = change->count == 0;
    change->changed =
        change->width != gene->width || change->count != gene->index_count || memcmp(to, indices, change->count * sizeof *to) != 0;
}

/* ---- parts that go ---- */

/* Whether a part of a sum begins in a gather, or ends in a scatter, that has nothing left; nobody taps it. */
static bool part_gone(const struct following *following, uint32_t part)
{
    const struct gene *genes = following->molecule->genes;
    uint32_t first = part, last = part;
    for (uint32_t i = part; i < part + genes[part].size; i++)
        if (genes[i].kind != GENE_TAP && genes[i].label > 0)
            return false;
    if (genes[part].kind == GENE_CHAIN) {
        first = part + 1;
        for (uint32_t stage = first; stage < part + genes[part].size; stage += genes[stage].size)
            last = stage;
    }
    return following->changes[first].empty || following->changes[last].empty;
}

static bool all_gone(const struct following *following, uint32_t sum)
{
    const struct gene *genes = following->molecule->genes;
    bool all = true;
    for (uint32_t child = sum + 1; all && child < sum + genes[sum].size; child += genes[child].size)
        all = part_gone(following, child);
    return all;
}

/* ---- building ---- */

static void build_changed(struct following *following, struct gene gene, const struct place_change *change)
{
    struct molecule_builder *builder = &following->builder;
    const uint32_t *indices = following->indices + gene.index_at;
    if (gene.kind == GENE_SCATTER)
        gene.width = change->width;
    if (change->picks) {
        struct gene gather = gene_of(GENE_GATHER, gene.span);
        gather.index_count = change->count;
        builder_open(builder, GENE_CHAIN, gene.span);
        builder_atom(builder, gather, following->picked + gene.index_at);
    }
    gene.index_count = change->count;
    builder_atom(builder, gene, indices);
    if (change->picks)
        builder_close(builder);
}

static void build(struct following *following, uint32_t at)
{
    const struct molecule *molecule = following->molecule;
    struct molecule_builder *builder = &following->builder;
    const struct place_change *change = &following->changes[at];
    struct gene gene = molecule->genes[at];
    const uint32_t label = gene.kind == GENE_TAP ? 0 : gene.label;
    gene.label = gene.kind == GENE_TAP ? gene.label : 0;
    if (gene_kind_composite(gene.kind)) {
        const bool drops = gene.kind == GENE_SUM && !all_gone(following, at);
        builder_open_like(builder, &gene);
        for (uint32_t child = at + 1; child < at + gene.size; child += molecule->genes[child].size)
            if (!drops || !part_gone(following, child))
                build(following, child);
        builder_close(builder);
    } else if (change->changed && !change->empty) {
        build_changed(following, gene, change);
    } else {
        builder_atom(builder, gene, molecule->indices ? molecule->indices + gene.index_at : NULL);
    }
    if (label)
        builder_label(builder, label);
}

static bool following_open(struct following *following, const struct neuron_choices *choices, uint32_t input_width)
{
    const struct molecule *molecule = following->molecule;
    following->changes = mem_array(molecule->count, sizeof *following->changes);
    following->indices = mem_array(molecule->index_count + (size_t)1, sizeof *following->indices);
    following->picked = mem_array(molecule->index_count + (size_t)1, sizeof *following->picked);
    return following->changes && following->indices && following->picked &&
           wiring_build(&following->old, following->before, NULL, NULL, input_width) &&
           wiring_build(&following->now, molecule, following->before, choices, input_width);
}

static void following_close(struct following *following)
{
    mem_free(following->changes);
    mem_free(following->indices);
    mem_free(following->picked);
    wiring_release(&following->old);
    wiring_release(&following->now);
}

struct molecule *molecule_follow(const struct molecule *molecule, const struct molecule *before,
                                 const struct neuron_choices *choices, uint32_t input_width, struct diags *diags)
{
    if (molecule->index_count == 0)
        return molecule_retain(molecule);
    struct following following = {.molecule = molecule, .before = before};
    bool well = following_open(&following, choices, input_width);
    const bool told = !following.old.crowded && !following.now.crowded;
    for (uint32_t i = 0; well && told && i < molecule->count; i++) {
        const struct gene *gene = &molecule->genes[i];
        if ((gene->kind != GENE_GATHER && gene->kind != GENE_SCATTER) || !was(&following, gene))
            continue;
        (gene->kind == GENE_GATHER ? follow_gather : follow_scatter)(&following, i);
        following.any = following.any || following.changes[i].changed;
        well = !following.old.failed && !following.now.failed;
    }
    struct molecule *result = NULL;
    if (well && following.any) {
        following.builder.next_label = molecule->labels;
        build(&following, 0);
        result = builder_finish(&following.builder, molecule->genes[0].span, diags);
    } else if (well) {
        result = molecule_retain(molecule);
    } else {
        diag_out_of_memory(diags, molecule->genes[0].span);
    }
    following_close(&following);
    return result;
}
