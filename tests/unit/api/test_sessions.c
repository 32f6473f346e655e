/* Sessions side by side: the same bits in any thread, turns within one session, cancelling, giving back, short of memory and stack. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

#include "holds.h"
#include "support/memory.h"

/* ---- the same bits ---- */

static const char lesson[] = "element bump \"Bp\" (x) = x * exp(-x^2)\n"
                             "let data = moons(n: 120, noise: 10%, seed: 4) |> normalize |> split(70%)\n"
                             "let run = train bump(8) -> relu(6, density: 50%) on data { epochs: 20, trials: 3 }\n"
                             "run.loss";

struct pupil {
    uint64_t seed;
    double losses[3];
};

static void *learn(void *context)
{
    struct pupil *pupil = context;
    nel_session *session = nel_open();
    nel_set_seed(session, pupil->seed);
    nel_set_threads(session, 2);
    nel_value *loss = nel_evaluate(session, "lesson", lesson);
    nel_numbers(loss, pupil->losses, 3);
    nel_release(loss);
    nel_close(session);
    return NULL;
}

static void side_by_side(void **state)
{
    (void)state;
    struct pupil alone[2] = {{.seed = 1}, {.seed = 2}}, together[2] = {{.seed = 1}, {.seed = 2}};
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        learn(&alone[i]);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, learn, &together[i]), 0);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    assert_memory_equal(alone, together, sizeof alone);
    assert_true(alone[0].losses[0] > 0 && alone[0].losses[0] != alone[1].losses[0]);
}

static void apart(void **state)
{
    (void)state;
    nel_session *a = nel_open(), *b = nel_open();
    done(nel_evaluate(a, "a", "let mine = 1\nelement bump \"Bp\" (x) = x\nfn relu(x) = x"));
    expect_failure(nel_get(b, "mine"), NEL_ERROR, "no name");
    expect_failure(nel_evaluate(b, "b", "bump(3)"), NEL_ERROR, "bump");
    expect_print(nel_evaluate(b, "b", "relu(3)"), "R3");
    nel_close(a);
    expect_print(nel_evaluate(b, "b", "relu(3)"), "R3");
    nel_close(b);
}

/* ---- one session, several threads ---- */

struct shared {
    nel_session *session;
    nel_value *value;
};

static void *count_up(void *context)
{
    const struct shared *shared = context;
    for (int i = 0; i < 200; i++)
        nel_release(nel_call(shared->session, "step", NULL, 0, NULL));
    return NULL;
}

static void in_turns(void **state)
{
    (void)state;
    struct shared shared = {.session = nel_open()};
    done(nel_evaluate(shared.session, "s", "let n = 0\nfn step() {\nn = n + 1\nn\n}"));
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count_up, &shared), 0);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    expect_number(nel_get(shared.session, "n"), 400);
    nel_close(shared.session);
}

/* Values are made in one thread, read in another and given back in a third, while a fourth cancels. */
#define ROUNDS 60
struct busy {
    nel_session *session;
    _Atomic(nel_value *) shelf[8];
};

static void *busy_make(void *context)
{
    struct busy *busy = context;
    for (int i = 0; i < ROUNDS * 8; i++) {
        nel_value *value = nel_evaluate(busy->session, "busy", "[1, { a: relu(2) }, \"x\"]");
        nel_release(atomic_exchange(&busy->shelf[i % 8], value));
    }
    return NULL;
}

static void *busy_read(void *context)
{
    struct busy *busy = context;
    for (int i = 0; i < ROUNDS * 8; i++) {
        nel_value *value = atomic_exchange(&busy->shelf[i % 8], NULL);
        nel_value *item = nel_item(value, 1);
        if (nel_status_of(item) == NEL_OK)
            assert_string_equal(nel_print(item), "{ a: R2 }");
        nel_release(value);
        nel_release(item);
    }
    return NULL;
}

static void *busy_train(void *context)
{
    struct busy *busy = context;
    for (int i = 0; i < ROUNDS; i++) {
        nel_value *run = nel_evaluate(busy->session, "busy", "train relu(3) on moons(n: 30) { epochs: 5, trials: 2 }");
        assert_true(nel_kind_of(run) == NEL_RUN || nel_status_of(run) == NEL_CANCELLED);
        nel_release(run);
    }
    return NULL;
}

static void *busy_cancel(void *context)
{
    struct busy *busy = context;
    for (int i = 0; i < ROUNDS; i++) {
        nel_cancel(busy->session);
        nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
        nel_resume(busy->session);
        nanosleep(&(struct timespec){.tv_nsec = 500000}, NULL);
    }
    return NULL;
}

static void all_at_once(void **state)
{
    (void)state;
    void *(*const tasks[])(void *) = {busy_make, busy_read, busy_train, busy_cancel};
    struct busy busy = {.session = nel_open()};
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, tasks[i], &busy), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    expect_number(nel_evaluate(busy.session, "after", "1 + 1"), 2);
    nel_close(busy.session); /* before what is on the shelf */
    for (int i = 0; i < 8; i++)
        nel_release(busy.shelf[i]);
}

/* ---- cancelling ---- */

static void *wait_and_cancel(void *context)
{
    const struct shared *shared = context;
    nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    assert_true(nel_number_of(shared->value) == 7); /* neither waits for what the session is doing */
    nel_release(shared->value);
    nel_cancel(shared->session);
    return NULL;
}

static nel_value *cancelled(nel_session *session, const char *text)
{
    struct shared shared = {session, nel_number(session, 7)};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, wait_and_cancel, &shared), 0);
    nel_value *value = nel_evaluate(session, "long", text);
    pthread_join(thread, NULL);
    return value;
}

static void cancelling(void **state)
{
    (void)state;
    nel_session *session = nel_open();
    nel_value *run = cancelled(session, "train tanh(64) -> tanh(64) on moons(n: 2000) { epochs: 1_000_000 }");
    assert_int_equal(nel_status_of(run), NEL_CANCELLED);
    assert_int_equal(nel_kind_of(run), NEL_RUN); /* what was reached */
    expect_failure(nel_evaluate(session, "after", "1"), NEL_CANCELLED, "cancelled");
    float out[2];
    expect_failure(nel_predict(run, (const float[]){0, 0}, 1, 2, out, 2), NEL_CANCELLED, "cancelled");
    nel_resume(session);
    done(nel_predict(run, (const float[]){0, 0}, 1, 2, out, 2));
    nel_release(run);
    expect_failure(cancelled(session, "for i in 1..9_000_000 { for j in 1..9_000_000 { if i < 0 { print i } } }"), NEL_CANCELLED,
                   "stopped");
    nel_resume(session);
    expect_failure(cancelled(session, "fn f(n) = if n == 0 { 0 } else { f(n - 1) + f(n - 1) }\nf(60)"), NEL_CANCELLED, "stopped");
    nel_resume(session);
    /* The cells that came to their end, if any did. */
    nel_value *table = cancelled(session, "sweep a in 1..10_000 { (train relu(64) on moons() { epochs: 1_000 }).loss }");
    assert_true(nel_kind_of(table) == NEL_TABLE || nel_status_of(table) == NEL_CANCELLED);
    nel_release(table);
    nel_resume(session);
    expect_number(nel_evaluate(session, "after", "1 + 1"), 2);
    nel_close(session);
}

static void stop_at_once(void *context, const nel_progress *progress)
{
    struct shared *shared = context;
    (void)progress;
    nel_cancel(shared->session);
    nel_close(shared->session); /* it lasts until what goes on is done */
    shared->session = NULL;
}

static void closing_in_a_sink(void **state)
{
    (void)state;
    nel_session *session = nel_open();
    nel_set_progress(session, stop_at_once, &(struct shared){.session = session});
    nel_value *run = nel_evaluate(session, "long", "train tanh(64) on moons(n: 2000) { epochs: 1_000_000 }");
    assert_int_equal(nel_status_of(run), NEL_CANCELLED);
    nel_release(run);
}

/* ---- stack ---- */

/* Under a sanitizer frames are several times as large. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#define SANITIZED (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#else
#define SANITIZED 0
#endif

static void *nest(void *context)
{
    nel_session *session = nel_open();
    if (!session)
        return NULL;
    *(bool *)context = true;
    nel_value *value = nel_evaluate(session, "deep", "fn f(n) = [f(n + 1) for i in 1..2]\nf(0)");
    expect_failure(value, NEL_ERROR, " deep");
    nel_close(session);
    return NULL;
}

static bool opens_on_stack(size_t bytes)
{
    pthread_attr_t attributes;
    pthread_t thread;
    bool opened = false;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, bytes);
    assert_int_equal(pthread_create(&thread, &attributes, nest, &opened), 0);
    pthread_join(thread, NULL);
    pthread_attr_destroy(&attributes);
    return opened;
}

static void small_stacks(void **state)
{
    (void)state;
    assert_false(opens_on_stack((size_t)128 << 10)); /* first: a larger stack may be used again */
    assert_true(opens_on_stack((size_t)8 << 20));
    assert_true(opens_on_stack(SANITIZED ? (size_t)1 << 20 : (size_t)512 << 10));
}

/* ---- memory ---- */

/* The greatest step between allocations that are made to fail. */
static long refused(long n)
{
    return n < 400 ? 1 : n / 97;
}

static void opening_without_memory(void **state)
{
    (void)state;
    nel_session *session = NULL;
    for (long n = 0; !session; n += refused(n)) {
        mem_fail_after(n);
        session = nel_open();
        mem_fail_after(-1);
    }
    expect_number(nel_evaluate(session, "well", "1 + 1"), 2);
    nel_close(session);
}

/* A program's whole way through the library; true where nothing was refused. */
static bool journey(nel_session *session)
{
    const float x[] = {0, 0, 0, 1, 1, 0, 1, 1};
    const int32_t labels[] = {0, 1, 1, 0};
    float out[8];
    nel_value *values[12];
    size_t count = 0;
    bool well = nel_set_param(session, "deep", "2") == NEL_OK;
    nel_value *data = values[count++] = nel_data_classes(session, x, 4, 2, labels, 2);
    values[count++] = nel_set(session, "gate", data);
    nel_value *options = values[count++] = nel_evaluate(session, "o", "param deep = 1\n{ epochs: 2 * deep, batch: full }");
    nel_value *dna = values[count++] = nel_text(session, "T3-R2", 5);
    nel_value *run = values[count++] = nel_train(dna, data, options);
    values[count++] = nel_predict(run, x, 4, 2, out, 8);
    nel_value *history = values[count++] = nel_member(run, "history");
    values[count++] = nel_item(history, 0);
    values[count++] = nel_record(session, (const char *const[]){"run"}, &run, 1);
    nel_value *bad = nel_evaluate(session, "bad", "let a = 1\nrellu(a)");
    well = well && (nel_print(run) && nel_show(run)) && nel_status_of(bad) == NEL_ERROR;
    for (size_t i = 0; i < count; i++) {
        nel_status status = nel_status_of(values[i]);
        well = well && status == NEL_OK;
        if (status != NEL_OK && status != NEL_OUT_OF_MEMORY)
            fail_msg("value %zu has status %d: %s", i, status, nel_rendered(values[i]));
        nel_release(values[i]);
    }
    nel_release(bad);
    return well;
}

static void working_without_memory(void **state)
{
    (void)state;
    nel_session *session = nel_open();
    nel_set_threads(session, 1);
    bool well = false;
    for (long n = 0; !well; n++) {
        mem_fail_after(n);
        well = journey(session);
        mem_fail_after(-1);
        assert_true(n < 100000);
    }
    assert_true(journey(session)); /* and it can go on */
    nel_close(session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(side_by_side),
        cmocka_unit_test(apart),
        cmocka_unit_test(in_turns),
        cmocka_unit_test(all_at_once),
        cmocka_unit_test(cancelling),
        cmocka_unit_test(closing_in_a_sink),
        cmocka_unit_test(small_stacks),
        cmocka_unit_test(opening_without_memory),
        cmocka_unit_test(working_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
