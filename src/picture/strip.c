/* Pictures of one line: sparklines and bars. */
#include <math.h>

#include "picture/axis.h"
#include "picture/ink.h"
#include "support/limits.h"

enum { default_sparkline = 60, default_bar = 20, levels = 8 };

static const char *const level_blocks[levels] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
static const char *const level_letters[levels] = {"_", ".", ":", "-", "=", "+", "*", "#"};
/* A block filled from the left by 0 to 7 eighths. */
static const char *const eighths[8] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};

/* The mean of the finite values among [from, to), NaN where there is none. */
static double mean_finite(const double *values, size_t from, size_t to)
{
    double sum = 0;
    double count = 0;
    for (size_t i = from; i < to; i++) {
        if (isfinite(values[i])) {
            count++;
            sum += (values[i] - sum) / count;
        }
    }
    return count > 0 ? sum : NAN;
}

void plot_sparkline(struct text *out, const double *values, size_t count, unsigned columns, struct plot_style style)
{
    unsigned wanted = columns == 0 ? default_sparkline : columns;
    wanted = wanted > LIMIT_PICTURE_COLUMNS ? LIMIT_PICTURE_COLUMNS : wanted;
    size_t shown = count < wanted ? count : wanted;
    /* Column i stands for values [i * count / shown, (i + 1) * count / shown). */
    double low = INFINITY;
    double high = -INFINITY;
    for (size_t i = 0; i < shown; i++)
        axis_cover(&low, &high, mean_finite(values, i * count / shown, (i + 1) * count / shown));
    ink_start(out, style.colour, ink_line(0), INK_PLAIN, false);
    for (size_t i = 0; i < shown; i++) {
        double value = mean_finite(values, i * count / shown, (i + 1) * count / shown);
        if (isnan(value)) {
            text_add(out, " ");
            continue;
        }
        /* In halves, since the length of the range may be beyond a double. */
        double share = high > low ? (value / 2 - low / 2) / (high / 2 - low / 2) : 0.5;
        size_t level = share >= 1 ? levels - 1 : (size_t)(share * levels);
        text_add(out, style.unicode ? level_blocks[level] : level_letters[level]);
    }
    ink_end(out, style.colour);
}

void plot_bar(struct text *out, double share, unsigned columns, struct plot_style style)
{
    unsigned width = columns == 0 ? default_bar : columns > LIMIT_PICTURE_COLUMNS ? LIMIT_PICTURE_COLUMNS : columns;
    double clipped = !(share > 0) ? 0 : share > 1 ? 1 : share;
    unsigned filled = (unsigned)lround(clipped * width * 8); /* in eighths of a character */
    ink_start(out, style.colour, ink_line(0), INK_PLAIN, false);
    text_add_repeat(out, style.unicode ? "█" : "#", filled / 8);
    unsigned used = filled / 8;
    if (style.unicode && filled % 8 > 0) {
        text_add(out, eighths[filled % 8]);
        used++;
    }
    ink_end(out, style.colour);
    ink_start(out, style.colour, INK_DIM, INK_PLAIN, false);
    text_add_repeat(out, style.unicode ? "░" : ".", width - used);
    ink_end(out, style.colour);
}
