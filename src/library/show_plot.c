/* Pictures as values: curves and heat maps of tables, boundaries of runs, and what `plot` draws of any value. */
#include <math.h>
#include <stdlib.h>

#include "interp/groups.h"
#include "interp/table.h"
#include "library/show.h"
#include "support/memory.h"

enum { plot_columns = 90, plot_rows = 14, series_most = 8, heat_most = 60 };

static struct plot_style plot_style_of(const struct show *show)
{
    struct plot_style style = show->style;
    style.columns = style.columns > plot_columns ? plot_columns : style.columns;
    style.rows = plot_rows;
    return style;
}

/* Texts made for a picture, dropped with it. */
static const char *name_of(struct show *show, struct value value)
{
    struct text text = {0};
    show_print(show, value, &text);
    struct value name = value_text(show->eval, &text);
    return failed(name) ? "" : name.string->at;
}

/* ---- curves ---- */

struct curve_point {
    double x, y;
};

static int by_x(const void *a, const void *b)
{
    const struct curve_point *p = a, *q = b;
    return p->x < q->x ? -1 : p->x > q->x;
}

/* The points of one line: rows of `means` whose first column is `key` (NULL: all). x and y are the columns after it. */
static size_t gather_line(const struct table_object *means, const struct value *key, double *x, double *y,
                          struct curve_point *points)
{
    size_t count = 0, at = key ? 1 : 0;
    for (size_t r = 0; r < means->rows; r++) {
        const struct value *cells = &means->cells[r * means->columns];
        if (key && !value_equal(cells[0], *key))
            continue;
        if (value_as_number(cells[at], &points[count].x) && value_as_number(cells[at + 1], &points[count].y))
            count++;
    }
    qsort(points, count, sizeof *points, by_x);
    for (size_t i = 0; i < count; i++) {
        x[i] = points[i].x;
        y[i] = points[i].y;
    }
    return count;
}

/* Draws the lines of a table of means: [by,] x, y, n. */
static bool draw_lines(struct show *show, const struct table_object *means, bool by, const char *title)
{
    struct groups keys = {.key_count = 1};
    size_t number, room = means->rows + 1;
    bool well = true;
    for (size_t r = 0; well && by && r < means->rows; r++)
        well = groups_number(&keys, &means->cells[r * means->columns], &number);
    size_t lines = !by ? 1 : keys.count < series_most ? keys.count : series_most;
    double *x = mem_array(2 * room * (lines + 1), sizeof *x);
    struct curve_point *points = mem_array(room, sizeof *points);
    well = well && x && points;
    struct plot_series series[series_most];
    for (size_t i = 0; well && i < lines; i++) {
        double *line_x = x + 2 * room * i, *line_y = line_x + room;
        size_t count = gather_line(means, by ? &keys.keys[i] : NULL, line_x, line_y, points);
        series[i] = (struct plot_series){by ? name_of(show, keys.keys[i]) : NULL, line_x, line_y, count};
    }
    if (well)
        plot_curves(show->out, series, lines, title, plot_style_of(show));
    if (well && keys.count > lines)
        show_note(show, "… and %zu more lines", keys.count - lines);
    mem_free(x);
    mem_free(points);
    groups_release(&keys);
    return well || diag_out_of_memory(show->eval->diags, show->span);
}

static bool show_curve(struct show *show, const struct table_object *table, struct str x, struct str y, const struct value *by)
{
    struct str columns[2];
    size_t count = 0;
    if (by && by->kind == VALUE_STRING)
        columns[count++] = string_str(by->string);
    columns[count++] = x;
    for (size_t i = 0; i < count; i++)
        if (table_column_named(show->eval, table, columns[i], show->span) < 0)
            return false;
    struct value means = table_mean(show->eval, table, y, columns, count, show->span);
    if (failed(means))
        return false;
    struct text title = {0};
    text_addf(&title, "%.*s by %.*s", STR_ARG(y), STR_ARG(x));
    bool well = draw_lines(show, means.table, count > 1, text_chars(&title));
    text_release(&title);
    return well;
}

/* ---- heat maps ---- */

/* The names of keys, for the edges of a map. */
static const char **key_names(struct show *show, const struct groups *keys)
{
    const char **names = mem_array(keys->count + 1, sizeof *names);
    for (size_t i = 0; names && i < keys->count; i++)
        names[i] = name_of(show, keys->keys[i]);
    return names;
}

/* means: y, x, value, n */
static bool draw_heat(struct show *show, const struct table_object *means, struct groups *rows, struct groups *columns,
                      const char *title)
{
    size_t row, column;
    for (size_t r = 0; r < means->rows; r++)
        if (!groups_number(rows, &means->cells[r * means->columns], &row) ||
            !groups_number(columns, &means->cells[r * means->columns + 1], &column))
            return diag_out_of_memory(show->eval->diags, show->span);
    if (rows->count > heat_most || columns->count > heat_most) {
        eval_error(show->eval, show->span, "a heat map has at most %d rows and columns: found %zu and %zu", heat_most, rows->count,
                   columns->count);
        return false;
    }
    double *values = mem_array(rows->count * columns->count + 1, sizeof *values);
    const char **row_names = key_names(show, rows), **column_names = key_names(show, columns);
    bool well = values && row_names && column_names;
    for (size_t i = 0; well && i < rows->count * columns->count; i++)
        values[i] = NAN;
    for (size_t r = 0; well && r < means->rows; r++) {
        const struct value *cells = &means->cells[r * means->columns];
        well = groups_number(rows, cells, &row) && groups_number(columns, cells + 1, &column);
        if (well)
            value_as_number(cells[2], &values[row * columns->count + column]);
    }
    if (well)
        plot_heatmap(show->out, values, row_names, rows->count, column_names, columns->count, title, plot_style_of(show));
    mem_free(values);
    mem_free(row_names);
    mem_free(column_names);
    return well || diag_out_of_memory(show->eval->diags, show->span);
}

static bool show_heatmap(struct show *show, const struct table_object *table, struct str x, struct str y, struct str value)
{
    struct str columns[2] = {y, x};
    for (size_t i = 0; i < 2; i++)
        if (table_column_named(show->eval, table, columns[i], show->span) < 0)
            return false;
    struct value means = table_mean(show->eval, table, value, columns, 2, show->span);
    if (failed(means))
        return false;
    struct groups rows = {.key_count = 1}, keys = {.key_count = 1};
    struct text title = {0};
    text_addf(&title, "%.*s by %.*s and %.*s", STR_ARG(value), STR_ARG(y), STR_ARG(x));
    bool well = draw_heat(show, means.table, &rows, &keys, text_chars(&title));
    text_release(&title);
    groups_release(&rows);
    groups_release(&keys);
    return well;
}

/* ---- pictures by name ---- */

static struct str field_text(const struct spec *spec, const char *name)
{
    const struct value *value = record_get(spec->fields, str_of(name));
    return value && value->kind == VALUE_STRING ? string_str(value->string) : STR("");
}

static bool no_picture(struct show *show, const char *why)
{
    eval_error(show->eval, show->span, "%s", why);
    return false;
}

static bool show_boundary(struct show *show, struct value run)
{
    struct predictor predictor;
    size_t before = show->out->len;
    if (may_be_trained(run)) /* nel check */
        return true;
    if (!predictor_of(show->eval, run, show->span, &predictor))
        return false;
    show_decisions(show, &predictor);
    if (show->out->len > before || show->out->failed || !predictor.run->training)
        return true;
    return no_picture(show, predictor.run->prepared ? "a boundary is drawn for classes of two features"
                                                    : "a run from a file came without its data, and so without a plane to draw");
}

bool show_picture(struct show *show, const struct spec *spec)
{
    if (str_is(spec->name, "boundary"))
        return show_boundary(show, *record_get(spec->fields, STR("run")));
    const struct table_object *table = record_get(spec->fields, STR("table"))->table;
    if (str_is(spec->name, "heatmap"))
        return show_heatmap(show, table, field_text(spec, "x"), field_text(spec, "y"), field_text(spec, "value"));
    return show_curve(show, table, field_text(spec, "x"), field_text(spec, "y"), record_get(spec->fields, STR("by")));
}

/* ---- plot ---- */

/* The number that is drawn of a value; in nel check NaN of one that only a run tells. False where it is none. */
static bool drawn_number(struct value value, double *number)
{
    const bool unknown = value.kind == VALUE_UNKNOWN;
    *number = NAN;
    return value_as_number(value, number) ||
           (unknown && (value.of == VALUE_UNKNOWN || value.of == VALUE_NUMBER || value.of == VALUE_ESTIMATE));
}

static bool plot_numbers(struct show *show, const struct list *list)
{
    double *y = mem_array(list->count + 1, sizeof *y);
    bool well = y || diag_out_of_memory(show->eval->diags, show->span);
    for (size_t i = 0; well && i < list->count; i++)
        if (!drawn_number(list->items[i], &y[i]))
            well = no_picture(show, "`plot` draws lists of numbers; this one holds other things");
    struct plot_series series = {NULL, NULL, y, list->count};
    if (well)
        plot_curves(show->out, &series, 1, NULL, plot_style_of(show));
    mem_free(y);
    return well;
}

/* A column that is drawn over the first: figures, not the axes of a sweep nor how many rows there were. */
static bool column_is_drawn(const struct table_object *table, size_t column, bool across)
{
    double number;
    for (size_t r = 0; r < table->rows; r++)
        if (!drawn_number(table->cells[r * table->columns + column], &number))
            return false;
    return table->rows > 0 && (across || (column >= table->axes && !str_is(string_str(table->names[column]), "n")));
}

/* A table without a wish: its figures over its first column of numbers. */
static bool plot_table_columns(struct show *show, const struct table_object *table)
{
    size_t lines = 0, across = table->columns, room = table->rows + 1;
    if (table->axes > 1)
        return no_picture(
            show, "this table has several axes: `curve(table, x:, y:, by:)` or `heatmap(table, x:, y:, value:)` says what to draw");
    double *values = mem_array((series_most + 1) * room, sizeof *values);
    if (!values)
        return diag_out_of_memory(show->eval->diags, show->span);
    struct plot_series series[series_most];
    for (size_t c = 0; c < table->columns && lines < series_most; c++) {
        bool first = across == table->columns;
        if (!column_is_drawn(table, c, first))
            continue;
        double *column = values + (first ? 0 : lines + 1) * room;
        for (size_t r = 0; r < table->rows; r++)
            drawn_number(table->cells[r * table->columns + c], &column[r]);
        if (first)
            across = c;
        else
            series[lines++] = (struct plot_series){table->names[c]->at, values, column, table->rows};
    }
    if (lines > 0)
        plot_curves(show->out, series, lines, NULL, plot_style_of(show));
    mem_free(values);
    return lines > 0 || table->open ||
           no_picture(show, "this table has no two columns of numbers: `curve(table, x:, y:, by:)` says what to draw");
}

static bool plot_run(struct show *show, const struct run *run)
{
    const struct predictor predictor = {.run = run};
    show_loss_curve(show, run->training);
    show_decisions(show, &predictor);
    show_fit(show, &predictor);
    return true;
}

static bool plot_ensemble(struct show *show, const struct ensemble *ensemble)
{
    const struct predictor predictor = {ensemble->members[0], ensemble};
    size_t before = show->out->len;
    show_decisions(show, &predictor);
    show_fit(show, &predictor);
    return show->out->len > before || !predictor.run->training ||
           no_picture(show, "an ensemble is drawn over two features and classes, or over one feature and a value");
}

static bool plot_dataset(struct show *show, const struct dataset *dataset)
{
    size_t before = show->out->len;
    show_points(show, dataset);
    return show->out->len > before || no_picture(show, "data is drawn where it has two features and classes, or one and a value");
}

/* nel check: whether values of this kind have a picture, as far as that hangs on the kind. */
static bool kind_is_drawn(enum value_kind kind)
{
    return kind == VALUE_LIST || kind == VALUE_TABLE || kind == VALUE_RUN || kind == VALUE_RUNS || kind == VALUE_ENSEMBLE ||
           kind == VALUE_DATASET || kind == VALUE_SPLIT || kind == VALUE_EVOLUTION || kind == VALUE_ELEMENT || kind == VALUE_SPEC ||
           kind == VALUE_UNKNOWN;
}

bool show_plot(struct show *show, struct value value)
{
    if (value.kind == VALUE_UNKNOWN && kind_is_drawn(value.of))
        return true;
    switch (value.kind) {
    case VALUE_SPEC:
        if (str_is(str_of(value.spec->family), PICTURE_FAMILY))
            return show_picture(show, value.spec);
        break;
    case VALUE_LIST:
        return plot_numbers(show, value.list);
    case VALUE_TABLE:
        return table_is_family(value.table) ? show_family(show, value.table) : plot_table_columns(show, value.table);
    case VALUE_RUN:
        return plot_run(show, value.run);
    case VALUE_RUNS:
        return plot_run(show, value.runs->items[value.runs->best]);
    case VALUE_ENSEMBLE:
        return plot_ensemble(show, value.ensemble);
    case VALUE_DATASET:
        return plot_dataset(show, value.dataset->dataset);
    case VALUE_SPLIT:
        return plot_dataset(show, value.split->split->train);
    case VALUE_EVOLUTION:
        if (value.evolution->evolution) /* in nel check there is none */
            show_fitness(show, value.evolution->evolution);
        return true;
    case VALUE_ELEMENT:
        show_element(show, value.element->element);
        return true;
    default:
        break;
    }
    struct text why = {0};
    text_addf(&why, "there is no picture of %s", value_article(value));
    no_picture(show, text_chars(&why));
    text_release(&why);
    return false;
}
