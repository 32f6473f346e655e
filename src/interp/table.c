/* Tables as values: what their built-ins, members and views share. */
#include "interp/table.h"

#include "interp/groups.h"
#include "interp/unknown.h"
#include "support/memory.h"
#include "support/suggest.h"

struct value table_row(struct eval *eval, const struct table_object *table, size_t row)
{
    struct value record = value_record(eval);
    for (size_t c = 0; !failed(record) && c < table->columns; c++)
        if (!record_set(eval, record.record, string_str(table->names[c]), table->cells[row * table->columns + c]))
            return value_failed();
    return record;
}

struct value table_rows(struct eval *eval, struct value table)
{
    struct value list = value_list(eval);
    for (size_t r = 0; !failed(list) && r < table.table->rows; r++) {
        size_t mark = pool_mark(eval);
        struct value row = table_row(eval, table.table, r);
        if (failed(row) || !list_add(eval, list.list, row))
            return value_failed();
        pool_drain(eval, mark, value_none());
    }
    if (!failed(list))
        list.list->open = table.table->open;
    return list;
}

struct value table_named(struct eval *eval, const struct str *names, size_t columns)
{
    const char **copies = mem_array(columns + 1, sizeof *copies);
    struct value strings = copies ? value_list(eval) : eval_out_of_memory(eval, SPAN_NONE);
    for (size_t c = 0; !failed(strings) && c < columns; c++) { /* strings end with a NUL, names may not */
        struct value name = value_string(eval, names[c]);
        if (failed(name) || !list_add(eval, strings.list, name))
            strings = value_failed();
        else
            copies[c] = name.string->at;
    }
    struct value table = failed(strings) ? strings : value_table(eval, copies, columns);
    mem_free(copies);
    return table;
}

struct value table_like(struct eval *eval, const struct table_object *table)
{
    struct str *names = mem_array(table->columns + 1, sizeof *names);
    if (!names)
        return eval_out_of_memory(eval, SPAN_NONE);
    for (size_t c = 0; c < table->columns; c++)
        names[c] = string_str(table->names[c]);
    struct value like = table_named(eval, names, table->columns);
    mem_free(names);
    if (!failed(like))
        like.table->axes = table->axes;
    return like;
}

int table_column_named(struct eval *eval, const struct table_object *table, struct str name, struct span span)
{
    int column = table_column(table, name);
    if (column >= 0)
        return column;
    struct suggestion suggestion;
    struct text help = {0};
    suggest_start(&suggestion, name);
    for (size_t c = 0; c < table->columns; c++) {
        suggest_offer(&suggestion, string_str(table->names[c]));
        text_addf(&help, "%s`%.*s`", c == 0 ? "there are " : ", ", STR_ARG(string_str(table->names[c])));
    }
    if (suggestion.best.len) {
        text_clear(&help);
        text_addf(&help, "did you mean `%.*s`?", STR_ARG(suggestion.best));
    }
    eval_error_help(eval, span, help.at, "this table has no column `%.*s`", STR_ARG(name));
    text_release(&help);
    return -1;
}

/* ---- from records ---- */

static bool add_names(struct eval *eval, const struct record *record, struct groups *names)
{
    for (size_t i = 0; i < record->count; i++) {
        struct value name = {.kind = VALUE_STRING, .string = record->fields[i].key};
        size_t number;
        if (!groups_number(names, &name, &number))
            return diag_out_of_memory(eval->diags, SPAN_NONE);
    }
    return true;
}

static struct value fill_from_records(struct eval *eval, const struct list *list, const struct groups *names)
{
    struct str *heads = mem_array(names->count + 1, sizeof *heads);
    struct value *cells = mem_array(names->count + 1, sizeof *cells);
    struct value table = heads && cells ? value_none() : eval_out_of_memory(eval, SPAN_NONE);
    for (size_t c = 0; !failed(table) && c < names->count; c++)
        heads[c] = string_str(names->keys[c].string);
    if (!failed(table))
        table = table_named(eval, heads, names->count);
    for (size_t r = 0; !failed(table) && r < list->count; r++) {
        for (size_t c = 0; c < names->count; c++) {
            const struct value *cell = record_get(list->items[r].record, heads[c]);
            cells[c] = cell ? *cell : value_none();
        }
        if (!table_add_row(eval, table.table, cells))
            table = value_failed();
    }
    mem_free(heads);
    mem_free(cells);
    return table;
}

struct value table_of_records(struct eval *eval, const struct list *list)
{
    struct groups names = {.key_count = 1};
    bool well = true;
    for (size_t i = 0; well && i < list->count; i++)
        well = add_names(eval, list->items[i].record, &names);
    struct value table = well ? fill_from_records(eval, list, &names) : value_failed();
    groups_release(&names);
    return table;
}

/* ---- paths ---- */

static struct str path_head(struct str *path)
{
    struct str head = {path->at, 0};
    while (head.len < path->len && head.at[head.len] != '.')
        head.len++;
    size_t step = head.len < path->len ? head.len + 1 : head.len;
    path->at += step;
    path->len -= step;
    return head;
}

/* Members one after the other, without regard to what the first one is. */
static struct value follow(struct eval *eval, struct value value, struct str path, struct span span)
{
    while (path.len && !failed(value))
        value = value_member(eval, value, path_head(&path), span);
    return value;
}

/* Whether `name` is among a row's own columns, as a whole or up to its first dot. */
static bool begins_with_field(const struct record *record, struct str path)
{
    return record_get(record, path_head(&path));
}

struct value value_path(struct eval *eval, struct value value, struct str path, struct span span)
{
    if (value.kind != VALUE_RECORD)
        return follow(eval, value, path, span);
    const struct value *whole = record_get(value.record, path), *run = record_get(value.record, STR("run"));
    if (whole)
        return *whole;
    return follow(eval, run && !begins_with_field(value.record, path) ? *run : value, path, span);
}

struct value table_cell(struct eval *eval, const struct table_object *table, size_t row, struct str path, struct span span)
{
    const struct value *cells = &table->cells[row * table->columns];
    int column = table_column(table, path);
    if (column >= 0)
        return cells[column];
    struct str rest = path;
    column = table_column(table, path_head(&rest));
    if (column >= 0)
        return follow(eval, cells[column], rest, span);
    column = table_column(table, STR("run"));
    if (column >= 0)
        return follow(eval, cells[column], path, span);
    table_column_named(eval, table, path, span);
    return value_failed();
}
