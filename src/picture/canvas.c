/* A canvas of character cells. Colours are written where they change, not for every cell: a picture of 72 columns is then a few
   kilobytes and not forty. */
#include "picture/canvas.h"

#include "support/memory.h"

/* Braille patterns are U+2800 plus one bit for each dot, numbered as Unicode does: bit by row and column. */
static const uint32_t braille_base = 0x2800;
static const uint8_t braille_bits[4][2] = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};

bool canvas_init(struct canvas *canvas, unsigned columns, unsigned rows)
{
    *canvas = (struct canvas){.columns = columns, .rows = rows};
    canvas->cells = mem_array((size_t)columns * rows, sizeof *canvas->cells);
    if (canvas->cells == NULL)
        return false;
    for (size_t i = 0; i < (size_t)columns * rows; i++)
        canvas->cells[i] = (struct canvas_cell){0, INK_PLAIN, INK_PLAIN};
    return true;
}

void canvas_release(struct canvas *canvas)
{
    mem_free(canvas->cells);
    *canvas = (struct canvas){0};
}

void canvas_put(struct canvas *canvas, unsigned column, unsigned row, uint32_t glyph, ink foreground, ink background)
{
    if (column < canvas->columns && row < canvas->rows)
        canvas->cells[(size_t)row * canvas->columns + column] = (struct canvas_cell){glyph, foreground, background};
}

void canvas_dot(struct canvas *canvas, unsigned x, unsigned y, ink foreground)
{
    if (x / 2 >= canvas->columns || y / 4 >= canvas->rows)
        return;
    struct canvas_cell *cell = &canvas->cells[(size_t)(y / 4) * canvas->columns + x / 2];
    uint32_t dots = (cell->glyph & ~(uint32_t)0xff) == braille_base ? cell->glyph : braille_base;
    cell->glyph = dots | braille_bits[y % 4][x % 2];
    cell->foreground = foreground;
}

static void add_glyph(struct text *out, uint32_t glyph)
{
    if (glyph < 0x80) {
        text_add_char(out, glyph == 0 ? ' ' : (char)glyph);
        return;
    }
    if (glyph < 0x800) {
        text_add_char(out, (char)(0xc0 | glyph >> 6));
    } else {
        text_add_char(out, (char)(0xe0 | glyph >> 12));
        text_add_char(out, (char)(0x80 | (glyph >> 6 & 0x3f)));
    }
    text_add_char(out, (char)(0x80 | (glyph & 0x3f)));
}

static bool cell_empty(const struct canvas_cell *cell)
{
    return (cell->glyph == 0 || cell->glyph == ' ') && cell->background == INK_PLAIN;
}

void canvas_row(const struct canvas *canvas, unsigned row, bool colour, struct text *out)
{
    const struct canvas_cell *cells = canvas->cells + (size_t)row * canvas->columns;
    unsigned count = canvas->columns;
    while (count > 0 && cell_empty(&cells[count - 1]))
        count--;
    ink foreground = INK_PLAIN;
    ink background = INK_PLAIN;
    for (unsigned i = 0; i < count; i++) {
        const struct canvas_cell *cell = &cells[i];
        /* An empty cell shows no foreground, so it goes on with the one before. */
        bool change = cell->background != background || (cell->glyph != 0 && cell->foreground != foreground);
        if (change) {
            if (foreground != INK_PLAIN || background != INK_PLAIN)
                ink_end(out, colour);
            foreground = cell->foreground;
            background = cell->background;
            ink_start(out, colour, foreground, background, false);
        }
        add_glyph(out, cell->glyph);
    }
    if (foreground != INK_PLAIN || background != INK_PLAIN)
        ink_end(out, colour);
}
