/* Views of tables, lists, records and estimates. A long table is shown from both its ends; columns that hold no figure at all, or
   whole runs, are named below it instead. */
#include <math.h>

#include "interp/table.h"
#include "lab/estimate.h"
#include "library/show.h"
#include "support/number.h"

enum { rows_most = 40, items_most = 30, text_most = 60 };

/* ---- tables ---- */

/* What a cell of a table cannot show in its width. */
static bool is_large(struct value value)
{
    return value.kind == VALUE_RUN || value.kind == VALUE_RUNS || value.kind == VALUE_EVOLUTION || value.kind == VALUE_MODEL ||
           value.kind == VALUE_ENSEMBLE || value.kind == VALUE_TABLE;
}

static bool is_empty(struct value value)
{
    double number;
    return value.kind == VALUE_NONE || (value_as_number(value, &number) && isnan(number));
}

static bool is_false(struct value value)
{
    double number;
    return (value.kind == VALUE_BOOL && !value.boolean) || (value_as_number(value, &number) && number == 0);
}

static bool is_numeric(struct value value)
{
    return value.kind == VALUE_NUMBER || value.kind == VALUE_ESTIMATE || value.kind == VALUE_NONE;
}

struct column_facts {
    bool large, empty, numeric, untrue;
};

static struct column_facts column_facts(const struct table_object *table, size_t column)
{
    struct column_facts facts = {table->rows > 0, table->rows > 0, table->rows > 0, table->rows > 0};
    for (size_t r = 0; r < table->rows; r++) {
        struct value cell = table->cells[r * table->columns + column];
        facts.large = facts.large && (is_large(cell) || cell.kind == VALUE_NONE);
        facts.empty = facts.empty && is_empty(cell);
        facts.numeric = facts.numeric && is_numeric(cell);
        facts.untrue = facts.untrue && is_false(cell);
    }
    return facts;
}

/* Decimals of a column of plain numbers, by the rows that are shown first. */
static int column_decimals(const struct table_object *table, size_t column)
{
    double figures[rows_most];
    size_t count = 0;
    for (size_t r = 0; r < table->rows && count < rows_most; r++) {
        struct value cell = table->cells[r * table->columns + column];
        if (cell.kind == VALUE_NUMBER)
            figures[count++] = cell.number;
    }
    return figure_decimals(figures, count);
}

/* A column that a view shows. */
struct chosen {
    size_t column;
    int decimals;
};

/* The columns a view shows; the others' names go to `hidden`. */
static size_t choose_columns(const struct table_object *table, struct grid *grid, struct chosen chosen[GRID_COLUMNS],
                             struct text *hidden)
{
    for (size_t c = 0; c < table->columns; c++) {
        struct column_facts facts = column_facts(table, c);
        struct str name = string_str(table->names[c]);
        if (facts.untrue && str_is(name, "diverged")) /* told where there is something to tell */
            continue;
        if (facts.large || facts.empty || grid->columns == GRID_COLUMNS) {
            text_addf(hidden, "%s%.*s", hidden->len ? ", " : "", STR_ARG(name));
            continue;
        }
        grid->header[grid->columns] = name.at;
        grid->right[grid->columns] = facts.numeric;
        chosen[grid->columns++] = (struct chosen){c, facts.numeric ? column_decimals(table, c) : -1};
    }
    return grid->columns;
}

/* A cell's text: never longer than a reader looks at, never over several lines. */
static void add_cell(struct show *show, struct value value, int decimals, struct grid *grid)
{
    if (value.kind == VALUE_NUMBER) {
        grid_aligned(grid, value.number, decimals);
        return;
    }
    struct text *out = grid_cell(grid);
    size_t start = out->len;
    show_print(show, value, out);
    if (out->len - start > text_most && value.kind != VALUE_ESTIMATE) {
        size_t end = start + text_most;
        while (end > start && ((unsigned char)out->at[end] & 0xC0) == 0x80) /* not within a letter */
            end--;
        out->len = end;
        out->at[end] = '\0';
        text_add(out, show->style.unicode ? "…" : "...");
    }
    grid_end(grid);
}

void show_table(struct show *show, const struct table_object *table)
{
    struct grid grid = {.columns = 0};
    struct chosen chosen[GRID_COLUMNS] = {{0}};
    struct text hidden = {0};
    if (choose_columns(table, &grid, chosen, &hidden) > 0) {
        bool whole = table->rows <= rows_most;
        for (size_t r = 0; r < table->rows; r++) {
            if (!whole && r == rows_most / 2) {
                for (size_t c = 0; c < grid.columns; c++)
                    grid_text(&grid, "…");
                r = table->rows - rows_most / 2;
            }
            for (size_t c = 0; c < grid.columns; c++)
                add_cell(show, table->cells[r * table->columns + chosen[c].column], chosen[c].decimals, &grid);
        }
        grid_show(show, &grid);
        if (!whole)
            show_note(show, "%zu rows", table->rows);
    }
    if (table->rows == 0)
        show_note(show, "no rows");
    if (hidden.len > 0)
        show_note(show, "not shown: %s", text_chars(&hidden));
    text_release(&hidden);
}

/* ---- lists and records ---- */

static bool all_records(const struct list *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].kind != VALUE_RECORD)
            return false;
    return list->count > 0;
}

static void add_value_line(struct show *show, struct value value)
{
    struct text text = {0};
    show_print(show, value, &text);
    text_add_str(show->out, text_str(&text));
    text_add_char(show->out, '\n');
    text_release(&text);
}

/* `[1, 2, 3, … 97 more]` */
static void show_plain_list(struct show *show, const struct list *list)
{
    struct text line = {0};
    text_add_char(&line, '[');
    for (size_t i = 0; i < list->count; i++) {
        if (i == items_most) {
            text_addf(&line, ", … %zu more", list->count - i);
            break;
        }
        text_add(&line, i > 0 ? ", " : "");
        value_print(show->eval, list->items[i], true, &line);
    }
    text_add_char(&line, ']');
    show_fold(show, &line);
    text_add_str(show->out, text_str(&line));
    text_add_char(show->out, '\n');
    text_release(&line);
}

void show_list(struct show *show, const struct list *list)
{
    if (all_records(list)) {
        struct value table = table_of_records(show->eval, list);
        if (!failed(table))
            show_table(show, table.table);
        return;
    }
    bool things = false; /* what deserves a line of its own */
    for (size_t i = 0; i < list->count; i++)
        things =
            things || is_large(list->items[i]) || list->items[i].kind == VALUE_MOLECULE || list->items[i].kind == VALUE_DATASET;
    if (!things) {
        show_plain_list(show, list);
        return;
    }
    for (size_t i = 0; i < list->count && i < rows_most; i++) {
        text_addf(show->out, "%3zu  ", i);
        add_value_line(show, list->items[i]);
    }
    if (list->count > rows_most)
        show_note(show, "… %zu more", list->count - rows_most);
}

void show_record(struct show *show, const struct record *record)
{
    size_t width = 0;
    for (size_t i = 0; i < record->count; i++) {
        size_t columns = text_columns(string_str(record->fields[i].key));
        width = columns > width ? columns : width;
    }
    for (size_t i = 0; i < record->count; i++) {
        struct str key = string_str(record->fields[i].key);
        ink_start(show->out, show->style.colour, INK_DIM, INK_PLAIN, false);
        text_add_str(show->out, key);
        ink_end(show->out, show->style.colour);
        text_add_repeat(show->out, " ", width - text_columns(key) + 2);
        add_value_line(show, record->fields[i].value);
    }
    if (record->count == 0)
        show_note(show, "an empty record");
}

/* ---- estimates ---- */

void show_estimate(struct show *show, const struct estimate_object *object)
{
    struct estimate estimate = estimate_of(object->values, object->count);
    struct value value = {.kind = VALUE_ESTIMATE, .estimate = (struct estimate_object *)object};
    struct text line = {0};
    show_print(show, value, &line);
    show_heading(show, "%s", text_chars(&line));
    text_clear(&line);
    print_count(&line, (double)object->count, "value", "values");
    if (object->count == 1) {
        text_add(&line, ", which says nothing of how far others would be from it: there is no interval");
    } else {
        text_add(&line, ", 95 % interval ");
        number_write_short(&line, estimate.low, 4);
        text_add(&line, " to ");
        number_write_short(&line, estimate.high, 4);
        text_add(&line, ", standard deviation ");
        number_write_short(&line, estimate.sd, 3);
    }
    show_note(show, "%s", text_chars(&line));
    text_release(&line);
    if (object->count > 1 && object->count <= items_most) {
        for (size_t i = 0; i < object->count; i++) {
            text_add(show->out, i > 0 ? "  " : "");
            number_write_short(show->out, object->values[i], 4);
        }
        text_add_char(show->out, '\n');
    }
}
