/* The story of a growth, round by round: how well the network did, as a bar, and below a round in which something was done what it was, why,
   and what came of it. Rounds in a row in which nothing was done, or the same, are told by the first and the last. */
#include <math.h>

#include "interp/table.h"
#include "library/show.h"
#include "picture/ink.h"
#include "support/number.h"

/* The columns of a story that are told, in this order. */
enum story_column {
    ROUND,
    EPOCH,
    MEASURED,
    WHAT,
    WHY,
    OUTCOME,
    PARAMS,
    PARAMS_AFTER,
    FLOPS,
    FLOPS_AFTER,
    ACCURACY,
    ACCURACY_AFTER,
    ACCURACY_END,
    LOSS,
    LOSS_AFTER,
    LOSS_END,
    DIFFERENCE,
    STORY_COLUMNS
};
static const char *const story_names[STORY_COLUMNS] = {
    "round",       "epoch",    "measured",       "what",         "why",  "outcome",    "params",   "params_after", "flops",
    "flops_after", "accuracy", "accuracy_after", "accuracy_end", "loss", "loss_after", "loss_end", "difference"};

/* Rounds in a row without a rewrite, or with the same, of which more are told by the first and the last. */
enum { ALIKE_MOST = 3 };
enum { BAR_MOST = 24, BAR_LEAST = 8, INDENT = 4 };

struct story {
    const struct table_object *table;
    size_t columns[STORY_COLUMNS];
    size_t row;       /* that is told */
    bool by_accuracy; /* else by the loss */
    double most;      /* loss that fills the bar */
    int bar;          /* its length */
    int round, epoch; /* widths of the two numbers */
    int decimals;     /* of epochs: rounds of steps end in the midst of them */
};

static struct value cell(const struct story *story, enum story_column column)
{
    return story->table->cells[story->row * story->table->columns + story->columns[column]];
}

static double figure(const struct story *story, enum story_column column)
{
    double number = NAN;
    value_as_number(cell(story, column), &number);
    return number;
}

static struct str words(const struct story *story, enum story_column column)
{
    const struct value value = cell(story, column);
    return value.kind == VALUE_STRING ? string_str(value.string) : STR("");
}

static bool find_columns(struct story *story)
{
    for (size_t i = 0; i < STORY_COLUMNS; i++) {
        size_t c = 0;
        while (c < story->table->columns && !str_is(string_str(story->table->names[c]), story_names[i]))
            c++;
        if (c == story->table->columns)
            return false;
        story->columns[i] = c;
    }
    return true;
}

bool table_is_story(const struct table_object *table)
{
    struct story story = {.table = table};
    return find_columns(&story);
}

static int digits(double number)
{
    enum { MOST = 9 }; /* a table that only looks like a story may hold anything */
    int count = 1;
    while (number >= 10 && count < MOST) {
        number /= 10;
        count++;
    }
    return count;
}

static void measure(struct story *story, const struct show *show)
{
    for (story->row = 0; story->row < story->table->rows; story->row++) {
        const double loss = figure(story, LOSS);
        story->by_accuracy |= !isnan(figure(story, ACCURACY));
        story->most = loss > story->most && isfinite(loss) ? loss : story->most;
        story->round = (int)fmax(story->round, digits(figure(story, ROUND)));
        story->epoch = (int)fmax(story->epoch, digits(figure(story, EPOCH)));
        story->decimals = figure(story, EPOCH) != floor(figure(story, EPOCH)) ? 2 : story->decimals;
    }
    story->epoch += story->decimals > 0 ? 1 + story->decimals : 0;
    const int room = (int)show->style.columns - story->round - story->epoch - 40;
    story->bar = room > BAR_MOST ? BAR_MOST : room < BAR_LEAST ? BAR_LEAST : room;
}

/* ---- one round ---- */

static void add_merit(const struct story *story, enum story_column accuracy, enum story_column loss, struct text *out)
{
    if (story->by_accuracy)
        text_addf(out, "%.1f %%", 100 * figure(story, accuracy));
    else
        number_write_short(out, figure(story, loss), 4);
}

void show_bar(struct show *show, double from, double to, double merit, int length)
{
    const int full = isfinite(from) ? (int)lround(fmax(0, fmin(1, from)) * length) : 0;
    const int part = isfinite(to) ? (int)lround(fmax(0, fmin(1, to)) * length) : full;
    const bool unicode = show->style.unicode;
    ink_start(show->out, show->style.colour, ink_ramp(merit), INK_PLAIN, false);
    for (int i = 0; i < part; i++)
        text_add(show->out, i < full ? (unicode ? "█" : "#") : unicode ? "▒" : "=");
    ink_end(show->out, show->style.colour);
    ink_start(show->out, show->style.colour && part < length, INK_DIM, INK_PLAIN, false);
    for (int i = part; i < length; i++)
        text_add(show->out, unicode ? "░" : ".");
    ink_end(show->out, show->style.colour && part < length);
}

static void tell_round(struct show *show, const struct story *story)
{
    const double merit = story->by_accuracy ? figure(story, ACCURACY) : story->most > 0 ? figure(story, LOSS) / story->most : 0;
    struct text value = {0};
    add_merit(story, ACCURACY, LOSS, &value);
    text_addf(show->out, "round %*.0f  epoch %*.*f  %s %8s  ", story->round, figure(story, ROUND), story->epoch, story->decimals,
              figure(story, EPOCH), story->by_accuracy ? "accuracy" : "loss", text_chars(&value));
    show_bar(show, merit, merit, story->by_accuracy ? merit : 1 - merit, story->bar);
    text_add_char(show->out, '\n');
    text_release(&value);
}

/* Text below a round, broken between words at the view's width, in one colour. */
static void tell_below(struct show *show, struct text *text, ink colour, bool bold)
{
    show_fold(show, text);
    const bool coloured = show->style.colour && (colour != INK_PLAIN || bold);
    const size_t width = show->style.columns > 20 + INDENT ? show->style.columns : 20 + INDENT;
    struct str rest = text_str(text);
    while (rest.len > 0) {
        size_t end = 0, last = 0, column = INDENT;
        for (; end < rest.len && column <= width; end++) {
            last = rest.at[end] == ' ' && rest.at[end + 1] != '%' ? end : last;
            column += ((unsigned char)rest.at[end] & 0xC0) != 0x80; /* characters, not bytes */
        }
        if (end < rest.len && last > 0)
            end = last;
        text_addf(show->out, "%*s", INDENT, "");
        ink_start(show->out, coloured, colour, INK_PLAIN, bold);
        text_addf(show->out, "%.*s", (int)end, rest.at);
        ink_end(show->out, coloured);
        text_add_char(show->out, '\n');
        while (end < rest.len && rest.at[end] == ' ')
            end++;
        rest = (struct str){rest.at + end, rest.len - end};
    }
    text_clear(text);
}

static void add_change(double before, double after, const char *one, const char *many, struct text *out)
{
    if (before == after || isnan(after)) {
        print_count(out, before, one, many);
        return;
    }
    number_write_count(out, before);
    text_add(out, " → ");
    number_write_count(out, after);
    text_addf(out, " %s", many);
}

/* What a rewrite did to the size and to the merit. */
static void add_outcome(const struct story *story, struct text *out)
{
    add_change(figure(story, PARAMS), figure(story, PARAMS_AFTER), "parameter", "parameters", out);
    text_add(out, ", ");
    add_change(figure(story, FLOPS), figure(story, FLOPS_AFTER), "FLOP", "FLOPs", out);
    text_addf(out, story->by_accuracy ? "; accuracy " : "; loss ");
    add_merit(story, ACCURACY_AFTER, LOSS_AFTER, out);
    text_add(out, " right after");
    if (!isnan(figure(story, LOSS_END))) {
        text_add(out, ", ");
        add_merit(story, ACCURACY_END, LOSS_END, out);
        text_add(out, " in the end");
    }
    if (figure(story, DIFFERENCE) > 0) {
        text_add(out, "; outputs moved by at most ");
        number_write_short(out, figure(story, DIFFERENCE), 2);
    } else {
        text_add(out, "; the same function");
    }
}

static void tell_rewrite(struct show *show, const struct story *story)
{
    const struct str outcome = words(story, OUTCOME), measured = words(story, MEASURED);
    const bool kept = str_is(outcome, "kept"), undone = str_is(outcome, "undone");
    struct text text = {0};
    text_addf(&text, "%s%.*s", undone ? "undone: " : "", STR_ARG(words(story, WHAT)));
    tell_below(show, &text, ink_line(kept ? 2 : undone ? 1 : 0), true);
    text_addf(&text, "because %.*s", STR_ARG(words(story, WHY)));
    if (measured.len > 0)
        text_addf(&text, " (%.*s)", STR_ARG(measured));
    tell_below(show, &text, INK_DIM, false);
    if (kept || undone) {
        add_outcome(story, &text);
        tell_below(show, &text, INK_PLAIN, false);
    }
    text_release(&text);
}

/* ---- all of them ---- */

/* The same was done in two rounds, or nothing in both. */
static bool alike(struct story *story, size_t row, size_t other)
{
    story->row = row;
    const struct str outcome = words(story, OUTCOME), what = words(story, WHAT);
    story->row = other;
    return str_equal(words(story, OUTCOME), outcome) && str_equal(words(story, WHAT), what);
}

void show_story(struct show *show, const struct table_object *table)
{
    struct story story = {.table = table};
    if (!find_columns(&story))
        return;
    measure(&story, show);
    for (size_t row = 0; row < table->rows; row++) {
        size_t end = row + 1;
        while (end < table->rows && alike(&story, row, end))
            end++;
        story.row = row;
        const bool quiet = words(&story, OUTCOME).len == 0;
        tell_round(show, &story);
        if (!quiet)
            tell_rewrite(show, &story);
        if (end <= row + ALIKE_MOST)
            continue;
        show_note(show, "%*s%s  %zu rounds %s", INDENT, "", show->style.unicode ? "⋮" : ":", end - row - 2,
                  quiet ? "without a change" : "in which the same was done");
        row = end - 2;
    }
    if (table->rows == 0)
        show_note(show, "no rounds");
}

void show_growth(struct show *show, const struct run *run, const char *heading)
{
    const struct value story = run_story(show->eval, run);
    if (failed(story))
        return;
    show_heading(show, "%s", heading);
    show_gap(show);
    show_story(show, story.table);
    show_gap(show);
}
