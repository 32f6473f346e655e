/* Progress for people: one line that is redrawn on a terminal, a plain line now and then in a pipe, nothing where quiet. */
#ifndef NEL_PROGRESS_LINE_H
#define NEL_PROGRESS_LINE_H

#include <stdio.h>

#include "support/progress.h"

enum progress_style { PROGRESS_QUIET, PROGRESS_PLAIN, PROGRESS_TERMINAL, PROGRESS_JSON };

struct progress_line {
    FILE *file;
    enum progress_style style;
    bool drawn;        /* a bar stands on the current line */
    unsigned columns;  /* to write in; 0: the terminal's, asked each time, since it may be made wider or narrower */
    double last_plain; /* when the last plain line was written */
};

/* For `struct progress`: context is a struct progress_line. */
void progress_line_report(void *context, const struct progress_event *event);
/* Takes the bar away, so that other output starts on a clean line. */
void progress_line_clear(struct progress_line *line);

#endif
