/* See neurons.h. */
#include "study/neurons.h"

#include <math.h>
#include <stdlib.h>

#include "interp/place.h"
#include "molecule/rewrite.h"
#include "support/limits.h"
#include "support/memory.h"
#include "support/number.h"
#include "support/vec.h"

/* ---- making ---- */

static bool belongs(const struct neuron_signals *neuron, enum neuron_side side)
{
    switch (side) {
    case NEURONS_HIGH:
        return neuron->extremum > 0;
    case NEURONS_LOW:
        return neuron->extremum < 0;
    case NEURONS_ABOVE:
        return neuron->outlier > 0;
    case NEURONS_BELOW:
        return neuron->outlier < 0;
    }
    return false;
}

struct far {
    double mean;
    uint32_t neuron;
};

static int greatest_first(const void *a, const void *b)
{
    const struct far *left = a, *right = b;
    if (left->mean != right->mean)
        return left->mean < right->mean ? 1 : -1;
    return (left->neuron > right->neuron) - (left->neuron < right->neuron);
}

/* The record of one layer; none where it has no such neuron. */
static struct value layer_record(struct eval *eval, const struct layer_signals *layer, size_t number, enum neuron_side side)
{
    const bool low = side == NEURONS_LOW || side == NEURONS_BELOW;
    VEC(struct far) found = {0};
    bool room = true;
    for (uint32_t i = 0; room && i < layer->width; i++)
        if (belongs(&layer->neurons[i], side))
            room = vec_push(&found, ((struct far){low ? -layer->neurons[i].mean : layer->neurons[i].mean, i}));
    if (!room || found.count == 0) {
        vec_release(&found);
        return room ? value_none() : eval_out_of_memory(eval, SPAN_NONE);
    }
    qsort(found.at, found.count, sizeof *found.at, greatest_first);
    struct value record = value_record(eval), neurons = failed(record) ? record : value_list(eval);
    bool well = !failed(neurons);
    for (size_t i = 0; well && i < found.count; i++)
        well = list_add(eval, neurons.list, value_number(found.at[i].neuron));
    vec_release(&found);
    well = well && record_set(eval, record.record, STR("layer"), value_number((double)number)) &&
           record_set(eval, record.record, low ? STR("low") : STR("high"), neurons);
    return well ? record : value_failed();
}

struct value neurons_list(struct eval *eval, const struct network_signals *network, enum neuron_side side)
{
    struct value list = value_list(eval);
    for (size_t i = 0; !failed(list) && i < network->count; i++) {
        struct value record = layer_record(eval, &network->layers[i], i + 1, side);
        if (failed(record) || (record.kind == VALUE_RECORD && !list_add(eval, list.list, record)))
            return value_failed();
    }
    return list;
}

/* ---- reading ---- */

/* The list that a record of a signal holds; the value itself else. */
static struct value list_in(struct value value)
{
    const struct value *held = value.kind == VALUE_RECORD ? record_get(value.record, STR("neurons")) : NULL;
    return held ? *held : value;
}

bool neurons_named(struct value value)
{
    value = list_in(value);
    if (value.kind == VALUE_UNKNOWN)
        return value.of == VALUE_RECORD || value.of == VALUE_LIST || value.of == VALUE_UNKNOWN;
    return value.kind == VALUE_RECORD ||
           (value.kind == VALUE_LIST && (value.list->count == 0 || value.list->items[0].kind == VALUE_RECORD));
}

static bool whole_below(struct value value, double least, double most)
{
    return value.kind == VALUE_NUMBER && value.number >= least && value.number <= most && value.number == floor(value.number);
}

static bool read_side(struct eval *eval, const struct value *neurons, struct span span, uint32_t layer, bool low,
                      struct neuron_places *places)
{
    if (!neurons)
        return true;
    if (neurons->kind != VALUE_LIST)
        return eval_error_type(eval, span, "a list of neurons", *neurons), false;
    for (size_t i = 0; i < neurons->list->count; i++) {
        const struct value item = neurons->list->items[i];
        if (!whole_below(item, 0, LIMIT_WIDTH))
            return eval_error_type(eval, span_of_item(eval, span, i), "the number of a neuron, counted from 0", item), false;
        if (!vec_push(places, ((struct neuron_place){layer, (uint32_t)item.number, low})))
            return eval_out_of_memory(eval, span), false;
    }
    return true;
}

static bool read_record(struct eval *eval, struct value value, struct span span, struct neuron_places *places)
{
    const struct value *layer = value.kind == VALUE_RECORD ? record_get(value.record, STR("layer")) : NULL;
    const struct value *high = layer ? record_get(value.record, STR("high")) : NULL;
    const struct value *low = layer ? record_get(value.record, STR("low")) : NULL;
    if (!layer || (!high && !low)) {
        eval_error_help(eval, span, "such as `{ layer: 1, high: [3, 7] }`", "expected neurons, found %s", value_article(value));
        return false;
    }
    if (!whole_below(*layer, 1, LIMIT_WIDTH))
        return eval_error_type(eval, span_of_field(eval, span, STR("layer")), "the number of a hidden layer, counted from 1",
                               *layer),
               false;
    const uint32_t number = (uint32_t)layer->number;
    return read_side(eval, high, span_of_field(eval, span, STR("high")), number, false, places) &&
           read_side(eval, low, span_of_field(eval, span, STR("low")), number, true, places);
}

bool neurons_read(struct eval *eval, struct value value, struct span span, struct neuron_places *places)
{
    value = list_in(value);
    if (value.kind != VALUE_LIST)
        return read_record(eval, value, span, places);
    for (size_t i = 0; i < value.list->count; i++)
        if (!read_record(eval, value.list->items[i], span_of_item(eval, span, i), places))
            return false;
    return true;
}

/* The hidden layers of a molecule, to be freed; NULL with a diagnostic. */
static struct network_layer *hidden_layers(struct eval *eval, const struct molecule *molecule, struct span span, uint32_t *count)
{
    uint32_t all = 0;
    struct graph *graph = graph_build(molecule, molecule_reads(molecule), eval->diags);
    struct network_layer *layers = graph ? layers_find(graph, &all) : NULL;
    if (graph && !layers)
        eval_out_of_memory(eval, span);
    graph_release(graph);
    *count = 0;
    for (uint32_t i = 0; layers && i < all; i++)
        if (!layers[i].output)
            layers[(*count)++] = layers[i];
    return layers;
}

/* The neuron's gene; false with a diagnostic. */
static bool find_neuron(struct eval *eval, const struct molecule *molecule, const struct network_layer *layers, uint32_t count,
                        const struct neuron_place *place, struct span span, struct patch_neuron *neuron)
{
    if (place->layer > count) {
        eval_error(eval, span, "there is no hidden layer %u: the molecule has %s", place->layer, counted(count, "", "").text);
        return false;
    }
    *neuron = (struct patch_neuron){layers[place->layer - 1].gene, place->neuron, place->low};
    const uint32_t width = molecule->genes[neuron->gene].width;
    if (place->neuron < width)
        return true;
    eval_error(eval, span, "hidden layer %u has no neuron %u: they are 0 to %u", place->layer, place->neuron, width - 1);
    return false;
}

struct patch_neuron *neurons_in(struct eval *eval, struct value value, struct span span, const struct molecule *molecule,
                                size_t *count)
{
    struct neuron_places places = {0};
    uint32_t hidden = 0;
    bool well = neurons_read(eval, value, span, &places);
    struct network_layer *layers = well ? hidden_layers(eval, molecule, span, &hidden) : NULL;
    struct patch_neuron *neurons = layers ? mem_array(places.count + 1, sizeof *neurons) : NULL;
    if (layers && !neurons)
        eval_out_of_memory(eval, span);
    well = neurons;
    for (*count = 0; well && *count < places.count; ++*count)
        well = find_neuron(eval, molecule, layers, hidden, &places.at[*count], span, &neurons[*count]);
    mem_free(layers);
    vec_release(&places);
    if (well)
        return neurons;
    mem_free(neurons);
    return NULL;
}
