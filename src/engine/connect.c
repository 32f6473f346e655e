/* See connect.h. The place of a connection is neuron x depth + input: a layer's connections in order are ascending places. */
#include "engine/connect.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/draw.h"
#include "engine/fan.h"
#include "molecule/density.h"
#include "support/memory.h"

/* Places, ascending. */
struct places {
    uint64_t *at;
    size_t count;
};

/* ---- the best of many ---- */

/* Keeps the greatest keys that it was shown. The upper half of a key is how good it is, the lower tells who: of two that are as good,
   the later one, so that the choice hangs on nothing else. */
struct champions {
    uint64_t *keys; /* [2 x count]: the greatest so far in front, newcomers behind */
    size_t count, filled;
    uint64_t least; /* what a newcomer has to beat */
};

static int descending(const void *a, const void *b)
{
    const uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left < right) - (left > right);
}

static int ascending(const void *a, const void *b)
{
    return descending(b, a);
}

static bool champions_init(struct champions *champions, size_t count)
{
    *champions = (struct champions){.keys = mem_array(2 * count + 1, sizeof *champions->keys), .count = count};
    return champions->keys;
}

static void champions_settle(struct champions *champions)
{
    qsort(champions->keys, champions->filled, sizeof *champions->keys, descending);
    if (champions->count == 0 || champions->filled < champions->count)
        return;
    champions->filled = champions->count;
    champions->least = champions->keys[champions->count - 1];
}

static void champions_show(struct champions *champions, uint64_t key)
{
    if (champions->count == 0 || (champions->filled >= champions->count && key <= champions->least))
        return;
    champions->keys[champions->filled++] = key;
    if (champions->filled == 2 * champions->count)
        champions_settle(champions);
}

/* The bits of magnitudes are in the order of the magnitudes. */
static uint32_t magnitude_bits(float value)
{
    const float size = fabsf(value);
    uint32_t bits;
    memcpy(&bits, &size, sizeof bits);
    return bits;
}

/* ---- who stays ---- */

static uint64_t all_places(const struct weights *weights)
{
    return (uint64_t)weights->shape.width * weights->shape.depth;
}

/* The places of the connections but for the `drop` least ones; of equal ones the first go. */
static bool surviving_places(const struct weights *weights, size_t drop, struct places *places)
{
    const size_t count = weights->shape.factors;
    struct champions dropped;
    places->at = mem_array(count + 1, sizeof *places->at);
    bool *gone = mem_array(count + 1, sizeof *gone);
    const bool room = champions_init(&dropped, drop) && places->at && gone;
    for (size_t k = 0; room && k < count; k++)
        champions_show(&dropped, (uint64_t)~magnitude_bits(weights->factors[k]) << 32 | (uint32_t)~k);
    if (room) {
        champions_settle(&dropped);
        for (size_t i = 0; i < dropped.filled; i++)
            gone[(uint32_t)~dropped.keys[i]] = true;
    }
    for (uint32_t o = 0; room && o < weights->shape.width; o++) {
        const struct fan fan = fan_of_weights(weights, o);
        for (uint32_t i = 0; i < fan.count; i++)
            if (!gone[fan.at + i])
                places->at[places->count++] = (uint64_t)o * weights->shape.depth + fan_input(&fan, i);
    }
    mem_free(dropped.keys);
    mem_free(gone);
    return room;
}

/* ---- who comes ---- */

/* Any of the places that are not taken. */
static bool places_by_chance(const struct weights *weights, const struct places *taken, size_t count, struct random *random,
                             uint64_t *grown)
{
    if (!draw_ranks(grown, count, all_places(weights) - taken->count, random))
        return false;
    for (size_t i = 0, before = 0; i < count; i++) {
        while (before < taken->count && taken->at[before] <= grown[i] + before)
            before++;
        grown[i] += before;
    }
    return true;
}

/* Of the places that are not taken those with the greatest gradients; of equal ones the first. */
static bool places_by_gradient(const struct weights *weights, const struct places *taken, size_t count, const float *gradient,
                               uint64_t *grown)
{
    const uint64_t all = all_places(weights);
    struct champions best;
    if (!champions_init(&best, count))
        return false;
    for (uint64_t at = 0, next = 0; at < all; at++)
        if (next < taken->count && taken->at[next] == at)
            next++;
        else
            champions_show(&best, (uint64_t)magnitude_bits(gradient[at]) << 32 | (uint32_t)~at);
    champions_settle(&best);
    for (size_t i = 0; i < count; i++)
        grown[i] = (uint32_t)~best.keys[i];
    mem_free(best.keys);
    qsort(grown, count, sizeof *grown, ascending);
    return true;
}

static void join_places(struct places *places, const uint64_t *grown, size_t count)
{
    size_t old = places->count, at = old + count;
    places->count = at;
    while (count > 0)
        places->at[--at] = old > 0 && places->at[old - 1] > grown[count - 1] ? places->at[--old] : grown[--count];
}

/* ---- the weights ---- */

/* Values of connections from one pattern to another, neuron by neuron; those without one before are `fresh`. */
static void move_values(const struct weights *to, float *values, const struct weights *from, const float *old, float fresh)
{
    for (uint32_t o = 0; o < to->shape.width; o++) {
        const struct fan now = fan_of_weights(to, o), before = fan_of_weights(from, o);
        for (uint32_t i = 0, k = 0; i < now.count; i++) {
            while (k < before.count && fan_input(&before, k) < fan_input(&now, i))
                k++;
            const bool known = k < before.count && fan_input(&before, k) == fan_input(&now, i);
            values[now.at + i] = known ? old[before.at + k] : fresh;
        }
    }
}

static void copy_floats(float *to, const float *from, size_t count)
{
    if (count > 0)
        memcpy(to, from, count * sizeof *to);
}

/* What the optimiser keeps; NaN where a parameter is new (weights.h). */
static bool move_state(struct weights *to, const struct weights *from)
{
    const struct weights_state *old = from->state;
    if (!old)
        return true;
    if (!weights_add_state_like(to, old))
        return false;
    float *const floats[] = {to->state->first, to->state->second}, *const before[] = {old->first, old->second};
    for (int i = 0; i < 2; i++) {
        if (!floats[i])
            continue;
        move_values(to, floats[i], from, before[i], NAN);
        copy_floats(floats[i] + to->shape.factors, before[i] + from->shape.factors, to->shape.shifts + to->shape.learned);
    }
    return true;
}

/* The layer with connections at these places and no others; NULL where memory is exhausted. */
static struct weights *weights_rewired(const struct weights *from, const struct places *places)
{
    struct weights_shape shape = from->shape;
    shape.factors = places->count;
    shape.sparse = places->count < all_places(from);
    struct weights *weights = weights_new(shape, from->source);
    if (!weights)
        return NULL;
    for (size_t i = 0; shape.sparse && i < places->count; i++) {
        weights->start[places->at[i] / shape.depth + 1]++;
        weights->input[i] = (uint32_t)(places->at[i] % shape.depth);
    }
    for (uint32_t o = 0; shape.sparse && o < shape.width; o++)
        weights->start[o + 1] += weights->start[o];
    move_values(weights, weights->factors, from, from->factors, 0);
    copy_floats(weights->shifts, from->shifts, shape.shifts);
    copy_floats(weights->learned, from->learned, shape.learned);
    if (!move_state(weights, from)) {
        weights_release(weights);
        return NULL;
    }
    weights->span = from->span;
    weights_seal(weights);
    return weights;
}

/* ---- the molecule ---- */

/* What is done to every layer. */
struct rewiring {
    double share;
    bool regrows;
    const struct dense_gradients *gradients;
    struct random *random;
};

static bool is_open(const struct gene *gene)
{
    return (gene->kind == GENE_LAYER || gene->kind == GENE_OUTPUT) && gene->traits.lr_scale != 0;
}

/* How many connections of a layer go: one stays, and as many as a density can say. */
static size_t connections_to_drop(const struct weights *weights, double share)
{
    const size_t live = weights->shape.factors, least = density_least_count(all_places(weights));
    const size_t wanted = (size_t)round(share * (double)live), most = live > least ? live - least : 0;
    return wanted < most ? wanted : most;
}

static bool grow_places(const struct rewiring *rewiring, const struct weights *weights, size_t count, const float *gradient,
                        struct places *places)
{
    uint64_t *grown = mem_array(count + 1, sizeof *grown);
    const bool chosen = grown && (rewiring->gradients ? places_by_gradient(weights, places, count, gradient, grown)
                                                      : places_by_chance(weights, places, count, rewiring->random, grown));
    if (chosen)
        join_places(places, grown, count);
    mem_free(grown);
    return chosen;
}

/* The layer's weights afterwards: its own, retained, where nothing changes; NULL where memory is exhausted. */
static const struct weights *rewire_layer(const struct rewiring *rewiring, uint32_t gene, const struct weights *weights)
{
    const float *gradient = rewiring->gradients ? rewiring->gradients->at[gene] : NULL;
    const size_t drop = connections_to_drop(weights, rewiring->share);
    const bool stays = rewiring->regrows && (!weights->shape.sparse || (rewiring->gradients && !gradient));
    if (drop == 0 || stays)
        return weights_retain(weights);
    struct places places = {0};
    struct weights *after = NULL;
    if (surviving_places(weights, drop, &places) && (!rewiring->regrows || grow_places(rewiring, weights, drop, gradient, &places)))
        after = weights_rewired(weights, &places);
    mem_free(places.at);
    return after;
}

/* The molecule that was built, and with it all that was made for it is given back. */
static struct molecule *finish(struct molecule_builder *builder, const struct molecule *molecule, const struct weights **made,
                               struct diags *diags)
{
    struct molecule *result = builder_finish(builder, molecule->genes[0].span, diags);
    for (uint32_t i = 0; made && i < molecule->count; i++)
        weights_release(made[i]);
    mem_free(made);
    return result;
}

static struct molecule *rewire(const struct molecule *molecule, uint32_t place, const struct rewiring *rewiring,
                               struct diags *diags)
{
    struct molecule_builder builder = {0};
    const struct weights **made = mem_array(molecule->count, sizeof *made);
    builder_copy(&builder, molecule, 0);
    builder.failed |= !made;
    for (uint32_t i = 0; !builder.failed && i < molecule->count; i++) {
        struct gene *gene = &builder.genes[i];
        const struct weights *weights = gene->weights;
        gene->origin = i + 1;
        if (i < place || i >= place + molecule->genes[place].size || !is_open(gene))
            continue;
        if (weights && weights->values) {
            gene->weights = made[i] = rewire_layer(rewiring, i, weights);
            builder.failed |= !made[i];
            if (made[i] && density_count(gene->traits.density, all_places(made[i])) != made[i]->shape.factors)
                gene->traits.density = density_of_count(made[i]->shape.factors, all_places(made[i]));
        } else if (!rewiring->regrows) {
            gene->traits.density = density_scaled(gene->traits.density, 1 - rewiring->share);
        }
    }
    return finish(&builder, molecule, made, diags);
}

struct molecule *connections_prune(const struct molecule *molecule, uint32_t gene, double share, struct diags *diags)
{
    const struct rewiring rewiring = {.share = share};
    return rewire(molecule, gene, &rewiring, diags);
}

struct molecule *connections_regrow(const struct molecule *molecule, uint32_t gene, double share,
                                    const struct dense_gradients *gradients, struct random *random, struct diags *diags)
{
    const struct rewiring rewiring = {.share = share, .regrows = true, .gradients = gradients, .random = random};
    return rewire(molecule, gene, &rewiring, diags);
}

/* ---- back to the start ---- */

static bool alike(const struct weights *a, const struct weights *b)
{
    if (!a || !b)
        return a == b;
    const struct weights_shape *x = &a->shape, *y = &b->shape;
    const bool outlines = !a->values || !b->values; /* of nel check: they tell no more */
    if (outlines || x->width != y->width || x->depth != y->depth)
        return x->width == y->width && x->depth == y->depth;
    return x->shifts == y->shifts && x->learned == y->learned && x->running == y->running && !x->factors == !y->factors;
}

static bool same_but_connections(const struct molecule *a, const struct molecule *b)
{
    bool same = a->count == b->count;
    for (uint32_t i = 0; same && i < a->count; i++)
        same = a->genes[i].kind == b->genes[i].kind && alike(a->genes[i].weights, b->genes[i].weights);
    return same;
}

/* The weights of `start` at the connections of `weights`; NULL where memory is exhausted. */
static const struct weights *rewound(const struct weights *weights, const struct weights *start)
{
    struct places places = {0};
    const struct weights *after = surviving_places(weights, 0, &places) ? weights_rewired(start, &places) : NULL;
    mem_free(places.at);
    return after;
}

struct molecule *connections_rewind(const struct molecule *molecule, const struct molecule *start, struct diags *diags)
{
    const struct span span = molecule->genes[0].span;
    if (!same_but_connections(molecule, start)) {
        diag_help(diag_error(diags, span, "this is not the network that it is to be rewound to"),
                  "nothing but connections may have gone or come in between");
        return NULL;
    }
    struct molecule_builder builder = {0};
    const struct weights **made = mem_array(molecule->count, sizeof *made);
    builder_copy(&builder, molecule, 0);
    builder.failed |= !made;
    for (uint32_t i = 0; !builder.failed && i < molecule->count; i++) {
        struct gene *gene = &builder.genes[i];
        const struct weights *from = start->genes[i].weights;
        gene->origin = i + 1;
        if (!gene->weights || !gene->weights->values)
            continue;
        const bool layer = gene->kind == GENE_LAYER || gene->kind == GENE_OUTPUT;
        made[i] = layer ? rewound(gene->weights, from) : weights_retain(from);
        gene->weights = made[i];
        builder.failed |= !made[i];
    }
    return finish(&builder, molecule, made, diags);
}
