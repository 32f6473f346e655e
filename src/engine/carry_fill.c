/* The numbers of a new layer, from what its neurons are to be. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/carrier.h"
#include "engine/fan.h"
#include "support/memory.h"
#include "support/vec.h"

/* How unevenly copies of one neuron share a weight: the largest deviation from equal shares. Of two, one takes 5/4 and the other
   -1/4. */
#define SHARE_SPREAD 0.75

/* One connection. */
struct term {
    uint32_t row, column;
    float weight;
    bool repeated; /* of a repeated neuron */
};

struct terms {
    VEC(struct term) list;
};

const struct weights *weights_at(const struct carrier *carrier, uint32_t node)
{
    const struct graph *graph = carrier->old.graph;
    const struct graph_node *at = &graph->nodes[node];
    const struct weights *weights = carrier->before->genes[at->gene].weights;
    if (!weights || !weights->values || weights->shape.width != at->width)
        return NULL;
    const bool layer = at->op == GRAPH_AFFINE;
    if (layer && (weights->shape.factors != at->weights || weights->shape.depth != graph->nodes[input_node(graph, node, 0)].width))
        return NULL;
    return weights;
}

/* ---- shares ---- */

/* Shares of `count` copies, which add up to 1. */
static void draw_shares(struct carrier *carrier, struct random *random, uint32_t count)
{
    float *shares = carrier->shares;
    double sum = 0, most = 0;
    for (uint32_t i = 0; i < count; i++) {
        shares[i] = (float)random_between(random, -1, 1);
        sum += (double)shares[i];
    }
    for (uint32_t i = 0; i < count; i++) {
        const double off = fabs((double)shares[i] - sum / count);
        most = off > most ? off : most; /* with fmax GCC 12 fails for ARM */
    }
    for (uint32_t i = 0; i < count; i++)
        shares[i] = (float)(1.0 / count + (most > 0 ? SHARE_SPREAD * ((double)shares[i] - sum / count) / most : 0));
}

/* `weight` on the value of number `number`, by all neurons that compute it or, where connections are few, by one of them. */
static bool add_terms(struct carrier *carrier, struct terms *terms, uint32_t row, uint32_t number, float weight, bool one,
                      struct random *random)
{
    const struct where *where = &carrier->where;
    const uint32_t copies = where_copies(where, number);
    uint32_t at = copies > 0 ? where->first[number] : 0;
    if (number == NUMBER_ZERO || copies == 0)
        return true;
    if (copies == 1 || one) {
        for (uint32_t skip = copies > 1 ? random_below(random, copies) : 0; skip > 0; skip--)
            at = where->next[at - 1];
        return vec_push(&terms->list, ((struct term){row, at - 1, weight, false}));
    }
    draw_shares(carrier, random, copies);
    float left = weight;
    for (uint32_t i = 0; i < copies; i++, at = where->next[at - 1]) {
        const float part = i + 1 < copies ? weight * carrier->shares[i] : left;
        left -= part;
        if (!vec_push(&terms->list, ((struct term){row, at - 1, part, false})))
            return false;
    }
    return true;
}

/* All connections of one neuron; columns may be met more than once. */
static bool neuron_terms(struct carrier *carrier, struct terms *terms, uint32_t row, struct neuron_source source, bool one,
                         struct random *random)
{
    if (source.node == NO_NODE)
        return add_terms(carrier, terms, row, source.row, 1, one, random);
    const struct weights *weights = weights_at(carrier, source.node);
    const uint32_t *numbers = numbers_of(&carrier->old, input_node(carrier->old.graph, source.node, 0));
    const struct fan fan = fan_of_weights(weights, source.row);
    for (uint32_t i = 0; i < fan.count; i++)
        if (!add_terms(carrier, terms, row, numbers[fan_input(&fan, i)], weights->factors[fan.at + i], one, random))
            return false;
    return true;
}

/* Noise on a repeated neuron's weights from `start` on, in proportion to their size. */
static void add_noise(const struct carrier *carrier, struct terms *terms, size_t start, struct random *random)
{
    double squares = 0;
    for (size_t i = start; i < terms->list.count; i++)
        squares += (double)terms->list.at[i].weight * (double)terms->list.at[i].weight;
    const double size = terms->list.count > start ? sqrt(squares / (double)(terms->list.count - start)) : 0;
    for (size_t i = start; i < terms->list.count; i++)
        terms->list.at[i].weight += (float)(carrier->options.noise * size * random_normal(random));
}

/* ---- dense ---- */

static bool fill_dense(struct carrier *carrier, struct weights *weights, struct random *random)
{
    const struct neuron_source *sources = carrier->sources;
    struct terms terms = {0};
    bool well = true;
    for (uint32_t row = 0; well && row < weights->shape.width; row++) {
        terms.list.count = 0;
        well = neuron_terms(carrier, &terms, row, sources[row], false, random);
        if (sources[row].repeated && carrier->options.noise > 0)
            add_noise(carrier, &terms, 0, random);
        float *to = weights->factors + (size_t)row * weights->shape.depth;
        for (size_t i = 0; i < terms.list.count; i++)
            to[terms.list.at[i].column] += terms.list.at[i].weight;
    }
    vec_release(&terms.list);
    return well;
}

/* ---- sparse ---- */

static int by_place(const void *a, const void *b)
{
    const struct term *left = a, *right = b;
    if (left->row != right->row)
        return left->row < right->row ? -1 : 1;
    return (left->column > right->column) - (left->column < right->column);
}

static int by_worth(const void *a, const void *b)
{
    const struct term *left = a, *right = b;
    const float x = fabsf(left->weight), y = fabsf(right->weight);
    if (left->repeated != right->repeated)
        return left->repeated ? 1 : -1;
    return x != y ? (x < y ? 1 : -1) : by_place(a, b);
}

/* Sorts by place and joins what is on one connection. */
static void join_terms(struct terms *terms)
{
    size_t kept = 0;
    if (terms->list.count == 0)
        return;
    qsort(terms->list.at, terms->list.count, sizeof *terms->list.at, by_place);
    for (size_t i = 0; i < terms->list.count; i++) {
        struct term *last = kept > 0 ? &terms->list.at[kept - 1] : NULL;
        if (last && by_place(last, &terms->list.at[i]) == 0)
            last->weight += terms->list.at[i].weight;
        else
            terms->list.at[kept++] = terms->list.at[i];
    }
    terms->list.count = kept;
}

/* Adds `missing` connections of weight 0 to those there are, in order: free places are met one by one, each taken with the chance
   that is left to it (selection sampling, Knuth 3.4.2). */
static bool select_places(struct terms *terms, size_t missing, uint32_t width, uint32_t depth, struct random *random)
{
    const size_t given = terms->list.count;
    double left = (double)width * depth - (double)given, wanted = (double)missing;
    size_t at = 0;
    for (uint32_t row = 0; row < width; row++)
        for (uint32_t column = 0; column < depth; column++) {
            const struct term here = {row, column, 0, false};
            if (at < given && by_place(&terms->list.at[at], &here) == 0) {
                at++;
                continue;
            }
            const bool taken = random_unit(random) * left < wanted;
            left--;
            wanted -= taken ? 1 : 0;
            if (taken && !vec_push(&terms->list, here))
                return false;
        }
    return true;
}

/* The same where most places are free: some are drawn, of which a few are taken already. */
static bool draw_places(struct terms *terms, size_t missing, uint32_t width, uint32_t depth, struct random *random)
{
    for (size_t i = 0; i < missing; i++)
        if (!vec_push(&terms->list, ((struct term){random_below(random, width), random_below(random, depth), 0, false})))
            return false;
    return true;
}

/* Leaves out connections beyond `count`: of repeated neurons, then the smallest. Who lost one is no longer what it came from. */
static void prune_terms(struct terms *terms, size_t count, struct neuron_source *sources)
{
    if (terms->list.count <= count)
        return;
    qsort(terms->list.at, terms->list.count, sizeof *terms->list.at, by_worth);
    for (size_t i = count; i < terms->list.count; i++)
        sources[terms->list.at[i].row].lost = true;
    terms->list.count = count;
    qsort(terms->list.at, count, sizeof *terms->list.at, by_place);
}

/* Brings the connections to `count` in all; missing ones are drawn, with weight 0. */
static bool complete_terms(struct terms *terms, size_t count, uint32_t width, uint32_t depth, struct random *random)
{
    const bool crowded = (double)count > (double)width * depth / 2;
    while (terms->list.count < count) {
        const size_t missing = count - terms->list.count;
        if (!(crowded ? select_places : draw_places)(terms, missing, width, depth, random))
            return false;
        join_terms(terms);
    }
    return true;
}

static bool fill_sparse(struct carrier *carrier, struct weights *weights, struct random *random)
{
    struct neuron_source *sources = carrier->sources;
    const struct weights_shape *shape = &weights->shape;
    struct terms terms = {0};
    bool well = true;
    for (uint32_t row = 0; well && row < shape->width; row++) {
        const size_t start = terms.list.count;
        well = neuron_terms(carrier, &terms, row, sources[row], true, random);
        if (sources[row].repeated && carrier->options.noise > 0)
            add_noise(carrier, &terms, start, random);
        for (size_t i = start; i < terms.list.count; i++)
            terms.list.at[i].repeated = sources[row].repeated;
    }
    if (well) {
        join_terms(&terms);
        prune_terms(&terms, shape->factors, sources);
    }
    well = well && complete_terms(&terms, shape->factors, shape->width, shape->depth, random);
    for (size_t i = 0; well && i < terms.list.count; i++) {
        weights->factors[i] = terms.list.at[i].weight;
        weights->input[i] = terms.list.at[i].column;
        weights->start[terms.list.at[i].row + 1]++;
    }
    for (uint32_t row = 0; row < shape->width; row++)
        weights->start[row + 1] += weights->start[row];
    vec_release(&terms.list);
    return well;
}

/* ---- layers ---- */

/* The old weights that the layer's neurons come from, the first of them; false where some are not there. */
static bool sources_there(const struct carrier *carrier, uint32_t width, const struct weights **from)
{
    const struct neuron_source *sources = carrier->sources;
    *from = NULL;
    for (uint32_t row = 0; row < width; row++) {
        if (sources[row].node == NO_NODE)
            continue;
        const struct weights *weights = weights_at(carrier, sources[row].node);
        if (!weights)
            return false;
        *from = *from ? *from : weights;
    }
    return true;
}

static void fill_shifts(const struct carrier *carrier, struct weights *weights)
{
    const struct neuron_source *sources = carrier->sources;
    for (uint32_t row = 0; weights->shifts && row < weights->shape.width; row++) {
        const struct weights *from = sources[row].node == NO_NODE ? NULL : weights_at(carrier, sources[row].node);
        weights->shifts[row] = from && from->shifts ? from->shifts[sources[row].row] : 0;
    }
}

struct weights *fill_layer(struct carrier *carrier, uint32_t node, size_t learned)
{
    const struct graph *graph = carrier->now.graph;
    const struct graph_node *at = &graph->nodes[node];
    const struct weights *from;
    if (!sources_there(carrier, at->width, &from))
        return NULL;
    struct weights_shape shape = {.width = at->width,
                                  .depth = graph->nodes[input_node(graph, node, 0)].width,
                                  .factors = (size_t)at->weights,
                                  .shifts = at->params > at->weights ? at->width : 0,
                                  .learned = learned};
    shape.sparse = shape.factors < (size_t)shape.width * shape.depth;
    struct weights *weights = weights_new(shape, from ? from->source : NULL);
    struct random random = random_stream(carrier->options.seed, RANDOM_CARRY, at->gene);
    if (weights && (shape.sparse ? fill_sparse(carrier, weights, &random) : fill_dense(carrier, weights, &random))) {
        fill_shifts(carrier, weights);
        weights->span = from ? from->span : carrier->after->genes[at->gene].span;
        return weights;
    }
    weights_release(weights);
    carrier->failed = true;
    return NULL;
}
