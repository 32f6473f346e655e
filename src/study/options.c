/* The options of a training: a block such as `{ epochs: 500, optimizer: adam(lr: 3e-3) }` is bound to a signature like the arguments of
   a call, and read into what the engine takes. */
#include "interp/place.h"
#include "interp/print.h"
#include "study/checkpoint.h"
#include "study/learn.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>

#include "engine/choices.h"
#include "engine/loss_kernel.h"
#include "support/limits.h"
#include "support/number.h"

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

bool option_given(const struct options *options, const char *name)
{
    return options->given[option_number(options, name)];
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

/* A spec's parameter, where it is known. A figure is told by its name. */
static bool put_field(struct eval *eval, const struct choice_field *field, struct value value, struct span span,
                      struct train_options *options)
{
    struct str word;
    double number;
    if (field->kind == CHOICE_FIGURE && value_word(value, &word)) {
        int figure = 0;
        while (figure_names[figure] && !str_is(word, figure_names[figure]))
            figure++;
        if (!figure_names[figure]) {
            eval_error_help(eval, span, "`by` is `\"loss\"` or `\"accuracy\"`", "nothing is chosen by `%.*s`", STR_ARG(word));
            return false;
        }
        choice_field_put(options, field, figure);
    } else if (value.kind == VALUE_BOOL) {
        choice_field_put(options, field, value.boolean);
    } else if (value_as_number(value, &number)) {
        choice_field_put(options, field, number);
    }
    return true;
}

static void choose_declared_loss(const struct spec *spec, struct train_options *options)
{
    double params[LIMIT_LOSS_PARAMETERS];
    for (unsigned i = 0; i < spec->loss->param_count; i++)
        params[i] = spec_number(spec, spec->loss->params[i].name);
    loss_choose(options, spec->loss, params);
}

/* An option that is one of a family, with or without parameters; engine/choices.c tells what each sets. */
static bool read_choice(struct eval *eval, const struct options *from, const char *family, struct train_options *options)
{
    const struct value value = option_value(from, family);
    const struct span span = option_span(from, family);
    struct str word;
    if (value.kind == VALUE_NONE || unknown_as(value, VALUE_SPEC))
        return true;
    if (value_word(value, &word) && str_is(word, "auto") && choice_set(options, family, word)) /* a loss that fits the head */
        return true;
    const struct spec *spec = spec_of(eval, value, family, span);
    if (!spec)
        return false;
    if (spec->loss) {
        choose_declared_loss(spec, options);
        return true;
    }
    choice_set(options, family, spec->name);
    for (size_t i = 0; i < spec->fields->count; i++) {
        const struct choice_field *field = choice_field_find(family, string_str(spec->fields->fields[i].key));
        if (field && !put_field(eval, field, spec->fields->fields[i].value, span, options))
            return false;
    }
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

/* A share of the training part, or a data set. */
static bool read_validation(struct eval *eval, const struct options *options, struct lesson *lesson)
{
    const struct value value = option_value(options, "validation");
    lesson->validation_span = option_span(options, "validation");
    if (value.kind == VALUE_DATASET) {
        lesson->validation = value;
        return true;
    }
    if (value.kind == VALUE_NUMBER && value.number > 0 && value.number < 1)
        lesson->validation_share = value.number;
    else if (value.kind != VALUE_NONE && !unknown_as(value, VALUE_NUMBER) && !unknown_as(value, VALUE_DATASET)) {
        eval_error_help(eval, lesson->validation_span, "such as `validation: 20%` or `validation: other`",
                        "`validation` is a share of the training part, above 0%% and below 100%%, or a data set");
        return false;
    }
    return true;
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

static bool smoothing_fits(struct eval *eval, const struct options *options, const struct train_options *train)
{
    const enum loss_kind loss = train->loss;
    const bool fits = loss == LOSS_AUTO || loss == LOSS_CROSS_ENTROPY || loss == LOSS_BINARY_CROSS_ENTROPY || loss == LOSS_FORMULA;
    if (!(train->smoothing > 0) || fits)
        return true;
    eval_error_help(eval, option_span(options, "smoothing"),
                    "leave one of them out: `loss: auto` takes the cross-entropy that fits",
                    "`smoothing` is for cross-entropies and losses of your own, and the loss is another one");
    return false;
}

/* Warns of a warm-up that the training does not come to the end of. */
static bool warm_up_ends(struct eval *eval, const struct options *options, const struct train_options *train)
{
    if (train->epochs == 0 || option_value(options, "epochs").kind == VALUE_UNKNOWN || train->schedule.warmup < train->epochs)
        return true;
    struct text warm_up = {0};
    print_count(&warm_up, train->schedule.warmup, "epoch", "epochs");
    struct diag *diag = diag_warning(eval->diags, option_span(options, "schedule"),
                                     "the training ends before its warm-up of %s does", text_chars(&warm_up));
    text_release(&warm_up);
    diag_help(diag, "it has %s", counted(train->epochs, "epoch", "epochs").text);
    return true;
}

bool lesson_of(struct eval *eval, const struct options *options, struct lesson *lesson)
{
    *lesson = (struct lesson){
        .options = train_options_default(), .validation = value_none(), .snapshots = value_none(), .checkpoint = value_none()};
    struct train_options *train = &lesson->options;
    struct value seed = option_value(options, "seed");
    lesson->optimizer_given = option_given(options, "optimizer");
    train->shuffle = option_value(options, "shuffle").kind == VALUE_BOOL && option_value(options, "shuffle").boolean;
    lesson->class_weights = option_value(options, "class_weights");
    lesson->class_weights_span = option_span(options, "class_weights");
    lesson->optimizer_span = option_span(options, "optimizer");
    lesson->schedule_span = option_span(options, "schedule");
    lesson->stop_span = option_span(options, "stop");
    lesson->loss_span = option_given(options, "loss") ? option_span(options, "loss") : SPAN_NONE;
    lesson->smoothing_span = option_span(options, "smoothing");
    train->clip = number_or(option_value(options, "clip"), 0);
    train->smoothing = number_or(option_value(options, "smoothing"), 0);
    train->noise = number_or(option_value(options, "noise"), 0);
    train->l1 = number_or(option_value(options, "l1"), 0);
    train->l2 = number_or(option_value(options, "l2"), 0);
    train->seed = (uint64_t)number_or(seed, (double)eval->state->seed);
    return read_count(eval, options, "epochs", LIMIT_EPOCHS, &train->epochs) &&
           read_batch(eval, option_value(options, "batch"), option_span(options, "batch"), train) &&
           read_choice(eval, options, "optimizer", train) && read_choice(eval, options, "schedule", train) &&
           read_validation(eval, options, lesson) && read_choice(eval, options, "loss", train) &&
           read_choice(eval, options, "stop", train) && smoothing_fits(eval, options, train) && warm_up_ends(eval, options, train);
}

bool lesson_trials(struct eval *eval, const struct options *options, struct lesson *lesson)
{
    return read_count(eval, options, "trials", LIMIT_TRIALS, &lesson->trials);
}

bool lesson_of_train(struct eval *eval, const struct options *options, struct lesson *lesson)
{
    if (!lesson_of(eval, options, lesson))
        return false;
    lesson->snapshots = option_value(options, "snapshots");
    lesson->checkpoint = option_value(options, "checkpoint");
    lesson->checkpoint_span = option_span(options, "checkpoint");
    lesson->folds_span = option_span(options, "folds");
    if (option_given(options, "trials") && option_given(options, "folds")) {
        eval_error_help(eval, option_span(options, "trials"), "a sweep over `seed` divides the data anew for each of them",
                        "`trials` and `folds` do not go together: each fold is trained once");
        return false;
    }
    return lesson_trials(eval, options, lesson) && read_count(eval, options, "folds", LIMIT_TRIALS, &lesson->folds) &&
           snapshots_check(eval, lesson->snapshots, option_span(options, "snapshots")) &&
           checkpoint_check(eval, lesson->checkpoint, lesson->checkpoint_span);
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
           lesson_of_train(eval, &options, lesson);
    options_release(&options);
    return well;
}

bool lesson_keeps_nothing(struct eval *eval, struct value record, struct span span)
{
    static const char *const names[] = {"trials", "folds", "snapshots", "checkpoint"};
    for (size_t i = 0; record.kind == VALUE_RECORD && i < sizeof names / sizeof *names; i++) {
        const struct str name = str_of(names[i]);
        if (!record_get(record.record, name))
            continue;
        eval_error_help(eval, span_of_field_key(eval, span, name),
                        str_is(name, "checkpoint") ? "`checkpoint` beside `train` keeps the whole search"
                                                   : "`finish: { … }` trains the best of it anew, with any option of `train`",
                        "the trainings of an evolution have no `%s`", names[i]);
        return false;
    }
    return true;
}
