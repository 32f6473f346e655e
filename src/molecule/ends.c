/* Molecules taken apart and set otherwise: their ends, the weights they carry, what of them may learn. */

#include "molecule/graph.h"
#include "molecule/molecule.h"
#include "molecule/trait.h"
#include "support/number.h"

/* ---- ends ---- */

/* An output can only be the last stage and is one gene, so the last gene tells. */
const struct gene *molecule_output(const struct molecule *molecule)
{
    const struct gene *last = &molecule->genes[molecule->count - 1];
    return last->kind == GENE_OUTPUT || last->kind == GENE_HEAD ? last : NULL;
}

const struct gene *molecule_input(const struct molecule *molecule)
{
    const struct gene *first = &molecule->genes[molecule->genes[0].kind == GENE_CHAIN ? 1 : 0];
    return first->kind == GENE_INPUT ? first : NULL;
}

/* Adds the stages before the output, if any, to the open chain. */
static void copy_body(struct molecule_builder *builder, const struct molecule *molecule)
{
    if (!molecule_output(molecule))
        builder_copy(builder, molecule, 0);
    else if (molecule->genes[0].kind == GENE_CHAIN)
        builder_copy_run(builder, molecule, 1, molecule->genes[0].count - 1);
}

uint32_t molecule_output_width(const struct molecule *molecule, uint32_t input_width)
{
    const struct gene *output = molecule_output(molecule);
    if (!output || output->kind == GENE_OUTPUT)
        return output ? output->width : 0;
    struct diags untold = {0};
    struct graph *graph = graph_build(molecule, input_width, &untold);
    const uint32_t width = graph ? graph->output_width : 0;
    graph_release(graph);
    diags_release(&untold);
    return width;
}

struct molecule *molecule_with_output(const struct molecule *molecule, struct gene output, struct diags *diags)
{
    struct molecule_builder builder = {0};
    builder_open(&builder, GENE_CHAIN, molecule->genes[0].span);
    copy_body(&builder, molecule);
    builder_atom(&builder, output, NULL);
    builder_close(&builder);
    return builder_finish(&builder, output.span, diags);
}

struct molecule *molecule_body(const struct molecule *molecule, const struct elements *elements, struct diags *diags)
{
    struct span span = molecule->genes[0].span;
    if (!molecule_output(molecule))
        return molecule_retain(molecule);
    if (molecule->count == 1)
        return molecule_repeat(molecule, 0, elements, span, diags); /* the identity */
    struct molecule_builder builder = {0};
    builder_open(&builder, GENE_CHAIN, span);
    copy_body(&builder, molecule);
    builder_close(&builder);
    return builder_finish(&builder, span, diags);
}

/* ---- trained parts ---- */

struct molecule *molecule_bare(const struct molecule *molecule, struct diags *diags)
{
    if (!molecule->trained)
        return molecule_retain(molecule);
    struct molecule_builder builder = {0};
    builder_copy(&builder, molecule, 0);
    for (size_t i = 0; i < builder.count; i++)
        builder.genes[i].weights = NULL;
    return builder_finish(&builder, molecule->genes[0].span, diags);
}

/* The element whose layer computes what an output with this head does; softmax is none. */
static const struct element *element_of_head(enum head head, const struct elements *elements)
{
    return elements_by_name(elements, head == HEAD_SIGMOID ? STR("sigmoid") : head == HEAD_STEP ? STR("step") : STR("linear"));
}

/* An output as a hidden layer, a bare head as an element; false where the language has lost the element for it. */
static bool output_to_layer(struct gene *gene, const struct elements *elements)
{
    const struct element *element = element_of_head(gene->head, elements);
    if (!element)
        return false;
    const struct gene output = *gene;
    if (output.kind == GENE_HEAD) {
        *gene = gene_activation(element, output.span);
        return true;
    }
    *gene = gene_layer(element, output.width, output.span);
    const struct traits plain = gene->traits;
    gene->traits = output.traits;
    for (size_t i = 0; i < LIMIT_ELEMENT_PARAMETERS; i++)
        gene->traits.params[i] = plain.params[i];
    gene->weights = output.weights;
    gene->partial = output.partial;
    return true;
}

/* An output that has no width yet says how this molecule is to end; a larger one ends otherwise. */
static bool ends_loosely(const struct molecule *molecule)
{
    const struct gene *output = molecule_output(molecule);
    return output && output->kind == GENE_OUTPUT && output->width == 0;
}

struct molecule *molecule_part(const struct molecule *molecule, bool first, bool last, const struct elements *elements,
                               struct span span, struct diags *diags)
{
    if (!last && ends_loosely(molecule))
        return molecule_body(molecule, elements, diags);
    const bool drop_input = !first && molecule_input(molecule), turn_output = !last && molecule_output(molecule);
    if (!molecule->trained || (!drop_input && !turn_output))
        return molecule_retain(molecule);
    const bool chain = molecule->genes[0].kind == GENE_CHAIN;
    const uint32_t start = (chain ? 1U : 0U) + (drop_input ? 1U : 0U);
    struct molecule_builder builder = {0};
    bool well = true;
    builder_open(&builder, GENE_CHAIN, span);
    builder_copy_run(&builder, molecule, start, chain ? molecule->genes[0].count - (drop_input ? 1U : 0U) : 1);
    if (!builder.failed && !builder.too_large && turn_output)
        well = output_to_layer(&builder.genes[builder.count - 1], elements);
    builder_close(&builder);
    struct molecule *part = builder_finish(&builder, span, diags);
    if (well)
        return part;
    molecule_release(part);
    diag_error(diags, span,
               "the elements `linear`, `sigmoid` and `step` are what outputs become inside a molecule; one is missing");
    return NULL;
}

/* Whether the gene has parameters of its own, and room to say how they learn. */
static bool gene_learns(const struct gene *gene)
{
    switch ((enum gene_kind)gene->kind) {
    case GENE_LAYER:
    case GENE_OUTPUT:
    case GENE_BATCHNORM:
    case GENE_LAYERNORM:
        return true;
    case GENE_ACTIVATION:
        return element_learns(gene->element);
    default:
        return false;
    }
}

double molecule_projection_rate(const struct molecule *molecule, uint32_t skip)
{
    double rate = -1;
    for (uint32_t i = skip + 1; i < skip + molecule->genes[skip].size; i++) {
        const struct gene *gene = &molecule->genes[i];
        if (gene_learns(gene) && gene->traits.lr_scale > rate)
            rate = gene->traits.lr_scale;
    }
    return rate < 0 ? 1 : rate;
}

struct molecule *molecule_freeze(const struct molecule *molecule, struct diags *diags)
{
    for (uint32_t i = 0; i < molecule->count; i++) {
        const struct gene *gene = &molecule->genes[i];
        bool learns = false;
        for (uint32_t k = i + 1; gene->kind == GENE_SKIP && k < i + gene->size; k++)
            learns |= gene_learns(&molecule->genes[k]);
        if (gene->kind != GENE_SKIP || !gene->weights || learns)
            continue;
        diag_note(diag_error(diags, gene->span, "the projection of this skip cannot be frozen"),
                  "it learns at the rate of the layers inside the skip, and there are none");
        return NULL;
    }
    struct molecule_builder builder = {0};
    builder_copy(&builder, molecule, 0);
    for (size_t i = 0; i < builder.count; i++)
        if (gene_learns(&builder.genes[i]))
            builder.genes[i].traits.lr_scale = 0;
    return builder_finish(&builder, molecule->genes[0].span, diags);
}

struct molecule *molecule_scale_rates(const struct molecule *molecule, uint32_t gene, double factor, struct span span,
                                      struct diags *diags)
{
    const struct trait_row *row = trait_find(STR("lr_scale"));
    const uint32_t end = gene + molecule->genes[gene].size;
    for (uint32_t i = gene; i < end; i++) {
        const struct gene *at = &molecule->genes[i];
        const double scaled = gene_learns(at) ? trait_get(&at->traits, row) * factor : 0;
        if (!(scaled > row->high))
            continue;
        diag_help(diag_limit(diags, span, "the learning rate of a layer would be scaled past the range of `lr_scale`"),
                  "factors on learning rates go from 0 to %s in all; this layer has %g", counted(row->high, "", "").text,
                  trait_get(&at->traits, row));
        return NULL;
    }
    struct molecule_builder builder = {0};
    builder_copy(&builder, molecule, 0);
    for (uint32_t i = 0; i < builder.count; i++) {
        struct traits *traits = &builder.genes[i].traits;
        builder.genes[i].origin = i + 1;
        if (i >= gene && i < end && gene_learns(&builder.genes[i]))
            trait_put(traits, row, trait_get(traits, row) * factor);
    }
    return builder_finish(&builder, molecule->genes[0].span, diags);
}
