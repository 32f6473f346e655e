/* Everyone, with a hash table over them: who comes up again is not trained again. */
#include <math.h>
#include <string.h>

#include "lab/search.h"
#include "support/hash.h"
#include "support/memory.h"
#include "support/vec.h"

bool search_out_of_memory(const struct search *search)
{
    return diag_out_of_memory(search->diags, SPAN_NONE);
}

/* ---- descent ---- */

struct descent *descent_new(uint32_t count)
{
    struct descent *descent = mem_alloc(sizeof *descent + count * sizeof *descent->genes);
    if (descent) {
        descent->references = 1;
        descent->count = count;
    }
    return descent;
}

struct descent *descent_retain(struct descent *descent)
{
    descent->references++;
    return descent;
}

void descent_seal(struct descent *descent)
{
    descent->hash = HASH_START;
    for (uint32_t i = 0; i < descent->count; i++)
        descent->hash = hash_u64(descent->hash, descent->genes[i]);
}

void descent_release(struct descent *descent)
{
    if (descent && --descent->references == 0)
        mem_free(descent);
}

bool archive_remake_descent(struct search *search, size_t index)
{
    struct individual *individual = &search->evolution->everyone[index];
    const struct molecule *molecule = individual->form->molecule;
    individual->descent = descent_new(molecule->count);
    if (!individual->descent)
        return search_out_of_memory(search);
    for (uint32_t i = 0; i < molecule->count; i++)
        individual->descent->genes[i] = hash_u64(hash_u64(molecule->hash, index), i);
    descent_seal(individual->descent);
    return true;
}

/* ---- the table ---- */

static size_t param_count(const struct individual *individual)
{
    return individual->form->work->plan->param_count;
}

const float *archive_weights(const struct individual *individual)
{
    return individual->training  ? individual->training->model->params
           : individual->weights ? individual->weights
                                 : individual->form->work->start;
}

/* Of two words at a time; multiplied and folded as in wyhash (Wang Yi, 2019). */
static uint64_t hash_weights(uint64_t hash, const float *weights, size_t count)
{
    for (size_t i = 0; i < count; i += 2) {
        uint64_t word = 0;
        memcpy(&word, weights + i, (i + 2 <= count ? 2 : 1) * sizeof *weights);
        const unsigned __int128 product = (unsigned __int128)(hash ^ word ^ HASH_START) * UINT64_C(0xe7037ed1a0b428db);
        hash = (uint64_t)product ^ (uint64_t)(product >> 64);
    }
    return hash;
}

static bool born_as(const struct individual *individual, const struct newborn *newborn, uint64_t hash, uint32_t variant)
{
    return individual->hash == hash && individual->form == newborn->form && individual->variant == variant &&
           (!individual->weights || !newborn->weights ||
            memcmp(individual->weights, newborn->weights, param_count(individual) * sizeof(float)) == 0);
}

static void table_put(struct search *search, size_t index)
{
    size_t slot = search->evolution->everyone[index].hash & (search->table_size - 1);
    while (search->table[slot] != 0)
        slot = (slot + 1) & (search->table_size - 1);
    search->table[slot] = index + 1;
    search->table_count++;
}

/* Room for so many. What was in it is gone. */
static bool table_clear(struct search *search, size_t count)
{
    size_t size = search->table_size > 0 ? search->table_size : 64;
    while (size < (count + 1) * 2)
        size *= 2;
    search->table_count = 0;
    if (size == search->table_size) {
        memset(search->table, 0, size * sizeof *search->table);
        return true;
    }
    size_t *table = mem_array(size, sizeof *table);
    if (!table)
        return search_out_of_memory(search);
    mem_free(search->table);
    search->table = table;
    search->table_size = size;
    return true;
}

bool archive_index(struct search *search)
{
    const bool all = !search->options->inherit;
    const size_t count = all ? search->evolution->count : search->held_count;
    if (!table_clear(search, count))
        return false;
    for (size_t i = 0; i < count; i++)
        table_put(search, all ? i : search->held[i]);
    return true;
}

bool archive_reserve(struct search *search, size_t count)
{
    struct evolution *evolution = search->evolution;
    return count <= search->everyone_cap ||
           vec_grow((void **)&evolution->everyone, &search->everyone_cap, count, sizeof *evolution->everyone) ||
           search_out_of_memory(search);
}

/* ---- coming and going ---- */

void archive_hold(struct search *search, size_t index)
{
    search->evolution->everyone[index].form->holders++;
    search->evolution->everyone[index].held = true;
    search->held[search->held_count++] = index;
}

void archive_let_go(struct search *search, size_t index)
{
    struct individual *individual = &search->evolution->everyone[index];
    if (individual->weights)
        weights_give(search, individual->weights, param_count(individual));
    individual->weights = NULL;
    descent_release(individual->descent);
    individual->descent = NULL;
    individual->form->holders--;
    individual->held = false;
}

static void newborn_release(struct search *search, const struct newborn *newborn)
{
    if (newborn->weights)
        weights_give(search, newborn->weights, newborn->form->work->plan->param_count);
    descent_release(newborn->descent);
}

/* Looks for it; *index: where it is, SIZE_MAX where it is new. */
static void look(const struct search *search, const struct newborn *newborn, uint64_t hash, uint32_t variant, size_t *index)
{
    size_t slot = hash & (search->table_size - 1);
    while (search->table[slot] != 0 && !born_as(&search->evolution->everyone[search->table[slot] - 1], newborn, hash, variant))
        slot = (slot + 1) & (search->table_size - 1);
    *index = search->table[slot] == 0 ? SIZE_MAX : search->table[slot] - 1;
}

bool archive_enter(struct search *search, const struct newborn *newborn, const struct birth *birth, size_t *index)
{
    struct evolution *evolution = search->evolution;
    uint64_t hash = hash_u64(newborn->form->hash, birth->variant);
    if (newborn->weights)
        hash = hash_weights(hash, newborn->weights, newborn->form->work->plan->param_count);
    if (((search->table_count + 1) * 2 > search->table_size && !archive_index(search)) ||
        !archive_reserve(search, evolution->count + 1)) {
        newborn_release(search, newborn);
        return false;
    }
    look(search, newborn, hash, birth->variant, index);
    if (*index != SIZE_MAX) {
        newborn_release(search, newborn);
        return true;
    }
    *index = evolution->count++;
    struct individual *individual = &evolution->everyone[*index];
    *individual = (struct individual){.form = newborn->form,
                                      .descent = newborn->descent,
                                      .weights = newborn->weights,
                                      .hash = hash,
                                      .variant = birth->variant,
                                      .generation = birth->generation,
                                      .parent = birth->parent,
                                      .other = birth->other,
                                      .by = birth->by};
    for (uint32_t i = 0; i < OBJECTIVES_MOST; i++)
        individual->objectives[i] = -INFINITY;
    table_put(search, *index);
    archive_hold(search, *index);
    return true;
}

bool archive_forget(struct search *search, size_t first)
{
    struct evolution *evolution = search->evolution;
    while (search->held_count > 0 && search->held[search->held_count - 1] >= first)
        archive_let_go(search, search->held[--search->held_count]);
    while (evolution->count > first)
        training_release(evolution->everyone[--evolution->count].training);
    return archive_index(search);
}
