/* Single genes: their kinds, what one begins with, equality and hash. */
#include <string.h>

#include "molecule/molecule.h"
#include "molecule/trait.h"
#include "support/hash.h"

const char *gene_kind_name(enum gene_kind kind)
{
    static const char *const names[] = {"layer",   "activation", "input", "output", "dropout", "batchnorm", "layernorm", "gather",
                                        "scatter", "tap",        "chain", "branch", "sum",     "product",   "skip",      "head"};
    return names[kind];
}

bool gene_kind_composite(enum gene_kind kind)
{
    return kind >= GENE_CHAIN && kind <= GENE_SKIP;
}

bool gene_kind_flattens(enum gene_kind kind)
{
    return kind >= GENE_CHAIN && kind <= GENE_PRODUCT;
}

struct gene gene_of(enum gene_kind kind, struct span span)
{
    struct gene gene = {.kind = (uint8_t)kind, .size = 1, .span = span};
    gene.traits = traits_default(NULL);
    return gene;
}

struct gene gene_activation(const struct element *element, struct span span)
{
    struct gene gene = {.kind = GENE_ACTIVATION, .size = 1, .element = element, .span = span};
    gene.traits = traits_default(element);
    return gene;
}

struct gene gene_layer(const struct element *element, uint32_t width, struct span span)
{
    struct gene gene = gene_activation(element, span);
    gene.kind = GENE_LAYER;
    gene.width = width;
    return gene;
}

/* ---- equality and hash ---- */

static bool traits_equal(const struct traits *a, const struct traits *b)
{
    if (a->density != b->density || a->lr_scale != b->lr_scale || a->l1 != b->l1 || a->l2 != b->l2 || a->init != b->init ||
        a->init_scale != b->init_scale || a->share != b->share || a->bias != b->bias)
        return false;
    for (size_t i = 0; i < LIMIT_ELEMENT_PARAMETERS; i++)
        if (a->params[i] != b->params[i])
            return false;
    return true;
}

/* Two entries of the table are the same element where name, symbol, formula and parameters are. */
static bool element_equal(const struct element *a, const struct element *b)
{
    return a == b || (a && b && a->hash == b->hash && strcmp(a->name, b->name) == 0);
}

bool gene_equal(const struct gene *a, const uint32_t *a_indices, const struct gene *b, const uint32_t *b_indices)
{
    if (a->kind != b->kind || a->head != b->head || a->size != b->size || a->count != b->count || a->width != b->width ||
        a->rate != b->rate || a->index_count != b->index_count || !element_equal(a->element, b->element) ||
        !traits_equal(&a->traits, &b->traits))
        return false;
    return a->index_count == 0 || memcmp(a_indices + a->index_at, b_indices + b->index_at, a->index_count * sizeof *a_indices) == 0;
}

static uint64_t traits_hash(uint64_t hash, const struct traits *traits)
{
    hash = hash_double(hash_double(hash, traits->density), traits->lr_scale);
    hash = hash_double(hash_double(hash, traits->l1), traits->l2);
    if (traits->init_scale != 1) /* hashes of molecules from before it was are kept */
        hash = hash_double(hash, traits->init_scale);
    hash = hash_u64(hash, (uint64_t)traits->share << 16 | (uint64_t)traits->init << 1 | traits->bias);
    for (size_t i = 0; i < LIMIT_ELEMENT_PARAMETERS; i++)
        hash = hash_double(hash, traits->params[i]);
    return hash;
}

uint64_t gene_hash(const struct gene *gene, const uint32_t *indices)
{
    uint64_t hash = hash_u64(gene->element ? gene->element->hash : HASH_START,
                             gene->kind | (uint64_t)gene->head << 8 |
                                 (uint64_t)(gene_kind_composite(gene->kind) ? gene->count : gene->width) << 16);
    if (gene->kind == GENE_DROPOUT)
        return hash_double(hash, gene->rate);
    for (uint32_t i = 0; i < gene->index_count; i++)
        hash = hash_u64(hash, indices[gene->index_at + i]);
    if (gene_kind_composite(gene->kind))
        return hash;
    return traits_usual(&gene->traits, gene->element) ? hash : traits_hash(hash, &gene->traits);
}
