/* What the trainings of a script will cost, gathered while `nel check` walks through it, and told as a table or as JSON. */
#ifndef NEL_STUDY_COSTS_H
#define NEL_STUDY_COSTS_H

#include "engine/cost.h"
#include "engine/train.h"
#include "interp/eval.h"
#include "support/vec.h"

enum cost_kind { COST_TRAIN, COST_GROW, COST_EVOLVE };

/* Alike trainings of one expression. */
struct cost_row {
    enum cost_kind kind;
    struct span span;                /* of the expression */
    const struct molecule *molecule; /* with its head, retained: what is trained, grown from or evolved from; NULL: not known */
    struct cost cost;                /* of one training of `molecule`, on the data */
    double epochs;                   /* of one training, at most; 0: nobody knows, a policy stops it */
    double trainings;                /* trials, folds, cells of sweeps and members of populations together; at most, with `most` */
    double cells;                    /* how many cells of a sweep have such trainings; 0: it is in no sweep */
    double epoch_seconds;            /* on one thread */
    bool most;                       /* the figures are bounds: training may end earlier, or on a smaller network */
    uint64_t options;                /* what else tells trainings apart: a hash of batch, optimiser and data */
};

/* A network that was measured: those of a sweep's cells come again and again. */
struct measured {
    const struct molecule *molecule; /* retained */
    uint64_t options;
    double epoch_flops, epoch_seconds;
};

struct costs {
    VEC(struct cost_row) rows;
    VEC(struct measured) measured; /* in the state's costs, for all */
    double measuring;              /* seconds spent on that */
    struct split *split;           /* the parts that were prepared last, retained, … */
    struct prepared
        *prepared; /* … and so: trainings in a row are mostly on the same data, and which rows select is no matter here */
    double share;  /* for this share of validation rows */
};

struct costs *costs_new(void);
void costs_release(struct costs *costs);

/* The split as `prepare` makes it, one reference, where nothing is trained on it (nel check) that which was made before. NULL with a
   diagnostic. */
struct prepared *costs_prepare(struct eval *eval, struct split *split, double share, uint64_t seed, struct span span);

/* Notes a training for the check that is going on (none: does nothing). `prepared` NULL: its data is not known. False with a
   diagnostic where it cannot be trained, or memory is exhausted. */
struct training_plan {
    enum cost_kind kind;
    struct span span;
    const struct molecule *molecule; /* with its head */
    const struct prepared *prepared;
    const struct train_options *options;
    double trainings, epochs;
    double most_params; /* an evolution's limit: the bound is for networks of so many; 0: as many as `molecule` has */
    bool most;
};
bool costs_note(struct eval *eval, const struct training_plan *plan);

/* What a sweep's cell noted goes to the sweep's own, for so many cells of this kind. */
bool costs_move(struct costs *to, struct costs *from, double cells);

/* Whether both noted the same kinds of trainings. */
bool costs_alike(const struct costs *a, const struct costs *b);

#endif
