/* Progress. One lock for the whole process keeps two reports from running at once: the sink is the face's, which draws on one
   terminal however many trainings run. */
#include "support/progress.h"

#include <pthread.h>
#include <time.h>

static pthread_mutex_t report_lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP; /* a sink may pass on to another */

void progress_report(const struct progress *progress, const struct progress_event *event)
{
    if (progress == NULL || progress->report == NULL)
        return;
    pthread_mutex_lock(&report_lock);
    progress->report(progress->context, event);
    pthread_mutex_unlock(&report_lock);
}

bool progress_cancelled(const struct progress *progress)
{
    return progress != NULL && progress->cancel != NULL && atomic_load_explicit(progress->cancel, memory_order_relaxed);
}

double clock_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}
