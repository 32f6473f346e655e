#include "molecule/wiring.h"

#include <stdlib.h>

#include "support/limits.h"
#include "support/memory.h"

/* ---- lists ---- */

static bool stopped(const struct wiring *wiring)
{
    return wiring->failed || wiring->crowded;
}

static void push_run(struct wiring *wiring, struct wires *wires, struct wire_run run)
{
    struct wire_run *last = wires->count > 0 ? &wiring->runs.at[wiring->runs.count - 1] : NULL;
    const bool goes_on = last && run.count > 0 && last->count > 0 && last->gene == run.gene &&
                         (run.gene >= WIRE_NEW || last->row + last->count == run.row);
    if (goes_on) {
        last->count += run.count;
        return;
    }
    wiring->crowded = wiring->crowded || wiring->runs.count == LIMIT_WIRE_RUNS;
    wiring->failed = wiring->failed || (!wiring->crowded && !vec_push(&wiring->runs, run));
    wires->count += stopped(wiring) ? 0 : 1;
}

static struct wires new_wires(const struct wiring *wiring, uint32_t owner)
{
    return (struct wires){wiring->runs.count, 0, owner};
}

static struct wires one_run(struct wiring *wiring, uint32_t owner, struct wire_run run)
{
    struct wires wires = new_wires(wiring, owner);
    push_run(wiring, &wires, run);
    return wires;
}

bool wires_width(const struct wiring *wiring, struct wires wires, uint64_t *width)
{
    bool known = true;
    *width = 0;
    for (uint32_t i = 0; i < wires.count; i++) {
        *width += wiring->runs.at[wires.at + i].count;
        known = known && wiring->runs.at[wires.at + i].count > 0;
    }
    return known;
}

/* ---- finding ---- */

/* Where a run of neurons begins in a list. */
struct wire_spot {
    uint64_t position;
    struct wire_run run;
};

struct wire_directory {
    struct wire_spot *places; /* [count] by position, up to where data of no known width begins */
    struct wire_spot *spots;  /* [spot_count] by neuron, none twice */
    size_t count, spot_count;
};

static int by_neuron(const void *a, const void *b)
{
    const struct wire_spot *x = a, *y = b;
    if (x->run.gene != y->run.gene)
        return x->run.gene < y->run.gene ? -1 : 1;
    if (x->run.row != y->run.row)
        return x->run.row < y->run.row ? -1 : 1;
    return (x->position > y->position) - (x->position < y->position);
}

/* Leaves out what is there twice: the first place of a neuron counts, as far as order allows. */
static void drop_copies(struct wire_directory *directory)
{
    size_t kept = 0;
    for (size_t i = 0; i < directory->spot_count; i++) {
        struct wire_spot spot = directory->spots[i];
        const struct wire_spot *last =
            kept > 0 && directory->spots[kept - 1].run.gene == spot.run.gene ? &directory->spots[kept - 1] : NULL;
        const uint32_t end = last ? last->run.row + last->run.count : 0, twice = end > spot.run.row ? end - spot.run.row : 0;
        if (twice >= spot.run.count)
            continue;
        spot.position += twice;
        spot.run.row += twice;
        spot.run.count -= twice;
        directory->spots[kept++] = spot;
    }
    directory->spot_count = kept;
}

static const struct wire_directory *directory_of(struct wiring *wiring, struct wires wires)
{
    struct wire_directory *directory = &wiring->by_run[wires.owner];
    if (directory->places)
        return directory;
    directory->places = mem_array(wires.count + (size_t)1, sizeof *directory->places);
    directory->spots = mem_array(wires.count + (size_t)1, sizeof *directory->spots);
    wiring->failed = wiring->failed || !directory->places || !directory->spots;
    uint64_t position = 0;
    for (uint32_t i = 0; !wiring->failed && i < wires.count; i++) {
        const struct wire_run run = wiring->runs.at[wires.at + i];
        if (run.count == 0)
            break;
        directory->places[directory->count++] = (struct wire_spot){position, run};
        if (run.gene < WIRE_NEW)
            directory->spots[directory->spot_count++] = (struct wire_spot){position, run};
        position += run.count;
    }
    if (!wiring->failed && directory->spot_count > 0) {
        qsort(directory->spots, directory->spot_count, sizeof *directory->spots, by_neuron);
        drop_copies(directory);
    }
    return directory;
}

bool wires_at(struct wiring *wiring, struct wires wires, uint64_t position, struct wire *wire)
{
    const struct wire_directory *directory = directory_of(wiring, wires);
    size_t low = 0, high = wiring->failed ? 0 : directory->count;
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        *(directory->places[middle].position <= position ? &low : &high) = middle;
    }
    if (low == high || position - directory->places[low].position >= directory->places[low].run.count)
        return false;
    const struct wire_run run = directory->places[low].run;
    *wire = (struct wire){run.gene, run.row + (uint32_t)(position - directory->places[low].position)};
    return run.gene < WIRE_NEW;
}

enum wire_fate wires_find(struct wiring *wiring, struct wires wires, struct wire wire, uint64_t likely, uint64_t *position)
{
    struct wire there;
    *position = likely;
    if (wires_at(wiring, wires, likely, &there) && there.gene == wire.gene && there.row == wire.row)
        return WIRE_THERE;
    const struct wire_directory *directory = directory_of(wiring, wires);
    size_t low = 0, high = wiring->failed ? 0 : directory->spot_count;
    while (low < high) { /* the first spot past the neuron */
        const size_t middle = low + (high - low) / 2;
        const struct wire_run *run = &directory->spots[middle].run;
        if (run->gene < wire.gene || (run->gene == wire.gene && run->row <= wire.row))
            low = middle + 1;
        else
            high = middle;
    }
    const struct wire_spot *before = low > 0 ? &directory->spots[low - 1] : NULL;
    const bool its = before && before->run.gene == wire.gene;
    if (its && wire.row - before->run.row < before->run.count) {
        *position = before->position + (wire.row - before->run.row);
        return WIRE_THERE;
    }
    const bool others = its || (!wiring->failed && low < directory->spot_count && directory->spots[low].run.gene == wire.gene);
    return others ? WIRE_GONE : WIRE_AWAY;
}

/* ---- what each gene gives ---- */

static struct wires infer(struct wiring *wiring, uint32_t at, struct wires input);

static bool is_layer(const struct gene *gene)
{
    return gene->kind == GENE_LAYER || gene->kind == GENE_OUTPUT;
}

static struct wires infer_layer(struct wiring *wiring, uint32_t at)
{
    const struct gene *gene = &wiring->molecule->genes[at];
    const struct molecule *before = wiring->before;
    struct wires wires = new_wires(wiring, at);
    if (!before) {
        push_run(wiring, &wires, (struct wire_run){at, 0, gene->width});
        return wires;
    }
    const bool known = gene->origin > 0 && gene->origin <= before->count && is_layer(&before->genes[gene->origin - 1]);
    const uint32_t own = gene->origin - 1, old_width = known ? before->genes[own].width : 0;
    const struct neuron_choice *choice = known ? choice_find(wiring->choices, own) : NULL;
    for (uint32_t i = 0; choice && i < choice->count && !stopped(wiring); i++)
        push_run(wiring, &wires,
                 choice->rows[i] == NEURON_NEW ? (struct wire_run){WIRE_NEW, 0, 1} : (struct wire_run){own, choice->rows[i], 1});
    const uint32_t kept = gene->width < old_width ? gene->width : old_width;
    if (!choice && kept > 0)
        push_run(wiring, &wires, (struct wire_run){own, 0, kept});
    if (!choice && gene->width > kept)
        push_run(wiring, &wires, (struct wire_run){WIRE_NEW, 0, gene->width - kept});
    return wires;
}

static struct wires infer_gather(struct wiring *wiring, uint32_t at, struct wires input)
{
    const struct gene *gene = &wiring->molecule->genes[at];
    const uint32_t *indices = wiring->molecule->indices + gene->index_at;
    struct wires wires = new_wires(wiring, at);
    for (uint32_t i = 0; i < gene->index_count && !stopped(wiring); i++) {
        struct wire wire = {WIRE_NEW, 0};
        (void)wires_at(wiring, input, indices[i], &wire);
        push_run(wiring, &wires, (struct wire_run){wire.gene, wire.row, 1});
    }
    return wires;
}

static int ascending(const void *a, const void *b)
{
    const uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

/* What is written, and nothing between; after a rewrite nobody knows yet where it is to be written. */
static struct wires infer_scatter(struct wiring *wiring, uint32_t at, struct wires input)
{
    const struct gene *gene = &wiring->molecule->genes[at];
    const uint32_t *indices = wiring->molecule->indices + gene->index_at;
    if (wiring->before)
        return one_run(wiring, at, (struct wire_run){WIRE_NOTHING, 0, gene->width});
    uint64_t *places = mem_array(gene->index_count + (size_t)1, sizeof *places); /* position, then which input */
    wiring->failed = wiring->failed || !places;
    for (uint32_t i = 0; places && i < gene->index_count; i++)
        places[i] = (uint64_t)indices[i] << 32 | i;
    if (places)
        qsort(places, gene->index_count, sizeof *places, ascending);
    struct wires wires = new_wires(wiring, at);
    uint32_t next = 0;
    for (uint32_t i = 0; places && i < gene->index_count && !stopped(wiring); i++) {
        const uint32_t position = (uint32_t)(places[i] >> 32);
        struct wire wire = {WIRE_NEW, 0};
        if (position < next)
            continue; /* written twice: no network */
        (void)wires_at(wiring, input, places[i] & UINT32_MAX, &wire);
        if (position > next)
            push_run(wiring, &wires, (struct wire_run){WIRE_NOTHING, 0, position - next});
        push_run(wiring, &wires, (struct wire_run){wire.gene, wire.row, 1});
        next = position + 1;
    }
    if (next < gene->width)
        push_run(wiring, &wires, (struct wire_run){WIRE_NOTHING, 0, gene->width - next});
    mem_free(places);
    return wires;
}

static struct wires infer_branch(struct wiring *wiring, uint32_t at, struct wires input)
{
    const struct gene *genes = wiring->molecule->genes;
    for (uint32_t child = at + 1; child < at + genes[at].size; child += genes[child].size)
        infer(wiring, child, input);
    struct wires wires = new_wires(wiring, at);
    for (uint32_t child = at + 1; child < at + genes[at].size; child += genes[child].size)
        for (uint32_t i = 0; !stopped(wiring) && i < wiring->output[child].count; i++)
            push_run(wiring, &wires, wiring->runs.at[wiring->output[child].at + i]);
    return wires;
}

/* How well a part names the values of what it is a part of: 2 fully, 1 as neurons that were not there before, 0 not. */
static int naming(const struct wiring *wiring, struct wires wires)
{
    bool known = false;
    for (uint32_t i = 0; i < wires.count; i++) {
        const struct wire_run *run = &wiring->runs.at[wires.at + i];
        if (run->gene == WIRE_NOTHING)
            return 0;
        known = known || run->gene < WIRE_NEW;
    }
    return known ? 2 : 1;
}

/* The last stage of a part; the part itself where it is no chain. */
static uint32_t last_of(const struct molecule *molecule, uint32_t part)
{
    const struct gene *genes = molecule->genes;
    uint32_t last = part;
    if (genes[part].kind == GENE_CHAIN)
        for (uint32_t stage = part + 1; stage < part + genes[part].size; stage += genes[stage].size)
            last = stage;
    return last;
}

static bool ends_in_scatter(const struct wiring *wiring, uint32_t part)
{
    return wiring->molecule->genes[last_of(wiring->molecule, part)].kind == GENE_SCATTER;
}

static struct wires infer_parts(struct wiring *wiring, uint32_t at, struct wires input)
{
    const struct gene *genes = wiring->molecule->genes;
    const uint32_t end = at + genes[at].size;
    struct wires anchor = {0};
    uint64_t width = 0, other;
    int best = -1;
    for (uint32_t child = at + 1; child < end; child += genes[child].size) {
        const struct wires part = infer(wiring, child, input);
        const int named = ends_in_scatter(wiring, child) ? 0 : naming(wiring, part);
        anchor = named > best ? part : anchor;
        best = named > best ? named : best;
    }
    bool even = genes[at].kind == GENE_SUM && best > 0 && wires_width(wiring, anchor, &width);
    for (uint32_t child = at + 1; even && child < end; child += genes[child].size)
        even = ends_in_scatter(wiring, child) || (wires_width(wiring, wiring->output[child], &other) && other == width);
    for (uint32_t child = at + 1; even && child < end; child += genes[child].size)
        if (ends_in_scatter(wiring, child))
            wiring->target[last_of(wiring->molecule, child)] = anchor;
    return anchor;
}

static struct wires infer_skip(struct wiring *wiring, uint32_t at, struct wires input)
{
    const struct wires inner = infer(wiring, at + 1, input);
    uint64_t width, aside;
    const bool even = wires_width(wiring, inner, &width) && wires_width(wiring, input, &aside) && width == aside;
    return even && naming(wiring, input) > naming(wiring, inner) ? input : inner;
}

static struct wires infer_kind(struct wiring *wiring, uint32_t at, struct wires input)
{
    const struct gene *genes = wiring->molecule->genes, *gene = &genes[at];
    switch ((enum gene_kind)gene->kind) {
    case GENE_LAYER:
    case GENE_OUTPUT:
        return infer_layer(wiring, at);
    case GENE_INPUT:
        return one_run(wiring, at, (struct wire_run){WIRE_DATA, 0, gene->width});
    case GENE_GATHER:
        return infer_gather(wiring, at, input);
    case GENE_SCATTER:
        return infer_scatter(wiring, at, input);
    case GENE_ACTIVATION:
    case GENE_DROPOUT:
    case GENE_BATCHNORM:
    case GENE_LAYERNORM:
    case GENE_HEAD:
        return input;
    case GENE_TAP:
        return gene->label <= wiring->molecule->labels ? wiring->taps[gene->label]
                                                       : one_run(wiring, at, (struct wire_run){WIRE_DATA, 0, 0});
    case GENE_CHAIN:
        for (uint32_t stage = at + 1; stage < at + gene->size; stage += genes[stage].size)
            input = infer(wiring, stage, input);
        return input;
    case GENE_BRANCH:
        return infer_branch(wiring, at, input);
    case GENE_SUM:
    case GENE_PRODUCT:
        return infer_parts(wiring, at, input);
    case GENE_SKIP:
        return infer_skip(wiring, at, input);
    }
    return input;
}

static struct wires infer(struct wiring *wiring, uint32_t at, struct wires input)
{
    const struct gene *gene = &wiring->molecule->genes[at];
    wiring->input[at] = input;
    wiring->output[at] = infer_kind(wiring, at, input);
    if (gene->kind != GENE_TAP && gene->label > 0 && gene->label <= wiring->molecule->labels)
        wiring->taps[gene->label] = wiring->output[at];
    return wiring->output[at];
}

bool wiring_build(struct wiring *wiring, const struct molecule *molecule, const struct molecule *before,
                  const struct neuron_choices *choices, uint32_t input_width)
{
    const size_t count = molecule->count;
    *wiring = (struct wiring){.molecule = molecule, .before = before, .choices = choices};
    wiring->input = mem_array(count, sizeof *wiring->input);
    wiring->output = mem_array(count, sizeof *wiring->output);
    wiring->target = mem_array(count, sizeof *wiring->target);
    wiring->taps = mem_array((size_t)molecule->labels + 1, sizeof *wiring->taps);
    wiring->by_run = mem_array(count + 1, sizeof *wiring->by_run); /* the last one of the data */
    if (!wiring->input || !wiring->output || !wiring->target || !wiring->taps || !wiring->by_run)
        return false;
    infer(wiring, 0, one_run(wiring, molecule->count, (struct wire_run){WIRE_DATA, 0, input_width}));
    return !wiring->failed;
}

void wiring_release(struct wiring *wiring)
{
    for (uint32_t i = 0; wiring->by_run && i <= wiring->molecule->count; i++) {
        mem_free(wiring->by_run[i].places);
        mem_free(wiring->by_run[i].spots);
    }
    mem_free(wiring->input);
    mem_free(wiring->output);
    mem_free(wiring->target);
    mem_free(wiring->taps);
    mem_free(wiring->by_run);
    vec_release(&wiring->runs);
}
