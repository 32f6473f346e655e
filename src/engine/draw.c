#include "engine/draw.h"

#include <stdlib.h>

#include "support/memory.h"

static int ascending(const void *a, const void *b)
{
    const uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

static size_t without_repetition(uint64_t *values, size_t count)
{
    size_t kept = 0;
    qsort(values, count, sizeof *values, ascending);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || values[kept - 1] != values[i])
            values[kept++] = values[i];
    return kept;
}

/* `count` of 0..universe-1, at most half of them, without repetition, ascending. */
static void draw_few(uint64_t *ranks, size_t count, uint64_t universe, struct random *random)
{
    for (size_t filled = 0; filled < count; filled = without_repetition(ranks, count))
        for (size_t i = filled; i < count; i++)
            ranks[i] = (uint64_t)(random_unit(random) * (double)universe);
}

/* Where it is more than half, the others are drawn. */
bool draw_ranks(uint64_t *ranks, size_t count, uint64_t universe, struct random *random)
{
    if (count <= universe / 2) {
        draw_few(ranks, count, universe, random);
        return true;
    }
    const size_t left_out = (size_t)(universe - count);
    uint64_t *others = mem_array(left_out + 1, sizeof *others);
    if (!others)
        return false;
    draw_few(others, left_out, universe, random);
    for (uint64_t rank = 0, next = 0, k = 0; rank < universe; rank++)
        if (next < left_out && others[next] == rank)
            next++;
        else
            ranks[k++] = rank;
    mem_free(others);
    return true;
}
