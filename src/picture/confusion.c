/* Confusion matrices: counts of samples by true class (rows) and answer (columns). With colours a cell stands upon the ramp's colour
   of its share of the row, so that a rare class is as plain to see as a frequent one; what did not happen is a dot. */
#include <math.h>

#include "picture/cell.h"
#include "picture/ink.h"
#include "picture/plot.h"
#include "support/number.h"

enum { default_columns = 80, widest_label = 24, widest_cell = 16, least_cell = 4, gap = 2 };

static const char corner[] = "taken for";

static void write_count(double count, bool unicode, struct text *out)
{
    text_clear(out);
    if (count > 0)
        number_write_count(out, count);
    else
        text_add(out, unicode ? "·" : ".");
}

static size_t widest_name(const char *const *names, size_t classes, size_t least, size_t most)
{
    size_t width = least;
    for (size_t i = 0; i < classes; i++) {
        const size_t columns = cell_columns(str_of(names[i]));
        width = columns > width ? columns : width;
    }
    return width < most ? width : most;
}

static size_t widest_count(const double *counts, size_t cells, struct text *scratch)
{
    size_t width = 1;
    for (size_t i = 0; i < cells; i++) {
        write_count(counts[i], false, scratch);
        width = scratch->len > width ? scratch->len : width;
    }
    return width;
}

/* Columns for a cell: as many as the names want, fewer where the line would be too long. */
static size_t cell_width(size_t wanted, size_t needed, size_t label, size_t classes, size_t room)
{
    const size_t least = needed > least_cell ? needed : least_cell;
    while (wanted > least && label + classes * (wanted + gap) > room)
        wanted--;
    return wanted > needed ? wanted : needed;
}

static void add_count(double count, double share, size_t width, struct plot_style style, struct text *scratch, struct text *out)
{
    write_count(count, style.unicode, scratch);
    const bool shaded = style.colour && count > 0;
    text_add(out, " ");
    if (shaded)
        ink_start(out, true, ink_on_ramp(share), ink_ramp(share), false);
    else
        ink_start(out, style.colour, INK_DIM, INK_PLAIN, false);
    cell_add(out, text_str(scratch), width, CELL_RIGHT, style.unicode);
    text_add(out, shaded ? " " : "");
    ink_end(out, style.colour);
    text_add(out, shaded ? "" : " ");
}

static void add_row(const double *counts, size_t classes, size_t width, struct plot_style style, struct text *scratch,
                    struct text *out)
{
    double sum = 0;
    for (size_t i = 0; i < classes; i++)
        sum += counts[i];
    for (size_t i = 0; i < classes; i++)
        add_count(counts[i], counts[i] / sum, width, style, scratch, out);
}

bool plot_confusion(struct text *out, const double *counts, const char *const *names, size_t classes, struct plot_style style)
{
    struct text scratch = {0};
    const size_t room = style.columns == 0 ? default_columns : style.columns;
    const size_t label = widest_name(names, classes, sizeof corner - 1, widest_label);
    const size_t needed = widest_count(counts, classes * classes, &scratch);
    const size_t width = cell_width(widest_name(names, classes, needed, widest_cell), needed, label, classes, room);
    const bool fits = label + classes * (width + gap) <= room;
    if (fits) {
        ink_start(out, style.colour, INK_PLAIN, INK_PLAIN, true);
        cell_add(out, str_of(corner), label, CELL_LEFT, style.unicode);
        for (size_t i = 0; i < classes; i++) {
            text_add_repeat(out, " ", i == 0 ? 1 : gap);
            cell_add(out, str_of(names[i]), width, CELL_RIGHT, style.unicode);
        }
        ink_end(out, style.colour);
        text_add(out, "\n");
    }
    for (size_t row = 0; fits && row < classes; row++) {
        cell_add(out, str_of(names[row]), label, CELL_LEFT, style.unicode);
        add_row(counts + row * classes, classes, width, style, &scratch, out);
        while (!style.colour && out->len > 0 && out->at[out->len - 1] == ' ') /* no blanks at the end of a line */
            out->at[--out->len] = '\0';
        text_add(out, "\n");
    }
    out->failed = out->failed || scratch.failed;
    text_release(&scratch);
    return fits;
}
