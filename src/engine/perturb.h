/* Weights moved by chance: the mutation of neuroevolution without gradients. */
#ifndef NEL_ENGINE_PERTURB_H
#define NEL_ENGINE_PERTURB_H

#include "engine/plan.h"
#include "support/random.h"

/* Writes to `to` the parameters `from` [param_count, room for whole lanes of both] with every weight and bias moved that is not frozen: by a
   normal deviate times `step`, or, one in ten, put anew to one times twice that (the mutation of weights of NEAT: Stanley and
   Miikkulainen 2002, with normal deviates for uniform ones). False, and nothing written, where there is none to move. */
bool params_perturb(const struct plan *plan, double step, struct random *random, const float *from, float *to);

#endif
