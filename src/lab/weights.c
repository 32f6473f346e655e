/* Memory for vectors of weights, of which a generation takes as many as it has members and the next one gives them back. */
#include <string.h>

#include "lab/search.h"
#include "support/memory.h"
#include "support/vec.h"

/* Floats of a vector's unit, and of a slab. */
enum { UNIT = 16, SLAB = 1 << 14 };

static size_t class_of(size_t count)
{
    return count == 0 ? 1 : (count + UNIT - 1) / UNIT;
}

/* A free block begins with the address of the next one. */
static float *next_of(const float *block)
{
    float *next;
    memcpy(&next, block, sizeof next);
    return next;
}

static void put(struct search *search, float *block, size_t class)
{
    const float *next = search->free_weights[class];
    memcpy(block, &next, sizeof next);
    search->free_weights[class] = block;
}

static bool cut_slab(struct search *search, size_t class)
{
    if (search->slab_count >= search->slabs_cap &&
        !vec_grow((void **)&search->slabs, &search->slabs_cap, search->slab_count + 1, sizeof *search->slabs))
        return false;
    float *slab = mem_floats(SLAB);
    if (!slab)
        return false;
    search->slabs[search->slab_count++] = slab;
    for (size_t at = 0; at + class * UNIT <= SLAB; at += class * UNIT)
        put(search, slab + at, class);
    return true;
}

float *weights_take(struct search *search, size_t count)
{
    const size_t class = class_of(count);
    if (class >= WEIGHTS_CLASSES)
        return mem_floats(count);
    if (!search->free_weights[class] && !cut_slab(search, class))
        return NULL;
    float *block = search->free_weights[class];
    search->free_weights[class] = next_of(block);
    return block;
}

void weights_give(struct search *search, float *weights, size_t count)
{
    const size_t class = class_of(count);
    if (class >= WEIGHTS_CLASSES)
        mem_free_floats(weights);
    else if (weights)
        put(search, weights, class);
}

void weights_release_all(struct search *search)
{
    for (size_t i = 0; i < search->slab_count; i++)
        mem_free_floats(search->slabs[i]);
    mem_free(search->slabs);
    search->slabs = NULL;
    search->slab_count = search->slabs_cap = 0;
    memset(search->free_weights, 0, sizeof search->free_weights);
}
