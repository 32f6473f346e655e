/* A typed growing array: VEC(int) numbers = {0}; if (!vec_push(&numbers, 7)) out of memory; vec_release(&numbers). */
#ifndef NEL_SUPPORT_VEC_H
#define NEL_SUPPORT_VEC_H

#include <stdbool.h>
#include <stddef.h>

#include "support/memory.h"

#define VEC(type)                                                                                                                  \
    struct {                                                                                                                       \
        type *at;                                                                                                                  \
        size_t count, cap;                                                                                                         \
    }

/* Makes room for `need` items; false where memory is exhausted (the array stays as it was). */
bool vec_grow(void **at, size_t *cap, size_t need, size_t item_size);

#define vec_reserve(v, need) ((need) <= (v)->cap || vec_grow((void **)&(v)->at, &(v)->cap, (need), sizeof *(v)->at))
#define vec_push(v, item)    (vec_reserve((v), (v)->count + 1) && ((v)->at[(v)->count++] = (item), true))
#define vec_release(v)       (mem_free((v)->at), (v)->at = NULL, (v)->count = 0, (v)->cap = 0)

#endif
