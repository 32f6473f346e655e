/* From values to molecules: elements called with widths and traits, stages put in a row with their taps, DNA. */
#include <math.h>

#include "interp/evaluate.h"
#include "interp/place.h"
#include "interp/unknown.h"
#include "molecule/dna.h"
#include "molecule/trait.h"
#include "support/memory.h"
#include "support/number.h"
#include "syntax/foreign.h"

/* ---- values that stand for molecules ---- */

struct value value_element(struct eval *eval, const struct element *element)
{
    struct value value = value_object(eval, sizeof(struct element_object), VALUE_ELEMENT);
    if (!failed(value))
        value.element->element = element;
    return value;
}

struct value value_molecule(struct eval *eval, const struct molecule *molecule)
{
    struct value value = value_object(eval, sizeof(struct molecule_object), VALUE_MOLECULE);
    if (failed(value))
        molecule_release(molecule);
    else
        value.molecule->molecule = molecule;
    return value;
}

bool value_is_chemical(struct value value)
{
    return value.kind == VALUE_MOLECULE || value.kind == VALUE_ELEMENT || value_is_trained(value) ||
           (value.kind == VALUE_FUNCTION && value.function->node->kind == NODE_MOLECULE);
}

/* A norm that the library names (`batchnorm`) stands where it is written. */
static const struct molecule *molecule_written(const struct molecule *molecule, struct span span, struct diags *diags)
{
    struct gene gene = molecule->genes[0];
    if (molecule->count > 1 || gene.span.source != 0 || (gene.kind != GENE_BATCHNORM && gene.kind != GENE_LAYERNORM) ||
        gene.weights)
        return molecule_retain(molecule);
    gene.span = span;
    return molecule_atom(gene, NULL, span, diags);
}

const struct molecule *molecule_of_value(struct eval *eval, struct value value, struct span span)
{
    value = value_atom(eval, value, span);
    if (value.kind == VALUE_UNKNOWN &&
        value.of == VALUE_MOLECULE) /* nel check, in a rule: any stands for what only a training tells */
        value = value_element(eval, eval->state->elements.at[0]);
    if (value.kind == VALUE_MOLECULE)
        return molecule_written(value.molecule->molecule, span, eval->diags);
    if (value.kind == VALUE_ELEMENT)
        return molecule_atom(gene_activation(value.element->element, span), NULL, span, eval->diags);
    if (value_is_chemical(value)) { /* a `molecule` by its name alone: all its parameters at their defaults */
        struct value made = call_value(eval, value, NULL, 0, span);
        return failed(made) ? NULL : molecule_retain(made.molecule->molecule);
    }
    if (!failed(value))
        eval_error_type(eval, span, "a molecule", value);
    return NULL;
}

const struct molecule *molecule_part_of_value(struct eval *eval, struct value value, struct span span)
{
    const struct molecule *whole = molecule_of_value(eval, value, span);
    const struct molecule *part = whole ? molecule_part(whole, false, false, &eval->state->elements, span, eval->diags) : NULL;
    molecule_release(whole);
    return part;
}

struct value molecule_operator(struct eval *eval, enum gene_kind kind, const struct operand *operands, size_t count,
                               struct span span)
{
    const struct molecule **parts = mem_array(count, sizeof *parts);
    if (!parts)
        return eval_out_of_memory(eval, span);
    size_t made = 0;
    while (made < count && (parts[made] = molecule_part_of_value(eval, operands[made].value, operands[made].span)))
        made++;
    struct molecule *molecule = made == count ? molecule_combine(kind, parts, count, span, eval->diags) : NULL;
    while (made-- > 0)
        molecule_release(parts[made]);
    mem_free(parts);
    return molecule ? value_molecule(eval, molecule) : value_failed();
}

/* ---- layers ---- */

/* nel check: whether the value may be of the kind, though its content is not known. */
static bool may_be(struct value value, enum value_kind kind)
{
    return value.kind == VALUE_UNKNOWN && (value.of == kind || value.of == VALUE_UNKNOWN);
}

static bool layer_width(struct eval *eval, struct value value, struct span span, uint32_t *width)
{
    if (may_be(value, VALUE_NUMBER)) {
        *width = 1; /* whatever it is */
        return true;
    }
    if (value.kind != VALUE_NUMBER) {
        eval_error_type(eval, span, "a width", value);
        return false;
    }
    double number = value.number;
    const char *help = number > 0 && number < 1 ? "a width is a count of neurons, such as 8"
                       : number > 1             ? "a width is a whole number: `round(…)` makes one"
                                                : "a width is a whole number from 1, such as 8";
    if (!(number >= 1) || number != floor(number)) {
        struct text written = {0};
        number_write(&written, number);
        eval_error_help(eval, span, help, "a layer cannot have %s neurons", text_chars(&written));
        text_release(&written);
        return false;
    }
    if (number > LIMIT_WIDTH) {
        struct text written = {0};
        number_write_count(&written, number);
        diag_limit(eval->diags, span, "a layer of %s neurons is too wide; the most is %s", text_chars(&written),
                   counted(LIMIT_WIDTH, "neuron", "neurons").text);
        text_release(&written);
        return false;
    }
    *width = (uint32_t)number;
    return true;
}

static bool element_has(const struct element *element, struct str param)
{
    for (unsigned i = 0; i < element->param_count; i++)
        if (str_is(param, element->params[i].name))
            return true;
    return false;
}

bool layer_set_trait(struct eval *eval, struct gene *gene, const struct argument *argument)
{
    if (gene->kind == GENE_ACTIVATION && trait_find(argument->label)) {
        eval_error_help(eval, argument->label_span, "give the layer a width: `relu(8, …)`",
                        "`%.*s` belongs to a layer, and an element without a width has no weights", STR_ARG(argument->label));
        return false;
    }
    struct value value = argument->value;
    double number = NAN;
    struct str word = {0};
    bool known = trait_find(argument->label) || element_has(gene->element, argument->label);
    const char *foreign = known ? NULL : foreign_argument(argument->label, STR("init"));
    if (foreign)
        return eval_error_help(eval, argument->label_span, foreign, "unknown trait `%.*s`", STR_ARG(argument->label)), false;
    bool unknown = may_be(value, VALUE_NUMBER) || may_be(value, VALUE_BOOL) || may_be(value, VALUE_STRING);
    if (unknown && known)
        return true;
    if (unknown)
        number = 0; /* so that the name is told */
    else if (value.kind == VALUE_BOOL)
        number = value.boolean;
    else if (!value_as_number(value, &number) && !value_word(value, &word))
        return eval_error_type(eval, argument->span, "a number or a word", value), false;
    return trait_set(&gene->traits, gene->element, argument->label, number, word, known ? argument->span : argument->label_span,
                     eval->diags);
}

static struct value layer_molecule(struct eval *eval, struct gene gene, const struct argument *width, struct span span)
{
    if (!width || width->value.kind == VALUE_NUMBER || may_be(width->value, VALUE_NUMBER) || may_be(width->value, VALUE_LIST)) {
        if (width && value_content(width->value) != VALUE_LIST && !layer_width(eval, width->value, width->span, &gene.width))
            return value_failed();
        struct molecule *atom = molecule_atom(gene, NULL, span, eval->diags);
        return atom ? value_molecule(eval, atom) : value_failed();
    }
    if (width->value.kind != VALUE_LIST || width->value.list->count == 0)
        return width->value.kind == VALUE_LIST
                   ? eval_error(eval, width->span, "expected a width or a list of widths, found an empty list")
                   : eval_error_type(eval, width->span, "a width or a list of widths", width->value);
    struct molecule_builder builder = {0};
    bool well = true;
    builder_open(&builder, GENE_CHAIN, span);
    for (size_t i = 0; well && i < width->value.list->count; i++) {
        well = layer_width(eval, width->value.list->items[i], span_of_item(eval, width->span, i), &gene.width);
        builder_atom(&builder, gene, NULL);
    }
    builder_close(&builder);
    struct molecule *molecule = builder_finish(&builder, span, eval->diags);
    if (!well)
        molecule_release(molecule);
    return well && molecule ? value_molecule(eval, molecule) : value_failed();
}

/* `linear(2, 8)` with the input's width, as elsewhere; `relu(8) |> tanh(4)`. */
static struct value second_width(struct eval *eval, const struct element_object *element, const struct argument *first,
                                 const struct argument *second)
{
    if (value_is_chemical(first->value))
        return eval_error_help(eval, first->span, "stages are joined by `->`: `relu(8) -> tanh(4)`", "`%s` takes a width, found %s",
                               element->element->name, value_article(first->value));
    return eval_error_help(eval, second->span,
                           "the input's width is inferred: `relu(8)`; several layers in a row are `relu([32, 8])`",
                           "a layer has one width");
}

struct value element_call(struct eval *eval, const struct element_object *element, const struct argument *arguments, size_t count,
                          struct span span)
{
    const struct argument *width = NULL;
    for (size_t i = 0; i < count; i++) {
        bool is_width = arguments[i].label.len == 0 || str_is(arguments[i].label, "width");
        if (is_width && width)
            return second_width(eval, element, width, &arguments[i]);
        if (is_width)
            width = &arguments[i];
    }
    struct gene gene = element->has_layer ? element->layer
                       : width            ? gene_layer(element->element, 1, span)
                                          : gene_activation(element->element, span);
    gene.span = span;
    for (size_t i = 0; i < count; i++)
        if (&arguments[i] != width && !layer_set_trait(eval, &gene, &arguments[i]))
            return value_failed();
    struct value layer = layer_molecule(eval, gene, width, span);
    for (size_t i = 0; !failed(layer) && eval->state->checking && i < count; i++)
        if (!value_known(arguments[i].value))
            layer = value_unknown_of(VALUE_MOLECULE);
    return layer;
}

/* ---- chains ---- */

/* One stage as it was evaluated. */
struct stage {
    const struct molecule *molecule;
    uint32_t label; /* the tap it defines, 0 none */
};

static bool bind_tap(struct eval *eval, const struct node *node, uint32_t label)
{
    struct gene tap = gene_of(GENE_TAP, node->span);
    tap.label = label;
    struct molecule *molecule = molecule_atom(tap, NULL, node->span, eval->diags);
    struct value value = molecule ? value_molecule(eval, molecule) : value_failed();
    return !failed(value) && frame_bind(eval, eval->frame, node->text, value);
}

/* Evaluates one stage; the molecule is held by the stage. `unknown` is set where nel check cannot know it. */
static bool eval_stage(struct eval *eval, const struct node *node, struct stage *stage, bool *unknown)
{
    const struct node *inner = node->kind == NODE_AS ? node->items[0] : node;
    struct value value = value_atom(eval, eval_node(eval, inner), inner->span);
    if (failed(value))
        return false;
    if (may_be(value, VALUE_MOLECULE) || may_be(value, VALUE_ELEMENT)) {
        *unknown = true;
        return node->kind != NODE_AS || frame_bind(eval, eval->frame, node->text, value);
    }
    stage->molecule = molecule_of_value(eval, value, inner->span);
    if (!stage->molecule)
        return false;
    if (node->kind != NODE_AS)
        return true;
    stage->label = label_fresh();
    return bind_tap(eval, node, stage->label);
}

static struct molecule *chain_of(struct eval *eval, const struct stage *stages, size_t count, struct span span)
{
    struct molecule_builder builder = {0};
    builder_open(&builder, GENE_CHAIN, span);
    for (size_t i = 0; i < count; i++) {
        builder_copy(&builder, stages[i].molecule, 0);
        if (stages[i].label)
            builder_label(&builder, stages[i].label);
    }
    builder_close(&builder);
    return builder_finish(&builder, span, eval->diags);
}

/* Trained molecules inside a chain are parts of it. */
static bool stages_fit(struct eval *eval, struct stage *stages, const struct node *node)
{
    for (uint32_t i = 0; i < node->count; i++) {
        const struct molecule *whole = stages[i].molecule;
        stages[i].molecule =
            molecule_part(whole, i == 0, i + 1 == node->count, &eval->state->elements, node->items[i]->span, eval->diags);
        molecule_release(whole);
        if (!stages[i].molecule)
            return false;
    }
    return true;
}

struct value eval_chain(struct eval *eval, const struct node *node)
{
    struct stage *stages = mem_array(node->count, sizeof *stages);
    struct frame *outer = eval->frame;
    struct frame *frame = stages ? frame_new(eval->state, outer) : NULL; /* taps are seen in later stages only */
    if (!frame) {
        mem_free(stages);
        return eval_out_of_memory(eval, node->span);
    }
    eval->frame = frame;
    bool well = true, unknown = false;
    for (uint32_t i = 0; well && i < node->count; i++)
        well = eval_stage(eval, node->items[i], &stages[i], &unknown);
    eval->frame = outer;
    frame_release(frame);
    struct molecule *molecule =
        well && !unknown && stages_fit(eval, stages, node) ? chain_of(eval, stages, node->count, node->span) : NULL;
    for (uint32_t i = 0; i < node->count; i++)
        molecule_release(stages[i].molecule);
    mem_free(stages);
    if (well && unknown)
        return value_unknown_of(VALUE_MOLECULE);
    return molecule ? value_molecule(eval, molecule) : value_failed();
}

struct value eval_dna(struct eval *eval, const struct node *node)
{
    struct span place = node->span;
    place.start += 1; /* past the backtick */
    struct molecule *molecule = dna_decode(node->text, &eval->state->elements, place, eval->diags);
    return molecule ? value_molecule(eval, molecule) : value_failed();
}
