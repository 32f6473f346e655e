/* Cohorts: networks of one plan that differ in their parameters, judged side by side. Sixteen of them are the lanes of a register: a
   weight is not a number but one number a network, and what a sample does to sixteen networks is one instruction each.

   So a network of a dozen weights costs what a dozen multiply-adds cost, and neither a workspace, nor a call for each of its layers. Values
   that do not hang on parameters go through the ops of workspace.h, for which lanes of networks are rows of samples like any others.

   The naive twin is evaluator_run (metrics.h), one network at a time; sums are added up in another order, so that losses agree but for
   rounding. What one network gets does not hang on who else is in its cohort. */
#ifndef NEL_ENGINE_COHORT_H
#define NEL_ENGINE_COHORT_H

#include "engine/objective.h"

/* Memory that cohorts of any plans are judged in, one after another; zero-initialise. It grows with the largest. */
struct cohort {
    struct workspace workspace; /* borrows the blocks below */
    float *arena, *scratch;
    float *params;        /* [param_count x LANES] */
    uint32_t *repeat;     /* [capacity] the sample of each lane */
    const float **places; /* [capacity] where it is */
    size_t arena_count, scratch_count, params_count;
    struct targets targets;
    uint32_t target_width;
    const struct samples *loaded; /* whose only chunk stands in the workspace and the targets; NULL: nobody's */
};

/* What is known of a network on one set of samples. */
struct cohort_figures {
    double loss, accuracy; /* accuracy: NaN where the samples are values */
};

/* Whether networks of `plan` can be judged so: no norms and no learned parameters of elements. */
bool cohort_fits(const struct plan *plan);

/* Judges `count` networks on `samples`: params[i] [param_count] are borrowed, figures[i] is written. False where memory is exhausted. */
bool cohort_run(struct cohort *cohort, const struct plan *plan, const struct objective *objective, const struct samples *samples,
                const float *const *params, size_t count, struct cohort_figures *figures);
void cohort_release(struct cohort *cohort);

#endif
