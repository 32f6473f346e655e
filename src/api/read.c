/* What is in a value. */
#include <math.h>

#include "api/api.h"
#include "interp/evaluate.h"
#include "interp/objects.h"

/* ---- at once ---- */

nel_kind nel_kind_of(const nel_value *value)
{
    static const nel_kind kinds[] = {
        [VALUE_FAILED] = NEL_FAILURE,    [VALUE_NONE] = NEL_NONE,         [VALUE_BOOL] = NEL_BOOL,
        [VALUE_NUMBER] = NEL_NUMBER,     [VALUE_UNKNOWN] = NEL_OTHER,     [VALUE_STRING] = NEL_TEXT,
        [VALUE_WORD] = NEL_TEXT,         [VALUE_LIST] = NEL_LIST,         [VALUE_RECORD] = NEL_RECORD,
        [VALUE_ESTIMATE] = NEL_ESTIMATE, [VALUE_FUNCTION] = NEL_FUNCTION, [VALUE_BUILTIN] = NEL_FUNCTION,
        [VALUE_SPEC] = NEL_OTHER,        [VALUE_ELEMENT] = NEL_ELEMENT,   [VALUE_MOLECULE] = NEL_MOLECULE,
        [VALUE_DATASET] = NEL_DATA,      [VALUE_SPLIT] = NEL_DATA,        [VALUE_MODEL] = NEL_OTHER,
        [VALUE_RUN] = NEL_RUN,           [VALUE_RUNS] = NEL_RUN,          [VALUE_TABLE] = NEL_TABLE,
        [VALUE_RULE] = NEL_OTHER,        [VALUE_GROWTH] = NEL_OTHER,      [VALUE_EVOLUTION] = NEL_OTHER,
        [VALUE_MODULE] = NEL_OTHER,
    };
    return value ? kinds[value->value.kind] : NEL_FAILURE;
}

const char *nel_kind_name(const nel_value *value)
{
    return !value || failed(value->value) ? "failure" : value_kind_name(value->value.kind);
}

nel_status nel_status_of(const nel_value *value)
{
    return value ? value->status : NEL_MISUSE;
}

double nel_number_of(const nel_value *value)
{
    double number;
    return value && value_as_number(value->value, &number) ? number : NAN;
}

bool nel_bool_of(const nel_value *value)
{
    return value && value->value.kind == VALUE_BOOL && value->value.boolean;
}

const char *nel_text_of(const nel_value *value)
{
    return nel_kind_of(value) == NEL_TEXT ? value->value.string->at : NULL;
}

size_t nel_text_length(const nel_value *value)
{
    return nel_kind_of(value) == NEL_TEXT ? value->value.string->len : 0;
}

size_t nel_diagnostics(const nel_value *value)
{
    return value ? value->diagnostic_count : 0;
}

const nel_diagnostic *nel_diagnostic_at(const nel_value *value, size_t index)
{
    return index < nel_diagnostics(value) ? &value->diagnostics[index] : NULL;
}

const char *nel_rendered(const nel_value *value)
{
    return value ? text_chars(&value->rendered) : "";
}

/* ---- parts ---- */

/* Begins work on one value. False where there is nothing to do: then `work->refused` is the answer. */
static bool part_begin(struct work *work, nel_value *value)
{
    work->refused = values_unfit(value ? value->session : NULL, &value, 1);
    return !work->refused && work_begin(work, value->session, WORK_PLAIN);
}

nel_value *nel_member(nel_value *value, const char *name)
{
    struct work work;
    if (!name)
        return &failure_null;
    return part_begin(&work, value) ? work_end(&work, value_member(&work.eval, value->value, str_of(name), SPAN_NONE))
                                    : work.refused;
}

static size_t count_of(struct value value)
{
    switch (value.kind) {
    case VALUE_LIST:
        return value.list->count;
    case VALUE_RECORD:
        return value.record->count;
    case VALUE_TABLE:
        return value.table->rows;
    case VALUE_DATASET:
        return value.dataset->dataset->count;
    case VALUE_ESTIMATE:
        return value.estimate->count;
    default:
        return 0;
    }
}

size_t nel_count(const nel_value *value)
{
    return value ? count_of(value->value) : 0;
}

size_t nel_columns(const nel_value *value)
{
    if (!value)
        return 0;
    return value->value.kind == VALUE_TABLE     ? value->value.table->columns
           : value->value.kind == VALUE_DATASET ? value->value.dataset->dataset->table->columns
                                                : 0;
}

const char *nel_key(const nel_value *value, size_t index)
{
    if (!value)
        return NULL;
    if (value->value.kind == VALUE_RECORD && index < value->value.record->count)
        return value->value.record->fields[index].key->at;
    if (value->value.kind == VALUE_TABLE && index < value->value.table->columns)
        return value->value.table->names[index]->at;
    return NULL;
}

static struct value item_of(struct work *work, struct value value, size_t index)
{
    if (value.kind == VALUE_RECORD && index < value.record->count)
        return value.record->fields[index].value;
    if (value.kind == VALUE_RECORD)
        return work_error(work, "there is no field %zu: the record has %zu, counted from 0", index, value.record->count);
    return value_index(&work->eval, value, value_number((double)index), SPAN_NONE, SPAN_NONE);
}

nel_value *nel_item(nel_value *value, size_t index)
{
    struct work work;
    return part_begin(&work, value) ? work_end(&work, item_of(&work, value->value, index)) : work.refused;
}

static struct value cell_of(struct work *work, struct value value, size_t row, size_t column)
{
    if (value.kind != VALUE_TABLE)
        return work_error(work, "expected a table, found %s", value_kind_article(value.kind));
    const struct table_object *table = value.table;
    if (row >= table->rows || column >= table->columns)
        return work_error(work, "there is no cell %zu, %zu: the table has %zu rows and %zu columns", row, column, table->rows,
                          table->columns);
    return table->cells[row * table->columns + column];
}

nel_value *nel_cell(nel_value *value, size_t row, size_t column)
{
    struct work work;
    return part_begin(&work, value) ? work_end(&work, cell_of(&work, value->value, row, column)) : work.refused;
}

/* ---- numbers ---- */

/* Where numbers go, and how many there were. */
struct numbers {
    double *out;
    size_t size, count;
};

static void numbers_add(struct numbers *numbers, double number)
{
    if (numbers->count < numbers->size)
        numbers->out[numbers->count] = number;
    numbers->count++;
}

/* A list's items are numbers, or lists of numbers; false for anything else. */
static bool numbers_of_list(struct numbers *numbers, const struct list *list, bool nested)
{
    for (size_t i = 0; i < list->count; i++) {
        struct value item = list->items[i];
        double number;
        if (value_as_number(item, &number))
            numbers_add(numbers, number);
        else if (nested || item.kind != VALUE_LIST || !numbers_of_list(numbers, item.list, true))
            return false;
    }
    return true;
}

static bool numbers_of(struct numbers *numbers, struct value value)
{
    switch (value.kind) {
    case VALUE_NUMBER:
        numbers_add(numbers, value.number);
        return true;
    case VALUE_ESTIMATE:
        for (size_t i = 0; i < value.estimate->count; i++)
            numbers_add(numbers, value.estimate->values[i]);
        return true;
    case VALUE_LIST:
        return numbers_of_list(numbers, value.list, false);
    case VALUE_TABLE:
        for (size_t i = 0; i < value.table->rows * value.table->columns; i++) {
            double number;
            if (!value_as_number(value.table->cells[i], &number))
                return false;
            numbers_add(numbers, number);
        }
        return true;
    case VALUE_DATASET:
        for (uint32_t i = 0; i < value.dataset->dataset->count; i++)
            for (uint32_t c = 0; c < value.dataset->dataset->table->columns; c++)
                numbers_add(numbers, dataset_features(value.dataset->dataset, i)[c]);
        return true;
    default:
        return false;
    }
}

size_t nel_numbers(const nel_value *value, double *out, size_t size)
{
    struct numbers numbers = {out, out ? size : 0, 0};
    return value && numbers_of(&numbers, value->value) ? numbers.count : 0;
}

/* ---- as text ---- */

static const char *text_made(struct work *work, nel_value *value, struct text *text, bool rich)
{
    if (!text->at && rich)
        value_show(&work->eval, value->value, SPAN_NONE, text);
    else if (!text->at)
        value_print(&work->eval, value->value, false, text);
    bool well = !text->failed && work->diags.errors == 0;
    if (!well) {
        text_release(text);
        *text = (struct text){0};
    }
    work_close(work);
    return well ? text_chars(text) : NULL;
}

const char *nel_print(nel_value *value)
{
    struct work work;
    if (!value || failed(value->value))
        return nel_rendered(value);
    return part_begin(&work, value) ? text_made(&work, value, &value->printed, false) : NULL;
}

const char *nel_show(nel_value *value)
{
    struct work work;
    if (!value || failed(value->value))
        return nel_rendered(value);
    return part_begin(&work, value) ? text_made(&work, value, &value->shown, true) : NULL;
}
