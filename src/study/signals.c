/* `signals`: what the hidden layers, or their neurons, do on data, as a table. Growth policies read the same figures as names. */
#include <math.h>

#include "engine/signals.h"

#include "interp/figures.h"
#include "interp/table.h"
#include "interp/unknown.h"
#include "molecule/dna.h"
#include "study/learn.h"

static const char *const layer_columns[] = {"layer", "stage", "width",    "dead",      "saturated", "high", "low",       "extrema",
                                            "above", "below", "gradient", "vanishing", "absent",    "rank", "bottleneck"};
static const char *const neuron_columns[] = {"layer", "neuron", "mean", "deviation", "extremum", "outlier", "dead", "saturated"};
/* What stands in them; `absent` is none in a dense layer. */
static const enum value_kind layer_kinds[] = {VALUE_NUMBER, VALUE_STRING, VALUE_NUMBER,  VALUE_NUMBER, VALUE_NUMBER,
                                              VALUE_NUMBER, VALUE_NUMBER, VALUE_NUMBER,  VALUE_NUMBER, VALUE_NUMBER,
                                              VALUE_NUMBER, VALUE_NUMBER, VALUE_UNKNOWN, VALUE_NUMBER, VALUE_BOOL};
static const enum value_kind neuron_kinds[] = {VALUE_NUMBER, VALUE_NUMBER, VALUE_NUMBER, VALUE_NUMBER,
                                               VALUE_STRING, VALUE_STRING, VALUE_BOOL,   VALUE_BOOL};
enum { LAYER_COLUMNS = sizeof layer_columns / sizeof *layer_columns };
enum { NEURON_COLUMNS = sizeof neuron_columns / sizeof *neuron_columns };

/* What layers are compared by. */
struct extremes {
    double gradient, rank; /* the greatest, the least */
};

static struct extremes extremes_of(const struct network_signals *signals)
{
    struct extremes extremes = {0, INFINITY};
    for (size_t i = 0; i < signals->count; i++) {
        extremes.gradient = fmax(extremes.gradient, signals->layers[i].gradient);
        extremes.rank = fmin(extremes.rank, signals->layers[i].rank);
    }
    return extremes;
}

static bool add_layer_row(struct eval *eval, struct value table, const struct molecule *molecule, const struct layer_signals *layer,
                          size_t number, struct extremes extremes)
{
    struct text stage = {0};
    dna_encode_atom(molecule, layer->gene, &stage);
    const double share = extremes.gradient > 0 ? layer->gradient / extremes.gradient : 1;
    struct value cells[LAYER_COLUMNS] = {
        value_number((double)number),
        value_text(eval, &stage),
        value_number(layer->width),
        value_number(layer->dead),
        value_number(layer->saturated),
        value_number(layer->high),
        value_number(layer->low),
        value_number((double)(layer->high + layer->low) / layer->width),
        value_number(layer->above),
        value_number(layer->below),
        value_number(layer->gradient),
        value_number(share),
        isnan(layer->absent) ? value_none() : value_number(layer->absent),
        value_number(layer->rank),
        value_bool(layer->rank == extremes.rank),
    };
    return !failed(cells[1]) && table_add_row(eval, table.table, cells);
}

/* "high", "low" or nothing. */
static struct value side(struct eval *eval, int8_t which, const char *up, const char *down)
{
    return value_string(eval, str_of(which > 0 ? up : which < 0 ? down : ""));
}

static bool add_neuron_row(struct eval *eval, struct value table, const struct neuron_signals *neuron, size_t layer,
                           uint32_t number)
{
    struct value cells[NEURON_COLUMNS] = {
        value_number((double)layer),
        value_number(number),
        value_number(neuron->mean),
        value_number(neuron->deviation),
        side(eval, neuron->extremum, "high", "low"),
        side(eval, neuron->outlier, "above", "below"),
        value_bool(neuron->dead),
        value_bool(neuron->saturated),
    };
    return !failed(cells[4]) && !failed(cells[5]) && table_add_row(eval, table.table, cells);
}

static struct value signals_table(struct eval *eval, const struct molecule *molecule, const struct network_signals *signals,
                                  bool neurons)
{
    struct value table =
        neurons ? value_table(eval, neuron_columns, NEURON_COLUMNS) : value_table(eval, layer_columns, LAYER_COLUMNS);
    const struct extremes extremes = extremes_of(signals);
    bool well = !failed(table);
    for (size_t i = 0; well && i < signals->count; i++) {
        const struct layer_signals *layer = &signals->layers[i];
        if (!neurons)
            well = add_layer_row(eval, table, molecule, layer, i + 1, extremes);
        for (uint32_t r = 0; well && neurons && r < layer->width; r++)
            well = add_neuron_row(eval, table, &layer->neurons[r], i + 1, r);
    }
    return well ? table : value_failed();
}

/* The samples to measure on: those of `data`, to be released, or the run's own; false with a diagnostic. */
static bool choose_samples(struct eval *eval, const struct run *run, const struct args *args, struct samples *made,
                           const struct samples **chosen)
{
    const struct dataset *data = args->at[1].kind == VALUE_DATASET ? args->at[1].dataset->dataset : NULL;
    if (data) {
        *chosen = made;
        return features_fit(eval, run_recipe(run), data, args->span[1]) &&
               samples_make(made, run_recipe(run), data, args->span[1], eval->diags);
    }
    const struct prepared *prepared = run->prepared;
    if (!prepared) {
        eval_error_help(eval, args->span[0], "give data: `signals(run, data)`", "this network has no data of its own");
        return false;
    }
    *chosen = prepared->validation.count > 0 ? &prepared->validation : &prepared->train;
    return true;
}

static bool each_neuron(struct eval *eval, const struct args *args, bool *neurons)
{
    struct str word = {0};
    value_word(args->at[2], &word);
    *neurons = str_is(word, "neuron");
    if (*neurons || str_is(word, "layer"))
        return true;
    eval_error_help(eval, args->span[2], "one of `layer`, `neuron`", "`%.*s` is nothing that has signals", STR_ARG(word));
    return false;
}

/* Nothing is decided by a test part, so nothing is measured on one. */
static bool may_measure_on(struct eval *eval, struct value data, struct span span)
{
    if (data.kind != VALUE_DATASET || !data.dataset->dataset->judges)
        return true;
    eval_error_help(eval, span, "`signals(run)` measures on the run's own validation data, else on its training data",
                    "signals are for decisions, and a test part only judges");
    return false;
}

static struct value call_signals(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    bool neurons;
    const bool unknown = may_be_trained(args->at[0]);
    const struct run *run = unknown ? NULL : run_of(eval, args->at[0], args->span[0]);
    if ((!run && !unknown) || !each_neuron(eval, args, &neurons) || !may_measure_on(eval, args->at[1], args->span[1]))
        return value_failed();
    if (unknown || !run->training)
        return neurons ? table_unknown(eval, neuron_columns, neuron_kinds, NEURON_COLUMNS)
                       : table_unknown(eval, layer_columns, layer_kinds, LAYER_COLUMNS);
    const struct model *model = run->training->model;
    struct samples made = {0};
    const struct samples *samples;
    struct network_signals signals = {0};
    const float *class_weights = run->prepared ? run->prepared->class_weights : NULL;
    bool well = choose_samples(eval, run, args, &made, &samples);
    well = well && ((signals_measure(model, samples, &run->options, class_weights, &signals) &&
                     (neurons || signals_absent(model, samples, &run->options, class_weights, &signals))) ||
                    diag_out_of_memory(eval->diags, args->call));
    struct value table = well ? signals_table(eval, model->molecule, &signals, neurons) : value_failed();
    signals_release(&signals);
    samples_release(&made);
    return table;
}

const struct builtin_row builtins_signals[] = {
    {"signals(run: any, data: data?, each: word = layer): table",
     "What the hidden layers of a trained network do, or with `each: neuron` their neurons; on the run's validation data, where it "
     "has none on its training data, or on other data. Of a layer: how many neurons are dead and saturated, by the slope of the "
     "element, are extrema as structure_net takes them (`high`, `low`, `extrema` for their share) and outliers the robust way "
     "(`above`, `below`); the gradient of its weights (root mean square), that by the greatest of all layers (`vanishing` where it "
     "is "
     "near 0), and of a sparse layer that of the connections it does not have (`absent`), which `regrow` chooses from; and its "
     "effective rank, the number of directions that its outputs vary in: where that is least is the `bottleneck`.\n"
     "Example: show signals(train relu(8) on moons() { epochs: 5 })\nSee: grow, why",
     call_signals},
};
const size_t builtins_signals_count = sizeof builtins_signals / sizeof *builtins_signals;
