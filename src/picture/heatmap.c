/* Heat maps. With colours a cell is its value upon the ramp's colour; without them the value stands beside a shade. Where the
   cells with their values would not fit, they shrink to two characters each. */
#include <math.h>

#include "picture/axis.h"
#include "picture/cell.h"
#include "picture/ink.h"
#include "support/limits.h"
#include "support/number.h"

enum { default_columns = 100, widest_label = 24, widest_cell = 12, digits = 3, compact_width = 2, scale_steps = 20 };

static const char *const shades[] = {" ", "░", "▒", "▓", "█"};
static const char *const letter_shades[] = {" ", ".", ":", "+", "#"};
enum { shade_count = sizeof shades / sizeof shades[0] };

struct heatmap {
    const double *values; /* [rows x columns] */
    size_t rows, columns;
    double low, high;
    size_t label_width, cell_width;
    bool compact; /* cells without their values */
    struct plot_style style;
};

static double share_of(const struct heatmap *map, double value)
{
    return map->high > map->low ? (value / 2 - map->low / 2) / (map->high / 2 - map->low / 2) : 0.5;
}

static size_t widest(const char *const *names, size_t count, size_t least, size_t most)
{
    size_t width = least;
    for (size_t i = 0; i < count; i++) {
        size_t columns = cell_columns(str_of(names[i]));
        width = columns > width ? columns : width;
    }
    return width < most ? width : most;
}

static size_t widest_value(const struct heatmap *map, struct text *scratch)
{
    size_t width = 1;
    for (size_t i = 0; i < map->rows * map->columns; i++) {
        if (isfinite(map->values[i])) {
            text_clear(scratch);
            number_write_short(scratch, map->values[i], digits);
            width = scratch->len > width ? scratch->len : width;
        }
    }
    return width;
}

static void add_shade(const struct heatmap *map, double share, size_t times, struct text *out)
{
    /* The least value shows as something: the blank is for cells without a value. */
    size_t step = 1 + (size_t)(share * (shade_count - 1));
    step = step < shade_count ? step : shade_count - 1;
    text_add_repeat(out, map->style.unicode ? shades[step] : letter_shades[step], times);
}

/* Columns that one cell takes, its distance from the next included. */
static size_t cell_pitch(const struct heatmap *map)
{
    if (map->compact)
        return compact_width;
    return map->cell_width + (map->style.colour ? 2 : 3 + compact_width);
}

static void add_value(const struct heatmap *map, double value, struct text *scratch, struct text *out)
{
    if (!isfinite(value)) {
        text_add_repeat(out, " ", cell_pitch(map));
        return;
    }
    double share = share_of(map, value);
    text_clear(scratch);
    number_write_short(scratch, value, digits);
    if (map->style.colour) {
        ink_start(out, true, ink_on_ramp(share), ink_ramp(share), false);
        if (map->compact) {
            text_add_repeat(out, " ", compact_width);
        } else {
            text_add(out, " ");
            cell_add(out, text_str(scratch), map->cell_width, CELL_RIGHT, map->style.unicode);
            text_add(out, " ");
        }
        ink_end(out, true);
        return;
    }
    if (!map->compact) {
        text_add(out, "  ");
        cell_add(out, text_str(scratch), map->cell_width, CELL_RIGHT, map->style.unicode);
        text_add(out, " ");
    }
    add_shade(map, share, compact_width, out);
}

/* The names above the columns; over compact cells only those that fit. */
static void add_header(const struct heatmap *map, const char *const *names, struct text *out)
{
    text_add_repeat(out, " ", map->label_width + 1);
    size_t written = 0; /* columns of the line so far, behind the labels */
    for (size_t i = 0; i < map->columns; i++) {
        size_t start = i * cell_pitch(map);
        if (!map->compact) {
            size_t lead = map->style.colour ? 1 : 2;
            text_add_repeat(out, " ", start + lead - written);
            cell_add(out, str_of(names[i]), map->cell_width, CELL_RIGHT, map->style.unicode);
            written = start + lead + map->cell_width;
        } else if (i == 0 || start > written) {
            size_t width = widest(&names[i], 1, 0, widest_cell);
            text_add_repeat(out, " ", start - written);
            cell_add(out, str_of(names[i]), width, CELL_OPEN, map->style.unicode);
            written = start + width;
        }
    }
    text_add(out, "\n");
}

/* What the colours mean: the ramp between its least and greatest value. */
static void add_scale(const struct heatmap *map, struct text *out)
{
    text_add_repeat(out, " ", map->label_width + 2);
    number_write_short(out, map->low, digits);
    text_add(out, " ");
    for (int i = 0; i < scale_steps; i++) {
        double share = (i + 0.5) / scale_steps;
        if (map->style.colour) {
            ink_start(out, true, INK_PLAIN, ink_ramp(share), false);
            text_add(out, " ");
            ink_end(out, true);
        } else {
            add_shade(map, share, 1, out);
        }
    }
    text_add(out, " ");
    number_write_short(out, map->high, digits);
    text_add(out, "\n");
}

void plot_heatmap(struct text *out, const double *values, const char *const *row_names, size_t rows,
                  const char *const *column_names, size_t columns, const char *title, struct plot_style style)
{
    struct text scratch = {0};
    struct heatmap map = {values, rows, columns, INFINITY, -INFINITY, 0, 0, false, style};
    for (size_t i = 0; i < rows * columns; i++)
        axis_cover(&map.low, &map.high, values[i]);
    map.label_width = widest(row_names, rows, 0, widest_label);
    map.cell_width = widest(column_names, columns, widest_value(&map, &scratch), widest_cell);
    size_t room = style.columns == 0 ? default_columns : style.columns;
    map.compact = map.label_width + 1 + columns * cell_pitch(&map) > room;

    if (title != NULL) {
        text_add_repeat(out, " ", map.label_width + 2);
        ink_start(out, style.colour, INK_PLAIN, INK_PLAIN, true);
        cell_add(out, str_of(title), LIMIT_PICTURE_COLUMNS, CELL_OPEN, style.unicode);
        ink_end(out, style.colour);
        text_add(out, "\n");
    }
    add_header(&map, column_names, out);
    for (size_t row = 0; row < rows; row++) {
        cell_add(out, str_of(row_names[row]), map.label_width, CELL_RIGHT, style.unicode);
        text_add(out, " ");
        size_t shown = columns; /* no blanks at the end of a line */
        while (shown > 0 && !isfinite(values[row * columns + shown - 1]))
            shown--;
        for (size_t column = 0; column < shown; column++)
            add_value(&map, values[row * columns + column], &scratch, out);
        text_add(out, "\n");
    }
    if (map.low <= map.high)
        add_scale(&map, out);
    out->failed = out->failed || scratch.failed;
    text_release(&scratch);
}
