/* Molecules as finished values: comparison, references, and the common shapes, each made by the builder. */
#include "molecule/molecule.h"

#include <math.h>
#include <stdatomic.h>

#include "support/memory.h"
#include "support/number.h"

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
        diag_note(diag_limit(diags, span, "%s times %s are more than a molecule may have", counted(times, "", "").text,
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
