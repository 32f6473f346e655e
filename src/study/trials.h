/* Trials: trainings that run side by side, with the lock of the state let go of. */
#ifndef NEL_STUDY_TRIALS_H
#define NEL_STUDY_TRIALS_H

#include "interp/run.h"

struct checkpoint; /* checkpoint.h */

/* One training. Everything that counts references is set and taken under the state's lock. */
struct trial {
    struct prepared *prepared;
    struct molecule *molecule; /* with its head */
    struct train_options options;
    const struct training *before; /* it goes on with this, borrowed; NULL: it begins with `molecule` */
    struct train_watch watch;      /* the options point here where something is kept on the way */
    uint32_t *snapshots;           /* the watch's */
    struct checkpoint *checkpoint; /* the watch's; it lends `before` what its file held. NULL: none */
    struct training *training;
    struct diags diags;
};

/* Threads that a training may use which runs alone: within a sweep's cell just the one that the cell has. */
unsigned training_threads(const struct eval *eval);

/* Trains all of them: several at once on the threads of the state, a lone one on all of them, with reports of its epochs. */
void trials_train(struct eval *eval, struct trial *trials, size_t count);
/* The training of one that was trained, now the caller's, and its diagnostics go to those of `eval`; NULL with a diagnostic. */
struct training *trial_take(struct eval *eval, struct trial *trial, struct span span);
void trials_release(struct trial *trials, size_t count); /* `trials`, too */

/* Whether a wish to stop came before the trial began; and whether, of all that have not been taken yet, before the first one did. */
bool trial_waits(const struct trial *trial);
bool trials_wait(const struct trial *trials, size_t count);
/* The runs of trials of which so many were wanted. Of those that a wish to stop interrupted none stays beside others that came to
   their end, since figures of all would be of unequal trainings; a warning tells it. */
struct value trials_value(struct eval *eval, const struct list *runs, size_t wanted, struct span span);

/* Lets other evaluations go on while this thread trains. */
void state_unlock(struct eval *eval);
void state_lock(struct eval *eval);

#endif
