/* What the documents of all nodes are made of: text, the places where lines may break, the comments around them, rows in brackets and
   braces. Internal to the formatter. A document that is NULL is empty. */
#ifndef NEL_SYNTAX_FORMAT_PARTS_H
#define NEL_SYNTAX_FORMAT_PARTS_H

#include "syntax/ast.h"
#include "syntax/comments.h"
#include "syntax/pretty.h"

typedef const struct pretty *document;

struct formatter {
    struct pretty_maker maker;
    struct str text; /* of the source */
    struct comments comments;
};

/* ---- building: see pretty.h ---- */

document part_join(struct formatter *formatter, const document *parts, size_t count);

#define JOIN(formatter, ...) part_join((formatter), (document[]){__VA_ARGS__}, sizeof((document[]){__VA_ARGS__}) / sizeof(document))

document part_word(struct formatter *formatter, const char *text);
document part_words(struct formatter *formatter, struct str text);
document part_verbatim(struct formatter *formatter, struct span span); /* as it was written */
document part_line(struct formatter *formatter);
document part_soft_line(struct formatter *formatter);
document part_hard_line(struct formatter *formatter);
document part_nest(struct formatter *formatter, document inside);
document part_group(struct formatter *formatter, document inside);

/* ---- comments, each of which is taken once ---- */

/* The comments before `start`, each with a line end behind it; `spaced`: empty lines between them are kept. */
document part_comments_above(struct formatter *formatter, uint32_t start, bool first, bool spaced);

/* The same before the last bracket of a construct, behind `rows` or where nothing else stands: line ends between them. */
document part_with_comments_left(struct formatter *formatter, document rows, uint32_t end);

/* The comment behind what ends at `end`; see comments_behind. */
document part_comment_behind(struct formatter *formatter, uint32_t end, bool bracketed, const char *between);

/* ---- several in a row ---- */

typedef document format_one(struct formatter *formatter, const struct node *node);

/* One of several: the comments above it and those from inside it for which there is no place, itself, what separates it from the
   next, and the comment behind it. */
struct part_row {
    document above, item, behind;
};

struct part_row part_row_make(struct formatter *formatter, const struct node *node, format_one *format, const char *separator,
                              bool first, bool spaced);

/* In a list. */
document part_list_row(struct formatter *formatter, const struct node *node, format_one *format, const char *separator);

/* Among statements, fields or clauses: empty lines are kept. */
document part_spaced_row(struct formatter *formatter, const struct node *node, format_one *format, bool first);

/* `inside` between brackets, on their line or indented on lines of its own. */
document part_enclosed(struct formatter *formatter, const char *open, document inside, const char *close);
document part_in_brackets(struct formatter *formatter, document inside);

/* The items from `from` on in the braces that open at `open`, in no group of their own: side by side with `separator` between them,
   or a line each; so in any case where `always_open`, or where the writer ended the line behind the `{`. */
document part_braces(struct formatter *formatter, const struct node *node, uint32_t from, uint32_t open, format_one *format,
                     struct str separator, bool always_open);

/* The literal that begins at `start`, its closing quote included. */
struct str part_string_literal(const char *start);

#endif
