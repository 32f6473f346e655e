/* See unknown.h. */
#include "interp/unknown.h"

#include <string.h>

#include "interp/objects.h"
#include "interp/table.h"

/* Values nest as deep as memory allows; what lies deeper than this counts as unknown. */
#define KNOWN_DEPTH 100

/* ---- is it known ---- */

static bool known_within(struct value value, int depth);

static bool all_known(const struct value *values, size_t count, int depth)
{
    for (size_t i = 0; i < count; i++)
        if (!known_within(values[i], depth))
            return false;
    return true;
}

static bool record_known(const struct record *record, int depth)
{
    for (size_t i = 0; i < record->count; i++)
        if (!known_within(record->fields[i].value, depth))
            return false;
    return true;
}

static bool known_within(struct value value, int depth)
{
    if (depth == 0)
        return false;
    switch (value.kind) {
    case VALUE_UNKNOWN:
        return false;
    case VALUE_LIST:
        return !value.list->open && all_known(value.list->items, value.list->count, depth - 1);
    case VALUE_RECORD:
        return record_known(value.record, depth - 1);
    case VALUE_SPEC:
        return record_known(value.spec->fields, depth - 1);
    case VALUE_TABLE:
        return !value.table->open && all_known(value.table->cells, value.table->rows * value.table->columns, depth - 1);
    case VALUE_RUN:
        return value.run->training;
    case VALUE_RUNS:
        return value.runs->count > 0 && value.runs->items[0]->training;
    case VALUE_ENSEMBLE:
        return !value.ensemble->open && value.ensemble->members[0]->training;
    case VALUE_EVOLUTION:
        return value.evolution->evolution;
    default:
        return true;
    }
}

bool value_known(struct value value)
{
    return known_within(value, KNOWN_DEPTH);
}

bool unknown_number(struct value value)
{
    return value.kind == VALUE_UNKNOWN && (value.of == VALUE_NUMBER || value.of == VALUE_ESTIMATE || value.of == VALUE_UNKNOWN);
}

/* ---- joining ---- */

static bool same_fields(const struct record *a, const struct record *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (!record_get(b, string_str(a->fields[i].key)))
            return false;
    return true;
}

static struct value join_records(struct eval *eval, const struct record *a, const struct record *b)
{
    if (!same_fields(a, b))
        return value_unknown_of(VALUE_RECORD);
    struct value joined = value_record(eval);
    for (size_t i = 0; !failed(joined) && i < a->count; i++) {
        struct str key = string_str(a->fields[i].key);
        struct value value = value_join(eval, a->fields[i].value, *record_get(b, key));
        if (failed(value) || !record_set(eval, joined.record, key, value))
            return value_failed();
    }
    return joined;
}

static struct value join_lists(struct eval *eval, const struct list *a, const struct list *b)
{
    if (a->count == 0 || b->count == 0)
        return list_open(eval, a->count == 0 ? b : a);
    struct value first = list_item_join(eval, a);
    struct value second = failed(first) ? first : list_item_join(eval, b);
    struct value item = failed(second) ? second : value_join(eval, first, second);
    return failed(item) ? item : list_of_unknown(eval, item);
}

static bool same_columns(const struct table_object *a, const struct table_object *b)
{
    if (a->columns != b->columns)
        return false;
    for (size_t c = 0; c < a->columns; c++)
        if (!str_equal(string_str(a->names[c]), string_str(b->names[c])))
            return false;
    return true;
}

/* One row for both; a table without rows says nothing of its cells. */
static struct value join_tables(struct eval *eval, const struct table_object *a, const struct table_object *b)
{
    if (!same_columns(a, b))
        return value_unknown_of(VALUE_TABLE);
    struct value joined = a->rows ? table_open(eval, a) : table_open(eval, b);
    for (size_t c = 0; !failed(joined) && a->rows && b->rows && c < a->columns; c++) {
        struct value cell = value_join(eval, joined.table->cells[c], table_cell_join(eval, b, c));
        if (failed(cell))
            return cell;
        value_release(joined.table->cells[c]);
        joined.table->cells[c] = value_retain(cell);
    }
    return joined;
}

/* Both are known leaves, or one and the same object. */
static bool plainly_equal(struct value a, struct value b)
{
    if (a.kind == VALUE_UNKNOWN || b.kind == VALUE_UNKNOWN)
        return a.kind == b.kind && a.of == b.of;
    if (VALUE_IS_OBJECT(a) && VALUE_IS_OBJECT(b) && a.object == b.object)
        return true;
    bool container = a.kind == VALUE_LIST || a.kind == VALUE_RECORD || a.kind == VALUE_TABLE || a.kind == VALUE_SPEC;
    return !container && value_equal(a, b);
}

struct value value_join(struct eval *eval, struct value a, struct value b)
{
    if (failed(a) || failed(b) || plainly_equal(a, b))
        return failed(b) ? b : a;
    if (value_content(a) != value_content(b))
        return value_unknown();
    if (a.kind == VALUE_RECORD && b.kind == VALUE_RECORD)
        return join_records(eval, a.record, b.record);
    if (a.kind == VALUE_LIST && b.kind == VALUE_LIST)
        return join_lists(eval, a.list, b.list);
    if (a.kind == VALUE_TABLE && b.kind == VALUE_TABLE)
        return join_tables(eval, a.table, b.table);
    return value_unknown_of(value_content(a));
}

static struct value record_like(struct eval *eval, const struct record *record)
{
    struct value like = value_record(eval);
    for (size_t i = 0; !failed(like) && i < record->count; i++) {
        struct value value = value_like(eval, record->fields[i].value);
        if (failed(value) || !record_set(eval, like.record, string_str(record->fields[i].key), value))
            return value_failed();
    }
    return like;
}

struct value value_like(struct eval *eval, struct value value)
{
    switch (value.kind) {
    case VALUE_NONE:
    case VALUE_FAILED:
        return value;
    case VALUE_RECORD:
        return record_like(eval, value.record);
    case VALUE_LIST:
        return list_open(eval, value.list);
    case VALUE_TABLE:
        return table_open(eval, value.table);
    default: /* what was not trained is unknown already */
        return VALUE_IS_OBJECT(value) && !value_known(value) ? value : value_unknown_of(value_content(value));
    }
}

/* ---- lists and tables of unknown length ---- */

struct value list_item_join(struct eval *eval, const struct list *list)
{
    struct value item = list->count ? list->items[0] : value_unknown();
    for (size_t i = 1; !failed(item) && i < list->count; i++)
        item = value_join(eval, item, list->items[i]);
    return item;
}

struct value list_of_unknown(struct eval *eval, struct value item)
{
    struct value list = failed(item) ? item : value_list(eval);
    if (failed(list) || !list_add(eval, list.list, item))
        return value_failed();
    list.list->open = true;
    return list;
}

struct value list_open(struct eval *eval, const struct list *list)
{
    struct value item = list_item_join(eval, list);
    return list_of_unknown(eval, list->open || failed(item) ? item : value_like(eval, item));
}

struct value table_cell_join(struct eval *eval, const struct table_object *table, size_t column)
{
    struct value cell = table->rows ? table->cells[column] : value_unknown();
    for (size_t r = 1; !failed(cell) && r < table->rows; r++)
        cell = value_join(eval, cell, table->cells[r * table->columns + column]);
    return cell;
}

struct value table_row_join(struct eval *eval, const struct table_object *table)
{
    struct value row = value_record(eval);
    for (size_t c = 0; !failed(row) && c < table->columns; c++) {
        struct value cell = table_cell_join(eval, table, c);
        if (failed(cell) || !record_set(eval, row.record, string_str(table->names[c]), cell))
            return value_failed();
    }
    return row;
}

struct value table_open(struct eval *eval, const struct table_object *table)
{
    struct value open = table_like(eval, table);
    struct value cells = failed(open) ? open : value_list(eval);
    for (size_t c = 0; !failed(cells) && c < table->columns; c++) {
        struct value cell = table_cell_join(eval, table, c);
        cell = table->open || failed(cell) ? cell : value_like(eval, cell);
        if (failed(cell) || !list_add(eval, cells.list, cell))
            return value_failed();
    }
    if (failed(cells) || !table_add_row(eval, open.table, cells.list->items))
        return value_failed();
    open.table->open = true;
    return open;
}

struct value opened_with(struct eval *eval, struct value whole, struct value value)
{
    if (failed(whole) || value_known(value))
        return whole;
    if (whole.kind == VALUE_LIST)
        return list_open(eval, whole.list);
    return whole.kind == VALUE_TABLE ? table_open(eval, whole.table) : whole;
}

/* ---- built-ins ---- */

bool unknowns_carried(const char *signature)
{
    static const char *const names[] = {
        "sort",          "mean",  "pivot",  "best",   "compare",     "predict",  "plot",      "table",   "columns",
        "rows",          "map",   "filter", "reduce", "count",       "any",      "all",       "reverse", "unique",
        "take",          "first", "last",   "length", "append",      "zip",      "enumerate", "keys",    "values",
        "predict_proba", "why",   "dna",    "score",  "continue",    "ensemble", "save",      "signals", "min",
        "max",           "sum",   "sd",     "median", "correlation", "number",   "has"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t length = strlen(names[i]);
        if (strncmp(signature, names[i], length) == 0 && signature[length] == '(')
            return true;
    }
    return false;
}
