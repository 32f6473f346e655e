/* Built-ins that make data sets from functions and lists. */
#include <math.h>
#include <stdlib.h>

#include "data/readers.h"
#include "interp/objects.h"
#include "interp/place.h"
#include "library/builtins.h"
#include "support/limits.h"
#include "support/memory.h"
#include "support/number.h"

/* Most inputs of a truth table: 2^20 rows. */
#define TRUTH_INPUTS 20

/* What a function gives as a class: false and true are 0 and 1. */
static bool class_of(struct eval *eval, struct value value, struct span span, int32_t *label)
{
    if (value.kind == VALUE_BOOL) {
        *label = value.boolean;
        return true;
    }
    if (value.kind == VALUE_NUMBER && value.number >= 0 && value.number < LIMIT_CLASSES && value.number == floor(value.number)) {
        *label = (int32_t)value.number;
        return true;
    }
    if (!failed(value))
        eval_error_type(eval, span, "true, false or the number of a class", value);
    return false;
}

static struct value call_truth(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    if (args->at[0].number > TRUTH_INPUTS)
        return eval_error(eval, args->span[0], "a truth table has at most %d inputs", TRUTH_INPUTS);
    uint32_t inputs = (uint32_t)args->at[0].number, rows = 1u << inputs, classes = 2;
    struct table *table = table_new(rows, inputs, TARGET_CLASS, classes);
    if (!table)
        return eval_out_of_memory(eval, args->call);
    for (uint32_t r = 0; r < rows; r++) {
        struct argument bits[TRUTH_INPUTS];
        for (uint32_t c = 0; c < inputs; c++) {
            bool bit = r >> (inputs - 1 - c) & 1;
            bits[c] = (struct argument){.value = value_bool(bit), .span = args->span[1]};
            table->x[(size_t)r * inputs + c] = bit;
        }
        size_t mark = pool_mark(eval);
        struct value value = call_value(eval, args->at[1], bits, inputs, args->span[1]);
        if (value.kind == VALUE_UNKNOWN) { /* nel check: so are the classes */
            table_release(table);
            return value_unknown_of(VALUE_DATASET);
        }
        bool well = class_of(eval, value, args->span[1], &table->labels[r]);
        pool_drain(eval, mark, value_none());
        if (!well) {
            table_release(table);
            return value_failed();
        }
        if ((uint32_t)table->labels[r] >= classes)
            classes = (uint32_t)table->labels[r] + 1;
    }
    table->outputs = classes;
    return value_dataset(eval, dataset_of(table, "truth"));
}

static bool number_of(struct value value, float *number)
{
    if (value.kind == VALUE_BOOL)
        *number = value.boolean;
    else if (value.kind == VALUE_NUMBER && isfinite(value.number))
        *number = (float)value.number;
    else
        return false;
    return true;
}

static bool value_in(struct eval *eval, struct value value, struct span span, float *number)
{
    if (!number_of(value, number))
        eval_error_type(eval, span, "a finite number", value);
    return number_of(value, number);
}

/* The width of a list of rows: numbers are rows of one value. False with a diagnostic where rows differ. */
static bool rows_width(struct eval *eval, const struct list *rows, struct span span, uint32_t *width)
{
    for (size_t i = 0; i < rows->count; i++) {
        size_t here = rows->items[i].kind == VALUE_LIST ? rows->items[i].list->count : 1;
        if (i > 0 && here != *width) {
            eval_error(eval, span_of_item(eval, span, i), "row %zu has %s, the rows before it %u", i,
                       counted((double)here, "value", "values").text, *width);
            return false;
        }
        if (here == 0 || here > LIMIT_COLUMNS) {
            eval_error(eval, span_of_item(eval, span, i), "row %zu has %s", i, counted((double)here, "value", "values").text);
            return false;
        }
        *width = (uint32_t)here;
    }
    return true;
}

static bool fill_rows(struct eval *eval, const struct list *rows, uint32_t width, struct span span, float *out)
{
    for (size_t i = 0; i < rows->count; i++)
        for (uint32_t c = 0; c < width; c++) {
            struct value item = rows->items[i].kind == VALUE_LIST ? rows->items[i].list->items[c] : rows->items[i];
            if (number_of(item, &out[i * width + c]))
                continue;
            const struct span row = span_of_item(eval, span, i);
            eval_error_type(eval, rows->items[i].kind == VALUE_LIST ? span_of_item(eval, row, c) : row, "a finite number", item);
            return false;
        }
    return true;
}

static int by_text(const void *a, const void *b)
{
    return str_compare(*(const struct str *)a, *(const struct str *)b);
}

/* The different texts of `y` in sorted order, views; the caller frees them. NULL with a diagnostic. */
static struct str *texts_sorted(struct eval *eval, const struct list *y, struct span span, uint32_t *count)
{
    struct str *texts = mem_array(y->count, sizeof *texts);
    if (!texts)
        return eval_out_of_memory(eval, span), NULL;
    for (size_t i = 0; i < y->count; i++) {
        if (y->items[i].kind != VALUE_STRING) {
            eval_error_type(eval, span_of_item(eval, span, i), "the name of a class, as the other targets are", y->items[i]);
            mem_free(texts);
            return NULL;
        }
        texts[i] = string_str(y->items[i].string);
    }
    qsort(texts, y->count, sizeof *texts, by_text);
    *count = 0;
    for (size_t i = 0; i < y->count; i++)
        if (*count == 0 || !str_equal(texts[*count - 1], texts[i]))
            texts[(*count)++] = texts[i];
    if (*count >= 2 && *count <= LIMIT_CLASSES)
        return texts;
    eval_error(eval, span, "expected 2 to %s, found %s", counted(LIMIT_CLASSES, "class", "classes").text,
               counted(*count, "", "").text);
    mem_free(texts);
    return NULL;
}

static bool name_classes(struct table *table, const struct str *texts, uint32_t count)
{
    const char **names = mem_array(count, sizeof *names);
    bool well = names != NULL;
    for (uint32_t i = 0; well && i < count; i++)
        well = (names[i] = mem_copy_text(texts[i].at, texts[i].len)) != NULL;
    well = well && table_name_classes(table, names);
    for (uint32_t i = 0; names && i < count; i++)
        mem_free((void *)names[i]);
    mem_free(names);
    return well;
}

/* A data set whose targets are the names of classes. */
static struct table *table_of_names(struct eval *eval, const struct list *y, uint32_t width, const struct args *args)
{
    uint32_t count;
    struct str *texts = texts_sorted(eval, y, args->span[1], &count);
    if (!texts)
        return NULL;
    struct table *table = table_new((uint32_t)y->count, width, TARGET_CLASS, count);
    if (table && !name_classes(table, texts, count)) {
        table_release(table);
        table = NULL;
    }
    for (size_t i = 0; table && i < y->count; i++) {
        const struct str name = string_str(y->items[i].string);
        const struct str *found = bsearch(&name, texts, count, sizeof *texts, by_text);
        table->labels[i] = (int32_t)(found - texts);
    }
    mem_free(texts);
    if (!table)
        eval_out_of_memory(eval, args->call);
    return table;
}

/* Targets are classes where all are true or false, or whole numbers from 0 that `classes: true` says are labels. */
static bool are_classes(const struct list *y, bool wanted)
{
    for (size_t i = 0; i < y->count; i++)
        if (y->items[i].kind != VALUE_BOOL && !wanted)
            return false;
    return true;
}

static bool fill_labels(struct eval *eval, const struct list *y, struct span span, struct table *table)
{
    for (size_t i = 0; i < y->count; i++) {
        if (!class_of(eval, y->items[i], span, &table->labels[i]))
            return false;
        if ((uint32_t)table->labels[i] >= table->outputs)
            table->outputs = (uint32_t)table->labels[i] + 1;
    }
    return true;
}

static struct value call_dataset(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    const struct list *x = args->at[0].list, *y = args->at[1].list;
    uint32_t width = 0, outputs = 0;
    if (x->count == 0 || x->count != y->count)
        return eval_error(eval, args->call, "a data set needs as many targets as rows: found %zu rows and %zu targets", x->count,
                          y->count);
    if (!rows_width(eval, x, args->span[0], &width) || !rows_width(eval, y, args->span[1], &outputs))
        return value_failed();
    if ((double)x->count * (width + outputs) > LIMIT_DATA_VALUES)
        return eval_error(eval, args->call, "this data set has more than %zu values", (size_t)LIMIT_DATA_VALUES);
    if (y->items[0].kind == VALUE_STRING) {
        struct table *named = table_of_names(eval, y, width, args);
        if (named && fill_rows(eval, x, width, args->span[0], named->x))
            return value_dataset(eval, dataset_of(named, "dataset"));
        table_release(named);
        return value_failed();
    }
    bool classes = are_classes(y, args->at[2].boolean);
    struct table *table = table_new((uint32_t)x->count, width, classes ? TARGET_CLASS : TARGET_VALUE, classes ? 2 : outputs);
    if (!table)
        return eval_out_of_memory(eval, args->call);
    bool well = fill_rows(eval, x, width, args->span[0], table->x) &&
                (classes ? fill_labels(eval, y, args->span[1], table) : fill_rows(eval, y, outputs, args->span[1], table->y));
    if (well)
        return value_dataset(eval, dataset_of(table, "dataset"));
    table_release(table);
    return value_failed();
}

static struct value call_sampled(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    double from = args->at[1].number, to = args->at[2].number, n = args->at[3].number;
    if (n > LIMIT_DATA_VALUES / 2)
        return eval_error(eval, args->span[3], "`n` is too large");
    struct table *table = table_new((uint32_t)n, 1, TARGET_VALUE, 1);
    if (!table)
        return eval_out_of_memory(eval, args->call);
    for (uint32_t i = 0; i < table->rows; i++) {
        double x = n > 1 ? from + (to - from) * i / (n - 1) : from;
        table->x[i] = (float)x;
        size_t mark = pool_mark(eval);
        struct value y = call_one(eval, args->at[0], value_number(x), args->span[0]);
        bool unknown =
            y.kind == VALUE_UNKNOWN && (y.of == VALUE_NUMBER || y.of == VALUE_UNKNOWN); /* nel check: the shape will do */
        bool well = unknown || (!failed(y) && value_in(eval, y, args->span[0], &table->y[i]));
        pool_drain(eval, mark, value_none());
        if (!well) {
            table_release(table);
            return value_failed();
        }
    }
    return value_dataset(eval, dataset_of(table, "sampled"));
}

const struct builtin_row builtins_made[] = {
    {"truth(inputs: count, f: function): dataset",
     "The truth table of a function of so many bits: `truth(2, fn(a, b) = a != b)`. What selects (`stop`, `grow`, `evolve`) takes "
     "a "
     "fifth of the rows away to select by; `validation: table` among the options of training has it select by all rows.",
     call_truth},
    {"dataset(x: list, y: list, classes: bool = false): dataset",
     "A data set from lists: `x` holds a list of numbers a row, `y` a target a row. Booleans are classes, numbers are values, or "
     "labels with `classes: true`.",
     call_dataset},
    {"sampled(f: function, from: number = 0, to: number = 1, n: count = 200): dataset",
     "A regression task: `n` points evenly spaced, the target is `f(x)`.", call_sampled},
};
const size_t builtins_made_count = sizeof builtins_made / sizeof *builtins_made;
