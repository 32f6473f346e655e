/* A sweep at work: its cells, and what evaluating them in a run (sweep.c) and in nel check (sweep_check.c) share. */
#ifndef NEL_STUDY_SWEEP_H
#define NEL_STUDY_SWEEP_H

#include "interp/evaluate.h"
#include "support/vec.h"

struct cell {
    struct value *axes;   /* [axis count] what the body sees, retained */
    struct value *labels; /* [axis count] what the table shows, retained */
    struct value result;  /* retained */
    struct text printed;
    struct diags diags;
    bool done;
    struct costs *costs; /* nel check: what its trainings will cost */
};

struct sweep {
    struct eval *eval; /* of the expression; its frame is where the body stands */
    uint64_t outside;  /* the newest frame that was there before */
    const struct node *node;
    const struct node *body, *where, *draw;
    uint32_t axis_count;
    VEC(struct cell) cells;
    pthread_t caller;
    pthread_mutex_t progress_lock;
    size_t finished;
    double began;
    atomic_bool stop;
    size_t failures; /* nel check: cells evaluated that failed */
    bool open;       /* nel check: there are other cells that it does not know */
};

/* Evaluates the cell of this number on the calling thread; `context` is the sweep. */
void sweep_run_cell(void *context, size_t index);

/* The table of the cells that are done: in nel check, one row for all where some are not. VALUE_FAILED with a diagnostic. */
struct value sweep_collect(struct eval *eval, struct sweep *sweep);

/* nel check: the sweep's table, or as much of it as its cells have in common. */
struct value sweep_check(struct eval *eval, struct sweep *sweep);

#endif
