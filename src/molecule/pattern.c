/* Matching of patterns, modulo the algebra of molecules: since these are flat, `?A -> ?B` is met at each cut of a chain into
   neighbouring stages, and the last variable of a branch, sum or product takes all that is left. What a variable is bound to is a
   slice of the molecule's genes; nothing is copied. */
#include <string.h>

#include "molecule/place.h"
#include "support/memory.h"

void pattern_release(struct pattern *pattern)
{
    if (!pattern)
        return;
    for (size_t i = 0; i < pattern->part_count; i++)
        pattern_release(pattern->parts[i]);
    mem_free(pattern->parts);
    mem_free(pattern->traits);
    molecule_release(pattern->exact);
    mem_free(pattern);
}

bool pattern_counts(const struct pattern *pattern)
{
    bool counts = pattern->reads > 0 || pattern->reads_variable >= 0;
    for (size_t i = 0; !counts && i < pattern->part_count; i++)
        counts = pattern_counts(pattern->parts[i]);
    return counts;
}

/* ---- places ---- */

bool place_find(const struct molecule *molecule, struct place place, struct surroundings *around)
{
    const struct gene *genes = molecule->genes;
    if (place.count < 1 || place.gene >= molecule->count)
        return false;
    *around = (struct surroundings){.parent = NO_PARENT, .end = molecule->count};
    if (place.gene == 0)
        return place.count == 1;
    uint32_t parent = 0, child = 1;
    while (child != place.gene)
        if (place.gene < child + genes[child].size)
            parent = child++;
        else
            child += genes[child].size;
    uint32_t stop = parent + genes[parent].size;
    for (uint32_t i = 0; i < place.count; i++, child += genes[child].size)
        if (child >= stop)
            return false;
    around->parent = parent;
    around->end = child;
    return true;
}

/* ---- equality of parts ---- */

/* Where in the genes from `from` on, before `at`, a label is defined: 1 + its distance from `from`; 0 nowhere there. */
static uint32_t defined_within(const struct molecule *molecule, uint32_t from, uint32_t at, uint32_t label)
{
    while (at-- > from)
        if (molecule->genes[at].label == label && molecule->genes[at].kind != GENE_TAP)
            return at - from + 1;
    return 0;
}

/* Taps correspond where they mean the corresponding stages of the two parts, or the same stage outside both. */
static bool taps_equal(const struct molecule *a, uint32_t a_from, const struct molecule *b, uint32_t b_from, uint32_t i)
{
    uint32_t a_label = a->genes[a_from + i].label, b_label = b->genes[b_from + i].label;
    uint32_t a_at = defined_within(a, a_from, a_from + i, a_label), b_at = defined_within(b, b_from, b_from + i, b_label);
    if (a_at || b_at)
        return a_at == b_at;
    return a_label == b_label && (a == b || a_label >= FREE_LABEL);
}

/* Whether the `count` genes at `a_from` and at `b_from` are equal; labels of theirs that only others use do not matter. */
static bool genes_equal(const struct molecule *a, uint32_t a_from, const struct molecule *b, uint32_t b_from, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct gene *x = &a->genes[a_from + i], *y = &b->genes[b_from + i];
        if (!gene_equal(x, a->indices, y, b->indices) || (x->kind == GENE_TAP && !taps_equal(a, a_from, b, b_from, i)))
            return false;
    }
    return true;
}

/* Whether two places of one molecule hold the same. Several neighbours mean one thing in a chain and another in a branch. */
static bool places_equal(const struct molecule *molecule, struct place a, struct place b)
{
    const struct gene *genes = molecule->genes;
    struct surroundings at, bt;
    if (a.count == 1 && b.count == 1)
        return genes_equal(molecule, a.gene, molecule, b.gene, genes[a.gene].size);
    if (a.count != b.count || !place_find(molecule, a, &at) || !place_find(molecule, b, &bt) || at.end - a.gene != bt.end - b.gene)
        return false;
    return genes[at.parent].kind == genes[bt.parent].kind && genes_equal(molecule, a.gene, molecule, b.gene, at.end - a.gene);
}

/* ---- matching ---- */

struct match {
    const struct molecule *molecule;
    const uint32_t *reads; /* by gene, or NULL */
    struct bindings *bindings;
};

/* How many stages of a chain the pattern stands for. */
static size_t pattern_stages(const struct pattern *pattern)
{
    size_t stages = 0;
    if (pattern->kind == PATTERN_EXACT && pattern->exact->genes[0].kind == GENE_CHAIN)
        return pattern->exact->genes[0].count;
    if (pattern->kind != PATTERN_CHAIN)
        return 1;
    for (size_t i = 0; i < pattern->part_count; i++)
        stages += pattern_stages(pattern->parts[i]);
    return stages;
}

static bool bind_molecule(struct match *match, int variable, uint32_t gene, uint32_t count)
{
    if (variable < 0)
        return true;
    struct place place = {gene, count};
    if (match->bindings->at[variable].bound)
        return places_equal(match->molecule,
                            (struct place){match->bindings->at[variable].gene, match->bindings->at[variable].count}, place);
    match->bindings->at[variable].bound = true;
    match->bindings->at[variable].gene = gene;
    match->bindings->at[variable].count = count;
    return true;
}

static void bind_gene(struct match *match, int variable, uint32_t gene, double number)
{
    match->bindings->at[variable].bound = true;
    match->bindings->at[variable].gene = gene;
    match->bindings->at[variable].count = 1;
    match->bindings->at[variable].number = number;
}

static bool bind_element(struct match *match, int variable, uint32_t gene)
{
    const struct gene *genes = match->molecule->genes;
    if (variable >= 0 && match->bindings->at[variable].bound)
        return genes[match->bindings->at[variable].gene].element == genes[gene].element;
    if (variable >= 0)
        bind_gene(match, variable, gene, 0);
    return true;
}

static bool bind_number(struct match *match, int variable, uint32_t gene, double number)
{
    if (variable >= 0 && match->bindings->at[variable].bound)
        return match->bindings->at[variable].number == number;
    if (variable >= 0)
        bind_gene(match, variable, gene, number);
    return true;
}

static bool bind_indices(struct match *match, int variable, uint32_t gene)
{
    const struct molecule *molecule = match->molecule;
    if (variable < 0)
        return true;
    if (!match->bindings->at[variable].bound) {
        bind_gene(match, variable, gene, 0);
        return true;
    }
    const struct gene *a = &molecule->genes[match->bindings->at[variable].gene], *b = &molecule->genes[gene];
    return a->index_count == b->index_count && memcmp(molecule->indices + a->index_at, molecule->indices + b->index_at,
                                                      a->index_count * sizeof *molecule->indices) == 0;
}

static bool match_trait(struct match *match, const struct pattern_trait *trait, uint32_t at)
{
    const double number = trait_get(&match->molecule->genes[at].traits, trait->row);
    return trait->variable >= 0 ? bind_number(match, trait->variable, at, number) : number == trait->value;
}

/* How many values the gene reads, where the pattern asks for it. */
static bool match_reads(struct match *match, const struct pattern *pattern, uint32_t at)
{
    if (pattern->reads == 0 && pattern->reads_variable < 0)
        return true;
    const uint32_t reads = match->reads ? match->reads[at] : 0;
    return reads > 0 && (pattern->reads == 0 || pattern->reads == reads) && bind_number(match, pattern->reads_variable, at, reads);
}

static bool match_layer(struct match *match, const struct pattern *pattern, uint32_t at)
{
    const struct gene *gene = &match->molecule->genes[at];
    if (gene->kind != GENE_LAYER || (pattern->element && pattern->element != gene->element) ||
        (pattern->width && pattern->width != gene->width) || !match_reads(match, pattern, at))
        return false;
    for (size_t i = 0; i < pattern->trait_count; i++)
        if (!match_trait(match, &pattern->traits[i], at))
            return false;
    return bind_element(match, pattern->element_variable, at) && bind_number(match, pattern->width_variable, at, gene->width);
}

static bool match_pick(struct match *match, const struct pattern *pattern, uint32_t at)
{
    const struct gene *gene = &match->molecule->genes[at];
    return gene->kind == pattern->picks && (pattern->width == 0 || pattern->width == gene->width) &&
           match_reads(match, pattern, at) && bind_number(match, pattern->width_variable, at, gene->width) &&
           bind_indices(match, pattern->index_variable, at);
}

static bool match_exact(const struct match *match, const struct pattern *pattern, uint32_t at, uint32_t end)
{
    const struct molecule *exact = pattern->exact;
    uint32_t first = exact->genes[0].kind == GENE_CHAIN && match->molecule->genes[at].kind != GENE_CHAIN;
    return end - at == exact->count - first && genes_equal(match->molecule, at, exact, first, end - at);
}

static bool match_subtree(struct match *match, const struct pattern *pattern, uint32_t at);

/* Matches exactly the stages that the pattern stands for, from `*at` on, which moves behind them. */
static bool match_run(struct match *match, const struct pattern *pattern, uint32_t *at)
{
    const struct gene *genes = match->molecule->genes;
    uint32_t start = *at;
    if (pattern->kind == PATTERN_CHAIN) {
        for (size_t i = 0; i < pattern->part_count; i++)
            if (!match_run(match, pattern->parts[i], at))
                return false;
        return true;
    }
    for (size_t left = pattern_stages(pattern); left > 0; left--)
        *at += genes[*at].size;
    return pattern->kind == PATTERN_EXACT ? match_exact(match, pattern, start, *at) : match_subtree(match, pattern, start);
}

/* All children in order; the last part, where it is a variable, takes the rest. */
static bool match_members(struct match *match, const struct pattern *pattern, enum gene_kind kind, uint32_t at)
{
    const struct gene *genes = match->molecule->genes;
    size_t left = genes[at].count;
    if (genes[at].kind != kind || pattern->part_count == 0 || left < pattern->part_count)
        return false;
    uint32_t child = at + 1;
    for (size_t i = 0; i + 1 < pattern->part_count; i++, left--, child += genes[child].size)
        if (!match_subtree(match, pattern->parts[i], child))
            return false;
    const struct pattern *last = pattern->parts[pattern->part_count - 1];
    if (left > 1)
        return last->kind == PATTERN_ANY && bind_molecule(match, last->molecule_variable, child, (uint32_t)left);
    return match_subtree(match, last, child);
}

static bool match_subtree(struct match *match, const struct pattern *pattern, uint32_t at)
{
    const struct gene *gene = &match->molecule->genes[at];
    uint32_t child = at + 1;
    switch ((enum pattern_kind)pattern->kind) {
    case PATTERN_LAYER:
        return match_layer(match, pattern, at);
    case PATTERN_PICK:
        return match_pick(match, pattern, at);
    case PATTERN_ANY:
        return bind_molecule(match, pattern->molecule_variable, at, 1);
    case PATTERN_EXACT:
        return match_exact(match, pattern, at, at + gene->size);
    case PATTERN_CHAIN:
        return gene->kind == GENE_CHAIN && pattern_stages(pattern) == gene->count && match_run(match, pattern, &child);
    case PATTERN_BRANCH:
        return match_members(match, pattern, GENE_BRANCH, at);
    case PATTERN_SUM:
        return match_members(match, pattern, GENE_SUM, at);
    case PATTERN_PRODUCT:
        return match_members(match, pattern, GENE_PRODUCT, at);
    case PATTERN_SKIP:
        return gene->kind == GENE_SKIP && pattern->part_count == 1 && match_subtree(match, pattern->parts[0], child);
    }
    return false;
}

/* Matches at a place that is known to exist; `chain`: its neighbours are stages. */
static bool match_place(const struct pattern *pattern, const struct molecule *molecule, const uint32_t *reads, struct place place,
                        bool chain, struct bindings *bindings)
{
    struct match match = {molecule, reads, bindings};
    uint32_t at = place.gene;
    *bindings = (struct bindings){0};
    if (place.count == 1)
        return match_subtree(&match, pattern, at);
    if (pattern->kind == PATTERN_ANY)
        return bind_molecule(&match, pattern->molecule_variable, at, place.count);
    return chain && pattern_stages(pattern) == place.count && match_run(&match, pattern, &at);
}

bool pattern_match(const struct pattern *pattern, const struct molecule *molecule, const uint32_t *reads, struct place place,
                   struct bindings *bindings)
{
    struct surroundings around;
    *bindings = (struct bindings){0};
    if (!place_find(molecule, place, &around))
        return false;
    bool chain = around.parent != NO_PARENT && molecule->genes[around.parent].kind == GENE_CHAIN;
    return match_place(pattern, molecule, reads, place, chain, bindings);
}

/* ---- search ---- */

struct search {
    const struct pattern *pattern;
    const struct molecule *molecule;
    const uint32_t *reads;
    size_t stages; /* that the pattern stands for */
    bool (*found)(void *context, struct place place, const struct bindings *bindings);
    void *context;
};

static bool search_place(const struct search *search, uint32_t gene, size_t count)
{
    struct place place = {gene, (uint32_t)count};
    struct bindings bindings;
    return !match_place(search->pattern, search->molecule, search->reads, place, true, &bindings) ||
           search->found(search->context, place, &bindings);
}

/* All places at `gene` and below; `left`: stages from it on in its chain, 0 where it is no stage. False: the caller's `found`
   wants no more. */
static bool search_gene(const struct search *search, uint32_t gene, size_t left)
{
    const struct gene *genes = search->molecule->genes;
    if (search->stages == 1 ? !search_place(search, gene, 1)
                            : search->stages <= left && !search_place(search, gene, search->stages))
        return false;
    if (!gene_kind_composite(genes[gene].kind))
        return true;
    left = genes[gene].kind == GENE_CHAIN ? genes[gene].count : 0;
    for (uint32_t child = gene + 1; child<gene + genes[gene].size; child += genes[child].size, left -= left> 0)
        if (!search_gene(search, child, left))
            return false;
    return true;
}

void pattern_places(const struct pattern *pattern, const struct molecule *molecule, const uint32_t *reads,
                    bool (*found)(void *context, struct place place, const struct bindings *bindings), void *context)
{
    struct search search = {pattern, molecule, reads, pattern_stages(pattern), found, context};
    const struct gene *genes = molecule->genes;
    bool input = molecule_input(molecule), output = molecule_output(molecule);
    if (!input && !output) {
        search_gene(&search, 0, 0);
        return;
    }
    uint32_t first = input ? 2 : 1;
    size_t left = genes[0].kind == GENE_CHAIN ? genes[0].count - (size_t)input - (size_t)output : 0;
    if (left > 1 && search.stages == 1 && !search_place(&search, first, left))
        return;
    for (uint32_t child = first; left > 0; child += genes[child].size, left--)
        if (!search_gene(&search, child, left))
            return;
}
