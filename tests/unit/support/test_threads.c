/* Tasks on threads, and progress. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>

#include "support/limits.h"
#include "support/progress.h"
#include "support/threads.h"

enum { TASKS = 5000 };

struct slots {
    atomic_int done[TASKS];
};

static void fill(void *context, size_t index)
{
    struct slots *slots = context;
    atomic_fetch_add(&slots->done[index], 1);
}

static void each_task_runs_once(void **state)
{
    (void)state;
    const unsigned threads[] = {0, 1, 2, 7, 100000};
    for (int i = 0; i < 5; i++) {
        static struct slots slots;
        memset(&slots, 0, sizeof slots);
        size_t count = i == 4 ? 3 : TASKS;
        threads_each(threads[i], count, fill, &slots);
        for (size_t j = 0; j < TASKS; j++)
            assert_int_equal(slots.done[j], j < count);
    }
    threads_each(4, 0, fill, NULL);
    assert_true(threads_available() >= 1);
}

struct meeting {
    atomic_int arrived;
    pthread_t caller;
    atomic_int workers;
};

/* Touches `depth` pages of 64 KiB of stack. */
static unsigned use_stack(size_t depth)
{
    volatile unsigned char block[1 << 16];
    block[0] = (unsigned char)depth;
    unsigned below = depth == 0 ? 0 : use_stack(depth - 1);
    return below + block[0];
}

/* Two tasks wait for each other, so that one of them runs on a worker; that one uses three quarters of its stack. */
static void meet(void *context, size_t index)
{
    (void)index;
    struct meeting *meeting = context;
    atomic_fetch_add(&meeting->arrived, 1);
    while (atomic_load(&meeting->arrived) < 2)
        sched_yield();
    if (!pthread_equal(pthread_self(), meeting->caller) && use_stack(LIMIT_THREAD_STACK / (1 << 16) * 3 / 4) > 0)
        atomic_fetch_add(&meeting->workers, 1);
}

static void tasks_run_at_the_same_time(void **state)
{
    (void)state;
    struct meeting meeting = {.caller = pthread_self()};
    threads_each(2, 2, meet, &meeting);
    assert_int_equal(meeting.arrived, 2);
    assert_int_equal(meeting.workers, 1);
}

static void count_report(void *context, const struct progress_event *event)
{
    static atomic_int inside;
    assert_int_equal(atomic_fetch_add(&inside, 1), 0); /* never two at once */
    *(size_t *)context += event->done;
    atomic_fetch_sub(&inside, 1);
}

static void report_one(void *context, size_t index)
{
    (void)index;
    progress_report(context, &(struct progress_event){.kind = PROGRESS_MESSAGE, .done = 1, .loss = NAN, .accuracy = NAN});
}

static void reports_come_one_by_one(void **state)
{
    (void)state;
    size_t count = 0;
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    struct progress progress = {count_report, &count, NULL, &lock};
    threads_each(4, TASKS, report_one, &progress);
    assert_int_equal(count, TASKS);
    progress_report(NULL, &(struct progress_event){.done = 1});
    progress_report(&(struct progress){0}, &(struct progress_event){.done = 1});
}

static void cancelling(void **state)
{
    (void)state;
    atomic_bool cancel = false;
    struct progress progress = {.cancel = &cancel};
    assert_false(progress_cancelled(NULL));
    assert_false(progress_cancelled(&(struct progress){0}));
    assert_false(progress_cancelled(&progress));
    cancel = true;
    assert_true(progress_cancelled(&progress));
    double before = clock_seconds();
    assert_true(clock_seconds() >= before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_task_runs_once),
        cmocka_unit_test(tasks_run_at_the_same_time),
        cmocka_unit_test(reports_come_one_by_one),
        cmocka_unit_test(cancelling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
