/* Runs as values. */
#ifndef NEL_INTERP_RUN_H
#define NEL_INTERP_RUN_H

#include "interp/objects.h"

/* A run of `training` (taken over), owned by the pool; `named` is the molecule's value, `data` that of its data: where names come from. In
   nel check there is no training, and data and molecule are NULL where unknown. */
struct value run_make(struct eval *eval, struct training *training, struct prepared *prepared, const struct molecule *molecule,
                      struct value named, const struct train_options *options, struct value data);
/* A run like `run` with another training (taken over; NULL in nel check) and its epochs. */
struct value run_again(struct eval *eval, const struct run *run, struct training *training, uint32_t epochs);
/* The data set that data of a run is, of a split its training part; NULL for what will only give one. */
const struct dataset *run_dataset(struct value data);

/* The runs of several trials as one value, from a list's items, which are runs. */
struct value runs_make(struct eval *eval, const struct value *runs, size_t count);
/* So many runs, each the one at `run`: what nel check knows of them is what they have in common. */
struct value runs_alike(struct eval *eval, struct value run, size_t count);

/* snapshot.c: the method `at` of runs. */
struct value run_at_method(struct eval *eval, struct value self);

#endif
