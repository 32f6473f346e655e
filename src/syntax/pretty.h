/* Pretty printing: a text with places where it may break, laid out within a width. A document is built bottom-up from the
   functions below; NULL is the empty one. A group stands on one line where it fits and breaks at each of its own lines where it does
   not; groups inside decide for themselves.

   The model is Wadler's ("A prettier printer", 2003), the layout Lindig's strict version of it ("Strictly Pretty", 2000): one pass
   with an explicit stack, looking ahead no further than the line is wide. Two things are added that a formatter of source needs. A
   hard line (a comment follows, the author wants it) breaks every group around it. A suffix is a comment that goes to the end of
   whatever line it falls on. */
#ifndef NEL_SYNTAX_PRETTY_H
#define NEL_SYNTAX_PRETTY_H

#include "support/arena.h"
#include "support/text.h"
#include "support/vec.h"

struct pretty; /* a document, in an arena */

/* Builds documents. After exhausted memory `failed` is set and documents are incomplete. */
struct pretty_maker {
    struct arena *arena;
    bool failed;
};

const struct pretty *pretty_text(struct pretty_maker *maker, struct str text); /* on one line; borrowed */
const struct pretty *pretty_join(struct pretty_maker *maker, const struct pretty *first, const struct pretty *second);
const struct pretty *pretty_line(struct pretty_maker *maker);      /* a blank, or a new line */
const struct pretty *pretty_soft_line(struct pretty_maker *maker); /* nothing, or a new line */
const struct pretty *pretty_hard_line(struct pretty_maker *maker); /* a new line */
const struct pretty *pretty_break(struct pretty_maker *maker);     /* nothing; breaks the groups around it */
const struct pretty *pretty_if_broken(struct pretty_maker *maker, struct str broken, struct str flat);
const struct pretty *pretty_suffix(struct pretty_maker *maker, struct str comment);
const struct pretty *pretty_nest(struct pretty_maker *maker, const struct pretty *inside); /* one level deeper */
const struct pretty *pretty_group(struct pretty_maker *maker, const struct pretty *inside);

bool pretty_breaks(const struct pretty *document); /* holds a hard line or a suffix: it cannot stand on one line */

/* A suffix as it came out: the line's code is out[line..code), its comment begins at out[comment]. */
struct pretty_comment {
    size_t line, code, comment;
};
struct pretty_comments {
    VEC(struct pretty_comment) list;
};

/* Lays `document` out and adds it to `out`, without a line end. False where memory is exhausted. */
bool pretty_print(const struct pretty *document, unsigned width, struct text *out, struct pretty_comments *comments);

#endif
