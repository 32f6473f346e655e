/* What a training's options ask of its data: a validation part, weights of the classes. */
#include "interp/unknown.h"
#include "study/costs.h"
#include "study/learn.h"

#include <math.h>
#include <string.h>

#include "support/limits.h"
#include "support/memory.h"
#include "support/number.h"
#include "support/suggest.h"

/* ---- the validation part ---- */

static bool refuse_second(struct eval *eval, const struct lesson *lesson)
{
    eval_error_help(eval, lesson->validation_span, "leave `validation` out, or split the data into two parts only",
                    "this data has a validation part already");
    return false;
}

/* The split with the data set that was given as its validation part; one reference, NULL with a diagnostic. */
static struct split *with_validation(struct eval *eval, const struct lesson *lesson, struct split *split)
{
    struct dataset *part = lesson->validation.dataset->dataset;
    if (part->judges) {
        eval_error_help(eval, lesson->validation_span, "`split(60%, 20%)` makes a validation part beside the test part",
                        "what selects looks at `validation`, and this is a test part, which only judges");
        return NULL;
    }
    if (!dataset_fits(split->train, part, lesson->validation_span, eval->diags))
        return NULL;
    struct split *whole = mem_alloc(sizeof *whole);
    if (!whole) {
        eval_out_of_memory(eval, lesson->validation_span);
        return NULL;
    }
    *whole = (struct split){.references = 1,
                            .train = dataset_retain(split->train),
                            .validation = dataset_retain(part),
                            .test = split->test ? dataset_retain(split->test) : NULL,
                            .fold = split->fold};
    return whole;
}

/* ---- class weights ---- */

/* Names of classes in a message; more are not read. */
#define CLASSES_LISTED 12

/* The inverse of each class's share, so that all classes count the same: rows / (classes * rows of the class), as King and Zeng 2001. */
static void weigh_balanced(const struct samples *train, float *weights)
{
    for (uint32_t c = 0; c < train->outputs; c++)
        weights[c] = 0;
    for (uint32_t i = 0; i < train->count; i++)
        weights[samples_class(train, i)]++;
    for (uint32_t c = 0; c < train->outputs; c++)
        weights[c] = weights[c] > 0 ? (float)train->count / ((float)train->outputs * weights[c]) : 0;
}

static bool weight_of(struct eval *eval, const struct lesson *lesson, struct value value, float *weight)
{
    double number = 1;
    if (value.kind == VALUE_UNKNOWN)
        return true;
    if (!value_as_number(value, &number) || !(number >= 0 && number <= LIMIT_CLASS_WEIGHT)) {
        struct text found = {0};
        value_describe(eval, value, &found);
        eval_error(eval, lesson->class_weights_span, "the weight of a class is a number from 0 to %s, found %s",
                   counted(LIMIT_CLASS_WEIGHT, "", "").text, text_chars(&found));
        text_release(&found);
        return false;
    }
    *weight = (float)number;
    return true;
}

static bool weigh_list(struct eval *eval, const struct lesson *lesson, const struct list *list, uint32_t classes, float *weights)
{
    if (list->open)
        return true;
    if (list->count != classes) {
        eval_error_help(eval, lesson->class_weights_span, "give one number a class, a record by class names, or `balanced`",
                        "these are %zu weights, but the data has %s", list->count, counted(classes, "class", "classes").text);
        return false;
    }
    for (uint32_t c = 0; c < classes; c++)
        if (!weight_of(eval, lesson, list->items[c], &weights[c]))
            return false;
    return true;
}

static bool refuse_class(struct eval *eval, const struct lesson *lesson, const struct recipe *recipe, struct str key)
{
    struct suggestion near;
    struct text help = {0};
    suggest_start(&near, key);
    for (uint32_t c = 0; c < recipe->outputs; c++)
        suggest_offer(&near, str_of(recipe->class_names[c]));
    if (near.best.len > 0)
        text_addf(&help, "did you mean `%.*s`?", STR_ARG(near.best));
    for (uint32_t c = 0; near.best.len == 0 && c < recipe->outputs && c < CLASSES_LISTED; c++)
        text_addf(&help, "%s`%s`", c > 0 ? ", " : "the classes are ", recipe->class_names[c]);
    eval_error_help(eval, lesson->class_weights_span, text_chars(&help), "the data has no class `%.*s`", STR_ARG(key));
    text_release(&help);
    return false;
}

/* By class names; a class that is not named keeps 1. */
static bool weigh_record(struct eval *eval, const struct lesson *lesson, const struct record *record, const struct recipe *recipe,
                         float *weights)
{
    if (!recipe->class_names) {
        eval_error_help(eval, lesson->class_weights_span, "give a list, one number a class",
                        "the classes of this data have no names");
        return false;
    }
    for (size_t i = 0; i < record->count; i++) {
        const struct str key = string_str(record->fields[i].key);
        uint32_t c = 0;
        while (c < recipe->outputs && !str_is(key, recipe->class_names[c]))
            c++;
        if (c == recipe->outputs)
            return refuse_class(eval, lesson, recipe, key);
        if (!weight_of(eval, lesson, record->fields[i].value, &weights[c]))
            return false;
    }
    return true;
}

/* Whether its samples have labels, or one-hot values as they were given. */
static bool tells_classes(const struct prepared *prepared)
{
    const struct recipe *recipe = prepared->recipe;
    bool as_given = recipe->one_hot;
    for (uint32_t v = 0; as_given && recipe->target_scale && v < recipe->outputs; v++)
        as_given = recipe->target_scale[v] == 1 && recipe->target_mean[v] == 0;
    return prepared->train.labels || as_given;
}

static bool weigh(struct eval *eval, const struct lesson *lesson, struct prepared *prepared)
{
    const struct value value = lesson->class_weights;
    const struct samples *train = &prepared->train;
    struct str word;
    if (value.kind == VALUE_NONE || value.kind == VALUE_UNKNOWN)
        return true;
    if (!tells_classes(prepared)) {
        eval_error(eval, lesson->class_weights_span, "`class_weights` are for classes, but the target of this data is a value");
        return false;
    }
    prepared->class_weights = mem_array(train->outputs, sizeof *prepared->class_weights);
    if (!prepared->class_weights)
        return diag_out_of_memory(eval->diags, lesson->class_weights_span);
    for (uint32_t c = 0; c < train->outputs; c++)
        prepared->class_weights[c] = 1;
    if (value.kind == VALUE_LIST)
        return weigh_list(eval, lesson, value.list, train->outputs, prepared->class_weights);
    if (value.kind == VALUE_RECORD)
        return weigh_record(eval, lesson, value.record, prepared->recipe, prepared->class_weights);
    if (value_word(value, &word) && str_is(word, "balanced")) {
        weigh_balanced(train, prepared->class_weights);
        return true;
    }
    eval_error_help(eval, lesson->class_weights_span,
                    "such as `class_weights: [1, 5]`, `class_weights: { rare: 5 }` or `class_weights: balanced`",
                    "`class_weights` are numbers, one a class, or `balanced`");
    return false;
}

/* ---- what is selected by ---- */

/* A figure of fewer samples than this comes in steps of more than an eighth. */
#define VALIDATION_FEW 8

/* A class that the training part has and the validation part lacks; -1: none. */
static int64_t missing_class(const struct prepared *prepared)
{
    const struct samples *train = &prepared->train, *validation = &prepared->validation;
    for (uint32_t i = 0; train->labels && i < train->count; i++) {
        uint32_t k = 0;
        while (k < validation->count && validation->labels[k] != train->labels[i])
            k++;
        if (k == validation->count)
            return train->labels[i];
    }
    return -1;
}

/* Warns where what is selected by says little: a network that is right about one sample of one class looks perfect. A part that was given
   as it is may be small, since somebody chose its rows. */
static void warn_of_few(struct eval *eval, const struct lesson *lesson, const struct prepared *prepared, struct span span)
{
    const uint32_t count = prepared->validation.count;
    const int64_t missing = count > 0 ? missing_class(prepared) : -1;
    const bool few = count < VALIDATION_FEW && lesson->validation.kind != VALUE_DATASET;
    if (count == 0 || (!few && missing < 0))
        return;
    struct text what = {0};
    text_addf(&what, "what is selected by is a validation part of %s", counted(count, "sample", "samples").text);
    if (missing >= 0 && prepared->recipe->class_names)
        text_addf(&what, ", none of them of class `%s`", prepared->recipe->class_names[missing]);
    else if (missing >= 0)
        text_addf(&what, ", none of them of class %d", (int)missing);
    diag_help(diag_warning(eval->diags, span, "%s", text_chars(&what)),
              "the option `validation` of `train` gives it a larger share or other data; of a truth table, the table itself");
    text_release(&what);
}

/* ---- all of it ---- */

/* rprop goes by the signs of gradients, and those of a part of the samples change from part to part (Riedmiller and Braun 1993 give it
   all of them). */
static void warn_of_signs(struct eval *eval, const struct lesson *lesson, const struct prepared *prepared)
{
    const struct train_options *options = &lesson->options;
    if (options->optimizer == OPTIMIZER_RPROP && options->batch > 0 && options->batch < prepared->train.count &&
        options->epochs > 0)
        diag_help(diag_warning(eval->diags, lesson->optimizer_span,
                               "`rprop` goes by the signs of gradients, and those of batches of %u are noise", options->batch),
                  "`batch: full` shows it all samples at each step");
}

struct prepared *lesson_prepare(struct eval *eval, const struct lesson *lesson, struct split *split, bool selects, uint64_t seed,
                                struct span span)
{
    const bool given = lesson->validation.kind == VALUE_DATASET || lesson->validation_share > 0;
    if (given && split->validation)
        return refuse_second(eval, lesson), NULL;
    struct split *whole = lesson->validation.kind == VALUE_DATASET ? with_validation(eval, lesson, split) : split_retain(split);
    if (!whole)
        return NULL;
    const double share = lesson->validation_share > 0 ? lesson->validation_share : selects ? VALIDATION_SHARE : 0;
    const bool weighs = lesson->class_weights.kind != VALUE_NONE; /* what was prepared gets them */
    struct prepared *prepared =
        weighs ? prepare(whole, share, seed, span, eval->diags) : costs_prepare(eval, whole, share, seed, span);
    split_release(whole);
    bool well = prepared && weigh(eval, lesson, prepared);
    if (well && lesson->options.patience > 0 && lesson->options.stop_by == STOP_BY_ACCURACY &&
        !recipe_tells_classes(prepared->recipe)) {
        eval_error_help(eval, lesson->stop_span, "leave `by` out: the loss tells", "values have no accuracy to stop by");
        well = false;
    }
    if (well && lesson->options.smoothing > 0 && !tells_classes(prepared)) {
        eval_error_help(eval, lesson->smoothing_span, "leave it out, or give the data its classes as labels",
                        "`smoothing` is of labels, but the target of this data is %s",
                        prepared->recipe->one_hot        ? "normalised one-hot values"
                        : prepared->recipe->outputs == 1 ? "a value"
                                                         : "values");
        well = false;
    }
    if (well)
        warn_of_signs(eval, lesson, prepared);
    if (well && selects)
        warn_of_few(eval, lesson, prepared, span);
    if (well)
        return prepared;
    if (prepared)
        prepared_release(prepared);
    return NULL;
}
