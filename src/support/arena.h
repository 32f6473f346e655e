/* An arena: many small objects that die together. Used where a lifetime is plain (an AST per parse, a plan per training). */
#ifndef NEL_SUPPORT_ARENA_H
#define NEL_SUPPORT_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *newest;
    size_t used;  /* bytes handed out so far */
    size_t limit; /* bytes that may be handed out in all */
};

void arena_init(struct arena *arena, size_t limit);

/* `size` zeroed bytes aligned for pointers and for numbers of 64 bits, owned by the arena; NULL where memory or the limit is exhausted. */
void *arena_alloc(struct arena *arena, size_t size);

/* A copy of `len` bytes with a NUL behind them, owned by the arena; NULL as above. */
char *arena_copy_text(struct arena *arena, const char *at, size_t len);

void arena_release(struct arena *arena);

#endif
