/* A layer whose neurons were chosen (carry.h): what they and their readers keep, connection by connection, the optimiser's state with it. */
#include <math.h>
#include <stdlib.h>

#include "engine/carrier.h"
#include "engine/draw.h"
#include "engine/fan.h"
#include "support/memory.h"

#define NO_COLUMN UINT32_MAX

/* One connection. */
struct link {
    uint64_t place; /* row x depth + column */
    size_t from;    /* which of the old ones it is; SIZE_MAX: none */
};

/* A layer at work. */
struct choosing {
    struct carrier *carrier;
    const struct weights *from;
    const uint32_t *chosen; /* [width] the old row of each; NEURON_NEW: none. NULL: the rows stay */
    uint32_t width, depth;
    uint32_t *columns; /* [old depth] where each input stands now; NO_COLUMN: nowhere */
    uint32_t *fresh_rows, *fresh_columns;
    uint32_t fresh_row_count, fresh_column_count;
    struct link *links;
    size_t count;
};

static int by_place(const void *a, const void *b)
{
    const struct link *left = a, *right = b;
    return (left->place > right->place) - (left->place < right->place);
}

static uint32_t old_row(const struct choosing *choosing, uint32_t row)
{
    return choosing->chosen ? choosing->chosen[row] : row;
}

/* Finds each old input among the new ones by what it computes; the second of two that compute the same is the second there, too. */
static void map_columns(struct choosing *choosing, uint32_t old_node)
{
    const struct carrier *carrier = choosing->carrier;
    const struct where *where = &carrier->where;
    const uint32_t old_input = input_node(carrier->old.graph, old_node, 0);
    const uint32_t *old = numbers_of(&carrier->old, old_input);
    const uint32_t depth = carrier->old.graph->nodes[old_input].width;
    for (uint32_t i = 0; i < choosing->depth; i++)
        carrier->scratch[i] = 0; /* 1: taken */
    for (uint32_t i = 0; i < depth; i++) {
        uint32_t at = old[i] < where->numbers ? where->first[old[i]] : 0;
        while (at > 0 && carrier->scratch[at - 1])
            at = where->next[at - 1];
        choosing->columns[i] = at > 0 ? at - 1 : NO_COLUMN;
        if (at > 0)
            carrier->scratch[at - 1] = 1;
    }
    for (uint32_t i = 0; i < choosing->depth; i++)
        if (!carrier->scratch[i])
            choosing->fresh_columns[choosing->fresh_column_count++] = i;
    for (uint32_t row = 0; row < choosing->width; row++)
        if (old_row(choosing, row) == NEURON_NEW)
            choosing->fresh_rows[choosing->fresh_row_count++] = row;
}

/* The connections that stay. */
static void keep_links(struct choosing *choosing)
{
    for (uint32_t row = 0; row < choosing->width; row++) {
        const uint32_t old = old_row(choosing, row);
        const struct fan fan = old == NEURON_NEW ? (struct fan){0} : fan_of_weights(choosing->from, old);
        for (uint32_t i = 0; i < fan.count; i++) {
            const uint32_t column = choosing->columns[fan_input(&fan, i)];
            if (column != NO_COLUMN)
                choosing->links[choosing->count++] = (struct link){(uint64_t)row * choosing->depth + column, fan.at + i};
        }
    }
}

/* Places that the layer did not have before: whole new rows, then the new columns of the others. */
static uint64_t fresh_place(const struct choosing *choosing, uint64_t rank)
{
    const uint64_t in_rows = (uint64_t)choosing->fresh_row_count * choosing->depth;
    if (rank < in_rows)
        return (uint64_t)choosing->fresh_rows[rank / choosing->depth] * choosing->depth + rank % choosing->depth;
    rank -= in_rows;
    const uint32_t columns =
        choosing->fresh_column_count ? choosing->fresh_column_count : 1; /* there are some: a place of that rank is */
    uint32_t row = (uint32_t)(rank / columns);
    for (uint32_t i = 0; i < choosing->fresh_row_count && choosing->fresh_rows[i] <= row; i++)
        row++;
    return (uint64_t)row * choosing->depth + choosing->fresh_columns[rank % columns];
}

static uint64_t fresh_places(const struct choosing *choosing)
{
    return (uint64_t)choosing->fresh_row_count * choosing->depth +
           (uint64_t)(choosing->width - choosing->fresh_row_count) * choosing->fresh_column_count;
}

/* How many connections come: as large a share of the new places as there was of the old ones. */
static size_t fresh_links(const struct choosing *choosing)
{
    const struct weights_shape *shape = &choosing->from->shape;
    const double share = (double)shape->factors / ((double)shape->width * shape->depth);
    return (size_t)round(share * (double)fresh_places(choosing));
}

static bool add_links(struct choosing *choosing, size_t count, struct random *random)
{
    uint64_t *ranks = mem_array(count + 1, sizeof *ranks);
    const bool drawn = ranks && draw_ranks(ranks, count, fresh_places(choosing), random);
    for (size_t i = 0; drawn && i < count; i++)
        choosing->links[choosing->count++] = (struct link){fresh_place(choosing, ranks[i]), SIZE_MAX};
    mem_free(ranks);
    return drawn;
}

static void move_links(const struct choosing *choosing, float *to, const float *from, float fresh)
{
    for (size_t i = 0; i < choosing->count; i++)
        to[i] = choosing->links[i].from == SIZE_MAX ? fresh : from[choosing->links[i].from];
}

/* Rows of values, one a neuron. */
static void move_rows(const struct choosing *choosing, float *to, const float *from, size_t rows, float fresh)
{
    const uint32_t old_width = choosing->from->shape.width;
    for (size_t r = 0; r < rows; r++)
        for (uint32_t j = 0; j < choosing->width; j++) {
            const uint32_t old = old_row(choosing, j);
            to[r * choosing->width + j] = old == NEURON_NEW ? fresh : from[r * old_width + old];
        }
}

static void move_all(const struct choosing *choosing, const struct weights_shape *shape, float *to, const float *from, float fresh)
{
    const struct weights_shape *old = &choosing->from->shape;
    move_links(choosing, to, from, fresh);
    move_rows(choosing, to + shape->factors, from + old->factors, shape->shifts ? 1 : 0, fresh);
    if (old->width > 0 && old->learned / old->width * choosing->width == shape->learned)
        move_rows(choosing, to + shape->factors + shape->shifts, from + old->factors + old->shifts, old->learned / old->width,
                  fresh);
}

static bool move_state(const struct choosing *choosing, struct weights *to)
{
    const struct weights_state *old = choosing->from->state;
    if (!weights_add_state_like(to, old))
        return false;
    if (old && old->first)
        move_all(choosing, &to->shape, to->state->first, old->first, NAN);
    if (old && old->second)
        move_all(choosing, &to->shape, to->state->second, old->second, NAN);
    return true;
}

/* The weights of the links; NULL where memory is exhausted. */
static struct weights *link_weights(struct choosing *choosing)
{
    struct weights_shape shape = choosing->from->shape;
    shape.width = choosing->width;
    shape.depth = choosing->depth;
    shape.factors = choosing->count;
    shape.shifts = choosing->from->shape.shifts ? choosing->width : 0;
    shape.learned = choosing->from->shape.learned / choosing->from->shape.width * choosing->width;
    shape.sparse = choosing->count < (uint64_t)choosing->width * choosing->depth;
    qsort(choosing->links, choosing->count, sizeof *choosing->links, by_place);
    struct weights *weights = weights_new(shape, choosing->from->source);
    if (!weights)
        return NULL;
    for (size_t i = 0; shape.sparse && i < choosing->count; i++) {
        weights->start[choosing->links[i].place / shape.depth + 1]++;
        weights->input[i] = (uint32_t)(choosing->links[i].place % shape.depth);
    }
    for (uint32_t row = 0; shape.sparse && row < shape.width; row++)
        weights->start[row + 1] += weights->start[row];
    move_all(choosing, &shape, weights->values, choosing->from->values, 0);
    weights->span = choosing->from->span;
    if (move_state(choosing, weights))
        return weights;
    weights_release(weights);
    return NULL;
}

/* What was chosen of an old layer or projection; NULL: all of it. */
static const uint32_t *chosen_rows(const struct carrier *carrier, uint32_t old_node)
{
    const struct neuron_choice *choice = choice_find(carrier->options.choices, carrier->old.graph->nodes[old_node].gene);
    return choice ? choice->rows : NULL;
}

static struct weights *fill_chosen(struct carrier *carrier, uint32_t node, uint32_t old_node)
{
    const struct graph_node *at = &carrier->now.graph->nodes[node];
    const struct weights *from = weights_at(carrier, old_node);
    if (!from)
        return NULL;
    struct choosing choosing = {.carrier = carrier,
                                .from = from,
                                .chosen = chosen_rows(carrier, old_node),
                                .width = at->width,
                                .depth = carrier->now.graph->nodes[input_node(carrier->now.graph, node, 0)].width};
    struct weights *weights = NULL;
    choosing.columns = mem_array(from->shape.depth + (size_t)1, sizeof *choosing.columns);
    choosing.fresh_rows = mem_array(at->width + (size_t)1, sizeof *choosing.fresh_rows);
    choosing.fresh_columns = mem_array(choosing.depth + (size_t)1, sizeof *choosing.fresh_columns);
    if (choosing.columns && choosing.fresh_rows && choosing.fresh_columns) {
        map_columns(&choosing, old_node);
        const size_t fresh = fresh_links(&choosing);
        struct random random = random_stream(carrier->options.seed, RANDOM_CARRY, at->gene);
        choosing.links = mem_array(from->shape.factors + fresh + 1, sizeof *choosing.links);
        if (choosing.links) {
            keep_links(&choosing);
            weights = add_links(&choosing, fresh, &random) ? link_weights(&choosing) : NULL;
        }
    }
    carrier->failed = carrier->failed || !weights;
    mem_free(choosing.columns);
    mem_free(choosing.fresh_rows);
    mem_free(choosing.fresh_columns);
    mem_free(choosing.links);
    return weights;
}

void carry_chosen(struct carrier *carrier, uint32_t node, uint32_t old_node)
{
    const struct graph_node *at = &carrier->now.graph->nodes[node];
    const uint32_t *chosen = chosen_rows(carrier, old_node), *old = numbers_of(&carrier->old, old_node);
    const uint32_t old_width = carrier->old.graph->nodes[old_node].width;
    uint32_t kept = 0;
    carrier_look(carrier, &carrier->now, input_node(carrier->now.graph, node, 0));
    carrier->noisy = carrier->noisy || !layer_readable(carrier, old_node);
    if (!chosen && layer_untouched(carrier, node, old_node)) {
        keep_node(carrier, node, old_node);
        return;
    }
    carrier->fates[at->gene] = FATE_MADE;
    if (carrier->fills)
        carrier->made[at->gene] = fill_chosen(carrier, node, old_node);
    for (uint32_t j = 0; j < at->width; j++) {
        const uint32_t row = chosen ? chosen[j] : j;
        numbers_of(&carrier->now, node)[j] = row == NEURON_NEW ? NUMBER_ZERO : old[row];
        kept += row != NEURON_NEW;
    }
    carrier->noisy = carrier->noisy || kept < old_width; /* what they gave is missing, though readers are told nothing of it */
}
