/* A 64-bit hash of values, the same on every machine (it names stored results). Not for adversarial tables. */
#ifndef NEL_SUPPORT_HASH_H
#define NEL_SUPPORT_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_START UINT64_C(0x9e3779b97f4a7c15)

uint64_t hash_u64(uint64_t hash, uint64_t value);
uint64_t hash_double(uint64_t hash, double value); /* -0 hashes as 0 */
uint64_t hash_bytes(uint64_t hash, const void *at, size_t len);

#endif
