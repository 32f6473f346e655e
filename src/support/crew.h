/* A crew: threads that stay close by for pieces of work of some microseconds each, again and again. Making a thread for each of
   them (threads.h) would cost more than they do.

   Work is cut into pieces by its size and the size of the crew, and every thread has pieces of its own, always the same ones, so
   that what they read stays in its core's cache. Who is done early takes from the others: where a thread of the crew does not get
   a core, the others do its pieces and wait for nobody. So a task must give the same result however it is cut.

   Between two works the threads spin for some microseconds, then they sleep. */
#ifndef NEL_SUPPORT_CREW_H
#define NEL_SUPPORT_CREW_H

#include <stddef.h>

struct crew;

/* Part [from, to) of a work; `worker` counts the crew's threads from 0, the caller: no two at once have the same. */
struct crew_part {
    size_t from, to;
    unsigned worker;
};

/* `threads` with the caller's among them, LIMIT_CREW at most. NULL, which is a crew of one, where fewer than two are wanted, or memory
   or threads are exhausted. They have the caller's floating-point environment. */
struct crew *crew_make(unsigned threads);
void crew_release(struct crew *crew);

/* At most so many threads. */
unsigned crew_size(const struct crew *crew);

/* Calls task(context, part) for parts that together are [0, count), each but the last beginning and ending at multiples of
   `unit`; returns when all have ended. A crew serves one caller at a time, and a task does not call it. */
void crew_share(struct crew *crew, size_t count, size_t unit, void (*task)(void *context, struct crew_part part), void *context);

#endif
