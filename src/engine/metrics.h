/* Figures of a network on a set of samples, computed chunk by chunk in memory of a fixed size. */
#ifndef NEL_ENGINE_METRICS_H
#define NEL_ENGINE_METRICS_H

#include "engine/objective.h"

/* What an evaluation needs; made once, used every epoch. */
struct evaluator {
    struct workspace workspace;
    struct targets targets;
    struct objective objective;
    struct output_sums *sums; /* [outputs], values only */
};

/* For sets of up to `most` samples. False where memory is exhausted. */
bool evaluator_init(struct evaluator *evaluator, const struct plan *plan, const struct objective *objective, bool classes,
                    uint32_t most);
void evaluator_release(struct evaluator *evaluator);

/* `recipe` (may be NULL) gives the scale of the targets. Loss and accuracy only where `brief`. */
struct scores evaluator_run(struct evaluator *evaluator, const float *params, const struct samples *samples,
                            const struct recipe *recipe, bool brief);

struct scores scores_none(void);

/* The scores of values that somebody else computed, in original units [count x outputs], a row contiguous; their loss is NaN. False
   where memory is exhausted. */
bool scores_of_values(const float *values, const struct samples *samples, const struct recipe *recipe, struct scores *scores);

#endif
