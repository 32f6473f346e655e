/* A child is a list of stages, each of one parent. Neighbouring stages of one parent are copied as one run, so that taps among them stay
   bound; a tap into a stage that did not come along makes the child none. */
#include "molecule/cross.h"

#include <stdlib.h>

#include "support/memory.h"

static uint32_t first_stage(const struct molecule *molecule)
{
    return molecule->genes[0].kind == GENE_CHAIN ? 1 : 0;
}

static uint32_t stage_count(const struct molecule *molecule)
{
    return molecule->genes[0].kind == GENE_CHAIN ? molecule->genes[0].count : 1;
}

static void copy_run(struct molecule_builder *builder, const struct couple *couple, const struct cross_part *parts, uint32_t count)
{
    const bool second = parts[0].second;
    const size_t start = builder->count;
    builder_copy_run(builder, second ? couple->b : couple->a, parts[0].gene, count);
    for (size_t i = start; i < builder->count; i++)
        builder->genes[i].origin = (second ? couple->a->count : 0) + parts[0].gene + (uint32_t)(i - start) + 1;
}

static struct molecule *assemble(const struct couple *couple, const cross_parts *parts, struct diags *diags)
{
    struct molecule_builder builder = {0};
    struct diags told = {0};
    builder_open(&builder, GENE_CHAIN, couple->a->genes[0].span);
    for (size_t i = 0, run; i < parts->count; i += run) {
        const struct cross_part *at = &parts->at[i];
        const struct gene *genes = (at->second ? couple->b : couple->a)->genes;
        for (run = 1; i + run < parts->count && at[run].second == at->second &&
                      at[run].gene == at[run - 1].gene + genes[at[run - 1].gene].size;)
            run++;
        copy_run(&builder, couple, at, (uint32_t)run);
    }
    builder_close(&builder);
    struct molecule *child = builder_finish(&builder, couple->a->genes[0].span, &told);
    if (child && child->free_labels) {
        molecule_release(child);
        child = NULL;
    }
    if (told.out_of_memory)
        diags_move(diags, &told);
    diags_release(&told);
    return child;
}

struct molecule *molecule_of_parts(const struct couple *couple, const cross_parts *parts, struct diags *diags)
{
    return parts->count > 0 ? assemble(couple, parts, diags) : NULL;
}

bool cross_splice(const struct couple *couple, struct random *random, cross_parts *parts)
{
    const uint32_t head = random_below(random, stage_count(couple->a) + 1), skip = random_below(random, stage_count(couple->b) + 1);
    uint32_t gene = first_stage(couple->a);
    parts->count = 0;
    if (!vec_reserve(parts, (size_t)stage_count(couple->a) + stage_count(couple->b)))
        return false;
    for (uint32_t i = 0; i < head; i++, gene += couple->a->genes[gene].size)
        parts->at[parts->count++] = (struct cross_part){gene, false};
    gene = first_stage(couple->b);
    for (uint32_t i = 0; i < stage_count(couple->b); i++, gene += couple->b->genes[gene].size)
        if (i >= skip)
            parts->at[parts->count++] = (struct cross_part){gene, true};
    return true;
}

bool cross_uniformly(const struct couple *couple, struct random *random, cross_parts *parts)
{
    const struct gene *a = couple->a->genes, *b = couple->b->genes;
    uint32_t next = first_stage(couple->b); /* stages of b keep their order */
    parts->count = 0;
    if (!vec_reserve(parts, stage_count(couple->a)))
        return false;
    for (uint32_t gene = first_stage(couple->a); gene < couple->a->count; gene += a[gene].size) {
        uint32_t partner = next;
        while (couple->a_ancestry && couple->b_ancestry && partner < couple->b->count &&
               couple->b_ancestry[partner] != couple->a_ancestry[gene])
            partner += b[partner].size;
        const bool aligned = couple->a_ancestry && couple->b_ancestry && partner < couple->b->count;
        const bool second = aligned && random_below(random, 2) == 1;
        parts->at[parts->count++] = (struct cross_part){second ? partner : gene, second};
        if (aligned)
            next = partner + b[partner].size;
    }
    return true;
}

/* ---- distance ---- */

/* What two genes have in common at least to be partners, and all that they are. */
struct trace {
    uint64_t kind, whole;
};

static int by_trace(const void *a, const void *b)
{
    const struct trace *left = a, *right = b;
    if (left->kind != right->kind)
        return left->kind < right->kind ? -1 : 1;
    return left->whole < right->whole ? -1 : left->whole > right->whole;
}

struct traces {
    uint32_t count;
    struct trace at[];
};

struct traces *traces_of(const struct molecule *molecule)
{
    struct traces *traces = mem_alloc(sizeof *traces + molecule->count * sizeof *traces->at);
    if (!traces)
        return NULL;
    traces->count = molecule->count;
    for (uint32_t i = 0; i < molecule->count; i++) {
        const struct gene *gene = &molecule->genes[i];
        struct gene plain = gene_of((enum gene_kind)gene->kind, gene->span);
        plain.element = gene->element;
        traces->at[i] = (struct trace){gene_hash(&plain, NULL), gene_hash(gene, molecule->indices)};
    }
    qsort(traces->at, molecule->count, sizeof *traces->at, by_trace);
    return traces;
}

/* Genes of a kind, of which the sorted traces hold a run each: how many are equal, and how many of the rest have a partner. */
static double shared_genes(const struct trace *a, uint32_t a_count, const struct trace *b, uint32_t b_count)
{
    double shared = 0;
    for (uint32_t i = 0, k = 0; i < a_count && k < b_count;) {
        const uint64_t kind = a[i].kind;
        if (kind != b[k].kind) {
            kind < b[k].kind ? i++ : k++;
            continue;
        }
        uint32_t lone_a = 0, lone_b = 0, equal = 0;
        while ((i < a_count && a[i].kind == kind) || (k < b_count && b[k].kind == kind)) {
            const bool has_a = i < a_count && a[i].kind == kind, has_b = k < b_count && b[k].kind == kind;
            const bool both = has_a && has_b && a[i].whole == b[k].whole;
            const bool left = both || (has_a && (!has_b || a[i].whole < b[k].whole)), right = both || !left;
            equal += both;
            lone_a += left && !both;
            lone_b += right && !both;
            i += left;
            k += right;
        }
        shared += equal + 0.5 * (lone_a < lone_b ? lone_a : lone_b);
    }
    return shared;
}

double traces_distance(const struct traces *a, const struct traces *b)
{
    return 1 - 2 * shared_genes(a->at, a->count, b->at, b->count) / ((double)a->count + b->count);
}

double molecule_distance(const struct molecule *a, const struct molecule *b)
{
    struct traces *left = traces_of(a), *right = traces_of(b);
    const double distance = left && right ? traces_distance(left, right) : 1;
    mem_free(left);
    mem_free(right);
    return distance;
}
