/* The builder of molecules. Genes stand as they were asked for, under whatever labels their makers gave them, until builder_finish
   has canonical.c put them in order. Copies are plain copies of arrays. */
#include <string.h>

#include "molecule/canonical.h"
#include "support/memory.h"
#include "support/vec.h"

/* Genes before canonical form: wrappers of repeats (at most one for each two genes) and useless brackets go away. */
#define LIMIT_RAW_GENES (4 * LIMIT_GENES)

/* Room to begin with: most molecules need no more, and a decoder of a million strings a second notices each allocation. */
#define FIRST_GENES 16

/* Labels of one stage: a rewrite gives it three. */
#define LIMIT_NAMES 16

static bool builder_stopped(const struct molecule_builder *builder)
{
    return builder->failed || builder->too_large || builder->too_deep;
}

/* Room for `more` genes; false (remembered) where there is none. */
static bool reserve_genes(struct molecule_builder *builder, size_t more)
{
    if (builder_stopped(builder))
        return false;
    if (more > LIMIT_RAW_GENES - builder->count) {
        builder->too_large = true;
        return false;
    }
    size_t need = builder->count + more < FIRST_GENES ? FIRST_GENES : builder->count + more;
    builder->failed = !vec_grow((void **)&builder->genes, &builder->cap, need, sizeof *builder->genes);
    return !builder->failed;
}

/* Appends a gene's indices and points it at them. */
static void add_indices(struct molecule_builder *builder, struct gene *gene, const uint32_t *indices)
{
    if (gene->index_count > LIMIT_GENE_INDICES - builder->index_count) {
        builder->too_large = true;
        return;
    }
    if (!vec_grow((void **)&builder->indices, &builder->index_cap, builder->index_count + gene->index_count,
                  sizeof *builder->indices)) {
        builder->failed = true;
        return;
    }
    memcpy(builder->indices + builder->index_count, indices, gene->index_count * sizeof *indices);
    gene->index_at = (uint32_t)builder->index_count;
    builder->index_count += gene->index_count;
}

/* Counts a new child, which starts at `at`, in the innermost open composite. */
static void add_child(struct molecule_builder *builder, size_t at)
{
    builder->last = (uint32_t)at;
    if (builder->open_count > 0)
        builder->genes[builder->open[builder->open_count - 1]].count++;
}

void builder_open(struct molecule_builder *builder, enum gene_kind kind, struct span span)
{
    if (!reserve_genes(builder, 1))
        return;
    if (builder->open_count == LIMIT_NESTING) {
        builder->too_deep = true;
        return;
    }
    if (!vec_grow((void **)&builder->open, &builder->open_cap, builder->open_count + 1, sizeof *builder->open)) {
        builder->failed = true;
        return;
    }
    add_child(builder, builder->count);
    builder->open[builder->open_count++] = (uint32_t)builder->count;
    builder->genes[builder->count++] = gene_of(kind, span);
}

void builder_open_like(struct molecule_builder *builder, const struct gene *like)
{
    builder_open(builder, like->kind, like->span);
    if (builder_stopped(builder))
        return;
    struct gene *copy = &builder->genes[builder->count - 1];
    copy->origin = like->origin;
    copy->weights = like->weights;
    copy->partial = like->partial;
}

void builder_turn(struct molecule_builder *builder, enum gene_kind kind)
{
    if (!builder_stopped(builder))
        builder->genes[builder->open[builder->open_count - 1]].kind = (uint8_t)kind;
}

void builder_close(struct molecule_builder *builder)
{
    if (builder_stopped(builder))
        return;
    uint32_t at = builder->open[--builder->open_count];
    builder->genes[at].size = (uint32_t)builder->count - at;
    builder->last = at;
}

void builder_atom(struct molecule_builder *builder, struct gene gene, const uint32_t *indices)
{
    if (!reserve_genes(builder, 1))
        return;
    if (gene.index_count > 0)
        add_indices(builder, &gene, indices);
    gene.size = 1;
    add_child(builder, builder->count);
    builder->genes[builder->count++] = gene;
}

void builder_release(struct molecule_builder *builder)
{
    mem_free(builder->genes);
    mem_free(builder->indices);
    mem_free(builder->open);
    *builder = (struct molecule_builder){0};
}

uint32_t builder_new_label(struct molecule_builder *builder)
{
    return ++builder->next_label;
}

/* Renames the labels of copied genes apart. Labels are numbered as their stages end, so those defined in one part are a range:
   its taps outside the range are bound outside the part. */
static void rename_labels(struct molecule_builder *builder, struct gene *genes, size_t count)
{
    uint32_t low = UINT32_MAX, high = 0;
    for (size_t i = 0; i < count; i++) {
        if (genes[i].kind == GENE_TAP || genes[i].label == 0)
            continue;
        low = genes[i].label < low ? genes[i].label : low;
        high = genes[i].label > high ? genes[i].label : high;
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t label = genes[i].label;
        if (label == 0 || label >= FREE_LABEL)
            continue;
        genes[i].label = label >= low && label <= high ? builder->next_label + 1 + label - low : SLICE_LABEL(label);
    }
    builder->next_label += high > 0 ? high - low + 1 : 0;
}

void builder_copy_run(struct molecule_builder *builder, const struct molecule *molecule, uint32_t gene, uint32_t count)
{
    uint32_t end = gene, last = gene;
    for (uint32_t i = 0; i < count; i++) {
        last = end;
        end += molecule->genes[end].size;
    }
    size_t start = builder->count;
    if (!reserve_genes(builder, end - gene))
        return;
    struct gene *copy = builder->genes + start;
    memcpy(copy, molecule->genes + gene, (end - gene) * sizeof *copy);
    if (copy[last - gene].kind != GENE_TAP)
        copy[last - gene].label = 0; /* nothing inside the run can use it */
    if (molecule->labels > 0)
        rename_labels(builder, copy, end - gene);
    for (uint32_t i = 0; molecule->index_count > 0 && i < end - gene && !builder_stopped(builder); i++)
        if (copy[i].index_count > 0)
            add_indices(builder, &copy[i], molecule->indices + copy[i].index_at);
    if (builder_stopped(builder))
        return;
    builder->count += end - gene;
    for (uint32_t at = gene; at < end; at += molecule->genes[at].size)
        add_child(builder, start + at - gene);
}

void builder_copy(struct molecule_builder *builder, const struct molecule *molecule, uint32_t gene)
{
    builder_copy_run(builder, molecule, gene, 1);
}

/* Puts the child added last into a chain of its own. */
static bool wrap_last(struct molecule_builder *builder)
{
    if (!reserve_genes(builder, 1))
        return false;
    struct gene *child = builder->genes + builder->last;
    struct gene chain = gene_of(GENE_CHAIN, child->span);
    chain.size = child->size + 1;
    chain.count = 1;
    memmove(child + 1, child, child->size * sizeof *child);
    *child = chain;
    builder->count++;
    return true;
}

/* Whether `times` copies of the child added last are too many genes even where all its chains dissolve. */
static bool repeat_too_large(const struct molecule_builder *builder, uint32_t times)
{
    size_t kept = 0;
    for (size_t i = builder->last; i < builder->count; i++)
        kept += builder->genes[i].kind != GENE_CHAIN;
    return kept > 0 && times > LIMIT_GENES / kept;
}

void builder_repeat(struct molecule_builder *builder, uint32_t times)
{
    if (times == 1 || builder_stopped(builder))
        return;
    builder->too_large = repeat_too_large(builder, times);
    if (!wrap_last(builder))
        return;
    size_t chain = builder->last, size = builder->genes[chain].size - 1;
    if (!reserve_genes(builder, (times - 1) * size))
        return;
    for (uint32_t i = 1; i < times; i++) {
        struct gene *copy = builder->genes + builder->count;
        memcpy(copy, builder->genes + chain + 1, size * sizeof *copy);
        for (size_t k = 0; builder->index_count > 0 && k < size && !builder_stopped(builder); k++)
            if (copy[k].index_count > 0) {
                /* Room first: the indices to copy lie in the very array that grows. */
                uint32_t from = copy[k].index_at;
                if (vec_grow((void **)&builder->indices, &builder->index_cap, builder->index_count + copy[k].index_count,
                             sizeof *builder->indices))
                    add_indices(builder, &copy[k], builder->indices + from);
                else
                    builder->failed = true;
            }
        if (builder_stopped(builder))
            return;
        builder->count += size;
    }
    builder->genes[chain].count = times;
    builder->genes[chain].size = (uint32_t)(times * size + 1);
}

/* A tap's label is the one it uses, and a gene has room for one: a chain around it carries another. */
static bool wrap_labelled(struct molecule_builder *builder)
{
    const struct gene *child = builder->genes + builder->last;
    size_t names = 0;
    while (child[names].kind == GENE_CHAIN && child[names].count == 1)
        names++;
    builder->too_deep = names > LIMIT_NAMES;
    return wrap_last(builder);
}

void builder_label(struct molecule_builder *builder, uint32_t label)
{
    if (builder_stopped(builder))
        return;
    if (builder->genes[builder->last].label != 0 && !wrap_labelled(builder))
        return;
    builder->genes[builder->last].label = label;
}

struct molecule *builder_finish(struct molecule_builder *builder, struct span span, struct diags *diags)
{
    struct molecule *molecule = NULL;
    if (!builder_stopped(builder) && builder->count > 0 && builder->open_count == 0 && builder->genes[0].size == builder->count)
        molecule = builder_canonical(builder, span, diags);
    else if (!builder_stopped(builder))
        diag_error(diags, span, "a molecule is one gene or one bracket");
    if (builder->failed)
        diag_out_of_memory(diags, span);
    else if (builder->too_deep)
        diag_note(diag_limit(diags, span, "this molecule is nested too deeply"), "at most %d deep", LIMIT_MOLECULE_DEPTH);
    else if (builder->too_large)
        diag_note(diag_limit(diags, span, "this molecule is too large"), "at most %d genes and %d indices", LIMIT_GENES,
                  LIMIT_GENE_INDICES);
    builder_release(builder);
    return molecule;
}
