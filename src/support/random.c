/* Philox4x32-10: ten rounds of multiply, swap and xor on a 128-bit counter under a 64-bit key.

   The key is the seed. The counter's words are

       [0]     number of the block, low 32 bits
       [1]     purpose << 24 | number of the block, high 24 bits
       [2..3]  index, low and high

   so that streams of different purpose or index never share a block, and each has 2^56 of them. */
#include "support/random.h"

#include <math.h>
#include <stdbool.h>

#include "support/kernel.h"

enum { ROUNDS = 10, PURPOSE_SHIFT = 24, COUNTERS = RANDOM_WORDS / 4 };

/* Ten rounds of COUNTERS counters, word by word. The loop over counters is the inner one, so that it becomes vector code. */
INLINE void rounds(uint32_t *restrict a, uint32_t *restrict b, uint32_t *restrict c, uint32_t *restrict d, uint32_t k0, uint32_t k1)
{
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < COUNTERS; i++) {
            const uint64_t product0 = (uint64_t)UINT32_C(0xd2511f53) * a[i];
            const uint64_t product1 = (uint64_t)UINT32_C(0xcd9e8d57) * c[i];
            a[i] = (uint32_t)(product1 >> 32) ^ b[i] ^ k0;
            c[i] = (uint32_t)(product0 >> 32) ^ d[i] ^ k1;
            b[i] = (uint32_t)product1;
            d[i] = (uint32_t)product0;
        }
        k0 += UINT32_C(0x9e3779b9);
        k1 += UINT32_C(0xbb67ae85);
    }
}

/* The next COUNTERS counters' words, in their order. */
KERNEL static void philox_by_words(struct random *random)
{
    uint32_t a[COUNTERS], b[COUNTERS], c[COUNTERS], d[COUNTERS];
    for (int i = 0; i < COUNTERS; i++) {
        a[i] = random->counter[0] + (uint32_t)i;
        b[i] = random->counter[1] + (a[i] < random->counter[0] ? 1 : 0);
        c[i] = random->counter[2];
        d[i] = random->counter[3];
    }
    rounds(a, b, c, d, random->key[0], random->key[1]);
    for (int i = 0; i < COUNTERS; i++) {
        uint32_t *out = random->block + 4 * i;
        out[0] = a[i];
        out[1] = b[i];
        out[2] = c[i];
        out[3] = d[i];
    }
}

#ifdef WIDEST
/* The same with each word in the low half of an element of 64 bits, where products are: half the time, as no word moves from lane to lane.
   What is in the high half is nobody's. Where registers have no product of 64 bits it would take three times as long. */
typedef uint64_t halves __attribute__((vector_size(64), may_alias));
typedef uint64_t loose_halves __attribute__((vector_size(64), aligned(4), may_alias));

WIDEST static void philox_by_halves(struct random *random)
{
    const uint64_t first = random->counter[0] | (uint64_t)random->counter[1] << 32, low = UINT32_MAX;
    for (uint64_t from = 0; from < COUNTERS; from += 8) {
        const halves counter = first + from + (halves){0, 1, 2, 3, 4, 5, 6, 7};
        halves a = counter, b = counter >> 32, c = (halves){0} + random->counter[2], d = (halves){0} + random->counter[3];
        uint32_t k0 = random->key[0], k1 = random->key[1];
        for (int round = 0; round < ROUNDS; round++) {
            const halves product0 = (a & low) * UINT64_C(0xd2511f53), product1 = (c & low) * UINT64_C(0xcd9e8d57);
            a = product1 >> 32 ^ b ^ k0;
            c = product0 >> 32 ^ d ^ k1;
            b = product1;
            d = product0;
            k0 += UINT32_C(0x9e3779b9);
            k1 += UINT32_C(0xbb67ae85);
        }
        const halves ab = (a & low) | b << 32, cd = (c & low) | d << 32;
        loose_halves *out = (loose_halves *)(random->block + 4 * from);
        out[0] = __builtin_shuffle(ab, cd, (halves){0, 8, 1, 9, 2, 10, 3, 11});
        out[1] = __builtin_shuffle(ab, cd, (halves){4, 12, 5, 13, 6, 14, 7, 15});
    }
}
#endif

static void philox(struct random *random)
{
#ifdef WIDEST
    if (WIDEST_HERE)
        philox_by_halves(random);
    else
#endif
        philox_by_words(random);
    random->counter[0] += COUNTERS;
    random->counter[1] += random->counter[0] < COUNTERS ? 1 : 0;
    random->used = 0;
}

struct random random_stream(uint64_t seed, enum random_purpose purpose, uint64_t index)
{
    struct random random; /* its words are made when one is wanted */
    random.key[0] = (uint32_t)seed;
    random.key[1] = (uint32_t)(seed >> 32);
    random.counter[0] = 0;
    random.counter[1] = (uint32_t)purpose << PURPOSE_SHIFT;
    random.counter[2] = (uint32_t)index;
    random.counter[3] = (uint32_t)(index >> 32);
    random.used = RANDOM_WORDS;
    return random;
}

uint32_t random_u32(struct random *random)
{
    if (random->used >= RANDOM_WORDS)
        philox(random);
    return random->block[random->used++];
}

const uint32_t *random_words(struct random *random, unsigned count)
{
    if (random->used + count > RANDOM_WORDS)
        philox(random);
    random->used += count;
    return random->block + random->used - count;
}

double random_unit(struct random *random)
{
    uint64_t high = random_u32(random) >> 5, low = random_u32(random) >> 6; /* 27 and 26 bits */
    return (double)(high << 26 | low) * 0x1p-53;
}

double random_between(struct random *random, double a, double b)
{
    return a + (b - a) * random_unit(random);
}

double random_normal(struct random *random)
{
    const double two_pi = 6.283185307179586;
    double u = 1 - random_unit(random); /* (0, 1]: the logarithm stays finite */
    double v = random_unit(random);
    return sqrt(-2 * log(u)) * cos(two_pi * v);
}

uint32_t random_below(struct random *random, uint32_t n)
{
    if (n == 0)
        return 0;
    /* Lemire: "Fast random integer generation in an interval" (2019). The high half of the product is the answer; products whose
       low half falls into the first 2^32 mod n are drawn again, which makes every answer equally likely. */
    uint64_t product = (uint64_t)random_u32(random) * n;
    if ((uint32_t)product < n) {
        uint32_t reject_below = (uint32_t)(-n) % n;
        while ((uint32_t)product < reject_below)
            product = (uint64_t)random_u32(random) * n;
    }
    return (uint32_t)(product >> 32);
}

/* Answers of random_below for `count` numbers that fall from `n` on, of a word each; false where a word may have to be drawn again. */
KERNEL static bool places_fill(uint32_t *restrict places, const uint32_t *restrict words, uint32_t n, uint32_t count)
{
    uint32_t again = 0;
    for (uint32_t i = 0; i < count; i++) {
        const uint64_t product = (uint64_t)words[i] * (n - i);
        again |= (uint32_t)product < n - i ? 1U : 0U;
        places[i] = (uint32_t)(product >> 32);
    }
    return !again;
}

static void swap(uint32_t *items, size_t a, size_t b)
{
    const uint32_t item = items[a];
    items[a] = items[b];
    items[b] = item;
}

/* The places of as many items as there are words left are found side by side, which is most of the work. */
void random_shuffle(struct random *random, uint32_t *items, size_t count)
{
    size_t left = count;
    while (left > 1) {
        if (random->used >= RANDOM_WORDS)
            philox(random);
        uint32_t places[RANDOM_WORDS];
        const size_t words = RANDOM_WORDS - random->used, most = left - 1 < words ? left - 1 : words;
        if (!places_fill(places, random->block + random->used, (uint32_t)left, (uint32_t)most)) {
            swap(items, left - 1, random_below(random, (uint32_t)left));
            left--;
            continue;
        }
        for (size_t i = 0; i < most; i++, left--)
            swap(items, left - 1, places[i]);
        random->used += (unsigned)most;
    }
}
