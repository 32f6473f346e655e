/* Figures of runs: by name, as estimates over trials, as records and tables, on the run's own parts and on other data. */
#ifndef NEL_INTERP_FIGURES_H
#define NEL_INTERP_FIGURES_H

#include "interp/objects.h"

/* How the run's data became inputs; NULL where nel check does not know the data. */
const struct recipe *run_recipe(const struct run *run);

/* Whether it is a figure of how well a run does on a set of samples, such as accuracy; not so params. */
bool figure_is_score(struct str name);

/* A figure of a run by name, as `run.accuracy` gives it: a score, on test where there is one, else validation, else training; else
   params, flops, epochs or seconds. NaN where it does not apply. False with a diagnostic where memory is exhausted. */
bool run_figure(struct eval *eval, const struct run *run, struct str name, double *figure);
/* The same over trials, an estimate. */
struct value runs_figure(struct eval *eval, const struct runs *runs, struct str name);

/* Whether the figure is known: what a training tells is not in `nel check`. */
bool run_figure_known(const struct run *run, struct str name);
/* Whether the figure says anything for this run's kind of data; the error that says it does not, and which do. */
bool run_figure_applies(const struct run *run, struct str name);
struct value figure_refuse(struct eval *eval, const struct run *run, struct str name, struct span span);

/* What follows takes the runs of one training, at least one; figures are numbers or, of several trials, estimates. */

/* Figures of one set (train, validation, test) that apply, as a record; VALUE_NONE where the runs have no such set. */
struct value runs_scores(struct eval *eval, struct run *const *runs, size_t count, bool several, struct str set);
/* The same on another data set. */
struct value runs_score_on(struct eval *eval, struct run *const *runs, size_t count, bool several, const struct dataset *data,
                           struct span span);
/* The table `classes`, a row for each with its precision, recall, F1, AUC and support, or `confusion`, a row for each true class
   and a column for each that it was taken for. */
struct value runs_classes(struct eval *eval, struct run *const *runs, size_t count, bool several, struct str name,
                          struct span span);

/* The name of the set that a run's figures are of where none is named. */
const char *run_honest_set(const struct run *run);

/* Whether the data has as many features as the recipe reads; else an error. */
bool features_fit(struct eval *eval, const struct recipe *recipe, const struct dataset *data, struct span span);

/* A class by its name, or its number where the classes have no names. */
struct value class_value(struct eval *eval, const struct recipe *recipe, uint32_t label);
/* The names of all classes, or their numbers as texts: a list. */
struct value class_names(struct eval *eval, const struct recipe *recipe);

#endif
