/* Figures of ensembles, trained networks whose answers become one (engine/ensemble.h says how). */
#ifndef NEL_INTERP_ENSEMBLE_FIGURES_H
#define NEL_INTERP_ENSEMBLE_FIGURES_H

#include "interp/objects.h"

/* An ensemble has figures on those parts of the data that all its members were judged on, row by row the same;
   with trials of one training these are all parts. One from a file has them as they were when it was saved. In nel check figures are unknown. */

/* The part that figures are of where none is named: the most honest one that any member has. */
enum sample_set ensemble_honest_set(const struct ensemble *ensemble);
/* Whether any member has this part. */
bool ensemble_has_part(const struct ensemble *ensemble, enum sample_set set);
/* Whether the members were all judged on the same rows of this part. */
bool ensemble_shares(const struct ensemble *ensemble, enum sample_set set);

/* Judges all parts that the members share, so that it is known without their data; false with a diagnostic. */
bool ensemble_judge_all(struct eval *eval, struct ensemble *ensemble, struct span span);

/* A figure by name, a table of classes, the figures of a part as a record: as those of a run. An error where the members do not share
   the part. */
struct value ensemble_figure(struct eval *eval, struct ensemble *ensemble, struct str name, struct span span);
struct value ensemble_classes(struct eval *eval, struct ensemble *ensemble, struct str name, struct span span);
struct value ensemble_scores(struct eval *eval, struct ensemble *ensemble, enum sample_set set, struct span span);
/* On another data set, a record. */
struct value ensemble_score_on(struct eval *eval, const struct ensemble *ensemble, const struct dataset *data, struct span span);

#endif
