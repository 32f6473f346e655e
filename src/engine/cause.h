/* The likely cause of a training whose loss rose or is no longer finite, and what to do about it: the same words for the warning that
   comes with it, for `show` and for `why`. */
#ifndef NEL_ENGINE_CAUSE_H
#define NEL_ENGINE_CAUSE_H

#include "engine/culprit.h"
#include "engine/train.h"

enum cause_kind {
    CAUSE_FORMULA, /* an element or a loss has no value at an argument */
    CAUSE_LOSS,    /* a loss of the user's own is not finite where the network begins */
    CAUSE_INPUTS,  /* they are large, */
    CAUSE_TARGETS, /* … these are */
    CAUSE_RATE     /* the learning rate is too high, for certain or for want of another cause */
};

struct cause {
    enum cause_kind kind;
    const struct train_options *options; /* borrowed */
    struct culprit culprit;              /* CAUSE_FORMULA */
    double size;                         /* CAUSE_INPUTS, CAUSE_TARGETS: the largest of them */
};

/* `train`: what it was trained on; NULL: not known any more. */
struct cause cause_find(const struct training *training, const struct train_options *options, const struct samples *train);
/* "learning rate 20 is too high", and as advice: "try a smaller learning rate than 20". */
void cause_print(const struct cause *cause, struct text *out);
void cause_help(const struct cause *cause, struct text *out);

/* Whether the learning rate is past where the optimiser rarely stays in the valley that it found. */
bool rate_is_high(const struct train_options *options);

/* Whether inputs, or targets that are values, are too large to train without being normalised: then they are the cause. */
bool cause_is_size(const struct samples *train, struct cause *cause);

/* The greatest size among them; 0 where there are none. */
double floats_largest(const float *values, size_t count);

#endif
