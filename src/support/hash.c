/* Each value is mixed into the running hash by the finaliser of SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom
   number generators", OOPSLA 2014), a bijection in which every input bit reaches every output bit. Bytes are taken little end
   first whatever the machine. */
#include "support/hash.h"

#include <math.h>
#include <string.h>

static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

uint64_t hash_u64(uint64_t hash, uint64_t value)
{
    return mix(hash + HASH_START + mix(value + HASH_START));
}

uint64_t hash_double(uint64_t hash, double value)
{
    uint64_t bits = 0;
    if (isnan(value))
        bits = UINT64_C(0x7ff8000000000000); /* every NaN is the same value here */
    else if (fpclassify(value) != FP_ZERO)
        memcpy(&bits, &value, sizeof bits);
    return hash_u64(hash, bits);
}

uint64_t hash_bytes(uint64_t hash, const void *at, size_t len)
{
    const unsigned char *byte = at;
    uint64_t word = 0;
    for (size_t i = 0; i < len; i++) {
        word |= (uint64_t)byte[i] << (i % 8 * 8);
        if (i % 8 == 7) {
            hash = hash_u64(hash, word);
            word = 0;
        }
    }
    /* The last, partial word together with the length, so that trailing zero bytes count. */
    return hash_u64(hash_u64(hash, word), len);
}
