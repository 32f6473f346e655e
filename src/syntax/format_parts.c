/* See format_parts.h. */
#include "syntax/format_parts.h"

#include <string.h>

/* ---- building ---- */

document part_join(struct formatter *formatter, const document *parts, size_t count)
{
    document joined = NULL;
    for (size_t i = 0; i < count; i++)
        joined = pretty_join(&formatter->maker, joined, parts[i]);
    return joined;
}

document part_word(struct formatter *formatter, const char *text)
{
    return pretty_text(&formatter->maker, str_of(text));
}

document part_words(struct formatter *formatter, struct str text)
{
    return pretty_text(&formatter->maker, text);
}

document part_verbatim(struct formatter *formatter, struct span span)
{
    return part_words(formatter, (struct str){formatter->text.at + span.start, span.end - span.start});
}

document part_line(struct formatter *formatter)
{
    return pretty_line(&formatter->maker);
}

document part_soft_line(struct formatter *formatter)
{
    return pretty_soft_line(&formatter->maker);
}

document part_hard_line(struct formatter *formatter)
{
    return pretty_hard_line(&formatter->maker);
}

document part_nest(struct formatter *formatter, document inside)
{
    return pretty_nest(&formatter->maker, inside);
}

document part_group(struct formatter *formatter, document inside)
{
    return pretty_group(&formatter->maker, inside);
}

/* ---- comments ---- */

static document comment_text(struct formatter *formatter, const struct comment *comment)
{
    return part_words(formatter, (struct str){formatter->text.at + comment->start, comment->end - comment->start});
}

/* Where an empty line stands above `at`, and anything above that, one line end more. */
static document blank_line(struct formatter *formatter, uint32_t at, bool first)
{
    return !first && comments_blank_above(&formatter->comments, at) ? part_hard_line(formatter) : NULL;
}

document part_comments_above(struct formatter *formatter, uint32_t start, bool first, bool spaced)
{
    document lines = NULL;
    for (const struct comment *comment; (comment = comments_before(&formatter->comments, start)); first = false)
        lines = JOIN(formatter, lines, spaced ? blank_line(formatter, comment->start, first) : NULL,
                     comment_text(formatter, comment), part_hard_line(formatter));
    return lines;
}

document part_with_comments_left(struct formatter *formatter, document rows, uint32_t end)
{
    for (const struct comment *comment; (comment = comments_before(&formatter->comments, end));) {
        bool first = !rows;
        rows = JOIN(formatter, rows, first ? NULL : part_hard_line(formatter), blank_line(formatter, comment->start, first),
                    comment_text(formatter, comment), pretty_break(&formatter->maker));
    }
    return rows;
}

document part_comment_behind(struct formatter *formatter, uint32_t end, bool bracketed, const char *between)
{
    const struct comment *comment = comments_behind(&formatter->comments, end, bracketed, between);
    if (!comment)
        return NULL;
    struct str text = {formatter->text.at + comment->start, comment->end - comment->start};
    return pretty_suffix(&formatter->maker, text);
}

/* ---- several in a row ---- */

struct part_row part_row_make(struct formatter *formatter, const struct node *node, format_one *format, const char *separator,
                              bool first, bool spaced)
{
    struct part_row row = {.above = part_comments_above(formatter, node->span.start, first, spaced)};
    if (spaced)
        row.above = JOIN(formatter, row.above, blank_line(formatter, node->span.start, first && !row.above));
    row.item = JOIN(formatter, format(formatter, node), *separator ? part_word(formatter, separator) : NULL);
    row.above = JOIN(formatter, row.above, part_comments_above(formatter, node->span.end, true, false));
    row.behind = part_comment_behind(formatter, node->span.end, spaced, ",;");
    return row;
}

document part_list_row(struct formatter *formatter, const struct node *node, format_one *format, const char *separator)
{
    struct part_row row = part_row_make(formatter, node, format, separator, true, false);
    return JOIN(formatter, row.above, row.item, row.behind);
}

document part_spaced_row(struct formatter *formatter, const struct node *node, format_one *format, bool first)
{
    struct part_row row = part_row_make(formatter, node, format, "", first, true);
    return JOIN(formatter, row.above, row.item, row.behind);
}

document part_enclosed(struct formatter *formatter, const char *open, document inside, const char *close)
{
    document content = part_nest(formatter, JOIN(formatter, part_soft_line(formatter), inside));
    return part_group(formatter,
                      JOIN(formatter, part_word(formatter, open), content, part_soft_line(formatter), part_word(formatter, close)));
}

document part_in_brackets(struct formatter *formatter, document inside)
{
    return part_enclosed(formatter, "(", inside, ")");
}

/* ---- braces ---- */

/* The writer ended the line right behind the `{` at `open`, or has a comment there. */
static bool left_open(const struct formatter *formatter, uint32_t open)
{
    const char *at = formatter->text.at + open + 1;
    at += strspn(at, " \t\r");
    return *at == '\n' || *at == '#';
}

document part_braces(struct formatter *formatter, const struct node *node, uint32_t from, uint32_t open, format_one *format,
                     struct str separator, bool always_open)
{
    document brace = JOIN(formatter, part_word(formatter, "{"), part_comment_behind(formatter, open + 1, false, ""));
    document rows = NULL;
    for (uint32_t i = from; i < node->count; i++) {
        if (i > from)
            rows = JOIN(formatter, rows, pretty_if_broken(&formatter->maker, STR(""), separator), part_line(formatter));
        rows = JOIN(formatter, rows, part_spaced_row(formatter, node->items[i], format, i == from));
    }
    rows = part_with_comments_left(formatter, rows, node->span.end - 1);
    if (!rows && !pretty_breaks(brace))
        return part_word(formatter, "{}");
    document edge = always_open || left_open(formatter, open) ? part_hard_line(formatter) : part_line(formatter);
    document content = rows ? part_nest(formatter, JOIN(formatter, edge, rows)) : NULL;
    return JOIN(formatter, brace, content, edge, part_word(formatter, "}"));
}

struct str part_string_literal(const char *start)
{
    const char *end = start + 1;
    while (*end != '"')
        end += *end == '\\' ? 2 : 1;
    return (struct str){start, (size_t)(end + 1 - start)};
}
