/* See progress_line.h. */
#include "repl/progress_line.h"

#include <cJSON.h>
#include <math.h>
#include <string.h>
#include <sys/ioctl.h>

#include "picture/plot.h"
#include "support/text.h"

/* Work shorter than this shows nothing: a bar that flashes by helps nobody. */
#define QUIET_SECONDS 0.4
/* Seconds between the lines of a pipe. */
#define PLAIN_SECONDS 10.0
#define BAR_COLUMNS   24
/* Of a terminal that does not tell its width; and one so narrow has no room for a bar. */
#define USUAL_COLUMNS  80
#define NARROW_COLUMNS 50

static void add_duration(struct text *text, double seconds)
{
    if (seconds < 60)
        text_addf(text, "%.0f s", seconds);
    else if (seconds < 3600)
        text_addf(text, "%d:%02d min", (int)(seconds / 60), (int)seconds % 60);
    else
        text_addf(text, "%d:%02d h", (int)(seconds / 3600), (int)(seconds / 60) % 60);
}

/* ", best 0.961, mean 0.893, 17 of 20 different, 312 trained, 480 a second" */
static void describe_search(const struct progress_event *event, struct text *text)
{
    const struct progress_search *search = event->search;
    text_addf(text, ", best %.4g", search->best);
    if (!isnan(search->mean))
        text_addf(text, ", mean %.4g", search->mean);
    text_addf(text, ", %zu of %zu different, %zu trained", search->distinct, search->population, search->trained);
    if (event->seconds > 0)
        text_addf(text, ", %.3g a second", (double)search->trained / event->seconds);
}

/* "epoch 120 of 500, 4 s left, loss 0.0312, accuracy 98.1 %": what matters most comes first, the rest is cut where a line is full. */
static void describe(const struct progress_event *event, struct text *text)
{
    text_addf(text, "%s %zu", event->what, event->done);
    if (event->total)
        text_addf(text, " of %zu", event->total);
    if (event->done > 0 && event->total > event->done) {
        text_add(text, ", ");
        add_duration(text, event->seconds / (double)event->done * (double)(event->total - event->done));
        text_add(text, " left");
    }
    if (!isnan(event->loss))
        text_addf(text, ", loss %.4g", event->loss);
    if (!isnan(event->accuracy))
        text_addf(text, ", accuracy %.1f %%", event->accuracy * 100);
    if (event->search)
        describe_search(event, text);
}

/* ---- a line of the terminal ---- */

/* Columns to write in: a line that wraps could not be drawn over. */
static size_t columns_of(const struct progress_line *line)
{
    struct winsize size;
    if (line->columns > 0)
        return line->columns;
    return ioctl(fileno(line->file), TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : USUAL_COLUMNS;
}

/* The longest beginning of `whole` of at most so many columns that ends where one of its parts does; where none does, within one. */
static struct str beginning(struct str whole, size_t columns)
{
    struct str part = whole;
    while (part.len > 0 && text_columns(part) > columns) {
        const char *comma = memrchr(part.at, ',', part.len);
        part.len = comma != NULL ? (size_t)(comma - part.at) : part.len - 1;
    }
    return part;
}

static void draw(struct progress_line *line, const struct progress_event *event, struct text *text)
{
    const struct plot_style style = {.unicode = true};
    const size_t columns = columns_of(line);
    const bool bar = event->total > 0 && columns >= NARROW_COLUMNS;
    struct text told = {0};
    describe(event, &told);
    text_add(text, "\r\033[K");
    if (bar) {
        plot_bar(text, (double)event->done / (double)event->total, BAR_COLUMNS, style);
        text_add_char(text, ' ');
    }
    text_add_str(text, beginning(text_str(&told), columns - 1 - (bar ? BAR_COLUMNS + 1 : 0)));
    text_release(&told);
    line->drawn = true;
}

/* ---- reports ---- */

static void report_json(struct progress_line *line, const struct progress_event *event)
{
    cJSON *json = cJSON_CreateObject();
    if (!json)
        return;
    cJSON_AddStringToObject(json, "event", "progress");
    cJSON_AddStringToObject(json, "what", event->what);
    cJSON_AddNumberToObject(json, "done", (double)event->done);
    cJSON_AddNumberToObject(json, "total", (double)event->total);
    cJSON_AddNumberToObject(json, "seconds", event->seconds);
    if (!isnan(event->loss))
        cJSON_AddNumberToObject(json, "loss", event->loss);
    if (!isnan(event->accuracy))
        cJSON_AddNumberToObject(json, "accuracy", event->accuracy);
    if (event->search) {
        cJSON_AddNumberToObject(json, "best", event->search->best); /* null where it is infinite */
        cJSON_AddNumberToObject(json, "mean", event->search->mean);
        cJSON_AddNumberToObject(json, "distinct", (double)event->search->distinct);
        cJSON_AddNumberToObject(json, "trained", (double)event->search->trained);
    }
    char *text = cJSON_PrintUnformatted(json);
    if (text)
        fprintf(line->file, "%s\n", text);
    cJSON_free(text);
    cJSON_Delete(json);
}

void progress_line_clear(struct progress_line *line)
{
    if (!line->drawn)
        return;
    fputs("\r\033[K", line->file);
    fflush(line->file);
    line->drawn = false;
}

void progress_line_report(void *context, const struct progress_event *event)
{
    struct progress_line *line = context;
    if (line->style == PROGRESS_JSON)
        report_json(line, event);
    if (line->style == PROGRESS_QUIET || line->style == PROGRESS_JSON)
        return;
    if (event->finished) {
        progress_line_clear(line);
        return;
    }
    if (event->seconds < QUIET_SECONDS)
        return;
    struct text text = {0};
    if (line->style == PROGRESS_TERMINAL) {
        draw(line, event, &text);
    } else if (event->seconds - line->last_plain >= PLAIN_SECONDS || event->seconds < line->last_plain) {
        line->last_plain = event->seconds;
        describe(event, &text);
        text_add_char(&text, '\n');
    }
    fputs(text_chars(&text), line->file);
    fflush(line->file);
    text_release(&text);
}
