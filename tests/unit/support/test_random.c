/* Random numbers against the known answers of Random123 (kat_vectors, philox4x32 10), and hashes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "support/hash.h"
#include "support/random.h"

static void assert_block(uint32_t counter, uint32_t key, const uint32_t expected[4])
{
    const uint64_t twice = counter | (uint64_t)counter << 32;
    struct random random = {.key = key | (uint64_t)key << 32, .counter = {twice, twice}, .used = RANDOM_WORDS};
    for (int i = 0; i < 4; i++)
        assert_int_equal(random_u32(&random), expected[i]);
}

static void known_answers(void **state)
{
    (void)state;
    assert_block(0, 0, (uint32_t[]){0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
    assert_block(0xffffffff, 0xffffffff, (uint32_t[]){0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
    struct random random = {.key = 0x299f31d0a4093822, .counter = {0x85a308d3243f6a88, 0x0370734413198a2e}, .used = RANDOM_WORDS};
    const uint32_t expected[] = {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1};
    for (int i = 0; i < 4; i++)
        assert_int_equal(random_u32(&random), expected[i]);
}

/* Counters are made many at a time; the words are those that each would give alone, also across the carry. */
static void blocks_follow_each_other(void **state)
{
    (void)state;
    struct random together = random_stream(7, RANDOM_TEST, 3);
    const uint64_t first = together.counter[0] | 0xfffffffa;
    together.counter[0] = first;
    for (uint32_t block = 0; block < RANDOM_WORDS; block++) {
        struct random alone = random_stream(7, RANDOM_TEST, 3);
        alone.counter[0] = first + block;
        for (int i = 0; i < 4; i++)
            assert_int_equal(random_u32(&together), random_u32(&alone));
    }
    assert_int_equal(together.counter[0], first + RANDOM_WORDS);
    assert_int_equal(together.counter[1], 3);
}

static void streams_differ(void **state)
{
    (void)state;
    const struct random streams[] = {
        random_stream(1, RANDOM_DATA, 0),  random_stream(2, RANDOM_DATA, 0), random_stream(UINT64_C(1) << 32, RANDOM_DATA, 0),
        random_stream(1, RANDOM_SPLIT, 0), random_stream(1, RANDOM_DATA, 1), random_stream(1, RANDOM_DATA, UINT64_C(1) << 32),
    };
    const size_t count = sizeof streams / sizeof *streams;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < i; j++) {
            struct random a = streams[i], b = streams[j];
            assert_int_not_equal(random_u32(&a), random_u32(&b));
        }
        struct random a = streams[i], again = streams[i];
        assert_int_equal(random_u32(&a), random_u32(&again));
    }
}

static void distributions_hold(void **state)
{
    (void)state;
    enum { DRAWS = 100000 };
    struct random random = random_stream(1, RANDOM_TEST, 0);
    double sum = 0, squares = 0, fourth = 0, unit = 0;
    for (int i = 0; i < DRAWS; i++) {
        double z = random_normal(&random), u = random_unit(&random);
        assert_true(isfinite(z));
        assert_true(u >= 0 && u < 1);
        sum += z;
        squares += z * z;
        fourth += z * z * z * z;
        unit += u;
    }
    /* Each within five standard errors. */
    assert_true(fabs(sum / DRAWS) < 5 / sqrt(DRAWS));
    assert_true(fabs(squares / DRAWS - 1) < 5 * sqrt(2.0 / DRAWS));
    assert_true(fabs(fourth / DRAWS - 3) < 5 * sqrt(96.0 / DRAWS));
    assert_true(fabs(unit / DRAWS - 0.5) < 5 * sqrt(1.0 / 12 / DRAWS));
    double between = random_between(&random, -3, -2);
    assert_true(between >= -3 && between <= -2);
}

static void below_has_no_bias(void **state)
{
    (void)state;
    enum { SIDES = 6, DRAWS = 60000 };
    struct random random = random_stream(1, RANDOM_TEST, 1);
    int counts[SIDES] = {0};
    for (int i = 0; i < DRAWS; i++) {
        uint32_t draw = random_below(&random, SIDES);
        assert_true(draw < SIDES);
        counts[draw]++;
    }
    double chi2 = 0;
    for (int i = 0; i < SIDES; i++)
        chi2 += pow(counts[i] - DRAWS / SIDES, 2) / (DRAWS / SIDES);
    assert_true(chi2 < 25.7); /* five degrees of freedom, p = 1e-4 */
    assert_int_equal(random_below(&random, 0), 0);
    assert_int_equal(random_below(&random, 1), 0);
    /* Where half of the draws must be rejected, a biased method would give even and odd thirds. */
    uint32_t n = 0x80000001, high = 0;
    for (int i = 0; i < 10000; i++) {
        uint32_t draw = random_below(&random, n);
        assert_true(draw < n);
        high += draw >= n / 2;
    }
    assert_true(high > 4700 && high < 5300);
}

static void shuffles_are_permutations(void **state)
{
    (void)state;
    enum { COUNT = 4, TIMES = 24000 };
    struct random random = random_stream(1, RANDOM_TEST, 2);
    int seen[COUNT][COUNT] = {{0}};
    for (int i = 0; i < TIMES; i++) {
        uint32_t items[COUNT] = {0, 1, 2, 3}, mask = 0;
        random_shuffle(&random, items, COUNT);
        for (int j = 0; j < COUNT; j++) {
            mask |= 1u << items[j];
            seen[items[j]][j]++;
        }
        assert_int_equal(mask, 15);
    }
    for (int i = 0; i < COUNT * COUNT; i++)
        assert_true(abs(seen[i / COUNT][i % COUNT] - TIMES / COUNT) < 400);
    random_shuffle(&random, NULL, 0);
}

/* Fisher and Yates's, a number at a time; words of 0 are drawn again. */
static void shuffles_are_one_number_at_a_time(void **state)
{
    (void)state;
    enum { MOST = 300 };
    for (uint32_t count = 0; count < MOST; count += count < 70 ? 1 : 37) {
        struct random random = random_stream(3, RANDOM_TEST, count);
        for (uint32_t skip = count % 5; skip > 0; skip--)
            random_u32(&random);
        for (uint32_t i = count % 7; count % 2 && i < RANDOM_WORDS; i += 11)
            random.block[i] = 0;
        struct random same = random;
        uint32_t items[MOST], expected[MOST];
        for (uint32_t i = 0; i < count; i++)
            items[i] = expected[i] = i;
        for (uint32_t i = count; i > 1; i--) {
            const uint32_t j = random_below(&same, i), item = expected[i - 1];
            expected[i - 1] = expected[j];
            expected[j] = item;
        }
        random_shuffle(&random, items, count);
        assert_memory_equal(items, expected, count * sizeof *items);
        assert_int_equal(random_u32(&random), random_u32(&same));
    }
}

static void hashes_are_the_same_everywhere(void **state)
{
    (void)state;
    /* Fixed: stored results are found by these. */
    assert_int_equal(hash_u64(HASH_START, 0), UINT64_C(0xb382a305f4414f5e));
    assert_int_equal(hash_bytes(HASH_START, "neural element", 14), UINT64_C(0x3a9f2e1198c50d2b));
    assert_int_equal(hash_double(HASH_START, -0.0), hash_double(HASH_START, 0.0));
    assert_int_equal(hash_double(HASH_START, NAN), hash_double(HASH_START, -NAN));
    assert_int_not_equal(hash_double(HASH_START, 1), hash_double(HASH_START, -1));
}

static void hashes_differ(void **state)
{
    (void)state;
    assert_int_not_equal(hash_bytes(HASH_START, "a", 1), hash_bytes(HASH_START, "a\0", 2));
    assert_int_not_equal(hash_bytes(HASH_START, "", 0), HASH_START);
    assert_int_not_equal(hash_bytes(HASH_START, "12345678", 8), hash_bytes(HASH_START, "123456781", 9));
    uint64_t ab = hash_u64(hash_u64(HASH_START, 1), 2), ba = hash_u64(hash_u64(HASH_START, 2), 1);
    assert_int_not_equal(ab, ba);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_answers),
        cmocka_unit_test(blocks_follow_each_other),
        cmocka_unit_test(streams_differ),
        cmocka_unit_test(distributions_hold),
        cmocka_unit_test(below_has_no_bias),
        cmocka_unit_test(shuffles_are_permutations),
        cmocka_unit_test(shuffles_are_one_number_at_a_time),
        cmocka_unit_test(hashes_are_the_same_everywhere),
        cmocka_unit_test(hashes_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
