/* Values from what a program has: numbers, texts, arrays. */
#include <math.h>
#include <string.h>

#include "api/api.h"
#include "interp/objects.h"
#include "support/limits.h"

/* ---- plain values ---- */

static nel_value *make(nel_session *session, struct value value)
{
    struct work work;
    return work_begin(&work, session, WORK_PLAIN) ? work_end(&work, value) : work.refused;
}

nel_value *nel_none(nel_session *session)
{
    return make(session, value_none());
}

nel_value *nel_bool(nel_session *session, bool truth)
{
    return make(session, value_bool(truth));
}

nel_value *nel_number(nel_session *session, double number)
{
    return make(session, value_number(number));
}

nel_value *nel_text(nel_session *session, const char *text, size_t length)
{
    struct work work;
    if (!text && length > 0)
        return &failure_null;
    if (!work_begin(&work, session, WORK_PLAIN))
        return work.refused;
    struct str given = {text, length};
    return work_end(&work, work_utf8(&work, given) ? value_string(&work.eval, given) : value_failed());
}

/* ---- lists and records ---- */

nel_value *nel_list(nel_session *session, nel_value *const *items, size_t count)
{
    struct work work;
    nel_value *unfit = values_unfit(session, items, count);
    if (unfit)
        return unfit;
    if (!work_begin(&work, session, WORK_PLAIN))
        return work.refused;
    struct value list = value_list(&work.eval);
    for (size_t i = 0; !failed(list) && i < count; i++)
        if (!list_add(&work.eval, list.list, items[i]->value))
            list = value_failed();
    return work_end(&work, list);
}

nel_value *nel_list_numbers(nel_session *session, const double *numbers, size_t count)
{
    struct work work;
    if (!numbers && count > 0)
        return &failure_null;
    if (!work_begin(&work, session, WORK_PLAIN))
        return work.refused;
    struct value list = value_list(&work.eval);
    for (size_t i = 0; !failed(list) && i < count; i++)
        if (!list_add(&work.eval, list.list, value_number(numbers[i])))
            list = value_failed();
    return work_end(&work, list);
}

nel_value *nel_record(nel_session *session, const char *const *keys, nel_value *const *values, size_t count)
{
    struct work work;
    nel_value *unfit = count > 0 && !keys ? &failure_null : values_unfit(session, values, count);
    for (size_t i = 0; !unfit && i < count; i++)
        unfit = keys[i] ? NULL : &failure_null;
    if (unfit)
        return unfit;
    if (!work_begin(&work, session, WORK_PLAIN))
        return work.refused;
    struct value record = value_record(&work.eval);
    for (size_t i = 0; !failed(record) && i < count; i++)
        if (!work_utf8(&work, str_of(keys[i])) || !record_set(&work.eval, record.record, str_of(keys[i]), values[i]->value))
            record = value_failed();
    return work_end(&work, record);
}

/* ---- data sets ---- */

/* A table with these features and room for targets; NULL with a diagnostic. */
static struct table *table_make(struct work *work, const float *x, size_t rows, size_t columns, enum target_kind target,
                                size_t outputs)
{
    if (!table_size_allowed("this data set", rows, columns, SPAN_NONE, &work->diags) ||
        (target == TARGET_VALUE && !table_size_allowed("the target", rows, outputs, SPAN_NONE, &work->diags)))
        return NULL;
    struct table *table = table_new((uint32_t)rows, (uint32_t)columns, target, (uint32_t)outputs);
    if (!table) {
        eval_out_of_memory(&work->eval, SPAN_NONE);
        return NULL;
    }
    memcpy(table->x, x, rows * columns * sizeof *x);
    return table;
}

static struct value dataset_make(struct work *work, struct table *table, bool well)
{
    if (!well) {
        table_release(table);
        return value_failed();
    }
    struct dataset *dataset = dataset_of(table, "data");
    return dataset ? value_dataset(&work->eval, dataset) : eval_out_of_memory(&work->eval, SPAN_NONE);
}

static bool labels_copy(struct work *work, struct table *table, const int32_t *labels)
{
    for (uint32_t i = 0; i < table->rows; i++) {
        if (labels[i] < 0 || (uint32_t)labels[i] >= table->outputs)
            return work_error(work, "row %u has the class %d; there are %u, counted from 0", i, labels[i], table->outputs), false;
        table->labels[i] = labels[i];
    }
    return true;
}

nel_value *nel_data_classes(nel_session *session, const float *x, size_t rows, size_t columns, const int32_t *labels,
                            size_t classes)
{
    struct work work;
    if (!x || !labels)
        return &failure_null;
    if (!work_begin(&work, session, WORK_PLAIN))
        return work.refused;
    if (classes < 2 || classes > LIMIT_CLASSES)
        return work_end(&work, work_error(&work, "a data set has 2 to %d classes, not %zu", LIMIT_CLASSES, classes));
    struct table *table = table_make(&work, x, rows, columns, TARGET_CLASS, classes);
    return work_end(&work, table ? dataset_make(&work, table, labels_copy(&work, table, labels)) : value_failed());
}

static bool values_copy(struct work *work, struct table *table, const float *y)
{
    for (size_t i = 0; i < (size_t)table->rows * table->outputs; i++) {
        if (!isfinite(y[i]))
            return work_error(work, "the target of row %zu is %s", i / table->outputs, isnan(y[i]) ? "missing" : "infinite"), false;
        table->y[i] = y[i];
    }
    return true;
}

nel_value *nel_data_values(nel_session *session, const float *x, size_t rows, size_t columns, const float *y, size_t outputs)
{
    struct work work;
    if (!x)
        return &failure_null;
    if (!work_begin(&work, session, WORK_PLAIN))
        return work.refused;
    struct table *table = table_make(&work, x, rows, columns, y ? TARGET_VALUE : TARGET_NONE, y ? outputs : 0);
    return work_end(&work, table ? dataset_make(&work, table, !y || values_copy(&work, table, y)) : value_failed());
}
