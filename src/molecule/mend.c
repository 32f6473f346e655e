/* After a rewrite the parts of a sum or a product may differ in width: one of them was widened, say. Such a part gets a projection
   behind it, a linear layer of the width that the sum had before, which is then a layer like any other: printed, counted, trained.
   `gather` and `scatter` name the neurons that they named (follow.c); where they no longer get what they name, they have one before
   them, and so has a head alone that would give another number of values.

   Where the width x of the molecule's input is not known, widths are forms a x + c: a layer gives c, what keeps its input's width gives
   x, branches add up. Only what is certain is mended. */
#include "molecule/rewrite.h"
#include "support/memory.h"

struct form {
    uint64_t inputs, constant;
};

/* One molecule on its way through the inference. */
struct widths {
    const struct molecule *molecule;
    struct form *input, *output; /* by gene */
    uint32_t *wanted;            /* by gene: the width of a projection before it; 0 none */
    struct form *taps;           /* by label */
    const struct widths *before; /* of the molecule that was rewritten; NULL: this is it */
    bool uneven;                 /* there is something to mend */
};

static bool same(struct form a, struct form b)
{
    return a.inputs == b.inputs && a.constant == b.constant;
}

/* Whether a part of this width needs a projection where `target` is wanted: both are certain, and they differ. */
static bool differs(struct form part, struct form target)
{
    return part.inputs == 0 && target.inputs == 0 && !same(part, target);
}

static struct form infer(struct widths *widths, uint32_t at, struct form input);

/* The width that the parts of a sum or product are to have: the one that all have; else as before the rewrite; else of the first part
   that is certain. */
static struct form infer_parts(struct widths *widths, uint32_t at, struct form input)
{
    const struct gene *genes = widths->molecule->genes, *gene = &genes[at];
    struct form target = {1, 0};
    bool even = true;
    for (uint32_t child = at + 1; child < at + gene->size; child += genes[child].size) {
        struct form part = infer(widths, child, input);
        even = even && part.inputs == 0 && (child == at + 1 || same(part, target));
        if (child == at + 1 || (target.inputs > 0 && part.inputs == 0))
            target = part;
    }
    if (even)
        return target;
    const struct widths *before = widths->before;
    const bool known = before && gene->origin > 0 && gene->origin <= before->molecule->count &&
                       before->molecule->genes[gene->origin - 1].kind == gene->kind;
    if (known && before->output[gene->origin - 1].inputs == 0)
        target = before->output[gene->origin - 1];
    for (uint32_t child = at + 1; child < at + gene->size; child += genes[child].size)
        widths->uneven = widths->uneven || differs(widths->output[child], target);
    return target;
}

/* A gather or scatter that gets other values than it names. */
static void infer_named(struct widths *widths, uint32_t at, struct form input)
{
    const struct gene *gene = &widths->molecule->genes[at];
    const uint32_t *indices = widths->molecule->indices + gene->index_at;
    const struct widths *before = widths->before;
    uint64_t least = gene->kind == GENE_SCATTER ? gene->index_count : 0, wanted = least;
    for (uint32_t i = 0; gene->kind == GENE_GATHER && i < gene->index_count; i++)
        wanted = least = indices[i] + (uint64_t)1 > least ? indices[i] + (uint64_t)1 : least;
    if (input.inputs > 0 || (gene->kind == GENE_SCATTER ? input.constant == least : input.constant >= least))
        return;
    if (gene->kind == GENE_GATHER && before && gene->origin > 0 && gene->origin <= before->molecule->count &&
        before->input[gene->origin - 1].inputs == 0 && before->input[gene->origin - 1].constant > wanted)
        wanted = before->input[gene->origin - 1].constant;
    if (wanted > LIMIT_WIDTH)
        return;
    widths->wanted[at] = (uint32_t)wanted;
    widths->uneven = true;
}

/* A head alone that would give another number of values than before. */
static struct form infer_head(struct widths *widths, uint32_t at, struct form input)
{
    const struct gene *gene = &widths->molecule->genes[at];
    const struct widths *before = widths->before;
    if (!before || gene->origin == 0 || gene->origin > before->molecule->count ||
        before->molecule->genes[gene->origin - 1].kind != GENE_HEAD || !differs(input, before->input[gene->origin - 1]))
        return input;
    widths->wanted[at] = (uint32_t)before->input[gene->origin - 1].constant;
    widths->uneven = true;
    return before->input[gene->origin - 1];
}

static struct form infer_branch(struct widths *widths, uint32_t at, struct form input)
{
    const struct gene *genes = widths->molecule->genes;
    struct form sum = {0, 0};
    for (uint32_t child = at + 1; child < at + genes[at].size; child += genes[child].size) {
        struct form part = infer(widths, child, input);
        sum.inputs += part.inputs;
        sum.constant += part.constant;
    }
    return sum;
}

static struct form infer_kind(struct widths *widths, uint32_t at, struct form input)
{
    const struct gene *genes = widths->molecule->genes, *gene = &genes[at];
    switch ((enum gene_kind)gene->kind) {
    case GENE_LAYER:
    case GENE_OUTPUT:
    case GENE_INPUT:
        return (struct form){0, gene->width};
    case GENE_SCATTER:
        infer_named(widths, at, input);
        return (struct form){0, gene->width};
    case GENE_GATHER:
        infer_named(widths, at, input);
        return (struct form){0, gene->index_count};
    case GENE_ACTIVATION:
    case GENE_DROPOUT:
    case GENE_BATCHNORM:
    case GENE_LAYERNORM:
        return input;
    case GENE_HEAD:
        return infer_head(widths, at, input);
    case GENE_TAP:
        return gene->label <= widths->molecule->labels ? widths->taps[gene->label] : (struct form){1, 0};
    case GENE_CHAIN:
        for (uint32_t stage = at + 1; stage < at + gene->size; stage += genes[stage].size)
            input = infer(widths, stage, input);
        return input;
    case GENE_BRANCH:
        return infer_branch(widths, at, input);
    case GENE_SUM:
    case GENE_PRODUCT:
        return infer_parts(widths, at, input);
    case GENE_SKIP:
        return infer(widths, at + 1, input);
    }
    return input;
}

static struct form infer(struct widths *widths, uint32_t at, struct form input)
{
    const struct gene *gene = &widths->molecule->genes[at];
    widths->input[at] = input;
    widths->output[at] = infer_kind(widths, at, input);
    if (gene->kind != GENE_TAP && gene->label > 0 && gene->label <= widths->molecule->labels)
        widths->taps[gene->label] = widths->output[at];
    return widths->output[at];
}

static bool widths_infer(struct widths *widths, const struct molecule *molecule, const struct widths *before, uint32_t input_width)
{
    *widths = (struct widths){.molecule = molecule, .before = before};
    widths->input = mem_array(molecule->count, sizeof *widths->input);
    widths->output = mem_array(molecule->count, sizeof *widths->output);
    widths->wanted = mem_array(molecule->count, sizeof *widths->wanted);
    widths->taps = mem_array((size_t)molecule->labels + 1, sizeof *widths->taps);
    if (!widths->input || !widths->output || !widths->wanted || !widths->taps)
        return false;
    infer(widths, 0, input_width > 0 ? (struct form){0, input_width} : (struct form){1, 0});
    return true;
}

static void widths_release(struct widths *widths)
{
    mem_free(widths->input);
    mem_free(widths->output);
    mem_free(widths->wanted);
    mem_free(widths->taps);
}

/* ---- building ---- */

struct mending {
    const struct widths *widths;
    const struct element *linear;
    struct molecule_builder builder;
};

static void mend(struct mending *mending, uint32_t at);

static void mend_part(struct mending *mending, uint32_t part, struct form target)
{
    struct molecule_builder *builder = &mending->builder;
    const struct widths *widths = mending->widths;
    if (!differs(widths->output[part], target)) {
        mend(mending, part);
        return;
    }
    const struct span span = widths->molecule->genes[part].span;
    builder_open(builder, GENE_CHAIN, span);
    mend(mending, part);
    builder_atom(builder, gene_layer(mending->linear, (uint32_t)target.constant, span), NULL);
    builder_close(builder);
}

static void mend(struct mending *mending, uint32_t at)
{
    const struct molecule *molecule = mending->widths->molecule;
    struct molecule_builder *builder = &mending->builder;
    struct gene gene = molecule->genes[at];
    const uint32_t label = gene.kind == GENE_TAP ? 0 : gene.label;
    if (gene_kind_composite(gene.kind)) {
        const bool even = gene.kind == GENE_SUM || gene.kind == GENE_PRODUCT;
        builder_open_like(builder, &gene);
        for (uint32_t child = at + 1; child < at + gene.size; child += molecule->genes[child].size)
            if (even)
                mend_part(mending, child, mending->widths->output[at]);
            else
                mend(mending, child);
        builder_close(builder);
    } else {
        const uint32_t wanted = mending->widths->wanted[at];
        gene.label = gene.kind == GENE_TAP ? gene.label : 0;
        if (wanted) {
            builder_open(builder, GENE_CHAIN, gene.span);
            builder_atom(builder, gene_layer(mending->linear, wanted, gene.span), NULL);
        }
        builder_atom(builder, gene, molecule->indices ? molecule->indices + gene.index_at : NULL);
        if (wanted)
            builder_close(builder);
    }
    if (label)
        builder_label(builder, label);
}

static struct molecule *mend_widths(const struct molecule *molecule, const struct molecule *before, uint32_t input_width,
                                    const struct elements *elements, struct diags *diags)
{
    const struct span span = molecule->genes[0].span;
    struct widths old = {0}, new = {0};
    struct molecule *result = NULL;
    struct mending mending = {.widths = &new, .linear = elements_by_name(elements, STR("linear"))};
    if (!widths_infer(&old, before, NULL, input_width) || !widths_infer(&new, molecule, &old, input_width)) {
        diag_out_of_memory(diags, span);
    } else if (!new.uneven || !mending.linear) {
        result = molecule_retain(molecule);
    } else {
        mending.builder.next_label = molecule->labels;
        mend(&mending, 0);
        result = builder_finish(&mending.builder, span, diags);
    }
    widths_release(&old);
    widths_release(&new);
    return result;
}

struct molecule *molecule_mend(const struct molecule *molecule, const struct molecule *before, const struct neuron_choices *choices,
                               uint32_t input_width, const struct elements *elements, struct diags *diags)
{
    struct molecule *followed = molecule_follow(molecule, before, choices, input_width, diags);
    struct molecule *result = followed ? mend_widths(followed, before, input_width, elements, diags) : NULL;
    molecule_release(followed);
    return result;
}

/* ---- what a molecule reads ---- */

/* Of the subtree at `at`, which reads the molecule's input; `passes`: so does what stands behind it. */
static uint32_t reads(const struct molecule *molecule, uint32_t at, bool *passes)
{
    const struct gene *genes = molecule->genes, *gene = &genes[at];
    const bool known = gene->weights && !gene->partial;
    uint32_t width = 0;
    *passes = false;
    switch ((enum gene_kind)gene->kind) {
    case GENE_INPUT:
        return gene->width;
    case GENE_LAYER:
    case GENE_OUTPUT:
    case GENE_BATCHNORM:
    case GENE_LAYERNORM:
    case GENE_ACTIVATION:
    case GENE_DROPOUT:
        *passes = gene->kind != GENE_LAYER && gene->kind != GENE_OUTPUT;
        return known ? gene->weights->shape.depth : 0;
    case GENE_SCATTER:
        return gene->index_count;
    case GENE_GATHER:
    case GENE_TAP:
    case GENE_HEAD:
        return 0;
    case GENE_CHAIN:
        *passes = true;
        for (uint32_t stage = at + 1; *passes && !width && stage < at + gene->size; stage += genes[stage].size)
            width = reads(molecule, stage, passes);
        return width;
    case GENE_BRANCH:
    case GENE_SUM:
    case GENE_PRODUCT:
    case GENE_SKIP:
        for (uint32_t part = at + 1; !width && part < at + gene->size; part += genes[part].size)
            width = reads(molecule, part, passes);
        *passes = false;
        return width;
    }
    return width;
}

uint32_t molecule_reads(const struct molecule *molecule)
{
    bool passes;
    return reads(molecule, 0, &passes);
}
