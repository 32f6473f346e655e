/* Groups: distinct keys, numbered in the order in which they were first met. What `unique`, `mean(…, by: …)`, `pivot` and `compare`
   share. */
#ifndef NEL_INTERP_GROUPS_H
#define NEL_INTERP_GROUPS_H

#include "interp/value.h"

/* Start with the number of values a key has; release once. Keys are borrowed from whoever owns the values. */
struct groups {
    size_t key_count;
    struct value *keys; /* [count x key_count] */
    uint64_t *hashes;   /* [count] */
    size_t count, cap;
    size_t *index; /* open addressing: group number + 1 */
    size_t index_size;
};

/* The number of the group of `keys`, a new one where it was not met before; false where memory is exhausted. */
bool groups_number(struct groups *groups, const struct value *keys, size_t *number);
void groups_release(struct groups *groups);

#endif
