/* How several trials of one growth grew: round by round the mean of those that came so far, as a bar that is full up to the lower end of its
   interval and half full up to the upper one, and the story of the trial in the middle. */
#include <math.h>
#include <stdlib.h>

#include "lab/estimate.h"
#include "library/show.h"
#include "support/memory.h"
#include "support/number.h"

/* Rounds that are told; of more these at even distances, the first and the last among them. */
enum { ROUNDS_TOLD = 12 };
enum { BAR_MOST = 32, BAR_LEAST = 8 };

struct growths {
    struct show *show;
    const struct runs *runs;
    double *figures; /* [runs->count] scratch */
    size_t rounds;   /* of the longest */
    bool by_accuracy;
    double most; /* loss that fills the bar */
};

/* The row of a trial's round, from 0; NULL: it had ended. */
static const struct story_row *row_of(const struct growths *growths, size_t trial, size_t round)
{
    const struct growth_result *growth = growths->runs->items[trial]->growth;
    return round < growth->rounds ? &growth->story[round] : NULL;
}

static double merit_of(const struct growths *growths, const struct story_row *row)
{
    return growths->by_accuracy ? row->accuracy_before : row->loss_before;
}

static void measure(struct growths *growths)
{
    for (size_t i = 0; i < growths->runs->count; i++) {
        const struct growth_result *growth = growths->runs->items[i]->growth;
        growths->rounds = growth->rounds > growths->rounds ? growth->rounds : growths->rounds;
        for (size_t r = 0; r < growth->rounds; r++) {
            growths->by_accuracy |= !isnan(growth->story[r].accuracy_before);
            if (isfinite(growth->story[r].loss_before))
                growths->most = fmax(growths->most, growth->story[r].loss_before);
        }
    }
}

/* ---- one round ---- */

static void add_share(double share, const struct growths *growths, int decimals, struct text *out)
{
    if (growths->by_accuracy)
        text_addf(out, "%.*f", decimals, 100 * share);
    else
        number_write_short(out, share, 4);
}

/* "97.5 ± 0.2 %" */
static void add_merit(const struct growths *growths, const struct estimate *merit, struct text *out)
{
    const double half = (merit->high - merit->low) / 2;
    add_share(merit->mean, growths, 1, out);
    if (isfinite(half)) {
        text_add(out, " ± ");
        add_share(half, growths, 1, out);
    }
    text_add(out, growths->by_accuracy ? " %" : "");
}

static void add_parameters(const struct estimate *params, struct text *out)
{
    const double half = (params->high - params->low) / 2;
    number_write_count(out, round(params->mean));
    if (!(half > 0))
        return;
    text_add(out, " ± ");
    number_write_count(out, ceil(half));
}

struct round {
    struct estimate merit, params;
    size_t trials, rewrites;
};

/* Rewrites that stayed, in the rounds [from, to) of all trials. */
static size_t rewrites_in(const struct growths *growths, size_t from, size_t to)
{
    size_t count = 0;
    for (size_t i = 0; i < growths->runs->count; i++)
        for (size_t r = from; r < to; r++)
            count += row_of(growths, i, r) && row_of(growths, i, r)->outcome == STORY_KEPT;
    return count;
}

/* Round `number`; `last`: the one that was told before it. */
static struct round round_at(const struct growths *growths, size_t number, size_t last)
{
    struct round round = {.rewrites = rewrites_in(growths, last, number)};
    for (size_t i = 0; i < growths->runs->count; i++)
        if (row_of(growths, i, number))
            growths->figures[round.trials++] = merit_of(growths, row_of(growths, i, number));
    round.merit = estimate_of(growths->figures, round.trials);
    round.trials = 0;
    for (size_t i = 0; i < growths->runs->count; i++)
        if (row_of(growths, i, number))
            growths->figures[round.trials++] = row_of(growths, i, number)->params_before;
    round.params = estimate_of(growths->figures, round.trials);
    return round;
}

/* Writes `text` in `width` characters and empties it. */
static void put(struct show *show, struct text *text, int width, bool right)
{
    show_fold(show, text);
    int length = 0;
    for (size_t i = 0; i < text->len; i++)
        length += ((unsigned char)text->at[i] & 0xC0) != 0x80; /* characters, not bytes */
    const int pad = width > length ? width - length : 0;
    text_addf(show->out, "%*s%s%*s", right ? pad : 0, "", text_chars(text), right ? 0 : pad, "");
    text_clear(text);
}

enum { ROUND_WIDTH = 5, TRIALS_WIDTH = 6, MERIT_WIDTH = 14, PARAMS_WIDTH = 17, REWRITES_WIDTH = 8 };

static void tell_round(const struct growths *growths, size_t number, size_t last, int bar)
{
    struct show *show = growths->show;
    const struct round round = round_at(growths, number, last);
    struct text text = {0};
    text_addf(&text, "%zu", number + 1);
    put(show, &text, ROUND_WIDTH, true);
    text_add(show->out, "  ");
    text_addf(&text, "%zu", round.trials);
    put(show, &text, TRIALS_WIDTH, true);
    text_add(show->out, "  ");
    add_merit(growths, &round.merit, &text);
    put(show, &text, MERIT_WIDTH, true);
    text_add(show->out, "  ");
    const double full = growths->by_accuracy ? 1 : growths->most > 0 ? growths->most : 1;
    const double mean = round.merit.mean / full, low = round.merit.low / full, high = round.merit.high / full;
    show_bar(show, isfinite(low) ? low : mean, isfinite(high) ? high : mean, growths->by_accuracy ? mean : 1 - mean, bar);
    text_add(show->out, "  ");
    add_parameters(&round.params, &text);
    put(show, &text, PARAMS_WIDTH, true);
    if (number > last)
        text_addf(show->out, "  %*zu", REWRITES_WIDTH, round.rewrites);
    text_add_char(show->out, '\n');
    text_release(&text);
}

/* ---- all of them ---- */

static void tell_rounds(const struct growths *growths)
{
    struct show *show = growths->show;
    const int room = (int)show->style.columns - ROUND_WIDTH - TRIALS_WIDTH - MERIT_WIDTH - PARAMS_WIDTH - REWRITES_WIDTH - 10;
    const int bar = room > BAR_MOST ? BAR_MOST : room < BAR_LEAST ? BAR_LEAST : room;
    const size_t told = growths->rounds < ROUNDS_TOLD ? growths->rounds : ROUNDS_TOLD;
    show_note(show, "%*s  %*s  %*s  %*s  %*s  %*s", ROUND_WIDTH, "round", TRIALS_WIDTH, "trials", MERIT_WIDTH,
              growths->by_accuracy ? "accuracy" : "loss", bar, "", PARAMS_WIDTH, "parameters", REWRITES_WIDTH, "rewrites");
    for (size_t i = 0, last = 0; i < told; i++) {
        const size_t number = told > 1 ? i * (growths->rounds - 1) / (told - 1) : 0;
        tell_round(growths, number, last, bar);
        last = number;
    }
    if (told < growths->rounds)
        show_note(show, "%zu of %zu rounds", told, growths->rounds);
}

/* The trial with as many that ended better as worse; of an even number the worse one of the middle. NaN is worst of all. */
static size_t median_trial(const struct growths *growths)
{
    const size_t count = growths->runs->count;
    size_t median = 0;
    for (size_t i = 0; i < count; i++) {
        const struct growth_result *growth = growths->runs->items[i]->growth;
        const double merit = growth->rounds > 0 ? merit_of(growths, &growth->story[growth->rounds - 1]) : NAN;
        growths->figures[i] = isnan(merit) ? -INFINITY : growths->by_accuracy ? merit : -merit;
    }
    for (size_t i = 0; i < count; i++) {
        size_t worse = 0;
        for (size_t j = 0; j < count; j++)
            worse += growths->figures[j] < growths->figures[i] || (growths->figures[j] == growths->figures[i] && j < i);
        if (worse == (count - 1) / 2)
            median = i;
    }
    return median;
}

void show_growths(struct show *show, const struct runs *runs)
{
    struct growths growths = {.show = show, .runs = runs, .figures = mem_array(runs->count, sizeof *growths.figures)};
    if (!growths.figures) {
        diag_out_of_memory(show->eval->diags, show->span);
        return;
    }
    measure(&growths);
    show_heading(show, "how they grew");
    show_gap(show);
    tell_rounds(&growths);
    const struct run *median = runs->items[median_trial(&growths)];
    mem_free(growths.figures);
    show_note(show, "means ± half the width of their 95 %% confidence intervals");
    show_gap(show);
    struct text heading = {0};
    text_addf(&heading, "the story of the median, seed %llu", (unsigned long long)median->training->seed);
    show_growth(show, median, text_chars(&heading));
    text_release(&heading);
}
