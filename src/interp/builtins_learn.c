/* Built-ins on what trainings give: predictions, scores, and why a run went wrong. */
#include <math.h>

#include "engine/model.h"
#include "interp/builtins.h"
#include "interp/figures.h"
#include "interp/learn.h"
#include "interp/table.h"
#include "interp/unknown.h"
#include "support/memory.h"
#include "support/number.h"

const struct run *run_of(struct eval *eval, struct value value, struct span span)
{
    if (value.kind == VALUE_EVOLUTION)
        value = value.evolution->best;
    const struct run *run = value.kind == VALUE_RUN     ? value.run
                            : value.kind == VALUE_RUNS  ? value.runs->items[value.runs->best]
                            : value.kind == VALUE_GROWN ? value.grown->run
                            : value.kind == VALUE_MODEL ? value.model->run
                                                        : NULL;
    if (!run)
        eval_error_type(eval, span, "a run", value);
    return run;
}

/* nel check: whether the value is of a kind that stands for a run, though which one is not known. */
static bool may_be_run(struct value value)
{
    enum value_kind kind = value_content(value);
    return value.kind == VALUE_UNKNOWN && (kind == VALUE_RUN || kind == VALUE_RUNS || kind == VALUE_GROWN ||
                                           kind == VALUE_EVOLUTION || kind == VALUE_MODEL || kind == VALUE_UNKNOWN);
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
            eval_error_help(eval, span, "give `none` for a value that is missing", "this row has no `%s`", recipe->steps[i].name);
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

static struct value list_of(struct eval *eval, const float *values, uint32_t count)
{
    struct value list = value_list(eval);
    for (uint32_t i = 0; !failed(list) && i < count; i++)
        if (!list_add(eval, list.list, value_number(values[i])))
            return value_failed();
    return list;
}

/* The answer that outputs give: the likeliest class, or the value or values. */
static struct value answer(struct eval *eval, const struct recipe *recipe, const float *outputs, uint32_t width)
{
    if (recipe->target != TARGET_CLASS)
        return width == 1 ? value_number(outputs[0]) : list_of(eval, outputs, width);
    if (width == 1) /* one sigmoid: the probability of the second class */
        return class_value(eval, recipe, outputs[0] > 0.5f);
    uint32_t best = 0;
    for (uint32_t i = 1; i < width; i++)
        if (outputs[i] > outputs[best])
            best = i;
    return class_value(eval, recipe, best);
}

static double probability(const float *outputs, uint32_t width, uint32_t class)
{
    return width > 1 ? (double)outputs[class] : class == 1 ? (double)outputs[0] : (double)(1 - outputs[0]);
}

/* A probability for each class: as a record by their names, or unknown ones in nel check (`outputs` NULL). */
static struct value probabilities(struct eval *eval, const struct recipe *recipe, const float *outputs, uint32_t width)
{
    struct value names = class_names(eval, recipe), record = failed(names) ? names : value_record(eval);
    for (uint32_t class = 0; !failed(record) && class < recipe->outputs; class ++) {
        struct value p = outputs ? value_number(probability(outputs, width, class)) : value_unknown_of(VALUE_NUMBER);
        if (!record_set(eval, record.record, string_str(names.list->items[class].string), p))
            return value_failed();
    }
    return record;
}

/* The same of many rows, as a table with a column for each class. In nel check a table with one row for all. */
static struct value probability_table(struct eval *eval, const struct recipe *recipe, const float *outputs, uint32_t width,
                                      uint32_t count)
{
    struct value names = class_names(eval, recipe);
    struct str *heads = mem_array(recipe->outputs + (size_t)1, sizeof *heads);
    struct value *cells = mem_array(recipe->outputs + (size_t)1, sizeof *cells);
    struct value table = failed(names) || (heads && cells) ? names : eval_out_of_memory(eval, SPAN_NONE);
    for (uint32_t class = 0; !failed(table) && class < recipe->outputs; class ++)
        heads[class] = string_str(names.list->items[class].string);
    if (!failed(table))
        table = table_named(eval, heads, recipe->outputs);
    for (uint32_t i = 0; !failed(table) && i < (outputs ? count : 1); i++) {
        for (uint32_t class = 0; class < recipe->outputs; class ++)
            cells[class] =
                outputs ? value_number(probability(outputs + (size_t)i * width, width, class)) : value_unknown_of(VALUE_NUMBER);
        if (!table_add_row(eval, table.table, cells))
            table = value_failed();
    }
    if (!failed(table))
        table.table->open = !outputs;
    mem_free(heads);
    mem_free(cells);
    return table;
}

static struct value answer_list(struct eval *eval, const struct recipe *recipe, const float *outputs, uint32_t width,
                                uint32_t count)
{
    struct value list = value_list(eval);
    for (uint32_t i = 0; !failed(list) && i < count; i++) {
        struct value one = answer(eval, recipe, outputs + (size_t)i * width, width);
        if (failed(one) || !list_add(eval, list.list, one))
            list = value_failed();
    }
    return list;
}

/* ---- rows to predict ---- */

/* What is to be predicted: the rows of a data set or of a list, or a single row. */
struct question {
    struct value x;
    struct span span;
    bool single, proba;
    uint32_t count;
};

static bool is_row(struct value value)
{
    enum value_kind kind = value_content(value);
    return kind == VALUE_RECORD || kind == VALUE_LIST;
}

/* A list of records or of lists is many rows; any other is the values of one. */
static bool is_rows(struct value x)
{
    return x.kind == VALUE_LIST && x.list->count > 0 && is_row(x.list->items[0]);
}

/* Reads what `x` is; false with a diagnostic where it is nothing to predict. Of what nel check does not know the kind alone is read. */
static bool question_read(struct eval *eval, struct value x, struct span span, bool proba, struct question *question)
{
    *question = (struct question){.x = x, .span = span, .proba = proba};
    bool table = x.kind == VALUE_TABLE;
    if (table)
        question->x = x = table_rows(eval, x);
    if (failed(x))
        return false;
    switch (value_content(x)) {
    case VALUE_DATASET:
        question->count = x.kind == VALUE_DATASET ? x.dataset->dataset->count : 0;
        return true;
    case VALUE_LIST:
    case VALUE_TABLE:
    case VALUE_RECORD:
        question->single = value_content(x) == VALUE_RECORD || (x.kind == VALUE_LIST && !table && !is_rows(x));
        question->count = question->single ? 1 : x.kind == VALUE_LIST ? (uint32_t)x.list->count : 0;
        return true;
    case VALUE_UNKNOWN:
        return true;
    default:
        eval_error_type(eval, span, "a row (a list or a record), a list of rows, a table or a data set", x);
        return false;
    }
}

/* The rows [count x raw columns] of a list must be alike. */
static bool rows_check(struct eval *eval, const struct question *question)
{
    for (size_t i = 0; !question->single && question->x.kind == VALUE_LIST && i < question->x.list->count; i++)
        if (!is_row(question->x.list->items[i])) {
            eval_error(eval, question->span, "row %zu is %s, where rows are lists or records", i,
                       value_article(question->x.list->items[i]));
            return false;
        }
    return true;
}

static struct value question_row(const struct question *question, uint32_t row)
{
    return question->single ? question->x : question->x.list->items[row];
}

/* Adds to the error of one of several rows which one it is; false. */
static bool row_is_wrong(struct eval *eval, const struct question *question, uint32_t row)
{
    if (!question->single && eval->diags->count > 0)
        diag_note(&eval->diags->at[eval->diags->count - 1], "in row %u, counted from 0", row);
    return false;
}

/* The network's inputs for all rows; false with a diagnostic. */
static bool question_inputs(struct eval *eval, const struct recipe *recipe, const struct question *question, float *inputs)
{
    if (question->x.kind == VALUE_DATASET)
        return recipe_inputs(recipe, question->x.dataset->dataset, inputs, question->span, eval->diags);
    for (uint32_t i = 0; i < question->count; i++)
        if (!inputs_of_row(eval, recipe, question_row(question, i), question->span, inputs + (size_t)i * recipe->width))
            return row_is_wrong(eval, question, i);
    return true;
}

static bool columns_check(struct eval *eval, const struct recipe *recipe, const struct question *question)
{
    if (question->x.kind == VALUE_DATASET)
        return features_fit(eval, recipe, question->x.dataset->dataset, question->span);
    return rows_check(eval, question);
}

static struct value reply(struct eval *eval, const struct recipe *recipe, const struct question *question, const float *outputs,
                          uint32_t width)
{
    if (question->proba)
        return question->single ? probabilities(eval, recipe, outputs, width)
                                : probability_table(eval, recipe, outputs, width, question->count);
    return question->single ? answer(eval, recipe, outputs, width) : answer_list(eval, recipe, outputs, width, question->count);
}

static struct value predict_all(struct eval *eval, const struct model *model, const struct question *question)
{
    const struct recipe *recipe = model->recipe;
    uint32_t width = model_output_width(model);
    if (!columns_check(eval, recipe, question))
        return value_failed();
    float *inputs = mem_floats((size_t)question->count * model_input_width(model) + 1);
    float *outputs = mem_floats((size_t)question->count * width + 1);
    struct value value = inputs && outputs ? value_none() : eval_out_of_memory(eval, question->span);
    if (!failed(value) && !question_inputs(eval, recipe, question, inputs))
        value = value_failed();
    if (!failed(value))
        value = model_predict(model, inputs, question->count, outputs) ? reply(eval, recipe, question, outputs, width)
                                                                       : eval_out_of_memory(eval, question->span);
    mem_free_floats(inputs);
    mem_free_floats(outputs);
    return value;
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

/* What the prediction of a run that nel check did not train is like; the rows must fit the data that it would be trained on. */
static struct value predict_unknown(struct eval *eval, const struct recipe *recipe, const struct question *question)
{
    struct value x = question->x;
    if (!recipe || value_content(x) == VALUE_UNKNOWN)
        return value_unknown();
    if (!columns_check(eval, recipe, question))
        return value_failed();
    bool row_known = x.kind == VALUE_RECORD || (x.kind == VALUE_LIST && !x.list->open);
    for (uint32_t i = 0; row_known && i < question->count; i++) {
        struct value row = question_row(question, i);
        if (row.kind != VALUE_UNKNOWN && !(row.kind == VALUE_LIST && row.list->open) &&
            !row_fits(eval, recipe, row, question->span)) {
            row_is_wrong(eval, question, i);
            return value_failed();
        }
    }
    if (question->proba)
        return question->single ? probabilities(eval, recipe, NULL, 0) : probability_table(eval, recipe, NULL, 0, 0);
    enum value_kind label = recipe->class_names ? VALUE_STRING : VALUE_NUMBER;
    struct value one = value_unknown_of(recipe->target == TARGET_CLASS ? label : VALUE_NUMBER);
    if (recipe->target != TARGET_CLASS && recipe->outputs > 1)
        one = list_of_unknown(eval, one);
    return failed(one) || question->single ? one : list_of_unknown(eval, one);
}

/* Whether there are probabilities to tell; else the error that says why not. `head` of a network that has one already. */
static bool tells_probabilities(struct eval *eval, const struct run *run, const struct recipe *recipe, struct span span)
{
    const struct gene *output = run->molecule ? molecule_output(run->molecule) : NULL;
    if (recipe && recipe->target != TARGET_CLASS)
        eval_error_help(eval, span, "`predict(run, x)` gives the values", "this run predicts values, which have no probabilities");
    else if (output && output->head != HEAD_SOFTMAX && output->head != HEAD_SIGMOID)
        eval_error_help(eval, span, "`predict(run, x)` gives the class; those of `softmax` and `sigmoid` are probabilities",
                        "the outputs of this run come from a `%s` head and are no probabilities", head_names[output->head]);
    else
        return true;
    return false;
}

static struct value predict(struct eval *eval, const struct args *args, bool proba)
{
    struct question question;
    bool unknown = may_be_run(args->at[0]);
    const struct run *run = unknown ? NULL : run_of(eval, args->at[0], args->span[0]);
    if ((!run && !unknown) || !question_read(eval, args->at[1], args->span[1], proba, &question))
        return value_failed();
    const struct recipe *recipe = !run            ? NULL
                                  : run->training ? run->training->model->recipe
                                  : run->prepared ? run->prepared->recipe
                                                  : NULL;
    if (proba && run && !tells_probabilities(eval, run, recipe, args->span[0]))
        return value_failed();
    return unknown || !run->training ? predict_unknown(eval, recipe, &question)
                                     : predict_all(eval, run->training->model, &question);
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

/* ---- how well a run does on other data ---- */

/* Whether a network of given numbers, which has met no data, can be asked for the classes of this one. */
static bool tells_classes(const struct run *run, const struct dataset *data)
{
    if (run->prepared || !run->training || data->table->target != TARGET_CLASS)
        return false;
    const struct model *model = run->training->model;
    const struct gene *output = molecule_output(model->molecule);
    return output->head != HEAD_LINEAR && model_input_width(model) == data->table->columns &&
           (output->width == data->table->outputs || (output->width == 1 && data->table->outputs == 2));
}

/* Its outputs stand for the classes of the data in their order. */
static struct value score_given(struct eval *eval, const struct run *run, const struct dataset *data, struct span span)
{
    struct recipe *recipe = recipe_as_it_is(data->table);
    if (!recipe)
        return eval_out_of_memory(eval, span);
    struct model model = *run->training->model;
    struct training training = *run->training;
    struct run reader = *run, *one = &reader;
    model.recipe = recipe;
    training.model = &model;
    reader.training = &training;
    struct value scores = runs_score_on(eval, &one, 1, false, data, span);
    recipe_release(recipe);
    return scores;
}

static struct value call_score(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    struct value run = args->at[0], data = args->at[1];
    enum value_kind kind = value_content(data);
    if (kind == VALUE_SPLIT)
        return eval_error_help(eval, args->span[1], "`score(run, data.test)`, say", "score which part of this split?");
    if (kind != VALUE_DATASET && kind != VALUE_UNKNOWN)
        return eval_error_type(eval, args->span[1], "a data set", data);
    if (may_be_run(run) || data.kind == VALUE_UNKNOWN)
        return value_unknown_of(VALUE_RECORD);
    if (run.kind == VALUE_RUNS)
        return runs_score_on(eval, run.runs->items, run.runs->count, true, data.dataset->dataset, args->span[1]);
    struct run *one = (struct run *)run_of(eval, run, args->span[0]);
    if (one && tells_classes(one, data.dataset->dataset))
        return score_given(eval, one, data.dataset->dataset, args->span[1]);
    return one ? runs_score_on(eval, &one, 1, false, data.dataset->dataset, args->span[1]) : value_failed();
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
    if (training->epochs == 0)
        text_add(&text, "nothing was trained");
    else if (!run_diagnosis(run, &text))
        text_addf(&text, "nothing went wrong: the loss went from %.3g to %.3g in %u epochs", training->first_loss,
                  training->last_loss, training->epochs);
    return value_text(eval, &text);
}

const struct builtin_row builtins_learn[] = {
    {"predict(run: any, x: any)",
     "What the model says of one row (a list, or a record by feature names; `none` for a missing value): a class or a value. Of "
     "several rows, a list or table of them or a data set, a list of that.",
     call_predict},
    {"predict_proba(run: any, x: any)",
     "As predict, but the probability of each class: of one row a record by class names, `p[\"yes\"]`, of several a table with a "
     "column for each class. Classes without names have their numbers.",
     call_predict_proba},
    {"score(run: any, data: any): record",
     "The figures of a run on another data set, as `run.test` has them: its target must be there too. Of several trials each is "
     "an estimate.",
     call_score},
    {"why(run: any): text", "Why a run went wrong, in words.", call_why},
};
const size_t builtins_learn_count = sizeof builtins_learn / sizeof *builtins_learn;
