/* Layers and projections of a rewritten network: whose neurons theirs are. */
#include <string.h>

#include "engine/carrier.h"

/* ---- layers ---- */

struct gene_nodes *origin_of(const struct carrier *carrier, uint32_t node)
{
    const struct gene *gene = gene_of_node(&carrier->now, node);
    const struct molecule *before = carrier->before;
    if (gene->origin == 0 || gene->origin > before->count)
        return NULL;
    /* A patch takes a layer apart: its connections, and its element or its head behind the sum. */
    const enum gene_kind was = before->genes[gene->origin - 1].kind;
    const bool apart = (was == GENE_LAYER || was == GENE_OUTPUT) && (gene->kind == GENE_LAYER || gene->kind == GENE_ACTIVATION);
    return was == gene->kind || apart ? &carrier->nodes[gene->origin - 1] : NULL;
}

bool layer_readable(const struct carrier *carrier, uint32_t old_node)
{
    const uint32_t input = input_node(carrier->old.graph, old_node, 0);
    const uint32_t *numbers = numbers_of(&carrier->old, input);
    for (uint32_t i = 0; i < carrier->old.graph->nodes[input].width; i++)
        if (numbers[i] != NUMBER_ZERO && where_copies(&carrier->where, numbers[i]) == 0)
            return false;
    return true;
}

static bool has_shifts(const struct graph_node *node)
{
    return node->params > node->weights;
}

bool layer_untouched(const struct carrier *carrier, uint32_t node, uint32_t old_node)
{
    const struct graph *now = carrier->now.graph, *old = carrier->old.graph;
    const struct graph_node *a = &now->nodes[node], *b = &old->nodes[old_node];
    const uint32_t in = input_node(now, node, 0), old_in = input_node(old, old_node, 0), depth = now->nodes[in].width;
    return a->width == b->width && a->weights == b->weights && has_shifts(a) == has_shifts(b) &&
           depth == old->nodes[old_in].width &&
           memcmp(numbers_of(&carrier->now, in), numbers_of(&carrier->old, old_in), depth * sizeof(uint32_t)) == 0;
}

void number_sources(struct carrier *carrier, uint32_t node)
{
    const struct graph_node *at = &carrier->now.graph->nodes[node];
    for (uint32_t j = 0; j < at->width; j++) {
        const struct neuron_source *source = &carrier->sources[j];
        const bool old = source->node != NO_NODE;
        const bool lost = source->lost || (old && has_shifts(&carrier->old.graph->nodes[source->node]) && at->op == GRAPH_AFFINE &&
                                           !has_shifts(at));
        numbers_of(&carrier->now, node)[j] = lost  ? number_fresh(carrier->numbering, 1)
                                             : old ? numbers_of(&carrier->old, source->node)[source->row]
                                                   : source->row;
    }
}

size_t learned_count(const struct gene *gene)
{
    size_t count = 0;
    for (unsigned i = 0; gene->element && i < gene->element->param_count; i++)
        count += gene->element->params[i].learned;
    return count;
}

/* Without weights nobody knows which connections there are, but how many: where they are too many, none counts as kept. */
static void count_connections(struct carrier *carrier, uint32_t node)
{
    const struct graph_node *at = &carrier->now.graph->nodes[node];
    double wanted = 0;
    for (uint32_t j = 0; j < at->width; j++) {
        const struct neuron_source *source = &carrier->sources[j];
        const struct graph_node *old = source->node != NO_NODE ? &carrier->old.graph->nodes[source->node] : NULL;
        wanted += source->repeated ? 0 : old ? (double)old->weights / old->width : 1;
    }
    for (uint32_t j = 0; j < at->width && wanted > (double)at->weights * (1 + 1e-9); j++)
        carrier->sources[j].lost = true;
}

/* Makes the weights that the sources say, where there are any to carry. */
static void place_sources(struct carrier *carrier, uint32_t node)
{
    const struct graph_node *at = &carrier->now.graph->nodes[node];
    carrier->fates[at->gene] = FATE_MADE;
    if (carrier->fills) {
        const size_t learned = at->projection ? 0 : learned_count(gene_of_node(&carrier->now, node)) * at->width;
        carrier->made[at->gene] = fill_layer(carrier, node, learned);
    } else {
        count_connections(carrier, node);
    }
    number_sources(carrier, node);
}

/* Takes up to `left` neurons of an old layer as sources from number `at` on; how many. */
static uint32_t take_sources(const struct carrier *carrier, uint32_t old_node, uint32_t at, uint32_t left)
{
    const uint32_t width = carrier->old.graph->nodes[old_node].width, count = width < left ? width : left;
    for (uint32_t i = 0; i < count; i++)
        carrier->sources[at + i] = (struct neuron_source){old_node, i, false, false};
    return count;
}

/* Inputs that are still computed keep their weights; those that are new take over the weights of those that are gone, in order, as far as
   there are any, and others begin with none: who splits a connection stands on it, and of connections that go or come the others know nothing.
   False where the layer is another one, or reads nothing that it read. */
static bool carry_paired(struct carrier *carrier, uint32_t node, uint32_t old_node)
{
    const struct graph *now = carrier->now.graph, *old = carrier->old.graph;
    const uint32_t in = input_node(now, node, 0), old_in = input_node(old, old_node, 0);
    const uint32_t count = now->nodes[in].width, old_count = old->nodes[old_in].width;
    uint32_t *pairs = carrier->pairs, *gone = carrier->rows, gone_count = 0;
    bool any = false;
    if (now->nodes[node].width != old->nodes[old_node].width)
        return false;
    for (uint32_t i = 0; i < old_count; i++) {
        const uint32_t number = numbers_of(&carrier->old, old_in)[i];
        if (number != NUMBER_ZERO && where_copies(&carrier->where, number) == 0)
            gone[gone_count++] = number;
    }
    carrier_look(carrier, &carrier->old, old_in);
    for (uint32_t i = 0, taken = 0; i < count; i++) {
        const uint32_t number = numbers_of(&carrier->now, in)[i];
        const bool known = number == NUMBER_ZERO || where_copies(&carrier->where, number) > 0;
        any = any || (known && number != NUMBER_ZERO);
        pairs[i] = known ? number : taken < gone_count ? gone[taken++] : NUMBER_ZERO;
    }
    carrier_look_at(carrier, pairs, count);
    if (!any)
        return false;
    take_sources(carrier, old_node, 0, now->nodes[node].width);
    for (uint32_t j = 0; j < now->nodes[node].width; j++)
        carrier->sources[j].lost = true;
    place_sources(carrier, node);
    return true;
}

static bool same_kind(const struct gene *a, const struct gene *b)
{
    bool same = a->element == b->element;
    for (size_t i = 0; i < LIMIT_ELEMENT_PARAMETERS; i++)
        same = same && a->traits.params[i] == b->traits.params[i];
    return same;
}

/* Neurons of layers that the rewrite took away and that read what this one does. Beside neurons of its own they must be of its kind. */
static uint32_t take_orphans(struct carrier *carrier, uint32_t node, const struct gene_nodes *own, uint32_t count)
{
    const struct gene *gene = gene_of_node(&carrier->now, node);
    const uint32_t width = carrier->now.graph->nodes[node].width;
    for (uint32_t i = 0; count < width && i < carrier->before->count; i++) {
        const struct gene *old = &carrier->before->genes[i];
        struct gene_nodes *orphan = &carrier->nodes[i];
        if (old->kind != GENE_LAYER || orphan->affine == NO_NODE || orphan->kept || orphan->placed)
            continue;
        if (own && !same_kind(old, gene))
            continue;
        if (!layer_readable(carrier, orphan->affine))
            continue;
        count += take_sources(carrier, orphan->affine, count, width - count);
        orphan->placed = true;
    }
    return count;
}

bool passing_params(const struct gene *gene, double *params)
{
    const struct element *element = gene->element;
    for (int value = 1; value >= 0; value--) {
        memcpy(params, gene->traits.params, sizeof gene->traits.params);
        for (unsigned i = 0; i < element->param_count; i++)
            params[i] = element->params[i].learned ? value : params[i];
        if (element_is_identity(element, params))
            return true;
    }
    return false;
}

/* Whether the element of a new layer leaves a value that the layer passes on as it is. */
static bool element_passes(const struct carrier *carrier, const struct gene *gene, uint32_t number)
{
    double params[LIMIT_ELEMENT_PARAMETERS];
    if (gene->kind != GENE_LAYER)
        return false;
    if (element_learns(gene->element))
        return passing_params(gene, params);
    return number_element(carrier->numbering, gene->element, gene->traits.params, number) == number;
}

/* Takes the different inputs of a new layer as its neurons; those that the old network had, where only `known` ones count. How many
   they are, `width` at most looked at; 0 where the layer's element would change one. */
static uint32_t take_inputs(struct carrier *carrier, uint32_t node, bool known, bool copy)
{
    const struct graph *graph = carrier->now.graph;
    const struct gene *gene = gene_of_node(&carrier->now, node);
    const uint32_t input = input_node(graph, node, 0);
    const uint32_t *inputs = numbers_of(&carrier->now, input);
    uint32_t count = 0;
    for (uint32_t i = 0; i < graph->nodes[input].width; i++) {
        if (inputs[i] == NUMBER_ZERO || carrier->where.first[inputs[i]] != i + 1 || (known && inputs[i] >= carrier->known))
            continue;
        if (count == graph->nodes[node].width || !(copy || element_passes(carrier, gene, inputs[i])))
            return 0;
        carrier->sources[count++] = (struct neuron_source){NO_NODE, inputs[i], false, false};
    }
    return count;
}

/* A new layer of as many neurons as there are different inputs passes them on, where its element does (Net2Net's deepening) and where
   it is another `copy` of a layer; else those inputs that were there before. A lone neuron on a lone connection begins with the weight 1,
   whatever its element, as one does that splits a connection in NEAT (Stanley and Miikkulainen 2002). One that begins at zero gives zero.
   Everything else, and what is told how large to begin, begins as new layers do. */
static void pass_on(struct carrier *carrier, uint32_t node, bool copy)
{
    const struct graph_node *at = &carrier->now.graph->nodes[node];
    const struct traits *traits = &gene_of_node(&carrier->now, node)->traits;
    const struct graph *graph = carrier->now.graph;
    const bool lone = at->width == 1 && graph->nodes[input_node(graph, node, 0)].width == 1 && traits->init == INIT_AUTO;
    if (traits->init == INIT_ZERO && !copy) {
        memset(numbers_of(&carrier->now, node), 0, at->width * sizeof(uint32_t)); /* NUMBER_ZERO */
    } else if ((traits->init_scale == 1 || copy) && (take_inputs(carrier, node, false, copy || lone) == at->width ||
                                                     take_inputs(carrier, node, true, copy) == at->width)) {
        place_sources(carrier, node);
        carrier->fates[at->gene] = FATE_PASSED;
    } else {
        carrier->fates[at->gene] = FATE_FRESH;
        number_fresh_values(carrier, &carrier->now, node);
    }
}

void keep_node(struct carrier *carrier, uint32_t node, uint32_t old_node)
{
    const struct graph_node *at = &carrier->now.graph->nodes[node];
    memcpy(numbers_of(&carrier->now, node), numbers_of(&carrier->old, old_node), at->width * sizeof(uint32_t));
    carrier->fates[at->gene] = FATE_WHOLE;
}

/* Whether a layer that the rewrite put in was trained elsewhere, and for what it reads here. */
static bool brings_weights(const struct carrier *carrier, uint32_t node)
{
    const struct graph *graph = carrier->now.graph;
    const struct graph_node *at = &graph->nodes[node];
    const struct gene *gene = gene_of_node(&carrier->now, node);
    const struct weights *weights = gene->origin == 0 ? gene->weights : NULL;
    return weights && weights->values && weights->shape.width == at->width &&
           weights->shape.depth == graph->nodes[input_node(graph, node, 0)].width && weights->shape.factors == at->weights;
}

void carry_layer(struct carrier *carrier, uint32_t node)
{
    const struct graph *graph = carrier->now.graph;
    const uint32_t width = graph->nodes[node].width, input = input_node(graph, node, 0);
    struct gene_nodes *own = origin_of(carrier, node);
    if (own && own->affine == NO_NODE)
        own = NULL;
    if (!own && brings_weights(carrier, node)) {
        carrier->fates[graph->nodes[node].gene] = FATE_WHOLE;
        number_fresh_values(carrier, &carrier->now, node);
        return;
    }
    carrier_look(carrier, &carrier->now, input);
    const bool same = own && layer_readable(carrier, own->affine), copy = own && own->placed;
    uint32_t count = 0;
    if (own)
        own->placed = true;
    if (own && !copy && carrier->options.choices) {
        carry_chosen(carrier, node, own->affine);
        return;
    }
    if (same && layer_untouched(carrier, node, own->affine)) {
        keep_node(carrier, node, own->affine);
        return;
    }
    if (own && !same && !copy) {
        if (!carry_paired(carrier, node, own->affine))
            number_fresh_values(carrier, &carrier->now, node); /* what fits by position */
        return;
    }
    if (same)
        count = take_sources(carrier, own->affine, 0, width);
    if (same || !own)
        count = take_orphans(carrier, node, own, count);
    if (count == 0) {
        pass_on(carrier, node, copy);
        return;
    }
    for (uint32_t j = count; j < width; j++) {
        carrier->sources[j] = carrier->sources[j % count];
        carrier->sources[j].repeated = true;
        carrier->noisy = carrier->noisy || carrier->options.noise > 0;
    }
    place_sources(carrier, node);
}

/* ---- projections of skips ---- */

/* What the projection is to give, so that the skip's sum stays what it was: by position of the old one; nothing to new values. */
static bool find_projection(struct carrier *carrier, uint32_t node, const struct gene_nodes *own, const uint32_t *rows)
{
    const struct graph *graph = carrier->now.graph;
    const uint32_t width = graph->nodes[node].width, input = input_node(graph, node, 0);
    const uint32_t aside = input_node(carrier->old.graph, own->sum, 0), old_width = carrier->old.graph->nodes[aside].width;
    carrier_look(carrier, &carrier->now, input);
    if (own->affine != NO_NODE && !layer_readable(carrier, own->affine))
        return false;
    for (uint32_t j = 0; j < width; j++) {
        if (rows[j] == NO_NODE) {
            carrier->sources[j] = (struct neuron_source){NO_NODE, NUMBER_ZERO, false, false};
            continue;
        }
        const uint32_t number = numbers_of(&carrier->old, aside)[rows[j]];
        const bool there = number == NUMBER_ZERO || where_copies(&carrier->where, number) > 0;
        if (own->affine == NO_NODE && !there)
            return false;
        carrier->sources[j] = own->affine != NO_NODE ? (struct neuron_source){own->affine, rows[j], j >= old_width, false}
                                                     : (struct neuron_source){NO_NODE, number, false, false};
    }
    return true;
}

void carry_projection(struct carrier *carrier, uint32_t node)
{
    const struct graph *graph = carrier->now.graph;
    const struct gene_nodes *own = origin_of(carrier, node);
    uint32_t *rows = carrier->rows;
    if (!own) {
        for (uint32_t j = 0; j < graph->nodes[node].width; j++)
            carrier->sources[j] = (struct neuron_source){NO_NODE, NUMBER_ZERO, false, false};
        place_sources(carrier, node);
        return;
    }
    if (carrier->options.choices && own->affine != NO_NODE &&
        (graph->nodes[node].width == carrier->old.graph->nodes[own->affine].width ||
         choice_find(carrier->options.choices, carrier->old.graph->nodes[own->affine].gene))) {
        carry_chosen(carrier, node, own->affine);
        return;
    }
    /* The skip's sum stands right behind its projection: of the input, then of what the skip goes around. */
    const uint32_t inner = input_node(carrier->old.graph, own->sum, 1);
    if (match_values(carrier, input_node(graph, node + 1, 1), inner, rows) < carrier->old.graph->nodes[inner].width ||
        !find_projection(carrier, node, own, rows)) {
        number_fresh_values(carrier, &carrier->now, node);
        return;
    }
    bool same = own->affine != NO_NODE && layer_untouched(carrier, node, own->affine);
    for (uint32_t j = 0; same && j < graph->nodes[node].width; j++)
        same = rows[j] == j;
    if (same)
        keep_node(carrier, node, own->affine);
    else
        place_sources(carrier, node);
}
