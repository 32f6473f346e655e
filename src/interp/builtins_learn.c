/* Built-ins on what trainings give: predictions, scores, and why a run went wrong. */
#include <math.h>

#include "engine/model.h"
#include "interp/builtins.h"
#include "interp/learn.h"
#include "interp/unknown.h"
#include "support/memory.h"
#include "support/number.h"

const struct run *run_of(struct eval *eval, struct value value, struct span span)
{
    const struct run *run = value.kind == VALUE_RUN         ? value.run
                            : value.kind == VALUE_RUNS      ? value.runs->items[value.runs->best]
                            : value.kind == VALUE_GROWN     ? value.grown->run
                            : value.kind == VALUE_EVOLUTION ? value.evolution->best
                                                            : NULL;
    if (!run)
        eval_error_type(eval, span, "a run", value);
    return run;
}

/* nel check: whether the value is of a kind that stands for a run, though which one is not known. */
static bool may_be_run(struct value value)
{
    enum value_kind kind = value_content(value);
    return value.kind == VALUE_UNKNOWN &&
           (kind == VALUE_RUN || kind == VALUE_RUNS || kind == VALUE_GROWN || kind == VALUE_EVOLUTION || kind == VALUE_UNKNOWN);
}

/* ---- one row of raw values ---- */

static bool cell_of(struct eval *eval, const struct recipe_step *step, struct value value, struct span span, float *cell)
{
    *cell = NAN;
    if (value.kind == VALUE_NONE || value.kind == VALUE_UNKNOWN)
        return true;
    if (step->kind == COLUMN_CATEGORY) {
        struct text text = {0};
        value_print(eval, value, false, &text);
        *cell = recipe_category(step, text_str(&text));
        text_release(&text);
        return true;
    }
    if (value.kind == VALUE_BOOL)
        *cell = value.boolean;
    else if (value.kind == VALUE_NUMBER)
        *cell = (float)value.number;
    else
        return eval_error(eval, span, "`%s` is a number, found %s", step->name, value_article(value)), false;
    return true;
}

static bool row_of_record(struct eval *eval, const struct recipe *recipe, const struct record *record, struct span span, float *raw)
{
    for (uint32_t i = 0; i < recipe->columns; i++) {
        const struct value *value = record_get(record, str_of(recipe->steps[i].name));
        if (!value) {
            eval_error_help(eval, span, "give `none` for a value that is missing", "there is no `%s`", recipe->steps[i].name);
            return false;
        }
        if (!cell_of(eval, &recipe->steps[i], *value, span, &raw[i]))
            return false;
    }
    return true;
}

static bool row_of_list(struct eval *eval, const struct recipe *recipe, const struct list *list, struct span span, float *raw)
{
    if (list->count != recipe->columns) {
        eval_error(eval, span, "the model reads %s, found %zu", counted(recipe->columns, "value", "values").text, list->count);
        return false;
    }
    for (uint32_t i = 0; i < recipe->columns; i++)
        if (!cell_of(eval, &recipe->steps[i], list->items[i], span, &raw[i]))
            return false;
    return true;
}

/* The network's inputs [width] for one row given as a record or a list; false with a diagnostic. */
static bool inputs_of_row(struct eval *eval, const struct recipe *recipe, struct value row, struct span span, float *inputs)
{
    float *raw = mem_array(recipe->columns, sizeof *raw);
    if (!raw)
        return diag_out_of_memory(eval->diags, span);
    bool well = row.kind == VALUE_RECORD ? row_of_record(eval, recipe, row.record, span, raw)
                                         : row_of_list(eval, recipe, row.list, span, raw);
    well = well && recipe_row(recipe, raw, inputs, span, eval->diags);
    mem_free(raw);
    return well;
}

/* Whether a row has the columns that the recipe reads; what nel check can say of it. */
static bool row_fits(struct eval *eval, const struct recipe *recipe, struct value row, struct span span)
{
    float *raw = mem_array(recipe->columns, sizeof *raw);
    if (!raw)
        return diag_out_of_memory(eval->diags, span);
    bool well = row.kind == VALUE_RECORD ? row_of_record(eval, recipe, row.record, span, raw)
                                         : row_of_list(eval, recipe, row.list, span, raw);
    mem_free(raw);
    return well;
}

/* ---- from outputs to values ---- */

static struct value class_value(struct eval *eval, const struct recipe *recipe, uint32_t label)
{
    if (recipe->class_names && label < recipe->outputs)
        return value_string(eval, str_of(recipe->class_names[label]));
    return value_number(label);
}

static struct value list_of(struct eval *eval, const float *values, uint32_t count)
{
    struct value list = value_list(eval);
    for (uint32_t i = 0; !failed(list) && i < count; i++)
        if (!list_add(eval, list.list, value_number(values[i])))
            return value_failed();
    return list;
}

/* One prediction: the likeliest class, or the value or values. `proba`: the probability of each class. */
static struct value prediction(struct eval *eval, const struct recipe *recipe, const float *outputs, uint32_t width, bool proba)
{
    if (recipe->target != TARGET_CLASS)
        return width == 1 ? value_number(outputs[0]) : list_of(eval, outputs, width);
    if (width == 1) { /* one sigmoid: the probability of class 1 */
        float both[2] = {1 - outputs[0], outputs[0]};
        return proba ? list_of(eval, both, 2) : class_value(eval, recipe, outputs[0] > 0.5f);
    }
    uint32_t best = 0;
    for (uint32_t i = 1; i < width; i++)
        if (outputs[i] > outputs[best])
            best = i;
    return proba ? list_of(eval, outputs, width) : class_value(eval, recipe, best);
}

static struct value predict_row(struct eval *eval, const struct model *model, struct value row, struct span span, bool proba)
{
    uint32_t width = model_output_width(model);
    float *inputs = mem_floats(model_input_width(model)), *outputs = mem_floats(width);
    struct value value = inputs && outputs ? value_none() : eval_out_of_memory(eval, span);
    if (!failed(value) && !inputs_of_row(eval, model->recipe, row, span, inputs))
        value = value_failed();
    if (!failed(value))
        value = model_predict(model, inputs, 1, outputs) ? prediction(eval, model->recipe, outputs, width, proba)
                                                         : eval_out_of_memory(eval, span);
    mem_free_floats(inputs);
    mem_free_floats(outputs);
    return value;
}

static struct value predict_data(struct eval *eval, const struct model *model, const struct dataset *data, struct span span,
                                 bool proba)
{
    if (data->table->columns != model->recipe->columns)
        return eval_error(eval, span, "the model reads %u features, the data has %u", model->recipe->columns, data->table->columns);
    uint32_t width = model_output_width(model);
    float *inputs = mem_floats((size_t)data->count * model_input_width(model));
    float *outputs = mem_floats((size_t)data->count * width);
    struct value list = inputs && outputs ? value_list(eval) : eval_out_of_memory(eval, span);
    if (!failed(list) && !recipe_inputs(model->recipe, data, inputs, span, eval->diags))
        list = value_failed();
    if (!failed(list) && !model_predict(model, inputs, data->count, outputs))
        list = eval_out_of_memory(eval, span);
    for (uint32_t i = 0; !failed(list) && i < data->count; i++) {
        struct value one = prediction(eval, model->recipe, outputs + (size_t)i * width, width, proba);
        if (failed(one) || !list_add(eval, list.list, one))
            list = value_failed();
    }
    mem_free_floats(inputs);
    mem_free_floats(outputs);
    return list;
}

/* ---- many rows of plain numbers ---- */

/* Rows that are predicted at once: enough to fill the machine, and a bounded copy of the features. */
#define ROWS_AT_ONCE 1024

/* One sigmoid tells of two classes. */
static bool tells_of_two(const struct model *model)
{
    return model->recipe->target == TARGET_CLASS && model_output_width(model) == 1;
}

uint32_t predict_width(const struct run *run)
{
    const struct model *model = run->training->model;
    return tells_of_two(model) ? 2 : model_output_width(model);
}

static bool predict_some(struct eval *eval, const struct model *model, const float *features, uint32_t rows, float *inputs,
                         float *out)
{
    const struct recipe *recipe = model->recipe;
    for (uint32_t i = 0; i < rows; i++)
        if (!recipe_row(recipe, features + (size_t)i * recipe->columns, inputs + (size_t)i * recipe->width, SPAN_NONE, eval->diags))
            return false;
    if (!model_predict(model, inputs, rows, out))
        return diag_out_of_memory(eval->diags, SPAN_NONE);
    for (uint32_t i = rows; tells_of_two(model) && i-- > 0;) { /* from behind: what is read lies before what is written */
        out[2 * i + 1] = out[i];
        out[2 * i] = 1 - out[2 * i + 1];
    }
    return true;
}

bool predict_rows(struct eval *eval, struct value run, const float *features, size_t rows, size_t columns, float *out)
{
    const struct run *trained = run_of(eval, run, SPAN_NONE);
    if (!trained)
        return false;
    const struct model *model = trained->training->model;
    if (columns != model->recipe->columns)
        return eval_error(eval, SPAN_NONE, "the model reads %u features, a row has %zu", model->recipe->columns, columns), false;
    float *inputs = mem_floats((size_t)model->recipe->width * (rows < ROWS_AT_ONCE ? rows : ROWS_AT_ONCE));
    bool well = inputs || diag_out_of_memory(eval->diags, SPAN_NONE);
    for (size_t at = 0; well && at < rows; at += ROWS_AT_ONCE) {
        uint32_t some = rows - at < ROWS_AT_ONCE ? (uint32_t)(rows - at) : ROWS_AT_ONCE;
        well = predict_some(eval, model, features + at * columns, some, inputs, out + at * predict_width(trained));
    }
    mem_free_floats(inputs);
    return well;
}

/* What a prediction of a run that nel check did not train is like; the rows must fit the data that it would be trained on. */
static struct value predict_unknown(struct eval *eval, const struct run *run, struct value x, struct span span, bool proba)
{
    const struct recipe *recipe = run && run->prepared ? run->prepared->recipe : NULL;
    enum value_kind kind = value_content(x);
    if (kind != VALUE_DATASET && kind != VALUE_RECORD && kind != VALUE_LIST && kind != VALUE_UNKNOWN)
        return eval_error_type(eval, span, "a list of numbers, a record or a data set", x);
    if (!recipe || kind == VALUE_UNKNOWN)
        return value_unknown();
    if (x.kind == VALUE_DATASET && x.dataset->dataset->table->columns != recipe->columns)
        return eval_error(eval, span, "the model reads %u features, the data has %u", recipe->columns,
                          x.dataset->dataset->table->columns);
    if ((x.kind == VALUE_RECORD || (x.kind == VALUE_LIST && !x.list->open)) && !row_fits(eval, recipe, x, span))
        return value_failed();
    enum value_kind label = recipe->class_names ? VALUE_STRING : VALUE_NUMBER;
    bool several = recipe->target == TARGET_CLASS ? proba : recipe->outputs > 1;
    struct value one = value_unknown_of(recipe->target == TARGET_CLASS ? label : VALUE_NUMBER);
    if (several)
        one = list_of_unknown(eval, value_unknown_of(VALUE_NUMBER));
    return failed(one) || kind != VALUE_DATASET ? one : list_of_unknown(eval, one);
}

static struct value predict(struct eval *eval, const struct args *args, bool proba)
{
    struct value x = args->at[1];
    bool unknown = may_be_run(args->at[0]);
    const struct run *run = unknown ? NULL : run_of(eval, args->at[0], args->span[0]);
    if (!run && !unknown)
        return value_failed();
    if (unknown || !run->training)
        return predict_unknown(eval, run, x, args->span[1], proba);
    const struct model *model = run->training->model;
    if (x.kind == VALUE_DATASET)
        return predict_data(eval, model, x.dataset->dataset, args->span[1], proba);
    if (x.kind == VALUE_RECORD || x.kind == VALUE_LIST)
        return predict_row(eval, model, x, args->span[1], proba);
    return eval_error_type(eval, args->span[1], "a list of numbers, a record or a data set", x);
}

static struct value call_predict(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    return predict(eval, args, false);
}

static struct value call_predict_proba(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    return predict(eval, args, true);
}

/* ---- why a run went wrong ---- */

static struct value call_why(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    bool unknown = may_be_run(args->at[0]);
    const struct run *run = unknown ? NULL : run_of(eval, args->at[0], args->span[0]);
    if (!run && !unknown)
        return value_failed();
    if (unknown || !run->training)
        return value_unknown_of(VALUE_STRING);
    const struct training *training = run->training;
    struct text text = {0};
    if (!run_diagnosis(run, &text))
        text_addf(&text, "nothing went wrong: the loss went from %.3g to %.3g in %u epochs", training->first_loss,
                  training->last_loss, training->epochs);
    return value_text(eval, &text);
}

const struct builtin_row builtins_learn[] = {
    {"predict(run: any, x: any)",
     "What the model says of one row (a list, or a record by feature names; `none` for a missing value) or of every row of a data "
     "set: "
     "a class or a value.",
     call_predict},
    {"predict_proba(run: any, x: any)", "As predict, but the probability of each class.", call_predict_proba},
    {"why(run: any): text", "Why a run went wrong, in words.", call_why},
};
const size_t builtins_learn_count = sizeof builtins_learn / sizeof *builtins_learn;
