/* Progress. The sink brings its lock, so that one sink never runs twice at once and two sinks never wait for each other. */
#include "support/progress.h"

#include <time.h>

void progress_report(const struct progress *progress, const struct progress_event *event)
{
    if (progress == NULL || progress->report == NULL)
        return;
    if (progress->lock != NULL)
        pthread_mutex_lock(progress->lock);
    progress->report(progress->context, event);
    if (progress->lock != NULL)
        pthread_mutex_unlock(progress->lock);
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
