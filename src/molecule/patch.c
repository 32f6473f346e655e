#include "molecule/patch.h"

#include "support/memory.h"
#include "support/vec.h"

#define NOWHERE UINT32_MAX

/* One patch: what it picks of what the layer reads, and which of the layer's neurons it adds to. */
struct patch {
    uint32_t layer; /* number among the network's */
    uint32_t *from, *to;
    uint32_t from_count, to_count;
};

struct planning {
    const struct graph *graph;
    const struct patch_shape *shape;
    struct random *random;
    struct span span;
    struct network_layer *layers;
    uint32_t layer_count;
    uint32_t *offset; /* by node: where the layer at work lies in its values; NOWHERE */
    VEC(struct patch) patches;
};

static uint32_t input_of(const struct graph *graph, uint32_t node, uint32_t number)
{
    return graph->inputs[graph->nodes[node].input_at + number];
}

/* ---- who reads a layer ---- */

/* Where the layer lies in what a node gives, by where it lies in what it reads. */
static uint32_t offset_through(const struct planning *planning, uint32_t node)
{
    const struct graph *graph = planning->graph;
    const struct graph_node *at = &graph->nodes[node];
    uint32_t before = 0, found = NOWHERE;
    switch ((enum graph_op)at->op) {
    case GRAPH_ACTIVATION:
    case GRAPH_DROPOUT:
    case GRAPH_BATCHNORM:
    case GRAPH_LAYERNORM:
    case GRAPH_SUM:
    case GRAPH_PRODUCT:
        for (uint32_t k = 0; found == NOWHERE && k < at->input_count; k++)
            found = planning->offset[input_of(graph, node, k)];
        return found;
    case GRAPH_CONCAT:
        for (uint32_t k = 0; found == NOWHERE && k < at->input_count; k++) {
            const uint32_t part = input_of(graph, node, k);
            found = planning->offset[part] == NOWHERE ? NOWHERE : before + planning->offset[part];
            before += graph->nodes[part].width;
        }
        return found;
    default:
        return NOWHERE;
    }
}

/* The first layer that reads layer `number`, and where it finds it there; false where none does. */
static bool next_layer(struct planning *planning, uint32_t number, uint32_t *next, uint32_t *offset)
{
    const struct graph *graph = planning->graph;
    const uint32_t last = planning->layers[number].last;
    uint32_t at = number + 1;
    for (uint32_t i = 0; i < graph->count; i++)
        planning->offset[i] = i < last ? NOWHERE : i == last ? 0 : offset_through(planning, i);
    while (at < planning->layer_count && planning->offset[input_of(graph, planning->layers[at].node, 0)] == NOWHERE)
        at++;
    if (at == planning->layer_count)
        return false;
    *next = at;
    *offset = planning->offset[input_of(graph, planning->layers[at].node, 0)];
    return true;
}

/* ---- patches ---- */

/* `wanted` different numbers below `width`, or all of them, ascending (Floyd's way of drawing); NULL without memory. */
static uint32_t *draw_numbers(struct random *random, uint32_t width, uint32_t wanted, uint32_t *count)
{
    *count = wanted < width ? wanted : width;
    uint32_t *numbers = mem_array(*count, sizeof *numbers), kept = 0;
    bool *taken = mem_array(width, sizeof *taken);
    for (uint32_t i = 0; numbers && taken && i < *count; i++) {
        const uint32_t most = width - *count + i, drawn = random_below(random, most + 1);
        taken[taken[drawn] ? most : drawn] = true;
    }
    for (uint32_t i = 0; numbers && taken && i < width; i++)
        if (taken[i])
            numbers[kept++] = i;
    if (!taken) {
        mem_free(numbers);
        numbers = NULL;
    }
    mem_free(taken);
    return numbers;
}

static uint32_t *one_number(uint32_t number, uint32_t *count)
{
    uint32_t *numbers = mem_array(1, sizeof *numbers);
    *count = 1;
    if (numbers)
        numbers[0] = number;
    return numbers;
}

static bool keep_patch(struct planning *planning, struct patch patch)
{
    if (patch.from && patch.to && vec_push(&planning->patches, patch))
        return true;
    mem_free(patch.from);
    mem_free(patch.to);
    return false;
}

/* False where memory is exhausted. */
static bool plan_neuron(struct planning *planning, struct patch_neuron neuron)
{
    const struct graph *graph = planning->graph;
    uint32_t own = 0, offset = 0;
    while (own < planning->layer_count && planning->layers[own].gene != neuron.gene)
        own++;
    if (own == planning->layer_count || neuron.neuron >= graph->nodes[planning->layers[own].node].width)
        return true;
    struct patch patch = {.layer = own};
    if (neuron.low) {
        const struct graph_node *input = &graph->nodes[input_of(graph, planning->layers[own].node, 0)];
        if (input->op == GRAPH_INPUT)
            return true;
        patch.from = draw_numbers(planning->random, input->width, planning->shape->inputs, &patch.from_count);
        patch.to = one_number(neuron.neuron, &patch.to_count);
    } else {
        if (!next_layer(planning, own, &patch.layer, &offset))
            return true;
        patch.from = one_number(offset + neuron.neuron, &patch.from_count);
        patch.to = draw_numbers(planning->random, graph->nodes[planning->layers[patch.layer].node].width, planning->shape->targets,
                                &patch.to_count);
    }
    return keep_patch(planning, patch);
}

/* ---- the molecule ---- */

static void add_patch(const struct planning *planning, const struct patch *patch, uint32_t width, struct molecule_builder *builder)
{
    const struct patch_shape *shape = planning->shape;
    struct gene gather = gene_of(GENE_GATHER, planning->span), scatter = gene_of(GENE_SCATTER, planning->span);
    struct gene hidden = gene_layer(shape->element, shape->hidden, planning->span);
    struct gene last = gene_layer(shape->linear, patch->to_count, planning->span);
    gather.index_count = patch->from_count;
    scatter.index_count = patch->to_count;
    scatter.width = width;
    hidden.traits.lr_scale = last.traits.lr_scale = shape->lr_scale;
    if (shape->scale > 0)
        last.traits.init_scale = shape->scale;
    else
        last.traits.init = INIT_ZERO;
    builder_open(builder, GENE_CHAIN, planning->span);
    builder_atom(builder, gather, patch->from);
    builder_atom(builder, hidden, NULL);
    builder_atom(builder, last, NULL);
    builder_atom(builder, scatter, patch->to);
    builder_close(builder);
}

/* The connections of a layer alone. */
static struct gene connections_of(const struct planning *planning, const struct gene *layer)
{
    struct gene gene = gene_layer(planning->shape->linear, layer->width, layer->span);
    const struct traits plain = gene.traits;
    gene.traits = layer->traits;
    for (size_t i = 0; i < LIMIT_ELEMENT_PARAMETERS; i++)
        gene.traits.params[i] = plain.params[i];
    gene.weights = layer->weights;
    gene.partial = layer->partial;
    return gene;
}

/* What a layer does behind its sums; false where that is nothing. */
static bool element_of(const struct gene *layer, struct gene *gene)
{
    if (layer->kind == GENE_OUTPUT) {
        *gene = gene_of(GENE_HEAD, layer->span);
        gene->head = layer->head;
        return true;
    }
    *gene = gene_activation(layer->element, layer->span);
    for (size_t i = 0; i < LIMIT_ELEMENT_PARAMETERS; i++)
        gene->traits.params[i] = layer->traits.params[i];
    if (element_learns(layer->element))
        gene->traits.lr_scale = layer->traits.lr_scale;
    return !element_is_linear(layer->element);
}

static struct molecule *patched(const struct planning *planning, uint32_t number, struct diags *diags)
{
    const struct network_layer *layer = &planning->layers[number];
    const struct gene *gene = &planning->graph->molecule->genes[layer->gene];
    struct gene connections = connections_of(planning, gene), element;
    struct molecule_builder builder = {0};
    connections.origin = layer->gene + 1;
    builder_open(&builder, GENE_CHAIN, planning->span);
    builder_open(&builder, GENE_SUM, planning->span);
    builder_atom(&builder, connections, NULL);
    for (size_t i = 0; i < planning->patches.count; i++)
        if (planning->patches.at[i].layer == number)
            add_patch(planning, &planning->patches.at[i], gene->width, &builder);
    builder_close(&builder);
    if (element_of(gene, &element)) {
        element.origin = layer->gene + 1;
        builder_atom(&builder, element, NULL);
    }
    builder_close(&builder);
    return builder_finish(&builder, planning->span, diags);
}

void patches_release(struct patching *patches, uint32_t count)
{
    for (uint32_t i = 0; patches && i < count; i++)
        molecule_release(patches[i].replacement);
    mem_free(patches);
}

static struct patching *plan_layers(const struct planning *planning, uint32_t *count, struct diags *diags)
{
    struct patching *patches = mem_array(planning->layer_count + (size_t)1, sizeof *patches);
    bool well = patches;
    if (!patches)
        diag_out_of_memory(diags, planning->span);
    for (uint32_t number = planning->layer_count; well && number-- > 0;) {
        bool any = false;
        for (size_t i = 0; i < planning->patches.count; i++)
            any = any || planning->patches.at[i].layer == number;
        struct molecule *replacement = any ? patched(planning, number, diags) : NULL;
        well = replacement || !any;
        if (replacement)
            patches[(*count)++] = (struct patching){planning->layers[number].gene, replacement};
    }
    if (well)
        return patches;
    patches_release(patches, *count);
    return NULL;
}

struct patching *patches_plan(const struct graph *graph, const struct patch_neuron *neurons, size_t neuron_count,
                              const struct patch_shape *shape, struct random *random, struct span span, uint32_t *count,
                              struct diags *diags)
{
    struct planning planning = {.graph = graph, .shape = shape, .random = random, .span = span};
    planning.layers = layers_find(graph, &planning.layer_count);
    planning.offset = mem_array(graph->count, sizeof *planning.offset);
    bool room = planning.layers && planning.offset;
    *count = 0;
    for (size_t i = 0; room && i < neuron_count; i++)
        room = plan_neuron(&planning, neurons[i]);
    if (!room)
        diag_out_of_memory(diags, span);
    struct patching *patches = room ? plan_layers(&planning, count, diags) : NULL;
    for (size_t i = 0; i < planning.patches.count; i++) {
        mem_free(planning.patches.at[i].from);
        mem_free(planning.patches.at[i].to);
    }
    vec_release(&planning.patches);
    mem_free(planning.offset);
    mem_free(planning.layers);
    return patches;
}
