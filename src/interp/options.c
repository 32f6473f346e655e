/* The options of a training: a block such as `{ epochs: 500, optimizer: adam(lr: 3e-3) }` is bound to a signature like the arguments of
   a call, and read into what the engine takes. */
#include "interp/learn.h"
#include "interp/place.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>

#include "support/limits.h"
#include "support/number.h"

static const char *const loss_names[] = {"auto", "cross_entropy", "binary_cross_entropy", "mse",
                                         "mae",  "huber",         "perceptron",           NULL};

/* ---- binding ---- */

bool options_bind(struct eval *eval, struct options *options, const char *signature, const struct node *node, struct span span)
{
    struct argument arguments[OPTIONS_MOST];
    size_t count = 0;
    *options = (struct options){0};
    if (!signature_read(&options->signature, signature))
        return diag_out_of_memory(eval->diags, span);
    struct value record = node ? eval_node(eval, node) : value_none();
    if (failed(record))
        return false;
    for (size_t i = 0; record.kind == VALUE_RECORD && i < record.record->count; i++) {
        if (count == OPTIONS_MOST) {
            eval_error(eval, node->span, "there are fewer options than these %zu", record.record->count);
            return false;
        }
        struct str key = string_str(record.record->fields[i].key);
        struct argument argument = {key, record.record->fields[i].value, node->span, node->span};
        for (uint32_t k = 0; node->kind == NODE_RECORD && k < node->count; k++) /* a spread's fields have the block's span */
            if (node->items[k]->kind == NODE_FIELD && str_equal(node->items[k]->text, key)) {
                argument.span = node->items[k]->items[0]->span;
                argument.label_span = span_of_key(node->items[k]);
            }
        arguments[count++] = argument;
    }
    char what[32];
    snprintf(what, sizeof what, "`%.*s`", (int)options->signature.name.len, options->signature.name.at);
    return bind_arguments(eval, &options->signature, what, arguments, count, node ? node->span : span, options->values,
                          options->spans, options->given, NULL, NULL);
}

void options_release(struct options *options)
{
    signature_release(&options->signature);
}

static size_t option_number(const struct options *options, const char *name)
{
    size_t i = 0;
    while (i < options->signature.count && !str_is(options->signature.parameters[i].name, name))
        i++;
    assert(i < options->signature.count);
    return i;
}

struct value option_value(const struct options *options, const char *name)
{
    return options->values[option_number(options, name)];
}

struct span option_span(const struct options *options, const char *name)
{
    return options->spans[option_number(options, name)];
}

/* nel check: whether the value is not known, but may be of the kind; then the default will do. */
static bool unknown_as(struct value value, enum value_kind kind)
{
    return value.kind == VALUE_UNKNOWN && (value.of == kind || value.of == VALUE_UNKNOWN);
}

static bool read_optimizer(struct eval *eval, struct value value, struct span span, struct train_options *options)
{
    if (unknown_as(value, VALUE_SPEC))
        return true;
    const struct spec *spec = spec_of(eval, value, "optimizer", span);
    if (!spec)
        return false;
    options->lr = spec_number(spec, "lr");
    if (str_is(spec->name, "adam")) {
        options->optimizer = OPTIMIZER_ADAM;
        options->beta1 = spec_number(spec, "beta1");
        options->beta2 = spec_number(spec, "beta2");
        options->epsilon = spec_number(spec, "epsilon");
    } else if (str_is(spec->name, "momentum")) {
        options->optimizer = OPTIMIZER_MOMENTUM;
        options->momentum = spec_number(spec, "momentum");
    } else {
        options->optimizer = OPTIMIZER_SGD;
    }
    return true;
}

static bool read_loss(struct eval *eval, struct value value, struct span span, struct train_options *options)
{
    struct str word;
    if ((value_word(value, &word) && str_is(word, "auto")) || unknown_as(value, VALUE_SPEC)) /* fits the head */
        return true;
    const struct spec *spec = spec_of(eval, value, "loss", span);
    if (!spec)
        return false;
    for (int i = 0; loss_names[i]; i++)
        if (str_is(spec->name, loss_names[i]))
            options->loss = (enum loss_kind)i;
    if (options->loss == LOSS_HUBER)
        options->huber_delta = spec_number(spec, "delta");
    return true;
}

static bool read_batch(struct eval *eval, struct value value, struct span span, struct train_options *options)
{
    struct str word;
    if (unknown_as(value, VALUE_NUMBER) || unknown_as(value, VALUE_STRING))
        return true;
    if (value.kind == VALUE_NUMBER && value.number >= 1 && value.number <= UINT32_MAX && value.number == floor(value.number)) {
        options->batch = (uint32_t)value.number;
        return true;
    }
    if (value_word(value, &word) && str_is(word, "full")) {
        options->batch = 0;
        return true;
    }
    eval_error_help(eval, span, "such as `batch: 32` or `batch: full`", "`batch` is a count of samples or `full`");
    return false;
}

static bool read_stop(struct eval *eval, struct value value, struct span span, struct train_options *options)
{
    if (value.kind == VALUE_NONE || unknown_as(value, VALUE_SPEC))
        return true;
    const struct spec *spec = spec_of(eval, value, "stop", span);
    if (spec)
        options->patience = (uint32_t)fmax(1, spec_number(spec, "epochs"));
    return spec;
}

/* A count of at most `most`, 0 where none was given. */
static bool read_count(struct eval *eval, const struct options *options, const char *name, double most, uint32_t *count)
{
    struct value value = option_value(options, name);
    if (value.kind == VALUE_UNKNOWN && *count == 0)
        *count = 2; /* nel check: several, however many */
    if (value.kind == VALUE_NONE || value.kind == VALUE_UNKNOWN)
        return true;
    if (value.number > most) {
        eval_error(eval, option_span(options, name), "`%s` is at most %s", name, counted(most, "", "").text);
        return false;
    }
    *count = (uint32_t)value.number;
    return true;
}

/* The number; `other` where there is none, or nel check does not know it. */
double number_or(struct value value, double other)
{
    return value.kind == VALUE_NUMBER ? value.number : other;
}

bool lesson_of(struct eval *eval, const struct options *options, struct lesson *lesson)
{
    *lesson = (struct lesson){.options = train_options_default()};
    struct train_options *train = &lesson->options;
    struct value seed = option_value(options, "seed");
    lesson->optimizer_given = options->given[option_number(options, "optimizer")];
    train->shuffle = option_value(options, "shuffle").kind == VALUE_BOOL && option_value(options, "shuffle").boolean;
    train->l1 = number_or(option_value(options, "l1"), 0);
    train->l2 = number_or(option_value(options, "l2"), 0);
    train->seed = (uint64_t)number_or(seed, (double)eval->state->seed);
    return read_count(eval, options, "epochs", LIMIT_EPOCHS, &train->epochs) &&
           read_count(eval, options, "trials", LIMIT_TRIALS, &lesson->trials) &&
           read_count(eval, options, "folds", LIMIT_TRIALS, &lesson->folds) &&
           read_batch(eval, option_value(options, "batch"), option_span(options, "batch"), train) &&
           read_optimizer(eval, option_value(options, "optimizer"), option_span(options, "optimizer"), train) &&
           read_loss(eval, option_value(options, "loss"), option_span(options, "loss"), train) &&
           read_stop(eval, option_value(options, "stop"), option_span(options, "stop"), train);
}

bool lesson_of_record(struct eval *eval, struct value record, struct span span, struct lesson *lesson)
{
    struct options options = {0};
    struct argument arguments[OPTIONS_MOST];
    size_t count = 0;
    for (; record.kind == VALUE_RECORD && count < record.record->count && count < OPTIONS_MOST; count++) {
        const struct field *field = &record.record->fields[count];
        const struct str key = string_str(field->key);
        arguments[count] = (struct argument){key, field->value, span_of_field(eval, span, key), span_of_field_key(eval, span, key)};
    }
    bool well = signature_read(&options.signature, TRAIN_SIGNATURE) || diag_out_of_memory(eval->diags, span);
    well = well &&
           bind_arguments(eval, &options.signature, "`train`", arguments, count, span, options.values, options.spans, options.given,
                          NULL, NULL) &&
           lesson_of(eval, &options, lesson);
    options_release(&options);
    return well;
}

/* ---- options with parameters ---- */

static const struct spec_row spec_rows[] = {
    {"sgd(lr: positive = 0.01)", "optimizer", "Plain gradient descent: weight -= lr * gradient."},
    {"momentum(lr: positive = 0.01, momentum: share = 0.9)", "optimizer",
     "Gradient descent with heavy-ball momentum (Polyak 1964)."},
    {"adam(lr: positive = 0.001, beta1: share = 0.9, beta2: share = 0.999, epsilon: positive = 1e-8)", "optimizer",
     "Adam (Kingma and Ba 2015), with bias correction. The default."},
    {"patience(epochs: count = 20)", "stop",
     "Stops when the validation loss has not improved for so many epochs, and restores the best weights."},
    {"cross_entropy()", "loss", "Cross-entropy of a softmax over the classes; the default for classes."},
    {"binary_cross_entropy()", "loss", "Cross-entropy of one sigmoid; the default for two classes."},
    {"mse()", "loss", "Mean squared error; the default for values."},
    {"mae()", "loss", "Mean absolute error."},
    {"huber(delta: positive = 1)", "loss", "Squared below delta, absolute above (Huber 1964)."},
    {"perceptron()", "loss", "Rosenblatt's rule; the default for a `step` head."},
    {"tournament(size: count = 3)", "selection", "The fittest of so many drawn by chance becomes a parent."},
};

bool learn_specs_add(struct eval *eval)
{
    return specs_add(eval, spec_rows, sizeof spec_rows / sizeof *spec_rows);
}
