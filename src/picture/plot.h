/* Pictures for the terminal: braille plots, sparklines, shaded maps, tables. Each takes plain arrays and appends UTF-8 text. */
#ifndef NEL_PICTURE_PLOT_H
#define NEL_PICTURE_PLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "support/text.h"

struct plot_style {
    bool colour;      /* ANSI colours */
    bool unicode;     /* braille and block characters; else plain ASCII */
    unsigned columns; /* width of the whole picture in characters, labels included; 0: a sensible default */
    unsigned rows;    /* height of the drawing area; 0: a sensible default */
};

struct plot_series {
    const char *name;
    const double *x, *y; /* x NULL: 1, 2, 3 … */
    size_t count;
};

/* A line plot with axes labelled, its title (may be NULL) above and a legend where there are several series. Points that are not
   finite are gaps. Without colours the series are told apart by dashes, without Unicode by letters. */
void plot_curves(struct text *out, const struct plot_series *series, size_t count, const char *title, struct plot_style style);

/* One line of ▁▂▃▄▅▆▇█ without a newline, from the least value to the greatest; more than `columns` values (0: 60) are averaged.
   Values that are not finite are blanks. */
void plot_sparkline(struct text *out, const double *values, size_t count, unsigned columns, struct plot_style style);

/* The plane [x0, x1] x [y0, y1] as classes: `classes` [height x width] in 0..class_count-1, top row first, each cell half a
   character high (the picture has `width` columns and half of `height` rows; `style` gives only the kind of drawing); points drawn
   on top, each as a mark of its label. Classes and labels out of range are left out. */
struct plot_point {
    double x, y;
    int label;
};
void plot_regions(struct text *out, const int *classes, unsigned width, unsigned height, int class_count, double x0, double x1,
                  double y0, double y1, const struct plot_point *points, size_t point_count, struct plot_style style);

/* A bar of `share` (0..1), `columns` wide (0: 20): ███████▌░░░ */
void plot_bar(struct text *out, double share, unsigned columns, struct plot_style style);

/* A table with its header underlined; columns with `right` (numbers) are aligned right. `cells` [rows x columns], row by row; control
   characters in them become blanks. Where `style.columns` is given, the widest columns are cut to fit. */
void plot_table(struct text *out, const char *const *header, const bool *right, size_t columns, const struct str *cells,
                size_t rows, struct plot_style style);

/* The confusion matrix [classes x classes], a row a true class, its cells shaded by their share of the row. False, and nothing
   written, where it is wider than `style.columns` (0: 80). */
bool plot_confusion(struct text *out, const double *counts, const char *const *names, size_t classes, struct plot_style style);

/* A heat map of values [rows x columns] with row and column labels and the title (may be NULL) above; each cell shows its value
   where there is room. NaN cells are empty. */
void plot_heatmap(struct text *out, const double *values, const char *const *row_names, size_t rows,
                  const char *const *column_names, size_t columns, const char *title, struct plot_style style);

#endif
