/* Line plots. Each series is drawn with a pen over a grid of dots: 2 x 4 braille dots a character or, in ASCII, one. The first
   series is drawn last and so lies on top, since a cell has one colour only. */
#include <math.h>
#include <stdlib.h>

#include "picture/axis.h"
#include "picture/canvas.h"
#include "picture/cell.h"
#include "support/limits.h"

enum { default_columns = 72, default_rows = 13, least_columns = 10, least_rows = 2, sample_columns = 6, legend_gap = 3 };

/* Marks of ASCII drawings, and dashes of colourless ones: bit i mod 16 says whether dot i of a line is drawn. */
static const char letters[] = "*o+x#@%&";
static const uint16_t dashes[] = {0xffff, 0x0f0f, 0x1111, 0x3f0c};

struct pen {
    struct canvas *canvas;
    bool unicode;
    ink colour;
    char letter;
    uint16_t dash;
    unsigned drawn; /* dots so far, for the dash */
};

static struct pen pen_of(struct canvas *canvas, size_t series, struct plot_style style)
{
    return (struct pen){
        .canvas = canvas,
        .unicode = style.unicode,
        .colour = ink_line(series),
        .letter = letters[series % (sizeof letters - 1)],
        .dash = style.colour ? 0xffff : dashes[series % (sizeof dashes / sizeof dashes[0])],
    };
}

static unsigned pen_width(const struct pen *pen)
{
    return pen->canvas->columns * (pen->unicode ? 2 : 1);
}

static unsigned pen_height(const struct pen *pen)
{
    return pen->canvas->rows * (pen->unicode ? 4 : 1);
}

static void pen_dot(struct pen *pen, unsigned x, unsigned y)
{
    bool on = (pen->dash >> (pen->drawn++ % 16) & 1) != 0;
    if (!pen->unicode)
        canvas_put(pen->canvas, x, y, (unsigned char)pen->letter, pen->colour, INK_PLAIN);
    else if (on)
        canvas_dot(pen->canvas, x, y, pen->colour);
}

/* A straight line without its first dot, which the line before has drawn; `y` counts from the top. */
static void pen_line(struct pen *pen, unsigned x0, unsigned y0, unsigned x1, unsigned y1)
{
    int across = (int)x1 - (int)x0;
    int down = (int)y1 - (int)y0;
    int steps = abs(across) > abs(down) ? abs(across) : abs(down);
    for (int i = 1; i <= steps; i++) {
        double share = (double)i / steps;
        pen_dot(pen, (unsigned)lround(x0 + across * share), (unsigned)lround(y0 + down * share));
    }
}

static double series_x(const struct plot_series *series, size_t i)
{
    return series->x != NULL ? series->x[i] : (double)i + 1;
}

static void draw_series(struct pen *pen, const struct plot_series *series, const struct axis *across, const struct axis *up)
{
    unsigned width = pen_width(pen);
    unsigned height = pen_height(pen);
    bool joined = false; /* is there a point to draw a line from? */
    unsigned last_x = 0;
    unsigned last_y = 0;
    for (size_t i = 0; i < series->count; i++) {
        double value = series_x(series, i);
        if (!isfinite(value) || !isfinite(series->y[i])) {
            joined = false;
            continue;
        }
        unsigned x = axis_dot(across, value, width);
        unsigned y = height - 1 - axis_dot(up, series->y[i], height);
        if (joined)
            pen_line(pen, last_x, last_y, x, y);
        else
            pen_dot(pen, x, y);
        joined = true;
        last_x = x;
        last_y = y;
    }
}

static void add_name(struct text *out, const char *name, struct plot_style style)
{
    cell_add(out, str_of(name != NULL ? name : ""), LIMIT_PICTURE_COLUMNS, CELL_OPEN, style.unicode);
}

/* A sample of each series' line and its name, on as many lines as they need. */
static void add_legend(struct text *out, const struct plot_series *series, size_t count, unsigned indent, unsigned columns,
                       struct plot_style style)
{
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        size_t needed = sample_columns + 1 + text_columns(str_of(series[i].name != NULL ? series[i].name : ""));
        bool wrap = i == 0 || used + legend_gap + needed > columns;
        text_add(out, wrap && i > 0 ? "\n" : "");
        text_add_repeat(out, " ", wrap ? indent : legend_gap);
        used = wrap ? needed : used + legend_gap + needed;

        struct canvas sample;
        if (!canvas_init(&sample, sample_columns, 1)) {
            out->failed = true;
            return;
        }
        struct pen pen = pen_of(&sample, i, style);
        unsigned middle = pen_height(&pen) / 2;
        pen_dot(&pen, 0, middle);
        pen_line(&pen, 0, middle, pen_width(&pen) - 1, middle);
        canvas_row(&sample, 0, style.colour, out);
        canvas_release(&sample);
        text_add(out, " ");
        add_name(out, series[i].name, style);
    }
    text_add(out, "\n");
}

static unsigned clamp_size(unsigned size, unsigned normal, unsigned least, unsigned most)
{
    return size == 0 ? normal : size < least ? least : size > most ? most : size;
}

void plot_curves(struct text *out, const struct plot_series *series, size_t count, const char *title, struct plot_style style)
{
    double left = INFINITY, right = -INFINITY, low = INFINITY, high = -INFINITY;
    bool counts = true; /* x values are whole numbers, as of epochs: there is nothing between them to label */
    for (size_t s = 0; s < count; s++) {
        for (size_t i = 0; i < series[s].count; i++) {
            counts = counts && series_x(&series[s], i) == floor(series_x(&series[s], i));
            if (isfinite(series_x(&series[s], i)) && isfinite(series[s].y[i])) {
                axis_cover(&left, &right, series_x(&series[s], i));
                axis_cover(&low, &high, series[s].y[i]);
            }
        }
    }
    unsigned rows = clamp_size(style.rows, default_rows, least_rows, LIMIT_PICTURE_ROWS);
    struct axis up = axis_snapped(low, high, (int)rows / 3 + 1);
    unsigned margin = axis_margin(&up);
    unsigned whole = clamp_size(style.columns, default_columns, least_columns, LIMIT_PICTURE_COLUMNS);
    unsigned columns = whole > margin + 2 + least_columns ? whole - margin - 2 : least_columns;
    struct axis across = axis_of(left, right, (int)columns / 12 + 1, counts);

    struct canvas canvas;
    if (!canvas_init(&canvas, columns, rows)) {
        out->failed = true;
        return;
    }
    for (size_t s = count; s-- > 0;) {
        struct pen pen = pen_of(&canvas, s, style);
        draw_series(&pen, &series[s], &across, &up);
    }
    const char *heading = title == NULL && count == 1 ? series[0].name : title;
    if (heading != NULL) {
        text_add_repeat(out, " ", margin + 2);
        ink_start(out, style.colour, INK_PLAIN, INK_PLAIN, true);
        add_name(out, heading, style);
        ink_end(out, style.colour);
        text_add(out, "\n");
    }
    if (count > 1)
        add_legend(out, series, count, margin + 2, columns, style);
    for (unsigned row = 0; row < rows; row++) {
        axis_row(&up, row, rows, style, out);
        canvas_row(&canvas, row, style.colour, out);
        text_add(out, "\n");
    }
    axis_bottom(&across, margin, columns, style, out);
    canvas_release(&canvas);
}
