/* A canvas: a rectangle of character cells, each with a glyph and two colours, drawn upon and then written row by row. */
#ifndef NEL_PICTURE_CANVAS_H
#define NEL_PICTURE_CANVAS_H

#include "picture/ink.h"
#include "picture/plot.h"

struct canvas_cell {
    uint32_t glyph; /* a code point; 0: empty */
    ink foreground, background;
};

struct canvas {
    struct canvas_cell *cells; /* [rows x columns], top row first */
    unsigned columns, rows;
};

bool canvas_init(struct canvas *canvas, unsigned columns, unsigned rows);
void canvas_release(struct canvas *canvas);

/* Calls outside the canvas do nothing. */
void canvas_put(struct canvas *canvas, unsigned column, unsigned row, uint32_t glyph, ink foreground, ink background);

/* One of the 2 x 4 braille dots of a cell, counted over the whole canvas from its top left; the cell takes the dot's colour. */
void canvas_dot(struct canvas *canvas, unsigned x, unsigned y, ink foreground);

/* Appends one row without a newline; empty cells at its end are left out. */
void canvas_row(const struct canvas *canvas, unsigned row, bool colour, struct text *out);

#endif
