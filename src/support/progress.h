/* Progress as events, and the wish to stop. Libraries never print: they report to a sink that the face supplies. */
#ifndef NEL_SUPPORT_PROGRESS_H
#define NEL_SUPPORT_PROGRESS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

enum progress_kind { PROGRESS_TRAIN, PROGRESS_SWEEP, PROGRESS_EVOLVE, PROGRESS_GROW, PROGRESS_MESSAGE };

/* What a search tells of itself beside its generations. */
struct progress_search {
    double best, mean; /* fitness: of all so far, and of the population */
    size_t distinct, population;
    size_t trained; /* trainings so far */
};

/* One report. Figures that do not apply are NaN. */
struct progress_event {
    enum progress_kind kind;
    size_t done, total;                   /* epochs, cells, generations or rounds */
    double seconds;                       /* since this work began */
    double loss, accuracy;                /* of the running training, or the best so far */
    const struct progress_search *search; /* borrowed for the call; NULL where it is none */
    const char *what;                     /* "epoch", "run", "generation", "round", or the message; borrowed for the call */
    bool finished;                        /* the last event of this work */
};

/* Where reports go. `report` may be called from any thread, but, with a lock, never from two at once. */
struct progress {
    void (*report)(void *context, const struct progress_event *event);
    void *context;
    atomic_bool *cancel;   /* set by the face (Ctrl-C); NULL where nothing can stop the work */
    pthread_mutex_t *lock; /* held while `report` runs; NULL where only one thread reports */
};

/* A sink for quiet work; accepts NULL in every call below. */
void progress_report(const struct progress *progress, const struct progress_event *event);
bool progress_cancelled(const struct progress *progress);

/* Seconds on a clock that only goes forward. */
double clock_seconds(void);

#endif
