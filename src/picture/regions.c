/* Decision regions: the plane coloured by class, with data points on top.

   With colours a character shows two cells, the upper half in its foreground and the lower one in its background, so that every
   cell is about square; areas are dark and marks light, whatever the terminal's own colours are. Without colours a character takes
   the class of its upper cell, drawn as a texture; marks are shapes. In plain
   ASCII textures are punctuation and marks are the class's digit or letter. */
#include "picture/axis.h"
#include "picture/canvas.h"
#include "support/limits.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static const uint32_t textures[] = {' ', 0x2591, 0x2592, 0x2593, 0x00b7, 0x2571, 0x2572, 0x2573}; /* ░ ▒ ▓ · ╱ ╲ ╳ */
static const uint32_t shapes[] = {0x25cb, 0x25cf, 0x25b3, 0x25b2, 0x25a1, 0x25a0, 0x25c7, 0x25c6}; /* ○ ● △ ▲ □ ■ ◇ ◆ */
static const char letter_textures[] = " .:-=+*%";
static const char letter_marks[] = "0123456789abcdefghijklmnopqrstuvwxyz";

static const uint32_t upper_half = 0x2580; /* ▀ */
static const uint32_t disc = 0x25cf;       /* ● */

static uint32_t texture_of(int label, struct plot_style style)
{
    return style.unicode ? textures[(size_t)label % COUNT_OF(textures)]
                         : (unsigned char)letter_textures[(size_t)label % (sizeof letter_textures - 1)];
}

static uint32_t mark_of(int label, struct plot_style style)
{
    if (!style.unicode)
        return (unsigned char)letter_marks[(size_t)label % (sizeof letter_marks - 1)];
    return style.colour ? disc : shapes[(size_t)label % COUNT_OF(shapes)];
}

static bool in_range(int label, int class_count)
{
    return label >= 0 && label < class_count;
}

/* One character: two cells of different classes share it only where there are colours. */
static void draw_cell(struct canvas *canvas, unsigned column, unsigned row, int upper, int lower, int class_count,
                      struct plot_style style)
{
    bool upper_known = in_range(upper, class_count);
    bool lower_known = in_range(lower, class_count);
    if (!style.colour) {
        int label = upper_known ? upper : lower;
        if (in_range(label, class_count))
            canvas_put(canvas, column, row, texture_of(label, style), INK_PLAIN, INK_PLAIN);
        return;
    }
    ink above = upper_known ? ink_area((size_t)upper) : INK_PLAIN;
    ink below = lower_known ? ink_area((size_t)lower) : INK_PLAIN;
    if (above == below || !style.unicode)
        canvas_put(canvas, column, row, ' ', INK_PLAIN, above);
    else
        canvas_put(canvas, column, row, upper_half, above, below);
}

static void draw_point(struct canvas *canvas, const struct axis *across, const struct axis *up, const struct plot_point *point,
                       struct plot_style style)
{
    unsigned column = axis_dot(across, point->x, canvas->columns);
    unsigned row = canvas->rows - 1 - axis_dot(up, point->y, canvas->rows);
    struct canvas_cell below = canvas->cells[(size_t)row * canvas->columns + column];
    /* On a border the mark stands on the colour of the upper half. */
    ink ground = below.glyph == upper_half ? below.foreground : below.background;
    canvas_put(canvas, column, row, mark_of(point->label, style), ink_mark((size_t)point->label), ground);
}

static bool inside(const struct axis *axis, double value)
{
    return value >= axis->low && value <= axis->high;
}

/* One line that shows which mark and area belong to which class. */
static void add_legend(struct text *out, int class_count, unsigned indent, bool marks, struct plot_style style)
{
    text_add_repeat(out, " ", indent);
    for (int label = 0; label < class_count; label++) {
        struct canvas sample;
        if (!canvas_init(&sample, 3, 1)) {
            out->failed = true;
            return;
        }
        for (unsigned column = 0; column < 3; column++)
            draw_cell(&sample, column, 0, label, label, class_count, style);
        if (marks)
            canvas_put(&sample, 1, 0, mark_of(label, style), ink_mark((size_t)label), sample.cells[1].background);
        canvas_row(&sample, 0, style.colour, out);
        text_addf(out, " %d", label);
        text_add(out, label + 1 < class_count ? "   " : "\n");
        canvas_release(&sample);
    }
}

void plot_regions(struct text *out, const int *classes, unsigned width, unsigned height, int class_count, double x0, double x1,
                  double y0, double y1, const struct plot_point *points, size_t point_count, struct plot_style style)
{
    if (width == 0 || height == 0 || width > LIMIT_PICTURE_COLUMNS || height > 2 * LIMIT_PICTURE_ROWS)
        return;
    unsigned rows = (height + 1) / 2;
    struct canvas canvas;
    if (!canvas_init(&canvas, width, rows)) {
        out->failed = true;
        return;
    }
    struct axis across = axis_of(x0, x1, (int)width / 12 + 1, false);
    struct axis up = axis_of(y0, y1, (int)rows / 4 + 1, false);
    for (unsigned row = 0; row < rows; row++) {
        for (unsigned column = 0; column < width; column++) {
            const int *upper = classes + (size_t)(2 * row) * width + column;
            draw_cell(&canvas, column, row, *upper, 2 * row + 1 < height ? upper[width] : -1, class_count, style);
        }
    }
    for (size_t i = 0; i < point_count; i++)
        if (in_range(points[i].label, class_count) && inside(&across, points[i].x) && inside(&up, points[i].y))
            draw_point(&canvas, &across, &up, &points[i], style);
    for (unsigned row = 0; row < rows; row++) {
        axis_row(&up, row, rows, style, out);
        canvas_row(&canvas, row, style.colour, out);
        text_add(out, "\n");
    }
    unsigned margin = axis_margin(&up);
    axis_bottom(&across, margin, width, style, out);
    add_legend(out, class_count, margin + 2, point_count > 0, style);
    canvas_release(&canvas);
}
