/* Built-ins on tables: means over rows, pivots, the best row, comparisons (compare.c), tables from records. */
#include <math.h>
#include <string.h>

#include "interp/ensemble_figures.h"
#include "interp/figures.h"
#include "interp/groups.h"
#include "interp/table.h"
#include "interp/unknown.h"
#include "lab/estimate.h"
#include "library/builtins.h"
#include "study/compare.h"
#include "support/memory.h"
#include "support/suggest.h"

/* ---- grouped figures ---- */

/* Columns that rows are grouped by. */
struct by {
    struct str names[TABLE_BY];
    size_t count;
};

static bool by_add(struct eval *eval, const struct table_object *table, struct value name, struct span span, struct by *by)
{
    struct str word;
    if (!value_word(name, &word))
        return eval_error_type(eval, span, "the name of a column", name), false;
    if (by->count == TABLE_BY) {
        eval_error(eval, span, "rows are grouped by at most %d columns", TABLE_BY);
        return false;
    }
    if (table_column_named(eval, table, word, span) < 0)
        return false;
    by->names[by->count++] = word;
    return true;
}

/* A column's name, or a list of them. */
static bool by_of(struct eval *eval, const struct table_object *table, struct value value, struct span span, struct by *by)
{
    *by = (struct by){.count = 0};
    if (value.kind == VALUE_NONE)
        return true;
    if (value.kind != VALUE_LIST)
        return by_add(eval, table, value, span, by);
    for (size_t i = 0; i < value.list->count; i++)
        if (!by_add(eval, table, value.list->items[i], span, by))
            return false;
    return true;
}

/* Rows of a table by group, and a figure of each. */
struct figures {
    struct groups groups;
    size_t *group_of; /* [rows] */
    double *figure;   /* [rows] */
    size_t *rows_of;  /* [groups] */
    double *sorted;   /* [rows] the figures, group by group */
    size_t rows;
};

static void figures_release(struct figures *figures)
{
    groups_release(&figures->groups);
    mem_free(figures->group_of);
    mem_free(figures->figure);
    mem_free(figures->rows_of);
    mem_free(figures->sorted);
}

/* Whether nel check does not know the cell, which may be a number. */
static bool cell_unknown(struct value cell)
{
    return cell.kind == VALUE_UNKNOWN && (cell.of == VALUE_NUMBER || cell.of == VALUE_ESTIMATE || cell.of == VALUE_BOOL ||
                                          cell.of == VALUE_NONE || cell.of == VALUE_UNKNOWN);
}

/* The cell as a number; true and false count as 1 and 0, none and what nel check does not know as not a number. */
static bool cell_number(struct eval *eval, struct value cell, struct str name, struct span span, double *number)
{
    if (value_as_number(cell, number))
        return true;
    *number = cell.kind == VALUE_BOOL ? cell.boolean : NAN;
    if (cell_unknown(cell))
        return true;
    if (cell.kind != VALUE_BOOL && cell.kind != VALUE_NONE && !failed(cell))
        eval_error(eval, span, "`%.*s` holds %s, where a number is wanted", STR_ARG(name), value_article(cell));
    return cell.kind == VALUE_BOOL || cell.kind == VALUE_NONE;
}

static bool figures_read(struct eval *eval, const struct table_object *table, struct str name, const struct by *by,
                         struct span span, struct figures *figures)
{
    int columns[TABLE_BY];
    for (size_t i = 0; i < by->count; i++)
        columns[i] = table_column(table, by->names[i]);
    for (size_t r = 0; r < table->rows; r++) {
        struct value keys[TABLE_BY];
        for (size_t i = 0; i < by->count; i++)
            keys[i] = table->cells[r * table->columns + (size_t)columns[i]];
        if (!groups_number(&figures->groups, keys, &figures->group_of[r]))
            return diag_out_of_memory(eval->diags, span);
        size_t mark = pool_mark(eval);
        bool well = cell_number(eval, table_cell(eval, table, r, name, span), name, span, &figures->figure[r]);
        pool_drain(eval, mark, value_none());
        if (!well)
            return false;
    }
    return true;
}

/* Figures in the order of their groups, those of one group in the order of their rows. */
static bool figures_sort(struct figures *figures)
{
    figures->rows_of = mem_array(figures->groups.count + 1, sizeof *figures->rows_of);
    size_t *next = mem_array(figures->groups.count + 1, sizeof *next);
    if (!figures->rows_of || !next) {
        mem_free(next);
        return false;
    }
    for (size_t r = 0; r < figures->rows; r++)
        figures->rows_of[figures->group_of[r]]++;
    for (size_t g = 0; g < figures->groups.count; g++)
        next[g + 1] = next[g] + figures->rows_of[g];
    for (size_t r = 0; r < figures->rows; r++)
        figures->sorted[next[figures->group_of[r]]++] = figures->figure[r];
    mem_free(next);
    return true;
}

/* False with a diagnostic; to be released either way. */
static bool figures_of(struct eval *eval, const struct table_object *table, struct str name, const struct by *by, struct span span,
                       struct figures *figures)
{
    *figures = (struct figures){.groups.key_count = by->count, .rows = table->rows};
    figures->group_of = mem_array(table->rows + 1, sizeof *figures->group_of);
    figures->figure = mem_array(table->rows + 1, sizeof *figures->figure);
    figures->sorted = mem_array(table->rows + 1, sizeof *figures->sorted);
    if (!figures->group_of || !figures->figure || !figures->sorted)
        return diag_out_of_memory(eval->diags, span);
    if (!figures_read(eval, table, name, by, span, figures))
        return false;
    return figures_sort(figures) || diag_out_of_memory(eval->diags, span);
}

/* One row's figure as it is, several as an estimate. */
static struct value figure_value(struct eval *eval, const double *figures, size_t count)
{
    return count == 1 ? value_number(figures[0]) : value_estimate(eval, figures, count);
}

/* ---- mean ---- */

static struct value mean_of_list(struct eval *eval, const struct args *args)
{
    const struct list *list = args->at[0].list;
    if (list->count == 0)
        return eval_error(eval, args->span[0], "an empty list has no mean");
    double *values = mem_array(list->count, sizeof *values);
    if (!values)
        return eval_out_of_memory(eval, args->call);
    struct value result = value_none();
    for (size_t i = 0; !failed(result) && i < list->count; i++)
        if (!value_as_number(list->items[i], &values[i]))
            result = cell_unknown(list->items[i]) ? value_unknown_of(VALUE_NUMBER)
                                                  : eval_error_type(eval, args->span[0], "a list of numbers", list->items[i]);
    if (result.kind == VALUE_NONE)
        result = list->open ? value_unknown_of(VALUE_NUMBER) : value_number(estimate_of(values, list->count).mean);
    mem_free(values);
    return result;
}

/* How many rows of each group diverged; NULL where the table does not say, or none did. */
static double *count_diverged(const struct table_object *table, const struct figures *figures)
{
    int column = table_column(table, STR("diverged"));
    double *counts = column >= 0 ? mem_array(figures->groups.count + 1, sizeof *counts) : NULL;
    bool any = false;
    for (size_t r = 0; counts && r < table->rows; r++) {
        struct value cell = table->cells[r * table->columns + (size_t)column];
        double number = cell.kind == VALUE_BOOL ? cell.boolean : 0;
        value_as_number(cell, &number);
        counts[figures->group_of[r]] += number;
        any = any || number > 0 || cell.kind == VALUE_UNKNOWN;
    }
    if (any)
        return counts;
    mem_free(counts);
    return NULL;
}

static struct value mean_table(struct eval *eval, const struct figures *figures, struct str name, const struct by *by,
                               const double *diverged)
{
    struct str names[TABLE_BY + 3];
    memcpy(names, by->names, by->count * sizeof *names);
    size_t columns = by->count;
    names[columns++] = name;
    names[columns++] = STR("n");
    if (diverged)
        names[columns++] = STR("diverged");
    struct value table = table_named(eval, names, columns);
    const double *next = figures->sorted;
    for (size_t g = 0; !failed(table) && g < figures->groups.count; g++) {
        struct value cells[TABLE_BY + 3];
        memcpy(cells, &figures->groups.keys[g * by->count], by->count * sizeof *cells);
        cells[by->count] = value_estimate(eval, next, figures->rows_of[g]);
        cells[by->count + 1] = value_number((double)figures->rows_of[g]);
        cells[by->count + 2] = value_number(diverged ? diverged[g] : 0);
        next += figures->rows_of[g];
        if (failed(cells[by->count]) || !table_add_row(eval, table.table, cells))
            return value_failed();
    }
    if (!failed(table))
        table.table->axes = by->count;
    return table;
}

struct value table_mean(struct eval *eval, const struct table_object *table, struct str name, const struct str *by, size_t by_count,
                        struct span span)
{
    struct by columns = {.count = by_count};
    memcpy(columns.names, by, by_count * sizeof *by);
    struct figures figures = {0};
    struct value result = value_failed();
    if (figures_of(eval, table, name, &columns, span, &figures)) {
        double *diverged = count_diverged(table, &figures);
        result = mean_table(eval, &figures, name, &columns, diverged);
        mem_free(diverged);
    }
    figures_release(&figures);
    return result;
}

/* One estimate over all rows. */
static struct value mean_of_all(struct eval *eval, const struct table_object *table, struct str name, struct span span)
{
    struct by none = {.count = 0};
    struct figures figures = {0};
    struct value result = value_failed();
    if (figures_of(eval, table, name, &none, span, &figures))
        result = value_estimate(eval, figures.sorted, table->rows);
    figures_release(&figures);
    return result;
}

/* nel check: the mean of what is not known, or of a column that is not. */
static struct value mean_of_unknown(struct eval *eval, const struct args *args)
{
    enum value_kind kind = value_content(args->at[0]);
    if (kind == VALUE_NUMBER || kind == VALUE_ESTIMATE || kind == VALUE_LIST)
        return value_unknown_of(VALUE_NUMBER);
    if (kind != VALUE_TABLE && kind != VALUE_UNKNOWN)
        return eval_error_type(eval, args->span[0], "a list of numbers or a table", args->at[0]);
    bool table = kind == VALUE_TABLE;
    return value_unknown_of(!table ? VALUE_UNKNOWN : args->given[2] ? VALUE_TABLE : VALUE_ESTIMATE);
}

static struct value mean_of_table(struct eval *eval, const struct args *args)
{
    const struct table_object *table = args->at[0].table;
    if (args->at[1].kind == VALUE_UNKNOWN || args->at[2].kind == VALUE_UNKNOWN)
        return mean_of_unknown(eval, args);
    if (args->at[1].kind != VALUE_STRING)
        return eval_error_help(eval, args->call, "`mean(table, \"accuracy\", by: [\"act\"])`", "the mean of which column?");
    struct str name = string_str(args->at[1].string);
    struct by by;
    if (!by_of(eval, table, args->at[2], args->span[2], &by))
        return value_failed();
    struct value mean =
        by.count ? table_mean(eval, table, name, by.names, by.count, args->span[1]) : mean_of_all(eval, table, name, args->span[1]);
    if (failed(mean) || !eval->state->checking || value_known(args->at[0]))
        return mean;
    return by.count ? table_open(eval, mean.table) : value_unknown_of(VALUE_ESTIMATE);
}

static struct value call_mean(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    double mean;
    if (args->at[0].kind == VALUE_TABLE)
        return mean_of_table(eval, args);
    if (args->at[0].kind == VALUE_LIST)
        return mean_of_list(eval, args);
    if (args->at[0].kind == VALUE_UNKNOWN || args->at[1].kind == VALUE_UNKNOWN)
        return mean_of_unknown(eval, args);
    if (value_as_number(args->at[0], &mean))
        return value_number(mean);
    return eval_error_type(eval, args->span[0], "a list of numbers or a table", args->at[0]);
}

/* ---- pivot ---- */

struct pivot {
    struct groups rows, columns;
    struct value *cells; /* [rows x columns] */
};

/* The distinct values of both columns, in the order of the table. */
static bool pivot_keys(const struct figures *figures, struct pivot *pivot)
{
    for (size_t g = 0; g < figures->groups.count; g++) {
        size_t number;
        const struct value *keys = &figures->groups.keys[2 * g];
        if (!groups_number(&pivot->rows, keys, &number) || !groups_number(&pivot->columns, keys + 1, &number))
            return false;
    }
    pivot->cells = mem_array(pivot->rows.count * pivot->columns.count + 1, sizeof *pivot->cells);
    for (size_t i = 0; pivot->cells && i < pivot->rows.count * pivot->columns.count; i++)
        pivot->cells[i] = value_none();
    return pivot->cells;
}

static bool pivot_cells(struct eval *eval, const struct figures *figures, struct pivot *pivot)
{
    const double *next = figures->sorted;
    for (size_t g = 0; g < figures->groups.count; g++) {
        size_t row = 0, column = 0;
        const struct value *keys = &figures->groups.keys[2 * g];
        if (!groups_number(&pivot->rows, keys, &row) || !groups_number(&pivot->columns, keys + 1, &column))
            return false; /* cannot be: both are there */
        struct value *cell = &pivot->cells[row * pivot->columns.count + column];
        *cell = figure_value(eval, next, figures->rows_of[g]);
        next += figures->rows_of[g];
        if (failed(*cell))
            return false;
    }
    return true;
}

/* A column for each key of the second grouping, named as it prints. */
static struct value pivot_head(struct eval *eval, const struct pivot *pivot, struct str corner)
{
    size_t columns = pivot->columns.count + 1;
    struct str *names = mem_array(columns, sizeof *names);
    struct value held = names ? value_list(eval) : eval_out_of_memory(eval, SPAN_NONE);
    for (size_t c = 1; !failed(held) && c < columns; c++) {
        struct text text = {0};
        value_print(eval, pivot->columns.keys[c - 1], false, &text);
        struct value name = value_text(eval, &text);
        if (failed(name) || !list_add(eval, held.list, name))
            held = value_failed();
        else
            names[c] = string_str(name.string);
    }
    if (names)
        names[0] = corner;
    struct value table = failed(held) ? held : table_named(eval, names, columns);
    mem_free(names);
    return table;
}

static struct value pivot_table(struct eval *eval, const struct pivot *pivot, struct str corner)
{
    struct value table = pivot_head(eval, pivot, corner);
    size_t columns = pivot->columns.count + 1;
    struct value *cells = mem_array(columns, sizeof *cells);
    if (!cells)
        return eval_out_of_memory(eval, SPAN_NONE);
    for (size_t r = 0; !failed(table) && r < pivot->rows.count; r++) {
        cells[0] = pivot->rows.keys[r];
        memcpy(cells + 1, &pivot->cells[r * pivot->columns.count], pivot->columns.count * sizeof *cells);
        if (!table_add_row(eval, table.table, cells))
            table = value_failed();
    }
    mem_free(cells);
    if (!failed(table))
        table.table->axes = 1;
    return table;
}

static struct value call_pivot(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    const struct table_object *table = args->at[0].table;
    struct by by = {.count = 0};
    struct figures figures = {0};
    struct pivot pivot = {.rows.key_count = 1, .columns.key_count = 1};
    struct value result = value_failed();
    if (by_add(eval, table, args->at[1], args->span[1], &by) && by_add(eval, table, args->at[2], args->span[2], &by) &&
        figures_of(eval, table, string_str(args->at[3].string), &by, args->span[3], &figures)) {
        if (eval->state->checking && !value_known(args->at[0]))
            result = value_unknown_of(VALUE_TABLE);
        else if ((double)figures.groups.count > 1e6)
            eval_error(eval, args->call, "this pivot would have %zu cells", figures.groups.count);
        else if (!pivot_keys(&figures, &pivot))
            eval_out_of_memory(eval, args->call);
        else if (pivot_cells(eval, &figures, &pivot))
            result = pivot_table(eval, &pivot, by.names[0]);
    }
    groups_release(&pivot.rows);
    groups_release(&pivot.columns);
    mem_free(pivot.cells);
    figures_release(&figures);
    return result;
}

/* ---- best ---- */

/* Losses and errors are best small. */
static bool wants_least(struct str path)
{
    static const char *const small[] = {"loss", "mse", "mae", "rmse", "p", "seconds", "params", "flops"};
    for (size_t i = path.len; i-- > 0;)
        if (path.at[i] == '.') {
            path.at += i + 1;
            path.len -= i + 1;
            break;
        }
    for (size_t i = 0; i < sizeof small / sizeof *small; i++)
        if (str_is(path, small[i]))
            return true;
    return false;
}

/* The item's figure. What selects must not look at test: a score of a run without a set named is that of validation, or of training
   where nothing was validated on. */
static struct value selecting_figure(struct eval *eval, struct value item, struct str path, struct span span)
{
    const struct value *held = item.kind == VALUE_RECORD ? record_get(item.record, STR("run")) : &item;
    const struct ensemble *ensemble = held && held->kind == VALUE_ENSEMBLE ? held->ensemble : NULL;
    const struct run *run = held && held->kind == VALUE_RUN ? held->run : NULL;
    const struct runs *runs = held && held->kind == VALUE_RUNS ? held->runs : NULL;
    if (!run && runs)
        run = runs->items[0];
    if (!run && ensemble)
        run = ensemble->members[0];
    if (!run || !run->training || !figure_is_score(path))
        return value_path(eval, item, path, span);
    const bool validated = ensemble ? ensemble_has_part(ensemble, SET_VALIDATION) : run->training->validation.count > 0;
    struct str set = validated ? STR("validation") : STR("train");
    return value_path(eval, value_member(eval, *held, set, span), path, span);
}

static struct value call_best(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    struct value items = args->at[0];
    if (items.kind == VALUE_UNKNOWN)
        return value_unknown_of(items.of == VALUE_RUNS ? VALUE_RUN : VALUE_UNKNOWN);
    if (items.kind == VALUE_TABLE)
        items = table_rows(eval, items);
    else if (items.kind == VALUE_RUNS)
        items = value_member(eval, items, STR("runs"), args->span[0]);
    if (items.kind != VALUE_LIST)
        return failed(items) ? items : eval_error_type(eval, args->span[0], "a table or a list", items);
    struct str path = string_str(args->at[1].string);
    bool least = wants_least(path);
    struct value best = value_none();
    double best_figure = NAN;
    for (size_t i = 0; i < items.list->count; i++) {
        double figure;
        size_t mark = pool_mark(eval);
        bool well =
            cell_number(eval, selecting_figure(eval, items.list->items[i], path, args->span[1]), path, args->span[1], &figure);
        pool_drain(eval, mark, value_none());
        if (!well)
            return value_failed();
        if (best.kind == VALUE_NONE || isnan(best_figure) || (least ? figure < best_figure : figure > best_figure)) {
            best = items.list->items[i];
            best_figure = figure;
        }
    }
    if (eval->state->checking && !value_known(items))
        return list_item_join(eval, items.list);
    return best.kind == VALUE_NONE ? eval_error(eval, args->span[0], "there is nothing to choose from") : best;
}

/* ---- tables and records ---- */

static struct value call_table(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    const struct list *list = args->at[0].list;
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].kind == VALUE_UNKNOWN && (list->items[i].of == VALUE_RECORD || list->items[i].of == VALUE_UNKNOWN))
            return value_unknown_of(VALUE_TABLE);
        else if (list->items[i].kind != VALUE_RECORD)
            return eval_error_type(eval, args->span[0], "a list of records", list->items[i]);
    struct value table = table_of_records(eval, list);
    if (!failed(table))
        table.table->open = list->open;
    return table;
}

static struct value call_columns(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    struct value list = value_list(eval);
    for (size_t c = 0; !failed(list) && c < args->at[0].table->columns; c++)
        if (!list_add(eval, list.list, (struct value){.kind = VALUE_STRING, .string = args->at[0].table->names[c]}))
            return value_failed();
    return list;
}

static struct value call_rows(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    return table_rows(eval, args->at[0]);
}

static struct value call_compare(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    const enum value_kind kind = value_content(args->at[0]), other = value_content(args->at[1]);
    if (kind == VALUE_TABLE && (args->at[0].kind == VALUE_UNKNOWN || args->at[1].kind == VALUE_UNKNOWN))
        return value_unknown_of(VALUE_TABLE);
    if (kind == VALUE_UNKNOWN || other == VALUE_UNKNOWN || args->at[2].kind == VALUE_UNKNOWN || args->at[3].kind == VALUE_UNKNOWN)
        return value_unknown();
    return kind == VALUE_TABLE ? compare_table(eval, args) : compare_pair(eval, args);
}

const struct builtin_row builtins_table[] = {
    {"mean(xs: any, value: text?, by: any?)",
     "The mean of a list of numbers; of a table's column, as an estimate with its 95 % interval: `mean(t, \"accuracy\", by: "
     "[\"act\"])` "
     "gives a row for each combination, with the number of rows it stands for.",
     call_mean},
    {"pivot(table: table, rows: text, columns: text, value: text): table",
     "The means of `value` as a table of two ways: a row for each value of the column `rows`, a column for each of `columns`.",
     call_pivot},
    {"best(xs: any, by: text)",
     "The row of a table, or the item of a list, with the greatest figure, or the least of loss, mse, mae, rmse, params, flops, "
     "seconds. "
     "Scores of runs are taken on validation, never on test, where no set is named.",
     call_best},
    {"compare(a: any, b: any, figure: any?, by: any?, test: word = welch, adjust: word?)",
     "Whether a figure differs: `compare(a, b, \"accuracy\")` of two runs of several trials gives difference, 95 % interval, p and "
     "effect "
     "(Cohen's d); `compare(table, \"accuracy\", by: \"act\", adjust: holm)` compares every two groups of rows. `test` is welch or "
     "paired, "
     "`adjust` none, bonferroni or holm.",
     call_compare},
    {"table(rows: list): table", "A table from a list of records; a field that a record lacks is none.", call_table},
    {"columns(table: table): list", "The names of a table's columns.", call_columns},
    {"rows(table: table): list", "A table's rows as records.", call_rows},
};
const size_t builtins_table_count = sizeof builtins_table / sizeof *builtins_table;
