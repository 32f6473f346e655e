/* Axes. The steps between ticks are Heckbert's nice numbers ("Nice numbers for graph labels", Graphics Gems, 1990) with 2.5 added,
   which keeps the number of ticks nearer to what is wanted. */
#include "picture/axis.h"

#include <math.h>

#include "picture/ink.h"
#include "support/number.h"

/* Values beyond this are drawn as if they were this, so that the length of a range is finite. */
static const double greatest = 1e300;
/* An end snaps to the next tick outside where that is nearer than this share of a step. */
static const double snap_share = 0.4;

void axis_cover(double *low, double *high, double value)
{
    if (isfinite(value)) {
        *low = fmin(*low, value);
        *high = fmax(*high, value);
    }
}

static double nice_step(double raw)
{
    static const double steps[] = {1, 2, 2.5, 5, 10};
    double power = pow(10, floor(log10(raw)));
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        if (raw <= steps[i] * power * (1 + 1e-9))
            return steps[i] * power;
    return 10 * power;
}

/* Finds the ticks inside [low, high]. */
static void place_ticks(struct axis *axis)
{
    double slack = 1e-9; /* a tick at the very end stays one in spite of rounding */
    double first = ceil(axis->low / axis->step - slack);
    double last = floor(axis->high / axis->step + slack);
    /* A range far from 0 and short against its distance has tick numbers beyond int: it is labelled at no tick. */
    bool countable = fabs(first) < 1e9 && fabs(last) < 1e9;
    axis->first = countable ? (int)first : 0;
    axis->ticks = countable && last >= first ? (int)(last - first) + 1 : 0;
}

struct axis axis_of(double low, double high, int wanted, bool whole)
{
    struct axis axis = {.low = fmax(low, -greatest), .high = fmin(high, greatest)};
    if (!(axis.low <= axis.high)) {
        axis.low = 0;
        axis.high = 1;
    }
    double size = fmax(fabs(axis.low), fabs(axis.high));
    if (axis.high - axis.low <= size * 1e-8) {
        double room = size > 0 ? size * 0.1 : 1;
        axis.low -= room;
        axis.high += room;
    }
    axis.step = nice_step((axis.high - axis.low) / (wanted > 1 ? wanted : 1));
    if (whole && axis.step < 5)
        axis.step = axis.step <= 1 ? 1 : axis.step <= 2 ? 2 : 5;
    place_ticks(&axis);
    return axis;
}

struct axis axis_snapped(double low, double high, int wanted)
{
    struct axis axis = axis_of(low, high, wanted, false);
    double below = floor(axis.low / axis.step) * axis.step;
    double above = ceil(axis.high / axis.step) * axis.step;
    axis.low = axis.low - below < snap_share * axis.step ? below : axis.low;
    axis.high = above - axis.high < snap_share * axis.step ? above : axis.high;
    place_ticks(&axis);
    return axis;
}

double axis_tick(const struct axis *axis, int i)
{
    return (axis->first + i) * axis->step;
}

/* Every label of an axis has the same number of decimals, that of the step; powers of ten beyond everyday sizes are written as
   such. */
void axis_label(const struct axis *axis, int i, struct text *out)
{
    double value = axis_tick(axis, i);
    double size = fmax(fabs(axis->low), fabs(axis->high));
    double power = floor(log10(axis->step) + 1e-9);
    double lead = axis->step / pow(10, power);
    bool half = fabs(lead - round(lead)) > 0.01; /* 2.5 needs one decimal more */
    if (size < 1e6 && axis->step >= 1e-4) {
        int decimals = power < 0 ? (int)-power + half : half && power == 0;
        text_addf(out, "%.*f", decimals, value == 0 ? 0.0 : value);
        return;
    }
    number_write_short(out, value, (int)(floor(log10(size)) - power) + 1 + half);
}

unsigned axis_dot(const struct axis *axis, double value, unsigned dots)
{
    double clipped = fmin(fmax(value, axis->low), axis->high);
    double place = (clipped - axis->low) / (axis->high - axis->low) * dots;
    return place >= dots ? dots - 1 : (unsigned)place;
}

unsigned axis_margin(const struct axis *axis)
{
    size_t widest = 0;
    struct text label = {0};
    for (int i = 0; i < axis->ticks; i++) {
        text_clear(&label);
        axis_label(axis, i, &label);
        widest = label.len > widest ? label.len : widest;
    }
    text_release(&label);
    return (unsigned)widest;
}

void axis_row(const struct axis *axis, unsigned row, unsigned rows, struct plot_style style, struct text *out)
{
    unsigned margin = axis_margin(axis);
    struct text label = {0};
    /* Where two ticks share a row, the higher one is written. */
    for (int i = 0; i < axis->ticks; i++) {
        if (rows - 1 - axis_dot(axis, axis_tick(axis, i), rows) == row) {
            text_clear(&label);
            axis_label(axis, i, &label);
        }
    }
    ink_start(out, style.colour, INK_DIM, INK_PLAIN, false);
    text_add_repeat(out, " ", margin - label.len);
    text_add_str(out, text_str(&label));
    if (style.unicode)
        text_add(out, label.len > 0 ? " ┤" : " │");
    else
        text_add(out, label.len > 0 ? " +" : " |");
    ink_end(out, style.colour);
    out->failed = out->failed || label.failed;
    text_release(&label);
}

/* Is there a tick at this column? */
static bool tick_at(const struct axis *axis, unsigned column, unsigned columns)
{
    for (int i = 0; i < axis->ticks; i++)
        if (axis_dot(axis, axis_tick(axis, i), columns) == column)
            return true;
    return false;
}

void axis_bottom(const struct axis *axis, unsigned margin, unsigned columns, struct plot_style style, struct text *out)
{
    ink_start(out, style.colour, INK_DIM, INK_PLAIN, false);
    text_add_repeat(out, " ", margin + 1);
    text_add(out, style.unicode ? "└" : "+");
    for (unsigned column = 0; column < columns; column++) {
        bool tick = tick_at(axis, column, columns);
        text_add(out, style.unicode ? (tick ? "┬" : "─") : (tick ? "+" : "-"));
    }
    ink_end(out, style.colour); /* pagers begin each line anew */
    text_add(out, "\n");
    ink_start(out, style.colour, INK_DIM, INK_PLAIN, false);
    struct text label = {0};
    size_t written = 0; /* columns of the line so far */
    for (int i = 0; i < axis->ticks; i++) {
        text_clear(&label);
        axis_label(axis, i, &label);
        size_t centre = margin + 2 + axis_dot(axis, axis_tick(axis, i), columns);
        size_t start = centre > label.len / 2 ? centre - label.len / 2 : 0;
        bool fits = start + label.len <= margin + 2 + columns + 2;
        if (fits && (written == 0 || start >= written + 2)) {
            text_add_repeat(out, " ", start - written);
            text_add_str(out, text_str(&label));
            written = start + label.len;
        }
    }
    ink_end(out, style.colour);
    text_add(out, "\n");
    out->failed = out->failed || label.failed;
    text_release(&label);
}
