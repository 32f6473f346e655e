/* Philox4x32-10: ten rounds of multiply, swap and xor on a 128-bit counter under a 64-bit key.

   The key is the seed. The counter's halves are

       [0]  purpose << 56 | number of the block
       [1]  index

   so that streams of different purpose or index never share a block, and each has 2^56 of them. */
#include "support/random.h"

#include <math.h>
#include <stdbool.h>

#include "support/kernel.h"

#ifdef WIDEST
#include <immintrin.h>
#endif

enum { ROUNDS = 10, PURPOSE_SHIFT = 56, COUNTERS = RANDOM_WORDS / 4 };

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
        const uint64_t low = random->counter[0] + (uint64_t)i, high = random->counter[1];
        a[i] = (uint32_t)low;
        b[i] = (uint32_t)(low >> 32);
        c[i] = (uint32_t)high;
        d[i] = (uint32_t)(high >> 32);
    }
    rounds(a, b, c, d, (uint32_t)random->key, (uint32_t)(random->key >> 32));
    for (int i = 0; i < COUNTERS; i++) {
        uint32_t *out = random->block + 4 * i;
        out[0] = a[i];
        out[1] = b[i];
        out[2] = c[i];
        out[3] = d[i];
    }
}

#ifdef WIDEST
/* The same with each word in the low half of an element of 64 bits, where products are: as no word moves from lane to lane, less than half
   the time. What is in the high half is nobody's. Narrower registers would take three times as long. */
typedef uint64_t halves __attribute__((vector_size(64), may_alias));
typedef uint32_t round_keys __attribute__((vector_size(64), may_alias));
typedef uint64_t loose_halves __attribute__((vector_size(64), aligned(4), may_alias));

/* Products of the low halves, for which C has no word: it would clear the high ones first, and multiply all 64 bits. */
#define PRODUCTS(a, b) ((halves)_mm512_mul_epu32((__m512i)(a), _mm512_set1_epi64(b)))

WIDEST static void philox_by_halves(struct random *random)
{
    enum { VECTORS = COUNTERS / 8 };
    const uint64_t high = random->counter[1], low = UINT32_MAX;
    halves a[VECTORS], b[VECTORS], c[VECTORS], d[VECTORS];
    round_keys k0 = (round_keys){0} + (uint32_t)random->key, k1 = (round_keys){0} + (uint32_t)(random->key >> 32);
#pragma GCC unroll 2
    for (int v = 0; v < VECTORS; v++) {
        a[v] = random->counter[0] + 8 * (uint64_t)v + (halves){0, 1, 2, 3, 4, 5, 6, 7};
        b[v] = a[v] >> 32;
        c[v] = (halves){0} + high;
        d[v] = c[v] >> 32;
    }
#pragma GCC unroll 10
    for (int round = 0; round < ROUNDS; round++) {
#pragma GCC unroll 2
        for (int v = 0; v < VECTORS; v++) {
            const halves product0 = PRODUCTS(a[v], 0xd2511f53), product1 = PRODUCTS(c[v], 0xcd9e8d57);
            a[v] = product1 >> 32 ^ b[v] ^ (halves)k0;
            c[v] = product0 >> 32 ^ d[v] ^ (halves)k1;
            b[v] = product1;
            d[v] = product0;
        }
        k0 += UINT32_C(0x9e3779b9);
        k1 += UINT32_C(0xbb67ae85);
    }
#pragma GCC unroll 2
    for (int v = 0; v < VECTORS; v++) {
        const halves ab = (a[v] & low) | b[v] << 32, cd = (c[v] & low) | d[v] << 32;
        loose_halves *out = (loose_halves *)(random->block + 32 * v);
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
    random->used = 0;
}

struct random random_stream(uint64_t seed, enum random_purpose purpose, uint64_t index)
{
    struct random random; /* its words are made when one is wanted */
    random.key = seed;
    random.counter[0] = (uint64_t)purpose << PURPOSE_SHIFT;
    random.counter[1] = index;
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

static inline void swap(uint32_t *a, uint32_t *b)
{
    const uint32_t item = *a;
    *a = *b;
    *b = item;
}

/* The places of many items are found side by side, which is most of the work, and before the first of them is moved: a processor makes
   the next words while it moves items only where it sees both. */
void random_shuffle(struct random *random, uint32_t *items, size_t count)
{
    enum { PLACES = 4 * RANDOM_WORDS };
    _Alignas(64) uint32_t places[PLACES];
    for (size_t left = count; left > 1;) {
        size_t found = 0;
        bool whole = true;
        while (whole && found + 1 < left && found + RANDOM_WORDS <= PLACES) {
            if (random->used >= RANDOM_WORDS)
                philox(random);
            const size_t words = RANDOM_WORDS - random->used, most = left - found - 1 < words ? left - found - 1 : words;
            whole = places_fill(places + found, random->block + random->used, (uint32_t)(left - found), (uint32_t)most);
            if (whole) {
                found += most;
                random->used += (unsigned)most;
            }
        }
        uint32_t *last = items + left;
#pragma GCC unroll 4
        for (size_t i = 0; i < found; i++)
            swap(--last, items + places[i]);
        left -= found;
        if (!whole) {
            left--;
            swap(items + left, items + random_below(random, (uint32_t)left + 1));
        }
    }
}
