/* The tables of built-ins, one a subject; `state_open` adds them all. */
#ifndef NEL_INTERP_BUILTINS_H
#define NEL_INTERP_BUILTINS_H

#include "interp/eval.h"

#define BUILTIN_TABLE(subject)                                                                                                     \
    extern const struct builtin_row builtins_##subject[];                                                                          \
    extern const size_t builtins_##subject##_count

BUILTIN_TABLE(core);     /* lists and records */
BUILTIN_TABLE(number);   /* numbers and texts */
BUILTIN_TABLE(table);    /* tables and statistics */
BUILTIN_TABLE(data);     /* data sets */
BUILTIN_TABLE(made);     /* data sets from functions and lists */
BUILTIN_TABLE(net);      /* molecules */
BUILTIN_TABLE(rule);     /* rewriting */
BUILTIN_TABLE(learn);    /* what trainings give */
BUILTIN_TABLE(signals);  /* what is measured in networks */
BUILTIN_TABLE(predict);  /* what trained networks say */
BUILTIN_TABLE(ensemble); /* several that answer as one */
BUILTIN_TABLE(further);  /* trainings that go on */
BUILTIN_TABLE(save);     /* runs in files */
BUILTIN_TABLE(plot);     /* pictures */

/* All of them, each under the heading that it has in the manual; a NULL title ends it. */
struct builtin_subject {
    const char *title;
    const struct builtin_row *rows;
    const size_t *count;
};
extern const struct builtin_subject builtin_subjects[];

/* Options with parameters, such as adam(lr: 1e-3): a built-in of each, which gives a VALUE_SPEC. */
struct spec_row {
    const char *signature;
    const char *family; /* what it may be given for */
    const char *doc;
};
bool specs_add(struct eval *eval, const struct spec_row *rows, size_t count);
/* The row that a built-in was made from; NULL: it is no spec's. */
const struct spec_row *spec_row_of(struct value value);

/* The loss that a built-in was made from, where one was declared; NULL: none. */
const struct loss *loss_of_value(struct value value);

/* The spec that `value` is or, for a bare name such as `adam`, would be with its defaults; NULL with a diagnostic that lists the
   family's members. */
const struct spec *spec_of(struct eval *eval, struct value value, const char *family, struct span span);
/* A number among a spec's fields. */
double spec_number(const struct spec *spec, const char *field);

/* The actions of growth policies. */
bool growth_actions_add(struct eval *eval);

/* `curve`, `heatmap` and `boundary`: pictures that are drawn when they are shown or plotted. */
bool pictures_add(struct eval *eval);

/* The toy data sets, as functions, and the list `toys` of those that a sweep goes over. */
bool toys_add(struct eval *eval);

#endif
