#include "interp/preserve.h"

#include "interp/evaluate.h"
#include "interp/objects.h"
#include "support/vec.h"

/* What stands where the pattern says nothing of it. */
struct probe {
    const struct element *element;
    uint32_t width;
    double density;
    bool statistics; /* a layernorm behind it, and it is tapped */
};

/* Values that a probe reads: even, so that half of all connections is a whole number. */
enum { INPUTS = 6 };

/* Parts of a probe are told from what is around them by this origin, which is nobody's. */
#define PROBED UINT32_MAX

/* Every other of its inputs; where it scatters, into twice as many. */
static void add_pick(struct molecule_builder *builder, const struct pattern *pattern)
{
    static const uint32_t every_other[] = {0, 2, 4}, all[] = {0, 1, 2, 3, 4, 5};
    const bool gathers = pattern->picks == GENE_GATHER;
    struct gene gene = gene_of((enum gene_kind)pattern->picks, SPAN_NONE);
    gene.index_count = gathers ? 3 : INPUTS;
    gene.width = gathers ? 0 : pattern->width > 0 ? pattern->width : 2 * INPUTS;
    builder_atom(builder, gene, gathers ? every_other : all);
}

static void add_layer(struct molecule_builder *builder, const struct pattern *pattern, const struct probe *probe)
{
    struct gene gene =
        gene_layer(pattern->element ? pattern->element : probe->element, pattern->width ? pattern->width : probe->width, SPAN_NONE);
    gene.traits.density = probe->density;
    for (size_t i = 0; i < pattern->trait_count; i++)
        if (pattern->traits[i].variable < 0)
            trait_put(&gene.traits, pattern->traits[i].row, pattern->traits[i].value);
    builder_atom(builder, gene, NULL);
}

/* Something that the pattern matches. */
static void add_pattern(struct molecule_builder *builder, const struct pattern *pattern, const struct probe *probe)
{
    static const enum gene_kind kinds[] = {[PATTERN_CHAIN] = GENE_CHAIN,
                                           [PATTERN_BRANCH] = GENE_BRANCH,
                                           [PATTERN_SUM] = GENE_SUM,
                                           [PATTERN_PRODUCT] = GENE_PRODUCT,
                                           [PATTERN_SKIP] = GENE_SKIP};
    switch ((enum pattern_kind)pattern->kind) {
    case PATTERN_LAYER:
    case PATTERN_ANY:
        add_layer(builder, pattern, probe);
        return;
    case PATTERN_PICK:
        add_pick(builder, pattern);
        return;
    case PATTERN_EXACT:
        builder_copy(builder, pattern->exact, 0);
        return;
    case PATTERN_CHAIN:
    case PATTERN_BRANCH:
    case PATTERN_SUM:
    case PATTERN_PRODUCT:
    case PATTERN_SKIP:
        builder_open(builder, kinds[pattern->kind], SPAN_NONE);
        for (size_t i = 0; i < pattern->part_count; i++)
            add_pattern(builder, pattern->parts[i], probe);
        builder_close(builder);
        return;
    }
}

/* The pattern between layers. NULL where it cannot stand there. */
static struct molecule *probe_molecule(struct eval *eval, const struct rule *rule, const struct probe *probe)
{
    const struct element *around = elements_by_name(&eval->state->elements, STR("linear"));
    around = around ? around : probe->element;
    struct molecule_builder builder = {0};
    struct gene output = gene_of(GENE_OUTPUT, SPAN_NONE), tap = gene_of(GENE_TAP, SPAN_NONE);
    output.width = 2;
    tap.label = builder_new_label(&builder);
    builder_open(&builder, GENE_CHAIN, SPAN_NONE);
    builder_atom(&builder, gene_layer(around, INPUTS, SPAN_NONE), NULL);
    const size_t start = builder.count;
    add_pattern(&builder, rule->pattern, probe);
    for (size_t i = start; i < builder.count; i++)
        builder.genes[i].origin = PROBED;
    if (probe->statistics) {
        builder_label(&builder, tap.label);
        builder_atom(&builder, gene_of(GENE_LAYERNORM, SPAN_NONE), NULL);
        builder_atom(&builder, gene_layer(around, 3, SPAN_NONE), NULL);
        builder_open(&builder, GENE_BRANCH, SPAN_NONE);
        builder_atom(&builder, gene_layer(around, 3, SPAN_NONE), NULL);
        builder_atom(&builder, tap, NULL);
        builder_close(&builder);
    }
    builder_atom(&builder, output, NULL);
    builder_close(&builder);
    return builder_finish(&builder, SPAN_NONE, eval->diags);
}

/* Adds how often the rule fires in the probe, and how often it keeps the function. */
static void try_probe(struct eval *eval, const struct rule *rule, const struct molecule *molecule, unsigned *fired, unsigned *kept)
{
    struct place_list places;
    if (!rule_places(eval, rule, molecule, INPUTS, &places))
        return;
    for (size_t i = 0; i < places.count; i++) {
        /* Enough draws of parameters with a domain to meet one that makes a difference. */
        for (uint64_t draw = 0; draw < 3 && molecule->genes[places.at[i].place.gene].origin == PROBED; draw++) {
            struct random random = random_stream(draw, RANDOM_SCRIPT, i);
            struct application application = {.random = &random, .input_width = INPUTS};
            struct molecule *after = rule_apply(eval, rule, molecule, places.at[i].place, &application);
            *fired += after != NULL;
            *kept += after && application.preserving;
            molecule_release(after);
        }
    }
    vec_release(&places);
}

/* Whether the rule keeps the function wherever it fires on layers of an element. */
static bool element_kept(struct eval *eval, const struct rule *rule, bool normalised, const struct element *element,
                         unsigned *fired)
{
    static const uint32_t widths[] = {4, INPUTS, 16};
    unsigned here = 0, kept = 0;
    for (size_t i = 0; i < sizeof widths / sizeof *widths && kept == here; i++)
        for (int form = 0; form < (normalised ? 4 : 2) && kept == here; form++) {
            const struct probe probe = {element, widths[i], form & 1 ? 0.5 : 1, form & 2};
            struct molecule *molecule = probe_molecule(eval, rule, &probe);
            if (molecule)
                try_probe(eval, rule, molecule, &here, &kept);
            molecule_release(molecule);
        }
    *fired += here;
    return here > 0 && kept == here;
}

enum preserving rule_preserving(struct eval *eval, const struct rule *rule, bool normalised, struct text *elements)
{
    const struct elements *table = &eval->state->elements;
    struct diags unused = {0}, *outer = eval->diags;
    const size_t mark = pool_mark(eval);
    unsigned kept = 0, met = 0;
    eval->diags = &unused;
    for (size_t i = 0; i < table->count; i++) {
        unsigned fired = 0;
        if (element_kept(eval, rule, normalised, table->at[i], &fired)) {
            if (elements)
                text_addf(elements, "%s%s", kept > 0 ? ", " : "", table->at[i]->name);
            kept++;
        }
        met += fired > 0;
    }
    pool_drain(eval, mark, value_none());
    eval->diags = outer;
    diags_release(&unused);
    return kept == 0 ? PRESERVES_NEVER : kept == met ? PRESERVES_ALWAYS : PRESERVES_SOME;
}
