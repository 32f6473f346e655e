/* Molecules as finished values: genes with their defaults, comparison, hash, and the common shapes, each made by the builder. */
#include "molecule/molecule.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "molecule/trait.h"
#include "support/hash.h"
#include "support/memory.h"
#include "support/number.h"

/* ---- kinds and genes ---- */

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

bool molecule_equal(const struct molecule *a, const struct molecule *b)
{
    if (a == b)
        return true;
    if (a->hash != b->hash || a->count != b->count)
        return false;
    for (uint32_t i = 0; i < a->count; i++)
        if (a->genes[i].label != b->genes[i].label || !gene_equal(&a->genes[i], a->indices, &b->genes[i], b->indices) ||
            !weights_equal(a->genes[i].weights, b->genes[i].weights))
            return false;
    return true;
}

/* ---- references ---- */

struct molecule *molecule_retain(const struct molecule *molecule)
{
    struct molecule *shared = (struct molecule *)molecule;
    shared->references++;
    return shared;
}

void molecule_release(const struct molecule *molecule)
{
    struct molecule *shared = (struct molecule *)molecule;
    if (!shared || --shared->references > 0)
        return;
    for (uint32_t i = 0; shared->trained && i < shared->count; i++)
        weights_release(shared->genes[i].weights);
    mem_free(shared->indices);
    mem_free(shared);
}

/* The process-wide count is unavoidable: labels of two states may meet in one molecule. A script would have to define a billion
   taps before a number comes again. */
uint32_t label_fresh(void)
{
    static atomic_uint given;
    return FREE_LABEL | (atomic_fetch_add_explicit(&given, 1, memory_order_relaxed) & 0x3fffffffu);
}

/* ---- common shapes ---- */

struct molecule *molecule_atom(struct gene gene, const uint32_t *indices, struct span span, struct diags *diags)
{
    struct molecule_builder builder = {0};
    builder_atom(&builder, gene, indices);
    return builder_finish(&builder, span, diags);
}

struct molecule *molecule_combine(enum gene_kind kind, const struct molecule *const *parts, size_t count, struct span span,
                                  struct diags *diags)
{
    struct molecule_builder builder = {0};
    builder_open(&builder, kind, span);
    for (size_t i = 0; i < count; i++)
        builder_copy(&builder, parts[i], 0);
    builder_close(&builder);
    return builder_finish(&builder, span, diags);
}

static struct molecule *molecule_identity(const struct elements *elements, struct span span, struct diags *diags)
{
    const struct element *linear = elements_by_name(elements, STR("linear"));
    if (linear)
        return molecule_atom(gene_activation(linear, span), NULL, span, diags);
    diag_error(diags, span, "the identity is the element `linear`, and there is none");
    return NULL;
}

struct molecule *molecule_repeat(const struct molecule *molecule, double times, const struct elements *elements, struct span span,
                                 struct diags *diags)
{
    if (!(times >= 0) || times != floor(times)) {
        diag_help(diag_error(diags, span, "a molecule cannot be repeated %g times", times), "repeat it 0, 1, 2, 3 … times");
        return NULL;
    }
    uint32_t bracket = molecule->genes[0].kind == GENE_CHAIN; /* a chain of chains is flat */
    if (times * (molecule->count - bracket) + 1 > LIMIT_GENES && times > 1) {
        diag_note(diag_error(diags, span, "%s times %s are more than a molecule may have", counted(times, "", "").text,
                             counted(molecule->count, "gene", "genes").text),
                  "at most %s", counted(LIMIT_GENES, "", "").text);
        return NULL;
    }
    if (times == 0)
        return molecule_identity(elements, span, diags);
    if (times == 1)
        return molecule_retain(molecule);
    struct molecule_builder builder = {0};
    builder_open(&builder, GENE_CHAIN, span);
    builder_copy(&builder, molecule, 0);
    builder_repeat(&builder, (uint32_t)times);
    builder_close(&builder);
    return builder_finish(&builder, span, diags);
}
