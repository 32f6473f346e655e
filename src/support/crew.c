/* A work has an epoch, which is its number, and two slots a thread. Who wants a slot's piece changes the slot's claim from the epoch
   before to this one; the work is over when all slots are done, empty ones too. So a thread that wakes up late finds nothing to
   claim, and what it reads of a work after a claim cannot be written anew until it is done.

   Threads that go to sleep say so before they look at the epoch a last time, and who changes the epoch looks for sleepers afterwards,
   both in sequentially consistent order: one of the two sees the other. */
#include "support/crew.h"

#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "support/limits.h"
#include "support/memory.h"
#include "support/threads.h"

/* Slots of each thread: with one, who is late by half a piece would have nobody to help. */
enum { SLOTS_EACH = 2, CACHE_LINE = 64 };

/* Looks at a word before a thread sleeps: some 20 microseconds, several times what waking it takes. */
enum { SPINS = 2000 };

struct slot {
    alignas(CACHE_LINE) atomic_uint claim; /* the last epoch that somebody took it for */
};

struct crew {
    struct slot slots[SLOTS_EACH * LIMIT_CREW];
    alignas(CACHE_LINE) atomic_uint epoch;
    alignas(CACHE_LINE) atomic_uint done; /* slots of this epoch */
    alignas(CACHE_LINE) atomic_uint sleepers;
    atomic_bool caller_sleeps, over;
    atomic_uint arrived; /* workers that have their number */
    pthread_mutex_t lock;
    pthread_cond_t work, finished;
    pthread_t workers[LIMIT_CREW];
    unsigned size; /* threads, the caller among them */
    /* of the present work */
    void (*task)(void *context, struct crew_part part);
    void *context;
    size_t count, unit;
};

static inline void relax(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

unsigned crew_size(const struct crew *crew)
{
    return crew ? crew->size : 1;
}

static unsigned slot_count(const struct crew *crew)
{
    return SLOTS_EACH * crew->size;
}

static void run_slot(const struct crew *crew, unsigned slot, unsigned worker)
{
    const size_t units = (crew->count + crew->unit - 1) / crew->unit, slots = slot_count(crew);
    struct crew_part part = {
        .from = units * slot / slots * crew->unit, .to = units * (slot + 1) / slots * crew->unit, .worker = worker};
    if (part.to > crew->count)
        part.to = crew->count;
    if (part.from < part.to)
        crew->task(crew->context, part);
}

/* Takes every slot that is still free, its own ones first. */
static void take_part(struct crew *crew, unsigned worker, unsigned epoch)
{
    const unsigned slots = slot_count(crew);
    unsigned mine = 0;
    for (unsigned i = 0; i < slots; i++) {
        const unsigned slot = (SLOTS_EACH * worker + i) % slots;
        unsigned before = epoch - 1;
        if (atomic_load_explicit(&crew->slots[slot].claim, memory_order_relaxed) == before &&
            atomic_compare_exchange_strong(&crew->slots[slot].claim, &before, epoch)) {
            run_slot(crew, slot, worker);
            mine++;
        }
    }
    if (mine == 0 || atomic_fetch_add(&crew->done, mine) + mine < slots || !atomic_load(&crew->caller_sleeps))
        return;
    pthread_mutex_lock(&crew->lock);
    pthread_cond_signal(&crew->finished);
    pthread_mutex_unlock(&crew->lock);
}

/* The epoch that follows `seen`. */
static unsigned next_epoch(struct crew *crew, unsigned seen)
{
    unsigned epoch = seen;
    for (int i = 0; i < SPINS && (epoch = atomic_load_explicit(&crew->epoch, memory_order_acquire)) == seen; i++)
        relax();
    if (epoch != seen)
        return epoch;
    pthread_mutex_lock(&crew->lock);
    atomic_fetch_add(&crew->sleepers, 1);
    while ((epoch = atomic_load(&crew->epoch)) == seen)
        pthread_cond_wait(&crew->work, &crew->lock);
    atomic_fetch_sub(&crew->sleepers, 1);
    pthread_mutex_unlock(&crew->lock);
    return epoch;
}

static void *crew_run(void *argument)
{
    struct crew *crew = argument;
    const unsigned worker = atomic_fetch_add(&crew->arrived, 1) + 1;
    for (unsigned epoch = next_epoch(crew, 0); !atomic_load(&crew->over); epoch = next_epoch(crew, epoch))
        take_part(crew, worker, epoch);
    return NULL;
}

/* Begins an epoch: returns its number. */
static unsigned announce(struct crew *crew)
{
    const unsigned epoch = atomic_fetch_add(&crew->epoch, 1) + 1;
    if (atomic_load(&crew->sleepers) > 0) {
        pthread_mutex_lock(&crew->lock);
        pthread_cond_broadcast(&crew->work);
        pthread_mutex_unlock(&crew->lock);
    }
    return epoch;
}

static bool all_done(struct crew *crew)
{
    return atomic_load(&crew->done) == slot_count(crew);
}

static void wait_for_others(struct crew *crew)
{
    for (int i = 0; i < SPINS; i++, relax())
        if (all_done(crew))
            return;
    pthread_mutex_lock(&crew->lock);
    atomic_store(&crew->caller_sleeps, true);
    while (!all_done(crew))
        pthread_cond_wait(&crew->finished, &crew->lock);
    atomic_store(&crew->caller_sleeps, false);
    pthread_mutex_unlock(&crew->lock);
}

void crew_share(struct crew *crew, size_t count, size_t unit, void (*task)(void *context, struct crew_part part), void *context)
{
    if (!crew) {
        task(context, (struct crew_part){.to = count});
        return;
    }
    crew->task = task;
    crew->context = context;
    crew->count = count;
    crew->unit = unit;
    atomic_store(&crew->done, 0);
    take_part(crew, 0, announce(crew));
    wait_for_others(crew);
}

struct crew *crew_make(unsigned threads)
{
    if (threads > LIMIT_CREW)
        threads = LIMIT_CREW;
    struct crew *crew = threads > 1 ? (struct crew *)(void *)mem_floats(sizeof *crew / sizeof(float)) : NULL; /* at a cache line */
    if (!crew)
        return NULL;
    pthread_mutex_init(&crew->lock, NULL);
    pthread_cond_init(&crew->work, NULL);
    pthread_cond_init(&crew->finished, NULL);
    crew->size = 1;
    crew->size += threads_start(crew->workers, threads - 1, crew_run, crew);
    if (crew->size > 1)
        return crew;
    crew_release(crew);
    return NULL;
}

void crew_release(struct crew *crew)
{
    if (!crew)
        return;
    atomic_store(&crew->over, true);
    announce(crew);
    for (unsigned i = 0; i + 1 < crew->size; i++)
        pthread_join(crew->workers[i], NULL);
    pthread_cond_destroy(&crew->work);
    pthread_cond_destroy(&crew->finished);
    pthread_mutex_destroy(&crew->lock);
    mem_free_floats((float *)(void *)crew);
}
