/* From node to node: what each neuron of the rewritten network computes, and the weights that make it so. */
#include "engine/carry.h"

#include <stdlib.h>
#include <string.h>

#include "engine/carrier.h"
#include "molecule/density.h"
#include "molecule/rewrite.h"
#include "support/memory.h"

/* Values that are numbered at most, over all nodes of a network: 256 MB. Beyond, weights go by position. */
#define MOST_VALUES ((size_t)1 << 26)

/* ---- where a number is ---- */

static bool where_reserve(struct where *where, size_t numbers, size_t positions)
{
    if (numbers > where->numbers) {
        uint32_t *first = mem_resize(where->first, numbers, sizeof *first);
        where->first = first ? first : where->first;
        uint32_t *copies = first ? mem_resize(where->copies, numbers, sizeof *copies) : NULL;
        if (!copies)
            return false;
        where->copies = copies;
        memset(first + where->numbers, 0, (numbers - where->numbers) * sizeof *first);
        memset(copies + where->numbers, 0, (numbers - where->numbers) * sizeof *copies);
        where->numbers = numbers;
    }
    if (positions > where->positions) {
        uint32_t *next = mem_resize(where->next, positions, sizeof *next);
        if (!next)
            return false;
        where->next = next;
        where->positions = positions;
    }
    return true;
}

static bool where_look(struct where *where, const struct numbering *numbering, const uint32_t *list, uint32_t count)
{
    for (uint32_t i = 0; i < where->count; i++)
        where->first[where->list[i]] = where->copies[where->list[i]] = 0;
    where->count = 0;
    if (!where_reserve(where, numbering_count(numbering), count))
        return false;
    for (uint32_t i = count; i-- > 0;) {
        where->next[i] = where->first[list[i]];
        where->first[list[i]] = i + 1;
        where->copies[list[i]]++;
    }
    where->list = list;
    where->count = count;
    return true;
}

void carrier_look_at(struct carrier *carrier, const uint32_t *numbers, uint32_t count)
{
    carrier->failed = carrier->failed || !where_look(&carrier->where, carrier->numbering, numbers, count);
}

void carrier_look(struct carrier *carrier, const struct numbered *side, uint32_t node)
{
    carrier_look_at(carrier, numbers_of(side, node), side->graph->nodes[node].width);
}

/* ---- nodes whose values say themselves what they are ---- */

static void number_parts(struct carrier *carrier, const struct numbered *side, uint32_t node)
{
    const struct graph_node *at = &side->graph->nodes[node];
    struct numbering *numbering = carrier->numbering;
    for (uint32_t j = 0; j < at->width; j++) {
        for (uint32_t k = 0; k < at->input_count; k++)
            carrier->scratch[k] = numbers_of(side, input_node(side->graph, node, k))[j];
        numbers_of(side, node)[j] = at->op == GRAPH_SUM ? number_sum(numbering, carrier->scratch, at->input_count)
                                                        : number_product(numbering, carrier->scratch, at->input_count);
    }
}

static void number_indexed(const struct numbered *side, uint32_t node)
{
    const struct graph_node *at = &side->graph->nodes[node];
    const struct gene *gene = &side->graph->molecule->genes[at->gene];
    const uint32_t *indices = side->graph->molecule->indices + gene->index_at;
    const uint32_t *from = numbers_of(side, input_node(side->graph, node, 0));
    uint32_t *to = numbers_of(side, node);
    if (at->op == GRAPH_SCATTER)
        memset(to, 0, at->width * sizeof *to); /* NUMBER_ZERO */
    for (uint32_t i = 0; i < gene->index_count; i++)
        if (at->op == GRAPH_SCATTER)
            to[indices[i]] = from[i];
        else
            to[i] = from[indices[i]];
}

static void number_concat(const struct numbered *side, uint32_t node)
{
    const struct graph_node *at = &side->graph->nodes[node];
    uint32_t *to = numbers_of(side, node);
    for (uint32_t k = 0; k < at->input_count; k++) {
        const uint32_t part = input_node(side->graph, node, k), width = side->graph->nodes[part].width;
        memcpy(to, numbers_of(side, part), width * sizeof *to);
        to += width;
    }
}

void number_fresh_values(struct carrier *carrier, const struct numbered *side, uint32_t node)
{
    const uint32_t width = side->graph->nodes[node].width, first = number_fresh(carrier->numbering, width);
    for (uint32_t i = 0; i < width; i++)
        numbers_of(side, node)[i] = first + i;
}

static void number_node(struct carrier *carrier, const struct numbered *side, uint32_t node)
{
    const struct graph_node *at = &side->graph->nodes[node];
    const struct gene *gene = gene_of_node(side, node);
    const uint32_t *from = at->input_count > 0 ? numbers_of(side, input_node(side->graph, node, 0)) : NULL;
    switch ((enum graph_op)at->op) {
    case GRAPH_ACTIVATION:
        if (element_learns(gene->element))
            number_fresh_values(carrier, side, node);
        for (uint32_t i = 0; i < at->width && !element_learns(gene->element); i++)
            numbers_of(side, node)[i] = number_element(carrier->numbering, gene->element, gene->traits.params, from[i]);
        return;
    case GRAPH_HEAD:
    case GRAPH_DROPOUT:
        if (from)
            memcpy(numbers_of(side, node), from, at->width * sizeof *from);
        return;
    case GRAPH_SUM:
    case GRAPH_PRODUCT:
        number_parts(carrier, side, node);
        return;
    case GRAPH_CONCAT:
        number_concat(side, node);
        return;
    case GRAPH_GATHER:
    case GRAPH_SCATTER:
        number_indexed(side, node);
        return;
    case GRAPH_INPUT:
    case GRAPH_AFFINE:
    case GRAPH_BATCHNORM:
    case GRAPH_LAYERNORM:
        number_fresh_values(carrier, side, node);
        return;
    }
}

/* ---- the whole ---- */

static void carry_node(struct carrier *carrier, uint32_t node)
{
    const struct numbered *now = &carrier->now;
    const struct graph_node *at = &now->graph->nodes[node];
    switch ((enum graph_op)at->op) {
    case GRAPH_INPUT:
        memcpy(numbers_of(now, node), numbers_of(&carrier->old, 0), at->width * sizeof(uint32_t));
        return;
    case GRAPH_AFFINE:
        (at->projection ? carry_projection : carry_layer)(carrier, node);
        return;
    case GRAPH_ACTIVATION:
        if (element_learns(gene_of_node(now, node)->element))
            carry_learned(carrier, node);
        else
            number_node(carrier, now, node);
        return;
    case GRAPH_BATCHNORM:
    case GRAPH_LAYERNORM:
        carry_norm(carrier, node);
        return;
    default:
        number_node(carrier, now, node);
        return;
    }
}

/* Room for the numbers of all nodes, and the width of the widest node, or the most parts of one. */
static bool numbered_init(struct numbered *side, const struct graph *graph, uint32_t *widest)
{
    size_t count = 0;
    side->graph = graph;
    side->at = mem_array(graph->count, sizeof *side->at);
    for (uint32_t i = 0; side->at && i < graph->count; i++) {
        const struct graph_node *node = &graph->nodes[i];
        side->at[i] = count;
        count += node->width;
        *widest = node->width > *widest ? node->width : *widest;
        *widest = node->input_count > *widest ? node->input_count : *widest;
    }
    side->numbers = side->at && count <= MOST_VALUES ? mem_array(count, sizeof *side->numbers) : NULL;
    return side->numbers;
}

static bool carrier_init(struct carrier *carrier)
{
    const size_t genes = carrier->before->count;
    uint32_t widest = 1;
    carrier->nodes = mem_array(genes, sizeof *carrier->nodes);
    carrier->made = mem_array(carrier->after->count, sizeof(struct weights *));
    carrier->fates = mem_array(carrier->after->count, sizeof *carrier->fates);
    carrier->numbering = numbering_new();
    if (!carrier->nodes || !carrier->made || !carrier->fates || !carrier->numbering ||
        !numbered_init(&carrier->old, carrier->old.graph, &widest) || !numbered_init(&carrier->now, carrier->now.graph, &widest))
        return false;
    carrier->sources = mem_array(widest, sizeof *carrier->sources);
    carrier->scratch = mem_array(widest, sizeof *carrier->scratch);
    carrier->rows = mem_array(widest, sizeof *carrier->rows);
    carrier->pairs = mem_array(widest, sizeof *carrier->pairs);
    carrier->shares = mem_array(widest, sizeof *carrier->shares);
    for (size_t i = 0; i < genes; i++) {
        carrier->nodes[i] = (struct gene_nodes){NO_NODE, NO_NODE, NO_NODE, NO_NODE, false, false};
        carrier->fills = carrier->fills || (carrier->before->genes[i].weights && carrier->before->genes[i].weights->values);
    }
    for (uint32_t i = 0; i < carrier->after->count; i++)
        if (carrier->after->genes[i].origin > 0 && carrier->after->genes[i].origin <= genes)
            carrier->nodes[carrier->after->genes[i].origin - 1].kept = true;
    return carrier->sources && carrier->scratch && carrier->rows && carrier->pairs && carrier->shares;
}

static void carrier_release(struct carrier *carrier)
{
    for (uint32_t i = 0; carrier->made && i < carrier->after->count; i++)
        weights_release(carrier->made[i]);
    mem_free(carrier->made);
    mem_free(carrier->fates);
    mem_free(carrier->nodes);
    mem_free(carrier->sources);
    mem_free(carrier->scratch);
    mem_free(carrier->rows);
    mem_free(carrier->pairs);
    mem_free(carrier->shares);
    mem_free(carrier->where.first);
    mem_free(carrier->where.copies);
    mem_free(carrier->where.next);
    mem_free(carrier->old.at);
    mem_free(carrier->old.numbers);
    mem_free(carrier->now.at);
    mem_free(carrier->now.numbers);
    numbering_release(carrier->numbering);
}

static void number_old(struct carrier *carrier)
{
    const struct numbered *old = &carrier->old;
    for (uint32_t i = 0; i < old->graph->count; i++) {
        const struct graph_node *node = &old->graph->nodes[i];
        struct gene_nodes *nodes = &carrier->nodes[node->gene];
        number_node(carrier, old, i);
        if (node->op == GRAPH_AFFINE)
            nodes->affine = i;
        else if (node->op == GRAPH_ACTIVATION)
            nodes->element = i;
        else if (node->op == GRAPH_BATCHNORM || node->op == GRAPH_LAYERNORM)
            nodes->norm = i;
        else if (node->op == GRAPH_SUM)
            nodes->sum = i;
    }
}

static enum head head_of(const struct molecule *molecule)
{
    const struct gene *output = molecule_output(molecule);
    return output ? (enum head)output->head : HEAD_AUTO;
}

static bool same_outputs(const struct carrier *carrier)
{
    const struct graph *old = carrier->old.graph, *now = carrier->now.graph;
    return !carrier->noisy && old->output_width == now->output_width && head_of(carrier->before) == head_of(carrier->after) &&
           memcmp(numbers_of(&carrier->old, old->output), numbers_of(&carrier->now, now->output),
                  now->output_width * sizeof(uint32_t)) == 0;
}

/* The new molecule with the weights that were made. */
static struct molecule *attach(struct carrier *carrier, struct diags *diags)
{
    const struct molecule *after = carrier->after;
    struct molecule_builder builder = {0};
    builder_copy(&builder, after, 0);
    for (uint32_t i = 0; i < builder.count; i++) {
        struct gene *gene = &builder.genes[i];
        const enum fate fate = carrier->fates[i];
        const struct gene *before = gene->origin > 0 ? &carrier->before->genes[gene->origin - 1] : NULL;
        if (carrier->made[i])
            weights_seal(carrier->made[i]);
        if (carrier->made[i] && carrier->options.choices && (gene->kind == GENE_LAYER || gene->kind == GENE_OUTPUT))
            gene->traits.density = density_of_count(carrier->made[i]->shape.factors,
                                                    (uint64_t)carrier->made[i]->shape.width * carrier->made[i]->shape.depth);
        gene->weights = carrier->made[i] ? carrier->made[i] : fate == FATE_FRESH ? NULL : gene->weights;
        gene->partial = gene->weights && !carrier->made[i] && !(fate == FATE_WHOLE && before && !before->partial);
    }
    return builder_finish(&builder, after->genes[0].span, diags);
}

static struct molecule *carry(struct carrier *carrier, bool *preserving, struct diags *diags)
{
    struct molecule *result = NULL;
    const bool room = carrier_init(carrier);
    if (room) {
        number_old(carrier);
        carrier->known = numbering_count(carrier->numbering);
        for (uint32_t i = 0; !carrier->failed && i < carrier->now.graph->count; i++)
            carry_node(carrier, i);
    }
    if (!room || carrier->failed || numbering_failed(carrier->numbering)) {
        diag_out_of_memory(diags, carrier->after->genes[0].span);
    } else {
        *preserving = same_outputs(carrier);
        result = carrier->before->trained ? attach(carrier, diags) : molecule_retain(carrier->after);
    }
    carrier_release(carrier);
    return result;
}

struct molecule *molecule_carry(const struct molecule *after, const struct molecule *before, struct carry_options options,
                                bool *preserving, struct diags *diags)
{
    struct diags shapes = {0}; /* who meets data with the molecule tells of those */
    const uint32_t width = options.input_width ? options.input_width : molecule_reads(before);
    struct graph *old = graph_build(before, width, &shapes);
    struct graph *now = old ? graph_build(after, width, &shapes) : NULL;
    bool kept = false;
    struct carrier carrier = {.before = before, .after = after, .old = {.graph = old}, .now = {.graph = now}, .options = options};
    struct molecule *result = now ? carry(&carrier, &kept, diags) : shapes.out_of_memory ? NULL : molecule_retain(after);
    if (!now && shapes.out_of_memory)
        diags_move(diags, &shapes);
    graph_release(old);
    graph_release(now);
    diags_release(&shapes);
    if (preserving)
        *preserving = kept;
    return result;
}
