/* Weights as numbers: those of a trained network as nested lists, and a network made of lists, for calculation by hand. Layers stand in
   the order of the plan, which is that of the molecule's text; a skip's projection comes behind the layers inside the skip. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/metrics.h"
#include "engine/model.h"
#include "engine/plan.h"
#include "interp/member.h"
#include "interp/place.h"
#include "interp/run.h"
#include "interp/weights.h"
#include "support/memory.h"
#include "support/number.h"

static bool is_layer(const struct plan_op *op)
{
    return op->kind == PLAN_DENSE || op->kind == PLAN_SPARSE;
}

/* The shortest decimal that stands for this float: 0.15, where the float as it is would be written 0.15000000596046448. */
static double decimal_of(float weight)
{
    char text[32];
    for (int digits = 6; digits < 9; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, (double)weight);
        double decimal = strtod(text, NULL);
        if ((float)decimal == weight)
            return decimal;
    }
    return (double)weight;
}

/* ---- out of a network ---- */

/* What neuron `row` multiplies its inputs by; 0 where a sparse layer has no connection. */
static struct value neuron_list(struct eval *eval, const struct model *model, const struct plan_op *op, uint32_t row)
{
    const float *weights = model->params + op->weights;
    const struct plan_sparse *sparse = op->sparse;
    struct value list = value_list(eval);
    uint32_t next = sparse ? sparse->start[row] : 0;
    for (uint32_t i = 0; !failed(list) && i < op->depth; i++) {
        bool connected = !sparse || (next < sparse->start[row + 1] && sparse->input[next] == i);
        double weight = connected ? decimal_of(weights[sparse ? next : (size_t)row * op->depth + i]) : 0;
        next += sparse && connected;
        if (!list_add(eval, list.list, value_number(weight)))
            return value_failed();
    }
    return list;
}

static struct value layer_weights(struct eval *eval, const struct model *model, const struct plan_op *op)
{
    struct value list = value_list(eval);
    for (uint32_t row = 0; !failed(list) && row < op->width; row++) {
        struct value neuron = neuron_list(eval, model, op, row);
        if (failed(neuron) || !list_add(eval, list.list, neuron))
            return value_failed();
    }
    return list;
}

/* Empty for a layer without biases. */
static struct value layer_biases(struct eval *eval, const struct model *model, const struct plan_op *op)
{
    struct value list = value_list(eval);
    for (uint32_t row = 0; !failed(list) && op->bias != PLAN_NONE && row < op->width; row++)
        if (!list_add(eval, list.list, value_number(decimal_of(model->params[op->bias + row]))))
            return value_failed();
    return list;
}

struct value model_weights(struct eval *eval, const struct model *model, bool biases)
{
    struct value layers = value_list(eval);
    for (uint32_t i = 0; !failed(layers) && i < model->plan->op_count; i++) {
        const struct plan_op *op = &model->plan->ops[i];
        if (!is_layer(op))
            continue;
        struct value layer = biases ? layer_biases(eval, model, op) : layer_weights(eval, model, op);
        if (failed(layer) || !list_add(eval, layers.list, layer))
            return value_failed();
    }
    return layers;
}

/* ---- into a network ---- */

/* One of the two nested lists that were given, and how messages call its parts. */
struct given {
    struct eval *eval;
    const struct list *layers;
    struct span span;
};

/* The list at `value`, which must have `count` items; NULL with a diagnostic, whose text says what the items are. */
static const struct list *list_of(struct eval *eval, struct value value, struct span span, size_t count, const char *what,
                                  const char *one, const char *many)
{
    if (value.kind == VALUE_LIST && value.list->count == count)
        return value.list;
    struct text found = {0};
    if (value.kind == VALUE_LIST)
        text_addf(&found, "%zu", value.list->count);
    else
        text_add(&found, value_article(value));
    eval_error(eval, span, "%s: expected a list of %s, found %s", what, counted((double)count, one, many).text, text_chars(&found));
    text_release(&found);
    return NULL;
}

static bool number_of(struct eval *eval, struct value value, struct span span, const char *what, float *number)
{
    if (value.kind == VALUE_NUMBER && isfinite((float)value.number)) {
        *number = (float)value.number;
        return true;
    }
    struct text found = {0};
    value_describe(eval, value, &found);
    eval_error(eval, span, "%s: expected a number, found %s", what, text_chars(&found));
    text_release(&found);
    return false;
}

/* Reads `count` numbers. */
static bool numbers_of(struct eval *eval, struct value value, struct span span, size_t count, const char *what, float *to)
{
    const struct list *list = list_of(eval, value, span, count, what, "number", "numbers");
    for (size_t i = 0; list && i < count; i++)
        if (!number_of(eval, list->items[i], span_of_item(eval, span, i), what, &to[i]))
            return false;
    return list;
}

static bool read_weights(struct given given, size_t layer, const struct plan_op *op, float *params)
{
    char what[80];
    struct span span = span_of_item(given.eval, given.span, layer);
    snprintf(what, sizeof what, "the weights of layer %zu, one list a neuron", layer + 1);
    const struct list *rows = list_of(given.eval, given.layers->items[layer], span, op->width, what, "list", "lists");
    for (uint32_t row = 0; rows && row < op->width; row++) {
        snprintf(what, sizeof what, "the weights of layer %zu, neuron %u", layer + 1, row + 1);
        if (!numbers_of(given.eval, rows->items[row], span_of_item(given.eval, span, row), op->depth, what,
                        params + op->weights + (size_t)row * op->depth))
            return false;
    }
    return rows;
}

static bool read_biases(struct given given, size_t layer, const struct plan_op *op, float *params)
{
    char what[80];
    const uint32_t count = op->bias == PLAN_NONE ? 0 : op->width;
    float none = 0;
    snprintf(what, sizeof what, "the biases of layer %zu", layer + 1);
    return numbers_of(given.eval, given.layers->items[layer], span_of_item(given.eval, given.span, layer), count, what,
                      count ? params + op->bias : &none);
}

static bool refuse_sparse(struct eval *eval, const struct model *model, const struct plan_op *op)
{
    struct diag *diag = diag_error(eval->diags, model->molecule->genes[op->gene].span, "given weights are those of dense layers");
    diag_help(diag, "leave `density` out, and give 0 where there is no connection");
    return false;
}

/* Puts the numbers into the model's parameters; `biases` without a list leaves them 0. */
static bool fill_model(struct eval *eval, struct model *model, struct given weights, struct given biases)
{
    size_t count = 0, layer = 0;
    for (uint32_t i = 0; i < model->plan->op_count; i++)
        count += is_layer(&model->plan->ops[i]);
    struct value lists[] = {{.kind = VALUE_LIST, .list = (struct list *)weights.layers},
                            {.kind = VALUE_LIST, .list = (struct list *)biases.layers}};
    if (!list_of(eval, lists[0], weights.span, count, "`weights`, one item a layer", "layer", "layers") ||
        (biases.layers && !list_of(eval, lists[1], biases.span, count, "`biases`, one item a layer", "list", "lists")))
        return false;
    for (uint32_t i = 0; i < model->plan->op_count; i++) {
        const struct plan_op *op = &model->plan->ops[i];
        if (!is_layer(op))
            continue;
        if (op->sparse)
            return refuse_sparse(eval, model, op);
        if (!read_weights(weights, layer, op, model->params) || (biases.layers && !read_biases(biases, layer, op, model->params)))
            return false;
        layer++;
    }
    return true;
}

/* How many values the first layer reads, by the first list of numbers; 0 where there is none, which is told elsewhere. */
static uint32_t inputs_of(const struct list *weights)
{
    struct value value = {.kind = VALUE_LIST, .list = (struct list *)weights};
    for (int depth = 0; depth < 2; depth++) {
        if (value.kind != VALUE_LIST || value.list->count == 0)
            return 0;
        value = value.list->items[0];
    }
    return value.kind == VALUE_LIST && value.list->count <= LIMIT_WIDTH ? (uint32_t)value.list->count : 0;
}

/* The molecule with its head fixed; NULL with a diagnostic where it has none. */
static struct molecule *with_head(struct eval *eval, const struct molecule *molecule, struct span span)
{
    const struct gene *output = molecule_output(molecule);
    if (!output) {
        eval_error_help(eval, span, "such as `-> out(1, sigmoid)`, with its weights", "a model ends in an output");
        return NULL;
    }
    struct gene fixed = *output;
    if (fixed.head != HEAD_AUTO)
        return molecule_retain(molecule);
    fixed.head = HEAD_LINEAR;
    return molecule_with_output(molecule, fixed, eval->diags);
}

/* A run without a training: it has a model, and nothing was measured. */
static struct value untrained_run(struct eval *eval, struct model *model)
{
    struct training *training = mem_alloc(sizeof *training);
    if (!training) {
        model_release(model);
        return eval_out_of_memory(eval, SPAN_NONE);
    }
    *training = (struct training){.model = model, .first_loss = NAN, .last_loss = NAN};
    training->train = training->validation = training->test = scores_none();
    training->params = model->plan->trained_count;
    training->flops = model->plan->flops;
    struct train_options options = train_options_default();
    struct value run = run_make(eval, training, NULL, model->molecule, value_none(), &options, value_none());
    if (!failed(run)) {
        run.run->params = (double)model->plan->trained_count;
        run.run->flops = model->plan->flops;
    }
    return run;
}

struct value call_model(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    const struct molecule *molecule = args->at[0].molecule->molecule;
    const struct gene *input = molecule_input(molecule);
    struct given weights = {eval, args->at[1].list, args->span[1]},
                 biases = {eval, args->at[2].kind == VALUE_LIST ? args->at[2].list : NULL, args->span[2]};
    uint32_t width = input ? input->width : inputs_of(weights.layers);
    if (width == 0)
        return eval_error_help(eval, args->span[1], "such as `[[[0.1, 0.2], [0.3, 0.4]], [[0.5, 0.6]]]` for two layers",
                               "`weights` is a list of layers, a layer a list of neurons, a neuron a list of numbers");
    struct molecule *whole = with_head(eval, molecule, args->span[0]);
    struct recipe *recipe = whole ? recipe_plain(width, molecule_output_width(whole, width)) : NULL;
    struct model *model = recipe ? model_create(whole, width, recipe, 0, eval->diags) : NULL;
    if (whole && !recipe)
        eval_out_of_memory(eval, args->call);
    molecule_release(whole);
    recipe_release(recipe);
    if (!model || !fill_model(eval, model, weights, biases)) {
        model_release(model);
        return value_failed();
    }
    struct value run = untrained_run(eval, model);
    return failed(run) ? run : run_model(eval, run.run);
}
