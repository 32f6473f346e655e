/* Diagnostics: errors and warnings as values. Libraries add to a list; a face renders it. A message is lower case, quotes what
   the user wrote in backticks, and has no full stop; the help line says what to do. */
#ifndef NEL_SUPPORT_DIAG_H
#define NEL_SUPPORT_DIAG_H

#include <stdbool.h>
#include <stddef.h>

#include "support/source.h"
#include "support/text.h"

enum severity { DIAG_ERROR, DIAG_WARNING };

/* A second place that explains the first: "this one gives 8 values". */
struct diag_label {
    struct span span;
    char *text;
};

struct diag {
    enum severity severity;
    struct span span; /* underlined with ^^^ */
    char *message;
    char *note; /* what to read beside the caret, or NULL */
    char *help; /* "did you mean `relu`?", or NULL */
    struct diag_label *labels;
    size_t label_count;
    bool traced; /* labels say by which calls it came about */
};

struct diags {
    struct diag *at;
    size_t count, cap;
    size_t errors;      /* how many of them are errors */
    size_t limits;      /* how many of the errors are no mistakes of the script (diag_limit) */
    bool overflowed;    /* more were found than LIMIT_DIAGS, or memory ran out while one was made */
    bool out_of_memory; /* one of them says so, or could not be made for that reason */
};

/* Adds one. The returned pointer serves diag_note, diag_help and diag_label until the next one is added; it may be NULL (out of
   memory, over the limit), which those three accept. */
struct diag *diag_error(struct diags *diags, struct span span, const char *format, ...) __attribute__((format(printf, 3, 4)));
struct diag *diag_warning(struct diags *diags, struct span span, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* An error of this kind: sound, but larger than a limit of limits.h, or a rewrite that gives no network where it was tried. Who tries
   things out passes over what ends so. */
struct diag *diag_limit(struct diags *diags, struct span span, const char *format, ...) __attribute__((format(printf, 3, 4)));
void diag_note(struct diag *diag, const char *format, ...) __attribute__((format(printf, 2, 3)));
void diag_help(struct diag *diag, const char *format, ...) __attribute__((format(printf, 2, 3)));
void diag_label(struct diag *diag, struct span span, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The one message for a failed allocation; false, so that callers can `return diag_out_of_memory(…)`. */
bool diag_out_of_memory(struct diags *diags, struct span span);

/* Puts those from number `from` on in the order of their places: files that are used before those that use them, then by where they
   begin. */
void diags_sort(struct diags *diags, size_t from);

/* Gives diagnostics that stand nowhere this place; diags_move_into: those from number `from` on that stand anywhere outside of it. */
void diags_place(struct diags *diags, struct span span);
void diags_move_into(struct diags *diags, size_t from, struct span span);

/* Moves everything from `from` to the end of `to`. */
void diags_move(struct diags *to, struct diags *from);
void diags_release(struct diags *diags);

/* Renders all, in order, as

       error: unknown element `rellu`
         --> script.nel:3:9
          |
        3 | let m = rellu(8)
          |         ^^^^^ not an element
          = help: did you mean `relu`?

   with ANSI colours where `colour`. */
void diags_render(const struct diags *diags, const struct sources *sources, bool colour, struct text *out);

/* The same as JSON: one object a line (severity, file, line, column, end_line, end_column, message, help, labels). */
void diags_render_json(const struct diags *diags, const struct sources *sources, struct text *out);

#endif
