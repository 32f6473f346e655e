/* Distinct keys by hash, with open addressing and linear probing; the index is kept at most half full. */
#include "interp/groups.h"

#include <math.h>
#include <string.h>

#include "support/hash.h"
#include "support/memory.h"

static uint64_t hash_keys(const struct value *keys, size_t count)
{
    uint64_t hash = HASH_START;
    for (size_t i = 0; i < count; i++)
        hash = hash_u64(hash, value_hash(keys[i]));
    return hash;
}

/* Here a figure that is not a number equals another, so that such rows form one group. */
static bool same_key(struct value a, struct value b)
{
    if (a.kind == VALUE_NUMBER && b.kind == VALUE_NUMBER && isnan(a.number))
        return isnan(b.number);
    return value_equal(a, b);
}

static bool same_keys(const struct value *a, const struct value *b, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!same_key(a[i], b[i]))
            return false;
    return true;
}

static void index_put(struct groups *groups, size_t number)
{
    size_t at = groups->hashes[number] & (groups->index_size - 1);
    while (groups->index[at])
        at = (at + 1) & (groups->index_size - 1);
    groups->index[at] = number + 1;
}

static bool grow_index(struct groups *groups)
{
    if ((groups->count + 1) * 2 <= groups->index_size)
        return true;
    size_t size = groups->index_size ? groups->index_size * 2 : 64;
    size_t *index = mem_array(size, sizeof *index);
    if (!index)
        return false;
    mem_free(groups->index);
    groups->index = index;
    groups->index_size = size;
    for (size_t i = 0; i < groups->count; i++)
        index_put(groups, i);
    return true;
}

static bool grow_keys(struct groups *groups)
{
    if (groups->count < groups->cap)
        return true;
    size_t cap = groups->cap ? groups->cap * 2 : 16;
    struct value *keys = mem_resize(groups->keys, cap * groups->key_count + 1, sizeof *keys);
    if (!keys)
        return false;
    groups->keys = keys;
    uint64_t *hashes = mem_resize(groups->hashes, cap, sizeof *hashes);
    if (!hashes)
        return false;
    groups->hashes = hashes;
    groups->cap = cap;
    return true;
}

bool groups_number(struct groups *groups, const struct value *keys, size_t *number)
{
    uint64_t hash = hash_keys(keys, groups->key_count);
    if (!grow_index(groups))
        return false;
    for (size_t at = hash & (groups->index_size - 1); groups->index[at]; at = (at + 1) & (groups->index_size - 1)) {
        size_t met = groups->index[at] - 1;
        if (groups->hashes[met] == hash && same_keys(&groups->keys[met * groups->key_count], keys, groups->key_count)) {
            *number = met;
            return true;
        }
    }
    if (!grow_keys(groups))
        return false;
    if (groups->key_count)
        memcpy(&groups->keys[groups->count * groups->key_count], keys, groups->key_count * sizeof *keys);
    groups->hashes[groups->count] = hash;
    *number = groups->count++;
    index_put(groups, *number);
    return true;
}

void groups_release(struct groups *groups)
{
    mem_free(groups->keys);
    mem_free(groups->hashes);
    mem_free(groups->index);
    *groups = (struct groups){0};
}
