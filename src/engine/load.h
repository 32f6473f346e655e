/* Samples on their way from the data into rows of samples (workspace.h): transposed sixteen by sixteen, a tile each.

   Batches are gathered from rows all over the data, so that no processor sees which is next, and memory is slow: what the loading alone
   takes is waiting, mostly. So the next samples are loaded while the present ones are computed with, to rows of their own: an op that
   reads the data loads some tiles in each part of its work, and every tile asks memory for one that comes a little later. */
#ifndef NEL_ENGINE_LOAD_H
#define NEL_ENGINE_LOAD_H

#include <stddef.h>
#include <stdint.h>

#include "support/kernel.h"

struct load {
    const float **samples; /* [stride] where each is, borrowed; behind the last one the first again */
    uint32_t width, count; /* values of a sample; samples */
    float *to;             /* [width x stride] */
    uint32_t stride;       /* samples in whole lanes */
    uint32_t across;       /* tiles beside each other, for sixteen samples */
    size_t done;           /* the tiles [0, done) are loaded */
};

/* Of the samples `rows[0..count)` of x [… x width] (rows NULL: the first `count`), to [width x whole lanes of `count`]. `samples` is filled;
   all are borrowed. */
struct load load_of(const float *x, const uint32_t *rows, uint32_t width, uint32_t count, const float **samples, float *to);

static inline size_t load_tiles(const struct load *load)
{
    return (size_t)load->stride / 16 * load->across;
}

/* Loads the tiles [from, to). */
void load_run(const struct load *load, size_t from, size_t to);

/* The tiles [from, to) of `load` (NULL: none) as an op loads them in its course. */
struct load_share {
    const struct load *load;
    size_t from, to;
};

/* Where it is, and in how many parts' share of a tile the next one is due. */
struct load_cursor {
    const struct load *load;
    size_t tile, tiles, due, parts;
};

/* Before part `part` of the op's `parts`. */
INLINE struct load_cursor load_begin(const struct load_share *share, size_t part, size_t parts)
{
    struct load_cursor cursor = {.load = NULL};
    if (!share->load || parts == 0)
        return cursor;
    cursor.load = share->load;
    cursor.tiles = share->to - share->from;
    cursor.tile = share->from + part * cursor.tiles / parts;
    cursor.due = part * cursor.tiles % parts;
    cursor.parts = parts;
    return cursor;
}

/* Loads what falls to a part. */
INLINE void load_part(struct load_cursor *cursor)
{
    if (!cursor->load)
        return;
    const size_t from = cursor->tile;
    for (cursor->due += cursor->tiles; cursor->due >= cursor->parts; cursor->due -= cursor->parts)
        cursor->tile++;
    if (cursor->tile > from)
        load_run(cursor->load, from, cursor->tile);
}

#endif
