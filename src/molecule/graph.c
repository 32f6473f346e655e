/* From genes to nodes. One walk over the molecule: each gene's subtree is told which node feeds it and gives back the node that
   is its output; nodes are appended as they are met, so every node comes after those it reads. A tap is the node that its label's
   stage gave.

   A clash of widths is told and the walk goes on, so that several are told at once. A node whose width cannot be told any more
   has width 0; what depends on it is not complained of, and the next layer knows its own width again.

   What concerns one gene alone (widths and rates in their range, inputs first and outputs last, taps in scope) holds in every
   molecule that was built. Room is counted before the walk, which allocates nothing. */
#include "molecule/graph.h"

#include "molecule/density.h"
#include "support/limits.h"
#include "support/memory.h"
#include "support/number.h"

struct walk {
    const struct molecule *molecule;
    struct graph *graph;
    uint32_t *taps;    /* [labels + 1] node by label; a stage comes before those that tap it */
    uint32_t *outputs; /* [genes] a stack: what the parts of the composites around this gene gave so far */
    uint32_t output_count;
    bool *written; /* [widest scatter] all false between scatters */
    struct diags *diags;
    size_t errors; /* of diags, before the walk */
};

static uint32_t build(struct walk *walk, uint32_t gene, uint32_t input);

/* ---- nodes ---- */

/* Appends a node that reads `inputs`. */
static uint32_t add_node(struct walk *walk, struct graph_node node, const uint32_t *inputs, uint32_t count)
{
    struct graph *graph = walk->graph;
    node.input_at = graph->input_count;
    node.input_count = count;
    for (uint32_t i = 0; i < count; i++)
        graph->inputs[graph->input_count++] = inputs[i];
    graph->nodes[graph->count] = node;
    return graph->count++;
}

static uint32_t width_of(const struct walk *walk, uint32_t node)
{
    return walk->graph->nodes[node].width;
}

static uint32_t add_affine(struct walk *walk, struct graph_node node, uint32_t input, double density, bool bias)
{
    uint32_t shifts = bias ? node.width : 0;
    node.op = GRAPH_AFFINE;
    node.weights = density_count(density, (uint64_t)width_of(walk, input) * node.width);
    node.params = node.weights + shifts;
    node.flops = 2.0 * (double)node.weights + shifts;
    return add_node(walk, node, &input, 1);
}

/* W x + b of a layer or an output. */
static uint32_t add_layer(struct walk *walk, uint32_t gene, uint32_t input)
{
    const struct gene *at = &walk->molecule->genes[gene];
    return add_affine(walk, (struct graph_node){.gene = gene, .width = at->width}, input, at->traits.density, at->traits.bias);
}

/* An operation on each value: `params` and `flops` are those of one value. */
static uint32_t add_keeping(struct walk *walk, uint32_t gene, enum graph_op op, uint32_t input, unsigned params, double flops)
{
    struct graph_node node = {.op = (uint8_t)op, .gene = gene, .width = width_of(walk, input)};
    node.params = (uint64_t)params * node.width;
    node.flops = flops * node.width;
    return add_node(walk, node, &input, 1);
}

static uint32_t add_activation(struct walk *walk, uint32_t gene, uint32_t input)
{
    const struct element *element = walk->molecule->genes[gene].element;
    unsigned learned = 0;
    for (unsigned i = 0; i < element->param_count; i++)
        learned += element->params[i].learned;
    return add_keeping(walk, gene, GRAPH_ACTIVATION, input, learned, formula_operations(&element->formula, element->value));
}

/* ---- clashes ---- */

static struct span span_of(const struct walk *walk, uint32_t gene)
{
    return walk->molecule->genes[gene].span;
}

static const char *plural(uint32_t count)
{
    return count == 1 ? "" : "s";
}

/* Shows where a node's values come from; the data's own are nowhere in the source. */
static void label_origin(const struct walk *walk, struct diag *diag, uint32_t node)
{
    const struct graph_node *at = &walk->graph->nodes[node];
    if (at->op != GRAPH_INPUT)
        diag_label(diag, span_of(walk, at->gene), "gives %u value%s", at->width, plural(at->width));
}

/* ---- atoms ---- */

static uint32_t build_input(struct walk *walk, uint32_t gene, uint32_t input)
{
    uint32_t wanted = walk->molecule->genes[gene].width, found = width_of(walk, input);
    if (wanted != found)
        diag_help(diag_error(walk->diags, span_of(walk, gene),
                             "the molecule starts with `input(%u)`, but the data has %u feature%s", wanted, found, plural(found)),
                  "write `input(%u)`, or leave it out", found);
    return input;
}

static uint32_t build_gather(struct walk *walk, uint32_t gene, uint32_t input)
{
    const struct gene *at = &walk->molecule->genes[gene];
    const uint32_t *indices = walk->molecule->indices + at->index_at;
    uint32_t found = width_of(walk, input);
    for (uint32_t i = 0; found > 0 && i < at->index_count; i++) {
        if (indices[i] < found)
            continue;
        struct diag *diag = diag_error(walk->diags, at->span, "`gather` picks neuron %u of only %u", indices[i], found);
        label_origin(walk, diag, input);
        diag_help(diag, "neurons are counted from 0 to %u here", found - 1);
        break;
    }
    return add_node(walk, (struct graph_node){.op = GRAPH_GATHER, .gene = gene, .width = at->index_count}, &input, 1);
}

static void check_distinct(struct walk *walk, const struct gene *at)
{
    const uint32_t *indices = walk->molecule->indices + at->index_at;
    uint32_t distinct = 0;
    while (distinct < at->index_count && !walk->written[indices[distinct]])
        walk->written[indices[distinct++]] = true;
    if (distinct < at->index_count)
        diag_help(diag_error(walk->diags, at->span, "`scatter` writes neuron %u twice", indices[distinct]),
                  "a neuron takes one value");
    while (distinct > 0)
        walk->written[indices[--distinct]] = false;
}

static uint32_t build_scatter(struct walk *walk, uint32_t gene, uint32_t input)
{
    const struct gene *at = &walk->molecule->genes[gene];
    uint32_t found = width_of(walk, input);
    check_distinct(walk, at);
    if (found > 0 && at->index_count != found) {
        struct diag *diag = diag_error(walk->diags, at->span, "`scatter` has places for %u value%s, but gets %u", at->index_count,
                                       plural(at->index_count), found);
        label_origin(walk, diag, input);
        diag_help(diag, "each value needs an index of its own");
    }
    return add_node(walk, (struct graph_node){.op = GRAPH_SCATTER, .gene = gene, .width = at->width}, &input, 1);
}

static uint32_t build_tap(struct walk *walk, uint32_t gene)
{
    uint32_t label = walk->molecule->genes[gene].label;
    if (label <= walk->molecule->labels)
        return walk->taps[label];
    diag_help(diag_error(walk->diags, span_of(walk, gene), "this tap is used outside the chain that names it"),
              "a tap is seen in later stages of its own chain");
    return add_node(walk, (struct graph_node){.op = GRAPH_CONCAT, .gene = gene}, NULL, 0); /* of nothing: its width is not known */
}

/* ---- composites ---- */

static uint32_t build_chain(struct walk *walk, uint32_t gene, uint32_t input)
{
    const struct gene *genes = walk->molecule->genes;
    for (uint32_t i = 0, stage = gene + 1; i < genes[gene].count; i++, stage += genes[stage].size)
        input = build(walk, stage, input);
    return input;
}

static uint32_t child_of(const struct walk *walk, uint32_t gene, uint32_t number)
{
    uint32_t child = gene + 1;
    for (uint32_t i = 0; i < number; i++)
        child += walk->molecule->genes[child].size;
    return child;
}

/* Parts `left` and `right` of a sum or product differ. */
static void tell_widths(struct walk *walk, uint32_t gene, const uint32_t *outputs, uint32_t left, uint32_t right)
{
    const struct gene *at = &walk->molecule->genes[gene];
    const char *verb = at->kind == GENE_SUM ? "summed" : "multiplied";
    uint32_t left_width = width_of(walk, outputs[left]), right_width = width_of(walk, outputs[right]);
    struct diag *diag;
    if (at->count == 2)
        diag =
            diag_error(walk->diags, at->span, "these two branches are %s, but the left one gives %u value%s and the right one %u",
                       verb, left_width, plural(left_width), right_width);
    else
        diag = diag_error(walk->diags, at->span, "these branches are %s, but number %u gives %u value%s and number %u gives %u",
                          verb, left + 1, left_width, plural(left_width), right + 1, right_width);
    diag_label(diag, span_of(walk, child_of(walk, gene, left)), "gives %u", left_width);
    diag_label(diag, span_of(walk, child_of(walk, gene, right)), "gives %u", right_width);
    diag_help(diag, "end one with `-> linear(%u)`, or put them side by side with `|`", left_width);
}

/* The width that all parts of a sum or product have, 0 where none is known. */
static uint32_t common_width(struct walk *walk, uint32_t gene, const uint32_t *outputs)
{
    uint32_t count = walk->molecule->genes[gene].count, known = 0;
    while (known + 1 < count && width_of(walk, outputs[known]) == 0)
        known++;
    uint32_t width = width_of(walk, outputs[known]);
    for (uint32_t i = known + 1; i < count; i++) {
        uint32_t other = width_of(walk, outputs[i]);
        if (other == 0 || other == width)
            continue;
        tell_widths(walk, gene, outputs, known, i);
        return 0;
    }
    return width;
}

/* The width of all parts side by side, 0 where one is not known. */
static uint32_t total_width(struct walk *walk, uint32_t gene, const uint32_t *outputs)
{
    uint64_t total = 0;
    for (uint32_t i = 0; i < walk->molecule->genes[gene].count; i++) {
        if (width_of(walk, outputs[i]) == 0)
            return 0;
        total += width_of(walk, outputs[i]);
    }
    if (total <= LIMIT_WIDTH)
        return (uint32_t)total;
    struct text count = {0}, most = {0};
    number_write_count(&count, (double)total);
    number_write_count(&most, LIMIT_WIDTH);
    diag_help(diag_error(walk->diags, span_of(walk, gene), "these branches together give %s values; the most is %s",
                         text_chars(&count), text_chars(&most)),
              "sum them with `+` instead, or make them narrower");
    text_release(&count);
    text_release(&most);
    return 0;
}

static uint32_t build_side_by_side(struct walk *walk, uint32_t gene, uint32_t input)
{
    const struct gene *genes = walk->molecule->genes, *at = &genes[gene];
    uint32_t first = walk->output_count;
    for (uint32_t i = 0, part = gene + 1; i < at->count; i++, part += genes[part].size) {
        uint32_t output = build(walk, part, input);
        walk->outputs[walk->output_count++] = output;
    }
    const uint32_t *outputs = walk->outputs + first;
    struct graph_node node = {.gene = gene};
    if (at->kind == GENE_BRANCH) {
        node.op = GRAPH_CONCAT;
        node.width = total_width(walk, gene, outputs);
    } else {
        node.op = at->kind == GENE_SUM ? GRAPH_SUM : GRAPH_PRODUCT;
        node.width = common_width(walk, gene, outputs);
        node.flops = (double)node.width * (at->count - 1);
    }
    walk->output_count = first;
    return add_node(walk, node, outputs, at->count);
}

/* x + A(x); a learned linear projection of x where the widths differ (He, Zhang, Ren and Sun 2016, eq. 2). */
static uint32_t build_skip(struct walk *walk, uint32_t gene, uint32_t input)
{
    uint32_t inner = build(walk, gene + 1, input), width = width_of(walk, inner);
    if (width_of(walk, input) != width)
        input = add_affine(walk, (struct graph_node){.projection = true, .gene = gene, .width = width}, input, 1, false);
    return add_node(walk, (struct graph_node){.op = GRAPH_SUM, .gene = gene, .width = width, .flops = width},
                    (const uint32_t[]){input, inner}, 2);
}

/* FLOPs of one value: an activation's are the operations of its formula; the others are counted off their definitions,
   exponentials as one: a head's softmax subtracts, exponentiates, sums and divides; batchnorm subtracts, divides, scales and
   shifts; layernorm takes the mean and variance as well. */
static uint32_t build_gene(struct walk *walk, uint32_t gene, uint32_t input)
{
    switch ((enum gene_kind)walk->molecule->genes[gene].kind) {
    case GENE_LAYER:
        return add_activation(walk, gene, add_layer(walk, gene, input));
    case GENE_ACTIVATION:
        return add_activation(walk, gene, input);
    case GENE_INPUT:
        return build_input(walk, gene, input);
    case GENE_OUTPUT:
        if (walk->molecule->genes[gene].width == 0) /* nobody knows it yet */
            return input;
        return add_keeping(walk, gene, GRAPH_HEAD, add_layer(walk, gene, input), 0, 4);
    case GENE_HEAD:
        return add_keeping(walk, gene, GRAPH_HEAD, input, 0, 4);
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
    return input;
}

/* Weights say how many values they read. A skip's projection is not told of: what is inside the skip is. */
static void check_weights(struct walk *walk, uint32_t gene, uint32_t input)
{
    const struct gene *at = &walk->molecule->genes[gene];
    uint32_t found = width_of(walk, input);
    if (!at->weights || at->partial || at->kind == GENE_SKIP || found == 0 || found == at->weights->shape.depth)
        return;
    bool data = walk->graph->nodes[input].op == GRAPH_INPUT;
    struct diag *diag =
        diag_error(walk->diags, at->span, "this part was trained to read %u value%s, but %s %u", at->weights->shape.depth,
                   plural(at->weights->shape.depth), data ? "the data has" : "here it gets", found);
    label_origin(walk, diag, input);
    struct span trained = at->weights->span;
    if (trained.source && (trained.source != at->span.source || trained.start != at->span.start))
        diag_label(diag, trained, "trained here");
    diag_help(diag, "a layer between them gives the width: `linear(%u)`", at->weights->shape.depth);
}

/* The node that the subtree at `gene` gives, fed by `input`; it recurses at most LIMIT_MOLECULE_DEPTH deep. */
static uint32_t build(struct walk *walk, uint32_t gene, uint32_t input)
{
    const struct gene *at = &walk->molecule->genes[gene];
    if (walk->molecule->trained)
        check_weights(walk, gene, input);
    uint32_t node = build_gene(walk, gene, input);
    if (at->kind != GENE_TAP && at->label > 0 && at->label <= walk->molecule->labels)
        walk->taps[at->label] = node;
    return node;
}

/* ---- the whole ---- */

/* Room for the most nodes and inputs that a molecule's genes can become, and for what the walk needs besides. */
static bool make_room(struct walk *walk)
{
    const struct molecule *molecule = walk->molecule;
    size_t nodes = 1, inputs = 0;
    uint32_t widest = 0;
    for (uint32_t i = 0; i < molecule->count; i++) {
        const struct gene *gene = &molecule->genes[i];
        bool two = gene->kind == GENE_LAYER || gene->kind == GENE_OUTPUT || gene->kind == GENE_SKIP;
        nodes += two ? 2 : 1;
        inputs += gene->count + 2;
        if (gene->kind == GENE_SCATTER && gene->width > widest)
            widest = gene->width;
    }
    walk->graph->nodes = mem_array(nodes, sizeof *walk->graph->nodes);
    walk->graph->inputs = mem_array(inputs, sizeof *walk->graph->inputs);
    walk->taps = mem_array((size_t)molecule->labels + 1 + molecule->count, sizeof *walk->taps);
    walk->written = widest > 0 ? mem_array(widest, sizeof *walk->written) : NULL;
    if (!walk->graph->nodes || !walk->graph->inputs || !walk->taps || (widest > 0 && !walk->written))
        return false;
    walk->outputs = walk->taps + molecule->labels + 1;
    return true;
}

/* "4.8 TB" */
static void write_bytes(struct text *out, double bytes)
{
    static const char *const units[] = {"kB", "MB", "GB", "TB", "PB", "EB"};
    size_t unit = 0;
    for (bytes /= 1e3; bytes >= 1e3 && unit + 1 < sizeof units / sizeof *units; unit++)
        bytes /= 1e3;
    number_write_short(out, bytes, 3);
    text_addf(out, " %s", units[unit]);
}

static void check_size(struct walk *walk)
{
    const struct graph *graph = walk->graph;
    if ((double)graph->params <= LIMIT_PARAMETERS)
        return;
    uint32_t largest = 0;
    for (uint32_t i = 0; i < graph->count; i++)
        if (graph->nodes[i].params > graph->nodes[largest].params)
            largest = i;
    struct text all = {0}, memory = {0}, most = {0}, own = {0};
    number_write_short(&all, (double)graph->params, 3);
    write_bytes(&memory, (double)graph->params * sizeof(float));
    number_write_count(&most, LIMIT_PARAMETERS);
    number_write_short(&own, (double)graph->nodes[largest].params, 3);
    struct diag *diag = diag_error(walk->diags, span_of(walk, 0), "this molecule needs %s parameters, %s; the most is %s",
                                   text_chars(&all), text_chars(&memory), text_chars(&most));
    diag_label(diag, span_of(walk, graph->nodes[largest].gene), "%s of them are here", text_chars(&own));
    diag_help(diag, "narrower layers, or sparse ones: `density: 1%%`");
    text_release(&all);
    text_release(&memory);
    text_release(&most);
    text_release(&own);
}

static void walk_whole(struct walk *walk, uint32_t input_width)
{
    struct graph *graph = walk->graph;
    uint32_t input = add_node(walk, (struct graph_node){.op = GRAPH_INPUT, .width = input_width}, NULL, 0);
    uint32_t output = build(walk, 0, input);
    graph->input_width = input_width;
    graph->output = output;
    graph->output_width = width_of(walk, output);
    for (uint32_t i = 0; i < graph->count; i++) {
        graph->params += graph->nodes[i].params;
        graph->flops += graph->nodes[i].flops;
    }
    if (walk->diags->errors == walk->errors)
        check_size(walk);
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

struct graph *graph_build(const struct molecule *molecule, uint32_t input_width, struct diags *diags)
{
    uint32_t width = start_width(molecule, input_width, diags);
    if (width == 0)
        return NULL;
    struct walk walk = {.molecule = molecule, .graph = mem_alloc(sizeof *walk.graph), .diags = diags, .errors = diags->errors};
    if (walk.graph && make_room(&walk)) {
        walk.graph->molecule = molecule_retain(molecule);
        walk_whole(&walk, width);
    } else {
        diag_out_of_memory(diags, molecule->genes[0].span);
    }
    mem_free(walk.taps);
    mem_free(walk.written);
    if (diags->errors == walk.errors && walk.graph && walk.graph->molecule)
        return walk.graph;
    graph_release(walk.graph);
    return NULL;
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

uint32_t *graph_reads(const struct molecule *molecule, uint32_t input_width)
{
    struct diags told = {0};
    uint32_t *reads = mem_array(molecule->count, sizeof *reads);
    struct graph *graph = reads ? graph_build(molecule, input_width, &told) : NULL;
    for (uint32_t i = 0; graph && i < graph->count; i++) {
        const struct graph_node *node = &graph->nodes[i];
        if ((node->op == GRAPH_AFFINE && !node->projection) || node->op == GRAPH_GATHER || node->op == GRAPH_SCATTER)
            reads[node->gene] = graph->nodes[graph->inputs[node->input_at]].width;
    }
    graph_release(graph);
    if (told.out_of_memory) {
        mem_free(reads);
        reads = NULL;
    }
    diags_release(&told);
    return reads;
}
