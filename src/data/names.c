/* The set of names: an array in order of appearance, and an open-addressing index into it that is at most half full. */
#include "data/names.h"

#include <string.h>

#include "support/hash.h"
#include "support/memory.h"
#include "support/suggest.h"
#include "support/vec.h"

/* The slot that holds `name`, or the free one where it belongs. The index must not be empty. */
static size_t slot_of(const struct name_set *names, struct str name)
{
    size_t mask = names->slot_count - 1;
    size_t slot = (size_t)hash_bytes(HASH_START, name.at, name.len) & mask;
    while (names->slots[slot] && !str_is(name, names->at[names->slots[slot] - 1]))
        slot = (slot + 1) & mask;
    return slot;
}

static bool index_grow(struct name_set *names)
{
    size_t slot_count = names->slot_count ? names->slot_count * 2 : 16;
    uint32_t *slots = mem_array(slot_count, sizeof *slots);
    if (!slots)
        return false;
    mem_free(names->slots);
    names->slots = slots;
    names->slot_count = slot_count;
    for (uint32_t i = 0; i < names->count; i++)
        slots[slot_of(names, str_of(names->at[i]))] = i + 1;
    return true;
}

uint32_t name_set_add(struct name_set *names, struct str name)
{
    if ((names->count + (size_t)1) * 2 > names->slot_count && !index_grow(names))
        return NAMES_NONE;
    size_t slot = slot_of(names, name);
    if (names->slots[slot])
        return names->slots[slot] - 1;
    if (!vec_grow((void **)&names->at, &names->cap, names->count + (size_t)1, sizeof *names->at))
        return NAMES_NONE;
    char *copy = mem_copy_text(name.at, name.len);
    if (!copy)
        return NAMES_NONE;
    names->at[names->count] = copy;
    names->slots[slot] = ++names->count;
    return names->count - 1;
}

uint32_t name_set_find(const struct name_set *names, struct str name)
{
    if (names->slot_count == 0)
        return NAMES_NONE;
    uint32_t number = names->slots[slot_of(names, name)];
    return number ? number - 1 : NAMES_NONE;
}

struct str name_set_nearest(const struct name_set *names, struct str wanted)
{
    struct suggestion suggestion;
    suggest_start(&suggestion, wanted);
    for (uint32_t i = 0; i < names->count; i++)
        suggest_offer(&suggestion, str_of(names->at[i]));
    return suggestion.best;
}

char **name_set_take(struct name_set *names)
{
    char **at = names->at;
    names->at = NULL;
    names->count = 0;
    name_set_release(names);
    return at;
}

void name_set_release(struct name_set *names)
{
    for (uint32_t i = 0; i < names->count; i++)
        mem_free(names->at[i]);
    mem_free(names->at);
    mem_free(names->slots);
    *names = (struct name_set){0};
}

char **names_copy(char *const *names, uint32_t count)
{
    char **copy = mem_array(count, sizeof *copy);
    for (uint32_t i = 0; copy && i < count; i++) {
        copy[i] = mem_copy_text(names[i], strlen(names[i]));
        if (!copy[i]) {
            names_free(copy, i);
            return NULL;
        }
    }
    return copy;
}

void names_free(char **names, uint32_t count)
{
    for (uint32_t i = 0; names && i < count; i++)
        mem_free(names[i]);
    mem_free(names);
}
