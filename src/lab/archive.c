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

struct descent *descent_of(const struct form *form, uint64_t number)
{
    const struct molecule *molecule = form->molecule;
    struct descent *descent = descent_new(molecule->count);
    for (uint32_t i = 0; descent && i < molecule->count; i++)
        descent->genes[i] = hash_u64(hash_u64(molecule->hash, number), i);
    if (descent)
        descent_seal(descent);
    return descent;
}

bool archive_remake_descent(struct search *search, size_t index)
{
    struct individual *individual = individual_at(search, index);
    individual->descent = descent_of(individual->form, index);
    return individual->descent || search_out_of_memory(search);
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

/* A sum of products of two words each, under keys that tell places apart, folded (as NH and wyhash do: Black, Halevi, Krawczyk, Krovetz and
   Rogaway, "UMAC", CRYPTO 1999; Wang Yi, 2019): no product waits for another. */
static uint64_t hash_weights(uint64_t hash, const float *weights, size_t count)
{
    uint64_t sum = 0, key = HASH_START;
    for (size_t i = 0; i < count; i += 4) {
        uint64_t words[2] = {0};
        memcpy(words, weights + i, (i + 4 <= count ? 4 : count - i) * sizeof *weights);
        const unsigned __int128 product = (unsigned __int128)(words[0] ^ key) * (words[1] ^ key << 1);
        sum += (uint64_t)product ^ (uint64_t)(product >> 64);
        key += UINT64_C(0xe7037ed1a0b428db);
    }
    return hash_u64(hash, sum);
}

static bool born_as(const struct individual *individual, const struct newborn *newborn, uint64_t hash, uint32_t variant)
{
    return individual->hash == hash && individual->form == newborn->form && individual->variant == variant &&
           (!individual->weights || !newborn->weights ||
            memcmp(individual->weights, newborn->weights, param_count(individual) * sizeof(float)) == 0);
}

static void table_put(struct search *search, uint32_t place)
{
    size_t slot = search->evolution->individuals[place].hash & (search->table_size - 1);
    while (search->table[slot] != 0)
        slot = (slot + 1) & (search->table_size - 1);
    search->table[slot] = place + 1;
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
    uint32_t *table = mem_array(size, sizeof *table);
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
        table_put(search, search->evolution->everyone[all ? i : search->held[i]].place);
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

/* A place that somebody left, or a new one. */
static bool find_place(struct search *search, uint32_t *place)
{
    struct evolution *evolution = search->evolution;
    if (search->free_count > 0) {
        *place = search->free_places[--search->free_count];
        return true;
    }
    if (evolution->individual_count >= search->individuals_cap &&
        !vec_grow((void **)&evolution->individuals, &search->individuals_cap, evolution->individual_count + 1,
                  sizeof *evolution->individuals))
        return search_out_of_memory(search);
    if (search->individuals_cap > search->free_cap &&
        !vec_grow((void **)&search->free_places, &search->free_cap, search->individuals_cap, sizeof *search->free_places))
        return search_out_of_memory(search);
    *place = (uint32_t)evolution->individual_count++;
    return true;
}

void archive_leave_place(struct search *search, size_t index)
{
    struct lineage_row *record = &search->evolution->everyone[index];
    search->evolution->individuals[record->place].training = NULL;
    search->free_places[search->free_count++] = record->place;
    record->place = NOBODY;
}

struct individual *archive_settle(struct search *search, size_t index)
{
    uint32_t *place = &search->evolution->everyone[index].place;
    if (!find_place(search, place))
        return NULL;
    struct individual *individual = &search->evolution->individuals[*place];
    *individual = (struct individual){.index = index};
    return individual;
}

void archive_hold(struct search *search, size_t index)
{
    struct individual *individual = individual_at(search, index);
    individual->form->holders++;
    individual->held = true;
    search->held[search->held_count++] = index;
}

void archive_let_go(struct search *search, size_t index)
{
    struct individual *individual = individual_at(search, index);
    if (individual->weights)
        weights_give(search, individual->weights, param_count(individual));
    individual->weights = NULL;
    descent_release(individual->descent);
    individual->descent = NULL;
    individual->form->holders--;
    individual->held = false;
}

void archive_part(struct search *search, size_t index)
{
    struct individual *individual = individual_at(search, index);
    archive_let_go(search, index);
    training_release(individual->training);
    individual->training = NULL;
    if (search->options->inherit)
        archive_leave_place(search, index);
}

static void newborn_release(struct search *search, const struct newborn *newborn)
{
    if (newborn->weights)
        weights_give(search, newborn->weights, newborn->form->work->plan->param_count);
    descent_release(newborn->descent);
}

/* Who is the same already; NULL: nobody. */
static const struct individual *look(const struct search *search, const struct newborn *newborn, uint64_t hash, uint32_t variant)
{
    const struct individual *individuals = search->evolution->individuals;
    for (size_t slot = hash & (search->table_size - 1); search->table[slot] != 0; slot = (slot + 1) & (search->table_size - 1))
        if (born_as(&individuals[search->table[slot] - 1], newborn, hash, variant))
            return &individuals[search->table[slot] - 1];
    return NULL;
}

/* Adds whoever is new to everyone, as one who is held. */
static bool add(struct search *search, const struct newborn *newborn, const struct birth *birth, uint64_t hash)
{
    struct evolution *evolution = search->evolution;
    const size_t index = evolution->count;
    struct lineage_row *record = &evolution->everyone[index];
    *record = (struct lineage_row){.fitness = -INFINITY,
                                   .form = newborn->form->number,
                                   .parent = birth->parent,
                                   .other = birth->other,
                                   .generation = birth->generation,
                                   .by = birth->by};
    struct individual *individual = archive_settle(search, index);
    if (!individual)
        return false;
    evolution->count++;
    individual->form = newborn->form;
    individual->descent = newborn->descent;
    individual->weights = newborn->weights;
    individual->hash = hash;
    individual->variant = birth->variant;
    individual->generation = birth->generation;
    for (uint32_t i = 0; i < OBJECTIVES_MOST; i++)
        individual->objectives[i] = -INFINITY;
    lineage_add(search, newborn->form);
    table_put(search, record->place);
    archive_hold(search, index);
    return true;
}

bool archive_enter(struct search *search, const struct newborn *newborn, const struct birth *birth, size_t *index)
{
    uint64_t hash = hash_u64(newborn->form->hash, birth->variant);
    if (newborn->weights)
        hash = hash_weights(hash, newborn->weights, newborn->form->work->plan->param_count);
    *index = search->evolution->count;
    const bool room =
        ((search->table_count + 1) * 2 <= search->table_size || archive_index(search)) && archive_reserve(search, *index + 1);
    const struct individual *same = room ? look(search, newborn, hash, birth->variant) : NULL;
    if (room && !same && add(search, newborn, birth, hash))
        return true;
    if (same)
        *index = same->index;
    newborn_release(search, newborn);
    return same;
}

bool archive_forget(struct search *search, size_t first)
{
    struct evolution *evolution = search->evolution;
    while (search->held_count > 0 && search->held[search->held_count - 1] >= first)
        archive_let_go(search, search->held[--search->held_count]);
    while (evolution->count > first) {
        training_release(individual_at(search, --evolution->count)->training);
        archive_leave_place(search, evolution->count);
    }
    return archive_index(search);
}

struct individual *evolution_individual(const struct evolution *evolution, size_t index)
{
    const uint32_t place = evolution->everyone[index].place;
    return place == NOBODY ? NULL : &evolution->individuals[place];
}

const struct form *evolution_form(const struct evolution *evolution, size_t index)
{
    return evolution->forms[evolution->everyone[index].form];
}
