/* Tables: aligned by display columns, no boxes, the header underlined. */
#include "picture/cell.h"
#include "picture/ink.h"
#include "picture/plot.h"
#include "support/limits.h"
#include "support/memory.h"

/* Between columns; and the least width to which a column is cut. */
enum { gap = 2, least_width = 8 };

static size_t widths_total(const size_t *widths, size_t columns)
{
    size_t total = columns > 0 ? gap * (columns - 1) : 0;
    for (size_t i = 0; i < columns; i++)
        total += widths[i];
    return total;
}

/* Takes from the widest column until all fit or none is wider than the least. */
static void fit_widths(size_t *widths, size_t columns, size_t limit)
{
    size_t total = widths_total(widths, columns);
    while (total > limit) {
        size_t widest = 0;
        for (size_t i = 1; i < columns; i++)
            widest = widths[i] > widths[widest] ? i : widest;
        if (widths[widest] <= least_width)
            return;
        widths[widest]--;
        total--;
    }
}

static void add_rule(struct text *out, const size_t *widths, size_t columns, struct plot_style style)
{
    ink_start(out, style.colour, INK_DIM, INK_PLAIN, false);
    for (size_t i = 0; i < columns; i++) {
        text_add_repeat(out, " ", i > 0 ? gap : 0);
        text_add_repeat(out, style.unicode ? "─" : "-", widths[i]);
    }
    ink_end(out, style.colour);
    text_add(out, "\n");
}

static void add_row(struct text *out, const struct str *cells, const bool *right, const size_t *widths, size_t columns,
                    bool unicode)
{
    while (columns > 1 && cells[columns - 1].len == 0)
        columns--; /* no blanks at the end of a line */
    for (size_t i = 0; i < columns; i++) {
        text_add_repeat(out, " ", i > 0 ? gap : 0);
        enum cell_side side = right != NULL && right[i] ? CELL_RIGHT : i + 1 < columns ? CELL_LEFT : CELL_OPEN;
        cell_add(out, cells[i], widths[i], side, unicode);
    }
}

void plot_table(struct text *out, const char *const *header, const bool *right, size_t columns, const struct str *cells,
                size_t rows, struct plot_style style)
{
    if (columns == 0)
        return;
    size_t *widths = mem_array(columns, sizeof *widths);
    struct str *names = mem_array(columns, sizeof *names);
    if (widths == NULL || names == NULL) {
        out->failed = true;
        mem_free(widths);
        mem_free(names);
        return;
    }
    for (size_t i = 0; i < columns; i++) {
        names[i] = str_of(header[i]);
        widths[i] = cell_columns(names[i]);
        for (size_t row = 0; row < rows; row++) {
            size_t width = cell_columns(cells[row * columns + i]);
            widths[i] = width > widths[i] ? width : widths[i];
        }
        widths[i] = widths[i] > LIMIT_PICTURE_COLUMNS ? LIMIT_PICTURE_COLUMNS : widths[i];
    }
    if (style.columns > 0)
        fit_widths(widths, columns, style.columns);
    ink_start(out, style.colour, INK_PLAIN, INK_PLAIN, true);
    add_row(out, names, right, widths, columns, style.unicode);
    ink_end(out, style.colour);
    text_add(out, "\n");
    add_rule(out, widths, columns, style);
    for (size_t row = 0; row < rows; row++) {
        add_row(out, cells + row * columns, right, widths, columns, style.unicode);
        text_add(out, "\n");
    }
    mem_free(widths);
    mem_free(names);
}
