/* Counter-based random numbers: Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC11).
   A stream is named by (seed, purpose, index) and needs no shared state, so that a result does not depend on the number of
   threads or on the order in which things were drawn elsewhere. */
#ifndef NEL_SUPPORT_RANDOM_H
#define NEL_SUPPORT_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* What a stream is for. Append only: the numbers are part of what makes a script repeatable. */
enum random_purpose {
    RANDOM_DATA = 1,    /* toys, noise: index is free for the caller */
    RANDOM_SPLIT = 2,   /* split, folds, shuffle, take */
    RANDOM_WEIGHTS = 3, /* index: number of the parameter tensor */
    RANDOM_BATCHES = 4, /* index: epoch */
    RANDOM_DROPOUT = 5, /* index: step * ops + op */
    RANDOM_MASK = 6,    /* sparse connections; index: number of the tensor */
    RANDOM_EVOLVE = 7,  /* index: generation * population + child */
    RANDOM_GROW = 8,    /* index: round */
    RANDOM_SWEEP = 9,   /* index: cell */
    RANDOM_SCRIPT = 10, /* random() and its kin in scripts; index: call */
    RANDOM_TEST = 11,
    RANDOM_NOISE = 12, /* on inputs while training; index: chunk of the training */
    RANDOM_CARRY = 13  /* weights that a rewrite divides; index: gene */
};

/* Words made at a time: those of sixteen counters, whose rounds a processor runs side by side. */
enum { RANDOM_WORDS = 64 };

struct random {
    _Alignas(64) uint32_t block[RANDOM_WORDS]; /* whole registers of it are written and read */
    unsigned used;                             /* words of `block` already given out; RANDOM_WORDS at the start */
    uint64_t key;
    uint64_t counter[2]; /* of the next block, low and high */
};

struct random random_stream(uint64_t seed, enum random_purpose purpose, uint64_t index);
uint32_t random_u32(struct random *random);
/* The next `count` words (at most RANDOM_WORDS) side by side, for loops over them; what was left of a block too short for them is passed over. They
   stand until the next draw. */
const uint32_t *random_words(struct random *random, unsigned count);
double random_unit(struct random *random); /* [0, 1), 53 bits */
double random_between(struct random *random, double a, double b);
double random_normal(struct random *random);                               /* mean 0, sd 1; Box-Muller, one value a call */
uint32_t random_below(struct random *random, uint32_t n);                  /* 0..n-1 without bias (Lemire 2019); 0 where n is 0 */
void random_shuffle(struct random *random, uint32_t *items, size_t count); /* Fisher-Yates */

#endif
