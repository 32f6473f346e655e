/* Axes: a range of values over a number of dots, with ticks at round numbers. */
#ifndef NEL_PICTURE_AXIS_H
#define NEL_PICTURE_AXIS_H

#include "picture/plot.h"

struct axis {
    double low, high; /* low < high, both finite */
    double step;      /* between ticks: 1, 2, 2.5 or 5 times a power of ten */
    int first, ticks; /* tick i stands at (first + i) * step */
};

/* Widens [*low, *high] by one value; values that are not finite count for nothing. Begin with INFINITY and -INFINITY. */
void axis_cover(double *low, double *high, double value);

/* An axis over exactly [low, high] with about `wanted` ticks; an empty range or one of no length is given some. `whole`: ticks at
   whole numbers only. */
struct axis axis_of(double low, double high, int wanted, bool whole);
/* The same, but an end that lies near a tick reaches out to it. */
struct axis axis_snapped(double low, double high, int wanted);

double axis_tick(const struct axis *axis, int i);
void axis_label(const struct axis *axis, int i, struct text *out);

/* The place of a value of the axis: which of `dots` equal parts, counted from the low end. */
unsigned axis_dot(const struct axis *axis, double value, unsigned dots);

/* The left side of a picture: the width of the labels, and the start of one row (label or blanks, axis line). */
unsigned axis_margin(const struct axis *axis);
void axis_row(const struct axis *axis, unsigned row, unsigned rows, struct plot_style style, struct text *out);

/* The lines under a picture: the axis with its ticks, then their labels where they fit. */
void axis_bottom(const struct axis *axis, unsigned margin, unsigned columns, struct plot_style style, struct text *out);

#endif
