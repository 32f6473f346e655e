/* `predict` and `predict_proba`: from raw rows to the network's inputs, and from its outputs to answers. */
#include "study/predict.h"

#include <math.h>

#include "interp/ensemble_figures.h"
#include "interp/figures.h"
#include "interp/table.h"
#include "interp/unknown.h"
#include "study/learn.h"
#include "support/memory.h"
#include "support/number.h"

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

/* The raw values of one row given as a record or a list, to be freed; NULL with a diagnostic. */
static float *raw_row(struct eval *eval, const struct recipe *recipe, struct value row, struct span span)
{
    float *raw = mem_array(recipe->columns, sizeof *raw);
    if (!raw) {
        diag_out_of_memory(eval->diags, span);
        return NULL;
    }
    if (row.kind == VALUE_RECORD ? row_of_record(eval, recipe, row.record, span, raw)
                                 : row_of_list(eval, recipe, row.list, span, raw))
        return raw;
    mem_free(raw);
    return NULL;
}

/* The network's inputs [width] for one row; false with a diagnostic. */
static bool inputs_of_row(struct eval *eval, const struct recipe *recipe, struct value row, struct span span, float *inputs)
{
    float *raw = raw_row(eval, recipe, row, span);
    const bool well = raw && recipe_row(recipe, raw, inputs, span, eval->diags);
    mem_free(raw);
    return well;
}

/* Whether a row has the columns that the recipe reads; what nel check can say of it. */
static bool row_fits(struct eval *eval, const struct recipe *recipe, struct value row, struct span span)
{
    float *raw = raw_row(eval, recipe, row, span);
    mem_free(raw);
    return raw;
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
    uint32_t best = 0;
    for (uint32_t i = 1; i < width; i++)
        if (outputs[i] > outputs[best])
            best = i;
    return class_value(eval, recipe, best);
}

/* A probability for each class: as a record by their names, or unknown ones in nel check (`outputs` NULL). */
static struct value probabilities(struct eval *eval, const struct recipe *recipe, const float *outputs)
{
    struct value names = class_names(eval, recipe), record = failed(names) ? names : value_record(eval);
    for (uint32_t class = 0; !failed(record) && class < recipe->outputs; class ++) {
        struct value p = outputs ? value_number(outputs[class]) : value_unknown_of(VALUE_NUMBER);
        if (!record_set(eval, record.record, string_str(names.list->items[class].string), p))
            return value_failed();
    }
    return record;
}

/* The same of many rows, as a table with a column for each class. In nel check a table with one row for all. */
static struct value probability_table(struct eval *eval, const struct recipe *recipe, const float *outputs, uint32_t count)
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
            cells[class] = outputs ? value_number(outputs[(size_t)i * recipe->outputs + class]) : value_unknown_of(VALUE_NUMBER);
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

/* The inputs of one network for all rows of a question. */
static bool write_question(struct eval *eval, const struct run *run, const struct asked *asked, float *inputs)
{
    const struct question *question = asked->rows;
    const struct recipe *recipe = run->training->model->recipe;
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
        return question->single ? probabilities(eval, recipe, outputs) : probability_table(eval, recipe, outputs, question->count);
    return question->single ? answer(eval, recipe, outputs, width) : answer_list(eval, recipe, outputs, width, question->count);
}

static struct value predict_all(struct eval *eval, const struct predictor *predictor, const struct question *question)
{
    const struct recipe *recipe = predictor->run->training->model->recipe;
    const struct asked asked = {question->count, question->span, write_question, question};
    const uint32_t width = predictor_width(predictor);
    if (!columns_check(eval, recipe, question))
        return value_failed();
    float *outputs = mem_floats((size_t)question->count * width + 1);
    struct value value = outputs ? value_none() : eval_out_of_memory(eval, question->span);
    if (!failed(value))
        value =
            predictor_outputs(eval, predictor, &asked, outputs) ? reply(eval, recipe, question, outputs, width) : value_failed();
    mem_free_floats(outputs);
    return value;
}

/* ---- many rows of plain numbers ---- */

/* Rows that are predicted at once: enough to fill the machine, and a bounded copy of the features. */
#define ROWS_AT_ONCE 1024

static bool write_plain(struct eval *eval, const struct run *run, const struct asked *asked, float *inputs)
{
    const struct recipe *recipe = run->training->model->recipe;
    const float *features = asked->rows;
    for (size_t i = 0; i < asked->count; i++)
        if (!recipe_row(recipe, features + i * recipe->columns, inputs + i * recipe->width, SPAN_NONE, eval->diags))
            return false;
    return true;
}

bool predict_rows(struct eval *eval, const struct predictor *predictor, const float *features, size_t rows, size_t columns,
                  float *out)
{
    const struct recipe *recipe = predictor->run->training->model->recipe;
    if (columns != recipe->columns)
        return eval_error(eval, SPAN_NONE, "the model reads %u features, a row has %zu", recipe->columns, columns), false;
    for (size_t at = 0; at < rows; at += ROWS_AT_ONCE) {
        const uint32_t some = rows - at < ROWS_AT_ONCE ? (uint32_t)(rows - at) : ROWS_AT_ONCE;
        const struct asked asked = {some, SPAN_NONE, write_plain, features + at * columns};
        if (!predictor_outputs(eval, predictor, &asked, out + at * predictor_width(predictor)))
            return false;
    }
    return true;
}

/* ---- the built-ins ---- */

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
        return question->single ? probabilities(eval, recipe, NULL) : probability_table(eval, recipe, NULL, 0);
    enum value_kind label = recipe->class_names ? VALUE_STRING : VALUE_NUMBER;
    struct value one = value_unknown_of(recipe->target == TARGET_CLASS ? label : VALUE_NUMBER);
    if (recipe->target != TARGET_CLASS && recipe->outputs > 1)
        one = list_of_unknown(eval, one);
    return failed(one) || question->single ? one : list_of_unknown(eval, one);
}

/* Whether there are probabilities to tell; else the error that says why not. */
static bool tells_probabilities(struct eval *eval, const struct predictor *predictor, const struct recipe *recipe, struct span span)
{
    const struct run *run = predictor->run;
    const struct gene *output = run->molecule && !predictor->ensemble ? molecule_output(run->molecule) : NULL;
    if (recipe && recipe->target != TARGET_CLASS)
        eval_error_help(eval, span, "`predict(run, x)` gives the values", "%s predicts values, which have no probabilities",
                        predictor->ensemble ? "this ensemble" : "this run");
    else if (output && !head_tells_probabilities(output->head))
        eval_error_help(eval, span, "`predict(run, x)` gives the class; those of `softmax` and `sigmoid` are probabilities",
                        "the outputs of this run come from a `%s` head and are no probabilities", head_names[output->head]);
    else
        return true;
    return false;
}

static struct value predict(struct eval *eval, const struct args *args, bool proba)
{
    struct question question;
    struct predictor predictor = {0};
    const bool unknown = may_answer(args->at[0]);
    if ((!unknown && !predictor_of(eval, args->at[0], args->span[0], &predictor)) ||
        !question_read(eval, args->at[1], args->span[1], proba, &question))
        return value_failed();
    const struct run *run = predictor.run;
    const struct recipe *recipe = run ? run_recipe(run) : NULL;
    if (proba && run && !tells_probabilities(eval, &predictor, recipe, args->span[0]))
        return value_failed();
    return unknown || !run->training ? predict_unknown(eval, recipe, &question) : predict_all(eval, &predictor, &question);
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

const struct builtin_row builtins_predict[] = {
    {"predict(run: any, x: any)",
     "What the model says of one row (a list, or a record by feature names; `none` for a missing value): a class or a value. Of "
     "several rows, a list or table of them or a data set, a list of that. An ensemble answers as one.",
     call_predict},
    {"predict_proba(run: any, x: any)",
     "As predict, but the probability of each class: of one row a record by class names, `p[\"yes\"]`, of several a table with a "
     "column for each class. Classes without names have their numbers.",
     call_predict_proba},
};
const size_t builtins_predict_count = sizeof builtins_predict / sizeof *builtins_predict;
