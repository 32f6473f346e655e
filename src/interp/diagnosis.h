/* What can be said of a run that went wrong, part by part; run_diagnosis of objects.h has all of it. Both write a sentence and give true
   where there is something to say. The run was trained for an epoch at least, and did not diverge. */
#ifndef NEL_INTERP_DIAGNOSIS_H
#define NEL_INTERP_DIAGNOSIS_H

#include "interp/objects.h"

/* What nobody could learn: every layer is frozen, there is nothing to tell rows apart by, options drown what there is. */
bool diagnose_task(const struct run *run, struct text *out);
/* That the network knows no more of its training data than their mean or their most frequent class, and why that may be. */
bool diagnose_learning(const struct run *run, struct text *out);

#endif
