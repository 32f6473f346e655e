/* Spreading tasks: threads take the next number from one atomic counter until none is left. Threads are made for one call and
   joined at its end: a task here is a training or a good part of one, against which the making of a thread (some 20 µs) is nothing. */
#include "support/threads.h"

#include <locale.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "support/limits.h"

struct work {
    atomic_size_t next;
    size_t count;
    void (*task)(void *context, size_t index);
    void *context;
    locale_t locale; /* the caller's: what a task prints looks the same on every thread */
};

unsigned threads_available(void)
{
    long cores = 0;
#ifdef __linux__
    cpu_set_t mask;
    if (sched_getaffinity(0, sizeof mask, &mask) == 0)
        cores = CPU_COUNT(&mask);
#endif
    if (cores <= 0)
        cores = sysconf(_SC_NPROCESSORS_ONLN);
    return cores < 1 ? 1 : cores > LIMIT_THREADS ? LIMIT_THREADS : (unsigned)cores;
}

static void *work_run(void *argument)
{
    struct work *work = argument;
    uselocale(work->locale);
    size_t index;
    while ((index = atomic_fetch_add_explicit(&work->next, 1, memory_order_relaxed)) < work->count)
        work->task(work->context, index);
    return NULL;
}

unsigned threads_start(pthread_t *threads, unsigned wanted, void *(*run)(void *argument), void *argument)
{
    pthread_attr_t attributes;
    if (wanted == 0 || pthread_attr_init(&attributes) != 0)
        return 0;
    pthread_attr_setstacksize(&attributes, LIMIT_THREAD_STACK);
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    unsigned started = 0;
    while (started < wanted && pthread_create(&threads[started], &attributes, run, argument) == 0)
        started++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return started;
}

void threads_each(unsigned threads, size_t count, void (*task)(void *context, size_t index), void *context)
{
    if (threads == 0)
        threads = threads_available();
    if (threads > LIMIT_THREADS)
        threads = LIMIT_THREADS;
    if (threads > count)
        threads = (unsigned)count;
    struct work work = {.count = count, .task = task, .context = context, .locale = uselocale((locale_t)0)};
    pthread_t workers[LIMIT_THREADS];
    unsigned started = threads_start(workers, threads > 1 ? threads - 1 : 0, work_run, &work);
    work_run(&work);
    for (unsigned i = 0; i < started; i++)
        pthread_join(workers[i], NULL);
}
