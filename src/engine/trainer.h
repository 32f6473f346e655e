/* A training at work: what train.c makes, epochs.c runs and trainer.c hands over. All memory is taken before the first epoch. */
#ifndef NEL_ENGINE_TRAINER_H
#define NEL_ENGINE_TRAINER_H

#include "engine/loss_kernel.h"
#include "engine/metrics.h"
#include "engine/optimizer.h"
#include "engine/small_step.h"
#include "engine/train.h"

struct trainer {
    const struct train_options *options;
    struct prepared *data;
    const struct progress *progress;
    struct model *model;
    struct training *training;
    struct training_state *state; /* the training's */
    struct crew *crew;            /* NULL: one thread does it */
    struct workspace workspace;
    struct targets targets;
    struct evaluator evaluator;
    struct optimizer optimizer;
    struct objective objective;
    struct loss_kernel loss_kernel;
    float *best;     /* [param_count] weights of the best epoch; NULL without patience */
    uint32_t *order; /* [training samples] this epoch's */
    uint32_t batch;  /* samples a step */
    struct small_step small;
    bool is_small;     /* `small` takes its steps */
    bool small_finite; /* … and the last one left all parameters finite */
    bool keep_chunk;   /* the one chunk holds all samples, in their order: loaded once */
    double began, reported, kept;
    double flops_left; /* until the next look at the clock */
};

/* trainer.c */

/* Memory for all that the training needs, which has its model, its data and its options. False where it is exhausted; release in any case. */
bool trainer_init(struct trainer *trainer);
/* Takes the place of `before` at its end, which has the same plan, options and data. False where memory is exhausted. */
bool trainer_take_over(struct trainer *trainer, const struct training *before);
/* Shows in the training what it would be if it ended here, and takes that back: the best weights are the model's, the present ones
   are what it goes on from. The second call with the same trainer undoes the first. */
void trainer_show(struct trainer *trainer, bool show);
/* Hands all that over to the training. */
void trainer_hand_over(struct trainer *trainer);
void trainer_release(struct trainer *trainer);

/* epochs.c */

/* Whether the training is to go on. */
bool trainer_has_epochs_left(const struct trainer *trainer);
/* Trains until it is not: by its options, its patience, a divergence or the user. Allocates nothing. */
void trainer_run_epochs(struct trainer *trainer);
/* Takes the snapshot of the epoch just finished (0: none yet) where one is wanted. */
void trainer_snapshot(struct trainer *trainer);
/* Lets the training's watch keep what it would be if it ended here; true where it did, or there is none. */
bool trainer_keep(struct trainer *trainer);

#endif
