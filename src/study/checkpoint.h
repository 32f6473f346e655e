/* Checkpoints: the option `checkpoint` of `train`. A training keeps its state in a file while it runs, and the same training, asked for
   again, goes on from there. */
#ifndef NEL_STUDY_CHECKPOINT_H
#define NEL_STUDY_CHECKPOINT_H

#include "study/trials.h"

struct lesson;

/* What the run will be called, in the file. */
struct checkpoint_names {
    const char *molecule, *data; /* or NULL */
    bool several;                /* one of several trials, whose files have */
    uint64_t number;             /* … this number in their names */
};

/* Whether the option is a name for such a file, or nel check does not know it; else an error. */
bool checkpoint_check(struct eval *eval, struct value checkpoint, struct span span);

/* Whether the file that the option names, where it names one, can be written; else an error. */
bool checkpoint_try(struct eval *eval, const struct lesson *lesson);

/* Lets the trial, which is otherwise ready, keep its state in the file that the option names, and begin with what the file holds, where
   there is one. False with a diagnostic: the file belongs to another training, or cannot be used. */
bool checkpoint_open(struct eval *eval, const struct lesson *lesson, const struct checkpoint_names *names, struct trial *trial);

/* Warns where the training ended with its last state unwritten. */
void checkpoint_tell(struct eval *eval, const struct trial *trial);
void checkpoint_close(struct checkpoint *checkpoint);

#endif
