/* A layer with other neurons (neurons.h), and all that is tied to it with it: what one sum adds, neuron by neuron, loses and gets the same
   ones. Which those are is found in molecule/ties.h. */
#include <string.h>

#include "engine/carry.h"
#include "engine/neurons.h"
#include "molecule/ties.h"
#include "support/memory.h"

/* What was chosen of the layer, and of who is tied to it. */
struct chosen {
    const struct ties *ties;
    uint32_t gene;
    const uint32_t *neurons; /* of the layer */
    uint32_t count;
    uint8_t *marks; /* by what stands for tied neurons: KEPT, GONE */
    bool ordered;   /* in the order that they had, and none is new */
    bool appended;  /* all that there were, and new ones behind them */
    struct neuron_choice *choices;
    size_t choice_count;
    bool room; /* memory */
};

enum { KEPT = 1, GONE = 2 };

/* ---- who is chosen ---- */

static void mark(struct chosen *chosen)
{
    const uint32_t width = chosen->ties->width[chosen->gene];
    bool *stays = mem_array(width + (size_t)1, sizeof *stays);
    chosen->room = chosen->room && stays;
    chosen->ordered = true;
    chosen->appended = chosen->count >= width;
    for (uint32_t i = 0, last = 0; stays && i < chosen->count; i++) {
        const uint32_t row = chosen->neurons[i];
        chosen->ordered = chosen->ordered && row != NEURON_NEW && (i == 0 || row > last);
        chosen->appended = chosen->appended && row == (i < width ? i : NEURON_NEW);
        last = row;
        if (row != NEURON_NEW)
            stays[row] = true;
    }
    for (uint32_t row = 0; stays && row < width; row++)
        chosen->marks[ties_of(chosen->ties, chosen->gene, row)] |= stays[row] ? KEPT : GONE;
    mem_free(stays);
}

/* Whether what has to stay together does: fixed neurons stay, and where they are. New ones that are multiplied with each other would give
   nothing and never learn. */
static bool possible(const struct chosen *chosen)
{
    if (chosen->marks[0] && (!chosen->ordered || chosen->marks[0] != KEPT))
        return false;
    bool fresh = false;
    for (uint32_t i = 0; i < chosen->count; i++)
        fresh = fresh || chosen->neurons[i] == NEURON_NEW;
    for (uint32_t i = 1; i < chosen->ties->count; i++)
        if (chosen->marks[i] == (KEPT | GONE) || (chosen->marks[i] && fresh && chosen->ties->multiplied[i]))
            return false;
    return true;
}

/* ---- who is tied to it ---- */

static bool is_tied(const struct chosen *chosen, uint32_t gene)
{
    bool any = false;
    for (uint32_t i = 0; !any && i < chosen->ties->width[gene]; i++) {
        const uint32_t class = ties_of(chosen->ties, gene, i);
        any = class && chosen->marks[class];
    }
    return any;
}

/* Whether neuron i is tied to neuron i of the layer, for all of them. */
static bool is_alike(const struct chosen *chosen, uint32_t gene)
{
    const struct ties *ties = chosen->ties;
    bool same = ties->width[gene] == ties->width[chosen->gene];
    for (uint32_t i = 0; same && i < ties->width[gene]; i++)
        same = ties_of(ties, gene, i) == ties_of(ties, chosen->gene, i);
    return same;
}

static bool keep_choice(struct chosen *chosen, uint32_t gene, const uint32_t *rows, uint32_t count)
{
    uint32_t *copy = mem_array(count + (size_t)1, sizeof *copy);
    chosen->room = chosen->room && copy;
    if (!copy)
        return false;
    memcpy(copy, rows, count * sizeof *copy);
    chosen->choices[chosen->choice_count++] = (struct neuron_choice){gene, copy, count};
    return true;
}

/* Of one whose neurons go with the layer's, those that stay; false where none would. */
static bool keep_rest(struct chosen *chosen, uint32_t gene)
{
    const uint32_t width = chosen->ties->width[gene];
    uint32_t *rows = mem_array(width + (size_t)1, sizeof *rows), count = 0;
    chosen->room = chosen->room && rows;
    for (uint32_t i = 0; rows && i < width; i++)
        if (chosen->marks[ties_of(chosen->ties, gene, i)] != GONE)
            rows[count++] = i;
    const bool well = rows && count > 0 && (count == width || keep_choice(chosen, gene, rows, count));
    mem_free(rows);
    return well;
}

/* A choice for the layer and for each that is tied to it; false where there is none that fits them all. */
static bool choose_all(struct chosen *chosen)
{
    const uint32_t genes = chosen->ties->molecule->count;
    mark(chosen);
    bool well = chosen->room && possible(chosen) && keep_choice(chosen, chosen->gene, chosen->neurons, chosen->count);
    for (uint32_t gene = 0; well && gene < genes; gene++) {
        if (gene == chosen->gene || !chosen->ties->base[gene] || !is_tied(chosen, gene))
            continue;
        if (chosen->ordered)
            well = keep_rest(chosen, gene);
        else if (is_alike(chosen, gene))
            well = keep_choice(chosen, gene, chosen->neurons, chosen->count);
        else
            well = chosen->appended; /* a patch: what it does not write to is nothing to it */
    }
    return well;
}

/* ---- the molecule ---- */

/* With as many neurons as were chosen, its origins its own genes. */
static struct molecule *with_widths(const struct molecule *molecule, const struct chosen *chosen, struct diags *diags)
{
    struct molecule_builder builder = {0};
    builder_copy(&builder, molecule, 0);
    for (uint32_t i = 0; i < builder.count; i++) {
        builder.genes[i].origin = i + 1;
        builder.genes[i].partial = builder.genes[i].weights;
    }
    for (size_t i = 0; builder.count && i < chosen->choice_count; i++)
        if (builder.genes[chosen->choices[i].gene].kind == GENE_LAYER)
            builder.genes[chosen->choices[i].gene].width = chosen->choices[i].count;
    return builder_finish(&builder, molecule->genes[0].span, diags);
}

/* Whether it is the same network but for neurons: no projection came to it or went, and it gives as many values. Patches of neurons that
   are gone may have. */
static bool same_form(const struct graph *before, const struct molecule *after, struct diags *told)
{
    struct graph *now = graph_build(after, before->input_width, told);
    bool same = now && now->output_width == before->output_width;
    for (uint32_t i = 0; same && i < after->count; i++)
        same = after->genes[i].kind != GENE_LAYER || after->genes[i].origin > 0;
    for (uint32_t i = 0; same && i < now->count; i++) {
        const struct gene *gene = &after->genes[now->nodes[i].gene];
        if (now->nodes[i].op != GRAPH_SUM || gene->kind != GENE_SKIP)
            continue;
        bool had = false;
        for (uint32_t k = 0; !had && k < before->count; k++)
            had = before->nodes[k].projection && before->nodes[k].gene + 1 == gene->origin;
        same = had == now->nodes[i - 1].projection;
    }
    graph_release(now);
    return same;
}

static struct molecule *rewrite(const struct graph *graph, const struct chosen *chosen, uint64_t seed,
                                const struct elements *elements, bool *preserving, struct diags *diags)
{
    const struct molecule *molecule = graph->molecule;
    const struct neuron_choices choices = {chosen->choices, chosen->choice_count};
    const struct carry_options options = {.input_width = graph->input_width, .seed = seed, .choices = &choices};
    struct diags told = {0};
    struct molecule *raw = with_widths(molecule, chosen, &told), *after = NULL;
    struct molecule *mended = raw ? molecule_mend(raw, molecule, &choices, graph->input_width, elements, &told) : NULL;
    if (mended && same_form(graph, mended, &told))
        after = molecule_carry(mended, molecule, options, preserving, &told);
    if (told.out_of_memory)
        diags_move(diags, &told);
    diags_release(&told);
    molecule_release(raw);
    molecule_release(mended);
    return after;
}

struct molecule *neurons_choose(const struct molecule *molecule, uint32_t gene, const uint32_t *neurons, uint32_t count,
                                uint32_t input_width, uint64_t seed, const struct elements *elements, bool *preserving,
                                struct diags *diags)
{
    struct diags told = {0};
    struct graph *graph = graph_build(molecule, input_width, &told);
    struct ties *ties = graph ? ties_find(graph) : NULL;
    struct chosen chosen = {.ties = ties, .gene = gene, .neurons = neurons, .count = count};
    struct molecule *after = NULL;
    chosen.marks = ties ? mem_array(ties->count, sizeof *chosen.marks) : NULL;
    chosen.choices = mem_array(molecule->count, sizeof *chosen.choices);
    chosen.room = chosen.marks && chosen.choices;
    *preserving = false;
    if (chosen.room && ties->base[gene] && choose_all(&chosen))
        after = rewrite(graph, &chosen, seed, elements, preserving, diags);
    if (!chosen.room && (graph || told.out_of_memory))
        diag_out_of_memory(diags, molecule->genes[gene].span);
    for (size_t i = 0; i < chosen.choice_count; i++)
        mem_free((uint32_t *)chosen.choices[i].rows);
    mem_free(chosen.choices);
    mem_free(chosen.marks);
    ties_release(ties);
    graph_release(graph);
    diags_release(&told);
    return after;
}
