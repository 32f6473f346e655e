/* Everyone, with a hash table over their molecules: a molecule that comes up again is not trained again. */
#include <math.h>

#include "lab/search.h"
#include "support/memory.h"
#include "support/vec.h"

bool search_out_of_memory(const struct search *search)
{
    return diag_out_of_memory(search->diags, SPAN_NONE);
}

/* Whether the individual was born as `molecule` is, to be trained alike. Of weights their hash is compared: it may have been put back without them. */
static bool born_as(const struct individual *individual, const struct molecule *molecule, uint32_t variant)
{
    const struct molecule *own = individual->molecule;
    bool same = individual->hash == molecule->hash && individual->variant == variant && own->count == molecule->count;
    for (uint32_t i = 0; same && i < molecule->count; i++)
        same = gene_equal(&own->genes[i], own->indices, &molecule->genes[i], molecule->indices) &&
               own->genes[i].label == molecule->genes[i].label;
    return same;
}

/* The slot of the table where `molecule` stands or would stand. */
static size_t *table_slot(const struct search *search, const struct molecule *molecule, uint32_t variant)
{
    size_t slot = molecule->hash & (search->table_size - 1);
    while (search->table[slot] != 0 && !born_as(&search->evolution->everyone[search->table[slot] - 1], molecule, variant))
        slot = (slot + 1) & (search->table_size - 1);
    return &search->table[slot];
}

static bool table_make(struct search *search, size_t size)
{
    size_t *table = mem_array(size, sizeof *table);
    if (table == NULL)
        return search_out_of_memory(search);
    mem_free(search->table);
    search->table = table;
    search->table_size = size;
    for (size_t i = 0; i < search->evolution->count; i++) { /* they are all different: the first empty slot is theirs */
        size_t slot = search->evolution->everyone[i].hash & (size - 1);
        while (table[slot] != 0)
            slot = (slot + 1) & (size - 1);
        table[slot] = i + 1;
    }
    return true;
}

static bool table_grow(struct search *search)
{
    return table_make(search, search->table_size > 0 ? 2 * search->table_size : 64);
}

bool archive_reserve(struct search *search, size_t count)
{
    struct evolution *evolution = search->evolution;
    return count <= search->everyone_cap ||
           vec_grow((void **)&evolution->everyone, &search->everyone_cap, count, sizeof *evolution->everyone) ||
           search_out_of_memory(search);
}

bool archive_index(struct search *search)
{
    size_t size = 64;
    while (size < (search->evolution->count + 1) * 2)
        size *= 2;
    return table_make(search, size);
}

bool archive_enter(struct search *search, const struct molecule *molecule, uint64_t *ancestry, const struct birth *birth,
                   size_t *index)
{
    struct evolution *evolution = search->evolution;
    bool room = (evolution->count + 1) * 2 <= search->table_size || table_grow(search);
    room = room && archive_reserve(search, evolution->count + 1);
    size_t *slot = room ? table_slot(search, molecule, birth->variant) : NULL;
    if (!room || *slot != 0) {
        if (room)
            *index = *slot - 1;
        molecule_release(molecule);
        mem_free(ancestry);
        return room;
    }
    *index = evolution->count++;
    *slot = *index + 1;
    struct individual *individual = &evolution->everyone[*index];
    *individual = (struct individual){.molecule = molecule,
                                      .hash = molecule->hash,
                                      .variant = birth->variant,
                                      .ancestry = ancestry,
                                      .generation = birth->generation,
                                      .parent = birth->parent,
                                      .other = birth->other,
                                      .by = birth->by};
    for (uint32_t i = 0; i < OBJECTIVES_MOST; i++)
        individual->objectives[i] = -INFINITY;
    return true;
}

void archive_forget(struct evolution *evolution, size_t first)
{
    while (evolution->count > first) {
        struct individual *individual = &evolution->everyone[--evolution->count];
        training_release(individual->training);
        molecule_release(individual->molecule);
        mem_free(individual->ancestry);
    }
}
