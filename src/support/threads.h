/* Work spread over cores: independent numbered tasks, each with a result slot of its own, so that the outcome does not depend on
   who does which. */
#ifndef NEL_SUPPORT_THREADS_H
#define NEL_SUPPORT_THREADS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

/* Cores this process may use (its affinity mask), at least 1. */
unsigned threads_available(void);

/* Calls task(context, i) for every i in 0..count-1, on at most `threads` threads (0: threads_available()), the caller's among
   them; tasks start in order. Returns when all have ended. Where a thread cannot be made, fewer do the work:
   it never fails. */
void threads_each(unsigned threads, size_t count, void (*task)(void *context, size_t index), void *context);

/* Starts up to `wanted` threads that call run(argument), and returns how many there are. They have LIMIT_THREAD_STACK bytes of stack,
   and signals are blocked in them, so that Ctrl-C reaches the thread that knows what to do with it. */
unsigned threads_start(pthread_t *threads, unsigned wanted, void *(*run)(void *argument), void *argument);

#endif
