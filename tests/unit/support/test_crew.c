/* Crews: every part once, whatever the number of threads, their haste and their sleep. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "support/crew.h"
#include "support/limits.h"
#include "support/memory.h"

enum { MOST = 1000 };

struct board {
    size_t count, unit;
    atomic_int done[MOST];
    atomic_int busy[LIMIT_CREW]; /* calls of each worker that run now */
    atomic_int wrong;
};

static void mark(void *context, struct crew_part part)
{
    struct board *board = context;
    const bool well = part.from < part.to && part.to <= board->count && part.from % board->unit == 0 &&
                      (part.to % board->unit == 0 || part.to == board->count) && part.worker < LIMIT_CREW;
    if (!well || atomic_fetch_add(&board->busy[part.worker], 1) != 0)
        atomic_fetch_add(&board->wrong, 1);
    for (size_t i = part.from; i < part.to; i++)
        atomic_fetch_add(&board->done[i], 1);
    atomic_fetch_sub(&board->busy[part.worker], 1);
}

static void share_and_look(struct crew *crew, size_t count, size_t unit)
{
    static struct board board;
    memset(&board, 0, sizeof board);
    board.count = count;
    board.unit = unit;
    crew_share(crew, count, unit, mark, &board);
    assert_int_equal(board.wrong, 0);
    for (size_t i = 0; i < MOST; i++)
        assert_int_equal(board.done[i], i < count);
}

static void each_part_once(void **state)
{
    (void)state;
    for (unsigned threads = 0; threads <= 5; threads++) {
        struct crew *crew = crew_make(threads);
        assert_true(crew_size(crew) >= 1 && crew_size(crew) <= (threads > 1 ? threads : 1));
        for (size_t count = 1; count <= MOST; count = count * 2 + count % 3)
            for (size_t unit = 1; unit <= 64; unit *= 4)
                share_and_look(crew, count, unit);
        crew_release(crew);
    }
    struct crew *crew = crew_make(100000);
    assert_true(crew_size(crew) <= LIMIT_CREW);
    share_and_look(crew, MOST, 1);
    crew_release(crew);
}

/* Works with pauses between them, after which the others sleep, and works without. */
static void awake_and_asleep(void **state)
{
    (void)state;
    struct crew *crew = crew_make(3);
    for (int i = 0; i < 2000; i++) {
        if (i % 100 == 0)
            nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
        share_and_look(crew, 1 + (size_t)i % 50, 4);
    }
    crew_release(crew);
}

static void linger(void *context, struct crew_part part)
{
    atomic_int *calls = context;
    atomic_fetch_add(calls, 1);
    if (part.worker > 0)
        nanosleep(&(struct timespec){.tv_nsec = 3000000}, NULL);
}

/* The caller sleeps too, until the last part is done. */
static void caller_waits(void **state)
{
    (void)state;
    struct crew *crew = crew_make(2);
    for (int i = 0; i < 20; i++) {
        atomic_int calls = 0;
        crew_share(crew, 4, 1, linger, &calls);
        assert_int_equal(calls, 4);
    }
    crew_release(crew);
}

static void without_memory(void **state)
{
    (void)state;
    mem_fail_after(0);
    struct crew *crew = crew_make(4);
    mem_fail_after(-1);
    assert_null(crew);
    share_and_look(crew, 100, 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_part_once),
        cmocka_unit_test(awake_and_asleep),
        cmocka_unit_test(caller_waits),
        cmocka_unit_test(without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
