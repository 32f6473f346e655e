/* A list of names with a hash table over it: each name is looked up in constant time however many there are. A definition notes what
   it hides, and the end of a scope brings that back. */
#include "molecule/dna_names.h"

#include "support/hash.h"

static bool names_grow(struct names *names)
{
    size_t slots = names->slots ? names->slots * 2 : 16;
    uint32_t *table = mem_array(slots, sizeof *table);
    if (!table)
        return false;
    for (size_t i = 0; i < names->list.count; i++) {
        struct str text = names->list.at[i].text;
        size_t slot = hash_bytes(HASH_START, text.at, text.len) & (slots - 1);
        while (table[slot])
            slot = (slot + 1) & (slots - 1);
        table[slot] = (uint32_t)i + 1;
    }
    mem_free(names->table);
    names->table = table;
    names->slots = slots;
    return true;
}

/* The slot of a name: where it is, or where it would be. */
static uint32_t *names_slot(const struct names *names, struct str text)
{
    size_t slot = hash_bytes(HASH_START, text.at, text.len) & (names->slots - 1);
    while (names->table[slot] && !str_equal(names->list.at[names->table[slot] - 1].text, text))
        slot = (slot + 1) & (names->slots - 1);
    return &names->table[slot];
}

uint32_t names_find(const struct names *names, struct str text)
{
    uint32_t found = names->slots ? *names_slot(names, text) : 0;
    return found ? names->list.at[found - 1].label : 0;
}

bool names_define(struct names *names, struct str text, uint32_t label)
{
    if (names->list.count * 2 >= names->slots && !names_grow(names))
        return false;
    uint32_t *slot = names_slot(names, text);
    if (!*slot) {
        if (!vec_push(&names->list, ((struct name){text, 0})))
            return false;
        *slot = (uint32_t)names->list.count;
    }
    struct name *name = &names->list.at[*slot - 1];
    if (!vec_push(&names->hidden, ((struct hidden){*slot - 1, name->label})))
        return false;
    name->label = label;
    return true;
}

void names_leave(struct names *names, size_t mark)
{
    while (names->hidden.count > mark) {
        struct hidden hidden = names->hidden.at[--names->hidden.count];
        names->list.at[hidden.name].label = hidden.label;
    }
}

void names_release(struct names *names)
{
    vec_release(&names->list);
    vec_release(&names->hidden);
    mem_free(names->table);
    *names = (struct names){0};
}
