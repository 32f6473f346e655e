#include "engine/rewriting.h"

#include "molecule/graph.h"

/* Whether it is a network for such inputs; `diags` may be NULL. */
static bool is_network(const struct molecule *molecule, uint32_t width, struct diags *diags)
{
    struct diags told = {0};
    struct graph *graph = graph_build(molecule, width, &told);
    const bool well = graph;
    graph_release(graph);
    if (diags)
        diags_move(diags, &told);
    diags_release(&told);
    return well;
}

static bool is_width(const struct molecule *molecule, uint32_t width)
{
    for (uint32_t i = 0; i < molecule->count; i++)
        if (molecule->genes[i].width == width)
            return true;
    return false;
}

/* A width of inputs for which the molecule is a network, preferably one that no part of it has by itself, so that nothing agrees by
   chance; 0 where none was found. `after`: one for which this is a network too, where there is such a one. */
static uint32_t any_width(const struct molecule *molecule, const struct molecule *after)
{
    static const uint32_t tries[] = {7, 11, 13, 5, 3, 2, 1};
    uint32_t first = 0;
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        if ((is_width(molecule, tries[i]) && tries[i] > 3) || !is_network(molecule, tries[i], NULL))
            continue;
        first = first ? first : tries[i];
        if (is_network(after, tries[i], NULL))
            return tries[i];
    }
    for (uint32_t i = 0; !first && i < molecule->count && i < 64; i++)
        if (molecule->genes[i].width > 0 && is_network(molecule, molecule->genes[i].width, NULL))
            first = molecule->genes[i].width;
    return first;
}

static uint32_t layers_of(const struct molecule *molecule)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < molecule->count; i++)
        count += molecule->genes[i].kind == GENE_LAYER;
    return count;
}

struct molecule *molecule_rewrite(const struct molecule *molecule, struct place place, const struct molecule *replacement,
                                  const struct elements *elements, struct carry_options options, struct rewriting *rewriting,
                                  struct diags *diags)
{
    *rewriting = (struct rewriting){0};
    struct molecule *raw = molecule_replace(molecule, place, replacement, diags);
    if (options.input_width == 0)
        options.input_width = molecule_reads(molecule);
    struct molecule *mended = raw ? molecule_mend(raw, molecule, options.choices, options.input_width, elements, diags) : NULL;
    struct molecule *result = NULL;
    if (mended && layers_of(mended) > layers_of(raw))
        rewriting->projections = layers_of(mended) - layers_of(raw);
    if (mended && options.input_width == 0)
        options.input_width = rewriting->assumed = any_width(molecule, mended);
    const bool known = options.input_width > 0 && is_network(molecule, options.input_width, NULL);
    if (mended && (!known || is_network(mended, options.input_width, diags)))
        result = molecule_carry(mended, molecule, options, &rewriting->preserving, diags);
    molecule_release(raw);
    molecule_release(mended);
    return result;
}
