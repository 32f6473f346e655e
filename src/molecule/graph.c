/* From genes to nodes. One walk over the molecule, each gene's subtree told which node feeds it and giving back the node that is its
   output; nodes are appended as they are met, so every node comes after those it reads. A tap is the node that its label's stage gave.

   An error gives back no node, and the walk goes on where it can, so that several clashes are told at once. */
#include "molecule/graph.h"

#include <math.h>

#include "molecule/trait.h"
#include "support/limits.h"
#include "support/memory.h"
#include "support/number.h"
#include "support/vec.h"

#define NO_NODE UINT32_MAX

struct walk {
    const struct molecule *molecule;
    VEC(struct graph_node) nodes;
    VEC(uint32_t) inputs;
    uint32_t *taps; /* [labels + 1] node by label, NO_NODE where the stage failed or is not reached yet */
    struct diags *diags;
    bool well;
};

static uint32_t build(struct walk *walk, uint32_t gene, uint32_t input);

/* ---- nodes ---- */

static uint32_t out_of_memory(struct walk *walk, uint32_t gene)
{
    diag_out_of_memory(walk->diags, walk->molecule->genes[gene].span);
    walk->well = false;
    return NO_NODE;
}

/* Appends a node that reads `inputs`. */
static uint32_t add_node(struct walk *walk, struct graph_node node, const uint32_t *inputs, uint32_t count)
{
    node.input_at = (uint32_t)walk->inputs.count;
    node.input_count = count;
    for (uint32_t i = 0; i < count; i++)
        if (!vec_push(&walk->inputs, inputs[i]))
            return out_of_memory(walk, node.gene);
    if (!vec_push(&walk->nodes, node))
        return out_of_memory(walk, node.gene);
    return (uint32_t)walk->nodes.count - 1;
}

static uint32_t width_of(const struct walk *walk, uint32_t node)
{
    return walk->nodes.at[node].width;
}

/* Stored weights of a layer: all, or its density's share, at least one. */
static uint64_t weights_of(double density, uint32_t inputs, uint32_t outputs)
{
    double all = (double)inputs * outputs;
    return density < 1 ? (uint64_t)fmax(1, round(density * all)) : (uint64_t)all;
}

static uint32_t add_affine(struct walk *walk, uint32_t gene, uint32_t input, uint32_t width, double density, bool bias,
                           bool projection)
{
    struct graph_node node = {.op = GRAPH_AFFINE, .projection = projection, .gene = gene, .width = width};
    node.weights = weights_of(density, width_of(walk, input), width);
    node.params = node.weights + (bias ? width : 0);
    node.flops = 2.0 * (double)node.weights + (bias ? width : 0);
    return add_node(walk, node, &input, 1);
}

/* Operations of one evaluation of an element: the nodes of its formula that compute. */
static double element_flops(const struct element *element)
{
    double flops = 0;
    for (formula_id i = 0; i <= element->value; i++)
        flops += formula_functions[element->formula.nodes[i].op].arity > 0;
    return flops;
}

static uint32_t add_activation(struct walk *walk, uint32_t gene, uint32_t input)
{
    const struct element *element = walk->molecule->genes[gene].element;
    struct graph_node node = {.op = GRAPH_ACTIVATION, .gene = gene, .width = width_of(walk, input)};
    for (unsigned i = 0; i < element->param_count; i++)
        node.params += element->params[i].learned ? node.width : 0;
    node.flops = element_flops(element) * node.width;
    return add_node(walk, node, &input, 1);
}

/* A node of its input's width: normalisations have a scale and a shift a value. */
static uint32_t add_keeping(struct walk *walk, uint32_t gene, enum graph_op op, uint32_t input, unsigned params, double flops)
{
    uint32_t width = width_of(walk, input);
    struct graph_node node = {
        .op = (uint8_t)op, .gene = gene, .width = width, .params = (uint64_t)params * width, .flops = flops * width};
    return add_node(walk, node, &input, 1);
}

/* ---- errors ---- */

static uint32_t refuse(struct walk *walk)
{
    walk->well = false;
    return NO_NODE;
}

static struct span span_of(const struct walk *walk, uint32_t gene)
{
    return walk->molecule->genes[gene].span;
}

/* ---- atoms ---- */

static uint32_t build_input(struct walk *walk, uint32_t gene, uint32_t input)
{
    uint32_t wanted = walk->molecule->genes[gene].width, found = width_of(walk, input);
    if (walk->nodes.at[input].op != GRAPH_INPUT) {
        diag_help(diag_error(walk->diags, span_of(walk, gene), "`input(%u)` can only be the first stage", wanted),
                  "it says how many features the data has");
        return refuse(walk);
    }
    if (wanted == found)
        return input;
    diag_help(diag_error(walk->diags, span_of(walk, gene), "the molecule starts with `input(%u)`, but the data has %u feature%s",
                         wanted, found, found == 1 ? "" : "s"),
              "write `input(%u)`, or leave it out", found);
    return refuse(walk);
}

static uint32_t build_layer(struct walk *walk, uint32_t gene, uint32_t input)
{
    const struct gene *at = &walk->molecule->genes[gene];
    uint32_t affine = add_affine(walk, gene, input, at->width, at->traits.density, at->traits.bias, false);
    return affine == NO_NODE ? NO_NODE : add_activation(walk, gene, affine);
}

static uint32_t build_output(struct walk *walk, uint32_t gene, uint32_t input)
{
    const struct gene *at = &walk->molecule->genes[gene];
    uint32_t affine = add_affine(walk, gene, input, at->width, at->traits.density, at->traits.bias, false);
    return affine == NO_NODE ? NO_NODE : add_keeping(walk, gene, GRAPH_HEAD, affine, 0, 4);
}

static uint32_t build_gather(struct walk *walk, uint32_t gene, uint32_t input)
{
    const struct gene *at = &walk->molecule->genes[gene];
    const uint32_t *indices = walk->molecule->indices + at->index_at;
    for (uint32_t i = 0; i < at->index_count; i++)
        if (indices[i] >= width_of(walk, input)) {
            diag_help(diag_error(walk->diags, at->span, "`gather` picks neuron %u of only %u", indices[i], width_of(walk, input)),
                      "neurons are counted from 0 to %u here", width_of(walk, input) - 1);
            return refuse(walk);
        }
    return add_node(walk, (struct graph_node){.op = GRAPH_GATHER, .gene = gene, .width = at->index_count}, &input, 1);
}

static bool indices_distinct(struct walk *walk, const struct gene *at)
{
    const uint32_t *indices = walk->molecule->indices + at->index_at;
    bool *used = mem_array(at->width, sizeof *used);
    if (!used)
        return diag_out_of_memory(walk->diags, at->span);
    bool well = true;
    for (uint32_t i = 0; well && i < at->index_count; i++) {
        if (indices[i] >= at->width)
            diag_error(walk->diags, at->span, "`scatter` writes neuron %u of only %u", indices[i], at->width);
        else if (used[indices[i]])
            diag_error(walk->diags, at->span, "`scatter` writes neuron %u twice", indices[i]);
        well = indices[i] < at->width && !used[indices[i]];
        if (well)
            used[indices[i]] = true;
    }
    mem_free(used);
    return well;
}

static uint32_t build_scatter(struct walk *walk, uint32_t gene, uint32_t input)
{
    const struct gene *at = &walk->molecule->genes[gene];
    if (at->index_count != width_of(walk, input)) {
        diag_error(walk->diags, at->span, "`scatter` has places for %u values, but gets %u", at->index_count,
                   width_of(walk, input));
        return refuse(walk);
    }
    if (!indices_distinct(walk, at))
        return refuse(walk);
    return add_node(walk, (struct graph_node){.op = GRAPH_SCATTER, .gene = gene, .width = at->width}, &input, 1);
}

static uint32_t build_tap(struct walk *walk, uint32_t gene)
{
    uint32_t label = walk->molecule->genes[gene].label;
    if (label <= walk->molecule->labels)
        return walk->taps[label]; /* NO_NODE: its stage failed, which was told there */
    diag_help(diag_error(walk->diags, span_of(walk, gene), "this tap is used outside the chain that names it"),
              "a tap is seen in later stages of its own chain");
    return refuse(walk);
}

/* ---- composites ---- */

static uint32_t build_chain(struct walk *walk, uint32_t gene, uint32_t input)
{
    const struct gene *at = &walk->molecule->genes[gene];
    uint32_t stage = gene + 1;
    for (uint32_t i = 0; i < at->count && input != NO_NODE; i++) {
        const struct gene *here = &walk->molecule->genes[stage];
        if (here->kind == GENE_OUTPUT && i + 1 < at->count) {
            diag_error(walk->diags, here->span, "`out` can only be the last stage");
            return refuse(walk);
        }
        input = build(walk, stage, input);
        stage += here->size;
    }
    return input;
}

/* The outputs of all parts, each fed by `input`; false where one failed. */
static bool build_parts(struct walk *walk, uint32_t gene, uint32_t input, uint32_t *outputs)
{
    const struct gene *at = &walk->molecule->genes[gene];
    uint32_t part = gene + 1;
    bool well = true;
    for (uint32_t i = 0; i < at->count; i++) {
        if (walk->molecule->genes[part].kind == GENE_OUTPUT) {
            diag_error(walk->diags, span_of(walk, part), "`out` can only be the last stage of the whole molecule");
            refuse(walk);
            return false;
        }
        outputs[i] = build(walk, part, input);
        well = well && outputs[i] != NO_NODE;
        part += walk->molecule->genes[part].size;
    }
    return well;
}

/* Summed and multiplied parts must agree; the first two that do not are told. */
static bool widths_agree(struct walk *walk, uint32_t gene, const uint32_t *outputs)
{
    const struct gene *at = &walk->molecule->genes[gene];
    uint32_t first = gene + 1, part = first;
    for (uint32_t i = 0; i < at->count; i++) {
        uint32_t left = width_of(walk, outputs[0]), right = width_of(walk, outputs[i]);
        if (left != right) {
            const char *verb = at->kind == GENE_SUM ? "summed" : "multiplied";
            struct diag *diag = diag_error(walk->diags, at->span,
                                           "these two branches are %s, but the left one gives %u values and the "
                                           "right one %u",
                                           verb, left, right);
            diag_label(diag, span_of(walk, first), "gives %u", left);
            diag_label(diag, span_of(walk, part), "gives %u", right);
            diag_help(diag, "end one with `-> linear(%u)`, or put them side by side with `|`", left);
            return false;
        }
        part += walk->molecule->genes[part].size;
    }
    return true;
}

static uint32_t join(struct walk *walk, uint32_t gene, const uint32_t *outputs)
{
    const struct gene *at = &walk->molecule->genes[gene];
    struct graph_node node = {.op = GRAPH_CONCAT, .gene = gene};
    double width = 0;
    for (uint32_t i = 0; i < at->count; i++)
        width += width_of(walk, outputs[i]);
    if (at->kind != GENE_BRANCH) {
        if (!widths_agree(walk, gene, outputs))
            return refuse(walk);
        width = width_of(walk, outputs[0]);
        node.op = at->kind == GENE_SUM ? GRAPH_SUM : GRAPH_PRODUCT;
        node.flops = width * (at->count - 1);
    }
    if (width > LIMIT_WIDTH) {
        diag_error(walk->diags, at->span, "these branches together give %.0f values; the most is %d", width, LIMIT_WIDTH);
        return refuse(walk);
    }
    node.width = (uint32_t)width;
    return add_node(walk, node, outputs, at->count);
}

static uint32_t build_side_by_side(struct walk *walk, uint32_t gene, uint32_t input)
{
    uint32_t *outputs = mem_array(walk->molecule->genes[gene].count, sizeof *outputs);
    if (!outputs)
        return out_of_memory(walk, gene);
    uint32_t node = build_parts(walk, gene, input, outputs) ? join(walk, gene, outputs) : NO_NODE;
    mem_free(outputs);
    return node;
}

/* x + A(x); a learned linear projection of x where the widths differ (He et al. 2016, eq. 2). */
static uint32_t build_skip(struct walk *walk, uint32_t gene, uint32_t input)
{
    uint32_t inner;
    if (!build_parts(walk, gene, input, &inner))
        return NO_NODE;
    uint32_t width = width_of(walk, inner), around = input;
    if (width_of(walk, input) != width)
        around = add_affine(walk, gene, input, width, 1, false, true);
    if (around == NO_NODE)
        return NO_NODE;
    const uint32_t both[2] = {around, inner};
    return add_node(walk, (struct graph_node){.op = GRAPH_SUM, .gene = gene, .width = width, .flops = width}, both, 2);
}

static uint32_t build_gene(struct walk *walk, uint32_t gene, uint32_t input)
{
    switch ((enum gene_kind)walk->molecule->genes[gene].kind) {
    case GENE_LAYER:
        return build_layer(walk, gene, input);
    case GENE_ACTIVATION:
        return add_activation(walk, gene, input);
    case GENE_INPUT:
        return build_input(walk, gene, input);
    case GENE_OUTPUT:
        return build_output(walk, gene, input);
    case GENE_DROPOUT:
        return add_keeping(walk, gene, GRAPH_DROPOUT, input, 0, 1);
    case GENE_BATCHNORM:
        return add_keeping(walk, gene, GRAPH_BATCHNORM, input, 2, 4);
    case GENE_LAYERNORM:
        return add_keeping(walk, gene, GRAPH_LAYERNORM, input, 2, 8);
    case GENE_GATHER:
        return build_gather(walk, gene, input);
    case GENE_SCATTER:
        return build_scatter(walk, gene, input);
    case GENE_TAP:
        return build_tap(walk, gene);
    case GENE_CHAIN:
        return build_chain(walk, gene, input);
    case GENE_BRANCH:
    case GENE_SUM:
    case GENE_PRODUCT:
        return build_side_by_side(walk, gene, input);
    case GENE_SKIP:
        return build_skip(walk, gene, input);
    }
    return refuse(walk);
}

/* The node that the subtree at `gene` gives, fed by `input`; the depth is bounded by LIMIT_MOLECULE_DEPTH. */
static uint32_t build(struct walk *walk, uint32_t gene, uint32_t input)
{
    uint32_t node = build_gene(walk, gene, input);
    const struct gene *at = &walk->molecule->genes[gene];
    if (at->label && at->kind != GENE_TAP && at->label <= walk->molecule->labels)
        walk->taps[at->label] = node;
    return node;
}

/* ---- the whole ---- */

static bool within_limits(struct walk *walk)
{
    double params = 0;
    for (size_t i = 0; i < walk->nodes.count; i++)
        params += (double)walk->nodes.at[i].params;
    if (params <= LIMIT_PARAMETERS)
        return true;
    struct text count = {0};
    number_write_count(&count, params);
    diag_help(diag_error(walk->diags, walk->molecule->genes[0].span, "this molecule has %s parameters; the most is %.0f",
                         text_chars(&count), LIMIT_PARAMETERS),
              "its weights alone would need %.1f GB", params * sizeof(float) / 1e9);
    text_release(&count);
    return false;
}

static uint32_t start_width(const struct molecule *molecule, uint32_t input_width, struct diags *diags)
{
    const struct gene *input = molecule_input(molecule);
    if (input_width == 0 && input)
        return input->width;
    if (input_width == 0)
        diag_help(diag_error(diags, molecule->genes[0].span, "the number of inputs is not known"),
                  "begin the molecule with `input(n)`");
    return input_width;
}

/* Moves what the walk found into a graph of its own; NULL where memory is exhausted. */
static struct graph *finish(struct walk *walk, uint32_t input_width, uint32_t output)
{
    struct graph *graph = mem_alloc(sizeof *graph);
    if (!graph)
        return NULL;
    graph->molecule = molecule_retain(walk->molecule);
    graph->nodes = walk->nodes.at;
    graph->count = (uint32_t)walk->nodes.count;
    graph->inputs = walk->inputs.at;
    graph->input_count = (uint32_t)walk->inputs.count;
    graph->input_width = input_width;
    graph->output_width = walk->nodes.at[output].width;
    for (uint32_t i = 0; i < graph->count; i++) {
        graph->params += graph->nodes[i].params;
        graph->flops += graph->nodes[i].flops;
    }
    return graph;
}

struct graph *graph_build(const struct molecule *molecule, uint32_t input_width, struct diags *diags)
{
    struct walk walk = {.molecule = molecule, .diags = diags, .well = true};
    uint32_t width = start_width(molecule, input_width, diags);
    if (!width)
        return NULL;
    struct graph *graph = NULL;
    walk.taps = mem_array((size_t)molecule->labels + 1, sizeof *walk.taps);
    for (uint32_t i = 0; walk.taps && i <= molecule->labels; i++)
        walk.taps[i] = NO_NODE;
    uint32_t input =
        walk.taps ? add_node(&walk, (struct graph_node){.op = GRAPH_INPUT, .width = width}, NULL, 0) : out_of_memory(&walk, 0);
    uint32_t output = input == NO_NODE ? NO_NODE : build(&walk, 0, input);
    if (walk.well && output != NO_NODE && within_limits(&walk)) {
        graph = finish(&walk, width, output);
        if (!graph)
            out_of_memory(&walk, 0);
    }
    if (!graph) {
        vec_release(&walk.nodes);
        vec_release(&walk.inputs);
    }
    mem_free(walk.taps);
    return graph;
}

void graph_release(struct graph *graph)
{
    if (!graph)
        return;
    molecule_release(graph->molecule);
    mem_free(graph->nodes);
    mem_free(graph->inputs);
    mem_free(graph);
}

/* ---- text ---- */

const char *graph_op_name(enum graph_op op)
{
    static const char *const names[] = {
        [GRAPH_INPUT] = "input",         [GRAPH_AFFINE] = "affine",   [GRAPH_ACTIVATION] = "activation",
        [GRAPH_HEAD] = "head",           [GRAPH_CONCAT] = "concat",   [GRAPH_SUM] = "sum",
        [GRAPH_PRODUCT] = "product",     [GRAPH_DROPOUT] = "dropout", [GRAPH_BATCHNORM] = "batchnorm",
        [GRAPH_LAYERNORM] = "layernorm", [GRAPH_GATHER] = "gather",   [GRAPH_SCATTER] = "scatter",
    };
    return names[op];
}

const char *graph_node_name(const struct graph *graph, const struct graph_node *node)
{
    const struct gene *gene = &graph->molecule->genes[node->gene];
    if (node->op == GRAPH_ACTIVATION)
        return gene->element->name;
    if (node->op == GRAPH_HEAD)
        return head_names[gene->head];
    return node->projection ? "projection" : graph_op_name(node->op);
}

static void print_node(const struct graph *graph, uint32_t number, struct text *out)
{
    const struct graph_node *node = &graph->nodes[number];
    struct text inputs = {0}, params = {0}, flops = {0};
    for (uint32_t i = 0; i < node->input_count; i++)
        text_addf(&inputs, "%s%%%u", i == 0 ? "" : " ", graph->inputs[node->input_at + i]);
    number_write_count(&params, (double)node->params);
    number_write_count(&flops, node->flops);
    text_addf(out, "%5s%-5u %-12s %-14s %8u %12s %14s\n", "%", number, graph_node_name(graph, node), text_chars(&inputs), node->width,
              node->params ? text_chars(&params) : "", node->flops > 0 ? text_chars(&flops) : "");
    text_release(&inputs);
    text_release(&params);
    text_release(&flops);
}

void graph_print(const struct graph *graph, struct text *out)
{
    struct text params = {0}, flops = {0};
    text_addf(out, "%6s     %-12s %-14s %8s %12s %14s\n", "node", "op", "inputs", "width", "parameters", "flops a sample");
    for (uint32_t i = 0; i < graph->count; i++)
        print_node(graph, i, out);
    number_write_count(&params, (double)graph->params);
    number_write_count(&flops, graph->flops);
    text_addf(out, "%6s     %-12s %-14s %8u %12s %14s\n", "", "in all", "", graph->output_width, text_chars(&params),
              text_chars(&flops));
    text_release(&params);
    text_release(&flops);
}
