/* Colours of pictures, as numbers of the 256-colour table: 16 + 36 r + 6 g + b with r, g, b in 0..5. */
#include "picture/ink.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* Blue, orange, green, magenta, red, cyan, yellow, violet; one number serves a line, an area and the mark of a class. */
static const ink lines[] = {33, 208, 35, 170, 203, 44, 178, 105};
static const ink areas[] = {24, 130, 29, 90, 88, 31, 136, 60};
static const ink marks[] = {123, 222, 120, 213, 210, 159, 228, 189};

static const ink ramp[] = {53, 54, 61, 25, 31, 36, 72, 113, 149, 227};
enum { ramp_steps = COUNT_OF(ramp) };
/* From this step of the ramp on, black is read better than white. */
static const size_t ramp_light = 5;

void ink_start(struct text *out, bool colour, ink foreground, ink background, bool bold)
{
    if (!colour || (foreground == INK_PLAIN && background == INK_PLAIN && !bold))
        return;
    const char *join = "";
    text_add(out, "\x1b[");
    if (bold) {
        text_add(out, "1");
        join = ";";
    }
    if (foreground != INK_PLAIN) {
        text_addf(out, "%s38;5;%d", join, foreground);
        join = ";";
    }
    if (background != INK_PLAIN)
        text_addf(out, "%s48;5;%d", join, background);
    text_add(out, "m");
}

void ink_end(struct text *out, bool colour)
{
    if (colour)
        text_add(out, "\x1b[0m");
}

ink ink_line(size_t number)
{
    return lines[number % COUNT_OF(lines)];
}

ink ink_area(size_t number)
{
    return areas[number % COUNT_OF(areas)];
}

ink ink_mark(size_t number)
{
    return marks[number % COUNT_OF(marks)];
}

static size_t ramp_step(double share)
{
    double step = share * ramp_steps;
    return !(step > 0) ? 0 : step >= ramp_steps ? ramp_steps - 1 : (size_t)step;
}

ink ink_ramp(double share)
{
    return ramp[ramp_step(share)];
}

ink ink_on_ramp(double share)
{
    return ramp_step(share) >= ramp_light ? 16 : 231;
}
