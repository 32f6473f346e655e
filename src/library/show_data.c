/* Views of data sets and splits: what kind of task it is, how many rows of each class, the first rows, and for two features a picture. */
#include <math.h>
#include <stdlib.h>

#include "library/show.h"
#include "support/memory.h"
#include "support/number.h"

enum { first_rows = 5, columns_shown = 8, classes_listed = 12, scatter_columns = 64, scatter_rows = 20, points_most = 1500 };

/* ---- words ---- */

static void add_recipe(const struct recipe_spec *spec, struct text *out)
{
    static const char *const normalized[] = {NULL, "normalized to mean 0 and deviation 1", "normalized to 0..1",
                                             "normalized by given figures"};
    if (spec->normalize != NORMALIZE_NONE)
        text_addf(out, ", %s", normalized[spec->normalize]);
    if (spec->reconstruct)
        text_add(out, ", to be reconstructed");
}

static void show_title(struct show *show, const struct dataset *dataset)
{
    struct text text = {0}, title = {0};
    const struct table *table = dataset->table;
    text_addf(&title, "%s", dataset->name ? dataset->name : "data");
    show_heading(show, "%s", text_chars(&title));
    print_count(&text, dataset->count, "row", "rows");
    text_add(&text, ", ");
    print_count(&text, table->columns, "feature", "features");
    if (table->target == TARGET_CLASS) {
        text_add(&text, ", ");
        print_count(&text, table->outputs, "class", "classes");
    } else if (table->target == TARGET_VALUE) {
        text_add(&text, ", ");
        print_count(&text, table->outputs, "target value", "target values");
    }
    if (table->target_name && table->target != TARGET_NONE)
        text_addf(&text, " (%s)", table->target_name);
    add_recipe(&dataset->spec, &text);
    show_note(show, "%s", text_chars(&text));
    text_release(&text);
    text_release(&title);
}

/* ---- classes ---- */

static void add_class(const struct table *table, int32_t label, struct text *out)
{
    if (table->class_names && label >= 0 && (uint32_t)label < table->outputs)
        text_add(out, table->class_names[label]);
    else
        text_addf(out, "%d", label);
}

static size_t *count_classes(const struct dataset *dataset)
{
    size_t *counts = mem_array(dataset->table->outputs + 1, sizeof *counts);
    for (uint32_t i = 0; counts && i < dataset->count; i++) {
        int32_t label = dataset_label(dataset, i);
        if (label >= 0 && (uint32_t)label < dataset->table->outputs)
            counts[label]++;
    }
    return counts;
}

static void show_classes(struct show *show, const struct dataset *dataset)
{
    const struct table *table = dataset->table;
    size_t *counts = table->target == TARGET_CLASS ? count_classes(dataset) : NULL;
    if (!counts)
        return;
    struct grid grid = {.header = {"class", "rows", ""}, .right = {false, true, false}, .columns = 3};
    for (uint32_t c = 0; c < table->outputs && c < classes_listed; c++) {
        double share = dataset->count ? (double)counts[c] / dataset->count : 0;
        add_class(table, (int32_t)c, grid_cell(&grid));
        grid_end(&grid);
        grid_figure(&grid, (double)counts[c]);
        text_addf(grid_cell(&grid), "%.1f %%", share * 100);
        grid_end(&grid);
    }
    show_gap(show);
    grid_show(show, &grid);
    if (table->outputs > classes_listed)
        show_note(show, "… and %u more classes", table->outputs - classes_listed);
    mem_free(counts);
}

/* ---- first rows ---- */

static void add_feature(const struct table *table, uint32_t column, float value, struct grid *grid)
{
    const struct column *of = &table->column[column];
    if (isnan(value))
        text_add(grid_cell(grid), "missing");
    else if (of->kind == COLUMN_CATEGORY && value >= 0 && value < (float)of->category_count)
        text_add(grid_cell(grid), of->categories[(uint32_t)value]);
    else
        number_write_short(grid_cell(grid), (double)value, 4);
    grid_end(grid);
}

static void add_target(const struct dataset *dataset, uint32_t row, struct grid *grid)
{
    if (dataset->table->target == TARGET_CLASS)
        add_class(dataset->table, dataset_label(dataset, row), grid_cell(grid));
    else
        for (uint32_t i = 0; i < dataset->table->outputs && i < 3; i++) {
            text_add(grid_cell(grid), i > 0 ? " " : "");
            number_write_short(grid_cell(grid), (double)dataset_values(dataset, row)[i], 4);
        }
    grid_end(grid);
}

static void show_rows(struct show *show, const struct dataset *dataset)
{
    const struct table *table = dataset->table;
    uint32_t columns = table->columns < columns_shown ? table->columns : columns_shown;
    struct grid grid = {.columns = 0};
    for (uint32_t c = 0; c < columns; c++) {
        grid.header[grid.columns] = table->column[c].name;
        grid.right[grid.columns++] = table->column[c].kind == COLUMN_NUMBER;
    }
    if (table->target != TARGET_NONE)
        grid.header[grid.columns++] = table->target_name ? table->target_name : "target";
    for (uint32_t i = 0; i < dataset->count && i < first_rows; i++) {
        for (uint32_t c = 0; c < columns; c++)
            add_feature(table, c, dataset_features(dataset, i)[c], &grid);
        if (table->target != TARGET_NONE)
            add_target(dataset, i, &grid);
    }
    if (grid.columns == 0)
        return;
    show_gap(show);
    grid_show(show, &grid);
    if (table->columns > columns)
        show_note(show, "the first %u of %u rows, %u of %u features", dataset->count < first_rows ? dataset->count : first_rows,
                  dataset->count, columns, table->columns);
    else if (dataset->count > first_rows)
        show_note(show, "… %u more rows", dataset->count - first_rows);
}

/* ---- pictures ---- */

struct extent {
    double low, high;
};

static void extend(struct extent *extent, double value)
{
    extent->low = fmin(extent->low, value);
    extent->high = fmax(extent->high, value);
}

static struct extent with_margin(struct extent extent)
{
    double margin = (extent.high - extent.low) * 0.05;
    margin = margin > 0 ? margin : 1;
    return (struct extent){extent.low - margin, extent.high + margin};
}

/* Two features and classes: the points in their plane, classes by colour. */
static void show_scatter(struct show *show, const struct dataset *dataset)
{
    unsigned columns = show->style.columns - 12 < scatter_columns ? show->style.columns - 12 : scatter_columns;
    uint32_t step = dataset->count / points_most + 1;
    struct extent x = {INFINITY, -INFINITY}, y = x;
    struct plot_point *points = mem_array(dataset->count / step + 1, sizeof *points);
    int *nothing = mem_array((size_t)columns * 2 * scatter_rows, sizeof *nothing);
    size_t count = 0;
    for (uint32_t i = 0; points && nothing && i < dataset->count; i += step) {
        const float *row = dataset_features(dataset, i);
        if (!isfinite(row[0]) || !isfinite(row[1]))
            continue;
        points[count++] = (struct plot_point){(double)row[0], (double)row[1], dataset_label(dataset, i)};
        extend(&x, (double)row[0]);
        extend(&y, (double)row[1]);
    }
    if (count > 0) {
        for (size_t i = 0; i < (size_t)columns * 2 * scatter_rows; i++)
            nothing[i] = -1;
        x = with_margin(x);
        y = with_margin(y);
        show_gap(show);
        plot_regions(show->out, nothing, columns, 2 * scatter_rows, (int)dataset->table->outputs, x.low, x.high, y.low, y.high,
                     points, count, show->style);
    }
    mem_free(points);
    mem_free(nothing);
}

static int by_x(const void *a, const void *b)
{
    const double *p = a, *q = b;
    return p[0] < q[0] ? -1 : p[0] > q[0];
}

/* One feature and one value: the value over the feature. */
static void show_line(struct show *show, const struct dataset *dataset)
{
    uint32_t count = dataset->count;
    double *pairs = mem_array(2 * (size_t)count + 1, sizeof *pairs), *figures = mem_array(2 * (size_t)count + 1, sizeof *figures);
    if (pairs && figures && count > 1) {
        for (uint32_t i = 0; i < count; i++) {
            pairs[2 * i] = (double)dataset_features(dataset, i)[0];
            pairs[2 * i + 1] = (double)dataset_values(dataset, i)[0];
        }
        qsort(pairs, count, 2 * sizeof *pairs, by_x);
        for (uint32_t i = 0; i < count; i++) {
            figures[i] = pairs[2 * i];
            figures[count + i] = pairs[2 * i + 1];
        }
        struct plot_series series = {dataset->table->target_name, figures, figures + count, count};
        struct plot_style style = show->style;
        style.columns = style.columns < 76 ? style.columns : 76;
        style.rows = 12;
        show_gap(show);
        plot_curves(show->out, &series, 1, NULL, style);
    }
    mem_free(pairs);
    mem_free(figures);
}

static bool all_numbers(const struct table *table)
{
    for (uint32_t c = 0; c < table->columns; c++)
        if (table->column[c].kind != COLUMN_NUMBER)
            return false;
    return true;
}

void show_points(struct show *show, const struct dataset *dataset)
{
    const struct table *table = dataset->table;
    if (!all_numbers(table))
        return;
    if (table->columns == 2 && table->target == TARGET_CLASS)
        show_scatter(show, dataset);
    else if (table->columns == 1 && table->target == TARGET_VALUE && table->outputs == 1)
        show_line(show, dataset);
}

void show_dataset(struct show *show, const struct dataset *dataset)
{
    show_title(show, dataset);
    show_classes(show, dataset);
    show_rows(show, dataset);
    show_points(show, dataset);
}

/* ---- splits ---- */

static void add_part(const char *name, const struct dataset *part, double whole, struct grid *grid)
{
    if (!part)
        return;
    grid_text(grid, name);
    grid_figure(grid, part->count);
    text_addf(grid_cell(grid), "%.1f %%", 100 * part->count / whole);
    grid_end(grid);
    size_t *counts = part->table->target == TARGET_CLASS ? count_classes(part) : NULL;
    for (uint32_t c = 0; counts && c < part->table->outputs && c < classes_listed; c++) {
        text_add(grid_cell(grid), c > 0 ? ", " : "");
        add_class(part->table, (int32_t)c, grid_cell(grid));
        text_addf(grid_cell(grid), ": %zu", counts[c]);
    }
    mem_free(counts);
    grid_end(grid);
}

void show_split(struct show *show, const struct split *split)
{
    double whole = split->train->count + (split->validation ? (double)split->validation->count : 0) +
                   (split->test ? (double)split->test->count : 0);
    bool classes = split->train->table->target == TARGET_CLASS;
    struct grid grid = {
        .header = {"part", "rows", "", classes ? "rows of each class" : ""}, .right = {false, true, true, false}, .columns = 4};
    show_title(show, split->train);
    add_part("train", split->train, whole, &grid);
    add_part("validation", split->validation, whole, &grid);
    add_part("test", split->test, whole, &grid);
    show_gap(show);
    grid_show(show, &grid);
    show_points(show, split->train);
}
