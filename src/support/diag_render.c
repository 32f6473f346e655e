/* Draws diagnostics for people. Each place that a diagnostic names is a mark: the primary one is underlined with ^^^, the labels
   with ---. Marks are gathered by text, in the order of lines; each has an underline of its own below its line, so that they
   never run into each other:

       error: these two are summed, but give different numbers of values
         --> script.nel:2:9
          |
        1 | let wide = relu(16)
          |            -------- this one gives 16 values
        2 | let m = relu(8) + wide
          |         ^^^^^^^^^^^^^^
          = help: …

   Columns here are those of a terminal: tabs are expanded, wide characters count twice. A line of more than WINDOW columns is
   cut to a window around its marks, so that a generated script of one huge line draws as quickly as any. */
#include "support/diag.h"

#include <stdio.h>
#include <string.h>

#include "support/limits.h"
#include "support/memory.h"

enum { TAB = 4, WINDOW = 120, NUMBER_ROOM = 12 };

static const char ellipsis[] = "...";
enum { ELLIPSIS = sizeof ellipsis - 1 };

static const char red[] = "\033[1;31m", yellow[] = "\033[1;33m", blue[] = "\033[1;34m", bold[] = "\033[1m", plain[] = "\033[0m";

/* One underlined place. `from` and `to` are columns from 0 on its first line, `to` exclusive. */
struct mark {
    const struct source *source;
    const char *text; /* beside the underline, or NULL */
    bool primary;
    uint32_t line;
    size_t from, to;
};

struct page {
    struct text *out;
    bool colour;
    int gutter; /* columns of the widest line number */
};

static void page_colour(const struct page *page, const char *code)
{
    if (page->colour)
        text_add(page->out, code);
}

static void page_coloured(const struct page *page, const char *code, const char *what)
{
    page_colour(page, code);
    text_add(page->out, what);
    page_colour(page, plain);
}

/* The gutter: " 12 |" or "    |". */
static void page_gutter(const struct page *page, uint32_t line)
{
    char number[NUMBER_ROOM] = "";
    if (line > 0)
        snprintf(number, sizeof number, "%u", line);
    page_colour(page, blue);
    text_addf(page->out, " %*s |", page->gutter, number);
    page_colour(page, plain);
}

/* The piece of a line at `at` as drawn: its bytes in the text and in the drawing, and its columns. */
struct piece {
    size_t bytes, columns;
    struct str drawn;
};

static struct piece piece_at(struct str line, size_t at, size_t column)
{
    static const char blanks[TAB + 1] = "    ";
    size_t bytes = utf8_length(line.at + at, line.len - at);
    unsigned char c = (unsigned char)line.at[at];
    if (c == '\t') {
        size_t columns = TAB - column % TAB;
        return (struct piece){1, columns, {blanks, columns}};
    }
    /* Control characters would disturb the terminal; broken bytes are no characters. */
    bool c1_control = bytes == 2 && c == 0xc2 && (unsigned char)line.at[at + 1] < 0xa0;
    if (bytes == 0 || c < 0x20 || c == 0x7f || c1_control)
        return (struct piece){bytes == 0 ? 1 : bytes, 1, STR("\xef\xbf\xbd")};
    struct str drawn = {line.at + at, bytes};
    return (struct piece){bytes, text_columns(drawn), drawn};
}

/* The column at which the byte `offset` of the line is drawn. */
static size_t column_of(struct str line, size_t offset)
{
    size_t column = 0;
    for (size_t at = 0; at < line.len && at < offset;) {
        struct piece piece = piece_at(line, at, column);
        column += piece.columns;
        at += piece.bytes;
    }
    return column;
}

static struct mark mark_of(const struct source *source, struct span span, const char *text, bool primary)
{
    struct mark mark = {.source = source, .text = text, .primary = primary};
    mark.line = source_position(source, span.start).line;
    struct str line = source_line(source, mark.line);
    size_t line_start = source->line_start[mark.line - 1];
    size_t start = span.start > source->len ? source->len : span.start;
    size_t end = span.end < line_start + line.len ? span.end : line_start + line.len;
    mark.from = column_of(line, start - line_start);
    mark.to = end > start ? column_of(line, end - line_start) : mark.from;
    if (mark.to <= mark.from)
        mark.to = mark.from + 1; /* an empty span, or one at a line's end */
    return mark;
}

/* The columns [from, to) of a line that are drawn. */
struct window {
    size_t from, to;
};

/* The whole line where it is short enough; else a window around all of its marks, or around the first where they lie too far apart. */
static struct window window_of(struct str line, const struct mark *marks, size_t count)
{
    size_t columns = column_of(line, line.len);
    if (columns <= WINDOW)
        return (struct window){0, columns};
    size_t from = marks[0].from, to = marks[0].to;
    for (size_t i = 1; i < count; i++) {
        from = marks[i].from < from ? marks[i].from : from;
        to = marks[i].to > to ? marks[i].to : to;
    }
    const size_t room = WINDOW - 2 * ELLIPSIS;
    if (to - from > room) {
        from = marks[0].from;
        to = marks[0].to - from > room ? from + room : marks[0].to;
    }
    size_t margin = (room - (to - from)) / 2;
    from = from > margin ? from - margin : 0;
    if (from + room > columns)
        from = columns + 1 > room ? columns + 1 - room : 0;
    return (struct window){from, from + room};
}

static void draw_line(const struct page *page, struct str line, uint32_t number, struct window window)
{
    page_gutter(page, number);
    if (line.len > 0)
        text_add_char(page->out, ' ');
    if (window.from > 0)
        text_add(page->out, ellipsis);
    size_t column = 0, at = 0, drawn = window.from;
    while (at < line.len && column < window.to) {
        struct piece piece = piece_at(line, at, column);
        if (column >= window.from && column + piece.columns <= window.to) {
            /* A wide character or tab cut by the window's edge leaves its columns blank. */
            text_add_repeat(page->out, " ", column - drawn);
            text_add_str(page->out, piece.drawn);
            drawn = column + piece.columns;
        }
        column += piece.columns;
        at += piece.bytes;
    }
    if (at < line.len) {
        text_add_repeat(page->out, " ", window.to - drawn);
        text_add(page->out, ellipsis);
    }
    text_add_char(page->out, '\n');
}

static size_t clamp(size_t value, size_t low, size_t high)
{
    return value < low ? low : value > high ? high : value;
}

static void draw_underline(const struct page *page, const struct mark *mark, struct window window, const char *primary_colour)
{
    /* What lies outside a window is underlined at its edge. */
    size_t last = window.to > window.from ? window.to : window.from + 1;
    size_t shift = window.from > 0 ? ELLIPSIS : 0;
    size_t from = mark->from, to = mark->to;
    if (shift > 0 || from >= last + ELLIPSIS) {
        from = clamp(mark->from, window.from, last - 1);
        to = clamp(mark->to, from + 1, last);
    } else if (to > last && from < last) {
        to = last;
    }
    page_gutter(page, 0);
    text_add_repeat(page->out, " ", 1 + shift + from - window.from);
    page_colour(page, mark->primary ? primary_colour : blue);
    text_add_repeat(page->out, mark->primary ? "^" : "-", to - from);
    if (mark->text != NULL && mark->text[0] != '\0')
        text_addf(page->out, " %s", mark->text);
    page_colour(page, plain);
    text_add_char(page->out, '\n');
}

/* Draws the marks of one text, which are in the order of lines. */
static void draw_marks(const struct page *page, const struct mark *marks, size_t count, const char *primary_colour)
{
    page_gutter(page, 0);
    text_add_char(page->out, '\n');
    for (size_t i = 0; i < count;) {
        size_t same_line = 1;
        while (i + same_line < count && marks[i + same_line].line == marks[i].line)
            same_line++;
        if (i > 0 && marks[i].line > marks[i - 1].line + 1) {
            page_coloured(page, blue, ellipsis);
            text_add_char(page->out, '\n');
        }
        struct str line = source_line(marks[i].source, marks[i].line);
        struct window window = window_of(line, marks + i, same_line);
        draw_line(page, line, marks[i].line, window);
        for (size_t j = i; j < i + same_line; j++)
            draw_underline(page, &marks[j], window, primary_colour);
        i += same_line;
    }
}

/* Within a text by line; on one line the primary mark first, then from left to right. */
static bool mark_before(const struct mark *a, const struct mark *b)
{
    if (a->line != b->line)
        return a->line < b->line;
    if (a->primary != b->primary)
        return a->primary;
    return a->from < b->from;
}

/* Collects the marks of `diag`, those of one text together: the primary's first, other texts as the labels name them. */
static size_t collect_marks(const struct diag *diag, const struct sources *sources, struct mark *marks)
{
    size_t count = 0;
    const struct source *source = sources_get(sources, diag->span.source);
    if (source != NULL)
        marks[count++] = mark_of(source, diag->span, diag->note, true);
    for (size_t i = 0; i < diag->label_count; i++) {
        source = sources_get(sources, diag->labels[i].span.source);
        if (source == NULL)
            continue;
        struct mark mark = mark_of(source, diag->labels[i].span, diag->labels[i].text, false);
        size_t group_end = count;
        while (group_end > 0 && marks[group_end - 1].source != source)
            group_end--;
        size_t at = group_end > 0 ? group_end : count;
        while (group_end > 0 && at > 0 && marks[at - 1].source == source && mark_before(&mark, &marks[at - 1]))
            at--;
        memmove(marks + at + 1, marks + at, (count - at) * sizeof *marks);
        marks[at] = mark;
        count++;
    }
    return count;
}

/* Where the group is: of the primary's text the place of the primary, of another the first label's. */
static void draw_place(const struct page *page, const struct diag *diag, const struct sources *sources, const struct mark *marks,
                       size_t count, bool first)
{
    struct span span = SPAN_NONE;
    if (sources_get(sources, diag->span.source) == marks[0].source)
        span = diag->span;
    for (size_t i = 0; i < diag->label_count && span.source == 0; i++)
        if (sources_get(sources, diag->labels[i].span.source) == marks[0].source)
            span = diag->labels[i].span;
    struct position position = source_position(marks[0].source, span.start);
    text_add_repeat(page->out, " ", (size_t)page->gutter + 1);
    page_coloured(page, blue, first ? "-->" : ":::");
    text_addf(page->out, " %s:%u:%u\n", marks[0].source->name, position.line, position.column);
    draw_marks(page, marks, count, diag->severity == DIAG_ERROR ? red : yellow);
}

/* "= help: …", further lines of it below its first. */
static void draw_remark(const struct page *page, const char *kind, const char *remark)
{
    text_add_repeat(page->out, " ", (size_t)page->gutter + 2);
    page_coloured(page, blue, "=");
    text_add_char(page->out, ' ');
    page_coloured(page, bold, kind);
    text_add(page->out, ": ");
    for (const char *end; (end = strchr(remark, '\n')) != NULL; remark = end + 1) {
        text_add_str(page->out, (struct str){remark, (size_t)(end - remark) + 1});
        text_add_repeat(page->out, " ", (size_t)page->gutter + 6 + strlen(kind));
    }
    text_addf(page->out, "%s\n", remark);
}

static void draw_heading(const struct page *page, enum severity severity, const char *message)
{
    page_coloured(page, severity == DIAG_ERROR ? red : yellow, severity == DIAG_ERROR ? "error" : "warning");
    page_colour(page, bold);
    text_addf(page->out, ": %s", message);
    page_colour(page, plain);
    text_add_char(page->out, '\n');
}

static bool diag_render(const struct diag *diag, const struct sources *sources, bool colour, struct text *out)
{
    struct mark *marks = mem_array(diag->label_count + 1, sizeof *marks);
    if (marks == NULL)
        return false;
    size_t count = collect_marks(diag, sources, marks);
    struct page page = {out, colour, 1};
    for (size_t i = 0; i < count; i++) {
        int digits = snprintf(NULL, 0, "%u", marks[i].line);
        page.gutter = digits > page.gutter ? digits : page.gutter;
    }
    draw_heading(&page, diag->severity, diag->message);
    for (size_t i = 0; i < count;) {
        size_t group = 1;
        while (i + group < count && marks[i + group].source == marks[i].source)
            group++;
        draw_place(&page, diag, sources, marks + i, group, i == 0);
        i += group;
    }
    if (diag->note != NULL && sources_get(sources, diag->span.source) == NULL)
        draw_remark(&page, "note", diag->note);
    if (diag->help != NULL)
        draw_remark(&page, "help", diag->help);
    mem_free(marks);
    return true;
}

void diags_render(const struct diags *diags, const struct sources *sources, bool colour, struct text *out)
{
    struct page page = {out, colour, 1};
    for (size_t i = 0; i < diags->count; i++)
        if (!diag_render(&diags->at[i], sources, colour, out))
            draw_heading(&page, diags->at[i].severity, diags->at[i].message); /* no memory for more than that */
    if (diags->overflowed)
        draw_heading(&page, DIAG_ERROR, diags->count >= LIMIT_DIAGS ? "too many errors, the rest is not shown" : "out of memory");
}

static void json_place(struct text *out, const struct sources *sources, struct span span)
{
    const struct source *source = sources_get(sources, span.source);
    if (source == NULL)
        return;
    struct position start = source_position(source, span.start), end = source_position(source, span.end);
    text_add(out, ",\"file\":");
    text_add_json(out, str_of(source->name));
    text_addf(out, ",\"line\":%u,\"column\":%u,\"end_line\":%u,\"end_column\":%u", start.line, start.column, end.line, end.column);
}

static void json_member(struct text *out, const char *name, const char *value)
{
    if (value != NULL) {
        text_addf(out, ",\"%s\":", name);
        text_add_json(out, str_of(value));
    }
}

void diags_render_json(const struct diags *diags, const struct sources *sources, struct text *out)
{
    for (size_t i = 0; i < diags->count; i++) {
        const struct diag *diag = &diags->at[i];
        text_addf(out, "{\"severity\":\"%s\"", diag->severity == DIAG_ERROR ? "error" : "warning");
        json_place(out, sources, diag->span);
        json_member(out, "message", diag->message);
        json_member(out, "note", diag->note);
        json_member(out, "help", diag->help);
        text_add(out, ",\"labels\":[");
        for (size_t j = 0; j < diag->label_count; j++) {
            text_add(out, j == 0 ? "{\"text\":" : ",{\"text\":");
            text_add_json(out, str_of(diag->labels[j].text));
            json_place(out, sources, diag->labels[j].span);
            text_add_char(out, '}');
        }
        text_add(out, "]}\n");
    }
}
