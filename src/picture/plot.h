/* Pictures for the terminal: braille plots, sparklines, shaded maps, tables. Each takes plain arrays and appends UTF-8 text. */
#ifndef NEL_PICTURE_PLOT_H
#define NEL_PICTURE_PLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "support/text.h"

struct plot_style {
    bool colour;  /* ANSI colours */
    bool unicode; /* braille and block characters; else plain ASCII */
    unsigned columns, rows; /* size of the drawing area in characters; 0: a sensible default */
};

struct plot_series {
    const char *name;
    const double *x, *y; /* x NULL: 1, 2, 3 … */
    size_t count;
};

/* A line plot with axes labelled; NaN points are gaps. */
void plot_curves(struct text *out, const struct plot_series *series, size_t count, const char *title, struct plot_style style);

/* One line of ▁▂▃▄▅▆▇█. */
void plot_sparkline(struct text *out, const double *values, size_t count, unsigned columns, struct plot_style style);

/* The plane [x0, x1] x [y0, y1] as classes: `classes` [height x width] in 0..class_count-1, top row first, each cell half a
   character; points drawn on top. */
struct plot_point {
    double x, y;
    int label;
};
void plot_regions(struct text *out, const int *classes, unsigned width, unsigned height, int class_count, double x0, double x1,
                  double y0, double y1, const struct plot_point *points, size_t point_count, struct plot_style style);

/* A bar of `share` (0..1): ███████▌░░░ */
void plot_bar(struct text *out, double share, unsigned columns, struct plot_style style);

/* A table with a header line; numeric columns are aligned right. `cells` [rows x columns], row by row. */
void plot_table(struct text *out, const char *const *header, const bool *right, size_t columns, const struct str *cells, size_t rows,
                struct plot_style style);

/* A heat map of values [rows x columns] with row and column labels; NaN cells empty. */
void plot_heatmap(struct text *out, const double *values, const char *const *row_names, size_t rows, const char *const *column_names,
                  size_t columns, const char *title, struct plot_style style);

#endif
