/* How each class is told: a row for each with its precision, recall and F1, and the confusion matrix. Of many classes those that are
   told worst, and the pairs that are confused most often. */
#include <math.h>

#include "interp/table.h"
#include "library/show.h"
#include "support/memory.h"

/* Classes that are shown one by one; of more, so many of the worst and so many pairs. */
enum { classes_listed = 12, worst_listed = 10, pairs_listed = 5 };

struct class_view {
    const struct table_object *classes, *confusion; /* no matrix past a limit */
    size_t *order;                                  /* [classes] in which they are listed */
    double *counts;                                 /* [classes x classes] of all trials together; NULL: no matrix */
    const char **names;                             /* [classes] */
    struct text *labels;                            /* [classes] what the names are in */
    size_t count;
};

static struct value cell_at(const struct table_object *table, size_t row, size_t column)
{
    return table->cells[row * table->columns + column];
}

/* The figure, or its mean over the trials. */
static double figure_at(const struct table_object *table, size_t row, const char *column)
{
    double figure = NAN;
    value_as_number(cell_at(table, row, (size_t)table_column(table, str_of(column))), &figure);
    return figure;
}

/* The count of a cell, of all trials together. */
static double count_at(struct value cell)
{
    if (cell.kind == VALUE_NUMBER)
        return cell.number;
    double sum = 0;
    for (size_t i = 0; i < cell.estimate->count; i++)
        sum += isnan(cell.estimate->values[i]) ? 0 : cell.estimate->values[i];
    return sum;
}

static bool view_fill(struct show *show, struct class_view *view)
{
    const size_t count = view->count = view->classes->rows;
    view->order = mem_array(count + 1, sizeof *view->order);
    view->names = mem_array(count + 1, sizeof *view->names);
    view->labels = mem_array(count + 1, sizeof *view->labels);
    view->counts = view->confusion ? mem_array(count * count + 1, sizeof *view->counts) : NULL;
    if (!view->order || !view->names || !view->labels || (view->confusion && !view->counts))
        return false;
    for (size_t i = 0; i < count; i++) {
        view->order[i] = i;
        show_print(show, cell_at(view->classes, i, 0), &view->labels[i]);
        view->names[i] = text_chars(&view->labels[i]);
        for (size_t k = 0; view->confusion && k < count; k++)
            view->counts[i * count + k] = count_at(cell_at(view->confusion, i, 1 + k));
    }
    return true;
}

static void view_release(struct class_view *view)
{
    for (size_t i = 0; view->labels && i < view->count; i++)
        text_release(&view->labels[i]);
    mem_free(view->labels);
    mem_free(view->names);
    mem_free(view->order);
    mem_free(view->counts);
}

/* The worst F1 to the front; a class without one comes last. As many as are listed are put in order. */
static void worst_first(struct class_view *view)
{
    for (size_t i = 0; i < worst_listed; i++)
        for (size_t k = i + 1; k < view->count; k++) {
            const double here = figure_at(view->classes, view->order[i], "f1"),
                         other = figure_at(view->classes, view->order[k], "f1");
            if (other < here || (isnan(here) && !isnan(other))) {
                const size_t swapped = view->order[i];
                view->order[i] = view->order[k];
                view->order[k] = swapped;
            }
        }
}

/* A row a class. Two classes have one AUC, which the run's figures tell. */
static void show_figures(struct show *show, const struct class_view *view, const char *set, size_t listed)
{
    static const char *const columns[] = {"precision", "recall", "f1", "auc", "support"};
    struct text head = {0};
    text_addf(&head, "on %s", set);
    struct grid grid = {.header = {text_chars(&head)}, .columns = 1};
    for (size_t c = 0; c < sizeof columns / sizeof *columns; c++)
        if (view->count > 2 || !str_is(str_of(columns[c]), "auc")) {
            grid.header[grid.columns] = columns[c];
            grid.right[grid.columns++] = true;
        }
    for (size_t i = 0; i < listed; i++) {
        const size_t row = view->order[i];
        grid_text(&grid, view->names[row]);
        for (size_t c = 1; c < grid.columns; c++) {
            struct value cell = cell_at(view->classes, row, (size_t)table_column(view->classes, str_of(grid.header[c])));
            if (cell.kind == VALUE_NUMBER && c + 1 < grid.columns)
                grid_aligned(&grid, cell.number, 3);
            else if (c + 1 < grid.columns)
                show_print(show, cell, grid_cell(&grid)), grid_end(&grid);
            else
                grid_figure(&grid, figure_at(view->classes, row, "support"));
        }
    }
    grid_show(show, &grid);
    text_release(&head);
}

struct confused {
    double count;
    size_t truth, answer;
};

/* The pairs that are confused most often, in words. */
static void show_pairs(struct show *show, const struct class_view *view)
{
    struct confused pairs[pairs_listed] = {{0}};
    struct text line = {0};
    for (size_t i = 0; i < view->count * view->count; i++) {
        struct confused pair = {view->counts[i], i / view->count, i % view->count};
        for (size_t k = 0; k < pairs_listed && pair.truth != pair.answer; k++)
            if (pair.count > pairs[k].count) {
                const struct confused lesser = pairs[k];
                pairs[k] = pair;
                pair = lesser;
            }
    }
    for (size_t k = 0; k < pairs_listed && pairs[k].count > 0; k++) {
        text_addf(&line, "%s%s for %s (", k == 0 ? "most often taken: " : ", ", view->names[pairs[k].truth],
                  view->names[pairs[k].answer]);
        print_figure(pairs[k].count, &line);
        text_add(&line, ")");
    }
    if (line.len > 0)
        show_note(show, "%s", text_chars(&line));
    text_release(&line);
}

static void show_view(struct show *show, struct class_view *view, const char *set, bool several)
{
    const bool all = view->count <= classes_listed;
    if (!all)
        worst_first(view);
    show_gap(show);
    show_figures(show, view, set, all ? view->count : worst_listed);
    if (!all)
        show_note(show, "the %d of %zu classes with the least f1; `classes` has all", worst_listed, view->count);
    if (!view->counts)
        return;
    if (all)
        show_gap(show);
    if (!all || !plot_confusion(show->out, view->counts, view->names, view->count, show->style))
        show_pairs(show, view);
    else if (several)
        show_note(show, "all trials together");
}

void show_class_figures(struct show *show, struct value classes, struct value confusion, const char *set, bool several)
{
    if (classes.kind != VALUE_TABLE || failed(confusion))
        return;
    struct class_view view = {.classes = classes.table, .confusion = confusion.kind == VALUE_TABLE ? confusion.table : NULL};
    if (view_fill(show, &view))
        show_view(show, &view, set, several);
    else
        show->out->failed = true;
    view_release(&view);
}
