/* The arena is a list of blocks, newest first; objects are cut from the newest one. Blocks double from 4 KiB to 32 MiB, so that
   a small script costs one page and a large one few calls and large pages; an object larger than that gets a block of its own
   size. */
#include "support/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <string.h>

#include "support/memory.h"

enum { FIRST_BLOCK = 4 << 10, LARGEST_BLOCK = 32 << 20, ALIGNMENT = alignof(uint64_t) };

struct arena_block {
    struct arena_block *older;
    size_t used, size;
    alignas(uint64_t) unsigned char bytes[];
};

void arena_init(struct arena *arena, size_t limit)
{
    *arena = (struct arena){.limit = limit};
}

/* Makes the newest block one with room for `size` bytes. */
static bool arena_extend(struct arena *arena, size_t size)
{
    size_t block_size = FIRST_BLOCK;
    if (arena->newest != NULL && arena->newest->size < LARGEST_BLOCK)
        block_size = arena->newest->size * 2;
    else if (arena->newest != NULL)
        block_size = LARGEST_BLOCK;
    if (block_size < size)
        block_size = size;
    struct arena_block *block = mem_alloc(sizeof *block + block_size);
    if (block == NULL)
        return false;
    block->older = arena->newest;
    block->size = block_size;
    arena->newest = block;
    return true;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    if (size > SIZE_MAX / 2)
        return NULL;
    size_t rounded = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (rounded > arena->limit - arena->used)
        return NULL;
    struct arena_block *block = arena->newest;
    if (block == NULL || rounded > block->size - block->used) {
        if (!arena_extend(arena, rounded))
            return NULL;
        block = arena->newest;
    }
    void *object = block->bytes + block->used;
    block->used += rounded;
    arena->used += rounded;
    return object;
}

char *arena_copy_text(struct arena *arena, const char *at, size_t len)
{
    char *copy = len == SIZE_MAX ? NULL : arena_alloc(arena, len + 1);
    if (copy != NULL && len > 0)
        memcpy(copy, at, len);
    return copy;
}

void arena_release(struct arena *arena)
{
    while (arena->newest != NULL) {
        struct arena_block *block = arena->newest;
        arena->newest = block->older;
        mem_free(block);
    }
    arena->used = 0;
}
