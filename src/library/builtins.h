/* The tables of built-ins, one a subject; `state_open` adds them all. Those on trained networks are declared in learn.h. */
#ifndef NEL_LIBRARY_BUILTINS_H
#define NEL_LIBRARY_BUILTINS_H

#include "study/learn.h"

BUILTIN_TABLE(core);   /* lists and records */
BUILTIN_TABLE(number); /* numbers and texts */
BUILTIN_TABLE(table);  /* tables and statistics */
BUILTIN_TABLE(data);   /* data sets */
BUILTIN_TABLE(made);   /* data sets from functions and lists */
BUILTIN_TABLE(net);    /* molecules */
BUILTIN_TABLE(rule);   /* rewriting */
BUILTIN_TABLE(learn);  /* what trainings give */
BUILTIN_TABLE(plot);   /* pictures */

/* All of them, each under the heading that it has in the manual; a NULL title ends it. */
struct builtin_subject {
    const char *title;
    const struct builtin_row *rows;
    const size_t *count;
};
extern const struct builtin_subject builtin_subjects[];

/* `curve`, `heatmap` and `boundary`: pictures that are drawn when they are shown or plotted. */
bool pictures_add(struct eval *eval);

/* The toy data sets, as functions, and the list `toys` of those that a sweep goes over. */
bool toys_add(struct eval *eval);

#endif
