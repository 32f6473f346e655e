/* Growing arrays: capacity doubles, so that n pushes cost O(n) copies. */
#include "support/vec.h"

#include <stdint.h>

enum { FIRST_CAPACITY = 8 };

bool vec_grow(void **at, size_t *cap, size_t need, size_t item_size)
{
    if (need <= *cap)
        return true;
    size_t wanted = *cap > SIZE_MAX / 2 ? need : *cap * 2;
    if (wanted < FIRST_CAPACITY)
        wanted = FIRST_CAPACITY;
    if (wanted < need)
        wanted = need;
    void *grown = mem_resize(*at, wanted, item_size);
    if (grown == NULL)
        return false;
    *at = grown;
    *cap = wanted;
    return true;
}
